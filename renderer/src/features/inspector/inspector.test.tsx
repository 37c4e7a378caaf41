import { cleanup, configure, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../../../shared/contract/client.ts';
import type { Content, Description } from '../../../../shared/contract/content.ts';
import type { GraphNode } from '../../../../shared/contract/graph.ts';
import { TallymanError } from '../../../../shared/errors/tallyman-error.ts';
import type { Inspected } from '../../inspection/inspection.tsx';
import { artifactView, type InspectorTab } from '../../navigation/view.ts';
import { hostileTexts } from '../../testing/hostile-texts.ts';
import { layOutPage } from '../../testing/laid-out-page.ts';
import { WindowAround, type Went } from '../../testing/window-around.tsx';
import { Inspector } from './inspector.tsx';

layOutPage();
// A busy machine is no reason to fail.
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 30_000 });
afterEach(cleanup);

const TARGET = { source: 'registry:registry.acme.example', repository: 'team/app' };
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;
const C = `sha256:${'c'.repeat(64)}`;

const NODE: GraphNode = {
  digest: A,
  mediaType: MANIFEST,
  size: 700,
  kind: 'image',
  tags: ['1.0'],
  state: 'ok',
  title: 'linux/amd64',
};
const DESCRIPTION: Description = {
  digest: A,
  mediaType: MANIFEST,
  kind: 'image',
  size: 700,
  totalSize: 28_100_000,
  created: '2026-11-20T16:04:09Z',
  links: [{ role: 'layer 1', digest: B, mediaType: LAYER, size: 28_099_300 }],
  annotations: { 'org.example.note': 'a note' },
  image: {
    entrypoint: ['/app'],
    environment: ['PATH=/bin'],
    exposedPorts: [],
    labels: { maintainer: 'ada' },
    history: [{ createdBy: 'COPY app /app', emptyLayer: false }],
  },
  errors: [],
};
const DOCUMENT = JSON.stringify({
  mediaType: MANIFEST,
  layers: [{ mediaType: LAYER, digest: B, size: 28_099_300 }],
  subject: { mediaType: MANIFEST, digest: C, size: 5 },
});
const CONTENT: Content = {
  digest: A,
  mediaType: MANIFEST,
  size: 700,
  state: 'ok',
  form: 'json',
  text: DOCUMENT,
  truncated: false,
};

interface Answers {
  readonly describe?: () => Promise<Description>;
  readonly read?: () => Promise<Content>;
}

function services(answers: Answers): { readonly client: Client; readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const client = {
    call: (name: string, input: unknown) => {
      asked.push(input);
      if (name === 'content.describe') return answers.describe?.() ?? Promise.resolve(DESCRIPTION);
      if (name === 'content.read') return answers.read?.() ?? Promise.resolve(CONTENT);
      return Promise.resolve({ path: '/save/once' });
    },
    on: () => () => undefined,
  } as unknown as Client;
  return { client, asked };
}

function show(
  inspected: Partial<Inspected> & { readonly node: GraphNode },
  tab: InspectorTab = 'overview',
  answers: Answers = {},
): { readonly went: Went; readonly asked: unknown[] } {
  const went: Went = [];
  const { client, asked } = services(answers);
  const whole: Inspected = { target: TARGET, ...inspected };
  render(
    <WindowAround client={client} view={{ ...artifactView(TARGET, { tag: '1.0' }), tab }} went={went}>
      {() => <Inspector target={TARGET} node={whole} />}
    </WindowAround>,
  );
  return { went, asked };
}

function fact(name: string): string | undefined {
  return screen.getByText(name, { selector: 'dt' }).nextElementSibling?.textContent ?? undefined;
}

