import { useCallback } from 'react';
import { displayText } from '../../../shared/display/display-text.ts';
import { toErrorData } from '../../../shared/errors/tallyman-error.ts';
import { useClient } from '../client/client-context.ts';
import { useNotify } from '../notices/notices.tsx';
import { announceChange } from './place-changes.ts';
import type { Thing } from './thing.ts';

/** Takes a tag away at once; the notice about it takes it back. */
export function useUntag(): (thing: Pick<Thing, 'target'>, tag: string) => void {
  const client = useClient();
  const notify = useNotify();
  return useCallback(
    ({ target }, tag) => {
      const fail = (error: unknown): void => {
        const { message, hint } = toErrorData(error);
        notify({ tone: 'info', text: [message, hint ?? ''].filter(Boolean).join(' ') });
      };
      client.call('tags.remove', { target, tag }).then(({ digest }) => {
        announceChange(target);
        notify({
          tone: 'info',
          text: `Took the tag ${displayText(tag)} away; the content stays.`,
          action: {
            label: 'Undo',
            run: () => {
              client.call('tags.set', { target, reference: digest, tag }).then(() => {
                announceChange(target);
                notify({ tone: 'info', text: `The tag ${displayText(tag)} is back.` });
              }, fail);
            },
          },
        });
      }, fail);
    },
    [client, notify],
  );
}
