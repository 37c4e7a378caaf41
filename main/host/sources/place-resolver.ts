import type { Place } from '../../../shared/contract/source.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { parseReference } from '../../../shared/oci/reference.ts';
import type { OpenTargets } from './open-targets.ts';
import type { SourceList } from './source-list.ts';
import { layoutId, LOCAL_SOURCE } from './source-list.ts';
import type { PathSurroundings } from './split-layout-path.ts';
import { splitLayoutPath } from './split-layout-path.ts';

/** Prefix that makes any path a layout's path, also one that looks like a reference. */
const LAYOUT_PREFIX = 'layout:';
/** What begins like a digest, whole or cut, and names no place. */
const DIGEST_ALONE = /^@?(?:(?:sha256|sha512|blake3):[a-fA-F0-9]{7,}|[a-f0-9]{64})$/;

/** Turns a typed text into a place; adds the source it names when it is new. */
export interface PlaceResolver {
  /**
   * Text is a reference (`localhost:5000/team/app:1.2`, `alpine`), a registry (`localhost:5000`), or a layout: `layout:PATH`, or a path
   * that begins with `/`, `.` or `~`, each with `:TAG` or `@DIGEST` behind it when one artifact is meant.
   * @throws TallymanError INVALID_REFERENCE, or what opening the layout answers (NOT_FOUND, NOT_A_LAYOUT, …); then nothing is added.
   */
  resolve(text: string, signal: AbortSignal): Promise<Place>;
}

export interface PlaceResolverOptions extends PathSurroundings {
  readonly sources: SourceList;
  readonly targets: OpenTargets;
  readonly storePath: string;
  /** Told of every repository that was typed, so that it stays in the sidebar where the registry lists none. */
  readonly onTypedRepository: (source: string, repository: string) => void;
}

export function createPlaceResolver(options: PlaceResolverOptions): PlaceResolver {
  const { sources, targets } = options;

  const resolveLayout = async (text: string, signal: AbortSignal): Promise<Place> => {
    if (text === '')
      throw invalid('No path was given.', 'Give the path of an OCI image layout: a folder or a tar.');
    if (text.includes('\0'))
      throw invalid('A path cannot contain a NUL character.', 'Give the path as the file manager shows it.');
    const { path, ...asked } = await splitLayoutPath(text, options);
    const source = path === options.storePath ? LOCAL_SOURCE : await layoutSource(path, signal);
    if (asked.tag === undefined && asked.digest === undefined) return { kind: 'source', source };
    return { kind: 'artifact', source, ...asked };
  };

  const layoutSource = async (path: string, signal: AbortSignal): Promise<string> => {
    const known = await sources.find(layoutId(path));
    // What is in the list stays usable when its disk is away; a new one has to be a layout.
    if (known !== undefined) return known.id;
    await targets.tryLayout(path, signal);
    return (await sources.addLayout(path)).id;
  };

  const resolveReference = async (text: string): Promise<Place> => {
    if (DIGEST_ALONE.test(text)) {
      throw invalid(
        'A digest alone does not say where to look.',
        'Put the place in front of it: HOST/REPOSITORY@DIGEST, or PATH@DIGEST for a layout.',
      );
    }
    const { registry, repository, tag, digest } = parseReference(text);
    const { id } = await sources.addRegistry(registry);
    if (repository === undefined) return { kind: 'source', source: id };
    options.onTypedRepository(id, repository);
    if (tag === undefined && digest === undefined) return { kind: 'repository', source: id, repository };
    return {
      kind: 'artifact',
      source: id,
      repository,
      ...(tag === undefined ? {} : { tag }),
      ...(digest === undefined ? {} : { digest }),
    };
  };

  return {
    async resolve(typed, signal) {
      const text = typed.trim();
      if (text === '')
        throw invalid(
          'Nothing was typed.',
          'Type a registry (localhost:5000), a reference (ghcr.io/org/app:1.2) or a path (./layout).',
        );
      if (text.startsWith(LAYOUT_PREFIX))
        return await resolveLayout(text.slice(LAYOUT_PREFIX.length), signal);
      if (/^[/.~]/.test(text) || /^[A-Za-z]:[\\/]/.test(text)) return await resolveLayout(text, signal);
      return await resolveReference(text);
    },
  };
}

function invalid(message: string, hint: string): TallymanError {
  return new TallymanError({ code: 'INVALID_REFERENCE', message, hint });
}
