import { useEffect, useRef, useState } from 'react';

/**
 * The newest value, told at most once per `interval` milliseconds; with interval 0 always the newest. The first value and
 * one after a quiet time are told at once.
 */
export function useThrottled<Value>(value: Value, interval: number): Value {
  const [told, setTold] = useState(value);
  const toldAt = useRef(-Infinity);

  useEffect(() => {
    const wait = Math.max(0, toldAt.current + interval - performance.now());
    const tell = (): void => {
      toldAt.current = performance.now();
      setTold(() => value);
    };
    if (wait === 0) {
      tell();
      return undefined;
    }
    const timer = setTimeout(tell, wait);
    return () => clearTimeout(timer);
  }, [value, interval]);

  return interval === 0 ? value : told;
}
