import type { CommandId } from '../../../shared/commands/commands.ts';

/** Who handles which command now. */
export interface CommandRegistry {
  /** Returns the function that takes the handler away again. */
  readonly add: (id: CommandId, handler: () => void) => () => void;
  /** True when somebody handled it. */
  readonly run: (id: CommandId) => boolean;
  readonly subscribe: (listener: () => void) => () => void;
  /** The same set until it changes. */
  readonly available: () => ReadonlySet<CommandId>;
}

export function createCommandRegistry(): CommandRegistry {
  const handlers = new Map<CommandId, (() => void)[]>();
  const listeners = new Set<() => void>();
  let available: ReadonlySet<CommandId> = new Set();

  const changed = (): void => {
    const ids = [...handlers].filter(([, stack]) => stack.length > 0).map(([id]) => id);
    if (ids.length === available.size && ids.every((id) => available.has(id))) return;
    available = new Set(ids);
    for (const listener of listeners) listener();
  };

  return {
    add(id, handler) {
      handlers.set(id, [...(handlers.get(id) ?? []), handler]);
      changed();
      return () => {
        handlers.set(
          id,
          (handlers.get(id) ?? []).filter((each) => each !== handler),
        );
        changed();
      };
    },
    run(id) {
      const handler = handlers.get(id)?.at(-1);
      handler?.();
      return handler !== undefined;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    available: () => available,
  };
}
