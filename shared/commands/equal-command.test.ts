import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRealRegistry, startRealRegistry, type RealRegistry } from '../../main/testing/real-registries.ts';
import { fixtures, peer } from '../../main/testing/surroundings.ts';
import { hasHiddenCharacter } from '../display/display-text.ts';
import { equalCommand, type CommandedView, type CommandLineTool } from './equal-command.ts';
import { quoteForShell } from './quote-for-shell.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const REPOSITORY = { source: 'registry:ghcr.io', repository: 'org/app' };
const LAYOUT = { source: 'layout:/data/release' };

describe('equalCommand', () => {
  it.each<readonly [string, CommandedView]>([
    ['oras repo ls ghcr.io', { kind: 'source', source: 'registry:ghcr.io' }],
    ['oras repo tags ghcr.io/org/app', { kind: 'repository', target: REPOSITORY }],
    ['oras discover ghcr.io/org/app:1.2', { kind: 'artifact', target: REPOSITORY, tag: '1.2' }],
    [
      'oras discover ghcr.io/org/app:1.2',
      { kind: 'artifact', target: REPOSITORY, tag: '1.2', digest: DIGEST },
    ],
    [`oras discover ghcr.io/org/app@${DIGEST}`, { kind: 'artifact', target: REPOSITORY, digest: DIGEST }],
    [
      `oras manifest fetch --pretty ghcr.io/org/app@${DIGEST}`,
      { kind: 'manifest', target: REPOSITORY, digest: DIGEST },
    ],
    [
      `oras blob fetch --output - ghcr.io/org/app@${DIGEST}`,
      { kind: 'blob', target: REPOSITORY, digest: DIGEST },
    ],
    ['oras repo tags --oci-layout /data/release', { kind: 'source', source: LAYOUT.source }],
    ['oras repo tags --oci-layout /data/release', { kind: 'repository', target: LAYOUT }],
    ['oras repo tags --oci-layout /data/release', { kind: 'artifact', target: LAYOUT }],
    ['oras discover --oci-layout /data/release:v1', { kind: 'artifact', target: LAYOUT, tag: 'v1' }],
    [
      `oras discover --oci-layout /data/release@${DIGEST}`,
      { kind: 'artifact', target: LAYOUT, tag: '', digest: DIGEST },
    ],
    [
      'oras discover --oci-layout-path /data/release -- harbour.example/pilot:1.4.0',
      { kind: 'artifact', target: LAYOUT, tag: 'harbour.example/pilot:1.4.0' },
    ],
    [
      "oras discover --oci-layout-path '/data/a b:c' -- v1",
      { kind: 'artifact', target: { source: 'layout:/data/a b:c' }, tag: 'v1' },
    ],
    [
      `oras manifest fetch --pretty --oci-layout /data/release@${DIGEST}`,
      { kind: 'manifest', target: LAYOUT, digest: DIGEST },
    ],
  ])('is “%s” for a view', (command, view) => {
    expect(equalCommand(view)).toBe(command);
  });

  it('finds the local store at its location, and nothing without it', () => {
    const view: CommandedView = { kind: 'artifact', target: { source: 'local' }, tag: 'sample' };
    expect(equalCommand(view, { location: '/home/user/store' })).toBe(
      'oras discover --oci-layout /home/user/store:sample',
    );
    expect(equalCommand(view)).toBeUndefined();
  });

  it('asks for plain HTTP where the tool does not do it by itself', () => {
    const view = (host: string): CommandedView => ({
      kind: 'repository',
      target: { source: `registry:${host}`, repository: 'a' },
    });
    const plain = { plainHttp: true };
    expect(equalCommand(view('localhost:5000'), plain)).toBe('oras repo tags localhost:5000/a');
    expect(equalCommand(view('127.0.0.1:5000'), plain)).toBe('oras repo tags --plain-http 127.0.0.1:5000/a');
    expect(equalCommand(view('[::1]:5000'), plain)).toBe("oras repo tags --plain-http '[::1]:5000/a'");
    expect(equalCommand(view('localhost:5000'), plain, 'crane')).toBe('crane ls localhost:5000/a');
    expect(equalCommand(view('registry.example:80'), plain, 'crane')).toBe(
      'crane --insecure ls registry.example:80/a',
    );
    expect(equalCommand(view('localhost:5000'), plain, 'regctl')).toBe(
      "regctl --host 'reg=localhost:5000,tls=disabled' tag ls localhost:5000/a",
    );
  });

  it('knows what the tools cannot do', () => {
    const artifact: CommandedView = { kind: 'artifact', target: REPOSITORY, tag: 'v1' };
    expect(equalCommand({ kind: 'start' })).toBeUndefined();
    expect(equalCommand(artifact, {}, 'crane')).toBeUndefined();
    expect(equalCommand({ kind: 'repository', target: LAYOUT }, {}, 'crane')).toBeUndefined();
    expect(equalCommand(artifact, {}, 'regctl')).toBe(
      'regctl artifact tree --digest-tags ghcr.io/org/app:v1',
    );
    expect(equalCommand({ kind: 'repository', target: { source: 'layout:/a:b' } })).toBeUndefined();
    expect(
      equalCommand({ kind: 'repository', target: { source: 'layout:/a@b' } }, {}, 'regctl'),
    ).toBeUndefined();
    expect(
      equalCommand({ kind: 'artifact', target: { source: 'registry:ghcr.io' }, tag: 'v1' }),
    ).toBeUndefined();
    expect(equalCommand({ kind: 'artifact', target: REPOSITORY })).toBeUndefined();
  });

  it('holds no hidden character and no second line, whatever the view holds', () => {
    const text = fc.string({ unit: 'binary', maxLength: 30 });
    fc.assert(
      fc.property(
        text,
        text,
        text,
        fc.constantFrom<CommandLineTool>('oras', 'crane', 'regctl'),
        (place, tag, digest, tool) => {
          for (const source of [`registry:${place}`, `layout:${place}`]) {
            for (const kind of ['repository', 'artifact', 'manifest', 'blob'] as const) {
              const command = equalCommand(
                { kind, target: { source, repository: tag }, tag, digest },
                {},
                tool,
              );
              if (command !== undefined) expect(hasHiddenCharacter(command)).toBe(false);
            }
          }
        },
      ),
    );
  });
});

