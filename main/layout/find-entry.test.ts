import { describe, expect, it } from 'vitest';
import { digestOf } from '../content/digest-of.ts';
import { findEntry, knownNames } from './find-entry.ts';
import { parseLayoutIndex, type LayoutIndex } from './layout-index.ts';

const digest = (text: string): string => digestOf(Buffer.from(text));

function index(...entries: readonly (readonly [string | undefined, string])[]): LayoutIndex {
  const manifests = entries.map(([name, content]) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: digest(content),
    size: 1,
    ...(name === undefined ? {} : { annotations: { 'org.opencontainers.image.ref.name': name } }),
  }));
  return parseLayoutIndex(Buffer.from(JSON.stringify({ manifests })), 'here');
}

describe('findEntry', () => {
  it('takes the first of several entries with the name', () => {
    expect(findEntry(index(['v1', 'a'], ['v1', 'b']), 'v1')?.digest).toBe(digest('a'));
  });

  it('finds a full reference whole and by its tag', () => {
    const names = index(
      [undefined, 'x'],
      ['docker.io/library/app:1.0', 'a'],
      ['localhost:5000/app', 'b'],
      ['', 'c'],
    );
    expect(findEntry(names, 'docker.io/library/app:1.0')?.digest).toBe(digest('a'));
    expect(findEntry(names, '1.0')?.digest).toBe(digest('a'));
    expect(findEntry(names, '5000/app')).toBeUndefined();
    expect(findEntry(names, '')?.digest).toBe(digest('c'));
    expect(findEntry(names, 'app')).toBeUndefined();
  });

  it('prefers the exact name to the tag of a full reference', () => {
    expect(findEntry(index(['docker.io/library/app:1.0', 'a'], ['1.0', 'b']), '1.0')?.digest).toBe(
      digest('b'),
    );
  });

  it('says that a tag is ambiguous when full references with it mean different content', () => {
    expect(findEntry(index(['a/app:1.0', 'same'], ['b/app:1.0', 'same']), '1.0')?.digest).toBe(
      digest('same'),
    );
    expect(() => findEntry(index(['a/app:1.0', 'one'], ['b/app:1.0', 'two']), '1.0')).toThrow(
      /“1.0” could be “a\/app:1.0”, “b\/app:1.0”/,
    );
  });

  it('throws what is wrong with an entry of that name', () => {
    const text =
      '{"manifests":[{"mediaType":"a/b","digest":"sha256:ABC","size":1,"annotations":{"org.opencontainers.image.ref.name":"v1"}}]}';
    expect(() => findEntry(parseLayoutIndex(Buffer.from(text), 'here'), 'v1')).toThrow(/digest/);
  });
});

describe('knownNames', () => {
  it('lists some names, and says how many more there are', () => {
    expect(knownNames(index())).toBe('The layout has no tags: ask for a digest.');
    expect(
      knownNames(index(...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => [name, name] as const))),
    ).toContain('“e” and 2 more');
  });
});
