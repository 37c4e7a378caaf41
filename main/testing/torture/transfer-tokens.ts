import path from 'node:path';
import type { Fault, PassingRequest } from '../fault-proxy.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';
import { createTransferWorld, sha256OfFile } from './transfer-world.ts';

/** What the proxy in front of the registry knows about tokens. */
interface TokenGate {
  readonly spoil: (request: PassingRequest) => Fault | undefined;
  /** Tokens that were given out. */
  readonly given: () => number;
}

/** A registry that wants a token, each good for so many milliseconds, whatever the token itself says about that. */
function createTokenGate(host: string, life: number): TokenGate {
  const born = new Map<string, number>();
  return {
    given: () => born.size,
    spoil({ target, headers }) {
      if (target.startsWith('/token')) {
        const token = `token-${born.size + 1}`;
        born.set(token, performance.now());
        // It claims to be good for a minute: that it is refused before is found out by the refusal alone.
        const body = JSON.stringify({ token, expires_in: 60 });
        return { kind: 'answer', status: 200, headers: { 'content-type': 'application/json' }, body };
      }
      const at = born.get(headers.authorization?.replace(/^Bearer /i, '') ?? '');
      // Without the header the proxy passes it to a registry that wants none.
      if (at !== undefined && performance.now() - at < life)
        return { kind: 'change', request: { authorization: undefined } };
      const scope = 'repository:team/app:pull,push';
      const challenge = `Bearer realm="http://${host}/token",service="test",scope="${scope}"`;
      return {
        kind: 'answer',
        status: 401,
        headers: { 'www-authenticate': challenge, 'content-type': 'application/json' },
        body: '{"errors":[{"code":"UNAUTHORIZED","message":"token expired"}]}',
      };
    },
  };
}

/**
 * Check 41: a push and a pull while every token is refused a moment after it was given. Both finish, and no part of a blob is sent or
 * fetched twice because of it, but the parts that were refused.
 */
export async function transferTokens(
  { folder, seed, signal }: TortureSurroundings,
  { size, life }: { readonly size: number; readonly life: number },
): Promise<TortureReport> {
  const tally = new Tally();
  const world = await createTransferWorld({ folder, seed, signal });
  try {
    const file = await world.file('tokens', size);
    for (const kind of ['push', 'pull'] as const) {
      const gate = createTokenGate(world.proxy.host, life);
      world.proxy.forget();
      world.proxy.spoil(gate.spoil);
      const job = await world.run(kind === 'push' ? await world.push(file) : await world.pull(file));
      const refused = gate.given();
      tally.note(`${kind}: tokens`, refused);
      const passed = kind === 'push' ? world.proxy.receivedFromClient : world.proxy.sentToClient;
      const violations =
        job.state === 'done' ? [] : [`The ${kind} ended as ${job.state}: ${job.error?.message ?? ''}`];
      tally.note(`${kind}: bytes again`, Math.max(passed - size, 0));
      // A part that is refused may have been on its way as a whole.
      if (passed > size + refused * PART_LIMIT)
        violations.push(`${kind}: ${passed} bytes passed for ${size}.`);
      if (kind === 'pull' && (await sha256OfFile(path.join(world.pulled, 'tokens'))) !== file.sha256)
        violations.push('The file has other bytes.');
      tally.round(violations);
    }
  } finally {
    await world.close();
  }
  return tally.report();
}

/** Bytes of the largest part of an upload. */
const PART_LIMIT = 16 * 1024 * 1024;
