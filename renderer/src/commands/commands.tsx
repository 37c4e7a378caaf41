import {
  createContext,
  use,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { JSX, ReactNode } from 'react';
import { COMMANDS, isCommandId } from '../../../shared/commands/commands.ts';
import type { Command, CommandId } from '../../../shared/commands/commands.ts';
import { useClient } from '../client/client-context.ts';
import { isMac } from '../ui/describe-keys.ts';
import { matchesAccelerator } from './accelerator.ts';
import { createCommandRegistry } from './command-registry.ts';
import type { CommandRegistry } from './command-registry.ts';

/** What commands do where they are given: an absent or undefined one cannot be done here now. */
export type CommandHandlers = Partial<Readonly<Record<CommandId, (() => void) | undefined>>>;

const RegistryContext = createContext<CommandRegistry | undefined>(undefined);

function useRegistry(): CommandRegistry {
  const registry = use(RegistryContext);
  if (registry === undefined) throw new Error('Commands need a CommandsProvider above them.');
  return registry;
}

/** Runs commands by key, by the native menu, and by whoever calls `useRunCommand`. */
export function CommandsProvider({ children }: { readonly children: ReactNode }): JSX.Element {
  const [registry] = useState(createCommandRegistry);
  const client = useClient();

  useEffect(
    () =>
      client.on('command.run', ({ command }) => {
        if (isCommandId(command)) registry.run(command);
      }),
    [client, registry],
  );

  useEffect(() => {
    const mac = isMac();
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const command = COMMANDS.find(
        (each: Command) => each.accelerator !== undefined && matchesAccelerator(each.accelerator, event, mac),
      );
      if (command !== undefined && registry.run(command.id)) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [registry]);

  return <RegistryContext value={registry}>{children}</RegistryContext>;
}

/** Says what commands do while the calling component is on screen. Of two that handle one command the newer wins. */
export function useCommands(handlers: CommandHandlers): void {
  const registry = useRegistry();
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });

  const ids = COMMANDS.map(({ id }) => id).filter((id) => handlers[id] !== undefined);
  const joined = ids.join(' ');
  useEffect(() => {
    const removals = joined
      .split(' ')
      .filter(isCommandId)
      .map((id) => registry.add(id, () => latest.current[id]?.()));
    return () => {
      for (const remove of removals) remove();
    };
  }, [registry, joined]);
}

/** Runs a command; nothing happens when it cannot be done now. */
export function useRunCommand(): (id: CommandId) => void {
  const registry = useRegistry();
  return useCallback((id: CommandId) => void registry.run(id), [registry]);
}

/** The commands that can be done now, in the order of the table. */
export function useAvailableCommands(): readonly (Command & { readonly id: CommandId })[] {
  const registry = useRegistry();
  const available = useSyncExternalStore(registry.subscribe, registry.available);
  return useMemo(() => COMMANDS.filter(({ id }) => available.has(id)), [available]);
}
