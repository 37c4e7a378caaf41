import type { JSX } from 'react';
import type { TargetAddress } from '../../../../shared/contract/common.ts';
import type { Source } from '../../../../shared/contract/source.ts';
import { displayText } from '../../../../shared/display/display-text.ts';
import { isRepositoryName } from '../../../../shared/oci/repository-name.ts';
import { isRegistry } from '../../places/source-name.ts';
import { SelectField } from '../../ui/select-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import styles from './moving.module.css';

/** Sources that can be written to, as far as can be known: a tar cannot. */
export function writableSources(sources: readonly Source[]): readonly Source[] {
  return sources.filter(({ kind, location }) => kind !== 'layout' || !/\.(tar|tgz|tar\.gz)$/i.test(location));
}

interface PlaceFieldsProps {
  readonly sources: readonly Source[];
  readonly value: TargetAddress;
  readonly onChange: (value: TargetAddress) => void;
  /** A further choice, which is no source: a new folder. */
  readonly other?: { readonly value: string; readonly label: string };
}

/** Where something goes: a source of the sidebar and, in a registry, a repository. */
export function PlaceFields({ sources, value, onChange, other }: PlaceFieldsProps): JSX.Element {
  const { source, repository = '' } = value;
  const options = [
    ...sources.map(({ id, label }) => ({ value: id, label: displayText(label) })),
    ...(other === undefined ? [] : [other]),
  ];
  return (
    <div className={styles['pair']}>
      <SelectField
        label="To"
        options={options}
        value={source}
        onChange={(next) => onChange(isRegistry(next) ? { source: next, repository } : { source: next })}
      />
      {isRegistry(source) && (
        <TextField
          label="Repository"
          mono
          placeholder="team/app"
          value={repository}
          onChange={(next) => onChange({ source, repository: next })}
          problem={
            repository === '' || isRepositoryName(repository)
              ? undefined
              : 'Lower case, with “/” between parts.'
          }
        />
      )}
    </div>
  );
}

/** The place when it is whole; undefined while its repository is missing or wrong. */
export function wholePlace({ source, repository }: TargetAddress): TargetAddress | undefined {
  if (!isRegistry(source)) return { source };
  return repository !== undefined && isRepositoryName(repository) ? { source, repository } : undefined;
}
