import { useState } from 'react';
import type { DragEvent } from 'react';
import { isFileDrag, takeDropped } from './take-files.ts';
import type { TakeFiles } from './take-files.ts';
import { droppedThing, isThingDrag } from './thing.ts';
import type { Thing } from './thing.ts';

interface DropZoneOptions {
  /** Files and folders from outside; absent where they are not taken. Names are those of the top level. */
  readonly onFiles?: ((take: TakeFiles, names: readonly string[]) => void) | undefined;
  /** A node of this window; absent where it is not taken. */
  readonly onThing?: ((thing: Thing) => void) | undefined;
}

export interface DropZone {
  /** True while something is dragged over it that it takes. */
  readonly over: boolean;
  readonly handlers: {
    readonly onDragEnter: (event: DragEvent) => void;
    readonly onDragOver: (event: DragEvent) => void;
    readonly onDragLeave: (event: DragEvent) => void;
    readonly onDrop: (event: DragEvent) => void;
  };
}

/** A part of the window on which files or nodes can be dropped. */
export function useDropZone({ onFiles, onThing }: DropZoneOptions): DropZone {
  const [over, setOver] = useState(false);
  const takes = ({ dataTransfer }: DragEvent): boolean =>
    (onThing !== undefined && isThingDrag(dataTransfer)) ||
    (onFiles !== undefined && isFileDrag(dataTransfer) && !isThingDrag(dataTransfer));
  const onDragOver = (event: DragEvent): void => {
    if (!takes(event)) return;
    event.preventDefault();
    event.stopPropagation();
    event.dataTransfer.dropEffect = 'copy';
    setOver(true);
  };
  return {
    over,
    handlers: {
      onDragEnter: onDragOver,
      onDragOver,
      onDragLeave: (event) => {
        const { relatedTarget } = event;
        if (relatedTarget instanceof Node && event.currentTarget.contains(relatedTarget)) return;
        setOver(false);
      },
      onDrop: (event) => {
        setOver(false);
        if (!takes(event)) return;
        event.preventDefault();
        event.stopPropagation();
        const thing = droppedThing(event.dataTransfer);
        if (thing !== undefined) {
          onThing?.(thing);
          return;
        }
        const take = takeDropped(event.dataTransfer);
        if (take !== undefined)
          onFiles?.(
            take,
            Array.from(event.dataTransfer.files, ({ name }) => name),
          );
      },
    },
  };
}
