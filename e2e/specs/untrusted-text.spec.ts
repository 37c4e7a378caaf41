import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir } from 'node:fs/promises';
import { once } from 'node:events';
import path from 'node:path';
import { scriptInjectionCorpus } from '../../main/testing/script-injection-corpus.ts';
import { failure } from '../../main/testing/content-script.ts';
import { TallymanWindow } from '../pages/tallyman-window.ts';
import { HOSTILE_TAG, writeHostileLayout } from '../support/hostile-layout.ts';
import { expect, test } from '../support/registries.ts';
import type { App } from '../support/test.ts';

// Checks 24 and 28 of the reliability bar: no text from outside runs, loads or hides anything, in any field that is shown.

/** More are not told. */
const WARNINGS_OF_ONE_REGISTRY = 92;

// Hundreds of texts in hundreds of places.
test.slow();

let beacon: Server;
let loads = 0;
let payloads: readonly string[] = [];

test.beforeAll(async () => {
  beacon = createServer((_, response) => {
    loads += 1;
    response.end();
  }).listen(0, '127.0.0.1');
  await once(beacon, 'listening');
  payloads = scriptInjectionCorpus(`http://127.0.0.1:${(beacon.address() as AddressInfo).port}/beacon`);
});
test.afterAll(() => {
  beacon.close();
});

