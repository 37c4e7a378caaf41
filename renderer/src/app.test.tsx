import { cleanup, configure, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { App } from './app.tsx';
import { ClientProvider } from './client/client-provider.tsx';
import type { Client } from '../../shared/contract/client.ts';
import { hasHiddenCharacter } from '../../shared/display/display-text.ts';
import { formatAddress } from './navigation/address.ts';
import { repositoryView } from './navigation/view.ts';
import { createFakeClient } from './testing/fake-client.ts';
import { fakeDigest } from './testing/fake-digest.ts';
import { hostileTexts } from './testing/hostile-texts.ts';
import type { FakeClient, FakeOptions } from './testing/fake-client.ts';
import { layOutPage } from './testing/laid-out-page.ts';

layOutPage();
configure({ asyncUtilTimeout: 8000 });

beforeEach(() => {
  window.localStorage.clear();
  window.sessionStorage.clear();
  window.history.replaceState(null, '', '#/');
});
afterEach(cleanup);

/** The whole window on invented data. */
function openWindow(
  address = '#/',
  options: FakeOptions = {},
): { readonly client: FakeClient; readonly user: ReturnType<typeof userEvent.setup> } {
  window.history.replaceState(null, '', address);
  const client = createFakeClient({ hugeTags: 2000, ...options });
  render(<App>{(content) => <ClientProvider client={client}>{content}</ClientProvider>}</App>);
  return { client, user: userEvent.setup() };
}

const address = (): string => window.location.hash;

describe('the window', { timeout: 60_000 }, () => {
  it('goes from nothing to an artifact without a mouse: bar, rows, graph, and back', async () => {
    const { user } = openWindow();
    await screen.findByRole('heading', { name: 'Tallyman' });
    await user.keyboard('{Control>}k{/Control}');
    const bar = await screen.findByRole('combobox');
    await user.type(bar, 'registry.acme.example/team/app{Enter}');
    const table = await screen.findByRole('grid', { name: /Tags of/ });
    await within(table).findByText('9f2c1a7be04d');
    // What was opened has the focus: the next key is its own.
    expect(document.activeElement).toBe(table);
    await user.keyboard('{ArrowDown}{Enter}');
    await waitFor(() =>
      expect(address()).toBe('#/artifact/registry:registry.acme.example/team/app?tag=1.8.2'),
    );
    await user.keyboard('{Alt>}{ArrowLeft}{/Alt}');
    await waitFor(() =>
      expect(address()).toBe('#/repository/registry:registry.acme.example/team/app?selected=1.8.2'),
    );
    expect((await screen.findByRole('row', { selected: true })).textContent).toContain('1.8.2');
  });

  it('builds the sample graph from the start view and opens it', async () => {
    const { client, user } = openWindow('#/', { firstStart: true });
    await user.click(await screen.findByRole('button', { name: /Create the sample graph/ }));
    await waitFor(() => expect(address()).toBe('#/artifact/local?tag=sample'));
    expect(client.calls.map(({ name }) => name)).toContain('sample.create');
  });

  it('says what is wrong with a place that cannot be opened, where it was typed, and keeps what was typed', async () => {
    const { user } = openWindow();
    await user.keyboard('{Control>}k{/Control}');
    const bar = await screen.findByRole('combobox');
    await user.type(bar, 'not a place!{Enter}');
    expect((await screen.findByRole('alert')).textContent).toContain('Write it like');
    expect((bar as HTMLInputElement).value).toBe('not a place!');
  });

  it('shows a warning of a registry once, with its name', async () => {
    const { client } = openWindow();
    await screen.findByRole('heading', { name: 'Tallyman' });
    const warn = (): void =>
      client.broadcast('registry.warning', {
        source: 'registry:registry.acme.example',
        text: 'This registry moves in May.',
      });
    warn();
    warn();
    await screen.findByText('This registry moves in May.');
    expect(screen.getAllByText('This registry moves in May.')).toHaveLength(1);
    within(screen.getByRole('status', { name: 'Notices' })).getByText('registry.acme.example');
  });

  it('runs a command of the native menu', async () => {
    const { client } = openWindow();
    await screen.findByRole('heading', { name: 'Tallyman' });
    client.broadcast('command.run', { command: 'help' });
    await screen.findByRole('dialog', { name: 'Keyboard and help' });
  });

  it('opens the place of the command line only when the window has no address of its own', async () => {
    const { client } = openWindow('#/repository/registry:registry.acme.example/team/api');
    await screen.findByRole('grid', { name: /Tags of/ });
    expect(client.calls.map(({ name }) => name)).not.toContain('place.resolve');
  });
});

describe('the sources', { timeout: 60_000 }, () => {
  it('are a tree: arrows move, right opens a registry, letters find a repository, Enter opens it', async () => {
    const { user } = openWindow();
    const tree = await screen.findByRole('tree', { name: 'Sources' });
    const registry = await within(tree).findByRole('treeitem', { name: /localhost:5000/ });
    expect(registry.getAttribute('aria-expanded')).toBe('false');
    tree.focus();
    await user.keyboard('local');
    await waitFor(() => expect(tree.getAttribute('aria-activedescendant')).not.toBeNull());
    await user.keyboard('{End}{Home}{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}{ArrowRight}');
    expect(registry.getAttribute('aria-expanded')).toBe('true');
    await within(tree).findByRole('treeitem', { name: 'team/base' });
    await new Promise((resolve) => setTimeout(resolve, 800));
    await user.keyboard('gate{Enter}');
    await waitFor(() => expect(address()).toBe('#/repository/registry:localhost:5000/team/gateway'));
    await waitFor(() => expect(document.activeElement?.getAttribute('role')).toBe('grid'));
  });

  it('of a registry without a catalog show the pinned repositories and one line that says why', async () => {
    openWindow();
    const tree = await screen.findByRole('tree', { name: 'Sources' });
    await within(tree).findByRole('treeitem', { name: 'org/tool, pinned' });
    const why = await within(tree).findByText('No catalog: type a name');
    expect(why.closest('[role="treeitem"]')?.getAttribute('title')).toContain('404');
  });

  it('add a registry and open it', async () => {
    const { client, user } = openWindow();
    await user.click(await screen.findByRole('button', { name: /Add a registry/ }));
    await user.type(await screen.findByLabelText('Host'), 'new.example:5000{Enter}');
    await waitFor(() => expect(address()).toBe('#/source/registry:new.example:5000'));
    expect(client.calls.find(({ name }) => name === 'sources.add')?.input).toEqual({
      kind: 'registry',
      location: 'new.example:5000',
    });
    await screen.findByRole('treeitem', { name: /new\.example:5000/ });
  });

  it('tell in the dialog why a path is no layout', async () => {
    const { user } = openWindow();
    await user.click(await screen.findByRole('button', { name: /Open an image layout/ }));
    await user.type(await screen.findByLabelText('Path'), '/home/ada/photos{Enter}');
    expect((await screen.findByRole('alert')).textContent).toContain('holds no file “oci-layout”');
  });
});

describe('a registry', { timeout: 60_000 }, () => {
  it('lists its repositories, pinned ones first; arrows and Enter open one, letters filter', async () => {
    const { user } = openWindow('#/source/registry:localhost:5000');
    const list = await screen.findByRole('grid', { name: 'Repositories' });
    await within(list).findByText('gateway');
    list.focus();
    await user.keyboard('metr');
    expect(await screen.findByText('1 repository')).toBeDefined();
    await user.keyboard('{ArrowDown}{Enter}');
    await waitFor(() => expect(address()).toBe('#/repository/registry:localhost:5000/team/metrics'));
  });

  it('pins a repository to the sidebar', async () => {
    const { client, user } = openWindow('#/source/registry:localhost:5000');
    const row = await screen.findByRole('row', { name: 'team/docs' });
    await user.click(within(row).getByRole('button', { name: 'Pin to the sidebar' }));
    await screen.findByRole('row', { name: 'team/docs, pinned' });
    expect(client.calls.find(({ name }) => name === 'sources.pin')?.input).toEqual({
      source: 'registry:localhost:5000',
      repository: 'team/docs',
      pinned: true,
    });
  });

  it('that has no catalog offers to type a repository, its host written already', async () => {
    const { user } = openWindow('#/source/registry:nocatalog.example');
    await user.click(await screen.findByRole('button', { name: 'Type a repository…' }));
    expect((await screen.findByRole<HTMLInputElement>('combobox')).value).toBe('nocatalog.example/');
  });
});

describe('a repository', { timeout: 60_000 }, () => {
  const place = (repository: string): string => `#/repository/registry:registry.acme.example/${repository}`;

  it('has one row for each digest once its few tags are resolved, and folds companions away with their number', async () => {
    const { user } = openWindow(place('team/app'));
    const table = await screen.findByRole('grid', { name: /Tags of/ });
    await screen.findByText(/91 digests · 22 folded/);
    expect(within(table).queryByText(/….sig$/)).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Show companions (22)' }));
    expect((await within(table).findAllByText(/\.sig$/)).length).toBeGreaterThan(0);
    await waitFor(() => expect(address()).toContain('companions=shown'));
  });

  it('filters while one types in the table itself', async () => {
    const { user } = openWindow(place('team/app'));
    const table = await screen.findByRole('grid', { name: /Tags of/ });
    await screen.findByText(/91 digests/);
    table.focus();
    await user.keyboard('chart');
    await screen.findByText(/^1 row of/);
    expect(screen.getByRole<HTMLInputElement>('searchbox', { name: /Filter 126 tags/ }).value).toBe('chart');
    await user.keyboard('zzz');
    await screen.findByText(/No tag has/);
    await user.click(screen.getByRole('button', { name: 'Clear the filter' }));
    await screen.findByText(/91 digests/);
  });

  it('with many tags has one row for each, says so, and reads digests only of rows in sight', async () => {
    const { client, user } = openWindow(place('huge/app'));
    await screen.findByText(/a row is a tag/);
    const asked = client.calls
      .filter(({ name }) => name === 'repository.resolve')
      .flatMap(({ input }) => (input as { readonly tags: readonly string[] }).tags);
    expect(asked.length).toBeLessThan(100);
    await user.click(screen.getByRole('radio', { name: 'Date' }));
    await screen.findByText(/filter to 300 or fewer/);
  });

  it('tells "could not look" from "nothing attached"', async () => {
    openWindow(`${place('team/app')}?filter=nightly`);
    await screen.findByText('Could not look');
    expect(screen.queryByRole('img', { name: 'Nothing attached' })).toBeNull();
  });

  it.each([
    ['empty/app', 'Nothing in here', 'Read again'],
    ['gone/app', 'Not there', 'Try again'],
    ['private/ops', 'No right to look here', 'Sign in…'],
    ['broken/html', 'That is no registry answer', 'Try again'],
  ])('such as %s shows a picture of its own: %j', async (repository, title, nextStep) => {
    openWindow(place(repository));
    await screen.findByRole('heading', { name: title });
    expect(
      within(screen.getByRole('main')).getAllByRole('button', { name: nextStep }).length,
    ).toBeGreaterThan(0);
  });

  it('that wants an account opens after signing in there and then', async () => {
    const { client, user } = openWindow(place('private/app'));
    await user.click(await screen.findByRole('button', { name: 'Sign in…' }));
    await user.type(await screen.findByLabelText('Password or token'), 'wrong');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    await screen.findByText(/refused the user name or the password/);
    await user.clear(screen.getByLabelText('Password or token'));
    await user.type(screen.getByLabelText('Password or token'), 'right');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    const before = client.calls.filter(({ name }) => name === 'repository.entries').length;
    expect(before).toBeGreaterThan(1);
  });

  it('that is a layout offers everything in one graph', async () => {
    const { user } = openWindow('#/repository/layout:%2Fhome%2Fada%2Frelease-layout');
    await user.click(await screen.findByRole('button', { name: 'Whole graph' }));
    await waitFor(() => expect(address()).toBe('#/artifact/layout:%2Fhome%2Fada%2Frelease-layout'));
  });
});

describe('foreign text', { timeout: 60_000 }, () => {
  it('is shown as text wherever a name of a layout or registry stands: rows, sidebar, bar, tabs, notices', async () => {
    const texts = hostileTexts();
    const client = createFakeClient();
    const hostile: Client = {
      ...client,
      async call(name, input, options) {
        if (name === 'repository.entries') {
          const entries = texts.map((tag, at) => ({
            tag,
            digest: fakeDigest(String(at)),
            mediaType: tag,
            size: 1,
          }));
          options?.onStep?.({ entries } as never);
          return { total: entries.length } as never;
        }
        if (name === 'repositories.list') {
          options?.onStep?.({ repositories: [...texts] } as never);
          return { total: texts.length } as never;
        }
        return client.call(name, input, options);
      },
    };
    window.history.replaceState(
      null,
      '',
      formatAddress(repositoryView({ source: 'registry:registry.acme.example', repository: texts[0] ?? '' })),
    );
    render(<App>{(content) => <ClientProvider client={hostile}>{content}</ClientProvider>}</App>);
    for (const text of texts) client.broadcast('registry.warning', { source: text, text });
    const table = await screen.findByRole('grid', { name: /Tags of/ });
    await waitFor(() => expect(within(table).getAllByRole('row').length).toBeGreaterThan(10));
    await screen.findByRole('status', { name: 'Notices' });
    expect(
      document.querySelectorAll('script, iframe, img, style, link, object, [onload], [onerror]'),
    ).toHaveLength(0);
    expect(hasHiddenCharacter(document.body.textContent)).toBe(false);
    expect('__pwn' in window).toBe(false);
  });
});
