import { describe, expect, it } from 'vitest';
import type { GraphNode } from '../../../../../shared/contract/graph.ts';
import { findTyped, treeKeyAction } from './tree-keyboard.ts';
import type { TreeRow } from './tree-rows.ts';

function node(key: string, level: number, parent: string | undefined, expanded?: boolean): TreeRow {
  const graphNode: GraphNode = {
    digest: key,
    mediaType: 'a/b',
    size: 1,
    kind: 'other',
    tags: [],
    state: 'ok',
    title: key,
  };
  return {
    type: 'node',
    key,
    level,
    position: 1,
    siblings: 1,
    ...(parent === undefined ? {} : { parent }),
    node: graphNode,
    vias: [],
    expandable: expanded !== undefined,
    expanded: expanded ?? false,
  };
}

const ROWS: readonly TreeRow[] = [
  node('index', 1, undefined, true),
  node('image', 2, 'index', false),
  node('sbom', 2, 'index'),
];

describe('treeKeyAction', () => {
  it('moves up, down, to both ends, and not beyond them', () => {
    expect(treeKeyAction(ROWS, 0, 'ArrowDown')).toEqual({ type: 'move', index: 1 });
    expect(treeKeyAction(ROWS, 2, 'ArrowDown')).toEqual({ type: 'move', index: 2 });
    expect(treeKeyAction(ROWS, 0, 'ArrowUp')).toEqual({ type: 'move', index: 0 });
    expect(treeKeyAction(ROWS, 1, 'End')).toEqual({ type: 'move', index: 2 });
    expect(treeKeyAction(ROWS, 2, 'Home')).toEqual({ type: 'move', index: 0 });
    expect(treeKeyAction(ROWS, 2, 'PageUp')).toEqual({ type: 'move', index: 0 });
  });

  it('opens what is closed, then goes to its first child', () => {
    expect(treeKeyAction(ROWS, 1, 'ArrowRight')).toEqual({ type: 'toggle', key: 'image' });
    expect(treeKeyAction(ROWS, 0, 'ArrowRight')).toEqual({ type: 'move', index: 1 });
    expect(treeKeyAction(ROWS, 2, 'ArrowRight')).toBeUndefined();
  });

  it('closes what is open, then goes to the parent', () => {
    expect(treeKeyAction(ROWS, 0, 'ArrowLeft')).toEqual({ type: 'toggle', key: 'index' });
    expect(treeKeyAction(ROWS, 1, 'ArrowLeft')).toEqual({ type: 'move', index: 0 });
  });

  it('opens and closes with Space, and follows with Enter', () => {
    expect(treeKeyAction(ROWS, 1, ' ')).toEqual({ type: 'toggle', key: 'image' });
    expect(treeKeyAction(ROWS, 2, ' ')).toEqual({ type: 'activate', index: 2 });
    expect(treeKeyAction(ROWS, 1, 'Enter')).toEqual({ type: 'activate', index: 1 });
  });

  it('leaves every other key alone', () => {
    expect(treeKeyAction(ROWS, 1, 'a')).toBeUndefined();
    expect(treeKeyAction([], 0, 'Enter')).toBeUndefined();
  });
});

describe('findTyped', () => {
  const titles = ['SBOM · SPDX', 'SARIF report', 'SBOM · CycloneDX', 'Notation signature'];

  it('finds the next row below that begins with what was typed, then from the top', () => {
    expect(findTyped(titles, 0, 'n')).toBe(3);
    expect(findTyped(titles, 3, 'sb')).toBe(0);
    expect(findTyped(titles, 0, 'sar')).toBe(1);
  });

  it('goes on to the next with the same letter again', () => {
    expect(findTyped(titles, 0, 's')).toBe(1);
    expect(findTyped(titles, 1, 'ss')).toBe(2);
  });

  it('finds nothing where nothing begins so', () => {
    expect(findTyped(titles, 0, 'x')).toBeUndefined();
  });
});
