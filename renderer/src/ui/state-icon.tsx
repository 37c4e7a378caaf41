import { Ban, Check, CircleDashed, CircleSlash2, Minus, Unplug, X } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { JSX } from 'react';
import type { NodeState } from '../../../shared/contract/graph-words.ts';
import { Spinner } from './spinner.tsx';

interface StateLook {
  readonly icon: LucideIcon;
  readonly colour: string;
  readonly words: string;
}

const LOOKS: Readonly<Record<Exclude<NodeState, 'pending'>, StateLook>> = {
  ok: { icon: Check, colour: '--ok', words: 'Read, and its digest matches' },
  unchecked: { icon: CircleDashed, colour: '--dim', words: 'Named, not read' },
  missing: { icon: CircleSlash2, colour: '--bad', words: 'Missing: named, and not there' },
  damaged: { icon: X, colour: '--bad', words: 'Damaged: the bytes are not what was named' },
  refused: { icon: Ban, colour: '--bad', words: 'Refused: malformed or ambiguous' },
  failed: { icon: Unplug, colour: '--warn', words: 'Could not look' },
  limited: { icon: Minus, colour: '--warn', words: 'Not read: a limit was reached' },
};

/** What is known about a node's bytes, in words. */
export function stateWords(state: NodeState): string {
  return state === 'pending' ? 'Being read' : LOOKS[state].words;
}

interface StateIconProps {
  readonly state: NodeState;
  readonly size?: number;
  /** True where the words stand beside it. */
  readonly decorative?: boolean;
}

/** The sign of what is known about a node's bytes; a shape for each state. */
export function StateIcon({ state, size = 14, decorative = false }: StateIconProps): JSX.Element {
  if (state === 'pending')
    return <Spinner size={size} {...(decorative ? {} : { label: stateWords(state) })} />;
  const { icon: Icon, colour, words } = LOOKS[state];
  return (
    <Icon
      size={size}
      strokeWidth={2}
      style={{ color: `var(${colour})` }}
      {...(decorative ? { 'aria-hidden': true } : { role: 'img', 'aria-label': words })}
    />
  );
}
