import { createTaskPool } from '../../content/task-pool.ts';

/** Manifests and tags that are written at once. */
const AT_ONCE = 32;

/**
 * Does the same with every item, several at a time, and answers in their order. After the first failure nothing new is begun;
 * it is thrown when what was under way has ended, so that nothing runs on.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const stop = new AbortController();
  const pool = createTaskPool(AT_ONCE, AbortSignal.any([signal, stop.signal]));
  let failure: { readonly error: unknown } | undefined;
  const results = await Promise.allSettled(
    items.map((item) =>
      pool.run(async () => {
        try {
          return await work(item);
        } catch (error) {
          failure ??= { error };
          stop.abort();
          throw error;
        }
      }),
    ),
  );
  if (failure !== undefined) throw failure.error;
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
