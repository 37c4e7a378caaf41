/** Work of which one piece at a time runs under each name. */
export interface SerialWork {
  /** Runs after everything that was asked for before under the same name, however that ended. */
  run<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
}

/** Nothing under way yet. */
export function createSerialWork(): SerialWork {
  const last = new Map<string, Promise<unknown>>();
  return {
    async run(name, work) {
      const before = last.get(name);
      const mine = (async () => {
        await before?.catch(() => undefined);
        return work();
      })();
      last.set(name, mine);
      try {
        return await mine;
      } finally {
        if (last.get(name) === mine) last.delete(name);
      }
    },
  };
}
