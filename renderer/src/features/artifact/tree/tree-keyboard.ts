import type { TreeRow } from './tree-rows.ts';

/** What a key does in the tree. */
export type TreeKeyAction =
  | { readonly type: 'move'; readonly index: number }
  | { readonly type: 'toggle'; readonly key: string }
  /** Opens what the row names: a reference leads to its place. */
  | { readonly type: 'activate'; readonly index: number };

/** Rows that Page Up and Page Down pass. */
const PAGE = 10;

/** What a key means on one row, as trees on every desktop have it; undefined for keys that mean nothing here. */
export function treeKeyAction(rows: readonly TreeRow[], at: number, key: string): TreeKeyAction | undefined {
  const row = rows[at];
  if (row === undefined) return rows.length > 0 && isMove(key) ? { type: 'move', index: 0 } : undefined;
  const last = rows.length - 1;
  switch (key) {
    case 'ArrowDown':
      return move(Math.min(last, at + 1));
    case 'ArrowUp':
      return move(Math.max(0, at - 1));
    case 'PageDown':
      return move(Math.min(last, at + PAGE));
    case 'PageUp':
      return move(Math.max(0, at - PAGE));
    case 'Home':
      return move(0);
    case 'End':
      return move(last);
    case 'ArrowRight':
      if (isFolded(row)) return { type: 'toggle', key: row.key };
      return rows[at + 1]?.parent === row.key ? move(at + 1) : undefined;
    case 'ArrowLeft': {
      if (isUnfolded(row)) return { type: 'toggle', key: row.key };
      const parent = rows.findIndex((other) => other.key === row.parent);
      return parent < 0 ? undefined : move(parent);
    }
    case ' ':
      return canFold(row) ? { type: 'toggle', key: row.key } : { type: 'activate', index: at };
    case 'Enter':
      return row.type === 'content' ? { type: 'toggle', key: row.key } : { type: 'activate', index: at };
    default:
      return undefined;
  }
}

/** The next row below (then from the top) whose title begins with what was typed; one letter again and again goes on. */
export function findTyped(titles: readonly string[], at: number, typed: string): number | undefined {
  const text = typed.toLowerCase();
  const first = text.slice(0, 1);
  const repeated = text === first.repeat(text.length);
  const wanted = repeated ? first : text;
  const start = repeated || typed.length === 1 ? at + 1 : at;
  for (let step = 0; step < titles.length; step++) {
    const index = (start + step) % titles.length;
    if (titles[index]?.toLowerCase().startsWith(wanted) === true) return index;
  }
  return undefined;
}

function move(index: number): TreeKeyAction {
  return { type: 'move', index };
}

function isMove(key: string): boolean {
  return ['ArrowDown', 'ArrowUp', 'Home', 'End', 'PageDown', 'PageUp'].includes(key);
}

function canFold(row: TreeRow): boolean {
  return row.type === 'content' || (row.type === 'node' && row.expandable);
}

function isFolded(row: TreeRow): boolean {
  return canFold(row) && row.type !== 'reference' && !row.expanded;
}

function isUnfolded(row: TreeRow): boolean {
  return canFold(row) && row.type !== 'reference' && row.expanded;
}
