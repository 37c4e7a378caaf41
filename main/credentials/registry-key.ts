import { DOCKER_HUB_CONFIG_KEY, isDockerHub } from '../registry/docker-hub.ts';
import { trimEndWhile } from '../../shared/text/trim-end-while.ts';

/** The name under which Docker keeps a registry: the host, or Docker Hub's old URL. */
export function serverNameOf(host: string): string {
  return isDockerHub(host) ? DOCKER_HUB_CONFIG_KEY : host;
}

/**
 * The host, and for containers' files the namespace below it, that a key of `auths` or `credHelpers` means. Keys may
 * be URLs with a scheme and Docker's old paths: `https://index.docker.io/v1/`, `quay.io/team`,
 * `http://localhost:5000`. Hosts are compared exactly (bar, A9); Docker Hub's names are one.
 */
export function readRegistryKey(key: string): { readonly host: string; readonly path: string } {
  const bare = key.replace(/^https?:\/\//, '');
  const slash = bare.indexOf('/');
  const host = (slash === -1 ? bare : bare.slice(0, slash)).toLowerCase();
  const path = slash === -1 ? '' : trimEndWhile(bare.slice(slash + 1), (character) => character === '/');
  return {
    host: isDockerHub(host) ? 'docker.io' : host,
    // The versions of Docker's first API, not namespaces.
    path: path === 'v1' || path === 'v2' ? '' : path,
  };
}

/**
 * The value for a registry, or for the longest namespace around a repository where `namespaces` are looked at:
 * `host/ns/repo`, then `host/ns`, then `host` (containers-auth.json).
 */
export function findByRegistry<Value>(
  entries: ReadonlyMap<string, Value>,
  host: string,
  repository: string | undefined,
  namespaces: boolean,
): Value | undefined {
  const wanted = isDockerHub(host) ? 'docker.io' : host;
  const parts = namespaces && repository !== undefined ? repository.split('/') : [];
  for (let length = parts.length; length >= 0; length -= 1) {
    const path = parts.slice(0, length).join('/');
    for (const [key, value] of entries) {
      const read = readRegistryKey(key);
      if (read.host === wanted && read.path === path) return value;
    }
  }
  return undefined;
}
