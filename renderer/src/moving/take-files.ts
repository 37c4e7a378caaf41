import type { Client } from '../../../shared/contract/client.ts';
import type { GrantedFile } from '../../../shared/contract/files.ts';
import type { Pick } from '../../../shared/contract/transfer-words.ts';

export interface TakeOptions {
  readonly signal: AbortSignal;
  /** Told of the bytes that are there, where they have to be sent to the host first. */
  readonly onProgress: (received: number, total: number) => void;
}

/** Brings files that a person chose within reach of the services. */
export type TakeFiles = (client: Client, options: TakeOptions) => Promise<readonly GrantedFile[]>;

/** Whether files or folders from outside of the window are being dragged. */
export function isFileDrag(transfer: DataTransfer): boolean {
  return transfer.types.includes('Files');
}

/**
 * Files and folders of a drop. To be called in the event itself: afterwards the browser has forgotten them. The Electron shell reads
 * them where they are; in a browser their bytes go up to the host.
 */
export function takeDropped(transfer: DataTransfer): TakeFiles | undefined {
  if (!isFileDrag(transfer)) return undefined;
  const bridge = window.tallyman;
  if (bridge !== undefined) {
    const files = [...transfer.files];
    return () => bridge.grantFiles(files);
  }
  // What is no file of a file system (made by another page, say) has no entry, and is a file all the same.
  const entries = [...transfer.items].flatMap(
    (item) => item.webkitGetAsEntry() ?? (item.kind === 'file' ? (item.getAsFile() ?? []) : []),
  );
  return async (client, options) => {
    const { listDropped, sendUp } = await import('./send-up.ts');
    return sendUp(client, await listDropped(entries), options);
  };
}

/** Files of an input of the page, for hosts without dialogs of their own. */
export function takeChosen(files: readonly File[]): TakeFiles {
  const chosen = files.map((file) => ({
    path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
    file,
  }));
  return async (client, options) => {
    const { sendUp } = await import('./send-up.ts');
    return sendUp(client, chosen, options);
  };
}

/** What the person chooses in a native dialog. */
export function takePicked(what: Pick, suggestedName?: string): TakeFiles {
  return async (client, { signal }) => {
    const { files } = await client.call(
      'files.pick',
      { what, ...(suggestedName === undefined ? {} : { suggestedName }) },
      { signal },
    );
    return files;
  };
}
