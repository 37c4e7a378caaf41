import type { AddressClass } from './address-class.ts';

/**
 * The registry a person named, as every outgoing request is judged against it. One identity has one set of
 * connections, so nothing learned about one registry helps another.
 */
export interface RegistryIdentity {
  /** What the person typed: `docker.io`, `localhost:5000`. For texts. */
  readonly host: string;
  /** `https://registry-1.docker.io`: scheme, host and normalised port of its API (`URL.origin`). */
  readonly origin: string;
  /** Host name of the API, lower case, without port; IPv6 in brackets, as `URL.hostname` writes it. */
  readonly hostname: string;
  /** `host[:port]` of token servers the person allowed to get this registry's password, beside the built-in pairs. */
  readonly trustedTokenHosts: readonly string[];
  /** Classes of the addresses at which this registry really answered. Grows as connections are made. */
  readonly addressClasses: Set<AddressClass>;
  /** `classifyAddress`; tests see other networks on one machine. */
  readonly classify: (address: string) => AddressClass;
}
