import { describe, expect, it } from 'vitest';
import {
  addManifest,
  emptyContent,
  failure,
  repositoryIn,
  serveContent,
} from '../../testing/content-script.ts';
import { collectPages, openTestRegistry, quietSignal, startForTest } from '../../testing/open-registry.ts';
import type { Script, ScriptedAnswer, ScriptedRegistry } from '../../testing/scripted-registry.ts';

interface Listing {
  readonly names: readonly string[];
  readonly error: string | undefined;
  readonly server: ScriptedRegistry;
  readonly warnings: readonly string[];
}

async function tagsOf(script: Script): Promise<Listing> {
  const server = await startForTest(script);
  const { registry, warnings } = openTestRegistry({ host: server.host, plainHttp: true });
  const names: string[] = [];
  let error: string | undefined;
  try {
    for await (const page of registry.repository('team/app').listEntries!({ signal: quietSignal() })) {
      names.push(...page.map(({ tag }) => tag ?? ''));
    }
  } catch (thrown) {
    error = (thrown as { code?: string }).code ?? String(thrown);
  }
  return { names, error, server, warnings };
}

function page(names: readonly string[] | null, link?: string): ScriptedAnswer {
  return {
    headers: { 'content-type': 'application/json', ...(link === undefined ? {} : { link }) },
    body: JSON.stringify({ name: 'team/app', tags: names }),
  };
}

