import { describe, expect, it } from 'vitest';
import { openingPlace } from './opening-place.ts';

const folder = '/home/someone/work';

describe('openingPlace', () => {
  it.each([
    [['localhost:5000/team/app:1.2'], 'localhost:5000/team/app:1.2'],
    [['--no-sandbox', '--web', 'alpine', 'ignored'], 'alpine'],
    [['--', 'alpine'], 'alpine'],
    [['./layout:1.2'], '/home/someone/work/layout:1.2'],
    [['.'], '/home/someone/work'],
    [['../other/layout.tar'], '/home/someone/other/layout.tar'],
    [['/srv/layout'], '/srv/layout'],
    [['~/layout'], '~/layout'],
    [['layout:images/app@sha256:abc'], 'layout:/home/someone/work/images/app@sha256:abc'],
    [['layout:/srv/layout'], 'layout:/srv/layout'],
    [['layout:~/layout'], 'layout:~/layout'],
  ])('takes %j for %s', (words, place) => {
    expect(openingPlace(words, folder)).toBe(place);
  });

  it('is nothing without a place', () => {
    expect(openingPlace([], folder)).toBeUndefined();
    expect(openingPlace(['--web', ''], folder)).toBeUndefined();
    expect(openingPlace(['x'.repeat(5000)], folder)).toBeUndefined();
  });
});