describe('Overview', () => {
  it('shows at once what the graph knows, and then what the document says', async () => {
    show({ node: NODE });
    expect(screen.getByRole('heading', { name: 'linux/amd64' })).toBeTruthy();
    expect(fact('Digest')).toBe(A);
    expect(fact('Type')).toBe(MANIFEST);
    expect(await screen.findByText('org.example.note')).toBeTruthy();
    expect(fact('Size')).toBe('28.1 MB with config and layers; itself 700 B');
    expect(fact('Created')).toContain('2026-11-20 16:04 UTC');
    expect(fact('State')).toBe('Read, and its digest matches');
    expect(screen.getByText('COPY app /app')).toBeTruthy();
    expect(screen.getByText('PATH=/bin')).toBeTruthy();
  });

  it('says of a signature that nobody has checked it', () => {
    show({ node: { ...NODE, kind: 'signature-cosign', title: 'Cosign signature' } });
    expect(fact('Signature')).toContain('Present, not checked');
  });

  it('names the subject, how it was found, and what is attached; each leads there', async () => {
    const user = userEvent.setup();
    const select = vi.fn();
    const other = (digest: string, title: string): GraphNode => ({ ...NODE, digest, title });
    show({
      node: NODE,
      subjects: [{ node: other(B, 'Image index'), vias: ['referrers-api', 'fallback-tag'] }],
      referrers: [{ node: other(C, 'Cosign signature'), vias: [] }],
      known: new Map([
        [B, other(B, 'Image index')],
        [C, other(C, 'Cosign signature')],
      ]),
      select,
    });
    expect(fact('Found by')).toBe('referrers API, fallback tag');
    expect(screen.getByText('only its own subject field says so')).toBeTruthy();
    await user.click(screen.getByRole('link', { name: /Image index/ }));
    await user.click(screen.getByRole('link', { name: /Cosign signature/ }));
    expect(select.mock.calls).toEqual([[B], [C]]);
  });

  it('marks the part that is damaged where the graph knows of it', async () => {
    const layer: GraphNode = { ...NODE, digest: B, kind: 'layer', state: 'damaged', title: 'Layer' };
    show({ node: NODE, known: new Map([[B, layer]]) });
    const part = await screen.findByRole('link', { name: /layer 1/ });
    expect(within(part).getByRole('img', { name: /^Damaged/ })).toBeTruthy();
  });

  it('opens a layer outside of the picture with the manifest that names it', async () => {
    const user = userEvent.setup();
    const { went } = show({ node: NODE });
    await user.click(await screen.findByRole('link', { name: /layer 1/ }));
    expect(went[0]?.view).toEqual({ ...artifactView(TARGET, { digest: A }), selected: B });
  });

  it('shows what was expected beside what was there when a node is damaged', () => {
    const error = {
      code: 'DIGEST_MISMATCH' as const,
      message: 'Other bytes came.',
      hint: 'Push it again.',
      details: { expected: A, actual: B },
    };
    show({ node: { ...NODE, state: 'damaged', error } });
    const alert = screen.getByRole('alert');
    expect(alert.textContent).toContain('Damaged: not what was named');
    expect(within(alert).getByText('Expected', { selector: 'dt' }).nextElementSibling?.textContent).toBe(A);
    expect(within(alert).getByText('Real', { selector: 'dt' }).nextElementSibling?.textContent).toBe(B);
    expect(alert.textContent).toContain('Push it again.');
  });

  it('asks nothing about a node that the walk is still reading', () => {
    const { asked } = show({ node: { ...NODE, state: 'pending' } });
    expect(asked).toEqual([]);
    expect(fact('State')).toBe('Being read');
  });

  it('says why the services could not look, keeps what is known, and tries again', async () => {
    const user = userEvent.setup();
    let tries = 0;
    show({ node: NODE }, 'overview', {
      describe: () => {
        tries += 1;
        return tries === 1
          ? Promise.reject(new TallymanError({ code: 'TIMEOUT', message: 'No answer in 30 s.' }))
          : Promise.resolve(DESCRIPTION);
      },
    });
    expect(await screen.findByText('No answer in 30 s.')).toBeTruthy();
    expect(fact('Digest')).toBe(A);
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('org.example.note')).toBeTruthy();
    expect(screen.queryByText('No answer in 30 s.')).toBeNull();
  });

  it('shows hostile names, values and commands as text', async () => {
    const texts = [...hostileTexts()];
    const pairs = Object.fromEntries(texts.map((text) => [text, text]));
    const description: Description = {
      ...DESCRIPTION,
      artifactType: texts[0]!,
      created: texts[1]!,
      annotations: pairs,
      links: texts.map((text) => ({ role: text, digest: text, mediaType: text, size: 1, title: text })),
      image: {
        author: texts[2]!,
        entrypoint: texts,
        environment: texts,
        exposedPorts: texts,
        labels: pairs,
        history: texts.map((createdBy) => ({ createdBy, emptyLayer: true })),
      },
      errors: [{ code: 'MALFORMED', message: texts[3]!, hint: texts[4]! }],
    };
    show({ node: { ...NODE, title: texts[5]!, tags: texts } }, 'overview', {
      describe: () => Promise.resolve(description),
    });
    await screen.findByText('History', { exact: false, selector: 'h3' });
    expect(
      document.querySelector('script, iframe, img, foreignObject, object, embed, [onerror], [onload]'),
    ).toBeNull();
    for (const link of document.querySelectorAll('a')) expect(link.getAttribute('href')).toMatch(/^#\//);
    for (const hidden of ['\u202E', '\u200B', '\u0007', '\u001B'])
      expect(document.body.textContent).not.toContain(hidden);
    expect((window as { __pwn?: unknown }).__pwn).toBeUndefined();
  });
});

