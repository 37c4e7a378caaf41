import { NODE_KINDS, type NodeKind } from '../../../../../shared/contract/graph-words.ts';
import { kindColour } from '../../../ui/kind-icon.tsx';
import type { DrawingTheme } from './drawing.ts';

/** The colours that the window has now: a drawing looks like what the person sees. */
export function readDrawingTheme(): DrawingTheme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => safeColour(style.getPropertyValue(name));
  const kinds = Object.fromEntries(
    NODE_KINDS.map((kind) => [kind, colour(kindColour(kind).replace(/^var\((.*)\)$/, '$1'))]),
  ) as Record<NodeKind, string>;
  return {
    background: colour('--bg'),
    card: colour('--raised'),
    line: colour('--line-strong'),
    wire: colour('--dim'),
    text: colour('--text'),
    dim: colour('--dim'),
    bad: colour('--bad'),
    warn: colour('--warn'),
    kinds,
  };
}

/** A colour of our own style sheet; anything that is none (a theme that is not loaded) becomes grey. */
function safeColour(value: string): string {
  const colour = value.trim();
  return /^#[0-9a-f]{3,8}$/i.test(colour) ? colour : '#777777';
}
