import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { CredentialsSource } from '../../registry/auth/credentials-source.ts';
import type { SessionCredentials } from '../../credentials/session-credentials.ts';
import { accountOf } from '../sources/account-of.ts';
import type { HandlersOf } from '../handlers.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import type { KnownRegistry, SourceList } from '../sources/source-list.ts';

export interface AccountsServiceOptions {
  readonly sources: SourceList;
  readonly targets: OpenTargets;
  /** What was typed in this run of the program; it wins over every configuration. */
  readonly session: SessionCredentials;
  /** Everything together: the session, then Docker's and containers' files. */
  readonly credentials: CredentialsSource;
}

/** Signing in and out. What is typed stays in memory until the program ends; files and credential helpers are only read. */
export function createAccountsService(
  options: AccountsServiceOptions,
): HandlersOf<'accounts.signIn' | 'accounts.signOut'> {
  const { sources, targets, session, credentials } = options;

  const registryOf = async (source: string): Promise<KnownRegistry> => {
    const known = await sources.get(source);
    if (known.kind === 'registry') return known;
    throw new TallymanError({
      code: 'UNSUPPORTED',
      message: `${known.source.label} is no registry: nobody signs in there.`,
    });
  };

  return {
    async 'accounts.signIn'({ source, username, password }, { signal }) {
      const { host } = await registryOf(source);
      const { plainHttp } = await targets.probeWith(
        source,
        session.only(host, { username, password }),
        signal,
      );
      session.signIn(host, { username, password });
      // Connections that were made for somebody else, or nobody, are not used any more.
      await targets.forget(source);
      await sources.learn(source, { plainHttp, account: { username, from: 'session' } });
      return { source: (await sources.get(source)).source };
    },

    async 'accounts.signOut'({ source }, { signal }) {
      const { host } = await registryOf(source);
      session.signOut(host);
      await targets.forget(source);
      await sources.learn(source, { account: await accountOf(credentials, host, signal) });
      return { source: (await sources.get(source)).source };
    },
  };
}
