import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { digestOf } from '../content/digest-of.ts';
import { TAR_END, tarEntry } from './tar-blocks.ts';

/** Files of a layout by name, made by hand so that they can be wrong in any way. */
export class LayoutFiles {
  readonly files = new Map<string, Uint8Array>();

  constructor() {
    this.files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
    this.setEntries([]);
  }

  /** Adds a blob and answers its descriptor. */
  blob(content: string | Uint8Array, mediaType: string = MEDIA_TYPES.octetStream): Descriptor {
    const bytes = Buffer.from(content as string);
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
    this.files.set(`blobs/${descriptor.digest.replace(':', '/')}`, bytes);
    return descriptor;
  }

  /** Adds a manifest with an empty config; `fields` are added or replace. */
  manifest(fields: object = {}): Descriptor {
    const config = this.blob('{}', MEDIA_TYPES.empty);
    return this.blob(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.manifest,
        config,
        layers: [config],
        ...fields,
      }),
      MEDIA_TYPES.manifest,
    );
  }

  index(manifests: readonly Descriptor[], fields: object = {}): Descriptor {
    return this.blob(
      JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests, ...fields }),
      MEDIA_TYPES.index,
    );
  }

  setEntries(entries: readonly object[]): void {
    this.files.set(
      'index.json',
      Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: entries })),
    );
  }

  async writeTo(folder: string): Promise<string> {
    await mkdir(path.join(folder, 'blobs', 'sha256'), { recursive: true });
    for (const [name, bytes] of this.files) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), bytes);
    }
    return folder;
  }

  /** The same as a tar; `before` and `after` are put around it. */
  toTar({ before = [], after = [], prefix = '' }: TarOptions = {}): Uint8Array {
    const entries = [...this.files].map(([name, bytes]) => tarEntry({ name: prefix + name }, bytes));
    return Buffer.concat([...before, ...entries, ...after, TAR_END]);
  }
}

interface TarOptions {
  readonly before?: readonly Uint8Array[];
  readonly after?: readonly Uint8Array[];
  readonly prefix?: string;
}

/** An entry of index.json with a name. */
export function named(descriptor: Descriptor, name: string): object {
  return { ...descriptor, annotations: { 'org.opencontainers.image.ref.name': name } };
}
