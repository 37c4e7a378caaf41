import { describe, expect, it } from 'vitest';
import { runCommandLine } from './command-line.ts';
import type { Surroundings } from './surroundings.ts';
import { VERBS } from './verbs.ts';

async function run(...arguments_: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const surroundings: Surroundings = {
    environment: {},
    workingDirectory: '/',
    homeFolder: '/',
    version: '1.2.3',
    signal: new AbortController().signal,
    stdout: (text) => (out += text),
    stderr: (text) => (err += text),
  };
  return { code: await runCommandLine(arguments_, surroundings), out, err };
}

describe('command line', () => {
  it('prints its version and its help on stdout', async () => {
    expect(await run('--version')).toEqual({ code: 0, out: '1.2.3\n', err: '' });
    for (const words of [['--help'], ['-h'], ['help']]) {
      const { code, out, err } = await run(...words);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain('Usage: tallyman VERB');
      expect(out).toMatch(/^ {2}graph +\S/m);
    }
  });

  it('explains a verb', async () => {
    for (const words of [
      ['graph', '--help'],
      ['help', 'graph'],
      ['graph', 'x', '-h'],
    ]) {
      const { code, out } = await run(...words);
      expect(code).toBe(0);
      expect(out).toContain('Usage: tallyman graph PLACE [--json] [--plain-http]');
    }
  });

  it.each([
    [[], 'A verb is missing.'],
    [['grahp'], 'There is no verb “grahp”.'],
    [['constructor'], 'There is no verb “constructor”.'],
    [['--json'], 'There is no verb “--json”.'],
    [['\u001b[31mred'], 'There is no verb “⟨U+001B⟩[31mred”.'],
  ])('ends %j with 2 and says why on stderr', async (words, reason) => {
    const { code, out, err } = await run(...words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    const [first, ...others] = VERBS.map(({ usage }) => usage);
    expect(err.split('\n')).toEqual([
      `tallyman: ${reason}`,
      `Usage: ${first!}`,
      ...others.map((usage) => `       ${usage}`),
      'More:  tallyman --help',
      '',
    ]);
  });
});
