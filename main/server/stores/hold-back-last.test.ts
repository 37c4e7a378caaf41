import { describe, expect, it } from 'vitest';
import { holdBackLast } from './hold-back-last.ts';

async function* numbered(count: number, failure?: Error): AsyncGenerator<Uint8Array> {
  for (let number = 0; number < count; number += 1) yield await Promise.resolve(Buffer.from([number]));
  if (failure !== undefined) throw failure;
}

/** What came, and how it ended. */
async function taken(source: AsyncIterable<Uint8Array>): Promise<readonly (number | 'failed')[]> {
  const came: (number | 'failed')[] = [];
  try {
    for await (const chunk of source) came.push(...chunk);
  } catch {
    came.push('failed');
  }
  return came;
}

describe('holdBackLast', () => {
  it.each([0, 1, 2, 5])('passes on all of %i chunks of a source that ends well', async (count) => {
    expect(await taken(holdBackLast(numbered(count)))).toEqual([...Array(count).keys()]);
  });

  it.each([
    [0, ['failed']],
    [1, ['failed']],
    [3, [0, 1, 'failed']],
  ])('never passes on the last of %i chunks when the source fails after it', async (count, expected) => {
    expect(await taken(holdBackLast(numbered(count, new Error('damaged'))))).toEqual(expected);
  });
});
