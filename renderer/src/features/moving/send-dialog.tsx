import { useState } from 'react';
import type { JSX } from 'react';
import type { TargetAddress } from '../../../../shared/contract/common.ts';
import type { TransferRequest } from '../../../../shared/contract/transfer-request.ts';
import { isTag } from '../../../../shared/oci/tag.ts';
import { useSources } from '../../data/sources.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import type { TakeFiles } from '../../moving/take-files.ts';
import type { Thing } from '../../moving/thing.ts';
import { isRegistry } from '../../places/source-name.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { dropOnto } from './drop-onto.ts';
import { FileChooser } from './file-chooser.tsx';
import { FileRows } from './file-rows.tsx';
import { MovingFrame } from './moving-frame.tsx';
import { PlaceFields, wholePlace, writableSources } from './place-fields.tsx';
import { SendDetails, readAnnotations } from './send-details.tsx';
import type { Details } from './send-details.tsx';
import { placeName, thingName, typedTags } from './thing-words.ts';
import { useChosenFiles } from './use-chosen-files.ts';
import { useFileTypes } from './use-file-types.ts';
import styles from './moving.module.css';

interface SendDialogProps {
  readonly target: TargetAddress;
  /** What the artifact is attached to; without, it is pushed under tags of its own. */
  readonly subject?: Thing;
  readonly take?: TakeFiles | undefined;
}

/** Makes an artifact of files, and shows its manifest before it is written. */
export function SendDialog({ target, subject, take }: SendDialogProps): JSX.Element {
  const sources = useSources();
  const { show } = useDialogs();
  const chosen = useChosenFiles(take);
  const types = useFileTypes(chosen.files);
  const [place, setPlace] = useState<TargetAddress>(target);
  const [tags, setTags] = useState<string>();
  const [artifactType, setArtifactType] = useState<string>();
  const [details, setDetails] = useState<Details>({ annotations: '', imageSpec: '1.1' });
  const [created] = useState(() => new Date().toISOString().replace(/\.\d+Z$/, 'Z'));

  const typedTag = tags ?? types.tags.join(' ');
  const wanted = typedTags(typedTag);
  const tagsFit = wanted.every(isTag);
  const type = (artifactType ?? types.artifactType).trim();
  const annotations = readAnnotations(details.annotations);
  const whole = wholePlace(place);
  const isChart = types.form === 'chart' && subject === undefined;

  const request = ((): TransferRequest | undefined => {
    if (chosen.files.length === 0 || types.busy || whole === undefined || annotations === undefined)
      return undefined;
    const artifact = {
      target: whole,
      files: types.files,
      ...(type === '' ? {} : { artifactType: type }),
      ...(types.configMediaType === undefined || isChart
        ? {}
        : { config: { mediaType: types.configMediaType } }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(details.imageSpec === '1.1' ? {} : { imageSpec: details.imageSpec }),
      created,
    };
    if (subject !== undefined) {
      if (type === '') return undefined;
      return { kind: 'attach', ...artifact, subject: subject.digest };
    }
    if (!tagsFit) return undefined;
    if (isChart)
      return { kind: 'push', target: whole, files: types.files, form: 'chart', tags: [...wanted], created };
    return { kind: 'push', ...artifact, tags: [...wanted] };
  })();

  const archive =
    types.archive === undefined ? undefined : chosen.files.find(({ token }) => token === types.archive);
  return (
    <MovingFrame
      title={
        subject === undefined ? `Push to ${placeName(place, sources)}` : `Attach to ${thingName(subject)}`
      }
      description={
        subject === undefined
          ? 'Each file becomes a layer with its name; a folder goes as one tar.gz.'
          : 'What is attached refers to it; the thing itself and its digest stay as they are.'
      }
      request={request}
      waitingFor={
        chosen.files.length === 0
          ? 'Choose files first.'
          : subject !== undefined && type === ''
            ? 'Say what it is: an artifact type is missing.'
            : whole === undefined
              ? 'Say where it goes: a repository is missing.'
              : 'Something above is not right yet.'
      }
      verb={subject === undefined ? 'Push' : 'Attach'}
      further={() =>
        archive !== undefined && subject === undefined ? (
          <Button
            title="It holds images: import pushes those, not the file"
            onClick={() => show({ kind: 'import', target: place, take: () => Promise.resolve([archive]) })}
          >
            Import its images…
          </Button>
        ) : null
      }
    >
      <div className={styles['drop']} {...dropOnto(chosen.add)}>
        <FileChooser chosen={chosen} what="files" />
        <FileRows chosen={chosen} types={types} fixed={isChart} />
      </div>
      {target.repository === undefined && subject === undefined && isRegistry(target.source) && (
        <PlaceFields sources={writableSources(sources)} value={place} onChange={setPlace} />
      )}
      <div className={styles['pair']}>
        {subject === undefined && (
          <TextField
            label="Tags"
            mono
            placeholder="none: by digest only"
            value={typedTag}
            onChange={setTags}
            problem={tagsFit ? undefined : 'One of these is no tag.'}
          />
        )}
        {!isChart && (
          <TextField
            label="Artifact type"
            mono
            placeholder="application/vnd.example.thing"
            value={artifactType ?? types.artifactType}
            onChange={setArtifactType}
          />
        )}
      </div>
      {!isChart && <SendDetails value={details} onChange={setDetails} />}
    </MovingFrame>
  );
}
