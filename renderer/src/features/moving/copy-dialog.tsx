import { useState } from 'react';
import type { JSX } from 'react';
import type { TargetAddress } from '../../../../shared/contract/common.ts';
import type { GrantedFile } from '../../../../shared/contract/files.ts';
import type { TransferRequest } from '../../../../shared/contract/transfer-request.ts';
import { isTag } from '../../../../shared/oci/tag.ts';
import { useSources } from '../../data/sources.ts';
import { referenceOf } from '../../moving/thing.ts';
import type { Thing } from '../../moving/thing.ts';
import { isRegistry } from '../../places/source-name.ts';
import { Switch } from '../../ui/switch.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { DestinationField } from './destination-field.tsx';
import { MovingFrame } from './moving-frame.tsx';
import { PlaceFields, wholePlace, writableSources } from './place-fields.tsx';
import { placeName, thingName, typedPlatforms, typedTags } from './thing-words.ts';
import styles from './moving.module.css';

/** The choice that is no source: a layout folder that may not be there yet. */
const NEW_FOLDER = 'folder';

interface CopyDialogProps {
  readonly thing: Thing;
  readonly to?: TargetAddress | undefined;
}

/** Copies a graph to another place, with what is attached to it. */
export function CopyDialog({ thing, to }: CopyDialogProps): JSX.Element {
  const sources = useSources();
  const others = writableSources(sources);
  const [place, setPlace] = useState<TargetAddress>(() => to ?? firstOther(thing, others));
  const [folder, setFolder] = useState<GrantedFile>();
  const [tags, setTags] = useState(thing.tags[0] ?? '');
  const [platforms, setPlatforms] = useState('');
  const [referrers, setReferrers] = useState(true);

  const wanted = typedTags(tags);
  const chosen = typedPlatforms(platforms);
  const tagsFit = wanted.every(isTag);
  const target = place.source === NEW_FOLDER ? undefined : wholePlace(place);
  const destination = place.source === NEW_FOLDER ? folder && { layout: folder.token } : target && { target };
  const request: TransferRequest | undefined =
    destination === undefined || chosen === undefined || !tagsFit
      ? undefined
      : {
          kind: 'copy',
          from: { target: thing.target, reference: referenceOf(thing) },
          to: destination,
          tags: [...wanted],
          referrers,
          ...(chosen.length === 0 ? {} : { platforms: [...chosen] }),
        };

  return (
    <MovingFrame
      title={`Copy ${thingName(thing)}`}
      description={`From ${placeName(thing.target, sources)}; digests stay as they are.`}
      request={request}
      waitingFor={
        place.source === NEW_FOLDER
          ? 'Choose the folder first.'
          : 'Say where it goes: a repository is missing.'
      }
      verb="Copy"
    >
      <PlaceFields
        sources={others}
        value={place}
        onChange={setPlace}
        other={{ value: NEW_FOLDER, label: 'A layout folder…' }}
      />
      {place.source === NEW_FOLDER && (
        <DestinationField label="Layout folder" what="folder" value={folder} onChange={setFolder} />
      )}
      <div className={styles['pair']}>
        <TextField
          label="Tags there"
          mono
          placeholder="none: by digest only"
          value={tags}
          onChange={setTags}
          problem={tagsFit ? undefined : 'One of these is no tag.'}
        />
        {thing.kind === 'index' && (
          <TextField
            label="Platforms"
            mono
            placeholder="all"
            value={platforms}
            onChange={setPlatforms}
            problem={chosen === undefined ? 'Such as linux/amd64, linux/arm64/v8.' : undefined}
          />
        )}
      </div>
      <Switch
        label="With everything that is attached"
        note="Signatures, SBOMs, reports, and what is attached to those; cosign’s tags are taken along."
        checked={referrers}
        onChange={setReferrers}
      />
    </MovingFrame>
  );
}

/** Another source than the one it comes from, with the same repository. */
function firstOther({ target }: Thing, sources: readonly { readonly id: string }[]): TargetAddress {
  const other = sources.find(({ id }) => id !== target.source) ?? sources[0];
  const source = other?.id ?? 'local';
  return isRegistry(source) ? { source, repository: target.repository ?? '' } : { source };
}
