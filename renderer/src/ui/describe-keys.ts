const MAC_SIGNS: Readonly<Record<string, string>> = {
  CmdOrCtrl: '⌘',
  CommandOrControl: '⌘',
  Cmd: '⌘',
  Alt: '⌥',
  Shift: '⇧',
  Ctrl: '⌃',
};

const SIGNS: Readonly<Record<string, string>> = {
  CmdOrCtrl: 'Ctrl',
  CommandOrControl: 'Ctrl',
  Left: '←',
  Right: '→',
  Up: '↑',
  Down: '↓',
};

/** True on a Mac, where Cmd takes the place of Ctrl. */
export function isMac(): boolean {
  return navigator.userAgent.includes('Mac');
}

/** An accelerator of the command table (`CmdOrCtrl+K`) as this machine writes it. */
export function describeKeys(accelerator: string, mac: boolean = isMac()): string {
  const parts = accelerator
    .split('+')
    .map((part) => (mac ? (MAC_SIGNS[part] ?? SIGNS[part] ?? part) : (SIGNS[part] ?? part)));
  return parts.join(mac ? '' : ' ');
}
