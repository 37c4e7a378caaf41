import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import type { ReactNode } from 'react';
import {
  NODE_KINDS,
  NODE_STATES,
  type NodeKind,
  type NodeState,
} from '../../../../../shared/contract/graph-words.ts';
import { KindIcon } from '../../../ui/kind-icon.tsx';
import { TruthMark } from '../truth-mark.tsx';
import type { DrawingIcons } from './drawing.ts';

/** The icons of the window as markup for a drawing: the same shapes, drawn once outside of the page. */
export function readDrawingIcons(): DrawingIcons {
  const kinds = new Map(
    NODE_KINDS.map((kind): [NodeKind, string] => [kind, shapesOf(<KindIcon kind={kind} decorative />)]),
  );
  const marks = new Map<NodeState | 'signature', string>(
    NODE_STATES.filter((state) => state !== 'ok' && state !== 'pending').map((state): [NodeState, string] => [
      state,
      shapesOf(<TruthMark node={{ state, kind: 'other' }} />),
    ]),
  );
  marks.set('signature', shapesOf(<TruthMark node={{ state: 'ok', kind: 'signature-cosign' }} />));
  return { kinds, marks };
}

function shapesOf(icon: ReactNode): string {
  const holder = document.createElement('div');
  const root = createRoot(holder);
  flushSync(() => root.render(icon));
  const serializer = new XMLSerializer();
  const shapes = [...(holder.querySelector('svg')?.children ?? [])].map((shape) =>
    serializer.serializeToString(shape).replace(' xmlns="http://www.w3.org/2000/svg"', ''),
  );
  root.unmount();
  return shapes.join('');
}
