import { expect, describe, it } from 'vitest';
import path from 'node:path';
import {
  blobOf,
  readLayoutFixtures,
  type Fixture,
  type TruthNode,
} from '../../main/testing/fixture-blobs.ts';
import { fixtures } from '../../main/testing/surroundings.ts';
import { TallymanError, type ErrorCode } from '../errors/tallyman-error.ts';
import { parseManifest, type ParsedManifest } from './manifest.ts';

const folder = fixtures();
const corpus = folder === undefined ? [] : await readLayoutFixtures(path.join(folder, 'oci'));

/** What the walk would say of a manifest, beside what it points to. */
interface Verdict {
  readonly parsed?: ParsedManifest;
  readonly codes: readonly ErrorCode[];
}

function verdictOf(fixture: Fixture, node: TruthNode): Verdict {
  const bytes = blobOf(fixture, node.digest);
  if (bytes === undefined) throw new Error(`${fixture.name} lacks ${node.digest}`);
  try {
    const parsed = parseManifest(bytes, node.mediaType ?? undefined);
    return { parsed, codes: parsed.problems.map((problem) => problem.code) };
  } catch (error) {
    if (error instanceof TallymanError) return { codes: [error.code] };
    throw error;
  }
}

function manifestsOf(fixture: Fixture): readonly TruthNode[] {
  return (fixture.truth.nodes ?? []).filter(
    (node) => node.role !== 'blob' && blobOf(fixture, node.digest) !== undefined,
  );
}

/** What a document points to, as `via digest` lines, each once: the truth of the biggest manifest lists repeated layers once. */
function targetsOf(parsed: ParsedManifest): readonly string[] {
  const lines: string[] = parsed.subject === undefined ? [] : [`subject ${parsed.subject.digest}`];
  switch (parsed.form) {
    case 'index':
      lines.push(...parsed.manifests.map((child) => `child ${child.digest}`));
      break;
    case 'manifest':
      if (parsed.config !== undefined) lines.push(`config ${parsed.config.digest}`);
      lines.push(...parsed.layers.map((layer) => `layer ${layer.digest}`));
      break;
    case 'schema-1':
      lines.push(...parsed.layerDigests.map((digest) => `layer ${digest}`));
  }
  return [...new Set(lines)].sort();
}

function trueTargets(fixture: Fixture, digest: string): readonly string[] {
  const vias = ['child', 'config', 'layer', 'subject'];
  const edges = (fixture.truth.edges ?? []).filter((edge) => edge.from === digest && vias.includes(edge.via));
  return [...new Set(edges.map((edge) => `${edge.via} ${edge.to}`))].sort();
}

/** The code that belongs to a problem named by a truth file. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  'descriptor-is-no-object': 'MALFORMED',
  'digest-malformed': 'MALFORMED',
  'size-invalid': 'MALFORMED',
  json: 'MALFORMED',
  'manifest-is-no-object': 'MALFORMED',
  'json-nested-too-deep': 'LIMIT',
  'duplicate-keys': 'AMBIGUOUS',
  'manifests-and-layers': 'AMBIGUOUS',
  'mediaType-differs': 'MEDIA_TYPE_MISMATCH',
};

describe.skipIf(folder === undefined)('manifests by real tools (skipped without TALLYMAN_FIXTURES)', () => {
  it.each(corpus.filter((fixture) => !fixture.broken).map((fixture) => [fixture.name, fixture] as const))(
    'reads every manifest of %s without a problem and finds exactly what it points to',
    (_name, fixture) => {
      for (const node of manifestsOf(fixture)) {
        const { parsed, codes } = verdictOf(fixture, node);
        expect(parsed?.problems ?? codes, node.digest).toEqual([]);
        expect(targetsOf(parsed!), node.digest).toEqual(trueTargets(fixture, node.digest));
        expect(parsed?.form === 'index', node.digest).toBe(node.role === 'index');
      }
    },
  );

  it.each(corpus.filter((fixture) => fixture.broken).map((fixture) => [fixture.name, fixture] as const))(
    'gives the manifests of the broken %s the verdict of its truth file',
    (_name, fixture) => {
      const problems = fixture.truth.problems ?? [];
      for (const node of manifestsOf(fixture)) {
        const { parsed, codes } = verdictOf(fixture, node);
        const expected = problems
          .filter((problem) => (problem.from ?? problem.digest) === node.digest)
          .map((problem) => CODES[problem.what])
          .filter((code) => code !== undefined);
        for (const code of expected) expect(codes, node.digest).toContain(code);
        for (const size of sizesOf(parsed)) expect(Number.isSafeInteger(size) && size >= 0).toBe(true);
      }
    },
  );

  it('reads what is well formed beside malformed descriptors', () => {
    const { parsed } = verdictByTag('null-fields', 1);
    expect(targetsOf(parsed!)).toHaveLength(2); // config and the one good layer
    expect(parsed!.annotations).toEqual({ s: 'ok' });
    expect(parsed!.problems.map((problem) => problem.message)).toEqual([
      'annotations has a number for “n”, not a string.',
      'annotations has an object for “o”, not a string.',
      'layers[0] is null, not a descriptor.',
      'layers[2] is a list, not a descriptor.',
      'layers[3] is a string, not a descriptor.',
    ]);
  });

  it('flags a manifest whose config is null and one of schema version 1, and takes an index of null for an empty one', () => {
    expect(verdictByTag('null-fields', 0).codes).toEqual(['MALFORMED']);
    expect(verdictByTag('null-fields', 2).codes).toEqual(['MALFORMED']);
    expect(verdictByTag('null-fields', 3).codes).toEqual([]);
  });

  it('leaves out layers whose size is no size, each with its own problem', () => {
    const { parsed } = verdictByTag('size-absurd', 0);
    expect(parsed?.form === 'manifest' && parsed.layers).toEqual([]);
    expect(parsed?.problems.map((problem) => problem.message)).toEqual([
      'layers[0].size is -1, not a whole number of bytes from 0 to 2^53 − 1.',
      'layers[1].size is 9007199254740992, not a whole number of bytes from 0 to 2^53 − 1.',
      'layers[2].size is 1.5, not a whole number of bytes from 0 to 2^53 − 1.',
      'layers[3].size is absent, not a whole number of bytes from 0 to 2^53 − 1.',
      'layers[4].size is a string, not a whole number of bytes from 0 to 2^53 − 1.',
    ]);
  });

  it('keeps a digest of an unknown algorithm that fits the grammar and refuses the other five', () => {
    const { parsed } = verdictByTag('digest-malformed', 0);
    expect(parsed?.form === 'manifest' && parsed.layers.map((layer) => layer.digest)).toEqual([
      'md5:d41d8cd98f00b204e9800998ecf8427e',
    ]);
    expect(parsed?.problems).toHaveLength(5);
  });

  function verdictByTag(name: string, entry: number): Verdict {
    const fixture = corpus.find((candidate) => candidate.name === name)!;
    const index = parseManifest(fixture.files.get('index.json')!);
    const child = index.form === 'index' ? index.manifests[entry] : undefined;
    return verdictOf(
      fixture,
      fixture.truth.nodes!.find((node) => node.digest === child?.digest)!,
    );
  }
});

function sizesOf(parsed: ParsedManifest | undefined): readonly number[] {
  if (parsed === undefined || parsed.form === 'schema-1') return [];
  const descriptors =
    parsed.form === 'index'
      ? parsed.manifests
      : [...parsed.layers, ...(parsed.config === undefined ? [] : [parsed.config])];
  return descriptors.map((descriptor) => descriptor.size);
}