describe('tags', () => {
  it('come in pages of a thousand by the registry’s links', async () => {
    const content = emptyContent();
    const repository = repositoryIn(content, 'team/app');
    const digest = addManifest(repository, {}, 'application/vnd.oci.image.manifest.v1+json');
    const tags = Array.from({ length: 2500 }, (_unused, index) => `v${String(index).padStart(5, '0')}`);
    for (const tag of tags) repository.tags.set(tag, digest);
    const { names, error, server } = await tagsOf(serveContent(content));
    expect([names, error]).toEqual([tags, undefined]);
    expect(server.requests.map(({ target }) => target)).toEqual([
      '/v2/team/app/tags/list?n=1000',
      '/v2/team/app/tags/list?n=1000&last=v00999',
      '/v2/team/app/tags/list?n=1000&last=v01999',
    ]);
  });

  it('may be null or absent, which is none (V53)', async () => {
    expect(await tagsOf(() => page(null))).toMatchObject({ names: [], error: undefined });
    expect(await tagsOf(() => ({ body: '{"name":"x"}' }))).toMatchObject({ names: [], error: undefined });
  });

  it.each<readonly [string, (origin: string) => string]>([
    ['relative to the root', () => '</v2/team/app/tags/list?last=b&n=2>; rel="next"'],
    ['relative to the page', () => '<list?last=b&n=2>; rel=next'],
    ['only a query', () => '<?last=b&n=2>; rel="next"'],
    ['absolute', (origin) => `<${origin}/v2/team/app/tags/list?last=b&n=2>; rel="next"`],
    ['of several relations', () => '</x>; rel="prev", </v2/team/app/tags/list?last=b&n=2>; rel="last next"'],
  ])('follow a link %s (V51)', async (_name, link) => {
    const script: Script = ({ query, host }) =>
      query.get('last') === 'b' ? page(['c']) : page(['a', 'b'], link(`http://${host}`));
    expect(await tagsOf(script)).toMatchObject({ names: ['a', 'b', 'c'], error: undefined });
  });

  // Check 3 of the reliability bar.
  it.each(['other port', 'other host', 'other scheme', 'file', 'userinfo'])(
    'do not follow a link to another origin: %s',
    async (way) => {
      const attacker = await startForTest(() => page(['stolen']));
      const { names, error, server } = await tagsOf(({ host }) => {
        const targets: Record<string, string> = {
          'other port': `${attacker.origin}/v2/team/app/tags/list`,
          'other host': `http://localhost:${attacker.port}/`,
          'other scheme': `https://${host}/v2/`,
          file: 'file:///etc/passwd',
          userinfo: `http://a:b@${host}/v2/`,
        };
        return page(['a'], `<${targets[way]}>; rel="next"`);
      });
      expect([names, error, server.requests.length, attacker.connectionsOpened]).toEqual([
        ['a'],
        'OUTBOUND_REFUSED',
        1,
        0,
      ]);
    },
  );

  it('end at a link that leads to itself, to an earlier page, or to the same content', async () => {
    expect(await tagsOf(() => page(['a'], '</v2/team/app/tags/list?n=1000>; rel="next"'))).toMatchObject({
      names: ['a'],
      error: 'PROTOCOL',
    });
    const pair: Script = ({ query }) =>
      page(
        [query.get('p') ?? 'x'],
        `</v2/team/app/tags/list?p=${query.get('p') === 'a' ? 'b' : 'a'}>; rel="next"`,
      );
    expect(await tagsOf(pair)).toMatchObject({ names: ['x', 'a', 'b'], error: 'PROTOCOL' });
    let fresh = 0;
    const growing = await tagsOf(() => page([`t${++fresh}`], '</v2/team/app/tags/list?p=1>; rel="next"'));
    expect([growing.names, growing.error]).toEqual([['t1', 't2'], 'PROTOCOL']);
    let count = 0;
    const same = await tagsOf(() => page(['a', 'b'], `</v2/team/app/tags/list?p=${++count}>; rel="next"`));
    expect(same).toMatchObject({ names: ['a', 'b'], error: 'PROTOCOL' });
    expect(same.server.requests).toHaveLength(2);
    expect(await tagsOf(() => page(['a'], '<http://[>; rel="next"'))).toMatchObject({
      names: ['a'],
      error: 'PROTOCOL',
    });
  });

  it('end after a thousand pages of one tag each, in less than five seconds', async () => {
    let count = 0;
    const start = performance.now();
    const { names, error } = await tagsOf(() => {
      count += 1;
      return page([`t${count}`], `</v2/team/app/tags/list?p=${count}>; rel="next"`);
    });
    expect([names.length, error, count]).toEqual([1000, 'LIMIT', 1000]);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('end after 64 MiB', async () => {
    let count = 0;
    const { error } = await tagsOf(() => {
      count += 1;
      const names = [`t${count}`, 'x'.repeat(7 * 1024 * 1024)];
      return page(names, `</v2/team/app/tags/list?p=${count}>; rel="next"`);
    });
    expect([error, count]).toEqual(['LIMIT', 10]);
  });

  it('may have some empty pages in between, but not for ever', async () => {
    const script =
      (until: number): Script =>
      ({ query }) => {
        const number = Number(query.get('p') ?? 0);
        return number === until
          ? page(['end'])
          : page([], `</v2/team/app/tags/list?p=${number + 1}>; rel="next"`);
      };
    expect(await tagsOf(script(10))).toMatchObject({ names: ['end'], error: undefined });
    expect(await tagsOf(script(100))).toMatchObject({ names: [], error: 'PROTOCOL' });
  });

  it('are asked for once more after a full page without a link, for old registries (V52)', async () => {
    const all = Array.from({ length: 1500 }, (_unused, index) => `v${String(index).padStart(5, '0')}`);
    const old: Script = ({ query }) => {
      const last = query.get('last');
      return page(all.filter((tag) => last === null || tag > last).slice(0, Number(query.get('n'))));
    };
    expect((await tagsOf(old)).names).toEqual(all);
    const exact = all.slice(0, 1000);
    const ignoring = await tagsOf(() => page(exact));
    expect([ignoring.names, ignoring.error, ignoring.server.requests.length]).toEqual([exact, undefined, 2]);
    const refusing = await tagsOf(({ query }) =>
      query.has('last') ? failure(400, 'UNSUPPORTED', 'no last') : page(exact),
    );
    expect([refusing.names, refusing.error]).toEqual([exact, undefined]);
    // All at once, whatever was asked for: nothing more is to be had.
    const everything = await tagsOf(() => page(all));
    expect([everything.names, everything.server.requests.length]).toEqual([all, 1]);
  });

  it('are asked for in smaller pages where a thousand are too many (quirk L2)', async () => {
    const { names, server } = await tagsOf(({ query }) => {
      const size = Number(query.get('n') ?? 0);
      return size > 50 ? failure(400, 'PAGINATION_NUMBER_INVALID', 'too many') : page(['a']);
    });
    expect(names).toEqual(['a']);
    expect(server.requests.map(({ target }) => target)).toEqual([
      '/v2/team/app/tags/list?n=1000',
      '/v2/team/app/tags/list?n=100',
      '/v2/team/app/tags/list',
    ]);
  });

  it('that are none are left out and told', async () => {
    const { names, warnings } = await tagsOf(() =>
      page(['good', '../evil', 'a b', '', '-x', 'x'.repeat(200)]),
    );
    expect(names).toEqual(['good']);
    expect(warnings).toEqual([expect.stringContaining('5 entries are no tags')]);
  });

  it.each<readonly [string, ScriptedAnswer, string]>([
    ['an unknown repository', failure(404, 'NAME_UNKNOWN', 'unknown'), 'NOT_FOUND'],
    ['a web page', { headers: { 'content-type': 'text/html' }, body: '<html>' }, 'PROTOCOL'],
    ['no JSON', { body: 'tags' }, 'PROTOCOL'],
    ['a list instead of an object', { body: '[]' }, 'PROTOCOL'],
    ['tags that are no names', { body: '{"tags":[1]}' }, 'PROTOCOL'],
    ['tags that are no list', { body: '{"tags":{"a":1}}' }, 'PROTOCOL'],
    ['the same field twice', { body: '{"tags":["a"],"tags":[]}' }, 'PROTOCOL'],
    ['a refusal', { status: 403 }, 'DENIED'],
    ['too many requests', { status: 429, headers: { 'retry-after': '3600' } }, 'RATE_LIMITED'],
  ])('that cannot be had are an error, not none: %s', async (_name, answer, code) => {
    expect(await tagsOf(() => answer)).toMatchObject({ names: [], error: code });
  });

  it('that came before a page that failed stay', async () => {
    const script: Script = ({ query }) =>
      query.has('p') ? { status: 500 } : page(['a'], '</v2/team/app/tags/list?p=2>; rel="next"');
    expect(await tagsOf(script)).toMatchObject({ names: ['a'], error: 'REGISTRY_ERROR' });
  });
});

describe('repositories', () => {
  async function repositoriesOf(script: Script): Promise<unknown> {
    const server = await startForTest(script);
    const { registry } = openTestRegistry({ host: server.host, plainHttp: true });
    return collectPages(registry.listRepositories({ signal: quietSignal() })).catch((error: unknown) => {
      const { code, hint } = error as { code: string; hint?: string };
      return [code, hint?.includes('type the name') === true];
    });
  }

  it('come in pages', async () => {
    const content = emptyContent();
    for (let index = 0; index < 1200; index += 1)
      repositoryIn(content, `team/app-${String(index).padStart(4, '0')}`);
    expect(await repositoriesOf(serveContent(content))).toEqual([...content.repositories.keys()]);
    expect(await repositoriesOf(() => ({ body: '{"repositories":null}' }))).toEqual([]);
    expect(await repositoriesOf(() => ({ body: '{"repositories":["ok","BAD","../x"]}' }))).toEqual(['ok']);
  });

  it.each<readonly [string, ScriptedAnswer, unknown]>([
    ['no catalog', failure(404, 'UNSUPPORTED', 'no'), ['UNSUPPORTED', true]],
    ['no such path', { status: 404, body: 'nothing' }, ['UNSUPPORTED', true]],
    ['no such method', { status: 405 }, ['UNSUPPORTED', true]],
    ['not for this account', failure(403, 'DENIED', 'denied'), ['DENIED', true]],
    [
      'not for nobody',
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
      ['UNAUTHORIZED', true],
    ],
    ['in trouble', { status: 502, body: '<html>' }, ['REGISTRY_ERROR', false]],
    ['a web page', { headers: { 'content-type': 'text/html' }, body: '<html>' }, ['PROTOCOL', false]],
  ])('that cannot be listed are an error with its own next step: %s', async (_name, answer, expected) => {
    expect(await repositoriesOf(() => answer)).toEqual(expected);
  });

  it('are asked for with the catalog’s scope', async () => {
    const tokens = await startForTest(() => ({ body: '{"token":"ok"}' }));
    const challenge = `Bearer realm="${tokens.origin}/token",service="s",scope="registry:catalog:*"`;
    expect(
      await repositoriesOf(({ headers }) =>
        headers.authorization === 'Bearer ok'
          ? { body: '{"repositories":["a"]}' }
          : { status: 401, headers: { 'www-authenticate': challenge } },
      ),
    ).toEqual(['a']);
    expect(tokens.requests.map(({ query }) => query.getAll('scope'))).toEqual([['registry:catalog:*']]);
  });
});
