import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';

/** A fixture of the OCI corpus: its truth file and the files of its layout, by name (`index.json`, `blobs/sha256/…`). */
export interface Fixture {
  readonly name: string;
  /** True for content that is damaged or hostile on purpose. */
  readonly broken: boolean;
  // The truth file has many optional parts; each test reads the few it is about.
  readonly truth: TruthFile;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The parts of a truth file that say what its manifests hold. */
export interface TruthFile {
  readonly format: string;
  readonly nodes?: readonly TruthNode[];
  readonly edges?: readonly TruthEdge[];
  readonly problems?: readonly TruthProblem[];
}

export interface TruthNode {
  readonly digest: string;
  readonly mediaType: string | null;
  readonly role: 'index' | 'manifest' | 'blob';
  readonly kind: string;
  readonly present: boolean;
}

export interface TruthEdge {
  readonly from: string;
  readonly to: string;
  readonly via: string;
}

export interface TruthProblem {
  readonly what: string;
  readonly digest?: string | null;
  readonly from?: string | null;
  readonly via?: string;
}

/** Reads every fixture below `folder` (`…/fixtures/oci`) whose truth file says that it holds an image layout. */
export async function readLayoutFixtures(folder: string): Promise<readonly Fixture[]> {
  const fixtures: Fixture[] = [];
  for (const broken of [false, true]) {
    const place = broken ? path.join(folder, 'broken') : folder;
    for (const file of (await readdir(place)).sort()) {
      const name = /^(.*)\.oci\.tar(?:\.gz)?$/.exec(file)?.[1];
      if (name === undefined) continue;
      const truth = JSON.parse(await readFile(path.join(place, `${name}.truth.json`), 'utf8')) as TruthFile;
      if (truth.format !== 'oci-layout') continue;
      fixtures.push({ name, broken, truth, files: await readTar(path.join(place, file)) });
    }
  }
  return fixtures;
}

/** The bytes of a blob of a fixture; undefined where the layout lacks it. */
export function blobOf(fixture: Fixture, digest: string): Uint8Array | undefined {
  return fixture.files.get(`blobs/${digest.replace(':', '/')}`);
}

/** A tar that is cut off gives the files before the cut. */
async function readTar(file: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const stream = createReadStream(file);
  const entries = extract();
  (file.endsWith('.gz') ? stream.pipe(createGunzip()) : stream).pipe(entries);
  try {
    for await (const entry of entries) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry) chunks.push(chunk as Uint8Array);
      if (entry.header.type === 'file')
        files.set(entry.header.name.replace(/^\.\//, ''), Buffer.concat(chunks));
    }
  } catch {
    // Cut tars are among the fixtures.
  }
  return files;
}
