import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createRedactor } from './redactor.ts';
import { Secret } from './secret.ts';

describe('secret', () => {
  it('shows itself to nobody but reveal', () => {
    const secret = new Secret('canary');
    const holder = { password: secret };
    const shown = [
      String(secret),
      JSON.stringify(holder),
      inspect(holder, { showHidden: true, depth: 9 }),
      JSON.stringify(structuredClone(holder)),
      Object.entries(secret).join(),
    ];
    expect(shown.filter((text) => text.includes('canary'))).toEqual([]);
    expect(secret.reveal()).toBe('canary');
  });
});

describe('redactor', () => {
  it('takes remembered secrets out of texts, also where one is part of another, and leaves tiny ones', () => {
    const redactor = createRedactor();
    redactor.remember(new Secret('hunter2'));
    redactor.remember(new Secret('$&'));
    redactor.remember(new Secret('a.c*'));
    expect(redactor.clean('bad hunter2, not abc, but a.c* and $& for hunter2')).toBe(
      'bad ⟨secret⟩, not abc, but ⟨secret⟩ and $& for ⟨secret⟩',
    );
  });
});
