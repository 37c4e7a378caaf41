import { expect, it } from 'vitest';
import { CopyProgress } from './copy-progress.ts';

it('adds up blobs as they become known, move, start again and end', () => {
  const lines: string[] = [];
  const progress = new CopyProgress((text) => lines.push(text));
  const item = (id: string, state: 'waiting' | 'running' | 'done' | 'present', done: number): void =>
    progress.take({ id, name: 'layer', state, done, size: 1000 });
  item('a', 'waiting', 0);
  item('b', 'present', 1000);
  item('a', 'running', 900);
  item('a', 'running', 100);
  item('a', 'done', 1000);
  expect(lines).toEqual([
    'Copying: 0 B of 1.0 kB, 0 of 1 blobs',
    'Copying: 1.0 kB of 2.0 kB, 1 of 2 blobs',
    'Copying: 1.9 kB of 2.0 kB, 1 of 2 blobs',
    'Copying: 1.1 kB of 2.0 kB, 1 of 2 blobs',
    'Copying: 2.0 kB of 2.0 kB, 2 of 2 blobs',
  ]);
});
