import { mkdir, readdir, readFile, utimes, writeFile, copyFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLayout } from '../../layout/open-layout.ts';
import { createLayout } from '../../layout/write-layout.ts';
import { readTree } from '../../testing/file-tree.ts';
import { openTestRegistry } from '../../testing/open-registry.ts';
import { hasRealRegistry, startRealRegistry } from '../../testing/real-registries.ts';
import { runPeer } from '../../testing/run-peer.ts';
import { fixtures, peer } from '../../testing/surroundings.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { executePull } from '../pull/execute-pull.ts';
import { planPull } from '../pull/plan-pull.ts';
import { executePush } from '../push/execute-push.ts';
import { chartConfig, readChartMetadata } from './chart-metadata.ts';
import { planChartPush } from './plan-chart-push.ts';
import { readYaml } from './read-yaml.ts';
import type { YamlValue } from './yaml-value.ts';

const { signal } = new AbortController();
const helm = peer('helm');

const ODD_CHART = `
# a comment
apiVersion: v1
name: odd
version: "1.2.3+build.1"   # the version
appVersion: 1.10
description: >-
  folded <text> & more
  on two lines
home: https://example.org/#anchor
deprecated: true
keywords: [a, "b c", 3]
sources:
  - https://example.org/a
  - 'it''s here'
maintainers:
  - name: "Zo\\u00eb \\"Z\\""
    email: z@example.org
  -
    name: plain
icon:
annotations:
  "key: with colon": |
    literal
      text
  number: "5"
kubeVersion: ">=1.20.0-0"
`;

async function packChart(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly folder: string; readonly chart: string }> {
  const folder = await temporaryFolder();
  const source = path.join(folder, 'source');
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(source, name)), { recursive: true });
    await writeFile(path.join(source, name), content);
  }
  await runPeer(helm!, ['package', 'source'], { folder });
  const chart = (await readdir(folder)).find((name) => name.endsWith('.tgz'))!;
  return { folder, chart: path.join(folder, chart) };
}

describe.skipIf(helm === undefined || !hasRealRegistry('olareg'))('charts beside helm', () => {
  it('are the same manifest, and each pulls what the other pushed', { timeout: 30_000 }, async () => {
    const registry = await startRealRegistry('olareg');
    try {
      const { registry: opened } = openTestRegistry({ host: registry.host });
      const charts = [await packChart({ 'Chart.yaml': ODD_CHART })];
      const corpus = fixtures();
      if (corpus !== undefined) {
        const folder = await temporaryFolder();
        for (const name of await readdir(path.join(corpus, 'documents/charts')))
          await copyFile(path.join(corpus, 'documents/charts', name), path.join(folder, name));
        for (const name of await readdir(folder))
          if (name.endsWith('.tgz')) charts.push({ folder, chart: path.join(folder, name) });
      }
      for (const { folder, chart } of charts) {
        await utimes(chart, 1_700_000_000, 1_700_000_000);
        await runPeer(
          '/usr/bin/env',
          ['TZ=UTC', helm!, 'push', chart, `oci://${registry.host}/theirs`, '--plain-http'],
          { folder },
        );
        const plan = await planChartPush({ chart }, { signal });
        const name = JSON.parse(new TextDecoder().decode(plan.manifest.bytes)).annotations[
          'org.opencontainers.image.title'
        ] as string;
        const { bytes } = await opened.repository(`theirs/${name}`).fetchManifest(plan.tags[0]!, { signal });
        expect(new TextDecoder().decode(plan.manifest.bytes)).toBe(new TextDecoder().decode(bytes));

        const writer = await opened.repository(`ours/${name}`).openWriter!({ signal });
        await executePush(plan, writer, { signal });
        await writer.close();
        const [theirs, ours] = [await temporaryFolder(), await temporaryFolder()];
        const version = JSON.parse(new TextDecoder().decode(plan.manifest.bytes)).annotations[
          'org.opencontainers.image.version'
        ] as string;
        const words = ['pull', `oci://${registry.host}/ours/${name}`, '--version', version, '--plain-http'];
        await runPeer(helm!, words, { folder: theirs });
        const pulled = Object.entries(await readTree(theirs)).filter(([each]) => each.endsWith('.tgz'));
        const target = opened.repository(`theirs/${name}`);
        const outcome = await executePull(await planPull(target, plan.tags[0]!, { signal }), target, ours, {
          existing: 'keep',
          signal,
        });
        expect(Object.entries(await readTree(ours)).filter(([each]) => each.endsWith('.tgz'))).toEqual(
          pulled,
        );
        expect(outcome.items.length).toBe(plan.blobs.length - 1);
      }
    } finally {
      await registry.close();
    }
  });
});

