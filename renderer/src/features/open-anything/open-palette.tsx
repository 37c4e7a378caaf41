import { Command } from 'cmdk';
import {
  Clock,
  CornerDownLeft,
  FolderTree,
  HardDrive,
  Package,
  Search,
  Server,
  SquareTerminal,
} from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useRef, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { displayText } from '../../../../shared/display/display-text.ts';
import { isCancellation, toErrorData } from '../../../../shared/errors/tallyman-error.ts';
import type { ErrorData } from '../../../../shared/errors/tallyman-error.ts';
import { useAvailableCommands, useRunCommand } from '../../commands/commands.tsx';
import { useSources } from '../../data/sources.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { formatAddress } from '../../navigation/address.ts';
import { useNavigation } from '../../navigation/navigation-context.ts';
import { repositoryView } from '../../navigation/view.ts';
import type { View } from '../../navigation/view.ts';
import { placeText } from '../../places/place-text.ts';
import { useRecentPlaces } from '../../places/recent-places.ts';
import { sourceName } from '../../places/source-name.ts';
import { useOpenPlace } from '../../places/use-open-place.ts';
import { viewOfSource } from '../../places/view-of-place.ts';
import { ErrorLine } from '../../ui/error-state.tsx';
import { Keys } from '../../ui/keys.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { describeTyped } from './describe-typed.ts';
import type { TypedPlace } from './describe-typed.ts';
import { bestMatches } from './matching.ts';
import { useKnownRepositories } from './use-known-repositories.ts';
import styles from './open-palette.module.css';

