import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { displayText, quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Annotations } from '../../../shared/oci/annotations.ts';
import { field, isJsonObject, nameType } from '../../../shared/oci/json-object.ts';
import { parseStrictJson } from '../../../shared/oci/strict-json.ts';
import type { FileToPush, PushRequest } from '../../artifacts/push/plan-push.ts';
import { fileError } from '../../layout/file-error.ts';
import { readFileArgument } from './file-argument.ts';
import { UsageError } from './usage-error.ts';

/** The options that push and attach have in common, for `parseWords`. */
export const ARTIFACT_OPTIONS = {
  'artifact-type': { type: 'string' },
  config: { type: 'string' },
  annotation: { type: 'string', multiple: true, short: 'a' },
  'annotation-file': { type: 'string' },
  plan: { type: 'boolean' },
  json: { type: 'boolean' },
  'plain-http': { type: 'boolean' },
} as const;

export interface ArtifactWords {
  readonly 'artifact-type'?: string | undefined;
  readonly config?: string | undefined;
  readonly annotation?: readonly string[] | undefined;
  readonly 'annotation-file'?: string | undefined;
}

/** Bytes of an annotation file. */
const ANNOTATION_FILE_LIMIT = 4 * 1024 * 1024;

/**
 * The request that the words of push or attach ask for.
 * @param files - FILE[:TYPE]…
 * @throws UsageError; TallymanError for an annotation file that cannot be read.
 */
export async function readArtifactRequest(
  files: readonly string[],
  words: ArtifactWords,
  workingDirectory: string,
): Promise<PushRequest> {
  const { config, annotation = [] } = words;
  const annotationFile = words['annotation-file'];
  if (annotation.length > 0 && annotationFile !== undefined)
    throw new UsageError('--annotation and --annotation-file exclude each other.');
  const annotations =
    annotationFile === undefined
      ? { manifest: readPairs(annotation), config: undefined, files: new Map<string, Annotations>() }
      : await readAnnotationFile(path.resolve(workingDirectory, annotationFile), annotationFile);
  const artifactType = words['artifact-type'];
  return {
    files: files.map((text) => toFile(text, annotations.files, workingDirectory)),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(config === undefined ? {} : { config: readFileArgument(config, workingDirectory) }),
    annotations: {
      ...(annotations.manifest === undefined ? {} : { manifest: annotations.manifest }),
      ...(annotations.config === undefined ? {} : { config: annotations.config }),
    },
  };
}

function toFile(
  text: string,
  annotations: ReadonlyMap<string, Annotations>,
  workingDirectory: string,
): FileToPush {
  const { named, ...file } = readFileArgument(text, workingDirectory);
  const own = annotations.get(named);
  return { ...file, ...(own === undefined ? {} : { annotations: own }) };
}

function readPairs(pairs: readonly string[]): Annotations | undefined {
  const annotations = Object.create(null) as Record<string, string>;
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new UsageError(`--annotation is KEY=VALUE, not ${quoteText(pair)}.`);
    const key = pair.slice(0, equals);
    if (Object.hasOwn(annotations, key))
      throw new UsageError(`The annotation ${quoteText(key)} is given twice.`);
    annotations[key] = pair.slice(equals + 1);
  }
  return pairs.length === 0 ? undefined : annotations;
}

interface ReadAnnotations {
  readonly manifest: Annotations | undefined;
  readonly config: Annotations | undefined;
  readonly files: ReadonlyMap<string, Annotations>;
}

/** The file of oras' --annotation-file: `$manifest`, `$config` and names of files, each with its annotations. */
async function readAnnotationFile(file: string, named: string): Promise<ReadAnnotations> {
  const where = `The annotation file ${quoteText(named)}`;
  const document = parseStrictJson(await readLimited(file, where));
  if (!isJsonObject(document)) throw malformed(where, `is ${nameType(document)}, not an object`);
  const entries = new Map<string, Annotations>();
  for (const name of Object.keys(document)) {
    const value = field(document, name);
    if (!isJsonObject(value))
      throw malformed(where, `has ${nameType(value)} for ${quoteText(name)}, not an object`);
    const annotations = Object.create(null) as Record<string, string>;
    for (const key of Object.keys(value)) {
      const text = field(value, key);
      if (typeof text !== 'string')
        throw malformed(
          where,
          `has ${nameType(text)} for ${quoteText(key)} of ${quoteText(name)}, not a text`,
        );
      annotations[key] = text;
    }
    entries.set(name, annotations);
  }
  const [manifest, config] = [entries.get('$manifest'), entries.get('$config')];
  entries.delete('$manifest');
  entries.delete('$config');
  return { manifest, config, files: entries };
}

async function readLimited(file: string, where: string): Promise<Uint8Array> {
  try {
    if ((await stat(file)).size > ANNOTATION_FILE_LIMIT)
      throw malformed(where, `has more than ${ANNOTATION_FILE_LIMIT} bytes`);
    return await readFile(file);
  } catch (error) {
    throw fileError(error, `Reading ${displayText(file)}`);
  }
}

function malformed(where: string, fault: string): TallymanError {
  return new TallymanError({
    code: 'MALFORMED',
    message: `${where} ${fault}.`,
    hint: 'It looks like {"$manifest": {"key": "value"}, "$config": {…}, "file.txt": {…}}.',
  });
}
