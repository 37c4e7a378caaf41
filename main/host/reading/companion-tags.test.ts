import { describe, expect, it } from 'vitest';
import { COMPANION_TAGS_LIFE_MS, createCompanionTags } from './companion-tags.ts';

const TAG = `sha256-${'a'.repeat(64)}`;

describe('companion tags', () => {
  it('knows what a fresh listing said, and nothing of places that were not listed', async () => {
    const tags = createCompanionTags();
    tags.remember('place', ['1.0', TAG, `${TAG}.sig`]);
    const { find } = tags.lookup('place');
    expect(await find(TAG)).toEqual({ known: 'present', descriptors: [] });
    expect(await find(`${TAG}.att`)).toEqual({ known: 'absent' });
    expect(await tags.lookup('other').find(TAG)).toEqual({ known: 'unknown' });
  });

  it('believes a listing for five minutes, and forgets it when the place is listed anew', async () => {
    let time = 0;
    const tags = createCompanionTags(() => time);
    tags.remember('place', []);
    time = COMPANION_TAGS_LIFE_MS - 1;
    expect(await tags.lookup('place').find(TAG)).toEqual({ known: 'absent' });
    time = COMPANION_TAGS_LIFE_MS;
    expect(await tags.lookup('place').find(TAG)).toEqual({ known: 'unknown' });
    tags.remember('place', []);
    tags.forget('place');
    expect(await tags.lookup('place').find(TAG)).toEqual({ known: 'unknown' });
  });
});
