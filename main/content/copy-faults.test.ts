import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { cosignTag } from '../../shared/oci/referrers-tag.ts';
import { imageManifest, MemoryPlace } from '../testing/memory-target.ts';
import { memoryWriter, missingContent } from '../testing/memory-writer.ts';
import { copyGraph } from './copy-graph.ts';

const { signal } = new AbortController();

/** One manifest after the other; numbers say which earlier ones it names. */
type Recipe = readonly (
  | { readonly kind: 'image'; readonly layers: readonly number[] }
  | { readonly kind: 'index'; readonly of: readonly number[] }
  | { readonly kind: 'referrer'; readonly subject: number; readonly layers: readonly number[] }
  | { readonly kind: 'signature'; readonly subject: number }
)[];

const pick = fc.nat(30);
const recipes: fc.Arbitrary<Recipe> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('image' as const), layers: fc.array(pick, { maxLength: 4 }) }),
    fc.record({ kind: fc.constant('index' as const), of: fc.array(pick, { maxLength: 4 }) }),
    fc.record({
      kind: fc.constant('referrer' as const),
      subject: pick,
      layers: fc.array(pick, { maxLength: 2 }),
    }),
    fc.record({ kind: fc.constant('signature' as const), subject: pick }),
  ),
  { minLength: 1, maxLength: 14 },
);

/** Any graph that digests allow, with tags on its last manifest and on its first. */
function build(recipe: Recipe): MemoryPlace {
  const place = new MemoryPlace();
  const made: Descriptor[] = [place.image('the first', 'first')];
  const at = (position: number): Descriptor => made[position % made.length]!;
  for (const [number, step] of recipe.entries()) {
    const config = place.blob(`config ${number}`);
    const layers = (of: readonly number[]): readonly Descriptor[] =>
      of.map((content) => place.blob(`layer ${content}`));
    if (step.kind === 'image')
      made.push(place.manifest(imageManifest({ config, layers: layers(step.layers) })));
    if (step.kind === 'index') made.push(place.index(step.of.map(at)));
    if (step.kind === 'referrer') {
      const subject = at(step.subject);
      const referrer = place.manifest(imageManifest({ config, layers: layers(step.layers), subject }));
      place.list(subject.digest, referrer);
      made.push(referrer);
    }
    if (step.kind === 'signature')
      made.push(
        place.manifest(imageManifest({ config, layers: [] }), {
          tag: cosignTag(at(step.subject).digest, 'sig'),
        }),
      );
  }
  place.tags.set('last', made.at(-1)!.digest);
  return place;
}

/** What is wrong with a place that was written to, whenever it is looked at. */
function faults(place: MemoryPlace): readonly string[] {
  const missing = [...place.manifests].flatMap(([digest, { bytes, mediaType }]) =>
    missingContent(place, bytes, mediaType).map((content) => `${digest} without ${content}`),
  );
  const tags = [...place.tags].filter(([, digest]) => !place.manifests.has(digest));
  return [...missing, ...tags.map(([tag]) => `the tag ${tag} without content`)];
}

it('leaves no manifest without its content and no tag, whatever step fails, and is whole at the next try', async () => {
  await fc.assert(
    fc.asyncProperty(
      recipes,
      fc.boolean(),
      fc.boolean(),
      fc.nat(60),
      fc.boolean(),
      async (recipe, referrers, manifestsLast, failAt, atSource) => {
        const from = build(recipe);
        const to = new MemoryPlace();
        let asked = 0;
        const broken: string[] = [];
        const failing = (step: string): void => {
          broken.push(...faults(to));
          asked += 1;
          if (asked === failAt) throw new TallymanError({ code: 'REGISTRY_ERROR', message: `No ${step}.` });
        };
        const attempt = async (faulty: boolean) => {
          // A place that insists on nothing: the copy itself keeps the order.
          const writer = memoryWriter(to, {
            sparse: true,
            ...(faulty && !atSource ? { onStep: failing } : {}),
          });
          return copyGraph({
            from: from.target({
              referrers: 'referrers-api',
              ...(faulty && atSource ? { onRequest: failing } : {}),
            }),
            to: writer,
            roots: [
              { reference: 'last', tags: ['copied'] },
              { reference: 'first', tags: ['also'] },
            ],
            referrers,
            manifestsLast,
            signal,
          });
        };
        const first = await attempt(true).catch((error: unknown) => error as TallymanError);
        expect(broken).toEqual([]);
        expect(faults(to)).toEqual([]);
        if (first instanceof TallymanError) {
          expect(first.code).toBe('REGISTRY_ERROR');
          expect(to.tags.has('copied') && to.tags.has('also')).toBe(false);
        }
        const second = await attempt(false);
        expect(faults(to)).toEqual([]);
        const { manifests, tags } = from;
        expect(to.tags.get('copied')).toBe(tags.get('last'));
        expect(second.manifests).toBe(to.manifests.size);
        for (const [digest, { bytes }] of to.manifests) expect(manifests.get(digest)?.bytes).toEqual(bytes);
      },
    ),
    { numRuns: 300 },
  );
});
