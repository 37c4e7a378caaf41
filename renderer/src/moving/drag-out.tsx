import { GripVertical } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { DragEvent, JSX, PointerEvent } from 'react';
import type { ProcedureInput, ProcedureOutput } from '../../../shared/contract/contract.ts';
import { displayText } from '../../../shared/display/display-text.ts';
import { isCancellation, toErrorData } from '../../../shared/errors/tallyman-error.ts';
import { useClient } from '../client/client-context.ts';
import { useHostInfo } from '../data/host-info.ts';
import { useNotify } from '../notices/notices.tsx';
import styles from './drag-out.module.css';

interface DragOutProps {
  /** What is dragged: a blob as a file, or an artifact's files in a folder. */
  readonly wish: ProcedureInput<'content.prepareDrag'>;
}

/**
 * A handle that drags a file out of the window, to the desktop or into a file manager; nothing in hosts that cannot. For the mouse only:
 * who uses the keyboard has “Pull to a folder…”.
 *
 * A drag needs the file on the disk. So it is made ready as soon as the handle is pressed; who lets go before it is there is told
 * when it is, and drags once more.
 */
export function DragOut({ wish }: DragOutProps): JSX.Element | null {
  const canDragOut = useHostInfo()?.canDragOut === true;
  const client = useClient();
  const notify = useNotify();
  const [isBusy, setBusy] = useState(false);
  const prepared = useRef<Promise<ProcedureOutput<'content.prepareDrag'>>>(undefined);
  const held = useRef<AbortController>(undefined);

  const release = (): void => held.current?.abort();
  useEffect(() => () => held.current?.abort(), []);

  const press = ({ button }: PointerEvent): void => {
    if (button !== 0) return;
    release();
    const pressed = new AbortController();
    held.current = pressed;
    for (const end of ['pointerup', 'pointercancel', 'blur'])
      window.addEventListener(end, () => pressed.abort(), { capture: true, signal: pressed.signal });
    if (prepared.current !== undefined) return;
    const preparing = client.call('content.prepareDrag', wish);
    prepared.current = preparing;
    preparing.catch((error: unknown) => {
      if (prepared.current === preparing) prepared.current = undefined;
      tell(error);
    });
  };

  const tell = (error: unknown): void => {
    if (isCancellation(error)) return;
    const { message, hint } = toErrorData(error);
    notify({ tone: 'info', text: [message, hint].filter(Boolean).join(' ') });
  };

  const drag = async (pressed: AbortController): Promise<void> => {
    setBusy(true);
    try {
      const ready = await prepared.current?.catch(() => undefined); // told already
      if (ready === undefined) return;
      if (pressed.signal.aborted) {
        notify({ tone: 'info', text: `${displayText(ready.name)} is here now: drag it once more.` });
        return;
      }
      prepared.current = undefined; // good for one drag
      await client.call('content.startDrag', { drag: ready.drag });
    } catch (error) {
      tell(error);
    } finally {
      setBusy(false);
    }
  };

  const begin = (event: DragEvent): void => {
    // The host's drag takes the place of the page's own, of this and of what is around.
    event.preventDefault();
    event.stopPropagation();
    const pressed = held.current;
    if (pressed !== undefined && !isBusy) void drag(pressed);
  };

  if (!canDragOut) return null;
  return (
    <span
      className={styles['handle']}
      draggable
      aria-hidden
      data-drag-out
      data-busy={isBusy || undefined}
      title={`Drag ${displayText(wish.fileName)} out to a folder or the desktop`}
      onPointerDown={press}
      onDragStart={begin}
    >
      <GripVertical size={14} />
    </span>
  );
}
