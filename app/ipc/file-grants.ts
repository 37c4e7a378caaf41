import { ipcMain } from 'electron';
import type { IpcMainInvokeEvent, WebContents } from 'electron';
import type { GrantedFile } from '../../shared/contract/files.ts';
import { GRANT_FILES } from './channels.ts';
import { isOwnPage } from './is-own-page.ts';

/** Paths of one drop. */
const DROPPED_PATHS_LIMIT = 10_000;

/**
 * Gives the page tokens for files that were dropped on it. The preload takes their paths from the files themselves, so that the page
 * can name no others.
 *
 * @param grant - may still be waiting for the services
 * @returns the function that ends it
 */
export function grantDroppedFiles(
  contents: WebContents,
  grant: (paths: readonly string[]) => Promise<readonly GrantedFile[]>,
): () => void {
  const answer = async (event: IpcMainInvokeEvent, paths: unknown): Promise<readonly GrantedFile[]> => {
    if (!isOwnPage(event, contents.id) || !Array.isArray(paths)) return [];
    const named = paths.filter((path): path is string => typeof path === 'string' && path !== '');
    return await grant(named.slice(0, DROPPED_PATHS_LIMIT));
  };
  ipcMain.handle(GRANT_FILES, answer);
  return () => ipcMain.removeHandler(GRANT_FILES);
}
