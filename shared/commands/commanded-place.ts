import type { TargetAddress } from '../contract/common.ts';

/** Facts of the source that its id lacks; a `Source` of the contract fits. */
export interface CommandedSource {
  /** Path of a layout; needed for `local`, whose id does not hold it. */
  readonly location?: string;
  readonly plainHttp?: boolean | undefined;
}

/** A place as command lines name it. */
export type CommandedPlace =
  | {
      readonly kind: 'registry';
      readonly host: string;
      readonly repository: string | undefined;
      readonly plainHttp: boolean;
    }
  | { readonly kind: 'layout'; readonly path: string };

/** Undefined for a layout of which nobody said where it lies. */
export function placeOf(target: TargetAddress, source: CommandedSource): CommandedPlace | undefined {
  if (target.source.startsWith('registry:')) {
    const host = target.source.slice('registry:'.length);
    return { kind: 'registry', host, repository: target.repository, plainHttp: source.plainHttp === true };
  }
  const path = target.source.startsWith('layout:') ? target.source.slice('layout:'.length) : source.location;
  return path === undefined || path === '' ? undefined : { kind: 'layout', path };
}

/** One artifact of a place. */
export interface PlaceReference {
  readonly tag?: string;
  readonly digest?: string;
}

/** `host/repository[:tag]` or `host/repository@digest`; undefined without a repository. */
export function nameIn(
  place: { readonly host: string; readonly repository: string | undefined },
  reference: PlaceReference = {},
): string | undefined {
  return place.repository === undefined
    ? undefined
    : joinReference(`${place.host}/${place.repository}`, reference);
}

export function joinReference(name: string, { tag, digest }: PlaceReference): string {
  if (tag !== undefined) return `${name}:${tag}`;
  return digest === undefined ? name : `${name}@${digest}`;
}

/** oras asks `localhost` over plain HTTP by itself, but not `127.0.0.1`. */
export function needsPlainHttpFlag(place: { readonly host: string; readonly plainHttp: boolean }): boolean {
  return place.plainHttp && hostName(place.host) !== 'localhost';
}

/** Hosts that crane asks over plain HTTP by itself. */
export function isLoopback(host: string): boolean {
  const name = hostName(host);
  return name === 'localhost' || name.startsWith('127.') || name === '[::1]';
}

function hostName(host: string): string {
  return host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : (host.split(':', 1)[0] ?? host);
}