describe('JSON', () => {
  it('shows the document formatted, with real links that lead where their digests do', async () => {
    const user = userEvent.setup();
    const { went } = show({ node: NODE }, 'json');
    const link = await screen.findByRole('link', { name: B });
    expect(link.getAttribute('href')).toMatch(/^#\/artifact\//);
    expect(document.querySelector('.cm-content')?.textContent).toContain('"layers": [');
    await user.click(link);
    expect(went.at(-1)?.view).toEqual({ ...artifactView(TARGET, { digest: A }), selected: B, tab: 'json' });
    await user.click(screen.getByRole('link', { name: 'subject' }));
    expect(went.at(-1)?.view).toEqual({ ...artifactView(TARGET, { digest: C }), tab: 'json' });
  });

  it('selects in the picture what the picture shows', async () => {
    const user = userEvent.setup();
    const select = vi.fn();
    const { went } = show(
      { node: NODE, known: new Map([[B, { ...NODE, digest: B, title: 'Layer' }]]), select },
      'json',
    );
    await user.click(await screen.findByRole('link', { name: B }));
    expect(select).toHaveBeenCalledWith(B);
    expect(went).toEqual([]);
  });

  it('shows the document as it was received on request', async () => {
    const user = userEvent.setup();
    show({ node: NODE }, 'json');
    await screen.findByRole('link', { name: B });
    await user.click(screen.getByRole('radio', { name: 'As received' }));
    await waitFor(() => expect(document.querySelector('.cm-content')?.textContent).toBe(DOCUMENT));
  });

  it('shows a refused document and names its problem above it', async () => {
    const error = { code: 'AMBIGUOUS' as const, message: 'It has both layers and manifests.' };
    show({ node: { ...NODE, state: 'refused', error } }, 'json');
    await screen.findByRole('link', { name: B });
    expect(screen.getByRole('alert').textContent).toContain('Refused: do not trust this document');
    expect(screen.getByRole('alert').textContent).toContain('It has both layers and manifests.');
  });

  it('says of bytes that are not there why, in place of a document', async () => {
    const error = { code: 'MISSING' as const, message: 'It is not here.' };
    show({ node: { ...NODE, state: 'missing', error } }, 'json', {
      read: () =>
        Promise.resolve({
          ...CONTENT,
          state: 'missing',
          error,
          form: 'binary',
          text: undefined as never,
          truncated: true,
        }),
    });
    expect((await screen.findByRole('alert')).textContent).toContain('It is not here.');
    expect(document.querySelector('.cm-content')).toBeNull();
  });

  it('offers the raw view of what is no JSON', async () => {
    const user = userEvent.setup();
    const { went } = show({ node: NODE }, 'json', {
      read: () => Promise.resolve({ ...CONTENT, form: 'text', text: 'plain' }),
    });
    await user.click(await screen.findByRole('button', { name: 'Show it raw' }));
    expect(went.at(-1)?.view).toMatchObject({ tab: 'raw' });
  });

  it('makes visible what would hide or reorder text', async () => {
    show({ node: NODE }, 'json', {
      read: () => Promise.resolve({ ...CONTENT, text: JSON.stringify({ a: 'evil\u202Etxt\u200B\u2066' }) }),
    });
    await waitFor(() =>
      expect(document.querySelector('.cm-content')?.textContent).toContain('evil⟨U+202E⟩txt⟨U+200B⟩⟨U+2066⟩'),
    );
  });
});

describe('Raw', () => {
  it('shows bytes as hex and text', async () => {
    const layer: GraphNode = {
      ...NODE,
      digest: B,
      mediaType: LAYER,
      kind: 'layer',
      title: 'Layer',
      state: 'unchecked',
    };
    const { asked } = show({ node: layer }, 'raw', {
      read: () =>
        Promise.resolve({
          ...CONTENT,
          state: 'unchecked',
          form: 'binary',
          text: undefined as never,
          bytes: btoa('hi\u0000<b>'),
          truncated: true,
        }),
    });
    expect(await screen.findByText('68 69 00 3c 62 3e')).toBeTruthy();
    expect(screen.getByText('hi.<b>')).toBeTruthy();
    expect(screen.getByText(/only a part was read, so its digest was not checked/)).toBeTruthy();
    expect(asked[0]).toMatchObject({ digest: B, manifest: false });
  });

  it('has no JSON tab for layers, and shows them raw when the address asks for JSON', async () => {
    show({ node: { ...NODE, kind: 'layer', mediaType: LAYER, title: 'Layer' } }, 'json');
    expect(screen.queryByRole('tab', { name: 'JSON' })).toBeNull();
    expect((await screen.findByRole('tab', { name: 'Raw' })).getAttribute('aria-selected')).toBe('true');
  });

  it('saves through an address that is asked for when it is used', async () => {
    const user = userEvent.setup();
    const clicked: string[] = [];
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(
      this: HTMLAnchorElement,
    ) {
      clicked.push(`${this.getAttribute('href') ?? ''} ${this.download}`);
    });
    const { asked } = show({ node: NODE }, 'raw');
    await user.click(await screen.findByRole('button', { name: 'Save…' }));
    await waitFor(() => expect(clicked).toEqual(['/save/once aaaaaaaaaaaa.json']));
    expect(asked.at(-1)).toMatchObject({ digest: A, fileName: 'aaaaaaaaaaaa.json', manifest: true });
    click.mockRestore();
  });
});
