import type { TargetWriter, WriteBlobOptions } from '../content/target-writer.ts';
import type { UploadHabits } from '../registry/uploads/upload-habits.ts';
import { blobOf, noise, type TestBlob } from './blob-sources.ts';
import { emptyContent, repositoryIn, type ScriptedContent } from './content-script.ts';
import { openTestRegistry, quietSignal, startForTest } from './open-registry.ts';
import type { Script, ScriptedAnswer, ScriptedRequest } from './scripted-registry.ts';
import { takeUploads, type ScriptedUploadOptions, type ScriptedUploads } from './scripted-uploads.ts';

export const MIB = 1024 * 1024;
/** Parts of one MiB for everything above one MiB. */
export const SMALL_PARTS: Partial<UploadHabits> = { wholeLimit: MIB, chunkLimit: MIB };

/** What a test does to a request; undefined leaves it to the registry. */
export type Fault = (
  request: ScriptedRequest,
  serve: Script,
) => ScriptedAnswer | undefined | Promise<ScriptedAnswer | undefined>;

/** A scripted registry and a writer to its `team/app`. */
export interface UploadWorld {
  readonly writer: TargetWriter;
  readonly uploads: ScriptedUploads;
  readonly content: ScriptedContent;
  readonly requests: readonly ScriptedRequest[];
  /** The requests as `METHOD`, in order, without HEAD. */
  methods(): readonly string[];
  /** Another writer, as another process would have it. */
  again(): Promise<TargetWriter>;
  stored(blob: TestBlob): Buffer | undefined;
}

/** Starts a registry that takes pushes, and misbehaves where `fault` says so. */
export async function startUploadWorld(
  fault: Fault = () => undefined,
  habits: Partial<UploadHabits> = SMALL_PARTS,
  options: ScriptedUploadOptions = {},
): Promise<UploadWorld> {
  const content = emptyContent();
  repositoryIn(content, 'team/app');
  const uploads = takeUploads(content, options);
  const server = await startForTest(async (request) => {
    const answer = await fault(request, uploads.script);
    return answer ?? uploads.script(request);
  });
  const again = async (): Promise<TargetWriter> => {
    const { registry } = openTestRegistry({ host: server.host, plainHttp: true }, { uploads: { ...habits } });
    const writer = await registry.repository('team/app').openWriter?.({ signal: quietSignal() });
    if (writer === undefined) throw new Error('It can be written to.');
    return writer;
  };
  return {
    writer: await again(),
    uploads,
    content,
    requests: server.requests,
    methods: () => server.requests.map(({ method }) => method).filter((method) => method !== 'HEAD'),
    again,
    stored: ({ descriptor }) =>
      repositoryIn(content, 'team/app').blobs.get(descriptor.digest) as Buffer | undefined,
  };
}

/** Writes a blob that nobody stops. */
export const write = (
  { writer }: Pick<UploadWorld, 'writer'>,
  { descriptor, source }: TestBlob,
  options: Partial<WriteBlobOptions> = {},
): ReturnType<TargetWriter['writeBlob']> =>
  writer.writeBlob(descriptor, source, { signal: quietSignal(), ...options });

/** A fault for the n-th request of a method only. */
export function nth(method: string, count: number, fault: Fault): Fault {
  let seen = 0;
  return (request, serve) => {
    if (request.method !== method) return undefined;
    seen += 1;
    return seen === count ? fault(request, serve) : undefined;
  };
}

/** The registry does what it was asked, and its answer is lost. */
export const loseAnswer: Fault = async (request, serve) => {
  await serve(request);
  return { reset: true };
};

/** A blob that goes in four parts. */
export const BLOB = blobOf(noise(3.5 * MIB, 11));
