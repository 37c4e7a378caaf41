import { Suspense, useEffect, useEffectEvent, useRef } from 'react';
import type { JSX } from 'react';
import { displayText } from '../../../shared/display/display-text.ts';
import { toErrorData } from '../../../shared/errors/tallyman-error.ts';
import { useClient } from '../client/client-context.ts';
import { useHostInfo } from '../data/host-info.ts';
import { useTransfersKeptFresh } from '../data/transfers.ts';
import { useServedKeptFresh } from '../data/served.ts';
import { useSources, useSourcesKeptFresh } from '../data/sources.ts';
import { useDialogs } from '../dialogs/dialogs.tsx';
import { useNavigation } from '../navigation/navigation-context.ts';
import { useNotify } from '../notices/notices.tsx';
import { NoticeArea } from '../notices/notices.tsx';
import { placeTitle } from '../places/place-title.ts';
import { rememberPlace } from '../places/recent-places.ts';
import { sourceName } from '../places/source-name.ts';
import { useOpenPlace } from '../places/use-open-place.ts';
import { Body } from './body.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { DialogHost } from './dialog-host.tsx';
import { FootBar } from './foot-bar.tsx';
import { TopBar } from './top-bar.tsx';
import { TransfersPlace } from './transfers-place.tsx';
import { useMovingCommands } from './use-moving-commands.ts';
import { useTransferNotices } from './use-transfer-notices.ts';
import { useUncaughtErrorsLogged } from './use-log.ts';
import { useWindowCommands } from './use-window-commands.ts';
import styles from './app-shell.module.css';

/** The frame of the window: bar, columns, foot, and what may lie over them. */
export function AppShell(): JSX.Element {
  useSourcesKeptFresh();
  useServedKeptFresh();
  useTransfersKeptFresh();
  useUncaughtErrorsLogged();
  useWindowCommands();
  useMovingCommands();
  useTransferNotices();
  useStrayDropsIgnored();
  useRegistryWarnings();
  usePlacesOpenedFromOutside();
  const { view } = useNavigation();
  const { transfersShown } = useDialogs();

  useEffect(() => {
    rememberPlace(view);
    document.title = view.kind === 'start' ? 'Tallyman' : `${displayText(placeTitle(view))} – Tallyman`;
  }, [view]);

  return (
    <div className={styles['window']} data-transfers={transfersShown}>
      <TopBar />
      <ConnectionBanner />
      <Body />
      <TransfersPlace />
      <FootBar />
      <NoticeArea />
      <Suspense fallback={null}>
        <DialogHost />
      </Suspense>
    </div>
  );
}

/** What is dropped where nothing takes it does not replace the window, as browsers would have it. */
function useStrayDropsIgnored(): void {
  useEffect(() => {
    const ignore = (event: DragEvent): void => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'none';
    };
    window.addEventListener('dragover', ignore);
    window.addEventListener('drop', ignore);
    return () => {
      window.removeEventListener('dragover', ignore);
      window.removeEventListener('drop', ignore);
    };
  }, []);
}

/** What a registry says beside its answers is shown once, quietly. */
function useRegistryWarnings(): void {
  const client = useClient();
  const notify = useNotify();
  const sources = useSources();
  const nameOf = useEffectEvent(
    (id: string) => sources.find((source) => source.id === id)?.label ?? sourceName(id),
  );
  useEffect(
    () =>
      client.on('registry.warning', ({ source, text }) =>
        notify({ tone: 'warn', from: nameOf(source), text }),
      ),
    [client, notify],
  );
}

/** A place given on the command line, by a link, or by a second start of the program. */
function usePlacesOpenedFromOutside(): void {
  const client = useClient();
  const notify = useNotify();
  const host = useHostInfo();
  const openPlace = useOpenPlace();
  const { view } = useNavigation();
  const open = useEffectEvent((text: string) => {
    openPlace(text).catch((error: unknown) =>
      notify({ tone: 'info', from: text, text: toErrorData(error).message }),
    );
  });
  useEffect(() => client.on('place.open', ({ text }) => open(text)), [client]);

  const first = useRef(true);
  const given = host?.open;
  const openFirst = useEffectEvent((text: string) => {
    // An address that came with the window, or a reload, knows better.
    if (view.kind === 'start') open(text);
  });
  useEffect(() => {
    if (host === undefined || !first.current) return;
    first.current = false;
    if (given !== undefined) openFirst(given);
  }, [host, given]);
}
