import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSampleGraph } from '../../artifacts/sample-graph.ts';
import { createLayout } from '../../layout/write-layout.ts';
import {
  addBlob,
  addManifest,
  emptyContent,
  failure,
  repositoryIn,
  serveContent,
  sha256,
} from '../../testing/content-script.ts';
import {
  type ScriptedRegistry,
  type ScriptedRegistryOptions,
  type Script,
  startScriptedRegistry,
} from '../../testing/scripted-registry.ts';
import { runCommandLine } from './command-line.ts';
import type { GraphOutput } from './graph-json.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

let folder: string;
const registries: ScriptedRegistry[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tallyman-graph-'));
  const writer = await createLayout(path.join(folder, 'release'));
  await createSampleGraph(writer);
  await writer.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => Promise.all(registries.splice(0).map((registry) => registry.close())));

async function serve(script: Script, options: ScriptedRegistryOptions = {}): Promise<ScriptedRegistry> {
  const registry = await startScriptedRegistry(script, options);
  registries.push(registry);
  return registry;
}

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  arguments_: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<Run> {
  let out = '';
  let err = '';
  const dataFolder = path.join(folder, 'never-made');
  const code = await runCommandLine(arguments_, {
    environment: { TALLYMAN_DATA: dataFolder },
    workingDirectory: folder,
    homeFolder: folder,
    version: '0.0.0-test',
    signal,
    stdout: (text) => (out += text),
    stderr: (text) => (err += text),
  });
  expect(existsSync(dataFolder)).toBe(false);
  return { code, out, err };
}

const graph = (...words: string[]): Promise<Run> => run(['graph', ...words]);
const output = ({ out }: Run): GraphOutput => JSON.parse(out) as GraphOutput;

/** A script that serves one image with this layer's bytes under `team/app:1.0`. */
function imageScript(layer: { readonly digest?: string; readonly annotations?: object } = {}): Script {
  const content = emptyContent();
  const repository = repositoryIn(content, 'team/app');
  const config = {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: addBlob(repository, Buffer.from('{}')),
    size: 2,
  };
  const layers = [{ mediaType: LAYER, digest: addBlob(repository, Buffer.from('layer')), size: 5, ...layer }];
  addManifest(
    repository,
    { schemaVersion: 2, mediaType: MANIFEST, config, layers, annotations: layer.annotations ?? {} },
    MANIFEST,
    '1.0',
  );
  return serveContent(content);
}

