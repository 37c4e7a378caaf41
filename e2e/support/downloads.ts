import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { App } from './test.ts';

/** A file as it was saved. */
export interface SavedFile {
  /** As it was proposed to the person. */
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * What an action of the person saves. In the Electron shell the person chooses a place in a dialog of the system; here the file goes
 * into `folder` without being asked.
 *
 * @param folder - an existing one, different for each file of one name
 */
export async function savedBy(app: App, folder: string, action: () => Promise<void>): Promise<SavedFile> {
  const { electron, page } = app;
  if (electron === undefined) {
    const [download] = await Promise.all([page.waitForEvent('download'), action()]);
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  }
  const saved = electron.evaluate(
    ({ session }, place) =>
      new Promise<string>((resolve, reject) => {
        session.defaultSession.once('will-download', (_event, item) => {
          item.setSavePath(`${place}/${item.getFilename()}`);
          item.once('done', (_done, state) => {
            if (state === 'completed') resolve(item.getFilename());
            else reject(new Error(`The download ended as ${state}.`));
          });
        });
      }),
    folder,
  );
  await action();
  const name = await saved;
  return { name, bytes: await readFile(path.join(folder, name)) };
}
