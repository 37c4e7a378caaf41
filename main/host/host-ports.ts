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
}
