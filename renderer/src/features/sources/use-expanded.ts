import { useCallback, useMemo, useState } from 'react';
import type { Source } from '../../../../shared/contract/source.ts';
import { readSetting, writeSetting } from '../../settings/stored-setting.ts';

type Choices = Readonly<Record<string, boolean>>;

/** Which registries of the tree are open. Without a choice those with pinned repositories are. */
export function useExpanded(sources: readonly Source[]): {
  readonly expanded: ReadonlySet<string>;
  readonly setExpanded: (source: string, expanded: boolean) => void;
} {
  const [choices, setChoices] = useState<Choices>(readChoices);
  const setExpanded = useCallback((source: string, expanded: boolean) => {
    setChoices((before) => {
      if (before[source] === expanded) return before;
      const next = { ...before, [source]: expanded };
      writeSetting('expanded', JSON.stringify(next));
      return next;
    });
  }, []);
  const expanded = useMemo(() => {
    const open = sources.filter(
      ({ id, kind, pinned }) => kind === 'registry' && (choices[id] ?? pinned.length > 0),
    );
    return new Set(open.map(({ id }) => id));
  }, [sources, choices]);
  return { expanded, setExpanded };
}

function readChoices(): Choices {
  try {
    const stored: unknown = JSON.parse(readSetting('expanded') ?? '{}');
    if (typeof stored !== 'object' || stored === null) return {};
    return Object.fromEntries(
      Object.entries(stored).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'),
    );
  } catch {
    return {};
  }
}
