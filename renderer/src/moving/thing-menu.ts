import { displayText } from '../../../shared/display/display-text.ts';
import type { OpenDialog } from '../dialogs/dialogs.tsx';
import type { MenuEntry } from '../ui/menu.tsx';
import { isPart } from './thing.ts';
import type { Thing } from './thing.ts';

/** Tags that a menu offers to take away one by one. */
const UNTAG_ENTRIES = 4;

interface ThingMenuTools {
  readonly show: (dialog: OpenDialog) => void;
  readonly untag: (thing: Thing, tag: string) => void;
}

/** What can be moved of a thing, or done to its names, for a context menu of it. */
export function thingMenu(thing: Thing, { show, untag }: ThingMenuTools): readonly MenuEntry[] {
  if (isPart(thing)) return [{ label: 'Pull to a folder…', onSelect: () => show({ kind: 'pull', thing }) }];
  return [
    { label: 'Attach…', onSelect: () => show({ kind: 'attach', subject: thing }) },
    { label: 'Copy to…', onSelect: () => show({ kind: 'copy', thing }) },
    { label: 'Pull to a folder…', onSelect: () => show({ kind: 'pull', thing }) },
    { label: 'Export as an archive…', onSelect: () => show({ kind: 'export', thing }) },
    'separator',
    { label: 'Tag…', onSelect: () => show({ kind: 'tag', thing }) },
    ...thing.tags
      .slice(0, UNTAG_ENTRIES)
      .map((tag) => ({ label: `Untag ${displayText(tag)}`, onSelect: () => untag(thing, tag) })),
    { label: 'Delete…', danger: true, onSelect: () => show({ kind: 'delete', thing }) },
  ];
}
