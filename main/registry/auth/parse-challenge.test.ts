import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from './parse-challenge.ts';

function plain(...lines: string[]): unknown {
  return parseChallenges(lines).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
}

describe('WWW-Authenticate', () => {
  it('reads realm, service and scope of a Bearer challenge', () => {
    expect(
      plain('Bearer realm="https://a/t?x=1",service="s",scope="repository:a/b:pull repository:c/d:pull"'),
    ).toEqual([
      [
        'bearer',
        { realm: 'https://a/t?x=1', service: 's', scope: 'repository:a/b:pull repository:c/d:pull' },
      ],
    ]);
  });

  it('reads escapes in quoted strings, as distribution tests them', () => {
    expect(plain(String.raw`Bearer realm="https://auth.example.com",other=fun,slashed="he\"\l\lo"`)).toEqual([
      ['bearer', { realm: 'https://auth.example.com', other: 'fun', slashed: 'he"llo' }],
    ]);
  });

  it('reads several challenges in one line and several lines, schemes alone and with a token', () => {
    expect(plain('Negotiate, Basic realm="x", charset="UTF-8"', 'Bearer realm=https://a/t')).toEqual([
      ['negotiate', {}],
      ['basic', { realm: 'x', charset: 'UTF-8' }],
      ['bearer', { realm: 'https://a/t' }],
    ]);
    expect(plain('Negotiate dG9rZW4=, Basic realm="x"')).toEqual([
      ['negotiate', {}],
      ['basic', { realm: 'x' }],
    ]);
    expect(plain('NTLM TlRMTVNTUAAC==', 'BEARER Realm = "y" , Service = z')).toEqual([
      ['ntlm', {}],
      ['bearer', { realm: 'y', service: 'z' }],
    ]);
  });

  it('keeps commas and equal signs inside quotes, and the first of repeated parameters', () => {
    expect(plain('Bearer realm="a,b=c", realm="evil", error="insufficient_scope"')).toEqual([
      ['bearer', { realm: 'a,b=c', error: 'insufficient_scope' }],
    ]);
  });

  it('stops at what does not fit and keeps what came before', () => {
    expect(plain('Basic realm="x", Bearer realm="never closed')).toEqual([
      ['basic', { realm: 'x' }],
      ['bearer', {}],
    ]);
    expect(plain('="x"', '', ',,,', '"quoted"')).toEqual([]);
    expect(plain(`Bearer realm="${'a'.repeat(20_000)}"`)).toEqual([]);
  });

  it('gives back any realm that was quoted, and is linear', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), (realm) => {
        const quoted = realm.replace(/[\\"]/g, (character) => `\\${character}`);
        expect(plain(`Bearer realm="${quoted}",service="s"`)).toEqual([['bearer', { realm, service: 's' }]]);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseChallenges([text]))));
    const start = performance.now();
    for (const piece of [',', ' ', 'a ', 'a=', '"', '\\', 'a="b",', 'Bearer ', '=']) {
      parseChallenges([piece.repeat(16 * 1024).slice(0, 16 * 1024)]);
    }
    expect(performance.now() - start).toBeLessThan(200);
  });
});
