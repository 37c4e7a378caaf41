import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { digestOf } from '../../content/digest-of.ts';
import { EditableIndex } from '../index-edit.ts';
import { parseLayoutIndex } from '../layout-index.ts';
import { putInRepository, removeFromRepository, untagInRepository } from './repository-edit.ts';
import { listRepositories } from './repository-listing.ts';
import { entryName, OWN_REPOSITORY, readEntryName, REPOSITORIES_ANNOTATION } from './repository-names.ts';

const REF_NAME = 'org.opencontainers.image.ref.name';

function manifest(text: string): Descriptor {
  const bytes = Buffer.from(text);
  return { mediaType: MEDIA_TYPES.manifest, digest: digestOf(bytes), size: bytes.byteLength };
}

const [one, two] = [manifest('one'), manifest('two')];

function index(...entries: readonly object[]): EditableIndex {
  return EditableIndex.parse(Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: entries })), 'a test');
}

function named(descriptor: Descriptor, name: string | undefined, holders?: string): object {
  const annotations = {
    ...(name === undefined ? {} : { [REF_NAME]: name }),
    ...(holders === undefined ? {} : { [REPOSITORIES_ANNOTATION]: holders }),
  };
  return Object.keys(annotations).length === 0 ? descriptor : { ...descriptor, annotations };
}

/** `[name, holders]` of each entry, in order. */
function entriesOf(edited: EditableIndex): readonly unknown[] {
  return edited.entries.map(({ refName, descriptor }) => [
    descriptor?.digest === one.digest ? 'one' : 'two',
    refName,
    descriptor?.annotations?.[REPOSITORIES_ANNOTATION],
  ]);
}

/** `repository: { tags, manifests }` as names of the two manifests. */
function view(edited: EditableIndex): Readonly<Record<string, unknown>> {
  const name = ({ digest }: Descriptor): string => (digest === one.digest ? 'one' : 'two');
  const listings = listRepositories(parseLayoutIndex(edited.toBytes(), 'a test'));
  return Object.fromEntries(
    [...listings].map(([repository, { tags, manifests }]) => [
      repository,
      {
        tags: Object.fromEntries([...tags].map(([tag, descriptor]) => [tag, name(descriptor)])),
        manifests: [...manifests.values()].map(name).sort(),
      },
    ]),
  );
}

describe('names of entries', () => {
  it.each([
    ['v1', { repository: OWN_REPOSITORY, tag: 'v1' }],
    ['sha256-abc', { repository: OWN_REPOSITORY, tag: 'sha256-abc' }],
    ['app:v1', { repository: 'app', tag: 'v1' }],
    ['docker.io/library/app:1.0', { repository: 'docker.io/library/app', tag: '1.0' }],
    ['localhost:5000/app:1.0', undefined],
    ['team/app', undefined],
    ['Team/app:v1', undefined],
    ['app:', undefined],
    [':v1', undefined],
    ['', undefined],
    ['a name', undefined],
  ])('%j is %j', (refName, expected) => {
    expect(readEntryName(refName)).toEqual(expected);
    if (expected !== undefined) expect(entryName(expected)).toBe(refName);
  });
});

