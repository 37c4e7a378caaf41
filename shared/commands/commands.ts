/** Where a command stands in the native menu, the palette and the help. */
export const COMMAND_GROUPS = ['File', 'Artifact', 'Store', 'Copy', 'View', 'Go', 'Help'] as const;
export type CommandGroup = (typeof COMMAND_GROUPS)[number];

/** One thing a person can do without pointing at something first. */
export interface Command {
  readonly id: string;
  /** In the words of a menu; ends with "…" when it asks for more. */
  readonly label: string;
  /** In Electron's spelling: `CmdOrCtrl+Shift+O`. The web host binds the same keys. */
  readonly accelerator?: string;
  readonly group: CommandGroup;
}

/**
 * Every command of Tallyman, in the order of its menus: the native menu, the palette and the help are made of this table.
 * No accelerator is one that a browser keeps for itself (Ctrl+T, N, W, Tab, 1–9, Alt+1–8), and none takes a key that
 * writes a character, so that both hosts have the same keys and text fields keep theirs.
 */
export const COMMANDS = [
  { id: 'open', label: 'Open anything…', accelerator: 'CmdOrCtrl+K', group: 'File' },
  { id: 'open-layout-folder', label: 'Open layout folder…', accelerator: 'CmdOrCtrl+O', group: 'File' },
  {
    id: 'open-layout-archive',
    label: 'Open layout archive…',
    accelerator: 'CmdOrCtrl+Shift+O',
    group: 'File',
  },
  { id: 'add-registry', label: 'Add registry…', group: 'File' },
  { id: 'sign-in', label: 'Sign in…', group: 'File' },
  { id: 'export-graph-json', label: 'Export graph as JSON…', group: 'File' },
  { id: 'export-graph-svg', label: 'Export graph as SVG…', group: 'File' },
  { id: 'export-graph-png', label: 'Export graph as PNG…', group: 'File' },

  { id: 'push', label: 'Push files…', accelerator: 'Alt+Shift+P', group: 'Artifact' },
  { id: 'attach', label: 'Attach files…', group: 'Artifact' },
  { id: 'copy-to', label: 'Copy to another place…', group: 'Artifact' },
  { id: 'pull', label: 'Pull to a folder…', group: 'Artifact' },
  { id: 'import', label: 'Import an archive…', group: 'Artifact' },
  { id: 'export', label: 'Export as an archive…', group: 'Artifact' },
  { id: 'tag', label: 'Tag…', group: 'Artifact' },
  { id: 'untag', label: 'Untag', group: 'Artifact' },
  { id: 'delete', label: 'Delete…', group: 'Artifact' },

  { id: 'store-sizes', label: 'Sizes…', group: 'Store' },
  { id: 'store-check', label: 'Check…', group: 'Store' },
  { id: 'store-clean-up', label: 'Clean up…', group: 'Store' },
  { id: 'store-serve', label: 'Serve…', group: 'Store' },

  { id: 'copy-address', label: 'Copy address of this view', accelerator: 'Alt+Shift+A', group: 'Copy' },
  { id: 'copy-command', label: 'Copy equal command line', accelerator: 'Alt+Shift+C', group: 'Copy' },
  { id: 'copy-digest', label: 'Copy digest', accelerator: 'Alt+Shift+D', group: 'Copy' },

  { id: 'toggle-sources', label: 'Show or hide sources', accelerator: 'CmdOrCtrl+B', group: 'View' },
  { id: 'toggle-inspector', label: 'Show or hide inspector', accelerator: 'CmdOrCtrl+I', group: 'View' },
  { id: 'toggle-transfers', label: 'Show or hide transfers', accelerator: 'CmdOrCtrl+J', group: 'View' },
  { id: 'show-graph', label: 'Graph', group: 'View' },
  { id: 'show-tree', label: 'Tree', group: 'View' },
  {
    id: 'switch-graph-tree',
    label: 'Switch between graph and tree',
    accelerator: 'CmdOrCtrl+E',
    group: 'View',
  },
  { id: 'switch-theme', label: 'Switch theme', accelerator: 'Alt+Shift+L', group: 'View' },
  { id: 'reload', label: 'Read again', accelerator: 'F5', group: 'View' },

  { id: 'back', label: 'Back', accelerator: 'Alt+Left', group: 'Go' },
  { id: 'forward', label: 'Forward', accelerator: 'Alt+Right', group: 'Go' },
  { id: 'next-tab', label: 'Next tab', accelerator: 'Alt+PageDown', group: 'Go' },
  { id: 'previous-tab', label: 'Previous tab', accelerator: 'Alt+PageUp', group: 'Go' },
  { id: 'close-tab', label: 'Close tab', accelerator: 'Alt+Shift+W', group: 'Go' },

  { id: 'help', label: 'Keyboard and help', accelerator: 'F1', group: 'Help' },
] as const satisfies readonly Command[];

export type CommandId = (typeof COMMANDS)[number]['id'];

/** True for the id of a command: a menu of an older window, or a broadcast, may name one that is not there. */
export function isCommandId(text: string): text is CommandId {
  return COMMANDS.some((command) => command.id === text);
}
