import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { peer } from './surroundings.ts';
import { containment, type Relation, type Relations, type TrueLayout, type Truth } from './truth.ts';

const run = promisify(execFile);

/** Milliseconds for one run of a client. */
const CLIENT_LIMIT = 60_000;

const COMPANION = /^(sha256|sha512)-([0-9a-f]{64,128})(?:\.(?:sig|att|sbom))?$/;
const TAG = /^\w[\w.-]{0,127}$/;

/** Pushes layouts of the corpus to one registry by real clients. */
export interface TruthPusher {
  /** Unpacks a layout, and names what can be pushed of it: its ordinary tags, or its entries where it has none. */
  prepare(layout: TrueLayout): Promise<PreparedLayout>;
  close(): Promise<void>;
}

/** A layout that is ready to be pushed to the repository of its name. */
export interface PreparedLayout {
  readonly repository: string;
  readonly tags: readonly string[];
  /**
   * Pushes what a tag names and everything that hangs on it: by `regctl` where referrers lie under tags, by `oras` where
   * `index.json` lists them, and by the other one where the first refuses.
   * @throws Error with the output of the other one.
   */
  push(tag: string): Promise<void>;
  /** The same with the first client alone, for what no client can push: regctl tries long. */
  pushOnce(tag: string): Promise<void>;
}

/**
 * Clients of one registry.
 * @param concurrency - requests of one client at once; 1 for olareg 0.1.2, which loses referrers of one subject that are pushed at
 *   the same time.
 */
export async function createTruthPusher(host: string, concurrency: number): Promise<TruthPusher> {
  const work = await mkdtemp(path.join(tmpdir(), 'tallyman-push-'));
  const configuration = path.join(work, 'regctl.json');
  await writeFile(
    configuration,
    JSON.stringify({ hosts: { [host]: { tls: 'disabled', hostname: host, reqConcurrent: concurrency } } }),
  );
  const env = { ...process.env, REGCTL_CONFIG: configuration, DOCKER_CONFIG: work, HOME: work };
  const runClient = async (name: string, args: readonly string[]): Promise<void> => {
    const program = peer(name);
    if (program === undefined) throw new Error(`${name} is not on this machine.`);
    await run(program, args, { env, timeout: CLIENT_LIMIT });
  };
  const oras = (from: string, to: string): Promise<void> => {
    const source = ['--concurrency', String(concurrency), '--from-oci-layout', from];
    return runClient('oras', ['cp', '-r', '--no-tty', ...source, '--to-plain-http', to]);
  };
  const regctl = (from: string, to: string): Promise<void> =>
    runClient('regctl', ['image', 'copy', '--referrers', '--digest-tags', `ocidir://${from}`, to]);

  return {
    async prepare({ name, archive, truth }) {
      const folder = path.join(work, name);
      await mkdir(folder, { recursive: true });
      await run('tar', ['-xf', archive, '-C', folder]);
      const names = Object.keys(truth.tags);
      const places = new Map(names.filter(isOrdinaryTag).map((tag) => [tag, `${folder}:${tag}`]));
      if (places.size === 0) {
        for (const [index, { digest }] of truth.entries.entries())
          places.set(`entry-${index}`, `${folder}@${digest}`);
      }
      const [first, second] = names.some((tag) => COMPANION.test(tag)) ? [regctl, oras] : [oras, regctl];
      const pushOnce = (tag: string): Promise<void> => first(places.get(tag)!, `${host}/${name}:${tag}`);
      const push = (tag: string): Promise<void> =>
        pushOnce(tag).catch(() => second(places.get(tag)!, `${host}/${name}:${tag}`));
      return { repository: name, tags: [...places.keys()], push, pushOnce };
    },
    close: () => rm(work, { recursive: true, force: true }),
  };
}

function isOrdinaryTag(name: string): boolean {
  return TAG.test(name) && !COMPANION.test(name);
}

/** What a repository really holds after a push, asked without any code of the product. */
export interface Inventory {
  /** Digest of what each tag names. */
  readonly tags: ReadonlyMap<string, string>;
  /** Manifests of the truth file that are there. */
  readonly manifests: ReadonlySet<string>;
  /** What the index under each tag that is one lists. */
  readonly listed: ReadonlyMap<string, readonly string[]>;
}

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.artifact.manifest.v1+json',
  'application/vnd.cncf.oras.artifact.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
].join(', ');

export async function takeInventory(host: string, repository: string, truth: Truth): Promise<Inventory> {
  const base = `http://${host}/v2/${repository}`;
  const listing = (await (await fetch(`${base}/tags/list?n=1000`)).json()) as {
    tags?: readonly string[] | null;
  };
  const tags = new Map<string, string>();
  const listed = new Map<string, readonly string[]>();
  for (const tag of listing.tags ?? []) {
    const response = await fetch(`${base}/manifests/${tag}`, { headers: { accept: ACCEPT } });
    const body = Buffer.from(await response.arrayBuffer());
    const algorithm =
      response.headers.get('docker-content-digest')?.startsWith('sha512:') === true ? 'sha512' : 'sha256';
    tags.set(tag, `${algorithm}:${createHash(algorithm).update(body).digest('hex')}`);
    const { manifests } = JSON.parse(body.toString()) as { manifests?: readonly { digest: string }[] };
    if (manifests !== undefined)
      listed.set(
        tag,
        manifests.map((manifest) => manifest.digest),
      );
  }
  const manifests = new Set<string>();
  for (const { digest, role } of truth.nodes) {
    if (role === 'blob') continue;
    const { status } = await fetch(`${base}/manifests/${digest}`, {
      method: 'HEAD',
      headers: { accept: ACCEPT },
    });
    if (status === 200) manifests.add(digest);
  }
  return { tags, manifests, listed };
}

/** How a truth file's content hangs together in a repository that holds this much of it. */
export function registryRelations(
  truth: Truth,
  { tags, manifests, listed }: Inventory,
  hasReferrersApi: boolean,
): Relations {
  const here = (edge: Relation): boolean => manifests.has(edge.from);
  const subjects = truth.edges.filter((edge) => edge.via === 'subject' && here(edge));
  const refers: Relation[] = subjects.flatMap(({ from, to }) => {
    const byTag = listed.get(fallbackTag(to))?.includes(from) === true;
    const ways = [...(hasReferrersApi ? ['referrers-api'] : []), ...(byTag ? ['fallback-tag'] : [])];
    return (ways.length === 0 ? [undefined] : ways).map((via) => ({ from, to, via }));
  });
  for (const [tag, digest] of tags) {
    const [, algorithm, encoded] = /^(sha256|sha512)-([0-9a-f]+)\.(?:sig|att|sbom)$/.exec(tag) ?? [];
    if (algorithm !== undefined && encoded !== undefined)
      refers.push({ from: digest, to: `${algorithm}:${encoded}`, via: 'cosign-tag' });
  }
  const indexes = new Set(
    containment(truth)
      .filter((edge) => edge.via === 'child' && here(edge))
      .map((edge) => edge.to),
  );
  const attestations = truth.edges.filter(
    (edge) => edge.via === 'buildkit-attestation' && indexes.has(edge.from),
  );
  return { contains: containment(truth).filter(here), refers: [...refers, ...attestations] };
}

function fallbackTag(digest: string): string {
  const [algorithm = '', encoded = ''] = digest.split(':');
  return `${algorithm.slice(0, 32)}-${encoded.slice(0, 64)}`;
}