describe('repositories in index.json', () => {
  it('keeps plain tags plain and writes tags of other repositories as repository:tag', () => {
    const edited = putInRepository(putInRepository(index(), OWN_REPOSITORY, one, ['v1']), 'team/app', one, [
      'v1',
      'v2',
    ]);
    expect(entriesOf(edited)).toEqual([
      ['one', 'v1', undefined],
      ['one', 'team/app:v1', undefined],
      ['one', 'team/app:v2', undefined],
    ]);
    expect(view(edited)).toEqual({
      '.': { tags: { v1: 'one' }, manifests: ['one'] },
      'team/app': { tags: { v1: 'one', v2: 'one' }, manifests: ['one'] },
    });
  });

  it('writes one entry for a manifest that several repositories hold without a tag', () => {
    const edited = ['b', OWN_REPOSITORY, 'a'].reduce(
      (all, repository) => putInRepository(all, repository, one, []),
      index(),
    );
    expect(entriesOf(edited)).toEqual([['one', undefined, '. a b']]);
    expect(entriesOf(putInRepository(index(), OWN_REPOSITORY, one, []))).toEqual([
      ['one', undefined, undefined],
    ]);
  });

  it('keeps what a moved tag meant in its repository, and nowhere else', () => {
    const edited = putInRepository(putInRepository(index(), 'a', one, ['v1']), 'a', two, ['v1']);
    expect(view(edited)).toEqual({ a: { tags: { v1: 'two' }, manifests: ['one', 'two'] } });
    expect(entriesOf(edited)).toEqual([
      ['one', undefined, 'a'],
      ['two', 'a:v1', undefined],
    ]);
  });

  it('untags: the manifest stays in the repository', () => {
    const tagged = putInRepository(putInRepository(index(), 'a', one, ['v1', 'v2']), 'b', one, ['v1']);
    const once = untagInRepository(tagged, { repository: 'a', tag: 'v1' });
    expect(view(once)).toEqual({
      a: { tags: { v2: 'one' }, manifests: ['one'] },
      b: { tags: { v1: 'one' }, manifests: ['one'] },
    });
    const twice = untagInRepository(once, { repository: 'a', tag: 'v2' });
    expect(entriesOf(twice)).toEqual([['one', 'b:v1', 'a']]);
    expect(untagInRepository(twice, { repository: 'a', tag: 'v2' })).toBe(twice);
  });

  it('removes from one repository and leaves the others alone', () => {
    const both = putInRepository(putInRepository(index(), 'a', one, ['v1', 'v2']), 'b', one, []);
    expect(entriesOf(removeFromRepository(both, 'a', one.digest))).toEqual([['one', undefined, 'b']]);
    expect(view(removeFromRepository(both, 'b', one.digest))).toEqual({
      a: { tags: { v1: 'one', v2: 'one' }, manifests: ['one'] },
    });
    expect(
      entriesOf(removeFromRepository(removeFromRepository(both, 'a', one.digest), 'b', one.digest)),
    ).toEqual([]);
  });

  it('counts names that are no tags to the layout itself', () => {
    const foreign = index(named(one, 'localhost:5000/app:1.0'), named(two, 'a name', 'b'));
    expect(view(foreign)).toEqual({
      '.': { tags: {}, manifests: ['one'] },
      b: { tags: {}, manifests: ['two'] },
    });
    expect(entriesOf(removeFromRepository(foreign, OWN_REPOSITORY, one.digest))).toEqual([
      ['two', 'a name', 'b'],
    ]);
  });

  it('reads annotations that make no sense as none', () => {
    expect(view(index(named(one, undefined, '../x  Ä')))).toEqual({ '.': { tags: {}, manifests: ['one'] } });
  });

  it('keeps every byte of entries that are not meant', () => {
    const text = '{ "manifests" : [ {"mediaType":"a/b", "digest":"sha256:zz", "size":1e0} ], "more" : 1.0 }';
    const edited = putInRepository(EditableIndex.parse(Buffer.from(text), 'a test'), 'a', one, ['v1']);
    expect(Buffer.from(edited.toBytes()).toString()).toContain(
      '{"mediaType":"a/b", "digest":"sha256:zz", "size":1e0}',
    );
  });

  it('holds after any changes exactly what they say', () => {
    const repository = fc.constantFrom(OWN_REPOSITORY, 'a', 'a/b');
    const content = fc.constantFrom(one, two);
    const tag = fc.constantFrom('v1', 'v2');
    const change = fc.oneof(
      fc.record({ what: fc.constant('put' as const), repository, content, tags: fc.uniqueArray(tag) }),
      fc.record({ what: fc.constant('untag' as const), repository, tag }),
      fc.record({ what: fc.constant('remove' as const), repository, content }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        let edited = index();
        const model = new Map<string, { tags: Map<string, string>; manifests: Set<string> }>();
        for (const each of changes) {
          const known = model.get(each.repository) ?? {
            tags: new Map<string, string>(),
            manifests: new Set<string>(),
          };
          model.set(each.repository, known);
          switch (each.what) {
            case 'put':
              edited = putInRepository(edited, each.repository, each.content, each.tags);
              known.manifests.add(each.content.digest);
              for (const name of each.tags) known.tags.set(name, each.content.digest);
              break;
            case 'untag':
              edited = untagInRepository(edited, each);
              known.tags.delete(each.tag);
              break;
            case 'remove':
              edited = removeFromRepository(edited, each.repository, each.content.digest);
              known.manifests.delete(each.content.digest);
              for (const [name, digest] of known.tags)
                if (digest === each.content.digest) known.tags.delete(name);
              break;
          }
        }
        const listings = listRepositories(parseLayoutIndex(edited.toBytes(), 'a test'));
        for (const [name, expected] of model) {
          const listing = listings.get(name);
          expect(new Map([...(listing?.tags ?? [])].map(([each, { digest }]) => [each, digest]))).toEqual(
            expected.tags,
          );
          expect(new Set(listing?.manifests.keys() ?? [])).toEqual(expected.manifests);
        }
        // A program that rewrites index.json may keep one unnamed entry for each digest: there is never more than one.
        const unnamed = edited.entries.filter(({ refName }) => refName === undefined);
        expect(new Set(unnamed.map(({ descriptor }) => descriptor?.digest)).size).toBe(unnamed.length);
      }),
    );
  });
});
