import { useCallback, useEffect, useRef } from 'react';

/**
 * The same function for as long as the component lives, which always does what the latest given one does: for
 * children that are drawn again only when their properties change. Not to be called while rendering.
 */
export function useStableCallback<Values extends readonly unknown[]>(
  callback: (...values: Values) => void,
): (...values: Values) => void {
  const latest = useRef(callback);
  useEffect(() => {
    latest.current = callback;
  });
  return useCallback((...values: Values) => latest.current(...values), []);
}
