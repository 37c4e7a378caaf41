import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../shared/commands/commands.ts';
import { matchesAccelerator } from './accelerator.ts';
import type { PressedKeys } from './accelerator.ts';

const keys = (key: string, more: Partial<PressedKeys> = {}): PressedKeys => ({
  key,
  code: `Key${key.toUpperCase()}`,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

describe('accelerators', () => {
  it('take Ctrl here and Cmd on a Mac', () => {
    expect(matchesAccelerator('CmdOrCtrl+K', keys('k', { ctrlKey: true }), false)).toBe(true);
    expect(matchesAccelerator('CmdOrCtrl+K', keys('k', { metaKey: true }), true)).toBe(true);
    expect(matchesAccelerator('CmdOrCtrl+K', keys('k', { ctrlKey: true }), true)).toBe(false);
  });

  it('want exactly their modifiers', () => {
    expect(matchesAccelerator('CmdOrCtrl+O', keys('o', { ctrlKey: true, shiftKey: true }), false)).toBe(
      false,
    );
    expect(matchesAccelerator('CmdOrCtrl+Shift+O', keys('O', { ctrlKey: true, shiftKey: true }), false)).toBe(
      true,
    );
    expect(matchesAccelerator('F1', keys('F1', { altKey: true }), false)).toBe(false);
  });

  it('know arrows by their short names', () => {
    expect(
      matchesAccelerator('Alt+Left', keys('ArrowLeft', { altKey: true, code: 'ArrowLeft' }), false),
    ).toBe(true);
  });

  it('find a letter by its place where Alt makes another character of it', () => {
    expect(
      matchesAccelerator('Alt+Shift+C', keys('Ç', { altKey: true, shiftKey: true, code: 'KeyC' }), true),
    ).toBe(true);
  });

  it('are never taken for each other: no two commands answer to the same keys', () => {
    const accelerators = COMMANDS.flatMap((command) =>
      'accelerator' in command ? [command.accelerator] : [],
    );
    expect(new Set(accelerators).size).toBe(accelerators.length);
  });
});
