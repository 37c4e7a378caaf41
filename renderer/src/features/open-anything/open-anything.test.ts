import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeDigest } from '../../testing/fake-digest.ts';
import { describeTyped } from './describe-typed.ts';
import { ENTRIES_PER_GROUP, bestMatches } from './matching.ts';

describe('what a typed text looks like', () => {
  it.each([
    ['localhost:5000', 'Registry', true],
    ['localhost', 'Registry', true],
    ['localhost:5000/team/app', 'Repository', true],
    ['registry.acme.example/team/app:1.2', 'Artifact', true],
    [fakeDigest('x'), 'Digest in the place on screen', true],
    ['./release.tar', 'Layout on disk', true],
    ['~/layout:1.2', 'Layout on disk', true],
    ['C:\\layout', 'Layout on disk', true],
    ['alpine', 'Repository', false],
    ['not a place', 'Not a reference', false],
  ])('%j: %s', (text, what, explicit) => expect(describeTyped(text)).toMatchObject({ what, explicit }));

  it('is told in full, so that nobody is surprised where it leads', () => {
    expect(describeTyped('alpine')?.full).toBe('docker.io/library/alpine');
  });

  it('comes with what is wrong with it', () => {
    expect(describeTyped('not a place')?.problem).toContain('not a place');
  });

  it('is nothing for nothing, and never an exception', () => {
    expect(describeTyped('  ')).toBeUndefined();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(() => describeTyped(text)).not.toThrow();
      }),
    );
  });
});

describe('matching entries', () => {
  const names = ['team/app', 'team/api', 'platform/app-cache', 'apple', 'other'];
  const matches = (typed: string): readonly string[] => bestMatches(names, typed, (name) => name);

  it('puts those that begin with the word first, then those that have it behind a separator', () => {
    expect(matches('app')).toEqual(['apple', 'team/app', 'platform/app-cache']);
  });

  it('wants every word, in any order and any case', () => {
    expect(matches('APP team')).toEqual(['team/app']);
  });

  it('never shows more than a screenful of one sort', () => {
    expect(
      bestMatches(
        Array.from({ length: 100 }, (_, at) => `a${at}`),
        'a',
        (name) => name,
      ),
    ).toHaveLength(ENTRIES_PER_GROUP);
    expect(
      bestMatches(
        Array.from({ length: 100 }, (_, at) => `a${at}`),
        '',
        (name) => name,
      ),
    ).toHaveLength(ENTRIES_PER_GROUP);
  });
});
