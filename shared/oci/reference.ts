import { quoteText } from '../display/display-text.ts';
import { TallymanError } from '../errors/tallyman-error.ts';
import { isAsciiDigit } from './ascii.ts';
import { digestFault, isDigest, parseDigest, type Digest } from './digest.ts';
import { parseRegistryHost } from './registry-host.ts';
import { isRepositoryName, REPOSITORY_NAME_LENGTH_LIMIT } from './repository-name.ts';
import { isTag, TAG_LENGTH_LIMIT } from './tag.ts';

/** Longest text read as a reference, in characters: every valid one is shorter. */
export const REFERENCE_LENGTH_LIMIT = 1024;

/** The registry of names without one, and the folder in it that holds names without a slash. */
const DEFAULT_REGISTRY = 'docker.io';
const DEFAULT_NAMESPACE = 'library';
/** Another name of the same registry, kept since Docker's first years (distribution/reference normalises it too). */
const LEGACY_DEFAULT_REGISTRY = 'index.docker.io';

/** A place in a registry: the registry alone, a repository, or a manifest in it by tag, by digest or by both. */
export interface Reference {
  /** `host[:port]`, canonical: see `parseRegistryHost`. */
  readonly registry: string;
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/** Schemes that people paste in front of a reference; the last column: the first component is a registry without fail. */
const SCHEMES: readonly (readonly [scheme: string, namesRegistry: boolean])[] = [
  ['https://', true],
  ['oci://', true],
  ['docker://', false],
];

/**
 * Reads what a person types or pastes: `alpine` (Docker Hub's `library/alpine`), `user/app`, `localhost:5000` (a registry
 * by itself), `registry.example.com/org/app:1.2@sha256:…`, `[::1]:5000/a`, with `https://`, `docker://` or `oci://` in front.
 *
 * The grammar is that of distribution/reference (OCI defines none; checklist C9), decided like this: the first of several
 * components is a registry when it holds `.` or `:`, is `localhost` or an address in brackets. A single component is a
 * registry when it is one of these by its form (`localhost`, `ghcr.io`, `ghcr.io:443`), else a name on Docker Hub:
 * `alpine:3` is a tag. A host is lower-cased; names are not, they are refused.
 * @throws TallymanError INVALID_REFERENCE that says which part is wrong and how to write it.
 */
export function parseReference(text: string): Reference {
  const trimmed = text.trim();
  if (trimmed === '')
    throw refuse(
      '',
      'it is empty',
      'Type a registry, repository, tag or digest: localhost:5000/team/app:1.2',
    );
  if (trimmed.length > REFERENCE_LENGTH_LIMIT)
    throw refuse(trimmed, `it is longer than ${REFERENCE_LENGTH_LIMIT} characters`);
  const { rest, namesRegistry } = withoutScheme(trimmed);
  const at = rest.indexOf('@');
  const digest = at === -1 ? undefined : readDigest(rest.slice(at + 1));
  const named = readName(at === -1 ? rest : rest.slice(0, at), namesRegistry);
  if (digest === undefined) return named;
  if (named.repository === undefined)
    throw refuse(trimmed, 'a digest needs a repository in front of the “@”');
  return { ...named, digest };
}

/**
 * The text of a reference, whole and canonical: `parseReference` gives the same reference back. A registry alone whose
 * name has no dot, `myhost:5000`, ends with a slash, else it would read as a tag.
 */
export function formatReference(reference: Reference): string {
  const { registry, repository, tag, digest } = reference;
  if (repository === undefined) return isRegistryAlone(registry) ? registry : `${registry}/`;
  const path = `/${repository}`;
  return `${registry}${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function withoutScheme(text: string): { readonly rest: string; readonly namesRegistry: boolean } {
  const marker = text.indexOf('://');
  if (marker === -1) return { rest: text, namesRegistry: false };
  const scheme = text.slice(0, marker + 3).toLowerCase();
  for (const [known, namesRegistry] of SCHEMES) {
    if (scheme === known) return { rest: text.slice(known.length), namesRegistry };
  }
  const hint =
    scheme === 'http://'
      ? 'Leave “http://” off: loopback registries are asked over plain HTTP by themselves, others when plain HTTP is allowed for them.'
      : 'Leave it off, or write https://, docker:// or oci://.';
  // Only the scheme is quoted: what follows may hold a password.
  throw refuse(text.slice(0, marker + 3), 'this scheme is not known', hint);
}

function readDigest(text: string): Digest {
  if (isDigest(text)) return parseDigest(text);
  if (text.includes('/') || !text.includes(':')) {
    // What stands before the "@" may be a password: it is not repeated.
    throw refuse(
      `…@${text}`,
      'what follows “@” is no digest',
      'A user name or password is no part of a reference (sign in to the registry instead); a digest looks like @sha256:… .',
    );
  }
  throw refuse(
    `…@${text}`,
    `its digest is wrong: ${digestFault(text) ?? 'unknown'}`,
    'A digest looks like sha256: followed by 64 characters of 0–9 and a–f.',
  );
}

/** Everything before the digest. */
function readName(text: string, namesRegistry: boolean): Reference {
  const slash = text.indexOf('/');
  if (slash === -1 || slash === text.length - 1) {
    const alone = slash === -1 ? text : text.slice(0, slash);
    if (slash !== -1 || namesRegistry || isRegistryAlone(alone)) return { registry: readRegistry(alone) };
    return readPath(DEFAULT_REGISTRY, text, text);
  }
  const first = text.slice(0, slash);
  if (namesRegistry || isRegistryBeforePath(first))
    return readPath(readRegistry(first), text.slice(slash + 1), text);
  return readPath(DEFAULT_REGISTRY, text, text);
}

/** Not ASCII can only be meant as a host: parsing it as one tells what is wrong with it. */
function isRegistryBeforePath(component: string): boolean {
  if (!isAscii(component) || component.toLowerCase() === 'localhost') return true;
  return component.includes('.') || component.includes(':') || component.includes('[');
}

/** `alpine:3` and `myhost:5000` look alike: without a dot a single component is a name, as for Docker. */
function isRegistryAlone(component: string): boolean {
  if (component.startsWith('[')) return true;
  const colon = component.indexOf(':');
  const host = colon === -1 ? component : component.slice(0, colon);
  if (host.toLowerCase() === 'localhost') return true;
  if (!host.includes('.')) return !isAscii(host);
  // `ubuntu-12.04` is a name: no top-level domain begins with a digit, and an IPv4 address has nothing but digits.
  return (
    !isAsciiDigit(host.charCodeAt(host.lastIndexOf('.') + 1)) ||
    (isMadeOfDigits(host) && host.split('.').length === 4)
  );
}

function isMadeOfDigits(host: string): boolean {
  for (let index = 0; index < host.length; index++) {
    if (host.charAt(index) !== '.' && !isAsciiDigit(host.charCodeAt(index))) return false;
  }
  return true;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

function readRegistry(text: string): string {
  const registry = parseRegistryHost(text);
  if (registry === LEGACY_DEFAULT_REGISTRY) return DEFAULT_REGISTRY;
  if (!isRegistryBeforePath(registry)) {
    throw refuse(
      text,
      'a registry without a dot needs its port',
      `Write ${registry}:443, or the port it listens on.`,
    );
  }
  return registry;
}

/** `repository[:tag]`; `whole` is for messages. */
function readPath(registry: string, text: string, whole: string): Reference {
  const colon = text.indexOf(':', text.lastIndexOf('/') + 1);
  const name = colon === -1 ? text : text.slice(0, colon);
  const repository =
    registry === DEFAULT_REGISTRY && !name.includes('/') && name !== ''
      ? `${DEFAULT_NAMESPACE}/${name}`
      : name;
  checkRepository(repository, name, whole);
  if (colon === -1) return { registry, repository };
  const tag = text.slice(colon + 1);
  checkTag(tag, name, whole);
  return { registry, repository, tag };
}

function checkRepository(repository: string, typed: string, whole: string): void {
  if (isRepositoryName(repository) && !isImageId(typed)) return;
  if (typed === '') throw refuse(whole, 'it has no repository name');
  if (isImageId(typed))
    throw refuse(
      whole,
      'this is the value of a digest',
      'Write the repository in front: host/name@sha256:… .',
    );
  if (repository.length > REPOSITORY_NAME_LENGTH_LIMIT) {
    throw refuse(
      whole,
      `the name of its repository is longer than ${REPOSITORY_NAME_LENGTH_LIMIT} characters`,
    );
  }
  const lower = typed.toLowerCase();
  if (lower !== typed && isRepositoryName(lower))
    throw refuse(whole, 'repository names are in lower case', `Write ${quoteText(lower)}.`);
  throw refuse(
    whole,
    `${quoteText(typed)} is no repository name`,
    'Names are lower-case letters and digits, with single “.”, one or two “_” or any “-” between them, in parts separated by “/”.',
  );
}

/** 64 hexadecimal characters are an image's id in Docker's command line, never a name there (distribution/reference). */
function isImageId(name: string): boolean {
  return isDigest(`sha256:${name}`);
}

function checkTag(tag: string, name: string, whole: string): void {
  if (isDigest(`${name}:${tag}`) && name.startsWith('sha')) {
    throw refuse(whole, 'this is a digest alone', 'Write the repository in front: host/name@sha256:… .');
  }
  if (isTag(tag)) return;
  if (tag.length > TAG_LENGTH_LIMIT)
    throw refuse(whole, `its tag is longer than ${TAG_LENGTH_LIMIT} characters`);
  const withoutPlus = tag.replaceAll('+', '_');
  if (withoutPlus !== tag && isTag(withoutPlus))
    throw refuse(whole, 'a tag cannot hold “+”', `Helm writes “_” instead: ${quoteText(withoutPlus)}.`);
  throw refuse(
    whole,
    `${quoteText(tag)} is no tag`,
    `A tag is up to ${TAG_LENGTH_LIMIT} letters, digits, “_”, “.” and “-”, and begins with none of the last two.`,
  );
}

function refuse(
  text: string,
  reason: string,
  hint = 'A reference looks like host:port/name:tag or name@sha256:… .',
): TallymanError {
  return new TallymanError({
    code: 'INVALID_REFERENCE',
    message: `${quoteText(text)} is no reference: ${reason}.`,
    hint,
  });
}
