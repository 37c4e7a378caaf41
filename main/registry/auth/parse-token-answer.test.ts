import { describe, expect, it } from 'vitest';
import { parseTokenAnswer } from './parse-token-answer.ts';

function parse(value: unknown): readonly [token: string, seconds: number] {
  const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  const token = parseTokenAnswer(bytes, 'auth.example.com');
  return [token.value.reveal(), token.lifetime / 1000];
}

describe('token answer', () => {
  it('takes either name of the token and never less than 60 seconds nor more than an hour', () => {
    expect(parse({ access_token: 'a' })).toEqual(['a', 60]);
    expect(parse({ token: 't', access_token: 'a', expires_in: 300 })).toEqual(['t', 300]);
    expect(parse({ token: '', access_token: 'a' })).toEqual(['a', 60]);
    expect(parse({ token: 't', expires_in: 10 })).toEqual(['t', 60]);
    expect(parse({ token: 't', expires_in: -1 })).toEqual(['t', 60]);
    expect(parse({ token: 't', expires_in: 1e9 })).toEqual(['t', 3600]);
    expect(parse({ token: 't', expires_in: '120' })).toEqual(['t', 120]);
    expect(parse({ token: 't', expires_in: 'soon', issued_at: 'nonsense' })).toEqual(['t', 60]);
    expect(parse('{"token":"t","expires_in":1e400}')).toEqual(['t', 60]);
  });

  it.each([
    ['neither', {}],
    ['null', { token: null }],
    ['a line break, which would be a second header', { token: 'a\r\nX: y' }],
    ['spaces', { token: 'a b' }],
    ['a list', []],
    ['no JSON', '<html>'],
    ['two tokens of one name', '{"token":"a","token":"b"}'],
    ['nothing', ''],
  ])('refuses %s without repeating it', (_name, value) => {
    expect(() => parse(value)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }));
  });
});
