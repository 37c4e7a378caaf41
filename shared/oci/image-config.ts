import { quoteText } from '../display/display-text.ts';
import { TallymanError, type ErrorData } from '../errors/tallyman-error.ts';
import { readAnnotations, type Annotations } from './annotations.ts';
import { isDigest, type Digest } from './digest.ts';
import { field, isJsonObject, nameType, type JsonObject } from './json-object.ts';
import { malformed } from './malformed.ts';
import { readPlatform, type Platform } from './platform.ts';
import { parseStrictJson } from './strict-json.ts';

/** Most history entries kept of one image; Dockerfiles make a few hundred at most. */
export const HISTORY_LIMIT = 10_000;

/** One step of an image's making (image-spec config.md, `history`). */
export interface HistoryEntry {
  /** RFC 3339, as it is written. */
  readonly created?: string;
  readonly createdBy?: string;
  readonly author?: string;
  readonly comment?: string;
  /** True when the step made no layer. */
  readonly emptyLayer: boolean;
}

/** What an image's config says (image-spec config.md). Texts are as they came, neither checked nor shortened. */
export interface ImageConfig {
  readonly created?: string;
  readonly author?: string;
  readonly platform?: Platform;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly workingDirectory?: string;
  readonly stopSignal?: string;
  /** `NAME=value`, in order. */
  readonly environment: readonly string[];
  /** `8080/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  /** Without a prototype. */
  readonly labels: Annotations;
  /** Oldest first, at most `HISTORY_LIMIT`. */
  readonly history: readonly HistoryEntry[];
  /** `rootfs.diff_ids`: digests of the uncompressed layers, bottom first. */
  readonly diffIds: readonly Digest[];
  /** What is wrong with the config although it could be read: fields of a wrong type (left out), required ones absent. */
  readonly problems: readonly ErrorData[];
}

/**
 * Reads the config of a container image. Optional fields may be absent or null; unknown ones are ignored. Only ever call
 * it for the media types of `isImageConfigMediaType`: other configs are opaque (image-spec manifest.md, `config`).
 * @throws TallymanError MALFORMED (no JSON object), AMBIGUOUS or LIMIT (see `parseStrictJson`).
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const document = parseStrictJson(bytes);
  if (!isJsonObject(document))
    throw new TallymanError(malformed('The image config', `is ${nameType(document)}, not an object`));
  const problems: ErrorData[] = [];
  const top = new FieldReader(document, '', problems);
  const settings = new FieldReader(top.object('config') ?? {}, 'config.', problems);
  const rootfs = new FieldReader(top.requiredObject('rootfs'), 'rootfs.', problems);
  const platform = readPlatform(withRequiredNames(document, problems), '', problems);
  rootfs.requireValue('type', 'layers');
  return {
    ...present('created', top.text('created')),
    ...present('author', top.text('author')),
    ...present('platform', platform),
    ...present('entrypoint', settings.texts('Entrypoint')),
    ...present('command', settings.texts('Cmd')),
    ...present('user', settings.text('User')),
    ...present('workingDirectory', settings.text('WorkingDir')),
    ...present('stopSignal', settings.text('StopSignal')),
    environment: readEnvironment(settings, problems),
    exposedPorts: settings.keys('ExposedPorts'),
    volumes: settings.keys('Volumes'),
    labels:
      readAnnotations(settings.value('Labels'), 'config.Labels', problems) ??
      (Object.create(null) as Annotations),
    history: readHistory(top, problems),
    diffIds: readDiffIds(rootfs, problems),
    problems,
  };
}

/** `os` and `architecture` are required of a config; cosign writes both empty, which is no platform and no problem. */
function withRequiredNames(document: JsonObject, problems: ErrorData[]): unknown {
  const names = ['os', 'architecture'].filter((name) => field(document, name) === undefined);
  if (names.length === 0) return document;
  problems.push(malformed(names.join(' and '), names.length === 1 ? 'is absent' : 'are absent'));
  return undefined;
}

function readEnvironment(settings: FieldReader, problems: ErrorData[]): readonly string[] {
  const environment = settings.texts('Env') ?? [];
  const wrong = environment.find((entry) => !entry.includes('='));
  if (wrong !== undefined)
    problems.push(malformed('config.Env', `holds ${quoteText(wrong)}, which is no NAME=value`));
  return environment;
}

