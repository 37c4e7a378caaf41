import { useCallback, useState } from 'react';
import type { GrantedFile } from '../../../../shared/contract/files.ts';
import type { PushForm } from '../../../../shared/contract/transfer-words.ts';

/** What the chosen files are, and under which types they are sent. */
export interface FileTypes {
  /** For the request. */
  readonly files: { file: string; mediaType?: string }[];
  /** True while the content is being looked at. */
  readonly busy: boolean;
  /** What was proposed for all of them together; empty where nothing was. */
  readonly artifactType: string;
  readonly configMediaType: string | undefined;
  readonly form: PushForm;
  /** Tags that the content itself names. */
  readonly tags: readonly string[];
  /** The one file, where it holds images that could be imported. */
  readonly archive: string | undefined;
  /** "SBOM · SPDX", for a file whose content says so. */
  readonly what: (token: string) => string | undefined;
  readonly mediaType: (token: string) => string;
  readonly setMediaType: (token: string, mediaType: string) => void;
}

export function useFileTypes(files: readonly GrantedFile[]): FileTypes {
  const [typed, setTyped] = useState<ReadonlyMap<string, string>>(new Map());
  const setMediaType = useCallback(
    (token: string, mediaType: string) => setTyped((before) => new Map(before).set(token, mediaType)),
    [],
  );
  const mediaType = (token: string): string => typed.get(token) ?? '';
  return {
    files: files.map(({ token }) => {
      const type = mediaType(token).trim();
      return { file: token, ...(type === '' ? {} : { mediaType: type }) };
    }),
    busy: false,
    artifactType: '',
    configMediaType: undefined,
    form: 'files',
    tags: [],
    archive: undefined,
    what: () => undefined,
    mediaType,
    setMediaType,
  };
}
