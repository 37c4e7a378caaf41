import { formatSize } from '../../../../../shared/display/format-size.ts';
import type { GraphNode } from '../../../../../shared/contract/graph.ts';
import type { NodeState } from '../../../../../shared/contract/graph-words.ts';
import type { Arrangement, PlacedCard, PlacedCluster } from '../layout/arrangement.ts';
import { CARD_HEIGHT, CARD_WIDTH } from '../layout/metrics.ts';
import { labelsOf, pathOf, wireGeometries, type WireGeometry } from '../layout/wire-geometry.ts';
import { LABEL_SIZE } from '../layout/wire-labels.ts';
import { cardDigest, isBlob, isSignature } from '../model/node-facts.ts';
import type { PictureSource } from '../model/picture-source.ts';
import { cardTitle } from '../model/card-title.ts';
import { commonTitle } from '../model/common-title.ts';
import { problemWords } from '../graph/problem-words.ts';
import type { DrawingIcons, DrawingTheme } from './drawing.ts';
import { escapeXml } from './escape-xml.ts';

const MARGIN = 32;
const CAPTION = 28;
const SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
const MONO = "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace";
/** Where text begins on a card, and how much room there is for it, without and with a mark behind it. */
const TEXT_X = 38;
const TEXT_WIDTH = 146;
const TEXT_WIDTH_MARKED = 122;
const TITLE_SIZE = 13;
/** Average width of a bold letter in units of its size; cutting by it errs on the short side. */
const LETTER = 0.62;

export interface Drawing {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/**
 * The picture as a file of its own: SVG without scripts, styles, fonts or references to anything else. Every foreign text
 * is escaped, so a hostile title stays a title.
 */
export function drawSvg(
  picture: Arrangement,
  source: PictureSource,
  caption: string,
  theme: DrawingTheme,
  icons: DrawingIcons,
): Drawing {
  const width = Math.ceil(picture.bounds.width + 2 * MARGIN);
  const height = Math.ceil(picture.bounds.height + 2 * MARGIN + CAPTION);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${SANS}" font-size="${TITLE_SIZE}">`,
    `<title>${escapeXml(caption)}</title>`,
    `<rect width="${width}" height="${height}" fill="${theme.background}"/>`,
    `<text x="${MARGIN}" y="${MARGIN}" fill="${theme.dim}" font-size="12">${escapeXml(caption)}</text>`,
    `<g transform="translate(${MARGIN - picture.bounds.x} ${MARGIN + CAPTION - picture.bounds.y})">`,
    ...picture.clusters
      .filter((cluster) => cluster.open)
      .map((cluster) => tray(cluster, source, theme, icons)),
    ...wireGeometries(picture).map((geometry) => line(geometry, theme)),
    ...picture.clusters
      .filter((cluster) => !cluster.open)
      .map((cluster) => clusterCard(cluster, source, theme, icons)),
    ...picture.cards.map((placed) => card(placed, source, theme, icons)),
    '</g></svg>',
  ];
  return { svg: parts.join('\n'), width, height };
}

function line(geometry: WireGeometry, theme: DrawingTheme): string {
  const { wire } = geometry;
  const dash = wire.form === 'referrer' ? ' stroke-dasharray="4 3.5"' : '';
  const colour = wire.placing ? theme.wire : theme.line;
  const texts = labelsOf(geometry).map(
    ({ x, y, anchor, text }) =>
      `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${LABEL_SIZE}" fill="${theme.dim}" stroke="${theme.background}" stroke-width="5" stroke-linejoin="round" paint-order="stroke">${escapeXml(text)}</text>`,
  );
  return `<path d="${pathOf(geometry)}" fill="none" stroke="${colour}" stroke-width="1.25"${dash}/>${texts.join('')}`;
}

function card(placed: PlacedCard, source: PictureSource, theme: DrawingTheme, icons: DrawingIcons): string {
  const node = source.nodes.get(placed.id);
  if (node === undefined) return '';
  const problem = problemWords(node.state, source.troubles.get(node.digest));
  const size = formatSize(source.totals.get(node.digest) ?? node.size);
  const facts =
    problem === undefined
      ? `${escapeXml(cardDigest(node.digest))} · ${size}`
      : `<tspan fill="${stateColour(shownState(node, source), theme)}" font-family="${SANS}">${problem} · </tspan>${escapeXml(cardDigest(node.digest))}`;
  return [
    `<g transform="translate(${placed.x} ${placed.y})">`,
    frame(theme, problem !== undefined),
    edge(theme.kinds[node.kind]),
    icon(icons.kinds.get(node.kind), 12, 16, 18, theme.kinds[node.kind]),
    `<text x="${TEXT_X}" y="22" fill="${theme.text}" font-weight="600">${cut(node.title, markName(node, shownState(node, source)) === undefined ? TEXT_WIDTH : TEXT_WIDTH_MARKED)}</text>`,
    `<text x="${TEXT_X}" y="39" fill="${theme.dim}" font-family="${MONO}" font-size="11">${facts}</text>`,
    mark(node, shownState(node, source), theme, icons),
    '</g>',
  ].join('');
}

