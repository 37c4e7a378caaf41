import { cleanup, configure, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../../../shared/contract/client.ts';
import type { GraphNode, GraphStep, GraphSummary } from '../../../../shared/contract/graph.ts';
import { TallymanError } from '../../../../shared/errors/tallyman-error.ts';
import { artifactView, type ArtifactView as ArtifactAddress } from '../../navigation/view.ts';
import { createFakeClient, TEAM_APP } from '../../testing/fake-client.ts';
import { hostileTexts } from '../../testing/hostile-texts.ts';
import { layOutPage } from '../../testing/laid-out-page.ts';
import { WindowAround, type Went } from '../../testing/window-around.tsx';
import { ArtifactView } from './artifact-view.tsx';

layOutPage();
// A busy machine is no reason to fail.
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 30_000 });
afterEach(cleanup);

function show(tag: string, more: Partial<ArtifactAddress> = {}, client: Client = createFakeClient()): Went {
  const went: Went = [];
  const view = { ...artifactView(TEAM_APP, { tag }), ...more };
  render(
    <WindowAround client={client} view={view} went={went}>
      {(now) => now.kind === 'artifact' && <ArtifactView view={now} />}
    </WindowAround>,
  );
  return went;
}

/** A client whose walk ends as told; every other call waits for ever. */
function walking(walk: (step: (one: GraphStep) => void) => Promise<GraphSummary>): Client {
  return {
    call: (name: string, _: unknown, options: { onStep?: (one: GraphStep) => void } = {}) =>
      name === 'graph.walk' ? walk((one) => options.onStep?.(one)) : new Promise(() => undefined),
    on: () => () => undefined,
  } as unknown as Client;
}

function rowTexts(): string[] {
  return screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => within(row).getAllByRole('gridcell')[0]?.textContent ?? '');
}

