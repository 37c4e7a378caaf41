import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { isDigest } from '../../../shared/oci/digest.ts';
import { isTag } from '../../../shared/oci/tag.ts';

/** A path to a layout, and what is asked for in it. */
export interface LayoutPath {
  /** Absolute. */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

export interface PathSurroundings {
  /** Where relative paths begin. */
  readonly workingDirectory: string;
  /** What `~` means. */
  readonly homeFolder: string;
}

/**
 * Splits `PATH`, `PATH:TAG`, `PATH@DIGEST` and `PATH:TAG@DIGEST`. Paths may contain `:` and `@`, and tags of layouts may be whole
 * references (`podman save` writes `docker.io/library/alpine:latest`): what exists on disk decides, the longest path first. Where
 * nothing exists, the grammar decides, so that the error names the path that was meant.
 */
export async function splitLayoutPath(text: string, surroundings: PathSurroundings): Promise<LayoutPath> {
  for (const candidate of candidates(text)) {
    const absolute = toAbsolute(candidate.path, surroundings);
    if (await exists(absolute)) return { ...candidate, path: absolute };
  }
  const { path: meant, ...asked } = byGrammar(text);
  return { ...asked, path: toAbsolute(meant, surroundings) };
}

function* candidates(text: string): Generator<LayoutPath> {
  yield { path: text };
  const at = text.lastIndexOf('@');
  const digest = text.slice(at + 1);
  const named = at > 0 && isDigest(digest) ? text.slice(0, at) : undefined;
  if (named !== undefined) yield { path: named, digest };
  const rest = named ?? text;
  // Every colon is a possible end of the path; reading stops at the first that names something.
  for (let colon = rest.lastIndexOf(':'); colon > 0; colon = rest.lastIndexOf(':', colon - 1)) {
    const tag = rest.slice(colon + 1);
    if (tag !== '') yield { path: rest.slice(0, colon), tag, ...(named === undefined ? {} : { digest }) };
  }
}

function byGrammar(text: string): LayoutPath {
  const at = text.lastIndexOf('@');
  const digest = text.slice(at + 1);
  if (at > 0 && isDigest(digest)) return { ...byGrammar(text.slice(0, at)), digest };
  const colon = text.lastIndexOf(':');
  const tag = text.slice(colon + 1);
  return colon > 0 && isTag(tag) ? { path: text.slice(0, colon), tag } : { path: text };
}

function toAbsolute(text: string, { workingDirectory, homeFolder }: PathSurroundings): string {
  const expanded =
    text === '~' || text.startsWith('~/') || text.startsWith(`~${path.sep}`)
      ? homeFolder + text.slice(1)
      : text;
  return path.resolve(workingDirectory, expanded);
}

async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    // Without the right to look, the path is taken as it stands: opening it will say why not.
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM';
  }
}
