import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogFile } from './log-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tallyman-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const written = (): string => readFileSync(path.join(folder, 'log', 'tallyman.log'), 'utf8');
const now = (): Date => new Date('2026-11-26T10:00:00Z');

describe('the log file', () => {
  it('holds one JSON object a line, for its owner only', () => {
    const log = createLogFile(path.join(folder, 'log'), now);
    log({ level: 'error', from: 'dispatch', message: 'it broke', stack: 'Error: it broke\n    at here' });
    log({ level: 'warning', from: 'sources', message: 'odd' });
    expect(
      written()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      {
        time: '2026-11-26T10:00:00.000Z',
        level: 'error',
        from: 'dispatch',
        message: 'it broke',
        stack: ['Error: it broke', '    at here'],
      },
      { time: '2026-11-26T10:00:00.000Z', level: 'warning', from: 'sources', message: 'odd' },
    ]);
    expect(statSync(path.join(folder, 'log', 'tallyman.log')).mode & 0o777).toBe(0o600);
  });

  it('cannot be forged by line breaks, nor by control sequences', () => {
    createLogFile(
      path.join(folder, 'log'),
      now,
    )({ level: 'error', from: 'window', message: 'a\n{"level":"error"}\u001b[31m\u202e' });
    expect(written().trim().split('\n')).toHaveLength(1);
    for (const raw of ['\u001b', '\u202e', '\\u001b']) expect(written()).not.toContain(raw);
  });

  it('holds no secret that came with a message', () => {
    const log = createLogFile(path.join(folder, 'log'), now);
    for (const message of [
      'GET https://someone:canary@registry.example/v2/',
      'GET http://proxy:canary@proxy.example:8080',
      'redirected to https://bucket.example/blob?X-Amz-Signature=canary&x=canary',
      'opened http://127.0.0.1:4000/#t=canary',
      'Authorization: Basic canary',
      'authorization: Bearer canary.canary',
      'proxy-authorization=canary',
      'Set-Cookie: tallyman_1=canary',
      'sent Bearer canarycanary to it',
    ]) {
      log({ level: 'error', from: 'test', message, stack: `Error: ${message}` });
    }
    expect(written()).not.toContain('canary');
    expect(written()).toContain('registry.example/v2/');
  });

  it('moves on to a new file when it is large, and keeps four old ones', () => {
    const log = createLogFile(path.join(folder, 'log'), now);
    const file = path.join(folder, 'log', 'tallyman.log');
    for (let turn = 0; turn < 7; turn++) {
      log({ level: 'warning', from: 'test', message: `turn ${turn}` });
      writeFileSync(file, Buffer.alloc(6 * 1024 * 1024, 0x20));
    }
    log({ level: 'warning', from: 'test', message: 'last' });
    expect(readdirSync(path.join(folder, 'log')).sort()).toEqual([
      'tallyman.log',
      'tallyman.log.1',
      'tallyman.log.2',
      'tallyman.log.3',
      'tallyman.log.4',
    ]);
    expect(written()).toContain('last');
  });

  it('does not stop the program when it cannot be written', () => {
    writeFileSync(path.join(folder, 'log'), 'a file where a folder should be');
    expect(() =>
      createLogFile(path.join(folder, 'log'))({ level: 'error', from: 'test', message: 'x' }),
    ).not.toThrow();
  });
});
