/**
 * Why no window can be shown on this machine.
 *
 * @param {NodeJS.ProcessEnv} environment
 * @param {NodeJS.Platform} platform
 * @returns {string | undefined}
 */
export function missingDisplay(environment = process.env, platform = process.platform) {
  if (platform === 'win32' || platform === 'darwin') return undefined;
  if (environment['DISPLAY'] || environment['WAYLAND_DISPLAY']) return undefined;
  return 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)';
}
