import type { DragEvent } from 'react';
import { isFileDrag, takeDropped } from '../../moving/take-files.ts';
import type { TakeFiles } from '../../moving/take-files.ts';

/** Lets files be dropped on a part of a dialog. */
export function dropOnto(onTake: (take: TakeFiles) => void): {
  readonly onDragOver: (event: DragEvent) => void;
  readonly onDrop: (event: DragEvent) => void;
} {
  return {
    onDragOver: (event) => {
      if (!isFileDrag(event.dataTransfer)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
    },
    onDrop: (event) => {
      const take = takeDropped(event.dataTransfer);
      if (take === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      onTake(take);
    },
  };
}