/** The bar that opens anything: what is typed, what was open before, what is known, and every command. */
export function OpenPalette({ text: initial }: { readonly text?: string }): JSX.Element {
  const { view, go } = useNavigation();
  const { close } = useDialogs();
  const sources = useSources();
  const recent = useRecentPlaces();
  const repositories = useKnownRepositories();
  const commands = useAvailableCommands();
  const run = useRunCommand();
  const openPlace = useOpenPlace();
  const [text, setText] = useState(() => initial ?? placeText(view, sources));
  const [edited, setEdited] = useState(initial !== undefined);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData>();
  const calling = useRef<AbortController>(undefined);
  const went = useRef(false);

  // The place that is on screen stands in the field to be changed; until it is, nothing is searched for.
  const search = edited ? text : '';
  const typed = edited ? describeTyped(text) : undefined;
  const places = bestMatches(recent, search, (each) => placeText(each, sources));
  const known =
    search === ''
      ? []
      : bestMatches(repositories, search, ({ source, repository }) => `${sourceName(source)}/${repository}`);
  const named = bestMatches(sources, search, (source) => `${source.label} ${source.location}`);
  const possible = bestMatches(
    commands.filter(({ id }) => id !== 'open'),
    search,
    ({ label }) => label,
  );

  const openTyped = async (): Promise<void> => {
    calling.current?.abort();
    const controller = new AbortController();
    calling.current = controller;
    setBusy(true);
    setError(undefined);
    try {
      await openPlace(text, controller.signal);
      went.current = true;
      close();
    } catch (reason) {
      if (isCancellation(reason)) return;
      setError(toErrorData(reason));
      setBusy(false);
    }
  };
  const openView = (next: View): void => {
    went.current = true;
    close();
    go(next);
  };

  const typedGroup = typed !== undefined && (
    <Group heading="Typed">
      {[
        <TypedItem
          key="typed"
          typed={typed}
          busy={busy}
          failed={error !== undefined}
          onSelect={() => void openTyped()}
        />,
      ]}
    </Group>
  );
  return (
    <Dialog.Root
      open
      onOpenChange={(open) => {
        if (open) return;
        calling.current?.abort();
        close();
      }}
    >
      <Dialog.Portal>
        <Dialog.Overlay className={styles['scrim']} />
        <Dialog.Content
          className={styles['palette']}
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            // What was opened has the focus; it does not go back to where it was before.
            if (went.current) event.preventDefault();
          }}
        >
          <Dialog.Title className="visually-hidden">Open anything</Dialog.Title>
          <Command shouldFilter={false} loop label="Open anything">
            <div className={styles['head']}>
              <Search size={16} aria-hidden />
              <Command.Input
                autoFocus
                className={styles['input']}
                placeholder="A reference, a digest, a path – or a command"
                value={text}
                onFocus={(event) => event.currentTarget.select()}
                onValueChange={(value) => {
                  setText(value);
                  setEdited(true);
                  setError(undefined);
                }}
              />
              {busy && <Spinner size={14} label="Looking it up" />}
            </div>
            {error !== undefined && (
              <div className={styles['error']}>
                <ErrorLine error={error} />
              </div>
            )}
            <Command.List className={styles['list']} label="What can be opened">
              {typed?.explicit === true && typedGroup}
              <Group heading="Repositories">
                {known.map(({ source, repository }) => (
                  <Item
                    key={JSON.stringify([source, repository])}
                    value={`repository ${source} ${repository}`}
                    icon={<Package size={15} strokeWidth={1.75} aria-hidden />}
                    onSelect={() => openView(repositoryView({ source, repository }))}
                    note={sourceName(source)}
                  >
                    {repository}
                  </Item>
                ))}
              </Group>
              <Group heading="Recent">
                {places.map((place) => (
                  <Item
                    key={formatAddress(place)}
                    value={`recent ${formatAddress(place)}`}
                    icon={<Clock size={15} strokeWidth={1.75} aria-hidden />}
                    onSelect={() => openView(place)}
                  >
                    {placeText(place, sources)}
                  </Item>
                ))}
              </Group>
              <Group heading="Sources">
                {named.map((source) => (
                  <Item
                    key={source.id}
                    value={`source ${source.id}`}
                    icon={<SourceIcon kind={source.kind} />}
                    onSelect={() => openView(viewOfSource(source.id))}
                    note={source.label === source.location ? undefined : source.location}
                  >
                    {source.label}
                  </Item>
                ))}
              </Group>
              <Group heading="Commands">
                {possible.map((command) => (
                  <Item
                    key={command.id}
                    value={`command ${command.id}`}
                    icon={<SquareTerminal size={15} strokeWidth={1.75} aria-hidden />}
                    onSelect={() => {
                      close();
                      run(command.id);
                    }}
                    keys={command.accelerator}
                  >
                    {command.label}
                  </Item>
                ))}
              </Group>
              {typed?.explicit === false && typedGroup}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function TypedItem({
  typed,
  busy,
  failed,
  onSelect,
}: {
  readonly typed: TypedPlace;
  readonly busy: boolean;
  /** True when trying it failed: then that is said above. */
  readonly failed: boolean;
  readonly onSelect: () => void;
}): JSX.Element {
  return (
    <Command.Item value="typed" className={styles['item']} disabled={busy} onSelect={onSelect}>
      <CornerDownLeft size={15} strokeWidth={1.75} aria-hidden />
      <span className={styles['main']}>
        Open <bdi className={styles['mono']}>{displayText(typed.full)}</bdi>
        {typed.problem !== undefined && !failed && (
          <span className={styles['problem']}>{displayText(typed.problem)}</span>
        )}
      </span>
      <span className={styles['note']}>{typed.what}</span>
    </Command.Item>
  );
}

function Group({
  heading,
  children,
}: {
  readonly heading: string;
  readonly children: readonly JSX.Element[];
}): JSX.Element | null {
  if (children.length === 0) return null;
  return (
    <Command.Group heading={heading} className={styles['group']}>
      {children}
    </Command.Group>
  );
}

interface ItemProps {
  readonly value: string;
  readonly icon: ReactNode;
  readonly note?: string | undefined;
  readonly keys?: string | undefined;
  readonly onSelect: () => void;
  readonly children: string;
}

function Item({ value, icon, note, keys, onSelect, children }: ItemProps): JSX.Element {
  return (
    <Command.Item value={value} className={styles['item']} onSelect={onSelect}>
      {icon}
      <bdi className={styles['main']}>{displayText(children)}</bdi>
      {note !== undefined && <bdi className={styles['note']}>{displayText(note)}</bdi>}
      {keys !== undefined && <Keys keys={keys} />}
    </Command.Item>
  );
}

function SourceIcon({ kind }: { readonly kind: 'registry' | 'layout' | 'local' }): JSX.Element {
  const Icon = kind === 'registry' ? Server : kind === 'local' ? HardDrive : FolderTree;
  return <Icon size={15} strokeWidth={1.75} aria-hidden />;
}