describe('tallyman graph', () => {
  it('prints every root of a layout, or the one asked for, by all forms of its path', async () => {
    const whole = await graph('./release', '--json');
    expect(whole).toMatchObject({ code: 0, err: '' });
    const tagged = await graph('--json', './release:sample');
    const { root, nodes, edges } = output(tagged);
    expect(nodes.find(({ digest }) => digest === root)).toMatchObject({
      kind: 'index',
      tags: expect.arrayContaining(['sample']),
      state: 'ok',
    });
    expect(nodes.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['image', 'sbom-spdx', 'sarif', 'config', 'layer']),
    );
    expect(edges.flatMap(({ via }) => via)).toEqual(
      expect.arrayContaining(['child', 'config', 'layer', 'layout-link', 'fallback-tag']),
    );
    for (const place of [
      `layout:release:sample`,
      path.join(folder, 'release:sample'),
      '~/release:sample',
      `./release@${root ?? ''}`,
    ]) {
      expect(output(await graph(place, '--json'))).toEqual(output(tagged));
    }
    // Every root: also the indexes that stand for the referrers API in layouts.
    const all = output(whole);
    expect(all.nodes.map(({ digest }) => digest)).toEqual(
      expect.arrayContaining(nodes.map(({ digest }) => digest)),
    );
    expect(all.roots?.length).toBeGreaterThan(1);
  });

  it('prints a tree for people without --json', async () => {
    const { code, out, err } = await graph('./release:sample');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Image index {2}sha256:[0-9a-f]{64} {2}.*\[.*sample.*\]/);
    expect(out).toMatch(/^[├└]─ ◂ .*: SBOM · SPDX /m);
    expect(out).toMatch(/ SARIF report /);
    expect(out).toMatch(/\n\d+ nodes, \d+ edges\n$/);
  });

  it('reads a registry on loopback over plain HTTP without being told', async () => {
    const registry = await serve(imageScript());
    const { code, out, err } = await graph(`${registry.host}/team/app:1.0`, '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const parsed = JSON.parse(out) as GraphOutput;
    expect(parsed.nodes.map(({ kind, state }) => [kind, state])).toEqual([
      ['image', 'ok'],
      ['config', 'unchecked'],
      ['layer', 'unchecked'],
    ]);
    expect(Object.keys(parsed)).toEqual(expect.arrayContaining(['root', 'nodes', 'edges']));
    const byDigest = await graph(`${registry.host}/team/app@${parsed.root ?? ''}`, '--json');
    expect(byDigest.code).toBe(0);
  });

  it('speaks plain HTTP to a server that also answers TLS when it is told to', async () => {
    const registry = await serve(imageScript(), { certificate: 'self-signed' });
    const secure = await graph(`${registry.host}/team/app:1.0`);
    expect(secure).toMatchObject({ code: 1, out: '', err: expect.stringContaining('certificate') });
    registry.forget();
    const plain = await graph('--plain-http', `${registry.host}/team/app:1.0`);
    expect(plain.code).toBe(1);
    expect(plain.err).not.toEqual(secure.err);
  });

  it('ends with 3 and says at the node what is missing, and prints everything else', async () => {
    const release = path.join(folder, 'damaged');
    await cp(path.join(folder, 'release'), release, { recursive: true });
    const { nodes } = output(await graph('./damaged:sample', '--json'));
    const layer = nodes.find(({ kind }) => kind === 'layer');
    await rm(path.join(release, 'blobs', ...(layer?.digest.split(':') ?? [])), { force: true });
    const run_ = await graph('./damaged:sample', '--json');
    expect(run_).toMatchObject({ code: 3, err: '' });
    expect(output(run_).nodes).toHaveLength(nodes.length);
    expect(output(run_).nodes.find(({ digest }) => digest === layer?.digest)).toMatchObject({
      state: 'missing',
      error: { code: 'MISSING' },
    });
    expect((await graph('./damaged:sample')).out).toContain('✗ missing: ');
  });

  it('ends with 3 when a place could not be asked for referrers, and with 0 when it has no such API', async () => {
    const script = imageScript();
    const broken = await serve((request) =>
      request.path.includes('/referrers/') ? failure(418, 'TEAPOT', 'no') : script(request),
    );
    const partial = await graph(`${broken.host}/team/app:1.0`, '--json');
    expect(partial.code).toBe(3);
    expect(output(partial).lookups).toContainEqual(
      expect.objectContaining({ source: 'referrers-api', outcome: 'failed' }),
    );
    const without = await serve((request) =>
      request.path.includes('/referrers/') ? { status: 404, body: '404 page not found\n' } : script(request),
    );
    const whole = await graph(`${without.host}/team/app:1.0`, '--json');
    expect(whole.code).toBe(0);
    expect(output(whole).lookups).toContainEqual(
      expect.objectContaining({ source: 'referrers-api', outcome: 'unsupported' }),
    );
  });

  it.each([
    ['./absent', 'There is nothing at'],
    ['./release:absent', 'absent'],
    [`./release@${sha256(Buffer.from('absent'))}`, sha256(Buffer.from('absent'))],
    ['127.0.0.1:1/team/app:1.0', '127.0.0.1:1'],
    ['UPPER/case:1', 'no reference'],
    ['sha256:0123456789abcdef', 'digest alone'],
  ])(
    'ends with 1 for %s: stderr says what was tried and the next step, stdout is empty',
    async (place, text) => {
      const { code, out, err } = await graph(place, '--json');
      expect({ code, out }).toEqual({ code: 1, out: '' });
      const [reason, hint] = err.split('\n');
      expect(reason).toMatch(/^tallyman: \S/);
      expect(reason).toContain(text);
      expect(hint).toMatch(/^ {2}\S/);
    },
  );

  it.each([
    [[], 'PLACE is missing'],
    [['a:1', 'b:2'], 'One PLACE is enough'],
    [['a:1', '--jsno'], '--jsno'],
    [['a:1', '--json=yes'], '--json'],
    [['localhost:5000'], 'That is a registry'],
    [['localhost:5000/team/app'], 'Which artifact'],
  ])('ends with 2 for %j and prints the usage', async (words, text) => {
    const { code, out, err } = await graph(...words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(text);
    expect(err).toContain('Usage: tallyman graph PLACE');
  });

  it('ends with 130 as soon as it is interrupted', async () => {
    const registry = await serve(() => ({ silent: true }));
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    expect(await run(['graph', `${registry.host}/team/app:1.0`], controller.signal)).toEqual({
      code: 130,
      out: '',
      err: '',
    });
  });

  it('tells a warning of the registry on stderr', async () => {
    const script = imageScript();
    const registry = await serve(async (request) => {
      const answer = await script(request);
      return { ...answer, headers: { ...answer?.headers, warning: '299 - "Closed on Friday."' } };
    });
    const { code, err } = await graph(`${registry.host}/team/app:1.0`);
    expect({ code, err }).toEqual({
      code: 0,
      err: `Warning of registry:${registry.host}: Closed on Friday.\n`,
    });
  });

  it('lets no control character of a registry reach stdout or stderr, and changes no value in JSON', async () => {
    const evil = [
      '\u001b[2J',
      '\u001b]8;;http://x\u0007',
      '\u202e',
      '\u200b',
      '\u009b31m',
      '\u007f',
      '\r\n',
      '\u{e0041}',
      '\u2028',
    ].join('');
    const script = imageScript({
      annotations: { 'org.opencontainers.image.title': evil, [`key ${evil}`]: evil },
    });
    const failing = await serve(() => failure(403, 'DENIED', evil));
    const registry = await serve(script);
    const results = [
      await graph(`${registry.host}/team/app:1.0`),
      await graph(`${registry.host}/team/app:1.0`, '--json'),
      await graph(`${failing.host}/team/app:1.0`),
      await graph(`${failing.host}/${evil}:1.0`),
      await graph(evil),
      await graph(`./${evil}`),
      await graph(`./release:${evil}`),
      await graph('x', evil),
      await graph(`--${evil}`),
      await run([evil]),
    ];
    for (const { out, err } of results)
      expect((out + err).replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(results.map(({ code }) => code)).toEqual([0, 0, 1, 1, 1, 1, 1, 2, 2, 2]);
  });
});