describe('quoteForShell', () => {
  it.each([
    ['ghcr.io/a/b:1.2@sha256:ff', 'ghcr.io/a/b:1.2@sha256:ff'],
    ['', "''"],
    ['a b', "'a b'"],
    ["it's", "'it'\\''s'"],
    ['$(id)', "'$(id)'"],
    ['a\nb', "$'a\\x0ab'"],
    ["\u001b'\\", "$'\\x1b\\'\\\\'"],
    ['\u{E0041}', "$'\\xf3\\xa0\\x81\\x81'"],
  ])('writes %j as %s', (text, word) => {
    expect(quoteForShell(text)).toBe(word);
  });

  it('gives bash back every text as one word', () => {
    // NUL cannot be in any argument, and lone surrogates have no bytes.
    const character = fc.integer({ min: 1, max: 0x10ffff }).filter((code) => code < 0xd800 || code > 0xdfff);
    const hostile = fc.constantFrom(
      ...Array.from('\'"\\$`!*?[]{}();&|<>#~ \n\t\r'),
      '\u001b[201~',
      '\u202e',
      '😀',
      '-',
    );
    const text = fc
      .array(
        fc.oneof(
          hostile,
          character.map((code) => String.fromCodePoint(code)),
        ),
        { maxLength: 12 },
      )
      .map((pieces) => pieces.join(''));
    const texts = fc.sample(text, { numRuns: 2_000, seed: 1 });
    const script = `for word in ${texts.map(quoteForShell).join(' ')}; do printf '%s\\0' "$word"; done`;
    const output = execFileSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(output.split('\0').slice(0, -1)).toEqual(texts);
  });
});

