import { describe, expect, it, vi } from 'vitest';
import { COMMANDS } from '../../shared/commands/commands.ts';
import { menuTemplate } from './menu-template.ts';

type Items = ReturnType<typeof menuTemplate>;
const entries = (template: Items): Items =>
  template.flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));

describe('the native menu', () => {
  it.each(['linux', 'darwin', 'win32'] as const)(
    'holds every command of the table once on %s, and tells its id',
    (platform) => {
      const onCommand = vi.fn();
      const commands = entries(menuTemplate({ platform, development: false, onCommand })).filter(
        ({ id }) => id !== undefined,
      );
      expect(commands.map(({ id }) => id).sort()).toEqual(COMMANDS.map(({ id }) => id).sort());
      for (const { click } of commands) (click as () => void)();
      expect(onCommand.mock.calls.map(([id]) => id as string).sort()).toEqual(
        COMMANDS.map(({ id }) => id).sort(),
      );
    },
  );

  it('shows the keys and leaves them to the page', () => {
    for (const { accelerator, registerAccelerator } of entries(
      menuTemplate({ platform: 'linux', development: true, onCommand: vi.fn() }),
    )) {
      if (accelerator !== undefined) expect(registerAccelerator).toBe(false);
    }
  });

  it('offers the developer tools only outside a package', () => {
    const roles = (development: boolean): unknown[] =>
      entries(menuTemplate({ platform: 'linux', development, onCommand: vi.fn() })).map(({ role }) => role);
    expect(roles(true)).toContain('toggleDevTools');
    expect(roles(false)).not.toContain('toggleDevTools');
  });
});
