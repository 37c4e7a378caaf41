import { describe, expect, it } from 'vitest';
import { parseResourceScope, splitScopes, unionScopes } from './token-scope.ts';

describe('token scopes', () => {
  it('splits the type at the first colon and the actions at the last', () => {
    expect(parseResourceScope('repository:host:5000/a/b:pull,push')).toEqual({
      type: 'repository',
      name: 'host:5000/a/b',
      actions: ['pull', 'push'],
    });
    expect(parseResourceScope('registry:catalog:*')).toEqual({
      type: 'registry',
      name: 'catalog',
      actions: ['*'],
    });
    expect([parseResourceScope('pull'), parseResourceScope('a:b'), parseResourceScope(':a:b')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('joins needed and challenged scopes, one entry per resource, in a stable order', () => {
    expect(
      unionScopes(['repository:a/b:pull'], ['repository:c/d:pull', 'repository:a/b:push,pull', 'odd']),
    ).toEqual(['repository:a/b:pull,push', 'repository:c/d:pull', 'odd'].sort());
    expect(unionScopes([], [])).toEqual([]);
  });

  it('splits a challenge’s scopes at spaces', () => {
    expect(splitScopes('repository:a/b:pull  repository:c/d:pull')).toEqual([
      'repository:a/b:pull',
      'repository:c/d:pull',
    ]);
    expect([splitScopes(''), splitScopes(undefined)]).toEqual([[], []]);
  });
});
