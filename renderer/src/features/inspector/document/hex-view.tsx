import { useVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState, type JSX } from 'react';
import { hexRow } from './hex-rows.ts';
import styles from './document.module.css';

/** Height of a row in pixels; the style sheet says the same. */
const ROW_HEIGHT = 18;
/** From this width on, in pixels, a row has 16 bytes; in a narrower place 8. */
const WIDE_FROM = 500;

/** Bytes as hex and text, row by row. */
export function HexView({ bytes }: { readonly bytes: Uint8Array }): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(8);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || typeof ResizeObserver === 'undefined') return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth >= WIDE_FROM ? 16 : 8));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const virtual = useVirtualizer({
    count: Math.ceil(bytes.length / width),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 20,
  });
  return (
    <div ref={scroller} className={styles['hex']} tabIndex={0} role="region" aria-label="Bytes as hex">
      <div className={styles['hexRows']} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const { offset, hex, text } = hexRow(bytes, item.index, width);
          return (
            <div
              key={item.key}
              className={styles['hexRow']}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <span className={styles['offset']}>{offset}</span>
              <span>{hex}</span>
              <span className={styles['ascii']}>{text}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
