import { useState } from 'react';
import type { JSX } from 'react';
import type { GrantedFile } from '../../../../shared/contract/files.ts';
import { useSources } from '../../data/sources.ts';
import { referenceOf } from '../../moving/thing.ts';
import type { Thing } from '../../moving/thing.ts';
import { Switch } from '../../ui/switch.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { DestinationField } from './destination-field.tsx';
import { MovingFrame } from './moving-frame.tsx';
import { placeName, thingName, typedPlatforms } from './thing-words.ts';

/** Writes a graph into one archive file. */
export function ExportDialog({ thing }: { readonly thing: Thing }): JSX.Element {
  const sources = useSources();
  const [file, setFile] = useState<GrantedFile>();
  const [referrers, setReferrers] = useState(true);
  const [platform, setPlatform] = useState('');
  const chosen = typedPlatforms(platform);
  const name = (thing.target.repository ?? 'export').split('/').at(-1) ?? 'export';

  return (
    <MovingFrame
      title={`Export ${thingName(thing)}`}
      description={`From ${placeName(thing.target, sources)}, as one tar: an OCI layout that oras, skopeo and regctl read, and docker load where it holds an image.`}
      request={
        file === undefined || chosen === undefined
          ? undefined
          : {
              kind: 'export',
              from: { target: thing.target, reference: referenceOf(thing) },
              file: file.token,
              referrers,
              ...(chosen[0] === undefined ? {} : { platform: chosen[0] }),
            }
      }
      waitingFor="Choose the file first."
      verb="Export"
    >
      <DestinationField
        label="Archive"
        what="archive"
        suggestedName={`${name}-${thing.tags[0] ?? thing.digest.slice(7, 19)}.tar`}
        value={file}
        onChange={setFile}
      />
      {thing.kind === 'index' && (
        <TextField
          label="Platform"
          mono
          placeholder="all"
          value={platform}
          onChange={setPlatform}
          problem={
            chosen === undefined || chosen.length > 1 ? 'One, such as linux/amd64; none for all.' : undefined
          }
        />
      )}
      <Switch
        label="With everything that is attached"
        note="Signatures, SBOMs, reports, and what is attached to those."
        checked={referrers}
        onChange={setReferrers}
      />
    </MovingFrame>
  );
}
