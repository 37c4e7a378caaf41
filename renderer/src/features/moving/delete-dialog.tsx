import { useState } from 'react';
import type { JSX } from 'react';
import type { TransferPlan } from '../../../../shared/contract/transfers.ts';
import { displayText } from '../../../../shared/display/display-text.ts';
import { useSources } from '../../data/sources.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import type { Thing } from '../../moving/thing.ts';
import { useUntag } from '../../moving/use-untag.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Digest } from '../../ui/digest.tsx';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { KindIcon } from '../../ui/kind-icon.tsx';
import { Switch } from '../../ui/switch.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { MovingFrame } from './moving-frame.tsx';
import { placeName, thingName } from './thing-words.ts';
import styles from './moving.module.css';

type Removal = NonNullable<TransferPlan['removal']>;

/** Deletes a manifest, with the whole truth about what goes with it before. */
export function DeleteDialog({ thing }: { readonly thing: Thing }): JSX.Element {
  const sources = useSources();
  const { close } = useDialogs();
  const untag = useUntag();
  const [referrers, setReferrers] = useState(true);
  const [typed, setTyped] = useState('');
  const name = thing.tags[0] ?? thing.digest.slice(0, 19);

  return (
    <MovingFrame
      title={`Delete ${thingName(thing)}`}
      description={`In ${placeName(thing.target, sources)}. This cannot be undone there.`}
      request={{ kind: 'delete', target: thing.target, reference: thing.digest, referrers }}
      waitingFor=""
      verb={(plan) => deleteWords(plan?.removal, referrers)}
      danger
      allowed={({ removal }) => removal !== undefined && (!isGrave(removal) || typed.trim() === name)}
      further={(plan) => {
        const [only, ...others] = plan?.removal?.tags ?? [];
        if (plan?.removal?.canUntag !== true || only === undefined || others.length > 0) return null;
        return (
          <Button
            title="The content stays, and can be found by its digest"
            onClick={() => {
              close();
              untag(thing, only);
            }}
          >
            {`Only untag ${displayText(only)}`}
          </Button>
        );
      }}
      plan={(plan) =>
        plan.removal === undefined ? null : (
          <>
            <RemovalList removal={plan.removal} referrers={referrers} />
            {isGrave(plan.removal) && (
              <TextField
                label={`Type ${displayText(name)} to delete it`}
                mono
                value={typed}
                onChange={setTyped}
                note="Because more goes with it, or breaks, than what was chosen."
              />
            )}
          </>
        )
      }
    >
      <Switch
        label="Also delete what is attached"
        note="Otherwise it stays, attached to something that is not there any more."
        checked={referrers}
        onChange={setReferrers}
      />
    </MovingFrame>
  );
}

/** More than one tag dies, or an index is broken by it. */
function isGrave({ tags, indexes }: Removal): boolean {
  return tags.length > 1 || indexes.length > 0;
}

function deleteWords(removal: Removal | undefined, referrers: boolean): string {
  if (removal === undefined) return 'Delete';
  const tags = removal.tags.length;
  const attached = referrers ? removal.referrers.length : 0;
  const parts = [
    ...(tags === 0 ? [] : [tags === 1 ? '1 tag' : `${tags.toLocaleString('en')} tags`]),
    ...(attached === 0 ? [] : [`${attached.toLocaleString('en')} attached`]),
  ];
  return parts.length === 0 ? 'Delete' : `Delete, with ${parts.join(' and ')}`;
}

function RemovalList({
  removal: { digest, tags, referrers: attached, indexes },
  referrers,
}: {
  readonly removal: Removal;
  readonly referrers: boolean;
}): JSX.Element {
  return (
    <dl className={styles['removal']}>
      <div>
        <dt>Digest</dt>
        <dd>
          <Digest digest={digest} copy />
        </dd>
      </div>
      <div>
        <dt>Tags that go</dt>
        <dd className={styles['chips']}>
          {tags.length === 0 ? (
            <span className={styles['dim']}>none</span>
          ) : (
            tags.map((tag) => (
              <Chip key={tag} title={displayText(tag)}>
                <ForeignText text={tag} />
              </Chip>
            ))
          )}
        </dd>
      </div>
      <div>
        <dt>{referrers ? 'Attached, goes too' : 'Attached, stays behind'}</dt>
        <dd>
          <Named manifests={attached} none="nothing" />
        </dd>
      </div>
      {indexes.length > 0 && (
        <div data-bad>
          <dt>Indexes that break</dt>
          <dd>
            <Named manifests={indexes} none="none" />
          </dd>
        </div>
      )}
    </dl>
  );
}

function Named({
  manifests,
  none,
}: {
  readonly manifests: Removal['referrers'];
  readonly none: string;
}): JSX.Element {
  if (manifests.length === 0) return <span className={styles['dim']}>{none}</span>;
  return (
    <ul>
      {manifests.map(({ digest, kind, title, tags }) => (
        <li key={digest} className={styles['named']}>
          <KindIcon kind={kind} size={14} decorative />
          <ForeignText text={title} />
          <Digest digest={digest} />
          {tags.length > 0 && <ForeignText className={styles['dim']} text={tags.join(', ')} />}
        </li>
      ))}
    </ul>
  );
}