describe('the artifact view', () => {
  it('shows the graph as cards that say in words what they are and what they belong to', async () => {
    show('1.8.2');
    expect(
      await screen.findByRole('button', {
        name: /^SBOM · SPDX, a81d93c2.*attached to Image index, found by referrers API and fallback tag/,
      }),
    ).toBeTruthy();
    expect(await screen.findByRole('button', { name: /^Notation signature.*Damaged/ })).toBeTruthy();
    expect(
      screen.getByRole('button', { name: /^Cosign signature.*Signature present, not checked$/ }),
    ).toBeTruthy();
    expect(screen.getByRole('button', { name: /^Image index.*what was opened/ })).toBeTruthy();
  });

  it('counts what it shows, and names what has a problem', async () => {
    show('1.8.2');
    const status = await screen.findByText('1 problem');
    expect(status.closest('p')?.textContent).toBe('10 nodes4 sources31.2 MB1 problem');
    expect(status.closest('p')?.title).toContain('each digest counted once');
  });

  it('selects by pointer, and by the arrow keys along the lines', async () => {
    const user = userEvent.setup();
    const went = show('1.8.2');
    await screen.findByText('1 problem');
    const card = await screen.findByRole('button', { name: /^Image index/ });
    card.focus();
    fireEvent.click(card);
    await user.keyboard('{ArrowRight}');
    await user.keyboard('{ArrowLeft}');
    const root = went[0]?.view;
    expect(root).toMatchObject({ selected: expect.stringMatching(/^sha256:9f2c1a7b/) as unknown });
    expect(went.map(({ options }) => options)).toEqual([
      { replace: true },
      { replace: true },
      { replace: true },
    ]);
    expect(went[2]?.view).toEqual(root);
    expect(went[1]?.view).not.toEqual(root);
    expect(document.activeElement?.getAttribute('data-stop')).toMatch(/^sha256:9f2c1a7b/);
  });

  it('has exactly one card in the order of Tab', async () => {
    show('1.8.2');
    await screen.findByRole('button', { name: /^Notation signature.*Damaged/ });
    expect(document.querySelectorAll('[data-stop][tabindex="0"]')).toHaveLength(1);
  });

  it('shows many of one kind as one card, which Space opens and closes', async () => {
    const user = userEvent.setup();
    show('fan-40');
    const cluster = await screen.findByRole('button', {
      name: /^32 of one kind: Cosign signature/,
      expanded: false,
    });
    cluster.focus();
    await user.keyboard(' ');
    const header = await screen.findByRole('button', { name: /^32 of one kind/, expanded: true });
    await waitFor(() => expect(document.activeElement).toBe(header));
    expect(screen.getAllByRole('button', { name: /^Cosign signature/ }).length).toBeGreaterThan(5);
    await user.keyboard(' ');
    expect(await screen.findByRole('button', { name: /^32 of one kind/, expanded: false })).toBeTruthy();
  });

  it('opens the cluster that hides the selected node', async () => {
    const client = createFakeClient();
    const digests: string[] = [];
    await client.call(
      'graph.walk',
      { target: TEAM_APP, reference: 'fan-40' },
      { onStep: (step) => digests.push(...step.nodes.map((node) => node.digest)) },
    );
    show('fan-40', { selected: digests[5]! }, client);
    // Its header may lie out of sight: what counts is the card.
    await waitFor(() =>
      expect(document.querySelector(`[data-stop="${digests[5]!}"]`)?.getAttribute('aria-current')).toBe(
        'true',
      ),
    );
  });

  it('shows the same nodes as a tree, and keeps the selection when it changes', async () => {
    const user = userEvent.setup();
    const went = show('1.8.2', { mode: 'tree' });
    await screen.findByText('1 problem');
    expect(rowTexts()).toEqual([
      'Image index1.8.2, 1.8, latest',
      'linux/amd64',
      'Config and 2 layers',
      'linux/arm64',
      'Config and 2 layers',
      'SBOM · SPDX',
      'Notation signature',
      'SARIF report',
      'Sigstore bundle',
      'SBOM · CycloneDX',
      'Cosign signature',
      'SLSA provenance',
    ]);
    await user.click(screen.getByText('SARIF report'));
    await user.click(screen.getByRole('radio', { name: 'Graph' }));
    expect(went.at(-1)?.view).toMatchObject({
      mode: 'graph',
      selected: expect.stringMatching(/^sha256:5d20fa3c/) as unknown,
    });
    await waitFor(() =>
      expect(screen.getByRole('button', { name: /^SARIF report/ }).getAttribute('aria-current')).toBe('true'),
    );
  });

  it('has the keys of the command table: between graph and tree, and to read again', async () => {
    const user = userEvent.setup();
    const client = createFakeClient();
    const went = show('1.8.2', {}, client);
    await screen.findByText('1 problem');
    await user.keyboard('{Control>}e{/Control}');
    expect(await screen.findByRole('treegrid', { name: /^Tree of/ })).toBeTruthy();
    await user.keyboard('{Control>}e{/Control}');
    expect(await screen.findByRole('application', { name: /^Graph of/ })).toBeTruthy();
    expect(went.map(({ view, options }) => [view.kind === 'artifact' && view.mode, options])).toEqual([
      ['tree', { replace: true }],
      ['graph', { replace: true }],
    ]);
    await user.keyboard('{F5}');
    await waitFor(() => expect(client.calls.filter(({ name }) => name === 'graph.walk')).toHaveLength(2));
  });

  it('walks the tree with the keyboard alone: move, fold, follow, type', async () => {
    const user = userEvent.setup();
    show('1.8.2', { mode: 'tree' });
    await screen.findByText('1 problem');
    const active = (): string | null | undefined =>
      document.activeElement?.querySelector('[role="gridcell"]')?.textContent;
    await user.tab();
    while (document.activeElement?.getAttribute('role') !== 'row') await user.tab();
    expect(active()).toMatch(/^Image index/);
    await user.keyboard('{ArrowDown}{ArrowDown}');
    expect(active()).toBe('Config and 2 layers');
    await user.keyboard('{ArrowRight}{ArrowRight}');
    expect(active()).toBe('Image config');
    await user.keyboard('{ArrowLeft}{ArrowLeft}');
    expect(active()).toBe('Config and 2 layers');
    expect(rowTexts()).toHaveLength(12);
    await user.keyboard('sarif');
    expect(active()).toBe('SARIF report');
    await user.keyboard('{Home}{ArrowLeft}');
    expect(rowTexts()).toEqual(['Image index1.8.2, 1.8, latest']);
  });

  it('says what could not be asked and what is not supported, each in its own way', async () => {
    const user = userEvent.setup();
    show('troubled');
    expect(await screen.findByText(/one lookup failed, so more may be attached than is shown/)).toBeTruthy();
    expect(
      screen.getByText(/Referrers API: not supported here\. Referrers were looked up by their fallback tags/),
    ).toBeTruthy();
    await user.click(screen.getByRole('button', { name: /Which/ }));
    expect(screen.getByText(/answered 429/)).toBeTruthy();
  });

  it('looks again on request and keeps the picture meanwhile', async () => {
    const user = userEvent.setup();
    const client = createFakeClient();
    show('1.8.2', {}, client);
    await screen.findByText('1 problem');
    await user.click(screen.getByRole('button', { name: 'Look again' }));
    expect(screen.getByText('1 problem')).toBeTruthy();
    await waitFor(() => expect(client.calls.filter(({ name }) => name === 'graph.walk')).toHaveLength(2));
  });

  it('offers to sign in where that is what is missing, and to try again', async () => {
    const error = new TallymanError({ code: 'UNAUTHORIZED', message: 'It answered 401.', hint: 'Sign in.' });
    show(
      '1.0',
      {},
      walking(() => Promise.reject(error)),
    );
    expect((await screen.findByRole('alert')).textContent).toContain('It answered 401.');
    expect(screen.getByRole('button', { name: 'Sign in…' })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
  });

  it('looks again by itself once the person has signed in', async () => {
    const client = createFakeClient();
    let refuse = true;
    const refusing: Client = {
      ...client,
      call: (name, input, options) => {
        if (name !== 'graph.walk' || !refuse) return client.call(name, input, options);
        return Promise.reject(new TallymanError({ code: 'UNAUTHORIZED', message: 'It answered 401.' }));
      },
    };
    show('1.8.2', {}, refusing);
    await screen.findByText('It answered 401.');
    await waitFor(() => expect(client.calls.some(({ name }) => name === 'sources.list')).toBe(true));
    refuse = false;
    // Knowing the account that was refused is no reason to ask again.
    await new Promise((done) => setTimeout(done, 30));
    expect(screen.getByText('It answered 401.')).toBeTruthy();
    await client.call('accounts.signIn', { source: TEAM_APP.source, username: 'grace', password: 'right' });
    expect(await screen.findByText('1 problem')).toBeTruthy();
  });

  it('shows what had come when the walk breaks off, and says that it did', async () => {
    const node: GraphNode = {
      digest: 'sha256:aa',
      mediaType: 'a/b',
      size: 1,
      kind: 'image',
      tags: [],
      state: 'ok',
      title: 'linux/amd64',
    };
    const error = new TallymanError({ code: 'UNREACHABLE', message: 'The connection broke.' });
    show(
      '1.0',
      {},
      walking(async (step) => {
        step({ nodes: [node], edges: [], lookups: [], pending: 4 });
        await Promise.resolve();
        throw error;
      }),
    );
    expect(await screen.findByText(/The walk broke off/)).toBeTruthy();
    expect(await screen.findByRole('button', { name: /^linux\/amd64/ })).toBeTruthy();
  });

  it('says that a place is empty, which is no failure', async () => {
    const summary: GraphSummary = { root: '', roots: [], complete: true, problems: 0, limits: [] };
    show(
      '1.0',
      {},
      walking(() => Promise.resolve(summary)),
    );
    expect(await screen.findByText('Nothing here')).toBeTruthy();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('shows hostile titles, tags and types as text, in both views', async () => {
    const texts = hostileTexts();
    const nodes = texts.map((text, index): GraphNode => ({
      digest: `sha256:${String(index).padStart(64, '0')}`,
      mediaType: text,
      artifactType: text,
      size: index,
      kind: 'other',
      tags: [text],
      state: 'refused',
      error: { code: 'MALFORMED', message: text, hint: text },
      title: text,
      annotations: { [text]: text },
    }));
    const edges = nodes
      .slice(1)
      .map((node) => ({ from: node.digest, to: nodes[0]!.digest, via: ['referrers-api' as const] }));
    const summary: GraphSummary = {
      root: nodes[0]!.digest,
      roots: [nodes[0]!.digest],
      complete: true,
      problems: 0,
      limits: [{ name: 'x', limit: 1, message: texts[0]! }],
    };
    for (const mode of ['graph', 'tree'] as const) {
      show(
        '1.0',
        { mode },
        walking((step) => {
          step({
            nodes,
            edges,
            lookups: [
              { subject: nodes[0]!.digest, source: 'cosign-tag', outcome: 'failed', reason: texts[1]! },
            ],
            pending: 0,
          });
          return Promise.resolve(summary);
        }),
      );
      await screen.findByText(/lookup failed/);
      await waitFor(() => expect(document.querySelectorAll('bdi').length).toBeGreaterThan(2));
      expect(
        document.querySelector('script, iframe, img, foreignObject, object, embed, [onerror], [onload]'),
      ).toBeNull();
      for (const hidden of ['\u202E', '\u200B', '\u0007', '\u001B'])
        expect(document.body.textContent).not.toContain(hidden);
      expect((window as { __pwn?: unknown }).__pwn).toBeUndefined();
      cleanup();
    }
  });
});
