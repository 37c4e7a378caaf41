import type { ConformanceData } from './conformance-data.ts';
import type { ServedLayout } from './serve-layout.ts';

/** Pushes blobs, then manifests by digest, then their tags, as a client does. Throws at the first answer that is not 201. */
export async function pushData(
  served: Pick<ServedLayout, 'send'>,
  repository: string,
  { blobs, manifests, tags }: ConformanceData,
): Promise<void> {
  for (const [digest, bytes] of blobs) await pushBlob(served, repository, digest, bytes);
  for (const { digest, mediaType, bytes } of manifests) {
    const names = [...tags].filter(([, tagged]) => tagged === digest).map(([tag]) => tag);
    for (const reference of [digest, ...names]) {
      const { status, body } = await served.send(`/v2/${repository}/manifests/${reference}`, {
        method: 'PUT',
        headers: { 'content-type': mediaType },
        body: bytes,
      });
      if (status !== 201) throw new Error(`pushing ${reference}: ${status} ${body.toString()}`);
    }
  }
}

/** Pushes one blob in one request. */
export async function pushBlob(
  served: Pick<ServedLayout, 'send'>,
  repository: string,
  digest: string,
  bytes: Uint8Array,
): Promise<void> {
  const { status, body } = await served.send(`/v2/${repository}/blobs/uploads/?digest=${digest}`, {
    method: 'POST',
    body: bytes,
  });
  if (status !== 201) throw new Error(`pushing ${digest}: ${status} ${body.toString()}`);
}
