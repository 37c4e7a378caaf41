import { stat } from 'node:fs/promises';
import type { Layout } from '../../layout/open-layout.ts';
import { openLayout } from '../../layout/open-layout.ts';

/** Archives that were replaced on disk and are kept open for whoever still reads from them. */
const RETIRED_LIMIT = 8;

interface OpenLayout {
  readonly opening: Promise<Layout>;
  /** What lay at the path when it was opened. */
  readonly stamp: string;
}

/** Layouts by path, each opened once and shared, and opened anew when another file lies there. */
export interface OpenLayouts {
  /** @throws TallymanError as `openLayout`; a failure is not remembered. */
  at(path: string): Promise<Layout>;
  forget(path: string): Promise<void>;
  close(): Promise<void>;
}

export function createOpenLayouts(): OpenLayouts {
  const layouts = new Map<string, OpenLayout>();
  const retired: OpenLayout[] = [];
  // Opening goes on when the first who asked for it loses interest: others may wait for the same place.
  const closing = new AbortController();

  const retire = async (old: OpenLayout): Promise<void> => {
    retired.push(old);
    const oldest = retired.length > RETIRED_LIMIT ? retired.shift() : undefined;
    if (oldest !== undefined) await closeLayout(oldest);
  };

  return {
    async at(path) {
      const stamp = await stampOf(path);
      const open = layouts.get(path);
      if (open?.stamp === stamp) return await open.opening;
      const next = { stamp, opening: openLayout(path, { signal: closing.signal }) };
      layouts.set(path, next);
      if (open !== undefined) await retire(open);
      try {
        return await next.opening;
      } catch (error) {
        if (layouts.get(path) === next) layouts.delete(path);
        throw error;
      }
    },
    async forget(path) {
      const open = layouts.get(path);
      layouts.delete(path);
      if (open !== undefined) await closeLayout(open);
    },
    async close() {
      closing.abort();
      const all = [...layouts.values(), ...retired.splice(0)];
      layouts.clear();
      await Promise.all(all.map(closeLayout));
    },
  };
}

async function closeLayout({ opening }: OpenLayout): Promise<void> {
  const layout = await opening.catch(() => undefined);
  await layout?.close();
}

/** An archive is what it was when it was opened, so another file at its path is another layout. Changes in a folder are seen by themselves. */
async function stampOf(path: string): Promise<string> {
  try {
    const file = await stat(path, { bigint: true });
    return file.isFile() ? [file.dev, file.ino, file.size, file.mtimeNs].join(' ') : 'no file';
  } catch {
    return 'nothing'; // opening it says why
  }
}
