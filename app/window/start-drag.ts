import { nativeImage } from 'electron';
import type { NativeImage, WebContents } from 'electron';

/** What is seen at the pointer, in device-independent pixels: a sheet of paper with a line around it. */
const ICON = { width: 24, height: 30 };
/** Blue, green, red, opacity. */
const PAPER = [255, 255, 255, 230] as const;
const LINE = [96, 96, 96, 255] as const;

/** Hands drags that a person began in the window to the desktop, with files of this machine. */
export interface DragStarter {
  /** Begins to know whether a mouse button is held on this page. */
  follow(contents: WebContents): void;
  /**
   * @param path - what is dragged
   * @returns false, and drags nothing, when no button is held: desktops wait for its end, and Tallyman would with them.
   */
  start(path: string): boolean;
}

export function createDragStarter(): DragStarter {
  let icon: NativeImage | undefined;
  let held: WebContents | undefined;
  return {
    follow(contents) {
      const letGo = (): void => {
        if (held === contents) held = undefined;
      };
      // From the browser itself: the page can make up none of these.
      contents.on('input-event', (_event, { type }) => {
        if (type === 'mouseDown') held = contents;
        else if (type === 'mouseUp') letGo();
      });
      contents.on('destroyed', letGo);
      contents.on('blur', letGo);
    },

    start(path) {
      if (held === undefined) return false;
      const contents = held;
      held = undefined; // the desktop gets its end
      icon ??= drawSheet();
      contents.startDrag({ file: path, icon });
      return true;
    },
  };
}

/** Drawn here: some desktops refuse a drag without a picture, and none is read from a disk for this. */
function drawSheet(): NativeImage {
  const { width, height } = ICON;
  const pixels: number[] = [];
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const isEdge = x === 0 || y === 0 || x === width - 1 || y === height - 1;
      pixels.push(...(isEdge ? LINE : PAPER));
    }
  return nativeImage.createFromBitmap(Buffer.from(pixels), { width, height });
}
