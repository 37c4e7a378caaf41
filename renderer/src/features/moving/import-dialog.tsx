import { useState } from 'react';
import type { JSX } from 'react';
import type { TargetAddress } from '../../../../shared/contract/common.ts';
import { useSources } from '../../data/sources.ts';
import type { TakeFiles } from '../../moving/take-files.ts';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { Size } from '../../ui/size.tsx';
import { dropOnto } from './drop-onto.ts';
import { FileChooser } from './file-chooser.tsx';
import { MovingFrame } from './moving-frame.tsx';
import { PlaceFields, wholePlace, writableSources } from './place-fields.tsx';
import { useChosenFiles } from './use-chosen-files.ts';
import styles from './moving.module.css';

interface ImportDialogProps {
  readonly target: TargetAddress;
  readonly take?: TakeFiles | undefined;
}

/** Brings the images of an archive into a place. */
export function ImportDialog({ target, take }: ImportDialogProps): JSX.Element {
  const sources = writableSources(useSources());
  const [place, setPlace] = useState<TargetAddress>(() =>
    sources.some(({ id }) => id === target.source) ? target : { source: 'local' },
  );
  const chosen = useChosenFiles(take, true);
  const [file] = chosen.files;
  const whole = wholePlace(place);

  return (
    <MovingFrame
      title="Import an archive"
      description="An OCI image layout, as a folder or as a tar, or what “docker save” wrote; with every tag that it names."
      request={
        file === undefined || whole === undefined
          ? undefined
          : { kind: 'import', file: file.token, target: whole }
      }
      waitingFor={
        file === undefined ? 'Choose the archive first.' : 'Say where it goes: a repository is missing.'
      }
      verb="Import"
    >
      <div className={styles['drop']} {...dropOnto(chosen.add)}>
        <FileChooser chosen={chosen} what="archive">
          {file !== undefined && (
            <p className={styles['one']}>
              <ForeignText text={file.location} />
              {file.size !== undefined && <Size bytes={file.size} />}
            </p>
          )}
        </FileChooser>
      </div>
      <PlaceFields sources={sources} value={place} onChange={setPlace} />
    </MovingFrame>
  );
}
