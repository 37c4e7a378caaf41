import { describe, expect, it } from 'vitest';
import type { RepositoryEntry } from '../../../../../shared/contract/repository.ts';
import { fakeDigest } from '../../../testing/fake-digest.ts';
import { companionCount, rowsByDigest, rowsByTag, sortByDate } from './build-rows.ts';
import { EMPTY_LISTING, addEntries } from './listing.ts';
import type { Listing } from './listing.ts';

const ALL = { filter: '', sort: 'version', companions: false } as const;
const ONE = fakeDigest('one');
const TWO = fakeDigest('two');

function listingOf(...entries: RepositoryEntry[]): Listing {
  return { ...addEntries(EMPTY_LISTING, entries), complete: true };
}
const companionOf = (digest: string, suffix: string): string => `${digest.replace(':', '-')}${suffix}`;

describe('rows by digest', () => {
  const listing = listingOf(
    { tag: 'latest', digest: TWO },
    { tag: '1.0.0', digest: ONE },
    { tag: '1.1', digest: TWO },
    { tag: '1.1.0', digest: TWO },
    { tag: companionOf(ONE, '.sig'), digest: fakeDigest('signature') },
    { digest: fakeDigest('sbom'), artifactType: 'application/spdx+json' },
    { digest: fakeDigest('nameless') },
  );
  const entryOf = listing.known.get.bind(listing.known);

  it('gather the tags of a digest, the most telling first, in the place of the newest', () => {
    expect(rowsByDigest(listing, entryOf, ALL).map((row) => row.tags)).toEqual([
      ['1.1.0', '1.1', 'latest'],
      ['1.0.0'],
      [],
    ]);
  });

  it('fold away what is attached, and count it', () => {
    expect(companionCount(listing)).toBe(2);
    expect(rowsByDigest(listing, entryOf, ALL).some((row) => row.companion)).toBe(false);
  });

  it('show a companion below what it belongs to, and the others at the end', () => {
    const rows = rowsByDigest(listing, entryOf, { ...ALL, companions: true });
    expect(rows.map((row) => [row.key, row.companion])).toEqual([
      ['1.1.0', false],
      ['1.0.0', false],
      [companionOf(ONE, '.sig'), true],
      [fakeDigest('nameless'), false],
      [fakeDigest('sbom'), true],
    ]);
  });

  it('are found by a part of a tag and by the beginning of a digest', () => {
    expect(rowsByDigest(listing, entryOf, { ...ALL, filter: '1.0.' }).map((row) => row.key)).toEqual([
      '1.0.0',
    ]);
    expect(
      rowsByDigest(listing, entryOf, { ...ALL, filter: TWO.slice(0, 20) }).map((row) => row.digest),
    ).toEqual([TWO]);
    expect(
      rowsByDigest(listing, entryOf, { ...ALL, filter: TWO.slice(7, 16) }).map((row) => row.digest),
    ).toEqual([TWO]);
  });

  it('keep a tag that could not be resolved as a row of its own', () => {
    const unknown = listingOf({ tag: 'a' }, { tag: 'b' });
    expect(rowsByDigest(unknown, () => undefined, ALL).map((row) => row.tags)).toEqual([['a'], ['b']]);
  });

  it('sort by date with companions beside their subject, what has no date last', () => {
    const rows = rowsByDigest(listing, entryOf, { ...ALL, companions: true });
    const dates = new Map([
      [ONE, '2026-11-22T00:00:00Z'],
      [TWO, '2025-01-01T00:00:00Z'],
    ]);
    expect(sortByDate(rows, (digest) => dates.get(digest)).map((row) => row.key)).toEqual([
      '1.0.0',
      companionOf(ONE, '.sig'),
      '1.1.0',
      fakeDigest('nameless'),
      fakeDigest('sbom'),
    ]);
  });
});

describe('rows by tag', () => {
  const listing = listingOf(
    { tag: '2.0.0' },
    { tag: 'main' },
    { tag: '10.0.0' },
    { tag: companionOf(ONE, '') },
  );

  it('are one for each tag, companions apart', () => {
    const rows = rowsByTag(listing, ALL);
    expect([0, 1, 2, 3].map((at) => rows.at(at)?.key)).toEqual(['10.0.0', '2.0.0', 'main', undefined]);
    expect(rowsByTag(listing, { ...ALL, companions: true }).length).toBe(4);
  });

  it('are the same objects each time, so that what is drawn stays drawn', () => {
    const rows = rowsByTag(listing, ALL);
    expect(rows.at(1)).toBe(rows.at(1));
  });

  it('come in the order of names where that is asked', () => {
    const rows = rowsByTag(listing, { ...ALL, sort: 'name' });
    expect([0, 1, 2].map((at) => rows.at(at)?.key)).toEqual(['2.0.0', '10.0.0', 'main']);
  });

  it('find where a tag stands, also among companions', () => {
    const rows = rowsByTag(listing, { ...ALL, companions: true });
    expect(rows.find('main')).toBe(2);
    expect(rows.find(companionOf(ONE, ''))).toBe(3);
    expect(rows.find('gone')).toBe(-1);
  });
});

describe('a listing that grows', () => {
  it('is the same whatever the size of its pages', () => {
    const tags = Array.from({ length: 500 }, (_, at) => ({ tag: `${at % 7}.${at % 13}.${at}` }));
    const whole = addEntries(EMPTY_LISTING, tags);
    let paged: Listing = EMPTY_LISTING;
    for (let at = 0; at < tags.length; at += 33) paged = addEntries(paged, tags.slice(at, at + 33));
    expect(paged.byVersion).toEqual(whole.byVersion);
    expect(paged.byName).toEqual(whole.byName);
  });

  it('knows its digests only while every tag came with one', () => {
    expect(listingOf({ tag: 'a', digest: ONE }).digestsKnown).toBe(true);
    expect(listingOf({ tag: 'a', digest: ONE }, { tag: 'b' }).digestsKnown).toBe(false);
  });

  it('never writes into the empty listing that all begin with', () => {
    addEntries(EMPTY_LISTING, [{ tag: 'a', digest: ONE }]);
    expect(EMPTY_LISTING.known.size).toBe(0);
  });

  it('takes 50,000 tags in pages of a thousand in well under a second of work', () => {
    const tags = Array.from({ length: 50_000 }, (_, at) => ({ tag: `${at % 40}.${at % 90}.${at}` }));
    const before = performance.now();
    let listing: Listing = EMPTY_LISTING;
    for (let at = 0; at < tags.length; at += 1000) listing = addEntries(listing, tags.slice(at, at + 1000));
    expect(listing.byVersion).toHaveLength(50_000);
    expect(performance.now() - before).toBeLessThan(5000);
  });
});
