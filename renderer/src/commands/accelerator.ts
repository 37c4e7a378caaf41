/** The part of a keyboard event that decides. */
export type PressedKeys = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

const NAMES: Readonly<Record<string, string>> = {
  Left: 'ArrowLeft',
  Right: 'ArrowRight',
  Up: 'ArrowUp',
  Down: 'ArrowDown',
};

/**
 * True when these keys are an accelerator of the command table (`CmdOrCtrl+Shift+O`, in Electron's spelling).
 * A letter is compared by what it writes; with Alt, which makes other characters on some keyboards, by its place too.
 */
export function matchesAccelerator(accelerator: string, pressed: PressedKeys, mac: boolean): boolean {
  const parts = accelerator.split('+');
  const key = parts.at(-1) ?? '';
  const wants = (name: string): boolean => parts.slice(0, -1).includes(name);
  const command = wants('CmdOrCtrl');
  if (pressed.ctrlKey !== (wants('Ctrl') || (command && !mac))) return false;
  if (pressed.metaKey !== (wants('Cmd') || (command && mac))) return false;
  if (pressed.altKey !== wants('Alt') || pressed.shiftKey !== wants('Shift')) return false;
  if (pressed.key.toLowerCase() === (NAMES[key] ?? key).toLowerCase()) return true;
  return pressed.altKey && pressed.code === `Key${key}`;
}
