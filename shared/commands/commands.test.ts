import { describe, expect, it } from 'vitest';
import { COMMAND_GROUPS, COMMANDS, isCommandId, type Command } from './commands.ts';

const commands: readonly Command[] = COMMANDS;

/** Keys that browsers do not give to pages, on Linux, Windows or macOS. */
const RESERVED = [
  'CmdOrCtrl+T',
  'CmdOrCtrl+N',
  'CmdOrCtrl+W',
  'CmdOrCtrl+Q',
  'CmdOrCtrl+Shift+T',
  'CmdOrCtrl+Shift+N',
  'CmdOrCtrl+Shift+W',
  'CmdOrCtrl+Shift+Q',
  'CmdOrCtrl+Tab',
  'CmdOrCtrl+Shift+Tab',
  'CmdOrCtrl+PageUp',
  'CmdOrCtrl+PageDown',
  'CmdOrCtrl+Shift+I',
  'CmdOrCtrl+Shift+J',
  'CmdOrCtrl+Shift+C',
  'CmdOrCtrl+H',
  'CmdOrCtrl+M',
  'Alt+F4',
  'F11',
  'F12',
];

describe('the table of commands', () => {
  it('gives every command its own id and label', () => {
    expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length);
    expect(new Set(commands.map(({ label }) => label)).size).toBe(commands.length);
  });

  it('gives no accelerator twice', () => {
    const accelerators = commands.flatMap(({ accelerator }) =>
      accelerator === undefined ? [] : [accelerator],
    );
    expect(new Set(accelerators).size).toBe(accelerators.length);
  });

  it('uses no key that a browser keeps, that types a character, or that text fields and clipboards need', () => {
    for (const { accelerator } of commands) {
      if (accelerator === undefined) continue;
      expect(RESERVED).not.toContain(accelerator);
      expect(accelerator).not.toMatch(/^(CmdOrCtrl|Alt)\+\d$/);
      expect(accelerator).not.toMatch(/^CmdOrCtrl\+(Shift\+)?[ACVXZY]$/);
      expect(accelerator).toMatch(/^((CmdOrCtrl|Alt)\+(Shift\+)?([A-Z]|Left|Right|PageUp|PageDown)|F\d)$/);
    }
  });

  it('keeps the commands of a group together, in the order of the groups', () => {
    const order = commands.map(({ group }) => COMMAND_GROUPS.indexOf(group));
    expect(order).toEqual([...order].sort((left, right) => left - right));
    expect(new Set(commands.map(({ group }) => group)).size).toBe(COMMAND_GROUPS.length);
  });

  it('knows its ids and no others', () => {
    expect(isCommandId('open')).toBe(true);
    expect(isCommandId('toString')).toBe(false);
    expect(isCommandId('')).toBe(false);
  });
});
