import { equalCommand, type CommandedView } from '../../../shared/commands/equal-command.ts';
import { useSources } from '../data/sources.ts';
import { useInspected } from '../inspection/inspection.tsx';
import { useNavigation } from '../navigation/navigation-context.ts';
import type { View } from '../navigation/view.ts';
import { useCommandLineTool } from '../settings/command-line-tool.ts';

/**
 * The command line that shows what the view shows, in the words of the chosen client, or of oras where that client
 * has none: of a document that is open in the inspector the one that fetches it. Undefined where there is nothing to show.
 */
export function useEqualCommand(): string | undefined {
  const { view } = useNavigation();
  const sources = useSources();
  const tool = useCommandLineTool();
  const id = view.kind === 'start' ? undefined : view.kind === 'source' ? view.source : view.target.source;
  const source = sources.find((each) => each.id === id);
  const shown = useOpenDocument(view) ?? view;
  return equalCommand(shown, source, tool) ?? equalCommand(shown, source);
}

/** The manifest or blob whose bytes the inspector shows; undefined while it shows an overview. */
function useOpenDocument(view: View): CommandedView | undefined {
  const inspected = useInspected();
  if ((view.kind !== 'artifact' && view.kind !== 'repository') || view.tab === 'overview') return undefined;
  if (inspected === undefined) return undefined;
  const { target, node } = inspected;
  const isBlob = node.kind === 'config' || node.kind === 'layer';
  return { kind: isBlob ? 'blob' : 'manifest', target, digest: node.digest };
}
