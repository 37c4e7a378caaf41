/** Keeps values up to a total weight; what was not used for longest goes first. */
export interface SizeLimitedCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value, weight: number): void;
  delete(key: string): void;
}

/** @param limit - total weight; a value heavier than an eighth of it is not kept, so that one giant does not empty the cache. */
export function createSizeLimitedCache<Value>(limit: number): SizeLimitedCache<Value> {
  // A Map keeps the order of insertion: used entries are put back at the end.
  const entries = new Map<string, { readonly value: Value; readonly weight: number }>();
  let total = 0;

  const remove = (key: string): void => {
    total -= entries.get(key)?.weight ?? 0;
    entries.delete(key);
  };

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, weight) {
      remove(key);
      if (weight > limit / 8) return;
      entries.set(key, { value, weight });
      total += weight;
      for (const oldest of entries.keys()) {
        if (total <= limit) return;
        remove(oldest);
      }
    },
    delete: remove,
  };
}
