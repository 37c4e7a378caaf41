import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { parseReference } from '../../../shared/oci/reference.ts';

/** A registry as a person names it. */
export interface RegistryLocation {
  /** Canonical `host[:port]`. */
  readonly host: string;
  /** Said by the scheme, when there was one. */
  readonly plainHttp?: boolean;
}

/**
 * A host with an optional port, as it is (`localhost:5000`, `ghcr.io`) or as an address copied from elsewhere (`https://ghcr.io/`,
 * `http://localhost:5000`).
 * @throws TallymanError INVALID_REFERENCE with the reason; also for a name without dot or port, which references would read as a
 * repository of Docker Hub.
 */
export function parseRegistryLocation(text: string): RegistryLocation {
  const trimmed = text.trim();
  const scheme = /^(https?):\/\//i.exec(trimmed)?.[1]?.toLowerCase();
  const location = scheme === undefined ? trimmed : `https://${trimmed.slice(scheme.length + 3)}`;
  const { registry, repository, digest } = parseReference(location);
  if (repository !== undefined || digest !== undefined) {
    throw new TallymanError({
      code: 'INVALID_REFERENCE',
      message: 'That is not the host of a registry.',
      hint: 'Give host and port, for example localhost:5000, registry.example.com, or myhost.local:443; a repository is opened from the bar at the top.',
    });
  }
  return { host: registry, ...(scheme === undefined ? {} : { plainHttp: scheme === 'http' }) };
}
