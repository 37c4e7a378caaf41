import type { Drawing } from './draw-svg.ts';

/** Pixels of the picture for each of its units. */
const SCALE = 2;
/** Longest side of a canvas that every supported Chromium can make, in pixels. */
export const CANVAS_SIDE_LIMIT = 16_384;
/** Most pixels of such a canvas. */
export const CANVAS_AREA_LIMIT = 134_217_728;

/** How much a drawing is scaled so that its picture stays within what a canvas can hold; above 1 wherever possible. */
export function pngScale(drawing: Pick<Drawing, 'width' | 'height'>): number {
  const bySide = CANVAS_SIDE_LIMIT / Math.max(drawing.width, drawing.height);
  const byArea = Math.sqrt(CANVAS_AREA_LIMIT / (drawing.width * drawing.height));
  return Math.min(SCALE, bySide, byArea);
}

/** Paints a drawing at twice its size. The drawing refers to nothing, so nothing is loaded. */
export async function drawPng(drawing: Drawing): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([drawing.svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const scale = pngScale(drawing);
    const canvas = document.createElement('canvas');
    canvas.width = Math.floor(drawing.width * scale);
    canvas.height = Math.floor(drawing.height * scale);
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('The browser gave no canvas to paint the picture on.');
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise<Blob>((resolve, reject) => {
      canvas.toBlob((blob) => {
        if (blob === null) reject(new Error('The browser could not make a PNG of this size.'));
        else resolve(blob);
      }, 'image/png');
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}
