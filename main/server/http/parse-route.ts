import { Refusal } from '../refusal.ts';
import { isServedName } from '../served-name.ts';

/** What an address of the distribution API means (distribution-spec, Endpoints). `name` fits the grammar. */
export type Route =
  | { readonly kind: 'ping' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'manifest'; readonly name: string; readonly reference: string }
  | { readonly kind: 'blob'; readonly name: string; readonly digest: string }
  | { readonly kind: 'uploads'; readonly name: string }
  | { readonly kind: 'upload'; readonly name: string; readonly id: string }
  | { readonly kind: 'tags'; readonly name: string }
  | { readonly kind: 'referrers'; readonly name: string; readonly digest: string };

export type RepositoryRoute = Extract<Route, { readonly name: string }>;

/**
 * Reads a path. Names of repositories may themselves hold `blobs`, `tags` and the like, so it is read from its end.
 * @param path - as it was sent, still encoded, without the query.
 * @returns undefined for what is no address of the API.
 * @throws Refusal NAME_INVALID.
 */
export function parseRoute(path: string): Route | undefined {
  if (path === '/v2/' || path === '/v2') return { kind: 'ping' };
  if (path === '/v2/_catalog') return { kind: 'catalog' };
  if (!path.startsWith('/v2/')) return undefined;
  const parts = path.slice('/v2/'.length).split('/');
  const [before = '', last = ''] = parts.slice(-2);
  const third = parts.at(-3);

  if (third === 'blobs' && before === 'uploads') {
    const name = nameOf(parts.slice(0, -3));
    return last === '' ? { kind: 'uploads', name } : { kind: 'upload', name, id: last };
  }
  if (before === 'blobs' && last === 'uploads') return { kind: 'uploads', name: nameOf(parts.slice(0, -2)) };
  if (before === 'tags' && last === 'list') return { kind: 'tags', name: nameOf(parts.slice(0, -2)) };
  const decoded = decode(last);
  if (decoded === undefined || decoded === '') return undefined;
  switch (before) {
    case 'manifests':
      return { kind: 'manifest', name: nameOf(parts.slice(0, -2)), reference: decoded };
    case 'blobs':
      return { kind: 'blob', name: nameOf(parts.slice(0, -2)), digest: decoded };
    case 'referrers':
      return { kind: 'referrers', name: nameOf(parts.slice(0, -2)), digest: decoded };
    default:
      return undefined;
  }
}

/** No character of a name needs encoding: an encoded one is another spelling, and is refused. */
function nameOf(parts: readonly string[]): string {
  const name = parts.join('/');
  if (isServedName(name)) return name;
  throw new Refusal(
    400,
    'NAME_INVALID',
    'The name of the repository does not fit: lower-case letters and digits with ".", "_", "-" between them, in parts separated by "/".',
  );
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
