import type { CredentialsSource } from '../registry/auth/credentials-source.ts';
import { TallymanError, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import {
  addManifest,
  emptyContent,
  failure,
  repositoryIn,
  serveContent,
  type ScriptedContent,
} from './content-script.ts';
import { openTestRegistry, quietSignal, startForTest } from './open-registry.ts';
import type { ScriptedAnswer, ScriptedRegistry, ScriptedRequest } from './scripted-registry.ts';
import { takeUploads, type ScriptedUploads } from './scripted-uploads.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** Content with `team/app` and `team/other`, both with a tag `1.0`. */
export function teamContent(): ScriptedContent {
  const content = emptyContent();
  addManifest(repositoryIn(content, 'team/app'), { schemaVersion: 2 }, MANIFEST, '1.0');
  addManifest(repositoryIn(content, 'team/other'), { schemaVersion: 2 }, MANIFEST, '1.0');
  return content;
}

/** A registry and the token server it trusts. */
export interface TokenWorld {
  readonly registry: ScriptedRegistry;
  readonly tokens: ScriptedRegistry;
}

/** A registry that wants a bearer token the token server gave, with the account's name and scopes inside. */
export async function startTokenWorld(
  options: {
    readonly answer?: (request: ScriptedRequest) => ScriptedAnswer | undefined;
    readonly challenge?: (tokens: string, scope: string) => string;
  } = {},
): Promise<TokenWorld> {
  const serve = serveContent(teamContent());
  const tokens = await startForTest((request) => options.answer?.(request) ?? giveToken(request));
  const registry = await startForTest((request) => {
    const name = /^\/v2\/(.+)\/(manifests|tags|blobs|referrers)\//.exec(request.path)?.[1];
    const scope = name === undefined ? '' : `repository:${name}:pull`;
    const bearer = request.headers.authorization?.replace(/^Bearer /, '');
    const granted = bearer === undefined ? undefined : Buffer.from(bearer, 'base64url').toString();
    if (granted?.includes(scope) === true) return serve(request);
    const challenge =
      options.challenge?.(tokens.origin, scope) ??
      `Bearer realm="${tokens.origin}/token",service="reg",scope="${scope}"`;
    return {
      ...failure(401, 'UNAUTHORIZED', 'authentication required'),
      headers: { 'www-authenticate': challenge, 'content-type': 'application/json' },
    };
  });
  return { registry, tokens };
}

/** A registry that takes pushes with tokens, each of which is good for a few requests only. */
export interface PushWorld extends TokenWorld {
  readonly content: ScriptedContent;
  readonly uploads: ScriptedUploads;
}

/**
 * Starts one. Reading wants `pull`, deleting `delete`, mounting `pull` of the other repository, everything else `push`; a token
 * ends after `uses` requests, at whatever step that is.
 */
export async function startPushWorld(uses: number): Promise<PushWorld> {
  const content = emptyContent();
  repositoryIn(content, 'team/app');
  const uploads = takeUploads(content);
  const used = new Map<string, number>();
  const tokens = await startForTest(giveToken);
  const registry = await startForTest((request) => {
    const name = /^\/v2\/(.+)\/(?:manifests|tags|blobs|referrers)\//.exec(request.path)?.[1] ?? '';
    const action =
      request.method === 'GET' || request.method === 'HEAD'
        ? 'pull'
        : request.method === 'DELETE' && request.path.includes('/manifests/')
          ? 'delete'
          : 'push';
    const from = request.query.get('from');
    const wanted = [[name, action], ...(from === null ? [] : [[from, 'pull']])];
    const bearer = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    const granted = Buffer.from(bearer, 'base64url').toString().split(/[| ]/);
    const count = (used.get(bearer) ?? 0) + 1;
    used.set(bearer, count);
    const isGranted = wanted.every(([repository = '', needed = '']) =>
      granted.some((scope) => {
        const [, of, actions = ''] = scope.split(':');
        return of === repository && actions.split(',').includes(needed);
      }),
    );
    if (isGranted && count <= uses) return uploads.script(request);
    const scope = wanted.map(([repository, needed]) => `repository:${repository}:${needed}`).join(' ');
    return {
      ...failure(401, 'UNAUTHORIZED', 'authentication required'),
      headers: {
        'www-authenticate': `Bearer realm="${tokens.origin}/token",service="reg",scope="${scope}"`,
        'content-type': 'application/json',
      },
    };
  });
  return { registry, tokens, content, uploads };
}

/** A token that names the account and the scopes it was asked for. */
export function giveToken(request: ScriptedRequest): ScriptedAnswer {
  const form = new URLSearchParams(Buffer.from(request.body).toString());
  const scopes = [...request.query.getAll('scope'), form.get('scope') ?? ''].join(' ');
  const account = request.headers.authorization ?? form.get('refresh_token') ?? 'nobody';
  const token = Buffer.from(`${account}|${scopes}|${Math.random()}`).toString('base64url');
  return {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, access_token: token, expires_in: 300 }),
  };
}

/** The value of an `Authorization` header for HTTP Basic. */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** Reads the tag `1.0` of a repository through a registry opened for it. */
export async function fetchTag(
  registry: ScriptedRegistry,
  credentials?: CredentialsSource,
  repository = 'team/app',
): Promise<unknown> {
  const { registry: opened } = openTestRegistry({
    host: registry.host,
    ...(credentials === undefined ? {} : { credentials }),
  });
  return opened.repository(repository).fetchManifest('1.0', { signal: quietSignal() });
}

/** The error some work ends with. */
export async function failureOf(work: Promise<unknown>): Promise<ErrorData> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof TallymanError) return outcome.toData();
  throw new Error('It did not fail as it should.', { cause: outcome });
}
