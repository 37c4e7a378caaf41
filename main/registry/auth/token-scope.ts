/** What a token is for, e.g. `repository:team/app:pull` (distribution's scope.md). */
export interface ResourceScope {
  readonly type: string;
  /** May hold a port: `host:5000/a/b`. */
  readonly name: string;
  readonly actions: readonly string[];
}

/** The scope that reading a repository needs; asking for it beforehand saves the first 401 (quirk A6). */
export function pullScope(repository: string): string {
  return `repository:${repository}:pull`;
}

/** The scope that writing to a repository needs, reading included, so that one token does for both. */
export function pushScope(repository: string): string {
  return `repository:${repository}:pull,push`;
}

/** The scope that deleting from a repository needs: an action of its own (quirk A7). */
export function deleteScope(repository: string): string {
  return `repository:${repository}:delete,pull,push`;
}

/** What distribution and others want for the catalog; outside the written grammar. */
export const CATALOG_SCOPE = 'registry:catalog:*';

/**
 * One resource scope in parts: the type ends at the first colon, the actions begin after the last. Undefined without
 * two colons.
 */
export function parseResourceScope(text: string): ResourceScope | undefined {
  const first = text.indexOf(':');
  const last = text.lastIndexOf(':');
  if (first <= 0 || last === first) return undefined;
  return {
    type: text.slice(0, first),
    name: text.slice(first + 1, last),
    actions: text.slice(last + 1).split(','),
  };
}

/**
 * The scopes needed joined with those a challenge asked for: one entry per resource, actions united, in a stable
 * order. What does not parse is kept as it is.
 */
export function unionScopes(needed: readonly string[], challenged: readonly string[]): readonly string[] {
  const actions = new Map<string, Set<string>>();
  const opaque = new Set<string>();
  for (const text of [...needed, ...challenged]) {
    const scope = parseResourceScope(text);
    if (scope === undefined) {
      opaque.add(text);
      continue;
    }
    const key = `${scope.type}:${scope.name}`;
    const known = actions.get(key) ?? new Set<string>();
    for (const action of scope.actions) known.add(action);
    actions.set(key, known);
  }
  const whole = [...actions].map(([key, set]) => `${key}:${[...set].sort().join(',')}`);
  return [...whole, ...opaque].filter((text) => text !== '').sort();
}

/** The resource scopes of a challenge's `scope` parameter, which holds several with spaces between. */
export function splitScopes(text: string | undefined): readonly string[] {
  return (text ?? '').split(' ').filter((scope) => scope !== '');
}
