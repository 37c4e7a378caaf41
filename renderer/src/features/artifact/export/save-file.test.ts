import { describe, expect, it } from 'vitest';
import { hostileTexts } from '../../../testing/hostile-texts.ts';
import { pngScale, CANVAS_AREA_LIMIT, CANVAS_SIDE_LIMIT } from './draw-png.ts';
import { fileNameOf } from './save-file.ts';

describe('fileNameOf', () => {
  it('makes a name of a place', () => {
    expect(fileNameOf('registry.acme.example/team/app:1.8.2', 'svg')).toBe(
      'registry.acme.example-team-app-1.8.2.svg',
    );
  });

  it('never has a path, a blank or a control character in it, and is never empty', () => {
    for (const text of ['', '..', '../../etc/passwd', 'C:\\windows', ...hostileTexts()]) {
      expect(fileNameOf(text, 'json')).toMatch(/^[\p{L}\p{N}][\p{L}\p{N}.-]*\.json$/u);
    }
  });
});

describe('pngScale', () => {
  it('paints at twice the size', () => {
    expect(pngScale({ width: 800, height: 600 })).toBe(2);
  });

  it('paints smaller what a canvas could not hold', () => {
    for (const size of [
      { width: 100, height: 60_000 },
      { width: 12_000, height: 12_000 },
    ]) {
      const scale = pngScale(size);
      expect(Math.max(size.width, size.height) * scale).toBeLessThanOrEqual(CANVAS_SIDE_LIMIT + 1);
      expect(size.width * scale * size.height * scale).toBeLessThanOrEqual(CANVAS_AREA_LIMIT + 1);
    }
  });
});
