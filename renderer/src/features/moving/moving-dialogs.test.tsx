import { cleanup, configure, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TransferRequest } from '../../../../shared/contract/transfer-request.ts';
import { App } from '../../app.tsx';
import { ClientProvider } from '../../client/client-provider.tsx';
import { createFakeClient } from '../../testing/fake-client.ts';
import type { FakeClient, FakeOptions } from '../../testing/fake-client.ts';
import { layOutPage } from '../../testing/laid-out-page.ts';

layOutPage();
configure({ asyncUtilTimeout: 8000 });

beforeEach(() => {
  window.localStorage.clear();
  window.sessionStorage.clear();
});
afterEach(cleanup);

const REPOSITORY = '#/repository/registry:registry.acme.example/team/app?selected=1.8.2';
const TEAM_APP = { source: 'registry:registry.acme.example', repository: 'team/app' };

interface Opened {
  readonly client: FakeClient;
  readonly user: ReturnType<typeof userEvent.setup>;
  /** Runs a command as the native menu does, and answers the dialog that it shows. */
  readonly open: (command: string) => Promise<HTMLElement>;
  /** What the queue was asked for last. */
  readonly started: () => TransferRequest | undefined;
}

async function openWindow(address = REPOSITORY, options: FakeOptions = {}): Promise<Opened> {
  window.history.replaceState(null, '', address);
  const client = createFakeClient(options);
  render(<App>{(content) => <ClientProvider client={client}>{content}</ClientProvider>}</App>);
  await screen.findByRole('tab', { name: 'Overview' });
  return {
    client,
    user: userEvent.setup(),
    open: async (command) => {
      client.broadcast('command.run', { command });
      return await screen.findByRole('dialog');
    },
    started: () => {
      const call = client.calls.findLast(({ name }) => name === 'transfers.start');
      return (call?.input as { request: TransferRequest } | undefined)?.request;
    },
  };
}

/** What a browser hands over with a drop: as much of it as the page looks at. */
function dropOf(parts: {
  readonly files?: readonly File[];
  readonly data?: Readonly<Record<string, string>>;
}): object {
  const { files = [], data = {} } = parts;
  return {
    types: [...(files.length > 0 ? ['Files'] : []), ...Object.keys(data)],
    files,
    items: files.map((file) => ({ kind: 'file', webkitGetAsEntry: () => null, getAsFile: () => file })),
    getData: (type: string) => data[type] ?? '',
  };
}

