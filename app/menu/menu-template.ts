import type { MenuItemConstructorOptions } from 'electron';
import { COMMANDS } from '../../shared/commands/commands.ts';
import type { Command, CommandGroup } from '../../shared/commands/commands.ts';

export interface MenuSurroundings {
  readonly platform: NodeJS.Platform;
  /** Adds the developer tools, for a program that is not packaged. */
  readonly development: boolean;
  readonly onCommand: (id: string) => void;
}

/**
 * The native menu from the one table of commands, with the menus that every desktop expects around them. The page handles the keys
 * itself, in both hosts alike: here they are only shown.
 */
export function menuTemplate({
  platform,
  development,
  onCommand,
}: MenuSurroundings): MenuItemConstructorOptions[] {
  const mac = platform === 'darwin';
  const items = (group: CommandGroup): MenuItemConstructorOptions[] =>
    (COMMANDS as readonly Command[])
      .filter((command) => command.group === group)
      .map(({ id, label, accelerator }) => ({
        id,
        label,
        click: () => onCommand(id),
        ...(accelerator === undefined ? {} : { accelerator, registerAccelerator: false }),
      }));
  return [
    ...(mac ? [{ role: 'appMenu' as const }] : []),
    { label: 'File', submenu: [...items('File'), { type: 'separator' }, { role: mac ? 'close' : 'quit' }] },
    {
      label: 'Edit',
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
        { type: 'separator' },
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
        { type: 'separator' },
        ...items('Copy'),
      ],
    },
    { label: 'Artifact', submenu: items('Artifact') },
    { label: 'Store', submenu: items('Store') },
    {
      label: 'View',
      submenu: [
        ...items('View'),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(development ? [{ type: 'separator' as const }, { role: 'toggleDevTools' as const }] : []),
      ],
    },
    { label: 'Go', submenu: items('Go') },
    ...(mac ? [{ role: 'windowMenu' as const }] : []),
    { role: 'help', submenu: items('Help') },
  ];
}
