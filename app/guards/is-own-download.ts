import { SAVE_PATH } from '../../main/host/save-route.ts';
import { PAGE_ADDRESS, pathOfPageAddress } from '../page-address.ts';

/** Content saved through a one-time address, or a picture of the graph that the page itself made. The person chooses where it goes. */
export function isOwnDownload(address: string): boolean {
  if (address.startsWith(`blob:${PAGE_ADDRESS}`)) return true;
  return pathOfPageAddress(address)?.startsWith(SAVE_PATH) === true;
}
