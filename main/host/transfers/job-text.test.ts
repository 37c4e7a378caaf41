import { describe, expect, it } from 'vitest';
import { createSourceList } from '../sources/source-list.ts';
import { jobTextOf } from './job-text.ts';
import type { LocalRequest } from './local-request.ts';

const DROPS = '/data/drops';

async function textOf(files: readonly string[]): Promise<Awaited<ReturnType<typeof jobTextOf>>> {
  const sources = createSourceList({
    storePath: '/data/store',
    onChange: () => undefined,
    onWarning: () => undefined,
  });
  const { id } = await sources.addRegistry('registry.example');
  const request: LocalRequest = {
    kind: 'push',
    target: { source: id, repository: 'team/app' },
    files: files.map((file) => ({ file })),
    tags: ['1.0'],
  };
  return jobTextOf(request, sources, DROPS);
}

describe('what a job is called', () => {
  it('names files by the folder in which a person has them', async () => {
    const text = await textOf(['/home/ada/notes.txt', '/home/ada/data.bin']);
    expect(text.from).toBe('/home/ada');
    expect(text.command).toBe('cd /home/ada && oras push registry.example/team/app:1.0 notes.txt data.bin');
  });

  it('names what was dropped in a browser by its name alone, also in the command line', async () => {
    const text = await textOf([`${DROPS}/token/notes.txt`, `${DROPS}/token/data.bin`]);
    expect(text).toMatchObject({ title: 'Push 2 files', from: 'the browser' });
    expect(text.command).toBe('oras push registry.example/team/app:1.0 notes.txt data.bin');
    expect(JSON.stringify(text)).not.toContain(DROPS);
  });
});
