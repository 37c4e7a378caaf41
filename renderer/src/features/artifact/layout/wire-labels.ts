import { foundByWords, type Link } from '../model/links.ts';
import type { WireShape } from './arrangement.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The name of one way in which something was found, at the end of its line. `y` is the base line of the text. */
export interface WireLabel {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'end';
}

export const LABEL_SIZE = 11;
/** Two labels leave the line between them free. */
const LABEL_LINE = 16;
/** From the middle of a line of text down to its base line. */
const BASE_LINE = 4;

/** Where the ways in which a referrer was found are written; nothing for children and content. */
export function wireLabels(
  shape: WireShape,
  link: Pick<Link, 'form' | 'vias'>,
  source: Point,
  target: Point,
): readonly WireLabel[] {
  const found = foundByWords(link);
  const middle = shape === 'down' ? (source.y + target.y) / 2 : target.y;
  const first = middle + BASE_LINE - ((found.length - 1) * LABEL_LINE) / 2;
  return found.map((text, index) => ({
    text,
    x: shape === 'down' ? target.x + 8 : target.x - 10,
    y: first + index * LABEL_LINE,
    anchor: shape === 'down' ? 'start' : 'end',
  }));
}
