import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { digestOf } from '../content/digest-of.ts';
import { EditableIndex } from './index-edit.ts';
import { sliceArray, sliceObject } from './json-slices.ts';
import { REF_NAME } from './layout-index.ts';

const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const descriptor = (content: string): Descriptor => ({
  mediaType,
  digest: digestOf(Buffer.from(content)),
  size: content.length,
});
const [a, b, c] = ['a', 'bb', 'ccc'].map(descriptor) as [Descriptor, Descriptor, Descriptor];
const parse = (text: string): EditableIndex => EditableIndex.parse(Buffer.from(text), 'here');
const written = (index: EditableIndex): string => Buffer.from(index.toBytes()).toString('utf8');
const names = (index: EditableIndex): readonly (readonly [string | undefined, string | undefined])[] =>
  index.entries.map((entry) => [entry.refName, entry.descriptor?.digest]);

describe('EditableIndex', () => {
  it('keeps unknown fields, odd entries, spacing inside them, and numbers that JavaScript cannot hold', () => {
    const entry = `{ "mediaType": "${mediaType}",\n "digest": "${a.digest}", "size": 1, "x-number": 9007199254740993, "annotations": { "k": "\\u0041" } }`;
    const index = parse(
      `{"schemaVersion":2,"x-index":[1, 2.50, 1e400],"manifests":[${entry}, {"odd":null}, 7],"annotations":{"note":"kept"}}`,
    );
    const after = written(index.withListed(b));
    expect(after).toContain(entry);
    expect(after).toContain('"x-index":[1, 2.50, 1e400]');
    expect(after).toContain('{"odd":null},7,');
    expect(after).toContain('"annotations":{"note":"kept"}');
  });

  it('gives an unnamed entry its name in the annotations and changes nothing else of it', () => {
    const index = parse(
      `{"manifests":[{"mediaType":"${mediaType}","digest":"${a.digest}","size":1,"x":1.0,"annotations":{"k":"v"}}]}`,
    );
    expect(written(index.withName('v1', a))).toBe(
      `{"manifests":[{"mediaType":"${mediaType}","digest":"${a.digest}","size":1,"x":1.0,"annotations":{"k":"v","${REF_NAME}":"v1"}}]}`,
    );
  });

  it('finds a name whose key is written with escapes', () => {
    const index = parse(
      `{"manifests":[{"mediaType":"${mediaType}","digest":"${a.digest}","size":1,"annotations":{"org.opencontainers.image.ref\\u002ename":"v1"}}]}`,
    );
    expect(names(index.withName('v1', b))).toEqual([
      [undefined, a.digest],
      ['v1', b.digest],
    ]);
  });

  it('moves a name, and keeps what it meant before without it', () => {
    const index = EditableIndex.empty().withName('v1', a).withName('v2', a).withName('v1', b);
    expect(names(index)).toEqual([
      ['v2', a.digest],
      ['v1', b.digest],
    ]);
    expect(names(index.withName('v2', c))).toEqual([
      [undefined, a.digest],
      ['v1', b.digest],
      ['v2', c.digest],
    ]);
  });

  it('leaves one entry where a name was written twice', () => {
    const twice = [a, b, a]
      .map((one) => JSON.stringify({ ...one, annotations: { [REF_NAME]: 'v1' } }))
      .join(',');
    expect(names(parse(`{"manifests":[${twice}]}`).withName('v1', b))).toEqual([
      [undefined, a.digest],
      ['v1', b.digest],
    ]);
  });

  it('takes names and entries away', () => {
    const index = EditableIndex.empty().withName('v1', a).withName('v2', a).withListed(b);
    expect(names(index.withoutName('v1'))).toEqual([
      ['v2', a.digest],
      [undefined, b.digest],
    ]);
    expect(names(index.withoutName('v1').withoutName('v2'))).toEqual([
      [undefined, a.digest],
      [undefined, b.digest],
    ]);
    expect(names(index.without(a.digest))).toEqual([[undefined, b.digest]]);
    expect(written(index.withoutName('v1').withoutName('v2'))).not.toContain('annotations');
  });

  it('fills a list that is null or absent', () => {
    expect(names(parse('{"schemaVersion":2,"manifests":null}').withName('v1', a))).toEqual([
      ['v1', a.digest],
    ]);
    expect(names(parse('{"schemaVersion":2}').withListed(a))).toEqual([[undefined, a.digest]]);
  });

  it.each(['', '[]', '{"manifests":7}', '{"manifests":[}', '{"a":1,"a":2}', '\ufeff{}'])(
    'never takes %j for an index',
    (text) => {
      expect(() => parse(text)).toThrow(/cannot be read/);
    },
  );

  it('cuts any JSON at the right places', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom(undefined, 1, '\t'),
        (value, indent) => {
          const text = JSON.stringify(value, undefined, indent);
          expect(
            sliceObject(text).map(({ key, valueText }) => [key, JSON.parse(valueText) as unknown]),
          ).toEqual(Object.entries(JSON.parse(text) as object));
          const list = JSON.stringify(Object.values(value), undefined, indent);
          expect(sliceArray(list).map((part) => JSON.parse(part) as unknown)).toEqual(JSON.parse(list));
        },
      ),
    );
  });

  it('holds what it was told, in any order of changes', () => {
    const change = fc.record({
      what: fc.constantFrom('name', 'unname', 'list', 'remove'),
      name: fc.constantFrom('v1', 'v2', 'v3'),
      content: fc.constantFrom(a, b, c),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        let index = EditableIndex.empty();
        const expected = new Map<string, string>();
        const listed = new Set<string>();
        for (const { what, name, content } of changes) {
          if (what === 'name') {
            index = index.withName(name, content);
            expected.set(name, content.digest);
            listed.add(content.digest);
          } else if (what === 'unname') {
            index = index.withoutName(name);
            expected.delete(name);
          } else if (what === 'list') {
            index = index.withListed(content);
            listed.add(content.digest);
          } else {
            index = index.without(content.digest);
            listed.delete(content.digest);
            for (const [key, digest] of expected) if (digest === content.digest) expected.delete(key);
          }
        }
        const read = parse(written(index));
        expect(
          new Map(
            read.entries.flatMap((entry) =>
              entry.refName === undefined ? [] : [[entry.refName, entry.descriptor?.digest]],
            ),
          ),
        ).toEqual(expected);
        expect(new Set(read.entries.map((entry) => entry.descriptor?.digest))).toEqual(listed);
      }),
    );
  });
});
