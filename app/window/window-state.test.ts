import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWindowState, writeWindowState } from './window-state.ts';

const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }];
const state = { x: 100, y: 50, width: 1200, height: 800, maximized: false };
let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tallyman-window-'));
  file = path.join(folder, 'deeper', 'window.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the remembered window', () => {
  it('comes back where it stood', () => {
    writeWindowState(file, state);
    expect(readWindowState(file, screens)).toEqual(state);
    expect(readdirSync(path.dirname(file))).toEqual(['window.json']);
  });

  it('is forgotten when its place is on no screen any more', () => {
    for (const place of [{ x: 5000 }, { x: -1150 }, { x: 1900 }, { y: -500 }, { y: 1070 }]) {
      writeWindowState(file, { ...state, ...place });
      expect(readWindowState(file, screens), JSON.stringify(place)).toBeUndefined();
    }
    writeWindowState(file, { ...state, x: 2000 });
    expect(readWindowState(file, [...screens, { x: 1920, y: 0, width: 1920, height: 1080 }])).toBeDefined();
  });

  it('is new on the first start, and after somebody damaged its file', () => {
    expect(readWindowState(file, screens)).toBeUndefined();
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '{"x":1}',
      '{"x":"1","y":1,"width":1,"height":1,"maximized":false}',
      '{"x":1e99,"y":1,"width":1,"height":1,"maximized":true}',
    ]) {
      const damaged = path.join(folder, 'window.json');
      writeFileSync(damaged, text);
      expect(readWindowState(damaged, screens), text).toBeUndefined();
    }
  });

  it('does not stop the program when it cannot be written', () => {
    writeFileSync(path.join(folder, 'deeper'), 'a file where a folder should be');
    expect(() => writeWindowState(file, state)).not.toThrow();
  });
});