test('every payload in every field of a layout stays text', async ({ app, temporaryFolder }) => {
  const layout = await writeHostileLayout(path.join(temporaryFolder, 'hostile'), payloads);
  const window = new TallymanWindow(app.page);
  const { repository, artifact, inspector } = window;

  await window.open(layout);
  await expect(repository.foot).toContainText(`${payloads.length + 1} tags`);
  await repository.scrollThrough();
  await window.open(`${layout}:${HOSTILE_TAG}`);
  await expect(artifact.summary).toContainText('460 nodes');
  await artifact.showAll();
  await expect.poll(() => artifact.cards.count()).toBeGreaterThan(10);
  await artifact.showAs('Tree');
  await artifact.unfoldContent();
  await artifact.scrollThrough();
  await window.openAddress(
    app.page
      .url()
      .replace(/.*#/, '#')
      .replace(/&selected=[^&]*/, ''),
  );
  await inspector.showWholeOverview();
  await expect(inspector.pane).toContainText(payloads[0]!);
  await inspector.show('JSON');
  await expect(inspector.json).toContainText('annotations');
  await inspector.show('Raw');
  await nothingHappened(window);
});

test('every payload in what a registry says stays text', async ({ app, serve }) => {
  const window = new TallymanWindow(app.page);
  for (let first = 0; first < payloads.length; first += WARNINGS_OF_ONE_REGISTRY) {
    const said = payloads.slice(first, first + WARNINGS_OF_ONE_REGISTRY);
    const registry = await serve((request) => {
      if (request.path === '/v2/') return { body: '{}' };
      if (request.path === '/v2/_catalog') return json({ repositories: ['team/app', ...said] });
      if (request.path.endsWith('/tags/list'))
        return json({ name: 'team/app', tags: said.flatMap((payload, at) => [`tag-${at}`, payload]) });
      // Without a digest in its head, the manifest itself is asked for, whose refusal has words.
      if (request.method === 'HEAD') return {};
      const payload = said[Number(/tag-(\d+)$/.exec(request.path)?.[1] ?? 0)] ?? '';
      const refusal = failure(400, 'DENIED_BY_POLICY', payload);
      const warning = payload.replace(/[^\x20-\x7E]/g, '').replace(/["\\]/g, '\\$&');
      return { ...refusal, headers: { ...refusal.headers, warning: `299 - "${warning}"` } };
    });
    await window.open(registry.host);
    await expect(window.registry.repository('team/app')).toBeVisible();
    await window.openAddress(`#/repository/registry:${registry.host}/team/app?sort=name`);
    await expect(window.repository.row('tag-0')).toContainText('DENIED_BY_POLICY (“');
    await expect(window.notices.getByRole('button', { name: 'Dismiss' }).first()).toBeVisible();
    await window.repository.scrollThrough();
    await window.openAddress(`#/artifact/registry:${registry.host}/team/app?tag=tag-9`);
    await expect(window.artifact.alert).toContainText('DENIED_BY_POLICY (“');
  }
  await nothingHappened(window);
});

test('every payload in an address or in the bar stays text', async ({ app, temporaryFolder }) => {
  const window = new TallymanWindow(app.page);
  const folder = path.join(temporaryFolder, '<img src=x onerror=window.__pwn=1>');
  await mkdir(folder);
  await writeHostileLayout(folder, payloads.slice(0, 20));
  await window.open(folder);
  await expect(window.sources.line('<img src=x onerror=window.__pwn=1>, layout')).toBeVisible();
  const addresses = payloads.flatMap((payload, at) => {
    const text = encodeURIComponent(payload);
    return [
      `#/repository/local?filter=${text}&selected=${text}&sort=${text}`,
      `#/artifact/local?tag=${text}&selected=${text}&tab=${text}`,
      `#/artifact/registry:localhost/${text}?digest=${text}`,
      `#/source/${text}?filter=${text}`,
      `#${payload}`,
    ].filter((_, form) => form === at % 5);
  });
  await app.page.evaluate(async (hashes) => {
    for (const hash of hashes) {
      location.hash = hash;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }, addresses);
  await window.keyboard.press('ControlOrMeta+K');
  for (const payload of payloads.slice(0, 60)) await window.openBar.field.fill(payload);
  await window.openBar.field.press('Enter');
  await expect(window.openBar.alert).toBeVisible();
  await window.openBar.close();
  await nothingHappened(window);
});

test('characters that hide, reorder or control are named, in every field and in the document', async ({
  app,
  temporaryFolder,
}) => {
  const texts = HIDDEN.map((code) => `a${String.fromCodePoint(code)}z`);
  const layout = await writeHostileLayout(path.join(temporaryFolder, 'hidden'), texts);
  const window = new TallymanWindow(app.page);
  const { repository, artifact, inspector } = window;
  const raw = new RegExp(`[${HIDDEN.map((code) => `\\u{${code.toString(16)}}`).join('')}]`, 'u');

  await window.open(layout);
  await expect(repository.foot).toContainText('tags');
  await expect(repository.table).toContainText('⟨U+');
  expect(await shownText(app)).not.toMatch(raw);
  await window.open(`${layout}:${HOSTILE_TAG}`);
  await artifact.isComplete();
  await inspector.showWholeOverview();
  const overview = await inspector.pane.textContent();
  for (const code of HIDDEN)
    expect(overview).toContain(`a⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩z`);
  expect(await shownText(app)).not.toMatch(raw);
  await artifact.showAs('Tree');
  expect(await shownText(app)).not.toMatch(raw);
  const reversing = `a${String.fromCodePoint(0x202e)}z`;
  await window.openAddress(
    `#/artifact/${encodeURIComponent(`layout:${layout}`)}?tag=${encodeURIComponent(reversing)}&tab=json`,
  );
  await expect(inspector.json).toContainText('"artifactType": "a⟨U+202E⟩z"');
  expect(await shownText(app)).not.toMatch(raw);
});

/** C0 without what ends a line of JSON, DEL, C1, bidi, zero-width, separators, tags, fillers, private and unassigned ones. */
const HIDDEN: readonly number[] = [
  ...range(0x00, 0x08),
  ...range(0x0b, 0x0c),
  ...range(0x0e, 0x1f),
  ...range(0x7f, 0x9f),
  0xad,
  0x34f,
  0x61c,
  0x115f,
  0x180e,
  ...range(0x200b, 0x200f),
  ...range(0x2028, 0x202e),
  ...range(0x2060, 0x206f),
  0x2800,
  0x3164,
  0xe000,
  0xfe00,
  0xfeff,
  0xffa0,
  ...range(0xfff0, 0xfffb),
  ...range(0xe0001, 0xe0020),
  0xf0000,
];

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

/** All text of the page, tooltips and names for screen readers included. */
function shownText(app: App): Promise<string> {
  return app.page.evaluate(() =>
    [
      document.title,
      document.body.textContent,
      ...[...document.querySelectorAll('[title], [aria-label]')].flatMap((element) => [
        element.getAttribute('title') ?? '',
        element.getAttribute('aria-label') ?? '',
      ]),
    ]
      // Lines of our own tooltips.
      .map((text) => text.replaceAll('\n', ' '))
      .join(' '),
  );
}

/** No payload ran and none was loaded, in the page or in a frame of it; and none of them became an element. */
async function nothingHappened(window: TallymanWindow): Promise<void> {
  const found = await window.page.evaluate(() => ({
    ran: '__pwn' in window,
    foreign: [
      ...document.querySelectorAll(
        'script, iframe, object, embed, base, form, math, img, video, audio, link[rel=prefetch], meta[http-equiv=refresh]',
      ),
    ]
      .map((element) => element.outerHTML.slice(0, 200))
      .filter((text) => /__pwn|beacon|src="x"/.test(text)),
    handlers: [...document.querySelectorAll('*')].flatMap((element) =>
      element.getAttributeNames().filter((name) => name.startsWith('on')),
    ),
  }));
  expect(found).toEqual({ ran: false, foreign: [], handlers: [] });
  expect(window.page.frames()).toHaveLength(1);
  expect(loads, 'requests to the beacon').toBe(0);
  // What every spec ends with is looked at on a page of usual size.
  await window.openAddress('#/');
  await expect(window.start.heading).toBeVisible();
}

function json(value: unknown) {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}
