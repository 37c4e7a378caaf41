import { describe, expect, it } from 'vitest';
import { NODE_KINDS } from '../../../../../shared/contract/graph-words.ts';
import type { NodeKind } from '../../../../../shared/contract/graph-words.ts';
import type { GraphEdge, GraphNode } from '../../../../../shared/contract/graph.ts';
import { displayText } from '../../../../../shared/display/display-text.ts';
import { hostileTexts } from '../../../testing/hostile-texts.ts';
import { arrange } from '../layout/arrange.ts';
import { applySteps, EMPTY_GRAPH } from '../model/graph-model.ts';
import { cardIds, pictureSource, type PictureSource } from '../model/picture-source.ts';
import { drawSvg, type Drawing } from './draw-svg.ts';
import { readDrawingIcons } from './drawing-icons.tsx';
import type { DrawingTheme } from './drawing.ts';

const THEME: DrawingTheme = {
  background: '#ffffff',
  card: '#ffffff',
  line: '#dddddd',
  wire: '#555555',
  text: '#111111',
  dim: '#555555',
  bad: '#cc0000',
  warn: '#886600',
  kinds: Object.fromEntries(NODE_KINDS.map((kind) => [kind, '#0a63c2'])) as Record<NodeKind, string>,
};

/** Everything that a drawing may consist of. */
const ELEMENTS = new Set([
  'svg',
  'title',
  'rect',
  'text',
  'tspan',
  'g',
  'path',
  'circle',
  'line',
  'polyline',
  'polygon',
  'ellipse',
]);

function graph(title: string, digest: string): PictureSource {
  const root: GraphNode = {
    digest: 'sha256:00',
    mediaType: 'a/b',
    size: 1,
    kind: 'image',
    tags: [],
    state: 'ok',
    title: 'linux/amd64',
  };
  const foreign: GraphNode = { ...root, digest, kind: 'sarif', title, state: 'damaged' };
  const edges: GraphEdge[] = [{ from: digest, to: root.digest, via: ['referrers-api', 'fallback-tag'] }];
  return pictureSource(
    applySteps(EMPTY_GRAPH, [{ nodes: [root, foreign], edges, lookups: [], pending: 0 }]),
    [],
  );
}

function draw(source: PictureSource, caption: string): Drawing {
  const nodes = cardIds(source, true).flatMap((id) => source.sortables.get(id) ?? []);
  const picture = arrange({
    nodes,
    links: source.links,
    roots: source.roots,
    openClusters: [],
    settled: true,
  });
  return drawSvg(picture, source, caption, THEME, readDrawingIcons());
}

function parse(svg: string): Document {
  return new DOMParser().parseFromString(svg, 'image/svg+xml');
}

describe('drawSvg', () => {
  const drawing = draw(graph('SARIF report', 'sha256:0123456789abcdef'), 'team/app:1.8.2');
  const page = parse(drawing.svg);
  const texts = [...page.querySelectorAll('text')].map((text) => text.textContent);

  it('draws cards with title and digest, lines with the ways they were found, and a caption', () => {
    expect(texts).toEqual(
      expect.arrayContaining([
        'linux/amd64',
        'SARIF report',
        'damaged · 01234567',
        'referrers API',
        'fallback tag',
        'team/app:1.8.2',
      ]),
    );
    expect(page.querySelectorAll('path[stroke-dasharray]')).toHaveLength(1);
  });

  it('has the icons of the window and the marks of what is wrong', () => {
    expect(page.querySelectorAll('g[stroke-width="1.75"]')).toHaveLength(3);
    for (const icon of page.querySelectorAll('g[stroke-width="1.75"]'))
      expect(icon.children.length).toBeGreaterThan(0);
  });

  it('is as large as its picture and refers to nothing outside of itself', () => {
    const root = page.documentElement;
    expect(root.getAttribute('viewBox')).toBe(`0 0 ${drawing.width} ${drawing.height}`);
    expect(drawing.svg).not.toMatch(/href|url\(|<style|<script|@import|<image|<use/);
  });

  it.each(hostileTexts().map((text, index) => [index, text] as const))(
    'takes hostile text %i for text',
    (_, text) => {
      for (const { svg } of [draw(graph(text, `sha256:${text}`), text)]) {
        const hostile = parse(svg);
        expect(hostile.querySelector('parsererror')).toBeNull();
        for (const element of hostile.querySelectorAll('*')) {
          expect(ELEMENTS).toContain(element.localName);
          for (const { name, value } of element.attributes) {
            expect(name).not.toMatch(/^on|href|style/i);
            expect(value).not.toMatch(/__pwn|beacon/);
          }
        }
        expect(hostile.querySelector('title')?.textContent).toBe(displayText(text));
      }
    },
  );
});
