import type { Session } from 'electron';
import { answerAsset } from '../main/host/page/answer-asset.ts';
import type { AssetMap } from '../main/host/page/asset-map.ts';
import { pageHeaders } from '../main/host/page/page-headers.ts';
import { SAVE_PATH } from '../main/host/save-route.ts';
import { PAGE_SCHEME, pathOfPageAddress } from './page-address.ts';

/**
 * Serves the window's files and content to be saved below `app://bundle/`, with the headers of the loopback host (reliability bar, F2 and F3).
 *
 * @param assets - may still be read
 * @param answerSave - answers a one-time address of `content.saveAddress`
 */
export function servePage(
  session: Session,
  assets: Promise<AssetMap>,
  answerSave: (place: string) => Promise<Response>,
): void {
  const headers = pageHeaders();
  session.protocol.handle(PAGE_SCHEME, async (request) => {
    const place =
      request.method === 'GET' || request.method === 'HEAD' ? pathOfPageAddress(request.url) : undefined;
    if (place === undefined) return new Response(null, { status: 404, headers });
    return place.startsWith(SAVE_PATH) ? answerSave(place) : answerAsset(await assets, place, headers);
  });
}
