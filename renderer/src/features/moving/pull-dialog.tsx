import { useState } from 'react';
import type { JSX } from 'react';
import type { GrantedFile } from '../../../../shared/contract/files.ts';
import type { ExistingFileChoice, PullPart } from '../../../../shared/contract/transfer-words.ts';
import { useSources } from '../../data/sources.ts';
import { isPart, referenceOf } from '../../moving/thing.ts';
import type { Thing } from '../../moving/thing.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { DestinationField } from './destination-field.tsx';
import { MovingFrame } from './moving-frame.tsx';
import { placeName, thingName, typedPlatforms } from './thing-words.ts';
import styles from './moving.module.css';

const EXISTING: readonly { readonly id: ExistingFileChoice; readonly label: string }[] = [
  { id: 'keep', label: 'Keep it' },
  { id: 'rename', label: 'Write beside it' },
  { id: 'overwrite', label: 'Overwrite it' },
];

const PARTS: readonly { readonly id: PullPart; readonly label: string; readonly title: string }[] = [
  { id: 'files', label: 'Its files', title: 'Layers under their titles, as oras pull writes them' },
  { id: 'rootfs', label: 'Its file system', title: 'All layers of an image applied, as one tar' },
];

/** Writes what is in an artifact into a folder. */
export function PullDialog({ thing }: { readonly thing: Thing }): JSX.Element {
  const sources = useSources();
  const [folder, setFolder] = useState<GrantedFile>();
  const [existing, setExisting] = useState<ExistingFileChoice>('keep');
  const [part, setPart] = useState<PullPart>('files');
  const [platform, setPlatform] = useState('');
  const chosen = typedPlatforms(platform);
  const isImage = thing.kind === 'image' || thing.kind === 'index';

  return (
    <MovingFrame
      title={`Pull ${thingName(thing)}`}
      description={`From ${placeName(thing.target, sources)}. Nothing leaves the folder, whatever names the artifact gives its files.`}
      request={
        folder === undefined || chosen === undefined
          ? undefined
          : {
              kind: 'pull',
              target: thing.target,
              reference: referenceOf(thing),
              folder: folder.token,
              existing,
              ...(isPart(thing)
                ? { blob: { digest: thing.digest, mediaType: thing.mediaType, size: thing.size } }
                : { part }),
              ...(chosen[0] === undefined ? {} : { platform: chosen[0] }),
            }
      }
      waitingFor="Choose the folder first."
      verb="Pull"
    >
      <DestinationField label="Folder" what="folder" value={folder} onChange={setFolder} />
      <div className={styles['choices']}>
        {isImage && (
          <div className={styles['choice']}>
            <span>Write</span>
            <Segmented label="What is written" options={PARTS} value={part} onChange={setPart} />
          </div>
        )}
        <div className={styles['choice']}>
          <span>A file of the same name</span>
          <Segmented
            label="What happens to a file of the same name"
            options={EXISTING}
            value={existing}
            onChange={setExisting}
          />
        </div>
      </div>
      {thing.kind === 'index' && (
        <TextField
          label="Platform"
          mono
          placeholder="linux/amd64"
          value={platform}
          onChange={setPlatform}
          problem={
            chosen === undefined || chosen.length > 1
              ? 'One, such as linux/amd64 or linux/arm64/v8.'
              : undefined
          }
        />
      )}
    </MovingFrame>
  );
}
