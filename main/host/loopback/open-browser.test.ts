import { describe, expect, it } from 'vitest';
import { browserOpener, redirectPage } from './open-browser.ts';

describe('opening the browser', () => {
  it('is left to the system, and names a file only: words of a command can be read by others', () => {
    expect(browserOpener('/tmp/x/open.html', {}, 'darwin')).toEqual({
      program: 'open',
      words: ['/tmp/x/open.html'],
    });
    expect(browserOpener('C:\\x\\open.html', {}, 'win32')?.words.at(-1)).toBe('C:\\x\\open.html');
    expect(browserOpener('/tmp/x/open.html', { DISPLAY: ':0' }, 'linux')).toEqual({
      program: 'xdg-open',
      words: ['/tmp/x/open.html'],
    });
    expect(browserOpener('/tmp/x/open.html', { WAYLAND_DISPLAY: 'wayland-0' }, 'freebsd')).toBeDefined();
  });

  it('is not tried where there is no desktop', () => {
    expect(browserOpener('/tmp/x/open.html', {}, 'linux')).toBeUndefined();
    expect(browserOpener('/tmp/x/open.html', { DISPLAY: '' }, 'linux')).toBeUndefined();
  });

  it('leads to the launch address without a Referer', () => {
    const page = redirectPage('http://127.0.0.1:4000/#t=secret');
    expect(page).toContain('content="0; url=http://127.0.0.1:4000/#t=secret"');
    expect(page).toContain('name="referrer" content="no-referrer"');
  });
});