describe('charts', () => {
  it('go into a layout with their tag', async () => {
    const folder = await temporaryFolder();
    if (helm === undefined) return;
    const { chart } = await packChart({ 'Chart.yaml': ODD_CHART });
    await (await createLayout(path.join(folder, 'layout'))).close();
    const layout = await openLayout(path.join(folder, 'layout'), { signal });
    const plan = await planChartPush({ chart }, { signal });
    const writer = await layout.target.openWriter!({ signal });
    await executePush(plan, writer, { signal });
    await writer.finish({ signal });
    await writer.close();
    expect((await layout.target.resolve('1.2.3_build.1', { signal }))?.digest).toBe(
      plan.manifest.descriptor.digest,
    );
    await layout.close();
  });

  it('are refused when helm would not take them', () => {
    const read = (text: string): Uint8Array => chartConfig(readChartMetadata(readYaml(Buffer.from(text))));
    expect(new TextDecoder().decode(read('name: a\nversion: 1.0.0\n'))).toBe(
      '{"name":"a","version":"1.0.0","apiVersion":"v1"}',
    );
    for (const text of [
      'version: 1.0.0',
      'name: a',
      'name: ..\nversion: 1.0.0',
      'name: a/b\nversion: 1.0.0',
      'name: a\nversion: ../../x',
      'a list',
      '- a',
      'name: a\nversion: 1.0.0\ntype: other',
      'name: a\nversion: 1.0.0\nsources: x',
      'name: [a]\nversion: 1.0.0',
      'name: a\nversion: 1.0.0\nappVersion: 0x10',
      'name: a\nversion: 1.0.0\nappVersion: 1e3',
      'name: a\nversion: 1.0.0\nappVersion: 010',
    ])
      expect(() => read(text), text).toThrow(/Chart.yaml|YAML/);
  });

  it('is no chart without a Chart.yaml in its folder', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'a.tgz'), 'no archive');
    await expect(planChartPush({ chart: path.join(folder, 'a.tgz') }, { signal })).rejects.toMatchObject({
      code: 'MALFORMED',
    });
    await expect(planChartPush({ chart: path.join(folder, 'b.tgz') }, { signal })).rejects.toMatchObject({
      code: 'UNREADABLE',
    });
    await expect(readFile(path.join(folder, 'a.tgz'), 'utf8')).resolves.toBe('no archive');
  });
});

/** YAML as plain values, every scalar as its text. */
function plain(value: YamlValue): unknown {
  switch (value.kind) {
    case 'scalar':
      return value.text;
    case 'list':
      return value.items.map(plain);
    case 'map':
      return Object.fromEntries([...value.members].map(([key, each]) => [key, plain(each)]));
  }
}

describe('YAML of charts', () => {
  const read = (text: string): unknown => plain(readYaml(Buffer.from(text)));

  it('is read in the forms in which charts are written', () => {
    expect(
      read(
        [
          '---',
          'plain: text with # no comment #really',
          'long: goes on',
          '  here   # and ends',
          "single: 'it''s'",
          'double: "a\\tb \\',
          '  c"',
          'folded: "one',
          '  two',
          '',
          '  three"',
          'literal: |',
          '  a',
          '    b',
          '',
          '  c',
          'strip: |-',
          '  x',
          'fold: >',
          '  one',
          '  two',
          '',
          '  three',
          'list:',
          '- a',
          '- b: 1',
          '  c: 2',
          '-',
          '  - nested',
          'flow: [a, "b, c", {d: e, f: [g]}]',
          'spread: [a,',
          '  b]',
          'empty:',
          'quoted "key": x',
          '"with: colon": y',
          'url: http://x/y:z',
          '...',
        ].join('\n'),
      ),
    ).toEqual({
      plain: 'text with',
      long: 'goes on here',
      single: "it's",
      double: 'a\tb c',
      folded: 'one two\nthree',
      literal: 'a\n  b\n\nc\n',
      strip: 'x',
      fold: 'one two\nthree\n',
      list: ['a', { b: '1', c: '2' }, ['nested']],
      flow: ['a', 'b, c', { d: 'e', f: ['g'] }],
      spread: ['a', 'b'],
      empty: '',
      'quoted "key"': 'x',
      'with: colon': 'y',
      url: 'http://x/y:z',
    });
  });

  it.each([
    'a: &anchor x',
    'a: *alias',
    'a: !tag x',
    '<<: {a: b}',
    'a: b\na: c',
    'a: b\n---\nc: d',
    '%YAML 1.1\n---\na: b',
    'a:\n\t- b',
    'a: b: c',
    'a: "open',
    'a: [open',
    'a: "x" y',
    'a:\n    b: c\n  d: e',
    'a: "\\q"',
    'a: |2\n  x',
    '? a\n: b',
    '{a: b, a: c}',
    'a: {b: c, b: d}',
    'a: [x y',
  ])('refuses %j', (text) => {
    expect(() => read(text)).toThrow(/YAML/);
  });

  it('is not read as far down as it likes', () => {
    expect(() => read(`a: ${'['.repeat(100_000)}`)).toThrow(/YAML/);
    expect(() => read('- '.repeat(10_000))).toThrow(/YAML/);
    expect(() =>
      read(Array.from({ length: 200 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')),
    ).toThrow(/YAML/);
  });
});
