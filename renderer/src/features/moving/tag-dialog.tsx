import { useState } from 'react';
import type { JSX, SyntheticEvent } from 'react';
import { displayText } from '../../../../shared/display/display-text.ts';
import { isTag } from '../../../../shared/oci/tag.ts';
import { useClient } from '../../client/client-context.ts';
import { useTask } from '../../client/use-task.ts';
import { useSources } from '../../data/sources.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { announceChange } from '../../moving/place-changes.ts';
import type { Thing } from '../../moving/thing.ts';
import { useNotify } from '../../notices/notices.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorLine } from '../../ui/error-state.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { placeName, thingName } from './thing-words.ts';
import styles from './moving.module.css';

/** Gives a thing one more name; a name that it takes from another thing can be given back. */
export function TagDialog({ thing }: { readonly thing: Thing }): JSX.Element {
  const client = useClient();
  const sources = useSources();
  const notify = useNotify();
  const { close } = useDialogs();
  const { state, run } = useTask<unknown>();
  const [tag, setTag] = useState('');
  const typed = tag.trim();
  const busy = state.phase === 'running';
  const { target, digest } = thing;

  const set = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (!isTag(typed) || busy) return;
    run(async (signal) => {
      const { before } = await client.call('tags.set', { target, reference: digest, tag: typed }, { signal });
      announceChange(target);
      close();
      if (before === digest) return;
      notify({
        tone: 'info',
        text:
          before === undefined
            ? `Tagged ${displayText(typed)}.`
            : `Moved the tag ${displayText(typed)} to this; it named something else before.`,
        action: { label: 'Undo', run: () => void undo(before) },
      });
    });
  };
  const undo = async (before: string | undefined): Promise<void> => {
    try {
      if (before === undefined) await client.call('tags.remove', { target, tag: typed });
      else await client.call('tags.set', { target, reference: before, tag: typed });
    } catch (error) {
      notify({ tone: 'info', text: error instanceof Error ? error.message : 'It could not be undone.' });
    }
    announceChange(target);
  };

  return (
    <Dialog
      open
      onClose={close}
      title={`Tag ${thingName(thing)}`}
      description={`In ${placeName(target, sources)}. A tag that names something else there moves to this.`}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" form="tag" disabled={!isTag(typed) || busy}>
            Tag
          </Button>
        </>
      }
    >
      <form id="tag" className={styles['form']} onSubmit={set}>
        <TextField
          label="Tag"
          mono
          autoFocus
          placeholder="1.8.2"
          value={tag}
          onChange={setTag}
          problem={
            typed === '' || isTag(typed)
              ? undefined
              : 'At most 128 letters, digits, dots, dashes and underlines; it begins with none of the dots and dashes.'
          }
        />
        {state.phase === 'failed' && <ErrorLine error={state.error} />}
      </form>
    </Dialog>
  );
}