function readHistory(top: FieldReader, problems: ErrorData[]): readonly HistoryEntry[] {
  const entries = top.list('history') ?? [];
  return entries.slice(0, HISTORY_LIMIT).flatMap((value, index) => {
    if (!isJsonObject(value)) {
      problems.push(malformed(`history[${index}]`, `is ${nameType(value)}, not an object`));
      return [];
    }
    const entry = new FieldReader(value, `history[${index}].`, problems);
    return [
      {
        ...present('created', entry.text('created')),
        ...present('createdBy', entry.text('created_by')),
        ...present('author', entry.text('author')),
        ...present('comment', entry.text('comment')),
        emptyLayer: entry.value('empty_layer') === true,
      },
    ];
  });
}

function readDiffIds(rootfs: FieldReader, problems: ErrorData[]): readonly Digest[] {
  const diffIds = rootfs.texts('diff_ids');
  if (diffIds === undefined) {
    if (rootfs.value('diff_ids') === undefined) problems.push(malformed('rootfs.diff_ids', 'is absent'));
    return [];
  }
  const wrong = diffIds.find((diffId) => !isDigest(diffId));
  if (wrong !== undefined)
    problems.push(malformed('rootfs.diff_ids', `holds ${quoteText(wrong)}, which is no digest`));
  return diffIds.filter(isDigest);
}

/** Optional fields of one object: null counts as absent, a wrong type goes to the problems and counts as absent too. */
class FieldReader {
  readonly #object: JsonObject;
  readonly #prefix: string;
  readonly #problems: ErrorData[];

  constructor(object: JsonObject, prefix: string, problems: ErrorData[]) {
    this.#object = object;
    this.#prefix = prefix;
    this.#problems = problems;
  }

  value(name: string): unknown {
    return field(this.#object, name);
  }

  /** Undefined for the empty text too, which is how Go programs write "none". */
  text(name: string): string | undefined {
    const value = this.#optional(name, 'a string', (found) => typeof found === 'string');
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.#optional(name, 'a list', Array.isArray);
    return Array.isArray(value) ? value : undefined;
  }

  texts(name: string): readonly string[] | undefined {
    const list = this.list(name);
    const wrong = list?.findIndex((item) => typeof item !== 'string') ?? -1;
    if (list !== undefined && wrong !== -1) {
      this.#problems.push(
        malformed(`${this.#prefix}${name}[${wrong}]`, `is ${nameType(list[wrong])}, not a string`),
      );
    }
    return list?.filter((item) => typeof item === 'string');
  }

  object(name: string): JsonObject | undefined {
    const value = this.#optional(name, 'an object', isJsonObject);
    return isJsonObject(value) ? value : undefined;
  }

  requiredObject(name: string): JsonObject {
    const found = this.object(name);
    if (found !== undefined) return found;
    if (this.value(name) === undefined || this.value(name) === null) {
      this.#problems.push(
        malformed(`${this.#prefix}${name}`, `is ${nameType(this.value(name))}, not an object`),
      );
    }
    return {};
  }

  /** The names of a set written as an object, `{"8080/tcp": {}}`. */
  keys(name: string): readonly string[] {
    return Object.keys(this.object(name) ?? {});
  }

  requireValue(name: string, wanted: string): void {
    const value = this.value(name);
    if (value === wanted) return;
    const found = typeof value === 'string' ? quoteText(value) : nameType(value);
    this.#problems.push(malformed(`${this.#prefix}${name}`, `is ${found}, not ${quoteText(wanted)}`));
  }

  #optional(name: string, wanted: string, fits: (value: unknown) => boolean): unknown {
    const value = this.value(name);
    if (value === undefined || value === null || fits(value)) return value ?? undefined;
    this.#problems.push(malformed(`${this.#prefix}${name}`, `is ${nameType(value)}, not ${wanted}`));
    return undefined;
  }
}

/** A property that is there only with a value, as `exactOptionalPropertyTypes` asks. */
function present<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, Value>>;
}
