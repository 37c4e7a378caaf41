import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { checkDestination, type DestinationKind } from './destination-path.ts';

let root: string;
let home: string;

beforeEach(async () => {
  root = await realpath(await temporaryFolder());
  home = path.join(root, 'home');
  await mkdir(path.join(home, 'releases', '.git'), { recursive: true });
  await mkdir(path.join(home, '.ssh'));
  await mkdir(path.join(root, 'disk'));
  await mkdir(path.join(root, 'elsewhere'));
  await writeFile(path.join(home, 'file.tar'), 'x');
});

const check = (text: string, kind: DestinationKind = 'folder'): Promise<string> =>
  checkDestination(text, kind, { homeFolder: home, furtherRoots: [path.join(root, 'disk')] });

describe('a typed place to write to', () => {
  it('is a folder that is there or can be made, below the home folder or another allowed one', async () => {
    expect(await check('~/releases')).toBe(path.join(home, 'releases'));
    expect(await check('~/releases/new/')).toBe(path.join(home, 'releases', 'new'));
    expect(await check(path.join(root, 'disk', 'new'))).toBe(path.join(root, 'disk', 'new'));
  });

  it('is an archive that is not there yet', async () => {
    expect(await check('~/new.tar.gz', 'archive')).toBe(path.join(home, 'new.tar.gz'));
    await expect(check('~/file.tar', 'archive')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(check('~/start.sh', 'archive')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it.each([
    '',
    '.',
    'releases',
    '~/.ssh',
    '~/.ssh/x',
    '~/releases/.git/hooks',
    '~/file.tar',
    '~',
    '/',
    '/etc',
    'a\0b',
    '~/con',
  ])('is never %j', async (text) => {
    await expect(check(text)).rejects.toMatchObject({
      code: expect.stringMatching(/INVALID_INPUT|NOT_FOUND/),
      hint: expect.any(String),
    });
  });

  it('is never outside, also not through links and dots', async () => {
    await symlink(path.join(root, 'elsewhere'), path.join(home, 'link'));
    await symlink(path.join(home, '.ssh'), path.join(home, 'keys'));
    for (const text of [
      '~/link',
      '~/link/new',
      '~/keys',
      '~/keys/new',
      '~/../elsewhere',
      path.join(root, 'elsewhere'),
    ])
      await expect(check(text), text).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
