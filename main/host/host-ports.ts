import type { Pick } from '../../shared/contract/transfer-words.ts';

/** What only a host can do; each host brings what it has, and the window offers only that. */
export interface HostPorts {
  /** A native dialog to choose a layout folder or archive; undefined when the person closes it. */
  pickPath?(what: 'folder' | 'archive'): Promise<string | undefined>;
  /**
   * A native dialog to choose what to send, or where to write.
   * @param suggestedName - of an archive that is to be written
   * @returns absolute paths; none when the person closes it.
   */
  pickFiles?(what: Pick, suggestedName?: string): Promise<readonly string[]>;
  /**
   * Goes on with the drag that the person began in the window, now with this file or folder, to wherever they let it go.
   * @param path - absolute; made by Tallyman, in a folder of its own.
   * @returns false when no mouse button is held any more, so that there is no drag to go on with.
   */
  startDrag?(path: string): boolean;
}
