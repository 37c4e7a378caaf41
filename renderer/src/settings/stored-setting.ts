/** A small setting of this window, kept in the browser's storage; a missing or forbidden storage gives the default. */
export function readSetting(name: string): string | null {
  try {
    return window.localStorage.getItem(`tallyman.${name}`);
  } catch {
    return null;
  }
}

export function writeSetting(name: string, value: string): void {
  try {
    window.localStorage.setItem(`tallyman.${name}`, value);
  } catch {
    // The setting then lasts until the window closes.
  }
}
