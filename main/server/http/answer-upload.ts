import type { Digest, VerifiableAlgorithm } from '../../../shared/oci/digest.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { Refusal } from '../refusal.ts';
import { isServedName } from '../served-name.ts';
import type { RepositoryWriter, Upload, UploadPart } from '../served-registry.ts';
import type { Answer } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { parseContentRange } from './parse-content-range.ts';
import { readPushedDigest } from './read-digest.ts';

/** `POST …/blobs/uploads/`: mounts a blob, takes it at once, or opens an upload (distribution-spec, Pushing blobs). */
export async function beginUpload(
  exchange: Exchange,
  name: string,
  writer: RepositoryWriter,
): Promise<Answer> {
  const { query } = exchange;
  const algorithm = readAlgorithm(query.get('digest-algorithm'));
  const mounted = query.get('mount');
  if (mounted !== null) {
    const digest = await mount(exchange, mounted, writer);
    return digest === undefined ? opened(name, writer.beginUpload(algorithm)) : stored(name, digest);
  }
  const announced = query.get('digest');
  if (announced === null) return opened(name, writer.beginUpload(algorithm));
  const digest = readPushedDigest(announced);
  const upload = writer.beginUpload(algorithm);
  try {
    await upload.finish(digest, readPart(exchange), exchange.signal);
  } catch (error) {
    await upload.cancel(exchange.signal).catch(() => undefined);
    throw error;
  }
  return stored(name, digest);
}

/** Everything that is asked of one upload. */
export async function answerUpload(
  exchange: Exchange,
  { name, id }: { readonly name: string; readonly id: string },
  writer: RepositoryWriter,
): Promise<Answer> {
  const upload = await writer.findUpload(id, exchange);
  if (upload === undefined) throw unknownUpload();
  try {
    switch (exchange.method) {
      case 'GET':
        await upload.settle();
        return { status: 204, headers: uploadHeaders(name, upload) };
      case 'PATCH':
        await upload.append(readPart(exchange), exchange.signal);
        return { status: 202, headers: uploadHeaders(name, upload) };
      case 'PUT': {
        const digest = readPushedDigest(exchange.query.get('digest') ?? '');
        const { bodyLength } = exchange;
        await upload.finish(digest, bodyLength === 0 ? undefined : readPart(exchange), exchange.signal);
        return stored(name, digest);
      }
      case 'DELETE':
        await upload.cancel(exchange.signal);
        return { status: 204 };
      default:
        throw new Refusal(405, 'UNSUPPORTED', 'An upload takes GET, PATCH, PUT and DELETE.');
    }
  } catch (error) {
    if (error instanceof Refusal && error.status === 416)
      throw new Refusal(416, error.code, error.message, { headers: uploadHeaders(name, upload) });
    if (error instanceof TallymanError && error.code === 'NOT_FOUND') throw unknownUpload();
    throw error;
  }
}

async function mount(
  exchange: Exchange,
  text: string,
  writer: RepositoryWriter,
): Promise<Digest | undefined> {
  const digest = readPushedDigest(text);
  const from = exchange.query.get('from') ?? '';
  if (from !== '' && !isServedName(from)) return undefined;
  const mounted = await writer.mountBlob(digest, from === '' ? undefined : from, exchange);
  return mounted ? digest : undefined;
}

/** A PATCH without `Content-Range` is a stream: its bytes go to the end. */
function readPart({ header, bodyLength, body }: Exchange): UploadPart {
  const range = parseContentRange(header('content-range'), bodyLength);
  const length = range === undefined ? bodyLength : range.last - range.first + 1;
  const isChecked = bodyLength !== undefined || length === undefined;
  return { open: isChecked ? body : (signal) => exactly(body(signal), length), length, start: range?.first };
}

/** A chunk of unknown length must have the length that its range says. */
async function* exactly(
  source: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.byteLength;
    if (size > length) break;
    yield chunk;
  }
  if (size !== length)
    throw new Refusal(
      400,
      'SIZE_INVALID',
      `The chunk has another length than the ${length} bytes of its Content-Range.`,
    );
}

function readAlgorithm(text: string | null): VerifiableAlgorithm | undefined {
  if (text === null) return undefined;
  if (text === 'sha256' || text === 'sha512') return text;
  throw new Refusal(
    400,
    'DIGEST_INVALID',
    'Digests of that algorithm cannot be computed here: use sha256 or sha512.',
  );
}

function opened(name: string, upload: Upload): Answer {
  return { status: 202, headers: uploadHeaders(name, upload) };
}

function stored(name: string, digest: Digest): Answer {
  return {
    status: 201,
    headers: { Location: `/v2/${name}/blobs/${digest}`, 'Docker-Content-Digest': digest },
  };
}

/** "0-0" stands for one byte and for none: there is no other way to say it (distribution-spec, Pushing a blob in chunks). */
function uploadHeaders(name: string, { id, size }: Upload): Record<string, string> {
  return {
    Location: `/v2/${name}/blobs/uploads/${id}`,
    Range: `0-${Math.max(0, size - 1)}`,
    'Docker-Upload-UUID': id,
  };
}

function unknownUpload(): Refusal {
  return new Refusal(
    404,
    'BLOB_UPLOAD_UNKNOWN',
    'There is no such upload in this repository, or it is over. Begin another one.',
  );
}
