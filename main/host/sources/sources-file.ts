import { readFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { writeFileDurably } from './write-file-durably.ts';

/** Bytes of a list of sources that is read; thousands of pinned repositories fit. */
const SOURCES_FILE_LIMIT = 4 * 1024 * 1024;

const keptSourceSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('registry'),
    host: z.string(),
    /** What the person asked for; absent: decided at the first contact of each run. */
    plainHttp: z.boolean().optional(),
    pinned: z.array(z.string()),
  }),
  z.object({ kind: z.literal('layout'), path: z.string() }),
]);

/** A source as the data folder keeps it. Credentials are never among it. */
export type KeptSource = z.infer<typeof keptSourceSchema>;

const sourcesFileSchema = z.object({ version: z.literal(1), sources: z.array(keptSourceSchema) });

/** What reading found: the sources, and a sentence for the person when something was wrong. */
export interface SourcesOnDisk {
  readonly sources: readonly KeptSource[];
  readonly warning?: string;
  /** True when the file must not be replaced: it could not be read, or a newer Tallyman wrote it. */
  readonly locked: boolean;
}

/**
 * Reads the list of sources. A file that is no such list is set aside under another name, so that nothing is lost and the next write
 * has a free place; one that cannot be read or comes from a newer version is left alone and never replaced.
 */
export async function readSourcesFile(file: string): Promise<SourcesOnDisk> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { sources: [], locked: false };
    return {
      sources: [],
      locked: true,
      warning: `The list of sources ${file} could not be read (${code ?? 'unknown error'}): your sources are not shown and changes are not kept. Check its rights and start Tallyman again.`,
    };
  }
  const content = text.length > SOURCES_FILE_LIMIT ? undefined : parse(text);
  const checked = sourcesFileSchema.safeParse(content);
  if (checked.success) return { sources: checked.data.sources, locked: false };
  if (isNewer(content)) {
    return {
      sources: [],
      locked: true,
      warning: `The list of sources ${file} was written by a newer Tallyman: your sources are not shown and changes are not kept. Use that version.`,
    };
  }
  const aside = `${file}.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  try {
    await rename(file, aside);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return {
      sources: [],
      locked: true,
      warning: `The list of sources ${file} is damaged and could not be set aside (${code ?? 'unknown error'}): your sources are not shown and changes are not kept.`,
    };
  }
  return {
    sources: [],
    locked: false,
    warning: `The list of sources was damaged. It is kept as ${aside}; add your sources again, or repair that file and put it back.`,
  };
}

/** @throws TallymanError UNREADABLE when the file system refuses. */
export async function writeSourcesFile(file: string, sources: readonly KeptSource[]): Promise<void> {
  try {
    await writeFileDurably(file, `${JSON.stringify({ version: 1, sources }, undefined, 2)}\n`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TallymanError(
      {
        code: 'UNREADABLE',
        message: `The list of sources ${file} could not be written (${code ?? 'unknown error'}).`,
        hint: 'Check the rights and the free space of that folder; TALLYMAN_DATA names another one.',
      },
      { cause: error },
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isNewer(content: unknown): boolean {
  const checked = z.object({ version: z.number() }).safeParse(content);
  return checked.success && checked.data.version > 1;
}
