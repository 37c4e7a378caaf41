import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyTransferChanges } from '../../../shared/contract/apply-transfer-changes.ts';
import type { TransferRequest } from '../../../shared/contract/transfer-request.ts';
import { hasEnded } from '../../../shared/contract/transfer-words.ts';
import type { TransferJob } from '../../../shared/contract/transfers.ts';
import { startFaultProxy } from '../../testing/fault-proxy.ts';
import { type HostClient, startHost } from '../../testing/host-client.ts';
import { type ServedLayout, serveLayout } from '../../testing/serve-layout.ts';

let host: HostClient;
let served: ServedLayout;
let jobs: readonly TransferJob[];
let files: string;
let picked: string;

beforeEach(async () => {
  served = await serveLayout();
  await start();
  await host.call('sources.add', { kind: 'registry', location: served.host, plainHttp: true });
  files = path.join(host.folder, 'files');
  await mkdir(path.join(files, 'docs'), { recursive: true });
  await writeFile(path.join(files, 'a.txt'), 'first');
  await writeFile(path.join(files, 'b.bin'), Buffer.alloc(300_000, 7));
  await writeFile(path.join(files, 'docs', 'c.md'), '# third');
});
afterEach(async () => {
  await host.close();
  await served.close();
});

async function start(folder?: string): Promise<void> {
  host = await startHost({
    ...(folder === undefined ? {} : { folder }),
    ports: { pickFiles: () => Promise.resolve([picked]) },
  });
  jobs = [];
  picked = host.folder;
  host.on('transfers.changed', (changes) => (jobs = applyTransferChanges(jobs, changes)));
}

async function tokens(...names: string[]): Promise<string[]> {
  const granted = await host.services.grantFiles(names.map((name) => path.join(files, name)));
  return granted.map(({ token }) => token);
}

const target = (): { source: string; repository: string } => ({
  source: `registry:${served.host}`,
  repository: 'team/app',
});

