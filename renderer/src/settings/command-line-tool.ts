import { useSyncExternalStore } from 'react';
import type { CommandLineTool } from '../../../shared/commands/equal-command.ts';
import { readSetting, writeSetting } from './stored-setting.ts';

export const COMMAND_LINE_TOOLS = ['oras', 'crane', 'regctl'] as const satisfies readonly CommandLineTool[];

const listeners = new Set<() => void>();
let tool: CommandLineTool = COMMAND_LINE_TOOLS.find((each) => each === readSetting('tool')) ?? 'oras';

/** Sets the client in whose words the equal command line is written. */
export function setCommandLineTool(next: CommandLineTool): void {
  tool = next;
  writeSetting('tool', next);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The client in whose words the equal command line is written. */
export function useCommandLineTool(): CommandLineTool {
  return useSyncExternalStore(subscribe, () => tool);
}
