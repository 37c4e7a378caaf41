import { useCallback, useEffect, useMemo, useRef, useState, type JSX, type KeyboardEvent } from 'react';
import { Background, ReactFlow, useReactFlow, useStore, type NodeTypes } from 'reactflow';
import { displayText } from '../../../../../shared/display/display-text.ts';
import type { Arrangement } from '../layout/arrangement.ts';
import { CARD_HEIGHT, CARD_WIDTH, TRAY_HEADER } from '../layout/metrics.ts';
import { prefersReducedMotion } from '../layout/use-calm-arrangement.ts';
import type { PictureSource } from '../model/picture-source.ts';
import { relationWords } from '../model/relation-words.ts';
import { ClusterCard, ClusterTray } from './cluster-card.tsx';
import { centreBox, fitViewport, revealBox, showsAll, type Viewport } from './fit-viewport.ts';
import { FlowElements, type FlowNode } from './flow-elements.ts';
import { GraphActionsContext, type GraphActions } from './graph-actions.ts';
import { GraphCard } from './graph-card.tsx';
import { GraphControls } from './graph-controls.tsx';
import { GraphMap } from './graph-map.tsx';
import { graphStops, type Direction } from './graph-stops.ts';
import type { PaneSize } from './use-pane-size.ts';
import { Wires } from './wires.tsx';
import styles from './graph.module.css';

const NODE_TYPES: NodeTypes = { card: GraphCard, cluster: ClusterCard, tray: ClusterTray };
const MIN_ZOOM = 0.2;
const MAX_ZOOM = 2;
/** Below this zoom cards show their kind and title only. */
const FAR_ZOOM = 0.5;
/** How long the view moves to what is wanted, in milliseconds. */
const MOVE_DURATION = 180;
/** From this many boxes on a small map helps to find one's way, as long as not all are in sight. */
const MAP_FROM = 30;

const DIRECTIONS: Readonly<Partial<Record<string, Direction>>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'first',
  End: 'last',
};

interface GraphPaneProps {
  readonly name: string;
  readonly source: PictureSource;
  readonly contentShown: boolean;
  readonly onContentShown: (shown: boolean) => void;
  readonly selected: string | undefined;
  /** The selected node, where the person chose it: its lines are lit. */
  readonly lit: string | undefined;
  readonly onSelect: (digest: string) => void;
  /** What is drawn: on its way to `target`. */
  readonly picture: Arrangement;
  readonly target: Arrangement;
  readonly size: PaneSize;
  readonly toggleCluster: (id: string) => void;
}

const CARD = { width: CARD_WIDTH, height: CARD_HEIGHT };

