import type { TargetAddress } from '../../../shared/contract/common.ts';
import { useCommands } from '../commands/commands.tsx';
import { useDialogs } from '../dialogs/dialogs.tsx';
import type { MovingDialog } from '../dialogs/dialogs.tsx';
import { useInspected } from '../inspection/inspection.tsx';
import { isPart, thingOf } from '../moving/thing.ts';
import type { Thing } from '../moving/thing.ts';
import { useUntag } from '../moving/use-untag.ts';
import { useNavigation } from '../navigation/navigation-context.ts';
import type { View } from '../navigation/view.ts';

/** The commands that move content: about the place on screen, or about the node that is selected in it. */
export function useMovingCommands(): void {
  const { view } = useNavigation();
  const { show, transfersShown, showTransfers } = useDialogs();
  const inspected = useInspected();
  const untag = useUntag();
  const place = placeOf(view);
  const thing = inspected === undefined ? undefined : thingOf(inspected.target, inspected.node);
  const whole = thing === undefined || isPart(thing) ? undefined : thing;
  const [tag] = whole?.tags ?? [];
  const about = (
    what: Thing | undefined,
    dialog: (thing: Thing) => MovingDialog,
  ): (() => void) | undefined => (what === undefined ? undefined : () => show(dialog(what)));

  useCommands({
    push: () => show({ kind: 'push', target: place }),
    import: () => show({ kind: 'import', target: place }),
    attach: about(whole, (subject) => ({ kind: 'attach', subject })),
    'copy-to': about(whole, (what) => ({ kind: 'copy', thing: what })),
    pull: about(thing, (what) => ({ kind: 'pull', thing: what })),
    export: about(whole, (what) => ({ kind: 'export', thing: what })),
    tag: about(whole, (what) => ({ kind: 'tag', thing: what })),
    untag: whole === undefined || tag === undefined ? undefined : () => untag(whole, tag),
    delete: about(whole, (what) => ({ kind: 'delete', thing: what })),
    'toggle-transfers': () => showTransfers(!transfersShown),
  });
}

/** Where files go that are pushed while this is on screen. */
function placeOf(view: View): TargetAddress {
  if (view.kind === 'start') return { source: 'local' };
  return view.kind === 'source' ? { source: view.source } : view.target;
}
