import type { TransferJob } from '../../../shared/contract/transfers.ts';
import { useEndedTransfers } from '../data/transfers.ts';
import { useDialogs } from '../dialogs/dialogs.tsx';
import { isDigest } from '../../../shared/oci/digest.ts';
import { useNavigation } from '../navigation/navigation-context.ts';
import { artifactView, repositoryView } from '../navigation/view.ts';
import { useNotify } from '../notices/notices.tsx';

/** Says when a transfer is over that nobody watches, and leads to what came of it. */
export function useTransferNotices(): void {
  const notify = useNotify();
  const { go } = useNavigation();
  const { transfersShown, showTransfers } = useDialogs();
  useEndedTransfers((job: TransferJob) => {
    const { title, state, place, error, kind } = job;
    if (state === 'cancelled') return;
    if (state === 'failed') {
      if (transfersShown) return;
      notify({
        tone: 'warn',
        from: title,
        text: error?.message ?? 'It failed.',
        action: { label: 'Show', run: () => showTransfers(true) },
      });
      return;
    }
    const reference = place?.reference;
    notify({
      tone: 'info',
      text: `${title}: done`,
      ...(place === undefined || kind === 'pull' || kind === 'export'
        ? {}
        : {
            action: {
              label: 'Open',
              run: () =>
                go(
                  reference === undefined
                    ? repositoryView(place.target)
                    : artifactView(
                        place.target,
                        isDigest(reference) ? { digest: reference } : { tag: reference },
                      ),
                ),
            },
          }),
    });
  });
}
