import { useQueryClient } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import type { TargetAddress } from '../../../shared/contract/common.ts';
import type { TransferJob } from '../../../shared/contract/transfers.ts';
import type { Catalog } from '../data/repositories.ts';
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
  const queryClient = useQueryClient();
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
    if (place !== undefined) readNewRepository(queryClient, place.target);
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

/** A repository that came into being by a transfer is looked for in the catalog that is on screen. */
function readNewRepository(queryClient: QueryClient, { source, repository }: TargetAddress): void {
  if (repository === undefined) return;
  const queryKey = ['catalog', source] as const;
  const known = queryClient.getQueryData<Catalog>(queryKey);
  if (known !== undefined && !known.repositories.includes(repository))
    void queryClient.invalidateQueries({ queryKey });
}