/** The pane with the cards: moves and zooms, keeps what matters in sight, and leads the keyboard from card to card. */
export function GraphPane(props: GraphPaneProps): JSX.Element {
  const {
    name,
    source,
    contentShown,
    onContentShown,
    selected,
    lit,
    onSelect,
    picture,
    target,
    size,
    toggleCluster,
  } = props;
  const flow = useReactFlow<FlowNode>();
  const pane = useRef<HTMLDivElement>(null);
  const elements = useMemo(() => new FlowElements(), []);
  const [initial] = useState(() => fitViewport(target.bounds, size, rootBox(target)));
  // True once the person moved the view: from then on it stays where they put it.
  const [moved, setMoved] = useState(false);
  const moveBegan = useRef<Viewport>(initial);
  const isFar = useStore((state) => state.transform[2] < FAR_ZOOM);
  const isCut = useStore(({ transform: [x, y, zoom] }) => !showsAll({ x, y, zoom }, target.bounds, size));

  const stops = useMemo(() => graphStops(target), [target]);
  const [standing, setStanding] = useState<string>();
  const root = source.roots[0];
  const active = [standing, selected, root, target.cards[0]?.id].find(
    (id) => id !== undefined && stops.has(id),
  );

  const relations = useMemo(() => relationWords(source.links, source.nodes), [source]);
  const nodes = useMemo(
    () => elements.nodes(picture, source, relations, { selected, active }),
    [elements, picture, source, relations, selected, active],
  );

  const moveTo = useCallback(
    (view: Viewport) => void flow.setViewport(view, { duration: prefersReducedMotion() ? 0 : MOVE_DURATION }),
    [flow],
  );
  const fit = useCallback(
    () => moveTo(fitViewport(target.bounds, size, rootBox(target))),
    [moveTo, target, size],
  );

  const latestFit = useRef(fit);
  useEffect(() => {
    latestFit.current = fit;
  }, [fit]);
  const showAll = useCallback(() => {
    setMoved(false);
    latestFit.current();
  }, []);

  // Nobody moved the view: keep the growing picture in it, but only move when something lies outside.
  useEffect(() => {
    if (!moved && !showsAll(flow.getViewport(), target.bounds, size)) fit();
  }, [moved, target, size, flow, fit]);

  const boxOf = useCallback(
    (id: string) => {
      const card = target.cards.find((each) => each.id === id);
      if (card !== undefined) return { x: card.x, y: card.y, ...CARD };
      const cluster = target.clusters.find((each) => each.id === id);
      return cluster === undefined
        ? undefined
        : { ...cluster, height: cluster.open ? TRAY_HEADER : cluster.height };
    },
    [target],
  );

  const reveal = useCallback(
    (id: string) => {
      const box = boxOf(id);
      if (box === undefined) return;
      const view = flow.getViewport();
      const next = revealBox(view, box, size);
      if (next.x !== view.x || next.y !== view.y) moveTo(next);
    },
    [boxOf, flow, size, moveTo],
  );

  const centre = useCallback(
    (id: string) => {
      const box = boxOf(id);
      if (box !== undefined)
        moveTo(centreBox({ ...flow.getViewport(), zoom: Math.max(1, flow.getZoom()) }, box, size));
    },
    [boxOf, flow, size, moveTo],
  );

  // A cluster that opens shows as much of itself as there is room for.
  const opening = useRef<string>(undefined);
  useEffect(() => {
    const tray = target.clusters.find((cluster) => cluster.id === opening.current && cluster.open);
    if (tray === undefined) return;
    opening.current = undefined;
    const view = flow.getViewport();
    const next = revealBox(view, tray, size);
    if (moved && (next.x !== view.x || next.y !== view.y)) moveTo(next);
  }, [target, flow, size, moved, moveTo]);

  // A selection made elsewhere (tree, inspector, address) comes into sight.
  const revealed = useRef<string>(undefined);
  useEffect(() => {
    if (selected === undefined || selected === revealed.current || !stops.has(selected)) return;
    revealed.current = selected;
    reveal(selected);
  }, [selected, stops, reveal]);

  const focusWanted = useRef<string>(undefined);
  const focusStop = useCallback(
    (id: string) => {
      setStanding(id);
      const stopElements = [...(pane.current?.querySelectorAll<HTMLElement>('[data-stop]') ?? [])];
      const element = stopElements.find((stop) => stop.dataset['stop'] === id);
      reveal(id);
      // What is out of sight is not in the page yet: it takes the focus as it arrives.
      if (element === undefined) focusWanted.current = id;
      else element.focus({ preventScroll: true });
    },
    [reveal],
  );

  const choose = useRef<(digest: string) => void>(() => undefined);
  const toggle = useRef(toggleCluster);
  useEffect(() => {
    choose.current = (digest) => {
      setStanding(digest);
      revealed.current = digest;
      onSelect(digest);
      reveal(digest);
    };
    toggle.current = toggleCluster;
  }, [onSelect, reveal, toggleCluster]);

  const actions = useMemo<GraphActions>(
    () => ({
      choose: (digest) => choose.current(digest),
      toggleCluster: (id) => {
        setStanding(id);
        focusWanted.current = id;
        opening.current = id;
        toggle.current(id);
      },
      arrived: (id, element) => {
        if (focusWanted.current !== id) return;
        focusWanted.current = undefined;
        element.focus({ preventScroll: true });
      },
      left: (id, element) => {
        if (document.activeElement !== element) return;
        // The card under the keyboard leaves the page (it went out of sight, or opened): the pane keeps the focus for it.
        focusWanted.current = id;
        pane.current?.focus({ preventScroll: true });
      },
    }),
    [],
  );

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || active === undefined) return;
    const isStop =
      event.target === pane.current || (event.target as HTMLElement).dataset['stop'] !== undefined;
    if (!isStop) return;
    const direction = DIRECTIONS[event.key];
    if (direction !== undefined) {
      event.preventDefault();
      const next = stops.move(active, direction);
      if (next === undefined) return;
      focusStop(next);
      if (source.nodes.has(next)) {
        revealed.current = next;
        onSelect(next);
      }
    } else if (event.key === 'Enter' && source.nodes.has(active)) {
      event.preventDefault();
      actions.choose(active);
      centre(active);
    } else if (event.key === '+' || event.key === '=') void flow.zoomIn();
    else if (event.key === '-') void flow.zoomOut();
    else if (event.key === '0') showAll();
  };

  return (
    <GraphActionsContext value={actions}>
      <ReactFlow<FlowNode>
        ref={pane}
        className={styles['pane']}
        data-far={isFar || undefined}
        aria-label={`Graph of ${displayText(name)}. Arrow keys move along the lines, Enter centres, Space opens a group.`}
        tabIndex={-1}
        onKeyDown={onKeyDown}
        nodes={nodes}
        nodeTypes={NODE_TYPES}
        defaultViewport={initial}
        minZoom={MIN_ZOOM}
        maxZoom={MAX_ZOOM}
        onlyRenderVisibleElements
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        panActivationKeyCode={null}
        panOnScroll
        zoomOnDoubleClick={false}
        proOptions={{ hideAttribution: true }}
        onMoveStart={(_, view) => (moveBegan.current = view)}
        onMoveEnd={(event, view) => {
          const { x, y, zoom } = moveBegan.current;
          if (event !== null && (view.x !== x || view.y !== y || view.zoom !== zoom)) setMoved(true);
        }}
        onNodeDoubleClick={(_, node) => centre(node.id)}
      >
        <Background gap={20} size={1.4} color="var(--dots)" bgColor="var(--bg)" />
        <Wires picture={picture} selected={lit} />
        {isCut && nodes.length >= MAP_FROM && <GraphMap picture={target} source={source} />}
        <GraphControls
          source={source}
          contentShown={contentShown}
          onContentShown={onContentShown}
          onFit={showAll}
        />
      </ReactFlow>
    </GraphActionsContext>
  );
}

/** Where the first root stands, or the cluster that shows it. */
function rootBox(picture: Arrangement): {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
} {
  const root = [...picture.cards, ...picture.clusters].find(({ id }) => id === picture.root);
  return { x: root?.x ?? 0, y: root?.y ?? 0, ...CARD };
}
