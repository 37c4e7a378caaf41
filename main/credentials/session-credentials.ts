import type { CredentialsSource, PasswordCredentials } from '../registry/auth/credentials-source.ts';
import { Secret } from '../registry/auth/secret.ts';
import { isDockerHub } from '../registry/docker-hub.ts';
import { credentialsId } from './credentials-id.ts';

/** What a person typed into the sign-in dialog. */
export interface SignIn {
  readonly username: string;
  readonly password: string;
}

/** Sign-ins of this run of the program: in memory only, and stronger than every configuration. */
export interface SessionCredentials extends CredentialsSource {
  signIn(host: string, account: SignIn): void;
  /** Forgets a sign-in; what the configuration knows is used again. */
  signOut(host: string): void;
  /** These credentials for this registry and nothing else, to try a sign-in before it is kept. */
  only(host: string, account: SignIn): CredentialsSource;
}

/**
 * Makes the sign-ins of one run, empty at first.
 *
 * @param others - asked for registries nobody signed in to.
 */
export function createSessionCredentials(others: CredentialsSource): SessionCredentials {
  const accounts = new Map<string, PasswordCredentials>();
  return {
    signIn(host, account) {
      accounts.set(keyOf(host), credentialsOf(host, account));
    },
    signOut(host) {
      accounts.delete(keyOf(host));
    },
    only(host, account) {
      const credentials = credentialsOf(host, account);
      return { find: (asked) => Promise.resolve(keyOf(asked) === keyOf(host) ? credentials : undefined) };
    },
    find(host, repository, signal) {
      const known = accounts.get(keyOf(host));
      return known === undefined ? others.find(host, repository, signal) : Promise.resolve(known);
    },
  };
}

function keyOf(host: string): string {
  return isDockerHub(host) ? 'docker.io' : host;
}

function credentialsOf(host: string, { username, password }: SignIn): PasswordCredentials {
  const secret = new Secret(password);
  return {
    kind: 'password',
    id: credentialsId(keyOf(host), username, secret),
    from: 'session',
    username,
    password: secret,
  };
}
