import { cleanup, configure, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../../../shared/contract/client.ts';
import { TallymanError } from '../../../../shared/errors/tallyman-error.ts';
import { App } from '../../app.tsx';
import { ClientProvider } from '../../client/client-provider.tsx';
import { createFakeClient } from '../../testing/fake-client.ts';
import { layOutPage } from '../../testing/laid-out-page.ts';

layOutPage();
configure({ asyncUtilTimeout: 8000 });

beforeEach(() => {
  window.localStorage.clear();
  window.sessionStorage.clear();
  window.history.replaceState(null, '', '#/repository/layout%3A%2Fhome%2Fada%2Frelease-layout');
});
afterEach(cleanup);

interface Opened {
  readonly dialog: HTMLElement;
  readonly user: ReturnType<typeof userEvent.setup>;
  readonly calls: readonly { readonly name: string; readonly input: unknown }[];
}

/** The window with a dialog that was asked for by a command, as from the native menu. */
async function openDialog(
  command: string,
  title: string,
  change?: (client: Client) => Client,
): Promise<Opened> {
  const fake = createFakeClient();
  const client = change?.(fake) ?? fake;
  render(<App>{(content) => <ClientProvider client={client}>{content}</ClientProvider>}</App>);
  await screen.findByRole('treeitem', { name: 'release-layout, layout' });
  fake.broadcast('command.run', { command });
  return {
    dialog: await screen.findByRole('dialog', { name: title }),
    user: userEvent.setup(),
    calls: fake.calls,
  };
}

/** A client of which one procedure never answers, until it is cancelled. */
function neverAnswering(name: string): (client: Client) => Client {
  return (client) => ({
    ...client,
    call: (called: never, input: never, options: { signal?: AbortSignal }) =>
      called === name
        ? new Promise((_resolve, reject) =>
            options.signal?.addEventListener('abort', () =>
              reject(new TallymanError({ code: 'CANCELLED', message: 'Cancelled.' })),
            ),
          )
        : client.call(called, input, options),
  });
}

describe('the dialogs about a layout as a whole', { timeout: 60_000 }, () => {
  it('say how large it is, what each number means, and lead to its rows', async () => {
    const { dialog, user } = await openDialog('store-sizes', 'Sizes of release-layout');
    const term = await within(dialog).findByText('Unique', { selector: 'dt' });
    expect(term.parentElement?.textContent).toBe('Unique152.2 MBwhat the rows need, each blob counted once');
    const row = within(dialog).getByRole('row', { name: /1\.8\.2, latest/ });
    expect(row.textContent).toContain('55.7 MB3.1 MB52.6 MB');
    await user.click(within(row).getByRole('button'));
    await waitFor(() => expect(window.location.hash).toContain('#/artifact/'));
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('check everything, and repair only after a second word', async () => {
    const { dialog, user, calls } = await openDialog('store-check', 'Check release-layout');
    await within(dialog).findByText('1 corrupt blob, 1 missing blob');
    await user.click(within(dialog).getByRole('button', { name: 'Repair…' }));
    within(dialog).getByText('Nothing is deleted by a repair');
    expect(document.activeElement).toBe(within(dialog).getByRole('button', { name: 'Back' }));
    expect(calls.map(({ name }) => name)).not.toContain('store.repair');
    await user.click(within(dialog).getByRole('button', { name: 'Move into quarantine' }));
    await within(dialog).findByText('1 blob moved into quarantine');
    expect(calls.filter(({ name }) => name === 'store.repair')).toEqual([
      { name: 'store.repair', input: { source: 'layout:/home/ada/release-layout' } },
    ]);
  });

  it('offer what can replace an index.json that cannot be read', async () => {
    const { dialog, user, calls } = await openDialog('store-check', 'Check release-layout', (client) => ({
      ...client,
      call: (async (name: never, input: never, options: never) => {
        const answer: object = await client.call(name, input, options);
        return name === 'store.check'
          ? { ...answer, problems: [], problemCounts: [{ kind: 'index', count: 1 }], hasPreviousIndex: true }
          : answer;
      }) as Client['call'],
    }));
    await user.click(await within(dialog).findByRole('button', { name: 'Repair…' }));
    await user.click(within(dialog).getByRole('radio', { name: 'A new one, from the manifests' }));
    within(dialog).getByText(/All tags are lost/);
    await user.click(within(dialog).getByRole('button', { name: 'Replace index.json' }));
    await waitFor(() =>
      expect(calls.at(-1)).toMatchObject({ name: 'store.repair', input: { index: 'rebuild' } }),
    );
  });

  it('stop what they began when they are closed', async () => {
    const { dialog, user } = await openDialog(
      'store-check',
      'Check release-layout',
      neverAnswering('store.check'),
    );
    within(dialog).getByRole('progressbar', { name: 'Reading everything' });
    await screen.findByText('Checking a layout');
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await screen.findByText('Nothing under way');
  });

  it('list what a clean-up takes, follow the choices, and then take it', async () => {
    const { dialog, user, calls } = await openDialog('store-clean-up', 'Clean up release-layout');
    await within(dialog).findByRole('button', { name: 'Remove 2 blobs, 60.9 MB' });
    expect(within(dialog).getAllByRole('listitem')).toHaveLength(2);
    await user.click(within(dialog).getByRole('radio', { name: 'Nothing' }));
    await user.click(within(dialog).getByRole('switch', { name: /Keep what is attached/ }));
    await user.click(await within(dialog).findByRole('button', { name: 'Remove 4 blobs, 61.8 MB' }));
    await within(dialog).findByText('61.8 MB freed: 4 blobs removed');
    expect(calls.at(-1)).toEqual({
      name: 'store.collectGarbage',
      input: { source: 'layout:/home/ada/release-layout', grace: 0, keepReferrers: false, sparse: false },
    });
  });

  it('say why nothing can be cleaned up, and offer the check and the way around', async () => {
    const { dialog, user, calls } = await openDialog(
      'store-clean-up',
      'Clean up release-layout',
      (client) => ({
        ...client,
        call: ((name: never, input: { sparse?: boolean }, options: never) => {
          if (name === 'store.findGarbage' && input.sparse === false)
            return Promise.reject(
              new TallymanError({
                code: 'CONFLICT',
                message: 'Nothing is removed.',
                details: { cause: 'MISSING' },
              }),
            );
          return client.call(name, input as never, options);
        }) as Client['call'],
      }),
    );
    await within(dialog).findByRole('alert');
    await user.click(within(dialog).getByRole('switch', { name: /Go on where an index lists/ }));
    await within(dialog).findByRole('button', { name: /^Remove 2 blobs/ });
    await user.click(within(dialog).getByRole('switch', { name: /Go on where an index lists/ }));
    await user.click(await within(dialog).findByRole('button', { name: 'Check…' }));
    await screen.findByRole('dialog', { name: 'Check release-layout' });
    expect(calls.map(({ name }) => name)).not.toContain('store.collectGarbage');
  });

  it('serve it, show that in the sidebar with command lines to copy, and stop', async () => {
    const { dialog, user } = await openDialog('store-serve', 'Serve release-layout');
    const port = within(dialog).getByRole('textbox', { name: 'Port' });
    expect(document.activeElement).toBe(port);
    await user.type(port, '99999');
    within(dialog).getByText(/A number up to 65535/);
    await user.clear(port);
    await user.type(port, '80{Enter}');
    await within(dialog).findByRole('alert');
    await user.clear(port);
    await user.type(port, '5055');
    await user.click(within(dialog).getByRole('switch', { name: /Ask for a token/ }));
    await user.click(within(dialog).getByRole('button', { name: 'Serve' }));

    const serving = await screen.findByRole('dialog', { name: 'Serving release-layout' });
    within(serving).getByText('docker pull localhost:5055/team/app:1.8.2');
    within(serving).getByText('made-for-this-run');
    await user.keyboard('{Escape}');
    const mark = await screen.findByRole('button', { name: 'Served at localhost:5055, read-only' });
    await user.click(mark);
    await user.click(await screen.findByRole('button', { name: 'Stop serving' }));
    await screen.findByRole('dialog', { name: 'Serve release-layout' });
    await waitFor(() => expect(screen.queryByRole('button', { name: /Served at/ })).toBeNull());
  });
});