/** Starts a job and waits for its end, as a window that follows the broadcasts would see it. */
async function run(request: TransferRequest): Promise<TransferJob> {
  const { job } = await host.call('transfers.start', { request });
  for (;;) {
    const seen = jobs.find(({ id }) => id === job.id);
    if (seen !== undefined && hasEnded(seen.state)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits for something that will be so. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function pushThree(): Promise<TransferRequest> {
  const [first, second, third] = await tokens('a.txt', 'b.bin', 'docs');
  return {
    kind: 'push',
    target: target(),
    files: [{ file: first!, mediaType: 'text/plain' }, { file: second! }, { file: third! }],
    artifactType: 'application/vnd.test',
    tags: ['v1', 'latest'],
    created: '2026-01-02T03:04:05Z',
  };
}

describe('transfers', () => {
  it('show the manifest before it is written, and write exactly that one', async () => {
    const request = await pushThree();
    const plan = await host.call('transfers.plan', { request });
    expect(plan).toMatchObject({
      itemCount: 4,
      manifestCount: 1,
      bytesPresent: 0,
      to: `${served.host}/team/app:v1`,
    });
    expect(plan.manifest!.text).toContain('"application/vnd.test"');
    const job = await run(request);
    expect(job).toMatchObject({
      state: 'done',
      title: 'Push 3 files',
      result: { digest: plan.manifest!.digest, tags: ['v1', 'latest'], sent: 4 },
      place: { target: target(), reference: 'v1' },
    });
    const answer = await served.send('/v2/team/app/manifests/latest');
    expect(answer.body.toString()).toBe(plan.manifest!.text);
    const again = await host.call('transfers.plan', { request });
    expect(again).toMatchObject({ bytes: 0 });
    // Small files are sent without asking, which costs as much.
    expect((await run(request)).result!.bytesSent).toBeLessThan(1_000);
  });

  it('are proposed by what the files are, also when one of them cannot be read', async () => {
    await writeFile(
      path.join(files, 'x.json'),
      JSON.stringify({ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT' }),
    );
    const tokensOf = await tokens('x.json', 'docs', 'a.txt');
    await rm(path.join(files, 'a.txt'));
    const { files: proposed } = await host.call('transfers.propose', { files: tokensOf });
    expect(proposed).toMatchObject([
      {
        file: tokensOf[0],
        name: 'x.json',
        kind: 'sbom-spdx',
        action: 'push',
        mediaType: expect.stringContaining('spdx'),
      },
      { name: 'docs', folder: true },
      { name: 'a.txt', error: { code: 'UNREADABLE' } },
    ]);
  });

  it('attach, copy with referrers, and pull to the same files', async () => {
    await run(await pushThree());
    const [file] = await tokens('a.txt');
    const attached = await run({
      kind: 'attach',
      target: target(),
      subject: 'v1',
      files: [{ file: file! }],
      artifactType: 'application/vnd.note',
    });
    expect(attached).toMatchObject({ state: 'done', title: 'Attach a.txt' });

    const from = { target: target(), reference: 'v1' };
    const copyRequest: TransferRequest = {
      kind: 'copy',
      from,
      to: { target: { source: 'local' } },
      referrers: true,
    };
    const plan = await host.call('transfers.plan', { request: copyRequest });
    expect(plan).toMatchObject({ manifestCount: 2, bytesPresent: 0 });
    const copied = await run(copyRequest);
    expect(copied).toMatchObject({ state: 'done', result: { manifests: 2, failed: 0 } });
    expect(copied.command).toMatch(/^oras cp -r --from-plain-http --to-oci-layout /);
    const { output } = await host.collect('graph.walk', { target: { source: 'local' }, reference: 'v1' });
    expect(output.complete).toBe(true);

    picked = path.join(host.folder, 'pulled');
    const [folder] = (await host.call('files.pick', { what: 'save-folder' })).files;
    const pulled = await run({
      kind: 'pull',
      target: { source: 'local' },
      reference: 'v1',
      folder: folder!.token,
      existing: 'keep',
    });
    expect(pulled).toMatchObject({ state: 'done', result: { sent: 3, failed: 0 } });
    const into = path.join(host.folder, 'pulled');
    expect((await readdir(into)).sort()).toEqual(['a.txt', 'b.bin', 'docs']);
    expect(await readFile(path.join(into, 'docs', 'c.md'), 'utf8')).toBe('# third');
    expect((await readFile(path.join(into, 'b.bin'))).equals(Buffer.alloc(300_000, 7))).toBe(true);
  });

  it('export to an archive, import that elsewhere, and delete with referrers after showing what goes', async () => {
    const { result } = await run(await pushThree());
    const [note] = await tokens('a.txt');
    await run({
      kind: 'attach',
      target: target(),
      subject: 'v1',
      files: [{ file: note! }],
      artifactType: 'application/spdx+json',
    });
    picked = path.join(host.folder, 'out.tar');
    const [archive] = (await host.call('files.pick', { what: 'save-archive', suggestedName: 'out.tar' }))
      .files;
    const from = { target: target(), reference: 'v1' };
    const exported = await run({ kind: 'export', from, file: archive!.token, referrers: true });
    expect(exported).toMatchObject({ state: 'done', result: { digest: result!.digest, manifests: 2 } });

    const [dropped] = await host.services.grantFiles([picked]);
    const other = { ...target(), repository: 'team/other' };
    for (const to of [other, { source: 'local' }]) {
      const request: TransferRequest = { kind: 'import', file: dropped!.token, target: to };
      expect(await host.call('transfers.plan', { request })).toMatchObject({ manifestCount: 2 });
      const imported = await run(request);
      expect(imported).toMatchObject({ state: 'done', result: { failed: 0 } });
    }

    const request: TransferRequest = {
      kind: 'delete',
      target: other,
      reference: result!.digest!,
      referrers: true,
    };
    const plan = await host.call('transfers.plan', { request });
    expect(plan.removal).toMatchObject({
      digest: result!.digest,
      tags: ['v1'],
      referrers: [{ kind: 'sbom-spdx', title: 'SBOM · SPDX', tags: [] }],
      indexes: [],
      canUntag: true,
    });
    expect(await run(request)).toMatchObject({ state: 'done', result: { manifests: 2 } });
    expect((await served.send(`/v2/team/other/manifests/${result!.digest}`)).status).toBe(404);
    expect((await served.send(`/v2/team/app/manifests/${result!.digest}`)).status).toBe(200);
    expect(await run(request)).toMatchObject({ state: 'failed', error: { code: 'NOT_FOUND' } });
  });

  it('fail with what to do next, go on with others, and can be tried again', async () => {
    const request = await pushThree();
    const missing: TransferRequest = {
      ...request,
      target: { ...target(), repository: 'team/other' },
    } as never;
    await served.stop();
    const failed = await run(missing);
    expect(failed).toMatchObject({
      state: 'failed',
      error: { code: 'UNREACHABLE', hint: expect.any(String) },
    });
    const local = await run({ ...request, target: { source: 'local' } } as never);
    expect(local.state).toBe('done');
    await host.call('transfers.retry', { ids: [failed.id] });
    expect((await host.call('transfers.list', {})).jobs[0]).toMatchObject({ id: failed.id });
    await host.call('transfers.cancel', { ids: [failed.id] });
    await host.call('transfers.clear', {});
    expect((await host.call('transfers.list', {})).jobs).toEqual([]);
  });

  it('send nothing that an earlier attempt has finished', async () => {
    const proxy = await startFaultProxy(served.host);
    await host.call('sources.add', { kind: 'registry', location: proxy.host, plainHttp: true });
    const request = {
      ...(await pushThree()),
      target: { ...target(), source: `registry:${proxy.host}` },
    } as never;
    proxy.spoil(({ method, target: asked }) =>
      method === 'PUT' && asked.includes('/manifests/')
        ? { kind: 'answer', status: 403, body: '{"errors":[{"code":"DENIED"}]}' }
        : undefined,
    );
    const failed = await run(request);
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'DENIED' } });
    proxy.forget();
    await host.call('transfers.retry', { ids: [failed.id] });
    await until(() => jobs.find(({ id }) => id === failed.id)?.state === 'done');
    expect(jobs.find(({ id }) => id === failed.id)!.result).toMatchObject({
      sent: 0,
      present: 4,
      bytesSent: 0,
    });
    await proxy.close();
  });

  it('take no path from a window, and no token for another use', async () => {
    const request = await pushThree();
    const file = path.join(files, 'a.txt');
    for (const token of [file, '', 'x'.repeat(100)]) {
      await expect(
        host.call('transfers.start', { request: { ...request, files: [{ file: token }] } as never }),
      ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    const [readable] = await tokens('docs');
    await expect(
      host.call('transfers.start', {
        request: {
          kind: 'pull',
          target: target(),
          reference: 'v1',
          folder: readable!,
          existing: 'overwrite',
        },
      }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await host.call('transfers.list', {})).jobs).toEqual([]);
  });

  it('are remembered over a restart with their results, and belong to one program at a time', async () => {
    const { id } = await run(await pushThree());
    const { folder } = host;
    const second = await startHost({ folder });
    const listed = await second.call('transfers.list', {});
    expect(listed).toMatchObject({ jobs: [], locked: { code: 'CONFLICT', hint: expect.any(String) } });
    await second.stop();
    await host.stop();
    await start(folder);
    expect((await host.call('transfers.list', {})).jobs).toMatchObject([
      { id, state: 'done', result: { sent: 4 } },
    ]);
  });

  it('keep nothing on the disk until one is started or asked for', async () => {
    await host.call('sources.list', {});
    expect(await readdir(host.dataFolder)).not.toContain('transfers');
  });

  it('set and remove tags, and say what undoes it', async () => {
    const { result } = await run(await pushThree());
    const digest = result!.digest!;
    expect(await host.call('tags.set', { target: target(), reference: digest, tag: 'stable' })).toEqual({
      digest,
    });
    expect(await host.call('tags.set', { target: target(), reference: 'v1', tag: 'stable' })).toEqual({
      digest,
      before: digest,
    });
    expect(await host.call('tags.remove', { target: target(), tag: 'stable' })).toEqual({ digest });
    await expect(host.call('tags.remove', { target: target(), tag: 'stable' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(
      host.call('tags.set', { target: target(), reference: 'v1', tag: '../x' }),
    ).rejects.toMatchObject({ code: 'INVALID_REFERENCE' });
  });
});
