import { File, Folder, X } from 'lucide-react';
import type { JSX } from 'react';
import { displayText } from '../../../../shared/display/display-text.ts';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Size } from '../../ui/size.tsx';
import type { ChosenFiles } from './use-chosen-files.ts';
import type { FileTypes } from './use-file-types.ts';
import styles from './moving.module.css';

interface FileRowsProps {
  readonly chosen: ChosenFiles;
  readonly types: FileTypes;
  /** True when the types are not for the person to choose. */
  readonly fixed: boolean;
}

/** The files that were chosen, each with the media type of its layer. */
export function FileRows({ chosen, types, fixed }: FileRowsProps): JSX.Element | null {
  if (chosen.files.length === 0) return null;
  return (
    <ul className={styles['files']} aria-label="Files">
      {chosen.files.map(({ token, name, kind, location, size }) => {
        const Icon = kind === 'folder' ? Folder : File;
        const shown = displayText(name);
        return (
          <li key={token} className={styles['file']}>
            <Icon size={15} strokeWidth={1.75} aria-hidden />
            <span className={styles['name']} title={displayText(location)}>
              <ForeignText text={name} />
              {types.what(token) !== undefined && <span className={styles['dim']}> {types.what(token)}</span>}
            </span>
            <input
              className={styles['type']}
              aria-label={`Media type of ${shown}`}
              placeholder={
                kind === 'folder'
                  ? 'application/vnd.oci.image.layer.v1.tar+gzip'
                  : 'application/vnd.oci.image.layer.v1.tar'
              }
              spellCheck={false}
              autoComplete="off"
              disabled={fixed}
              value={types.mediaType(token)}
              onChange={(event) => types.setMediaType(token, event.target.value)}
            />
            {size !== undefined && <Size bytes={size} />}
            <IconButton
              size="small"
              label={`Leave ${shown} out`}
              icon={<X size={14} aria-hidden />}
              onClick={() => chosen.remove(token)}
            />
          </li>
        );
      })}
    </ul>
  );
}
