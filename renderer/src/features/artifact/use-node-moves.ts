import { useRef, useState } from 'react';
import type { DragEvent, MouseEvent } from 'react';
import type { TargetAddress } from '../../../../shared/contract/common.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { isFileDrag, takeDropped } from '../../moving/take-files.ts';
import { thingMenu } from '../../moving/thing-menu.ts';
import { isPart, isThingDrag, referenceOf, startDrag, thingOf } from '../../moving/thing.ts';
import type { Thing } from '../../moving/thing.ts';
import { useUntag } from '../../moving/use-untag.ts';
import { useNavigation } from '../../navigation/navigation-context.ts';
import { artifactView } from '../../navigation/view.ts';
import { useCopyText } from '../../notices/use-copy-text.ts';
import { placeText } from '../../places/place-text.ts';
import type { MenuEntry } from '../../ui/menu.tsx';
import type { PictureSource } from './model/picture-source.ts';

/** Where a node stands: a card of the graph, or a line of the tree. */
const NODE = '[data-stop], [data-node]';

interface NodeMoves {
  readonly handlers: {
    readonly onContextMenu: (event: MouseEvent) => void;
    readonly onDragStart: (event: DragEvent) => void;
    readonly onDragOver: (event: DragEvent) => void;
    readonly onDragLeave: (event: DragEvent) => void;
    readonly onDrop: (event: DragEvent) => void;
  };
  /** Of the node at which a menu was asked for last. */
  readonly menu: readonly MenuEntry[];
}

/** Nodes of graph and tree can be dragged to another place, take files that are attached to them, and have a menu. */
export function useNodeMoves(source: PictureSource, target: TargetAddress): NodeMoves {
  const { show } = useDialogs();
  const { go } = useNavigation();
  const copy = useCopyText();
  const untag = useUntag();
  const [menuThing, setMenuThing] = useState<Thing>();
  const over = useRef<HTMLElement>(undefined);

  const at = (event: {
    readonly target: EventTarget;
  }): { element: HTMLElement; thing: Thing } | undefined => {
    if (!(event.target instanceof Element)) return undefined;
    const element = event.target.closest<HTMLElement>(NODE);
    const digest = element?.dataset['stop'] ?? element?.dataset['node'];
    const node = digest === undefined ? undefined : source.nodes.get(digest);
    return element === null || node === undefined ? undefined : { element, thing: thingOf(target, node) };
  };
  const mark = (element: HTMLElement | undefined): void => {
    if (over.current === element) return;
    delete over.current?.dataset['dropOver'];
    if (element !== undefined) element.dataset['dropOver'] = '';
    over.current = element;
  };

  return {
    handlers: {
      onContextMenu: (event) => setMenuThing(at(event)?.thing),
      onDragStart: (event) => {
        const found = at(event);
        if (found === undefined) return;
        const { thing } = found;
        startDrag(
          event.dataTransfer,
          thing,
          placeText(artifactView(target, thing.tags[0] === undefined ? thing : { tag: thing.tags[0] })),
        );
      },
      onDragOver: (event) => {
        const isFiles = isFileDrag(event.dataTransfer) && !isThingDrag(event.dataTransfer);
        const found = isFiles ? at(event) : undefined;
        const takes = found !== undefined && !isPart(found.thing);
        mark(takes ? found.element : undefined);
        if (!takes) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
      },
      onDragLeave: (event) => {
        const { relatedTarget } = event;
        if (relatedTarget instanceof Node && event.currentTarget.contains(relatedTarget)) return;
        mark(undefined);
      },
      onDrop: (event) => {
        mark(undefined);
        const found = at(event);
        const take = takeDropped(event.dataTransfer);
        if (found === undefined || isPart(found.thing) || take === undefined) return;
        event.preventDefault();
        show({ kind: 'attach', subject: found.thing, take });
      },
    },
    menu:
      menuThing === undefined
        ? []
        : [
            {
              label: 'Open by itself',
              onSelect: () => go(artifactView(target, { digest: menuThing.digest })),
            },
            'separator',
            ...thingMenu(menuThing, { show, untag }),
            'separator',
            {
              label: 'Copy reference',
              onSelect: () =>
                copy(
                  placeText(
                    artifactView(
                      target,
                      menuThing.tags[0] === undefined ? menuThing : { tag: referenceOf(menuThing) },
                    ),
                  ),
                  'the reference',
                ),
            },
            { label: 'Copy digest', onSelect: () => copy(menuThing.digest, 'the digest') },
          ],
  };
}
