import { describe, expect, it } from 'vitest';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { MemoryPlace, type MemoryTargetOptions } from '../testing/memory-target.ts';
import { startTagLookup, type TagLookup } from './tag-lookup.ts';

function lookup(
  place: MemoryPlace,
  target: MemoryTargetOptions,
  limits = { tagLimit: 1000, pageLimit: 10 },
): TagLookup {
  const { signal } = new AbortController();
  return startTagLookup({ target: place.target(target), signal, run: (task) => task(), ...limits });
}

describe('startTagLookup', () => {
  it('knows from a whole listing what is there and what is not', async () => {
    const place = new MemoryPlace();
    place.image('app', 'v1');
    const tags = lookup(place, {});
    expect(await tags.find('v1')).toEqual({ known: 'present', descriptors: [] });
    expect(await tags.find('v2')).toEqual({ known: 'absent' });
    expect(place.requests).toEqual(['list']);
  });

  it('has the descriptors too where the place lists them', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', 'v1');
    place.tags.set('latest', image.digest);
    const tags = lookup(place, { listDescriptors: true });
    expect(await tags.find('v1')).toMatchObject({
      known: 'present',
      descriptors: [{ digest: image.digest }],
    });
    expect(tags.tagsOf(image.digest)).toEqual(['v1', 'latest']);
  });

  it('says "unknown" and not "absent" where the place has no listing', async () => {
    expect(await lookup(new MemoryPlace(), { pageSize: 0 }).find('v1')).toEqual({ known: 'unknown' });
  });

  it('says "unknown" and not "absent" where the listing failed, and fails whoever needs the entries', async () => {
    const place = new MemoryPlace();
    place.image('app', 'v1');
    const onRequest = (): void => {
      throw new TallymanError({ code: 'DENIED', message: 'No listing for you.' });
    };
    const tags = lookup(place, { onRequest });
    expect(await tags.find('v1')).toEqual({ known: 'unknown' });
    await expect(tags.entries()).rejects.toMatchObject({ code: 'DENIED' });
  });

  it.each([
    { what: 'tags', limits: { tagLimit: 10, pageLimit: 100 } },
    { what: 'pages', limits: { tagLimit: 1000, pageLimit: 2 } },
  ])('stops at its limit of $what, and then knows only what it saw', async ({ limits }) => {
    const place = new MemoryPlace();
    for (let number = 0; number < 30; number++) place.image('app', `v${number}`);
    const tags = lookup(place, { pageSize: 5 }, limits);
    expect(await tags.find('v3')).toMatchObject({ known: 'present' });
    expect(await tags.find('v29')).toEqual({ known: 'unknown' });
    expect(await tags.find('v99')).toEqual({ known: 'unknown' });
    expect(tags.cut()).toBe(true);
    expect(place.requests).toHaveLength(3);
  });

  it('is not cut by a listing that just fits', async () => {
    const place = new MemoryPlace();
    for (let number = 0; number < 10; number++) place.image('app', `v${number}`);
    const tags = lookup(place, { pageSize: 5 }, { tagLimit: 10, pageLimit: 2 });
    expect(await tags.find('v99')).toEqual({ known: 'absent' });
    expect(tags.cut()).toBe(false);
  });

  it('learns what a tag named when it was looked up', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', 'v1');
    const tags = lookup(place, {});
    await tags.ready;
    tags.learn('v1', image.digest);
    tags.learn('part-of-a-name', image.digest); // found by the place, but no name of its own
    expect(tags.tagsOf(image.digest)).toEqual(['v1']);
  });

  it('rejects when it is cancelled, and nobody has to listen', async () => {
    const place = new MemoryPlace();
    place.image('app', 'v1');
    const controller = new AbortController();
    const tags = startTagLookup({
      target: place.target({ delay: 50 }),
      signal: controller.signal,
      run: (task) => task(),
      tagLimit: 10,
      pageLimit: 10,
    });
    controller.abort();
    await expect(tags.find('v1')).rejects.toThrow();
  });
});
