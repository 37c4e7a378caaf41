import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { GrantedFile } from '../../../shared/contract/files.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { displayText } from '../../../shared/display/display-text.ts';

/** Files that a window may name at once; the oldest go when there are more. */
const GRANTS_LIMIT = 50_000;

/** What a window may do with a file: read it (and what is below it), write into the folder, or write the file itself. */
export type GrantedUse = 'read' | 'write-folder' | 'write-file';

export interface GrantOptions {
  readonly kind: GrantedFile['kind'];
  readonly use: GrantedUse;
  readonly size?: number;
  /** What is shown instead of the path. */
  readonly location?: string;
}

/**
 * The files that a person chose, by tokens: a window names files by nothing else, so that a compromised one reads and writes what a
 * person pointed at and no more (reliability bar, F7 and W9). Tokens end with the program.
 */
export interface FileGrants {
  /** @param file - absolute. */
  grant(file: string, options: GrantOptions): GrantedFile;
  /** @throws TallymanError NOT_FOUND for a token that is none, or for another use. */
  pathOf(token: string, use: GrantedUse): string;
  /** Takes the grants of a folder and everything below it back. */
  revokeBelow(folder: string): void;
}

export function createFileGrants(): FileGrants {
  const granted = new Map<string, { readonly path: string; readonly use: GrantedUse }>();
  return {
    grant(file, { kind, use, size, location = file }) {
      const token = randomBytes(24).toString('base64url');
      granted.set(token, { path: file, use });
      for (const oldest of granted.keys()) {
        if (granted.size <= GRANTS_LIMIT) break;
        granted.delete(oldest);
      }
      return {
        token,
        name: displayText(path.basename(file)),
        kind,
        location: displayText(location),
        ...(size === undefined ? {} : { size }),
      };
    },

    pathOf(token, use) {
      const found = granted.get(token);
      if (found?.use === use) return found.path;
      throw new TallymanError({
        code: 'NOT_FOUND',
        message: 'That file was chosen in another run of Tallyman, or for something else.',
        hint: 'Choose it again.',
      });
    },

    revokeBelow(folder) {
      for (const [token, { path: file }] of granted)
        if (file === folder || file.startsWith(folder + path.sep)) granted.delete(token);
    },
  };
}
