import { toErrorData } from '../errors/tallyman-error.ts';
import type { RowDetails } from './repository.ts';

/** The row of a digest of which nothing could be read but the reason: the services say it, and the window when the services are gone. */
export function unreadableRow(digest: string, error: unknown): RowDetails {
  return {
    digest,
    kind: 'other',
    mediaType: '',
    what: '',
    size: 0,
    platforms: [],
    error: toErrorData(error),
  };
}
