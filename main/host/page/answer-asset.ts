import { readFile } from 'node:fs/promises';
import type { AssetMap } from './asset-map.ts';

/**
 * Answers a request for a file of the window, in both hosts the same: 200 from the asset map, else 404.
 *
 * @param place - path below the origin as it came, neither decoded nor normalised
 */
export async function answerAsset(
  assets: AssetMap,
  place: string,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const asset = assets.get(place === '/' ? '/index.html' : place);
  if (asset === undefined) {
    return new Response('There is nothing at this address.\n', {
      status: 404,
      headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
    });
  }
  const bytes = await readFile(asset.file);
  return new Response(new Uint8Array(bytes), {
    headers: {
      ...headers,
      'Content-Type': asset.type,
      'Content-Length': String(bytes.byteLength),
      // Names of bundled files carry a hash of their content; the page itself is always asked for.
      'Cache-Control': place.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store',
    },
  });
}
