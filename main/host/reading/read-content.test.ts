import { describe, expect, it } from 'vitest';
import type { Content } from '../../../shared/contract/content.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import type { ReadBlobOptions, Target } from '../../content/target.ts';
import { MemoryPlace } from '../../testing/memory-target.ts';
import type { Immutable } from '../handlers.ts';
import { readContent, SHOWN_BINARY_LIMIT, SHOWN_TEXT_LIMIT } from './read-content.ts';

const signal = new AbortController().signal;

function read(
  place: MemoryPlace,
  node: Descriptor,
  isManifest = false,
  target: Target = place.target(),
): Promise<Immutable<Content>> {
  return readContent(target, node, isManifest, signal);
}

/** A place that gives parts of blobs, and remembers which were asked for. */
function partial(bytes: Uint8Array, asked: ReadBlobOptions[]): Target {
  return {
    ...new MemoryPlace().target(),
    async *readBlob(_descriptor, options) {
      asked.push(options);
      await Promise.resolve();
      const { offset = 0, length = bytes.byteLength } = options;
      yield bytes.subarray(offset, offset + length);
    },
  };
}

describe('bytes of a node', () => {
  it('are the text of a manifest exactly as it came', async () => {
    const place = new MemoryPlace();
    const bytes = Buffer.from(
      '{ "schemaVersion" : 2,\n\t"layers": [], "config": null, "x": 12345678901234567890 }',
    );
    const node = place.manifest({});
    place.manifests.set(node.digest, { bytes, mediaType: MEDIA_TYPES.manifest });
    expect(await read(place, node, true)).toEqual({
      digest: node.digest,
      mediaType: node.mediaType,
      size: bytes.byteLength,
      state: 'ok',
      form: 'json',
      text: bytes.toString(),
      truncated: false,
    });
  });

  it.each([
    ['{"a":1}', 'json'],
    ['  [1]', 'json'],
    ['{"a":', 'text'],
    ['plain words', 'text'],
    ['', 'text'],
    ['<html>\u202e</html>', 'text'],
  ])('of %j are %s', async (text, form) => {
    const place = new MemoryPlace();
    expect(await read(place, place.blob(text))).toMatchObject({ state: 'ok', form, text, truncated: false });
  });

  it.each([
    ['no UTF-8', [0xff, 0xfe, 0x41]],
    ['with NUL', [0x41, 0, 0x42]],
    ['cut in a character', [0xe2, 0x82]],
  ])('that are %s are binary, as base64', async (_what, numbers) => {
    const place = new MemoryPlace();
    const bytes = Uint8Array.from(numbers);
    expect(await read(place, place.blob(bytes))).toMatchObject({
      state: 'ok',
      form: 'binary',
      bytes: Buffer.from(bytes).toString('base64'),
      truncated: false,
    });
  });

  it('of a large binary blob are its first part, unchecked, and only that was asked for', async () => {
    const asked: ReadBlobOptions[] = [];
    const bytes = new Uint8Array(SHOWN_TEXT_LIMIT + 1);
    const node = { ...new MemoryPlace().blob('x'), size: bytes.byteLength };
    const content = await read(new MemoryPlace(), node, false, partial(bytes, asked));
    expect(content).toMatchObject({
      state: 'unchecked',
      form: 'binary',
      truncated: true,
      size: bytes.byteLength,
    });
    expect(Buffer.from(content.bytes ?? '', 'base64')).toHaveLength(SHOWN_BINARY_LIMIT);
    expect(asked.map(({ offset, length }) => [offset, length])).toEqual([[0, SHOWN_BINARY_LIMIT]]);
  });

  it('of a large text are its first part, also when that ends inside a character', async () => {
    const asked: ReadBlobOptions[] = [];
    const bytes = Buffer.from(`{"text":"x${'ü'.repeat(SHOWN_TEXT_LIMIT)}"}`);
    const node = { ...new MemoryPlace().blob('x'), size: bytes.byteLength };
    const content = await read(new MemoryPlace(), node, false, partial(bytes, asked));
    expect(content).toMatchObject({ state: 'unchecked', form: 'json', truncated: true });
    expect(content.text).not.toContain('\ufffd');
    expect(Buffer.byteLength(content.text ?? '')).toBeGreaterThan(SHOWN_TEXT_LIMIT - 4);
    expect(asked.map(({ length }) => length)).toEqual([SHOWN_BINARY_LIMIT, SHOWN_TEXT_LIMIT]);
  });

  it('of a manifest of more than the shown size were checked whole, and are shown in part', async () => {
    const place = new MemoryPlace();
    const node = place.manifest({ annotations: { long: 'x'.repeat(SHOWN_TEXT_LIMIT) } });
    const content = await read(place, node, true);
    expect(content).toMatchObject({ state: 'ok', form: 'json', truncated: true });
    expect(content.text).toHaveLength(SHOWN_TEXT_LIMIT);
  });

  it.each([
    ['MISSING', 'missing'],
    ['DIGEST_MISMATCH', 'damaged'],
    ['SIZE_MISMATCH', 'damaged'],
    ['LIMIT', 'limited'],
  ] as const)('that end in %s are no bytes: the node is %s', async (code, state) => {
    const place = new MemoryPlace();
    const node = place.blob('x');
    const onRequest = (): never => {
      throw new TallymanError({ code, message: 'wrong', hint: 'Get it again.' });
    };
    const content = await read(place, node, false, place.target({ onRequest }));
    expect(content).toMatchObject({ state, error: { code, hint: expect.any(String) }, truncated: true });
    expect(content).not.toHaveProperty('text');
    expect(content).not.toHaveProperty('bytes');
  });

  it('that turn out wrong at their end are never shown', async () => {
    const place = new MemoryPlace();
    const node = place.blob('right');
    place.blobs.set(node.digest, Buffer.from('wrong'));
    const content = await read(place, node);
    expect(content).toMatchObject({ state: 'damaged', error: { code: 'DIGEST_MISMATCH' } });
    expect(JSON.stringify(content)).not.toContain('wrong');
  });

  it.each(['UNREACHABLE', 'UNAUTHORIZED', 'TIMEOUT'] as const)(
    'are an error of the whole question when the place answers %s',
    async (code) => {
      const place = new MemoryPlace();
      const onRequest = (): never => {
        throw new TallymanError({ code, message: 'no' });
      };
      await expect(read(place, place.blob('x'), false, place.target({ onRequest }))).rejects.toMatchObject({
        code,
      });
    },
  );
});
