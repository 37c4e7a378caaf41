import { FilePlus, FolderPlus } from 'lucide-react';
import { useRef } from 'react';
import type { ChangeEvent, JSX, ReactNode } from 'react';
import { formatSize } from '../../../../shared/display/format-size.ts';
import { useHostInfo } from '../../data/host-info.ts';
import { takeChosen, takePicked } from '../../moving/take-files.ts';
import type { TakeFiles } from '../../moving/take-files.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorLine } from '../../ui/error-state.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import type { ChosenFiles } from './use-chosen-files.ts';
import styles from './moving.module.css';

interface FileChooserProps {
  readonly chosen: ChosenFiles;
  /** `archive`: one file. */
  readonly what: 'files' | 'archive';
  readonly children?: ReactNode;
}

/** Buttons to choose files, and how far those are that are being taken in. */
export function FileChooser({ chosen, what, children }: FileChooserProps): JSX.Element {
  const { taking, add, stop } = chosen;
  return (
    <div className={styles['chooser']}>
      <div className={styles['choiceButtons']}>
        {what === 'files' ? (
          <>
            <ChooseButton
              label="Add files…"
              icon={<FilePlus size={14} aria-hidden />}
              how="files"
              onTake={add}
            />
            <ChooseButton
              label="Add a folder…"
              icon={<FolderPlus size={14} aria-hidden />}
              how="folders"
              onTake={add}
            />
          </>
        ) : (
          <>
            <ChooseButton
              label="Choose an archive…"
              icon={<FilePlus size={14} aria-hidden />}
              how="archive"
              onTake={add}
            />
            <ChooseButton
              label="Choose a layout folder…"
              icon={<FolderPlus size={14} aria-hidden />}
              how="folders"
              onTake={add}
            />
          </>
        )}
        <span className={styles['dim']}>or drop them here</span>
      </div>
      {taking.phase === 'running' && taking.progress !== undefined && (
        <div className={styles['taking']}>
          <ProgressBar
            label="Taking the files in"
            value={taking.progress.total === 0 ? undefined : taking.progress.received / taking.progress.total}
          />
          <span className={styles['dim']}>
            {formatSize(taking.progress.received)} of {formatSize(taking.progress.total)}
          </span>
          <Button look="quiet" onClick={stop}>
            Stop
          </Button>
        </div>
      )}
      {taking.phase === 'failed' && <ErrorLine error={taking.error} />}
      {children}
    </div>
  );
}

interface ChooseButtonProps {
  readonly label: string;
  readonly icon: ReactNode;
  readonly how: 'files' | 'folders' | 'archive';
  readonly onTake: (take: TakeFiles) => void;
}

/** In the Electron shell a native dialog, elsewhere the browser's own. */
function ChooseButton({ label, icon, how, onTake }: ChooseButtonProps): JSX.Element {
  const host = useHostInfo();
  const input = useRef<HTMLInputElement>(null);
  const onChange = ({ currentTarget }: ChangeEvent<HTMLInputElement>): void => {
    const files = [...(currentTarget.files ?? [])];
    currentTarget.value = '';
    if (files.length > 0) onTake(takeChosen(files));
  };
  if (host?.canPickFiles === true) {
    return (
      <Button icon={icon} onClick={() => onTake(takePicked(how))}>
        {label}
      </Button>
    );
  }
  return (
    <>
      <Button icon={icon} onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        tabIndex={-1}
        aria-label={label}
        multiple={how === 'files'}
        {...(how === 'folders' ? { webkitdirectory: '' } : {})}
        onChange={onChange}
      />
    </>
  );
}
