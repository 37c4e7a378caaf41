/**
 * Docker Hub as a person knows it, and the names it also has (quirk A17). Exact names: `evildocker.io` is another
 * registry.
 */
const NAMES: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/** The host that answers Docker Hub's distribution API. */
const API_HOST = 'registry-1.docker.io';

/** The name under which Docker's configuration and helpers keep Docker Hub's credentials. */
export const DOCKER_HUB_CONFIG_KEY = 'https://index.docker.io/v1/';

/** True for Docker Hub by any of its names. */
export function isDockerHub(host: string): boolean {
  return NAMES.has(host);
}

/** The `host[:port]` to connect to for a registry as a person knows it. */
export function apiHost(host: string): string {
  return isDockerHub(host) ? API_HOST : host;
}