const folder = fixtures();
const tools = (['oras', 'crane', 'regctl'] as const).map((tool) => peer(tool));
const isPossible =
  folder !== undefined && tools.every((tool) => tool !== undefined) && hasRealRegistry('olareg');

describe.skipIf(!isPossible)(
  'the equal commands, run by a shell (skipped without fixtures and the real oras, crane, regctl, olareg)',
  () => {
    let place = '';
    let registry: RealRegistry;

    beforeAll(async () => {
      place = mkdtempSync(path.join(tmpdir(), 'tallyman-equal-'));
      for (const name of ['release', "it's a: release"])
        cpSync(path.join(folder!, 'oci', 'graph-oras.layout'), path.join(place, name), { recursive: true });
      registry = await startRealRegistry('olareg');
      // olareg 0.1.2 loses referrers that are pushed at the same time.
      run(
        `oras cp -r --concurrency 1 --to-plain-http --from-oci-layout ${quoteForShell(`${place}/release:1.4.0`)} ${registry.host}/team/app:1.4.0`,
      );
    });

    afterAll(async () => {
      await registry.close();
      rmSync(place, { recursive: true });
    });

    function run(command: string | undefined): string {
      const searched = [...tools.map((tool) => path.dirname(tool!)), process.env['PATH']].join(
        path.delimiter,
      );
      const environment = { ...process.env, PATH: searched, HOME: place, DOCKER_CONFIG: place };
      return execFileSync('bash', ['-c', command!], {
        encoding: 'utf8',
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    }

    it('show the tags, the graph and the bytes of a layout, also in a folder with an odd name', () => {
      for (const name of ['release', "it's a: release"]) {
        const target = { source: `layout:${place}/${name}` };
        const graph = run(equalCommand({ kind: 'artifact', target, tag: '1.4.0' }));
        expect(graph).toContain('application/spdx+json');
        const digest = /sha256:[a-f0-9]{64}/.exec(graph)![0];
        expect(run(equalCommand({ kind: 'artifact', target, digest })).split('\n')[0]).toBe(
          graph.split('\n')[0],
        ); // the order below varies
        expect(run(equalCommand({ kind: 'manifest', target, digest }))).toContain('"schemaVersion": 2');
        expect(run(equalCommand({ kind: 'blob', target, digest }))).toContain('"schemaVersion":2');
      }
      const target = { source: `layout:${place}/release` };
      expect(run(equalCommand({ kind: 'repository', target }))).toContain('1.4.0');
      expect(run(equalCommand({ kind: 'repository', target }, {}, 'regctl'))).toContain('1.4.0');
    });

    it('show the repositories, tags, graph and bytes of a registry', () => {
      const source = `registry:${registry.host}`;
      const target = { source, repository: 'team/app' };
      const plain = { plainHttp: true };
      const digest = /sha256:[a-f0-9]{64}/.exec(
        run(equalCommand({ kind: 'artifact', target, tag: '1.4.0' }, plain)),
      )![0];
      for (const tool of ['oras', 'crane', 'regctl'] as const) {
        expect(run(equalCommand({ kind: 'repository', target }, plain, tool))).toContain('1.4.0');
        expect(run(equalCommand({ kind: 'manifest', target, digest }, plain, tool))).toMatch(
          /"schemaVersion": ?2/,
        );
        if (tool !== 'crane')
          expect(run(equalCommand({ kind: 'artifact', target, digest }, plain, tool))).toContain('spdx');
      }
      const manifest = run(equalCommand({ kind: 'manifest', target, digest }, plain, 'crane'));
      const child = (JSON.parse(manifest) as { manifests: { digest: string }[] }).manifests[0]!.digest;
      const config = (
        JSON.parse(run(equalCommand({ kind: 'manifest', target, digest: child }, plain))) as {
          config: { digest: string };
        }
      ).config.digest;
      for (const tool of ['oras', 'crane', 'regctl'] as const) {
        expect(run(equalCommand({ kind: 'blob', target, digest: config }, plain, tool))).toContain(
          '"rootfs"',
        );
      }
    });
  },
);
