import { useCallback, useEffect, useMemo, useState } from 'react';
import type { GrantedFile } from '../../../../shared/contract/files.ts';
import type { PushForm } from '../../../../shared/contract/transfer-words.ts';
import type { FileProposal } from '../../../../shared/contract/transfers.ts';
import { kindName } from '../../../../shared/display/kind-name.ts';
import { useClient } from '../../client/client-context.ts';
import { useTask } from '../../client/use-task.ts';

/** What the chosen files are, and under which types they are sent: as their content proposes, until the person says otherwise. */
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

type Proposals = ReadonlyMap<string, FileProposal>;
const NONE: Proposals = new Map();

export function useFileTypes(files: readonly GrantedFile[]): FileTypes {
  const client = useClient();
  const { state, run, cancel } = useTask<Proposals>();
  const [typed, setTyped] = useState<ReadonlyMap<string, string>>(new Map());
  const tokens = useMemo(() => files.map(({ token }) => token), [files]);

  useEffect(() => {
    if (tokens.length === 0) return undefined;
    run(async (signal) => {
      const answer = await client.call('transfers.propose', { files: [...tokens] }, { signal });
      return new Map(answer.files.map((proposal) => [proposal.file, proposal]));
    });
    return cancel;
  }, [client, run, cancel, tokens]);

  const setMediaType = useCallback(
    (token: string, mediaType: string) => setTyped((before) => new Map(before).set(token, mediaType)),
    [],
  );
  // A file that cannot be looked at is sent without a proposal; the plan says what is wrong with it.
  const proposals = state.phase === 'done' ? state.result : NONE;
  const known = tokens.flatMap((token) => proposals.get(token) ?? []);
  const [only] = known.length === 1 && tokens.length === 1 ? known : [];
  const mediaType = (token: string): string => typed.get(token) ?? proposals.get(token)?.mediaType ?? '';
  return {
    files: tokens.map((token) => {
      const type = mediaType(token).trim();
      return { file: token, ...(type === '' ? {} : { mediaType: type }) };
    }),
    busy: tokens.length > 0 && state.phase === 'running',
    artifactType: sharedType(known, tokens.length),
    configMediaType: only?.configMediaType,
    form: only?.form ?? 'files',
    tags: only?.tags ?? [],
    archive: only?.action === 'import' ? only.file : undefined,
    what: (token) => {
      const kind = proposals.get(token)?.kind;
      if (kind === undefined || kind === 'other') return undefined;
      return kind === 'archive' ? 'Archive of images' : kindName(kind);
    },
    mediaType,
    setMediaType,
  };
}

/** The artifact type that all files agree on. */
function sharedType(proposals: readonly FileProposal[], files: number): string {
  const [first] = proposals;
  const type = first?.artifactType ?? '';
  const agree = proposals.length === files && proposals.every((each) => each.artifactType === type);
  return agree ? type : '';
}
