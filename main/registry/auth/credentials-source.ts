import type { Secret } from './secret.ts';

/** Where credentials were found, as the window tells it. */
export type CredentialsOrigin = 'docker-config' | 'credential-helper' | 'session';

interface CredentialsBase {
  /** Tells credentials apart without revealing them: part of the key under which tokens are kept (bar, A10). */
  readonly id: string;
  readonly from: CredentialsOrigin;
}

/** A name and password: HTTP Basic to the registry, or to its token server. */
export interface PasswordCredentials extends CredentialsBase {
  readonly kind: 'password';
  readonly username: string;
  readonly password: Secret;
}

/** A refresh token (`identitytoken` of Docker's config): only ever sent to a token server. */
export interface IdentityTokenCredentials extends CredentialsBase {
  readonly kind: 'identity-token';
  /** Some files keep a user name beside it. */
  readonly username?: string;
  readonly identityToken: Secret;
}

/** A ready bearer token (`registrytoken`): sent to the registry as it is. */
export interface RegistryTokenCredentials extends CredentialsBase {
  readonly kind: 'registry-token';
  readonly registryToken: Secret;
}

export type Credentials = PasswordCredentials | IdentityTokenCredentials | RegistryTokenCredentials;

/** A place that may know credentials: Docker's config, a credential helper, what a person typed in this run. */
export interface CredentialsSource {
  /**
   * The credentials for a registry, undefined when this source knows none.
   *
   * @param host - `host[:port]` as the person knows the registry; Docker Hub is `docker.io`.
   * @param repository - the repository asked about, for entries below a host; undefined for the registry itself.
   * @throws TallymanError when a credential helper is named but does not work: never the entry of another registry
   * instead (CVE-2021-41092).
   */
  find(host: string, repository: string | undefined, signal: AbortSignal): Promise<Credentials | undefined>;
}
