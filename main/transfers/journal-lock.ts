import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { withLock } from '../layout/layout-lock.ts';
import { nodeFileSystem } from '../layout/node-file-system.ts';
import { systemProcesses } from '../layout/process-identity.ts';

/**
 * Takes a lock and keeps it until the returned function is called; it is free again as soon as this process has ended, however that was.
 * @throws TallymanError CONFLICT when another process has it.
 */
export async function holdLock(folder: string): Promise<() => Promise<void>> {
  const { signal } = new AbortController();
  const options = { fileSystem: nodeFileSystem, processes: systemProcesses, signal, waitLimit: 0 };
  let letGo: () => void = () => undefined;
  const kept = new Promise<void>((resolve) => (letGo = resolve));
  let holding: Promise<void> | undefined;
  await new Promise<void>((resolve, reject) => {
    holding = withLock(folder, options, async () => {
      resolve();
      await kept;
    });
    holding.catch(reject);
  }).catch((error: unknown) => {
    throw error instanceof TallymanError && error.code === 'CONFLICT' ? taken(folder, error) : error;
  });
  return async () => {
    letGo();
    await holding;
  };
}

function taken(folder: string, error: TallymanError): TallymanError {
  const pid = error.details?.['pid'];
  return new TallymanError(
    {
      code: 'CONFLICT',
      message: `The list of transfers belongs to another Tallyman${pid === undefined ? '' : ` (process ${pid})`} that runs now.`,
      hint: `Use that one, or end it. If it ran on another machine or in another container and is gone, remove the folder ${folder}.`,
      ...(pid === undefined ? {} : { details: { pid } }),
    },
    { cause: error },
  );
}
