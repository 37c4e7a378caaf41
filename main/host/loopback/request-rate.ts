/** True while requests come no faster than `limit` in any second; more are refused until the next. */
export function createRequestRate(limit: number, now: () => number = Date.now): () => boolean {
  let second = 0;
  let count = 0;
  return () => {
    const current = Math.floor(now() / 1000);
    if (current !== second) {
      second = current;
      count = 0;
    }
    count += 1;
    return count <= limit;
  };
}