function clusterCard(
  cluster: PlacedCluster,
  source: PictureSource,
  theme: DrawingTheme,
  icons: DrawingIcons,
): string {
  const count = cluster.members.length.toLocaleString('en');
  const below = cluster.hidden > 0 ? ` · ${cluster.hidden.toLocaleString('en')} attached` : '';
  return [
    `<g transform="translate(${cluster.x} ${cluster.y})">`,
    `<rect x="6.5" y="6.5" width="${CARD_WIDTH - 13}" height="${CARD_HEIGHT}" rx="6" fill="${theme.card}" stroke="${theme.line}"/>`,
    frame(theme, false),
    edge(theme.kinds[cluster.kind]),
    icon(icons.kinds.get(cluster.kind), 12, 16, 18, theme.kinds[cluster.kind]),
    `<text x="${TEXT_X}" y="22" fill="${theme.text}" font-weight="600">${cut(commonTitle(cluster.kind, cluster.members, source), TEXT_WIDTH)}</text>`,
    `<text x="${TEXT_X}" y="39" fill="${theme.dim}" font-size="11"><tspan fill="${theme.text}" font-weight="600">${count}</tspan> of them${below}</text>`,
    '</g>',
  ].join('');
}

function tray(
  cluster: PlacedCluster,
  source: PictureSource,
  theme: DrawingTheme,
  icons: DrawingIcons,
): string {
  return [
    `<g transform="translate(${cluster.x} ${cluster.y})">`,
    `<rect x="0.5" y="0.5" width="${cluster.width - 1}" height="${cluster.height - 1}" rx="10" fill="none" stroke="${theme.line}"/>`,
    icon(icons.kinds.get(cluster.kind), 12, 9, 15, theme.kinds[cluster.kind]),
    `<text x="35" y="21" fill="${theme.text}" font-weight="600">${cluster.members.length.toLocaleString('en')} ${escapeXml(commonTitle(cluster.kind, cluster.members, source))}</text>`,
    '</g>',
  ].join('');
}

function frame(theme: DrawingTheme, dashed: boolean): string {
  const dash = dashed ? ' stroke-dasharray="3 2"' : '';
  return `<rect x="0.5" y="0.5" width="${CARD_WIDTH - 1}" height="${CARD_HEIGHT - 1}" rx="6" fill="${theme.card}" stroke="${theme.line}"${dash}/>`;
}

function edge(colour: string): string {
  return `<rect x="0" y="7" width="3" height="${CARD_HEIGHT - 14}" rx="1.5" fill="${colour}"/>`;
}

function mark(node: GraphNode, state: NodeState, theme: DrawingTheme, icons: DrawingIcons): string {
  const name = markName(node, state);
  return name === undefined
    ? ''
    : icon(icons.marks.get(name), CARD_WIDTH - 26, 17.5, 15, stateColour(state, theme));
}

/** The state of a node, or else of the first part of it that has a problem. */
function shownState(node: GraphNode, source: PictureSource): NodeState {
  return node.state === 'ok' ? (source.troubles.get(node.digest)?.state ?? 'ok') : node.state;
}

/** The mark that the window shows on this card, if any. */
function markName(node: GraphNode, state: NodeState): NodeState | 'signature' | undefined {
  if (state === 'ok') return isSignature(node.kind) ? 'signature' : undefined;
  return state === 'unchecked' && isBlob(node) ? undefined : state;
}

function icon(markup: string | undefined, x: number, y: number, size: number, colour: string): string {
  if (markup === undefined) return '';
  return `<g transform="translate(${x} ${y}) scale(${size / 24})" fill="none" stroke="${colour}" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${markup}</g>`;
}

function stateColour(state: NodeState, theme: DrawingTheme): string {
  if (state === 'failed' || state === 'limited') return theme.warn;
  return state === 'ok' || state === 'unchecked' || state === 'pending' ? theme.dim : theme.bad;
}

/** A title cut to what a card has room for: a drawing cannot measure text, and must not let it run over its edge. */
function cut(title: string, width: number): string {
  const shown = cardTitle(title);
  const letters = Math.floor(width / (TITLE_SIZE * LETTER));
  if (shown.length <= letters) return escapeXml(shown);
  const beginning = shown.slice(0, letters - 1).replace(/[\uD800-\uDBFF]$/, '');
  return escapeXml(`${beginning.trimEnd()}…`);
}