describe('the dialogs that move things', { timeout: 60_000 }, () => {
  it('show the manifest of a push before it is written, and then the transfer', async () => {
    const { open, user, started } = await openWindow();
    const dialog = await open('push');
    within(dialog).getByText('Choose files first.');
    await user.click(within(dialog).getByRole('button', { name: 'Add files…' }));
    await user.type(await within(dialog).findByRole('textbox', { name: 'Tags' }), '1.9.0, latest');
    const type = within(dialog).getByRole('textbox', { name: 'Artifact type' });
    await waitFor(() => expect((type as HTMLInputElement).value).toBe('application/spdx+json'));
    within(dialog).getByText('SBOM · SPDX');
    await user.clear(type);
    await user.type(type, 'application/x');
    const mediaType = within(dialog).getByRole('textbox', { name: /^Media type of sbom/ });
    await user.clear(mediaType);
    await user.type(mediaType, 'text/y');
    await user.click(await within(dialog).findByRole('radio', { name: 'Manifest' }));
    expect(within(dialog).getByLabelText('Manifest').textContent).toContain('"schemaVersion": 2');
    await user.click(within(dialog).getByRole('button', { name: 'Push' }));
    await screen.findByRole('region', { name: 'Transfers' });
    expect(started()).toMatchObject({
      kind: 'push',
      target: TEAM_APP,
      files: [{ file: 'token of sbom.spdx.json', mediaType: 'text/y' }],
      artifactType: 'application/x',
      tags: ['1.9.0', 'latest'],
      created: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
  });

  it('want a type for what is attached, and names for annotations', async () => {
    const { open, user, started } = await openWindow();
    const dialog = await open('attach');
    expect(dialog.getAttribute('aria-labelledby')).not.toBeNull();
    within(dialog).getByText('Attach to team/app:1.8.2');
    await user.click(within(dialog).getByRole('button', { name: 'Add files…' }));
    const type = within(dialog).getByRole('textbox', { name: 'Artifact type' });
    await waitFor(() => expect((type as HTMLInputElement).value).toBe('application/spdx+json'));
    await user.clear(type);
    await within(dialog).findByText('Say what it is: an artifact type is missing.');
    await user.type(type, 'application/spdx+json');
    await user.click(within(dialog).getByText('Annotations and form'));
    const annotations = within(dialog).getByRole('textbox', { name: 'Annotations' });
    await user.type(annotations, 'no name');
    within(dialog).getByText('Each line is name=value, each name once.');
    await user.clear(annotations);
    await user.type(annotations, 'a=1');
    const attach = within(dialog).getByRole('button', { name: 'Attach' });
    await waitFor(() => expect((attach as HTMLButtonElement).disabled).toBe(false));
    await user.click(attach);
    await waitFor(() =>
      expect(started()).toMatchObject({
        kind: 'attach',
        target: TEAM_APP,
        subject: expect.stringMatching(/^sha256:9f2c1a7be04d/) as string,
        artifactType: 'application/spdx+json',
        annotations: { a: '1' },
      }),
    );
  });

  it('copy to another place, whole or in part', async () => {
    const { open, user, started } = await openWindow();
    const dialog = await open('copy-to');
    await user.selectOptions(within(dialog).getByRole('combobox', { name: 'To' }), 'localhost:5000');
    const repository = within(dialog).getByRole('textbox', { name: 'Repository' });
    await user.clear(repository);
    await user.type(repository, 'Team');
    within(dialog).getByText(/Lower case/);
    await user.clear(repository);
    await user.type(repository, 'mirror/app');
    await user.type(within(dialog).getByRole('textbox', { name: 'Platforms' }), 'linux/amd64');
    await user.click(within(dialog).getByRole('switch'));
    const copy = within(dialog).getByRole('button', { name: 'Copy' });
    await waitFor(() => expect((copy as HTMLButtonElement).disabled).toBe(false));
    await user.click(copy);
    await waitFor(() =>
      expect(started()).toEqual({
        kind: 'copy',
        from: { target: TEAM_APP, reference: '1.8.2' },
        to: { target: { source: 'registry:localhost:5000', repository: 'mirror/app' } },
        tags: ['1.8.2'],
        referrers: false,
        platforms: [{ os: 'linux', architecture: 'amd64' }],
      }),
    );
  });

  it('pull into a folder that is typed where the host has no dialog, and say what is wrong with it', async () => {
    const { open, user, started } = await openWindow(REPOSITORY, { host: 'web' });
    const dialog = await open('pull');
    const folder = within(dialog).getByRole('textbox', { name: 'Folder' });
    await user.type(folder, 'release');
    await within(dialog).findByText('release is not a whole path.');
    await user.clear(folder);
    await user.type(folder, '/release');
    await user.click(within(dialog).getByRole('radio', { name: 'Overwrite it' }));
    const pull = within(dialog).getByRole('button', { name: 'Pull' });
    await waitFor(() => expect((pull as HTMLButtonElement).disabled).toBe(false));
    await user.click(pull);
    await waitFor(() =>
      expect(started()).toMatchObject({
        kind: 'pull',
        folder: 'token of release',
        existing: 'overwrite',
        part: 'files',
      }),
    );
  });

  it('delete only after the name was typed when more goes than was chosen', async () => {
    const { open, user, started } = await openWindow();
    const dialog = await open('delete');
    const button = await within(dialog).findByRole('button', { name: 'Delete, with 2 tags and 1 attached' });
    within(dialog).getByText('SBOM · SPDX');
    expect((button as HTMLButtonElement).disabled).toBe(true);
    await user.type(within(dialog).getByRole('textbox', { name: 'Type 1.8.2 to delete it' }), '1.8.2');
    expect((button as HTMLButtonElement).disabled).toBe(false);
    await user.click(button);
    await waitFor(() =>
      expect(started()).toMatchObject({ kind: 'delete', target: TEAM_APP, referrers: true }),
    );
  });

  it('tag and untag, each to be taken back', async () => {
    const { client, open, user } = await openWindow();
    const dialog = await open('tag');
    await user.type(within(dialog).getByRole('textbox', { name: 'Tag' }), '-wrong');
    within(dialog).getByText(/At most 128/);
    await user.clear(within(dialog).getByRole('textbox', { name: 'Tag' }));
    await user.type(within(dialog).getByRole('textbox', { name: 'Tag' }), 'stable{Enter}');
    const notices = screen.getByRole('status', { name: 'Notices' });
    await within(notices).findByText(/Moved the tag stable/);
    await user.click(within(notices).getByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(client.calls.filter(({ name }) => name === 'tags.set')).toHaveLength(2));

    client.broadcast('command.run', { command: 'untag' });
    await within(notices).findByText(/Took the tag 1\.8\.2 away/);
    await user.click(within(notices).getByRole('button', { name: 'Undo' }));
    await within(notices).findByText('The tag 1.8.2 is back.');
    const [set] = client.calls.filter(({ name }) => name === 'tags.set').slice(2);
    expect(set?.input).toMatchObject({ target: TEAM_APP, tag: '1.8.2' });
  });

  it('take what is dropped: files on a repository, a node on a source', async () => {
    const { user, client } = await openWindow(REPOSITORY, { host: 'web' });
    const view = screen.getByRole('region', { name: /^Repository/ });
    const files = { dataTransfer: dropOf({ files: [new File(['x'], 'notes.txt')] }) };
    fireEvent.dragOver(view, files);
    screen.getByText('Drop to push into team/app');
    fireEvent.dragLeave(view, { ...files, relatedTarget: null });
    expect(screen.queryByText('Drop to push into team/app')).toBeNull();
    fireEvent.drop(view, files);
    await screen.findByText('Push to registry.acme.example/team/app');
    await waitFor(() => expect(client.calls.map(({ name }) => name)).toContain('files.drop'));
    await user.keyboard('{Escape}');

    const row = await screen.findByRole('row', { name: /1\.8\.1/ });
    const carried: Record<string, string> = {};
    fireEvent.dragStart(row, {
      dataTransfer: { setData: (type: string, text: string) => (carried[type] = text), effectAllowed: '' },
    });
    expect(carried['text/plain']).toBe('registry.acme.example/team/app:1.8.1');
    const onto = screen.getByRole('treeitem', { name: /^localhost:5000/ });
    fireEvent.drop(onto, { dataTransfer: dropOf({ data: carried }) });
    await screen.findByText('Copy team/app:1.8.1');
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Repository' }).value).toBe('team/app');
  });

  it('attach what is dropped on a node of the graph', async () => {
    await openWindow('#/artifact/registry:registry.acme.example/team/app?tag=1.8.2', { host: 'web' });
    const [card] = await screen.findAllByRole('button', { name: /^SBOM/ });
    const files = { dataTransfer: dropOf({ files: [new File(['x'], 'report.sarif')] }) };
    fireEvent.dragOver(card!, files);
    expect(card!.dataset['dropOver']).toBe('');
    fireEvent.drop(card!, files);
    await screen.findByRole('dialog', { name: /^Attach to team\/app/ });
    expect(card!.dataset['dropOver']).toBeUndefined();
  });
});

describe('the transfers', { timeout: 60_000 }, () => {
  it('can be paused, gone on with, cancelled, tried again and cleared, and say where they stand', async () => {
    const { client, user } = await openWindow();
    await client.call('transfers.start', {
      request: {
        kind: 'delete',
        target: TEAM_APP,
        reference: '1.8.2',
        referrers: false,
      },
    });
    const summary = await screen.findByRole('button', { name: 'Transfers: 1 running' });
    expect(summary.textContent).toContain('61 % · 84.0 MB/s · 1 s left');
    await user.keyboard('{Control>}j{/Control}');
    const drawer = await screen.findByRole('region', { name: 'Transfers' });
    const job = await within(drawer).findByRole('listitem', { name: /team\/app:1\.4\.0/ });
    await user.click(within(job).getByRole('button', { name: /^Pause/ }));
    await within(job).findByText('Paused at 61 % of 100.0 MB');
    await user.click(within(job).getByRole('button', { name: /^Unfold/ }));
    await within(job).findByText('rootfs.tar.gz');
    within(job).getByText('there already');
    within(job).getByText(/^oras push localhost:5000/);
    await user.click(within(job).getByRole('button', { name: /^Go on with/ }));
    await user.click(await within(job).findByRole('button', { name: /^Cancel/ }));
    await within(job).findByText('Cancelled');
    await user.click(within(job).getByRole('button', { name: /^Try again/ }));
    await user.click(await within(job).findByRole('button', { name: /^Cancel/ }));
    await user.click(await within(drawer).findByRole('button', { name: 'Clear finished' }));
    await within(drawer).findByText(/^Nothing was moved yet/);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Transfers' })).toBeNull());
  });
});
