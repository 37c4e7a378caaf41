import type { ErrorData } from '../errors/tallyman-error.ts';
import { field, isJsonObject, nameType, type JsonObject } from './json-object.ts';
import { malformed } from './malformed.ts';

/** The platform of an image (image-spec image-index.md, property `platform`). */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly osVersion?: string;
  readonly osFeatures?: readonly string[];
}

/** "linux/arm64/v8", "windows/amd64 10.0.20348.2966"; parts that are empty are left out. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant, osVersion } = platform;
  const parts = [os, architecture, variant].filter((part) => part !== undefined && part !== '').join('/');
  return osVersion === undefined || osVersion === '' ? parts : `${parts} ${osVersion}`;
}

/** Anything that may carry a platform: a descriptor of an index, a child node. */
interface WithPlatform {
  readonly platform?: Platform;
}

/**
 * The entry of an index to use for a wanted platform, undefined when none fits.
 *
 * The specification only says that the first matching entry wins (image-spec image-index.md, `manifests`) and leaves open
 * what matches. Here: `os` and `architecture` are equal; a missing variant means the usual one (arm `v7`, arm64 `v8`,
 * amd64 `v1`), on both sides; when no entry has the wanted variant, the highest lower one of the same architecture runs
 * too. A wanted Windows version matches entries of the same build, `10.0.20348`, and entries without a version. Entries
 * without a platform never match.
 */
export function selectPlatform<Entry extends WithPlatform>(
  entries: readonly Entry[],
  wanted: Platform,
): Entry | undefined {
  const rank = variantRank(wanted);
  let best: Entry | undefined;
  let bestRank = -1;
  for (const entry of entries) {
    const { platform } = entry;
    if (platform === undefined || !isSameSystem(platform, wanted)) continue;
    if (variantOf(platform) === variantOf(wanted)) return entry;
    const entryRank = variantRank(platform);
    if (rank === undefined || entryRank === undefined) continue;
    if (entryRank < rank && entryRank > bestRank) {
      best = entry;
      bestRank = entryRank;
    }
  }
  return best;
}

function isSameSystem(platform: Platform, wanted: Platform): boolean {
  if (platform.os !== wanted.os || platform.architecture !== wanted.architecture) return false;
  if (wanted.osVersion === undefined || platform.osVersion === undefined) return true;
  return buildOf(platform.osVersion) === buildOf(wanted.osVersion);
}

/** Windows compares major, minor and build: `10.0.20348.2966` runs `10.0.20348.1`. */
function buildOf(version: string): string {
  return version.split('.', 3).join('.');
}

const USUAL_VARIANTS: ReadonlyMap<string, string> = new Map([
  ['arm', 'v7'],
  ['arm64', 'v8'],
  ['amd64', 'v1'],
]);

function variantOf(platform: Platform): string | undefined {
  return platform.variant ?? USUAL_VARIANTS.get(platform.architecture);
}

/** A number that grows with the variant, `v8.2` above `v8`; undefined where variants have no known order. */
function variantRank(platform: Platform): number | undefined {
  const variant = variantOf(platform);
  if (variant === undefined || !USUAL_VARIANTS.has(platform.architecture) || !variant.startsWith('v'))
    return undefined;
  const [major, minor = '0', ...rest] = variant.slice(1).split('.');
  const rank = Number(major) * 1000 + Number(minor);
  return rest.length === 0 && Number.isSafeInteger(rank) && rank >= 0 ? rank : undefined;
}

/**
 * Reads the `platform` object of a descriptor or, with an empty `where`, the same fields of an image config. Null, `{}` and the empty names that
 * Go programs write for "none" are no platform; an object with only one of `os` and `architecture` breaks the schema.
 */
export function readPlatform(value: unknown, where: string, problems: ErrorData[]): Platform | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) {
    problems.push(malformed(where, `is ${nameType(value)}, not an object`));
    return undefined;
  }
  if (Object.keys(value).length === 0) return undefined;
  const os = field(value, 'os');
  const architecture = field(value, 'architecture');
  if (typeof os !== 'string' || typeof architecture !== 'string') {
    const [name, found] = typeof os === 'string' ? ['architecture', architecture] : ['os', os];
    problems.push(malformed(pathOf(where, name), `is ${nameType(found)}, not a string`));
    return undefined;
  }
  if (os === '' && architecture === '') return undefined;
  const variant = optionalText(value, 'variant', where, problems);
  const osVersion = optionalText(value, 'os.version', where, problems);
  const osFeatures = optionalTexts(value, 'os.features', where, problems);
  return {
    os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    ...(osVersion === undefined ? {} : { osVersion }),
    ...(osFeatures === undefined ? {} : { osFeatures }),
  };
}

function optionalText(
  object: JsonObject,
  name: string,
  where: string,
  problems: ErrorData[],
): string | undefined {
  const value = field(object, name);
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  problems.push(malformed(pathOf(where, name), `is ${nameType(value)}, not a string`));
  return undefined;
}

function optionalTexts(
  object: JsonObject,
  name: string,
  where: string,
  problems: ErrorData[],
): readonly string[] | undefined {
  const value = field(object, name);
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  problems.push(malformed(pathOf(where, name), 'is not a list of strings'));
  return undefined;
}

/** The path of a field in its document; an image config has the fields of its platform at the top. */
function pathOf(where: string, name: string): string {
  return where === '' ? name : `${where}.${name}`;
}
