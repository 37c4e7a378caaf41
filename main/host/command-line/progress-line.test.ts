import { describe, expect, it } from 'vitest';
import { createProgressLine } from './progress-line.ts';
import type { Surroundings } from './surroundings.ts';

function watched(stderrIsTerminal?: boolean): {
  readonly surroundings: Surroundings;
  readonly err: () => string;
} {
  let err = '';
  const surroundings: Surroundings = {
    environment: {},
    workingDirectory: '/',
    homeFolder: '/',
    version: '1.2.3',
    signal: new AbortController().signal,
    stdout: () => undefined,
    stderr: (text) => (err += text),
    ...(stderrIsTerminal === undefined ? {} : { stderrIsTerminal }),
  };
  return { surroundings, err: () => err };
}

describe('createProgressLine', () => {
  it('prints nothing where nobody watches', () => {
    for (const terminal of [undefined, false]) {
      const { surroundings, err } = watched(terminal);
      const line = createProgressLine(surroundings);
      line.show('half of it');
      line.clear();
      expect(err()).toBe('');
    }
  });

  it('shows one line, not more often than it can be read, without what steers a terminal, and takes it away', () => {
    const { surroundings, err } = watched(true);
    const line = createProgressLine(surroundings);
    line.show('half\u001b[31m of it');
    line.show('a moment later');
    line.clear();
    line.clear();
    expect(err().split('\r\u001b[K')).toEqual(['', expect.not.stringContaining('\u001b'), '']);
    expect(err()).toContain('of it');
    expect(err()).not.toContain('a moment later');
  });
});
