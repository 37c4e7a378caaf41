import type { Source } from '../../../shared/contract/source.ts';
import { isCancellation } from '../../../shared/errors/tallyman-error.ts';
import type { CredentialsSource } from '../../registry/auth/credentials-source.ts';

/**
 * Who is signed in at a registry, and where that was found; never a secret. Undefined where nobody is, and where a credential helper
 * does not work: requests that need it say so.
 */
export async function accountOf(
  credentials: CredentialsSource,
  host: string,
  signal: AbortSignal,
): Promise<Source['account']> {
  try {
    const found = await credentials.find(host, undefined, signal);
    if (found === undefined) return undefined;
    switch (found.kind) {
      case 'password':
        return { username: found.username, from: found.from };
      case 'identity-token':
        return { username: found.username ?? 'identity token', from: found.from };
      case 'registry-token':
        return { username: 'registry token', from: found.from };
    }
  } catch (error) {
    if (isCancellation(error)) throw error;
    return undefined;
  }
}
