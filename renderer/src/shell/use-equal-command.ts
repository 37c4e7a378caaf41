import { equalCommand } from '../../../shared/commands/equal-command.ts';
import { useSources } from '../data/sources.ts';
import { useNavigation } from '../navigation/navigation-context.ts';
import { useCommandLineTool } from '../settings/command-line-tool.ts';

/**
 * The command line that shows what the view shows, in the words of the chosen client, or of oras where that client
 * has none. Undefined where there is nothing to show.
 */
export function useEqualCommand(): string | undefined {
  const { view } = useNavigation();
  const sources = useSources();
  const tool = useCommandLineTool();
  const id = view.kind === 'start' ? undefined : view.kind === 'source' ? view.source : view.target.source;
  const source = sources.find((each) => each.id === id);
  return equalCommand(view, source, tool) ?? equalCommand(view, source);
}
