import { useCallback } from 'react';
import { displayText } from '../../../../shared/display/display-text.ts';
import { isManifestMediaType } from '../../../../shared/oci/media-types.ts';
import { shortDigest } from '../../../../shared/oci/digest.ts';
import type { Inspected } from '../../inspection/inspection.tsx';
import { formatAddress } from '../../navigation/address.ts';
import { useNavigation } from '../../navigation/navigation-context.ts';
import { artifactView, type View } from '../../navigation/view.ts';
import type { LinkTarget } from './document/document-links.ts';

/** Something with a digest that a person may want to see. */
export interface Followable {
  readonly digest: string;
  /** Where it is known: says whether it is a manifest, which has a view of its own, or a part of the inspected one. */
  readonly mediaType?: string | undefined;
}

/** The ways from the inspected node to other content. */
export interface Follow {
  readonly follow: (link: Followable) => void;
  /** The same as an address and a tooltip, for real links. */
  readonly targetOf: (link: Followable) => LinkTarget;
}

/**
 * Leads from the inspected node to other content: what the picture shows is selected there; another manifest opens as an
 * artifact of the same place; a config or layer opens selected, with the manifest that names it.
 */
export function useFollow(inspected: Inspected): Follow {
  const { go, view } = useNavigation();
  const { target, node, known, select } = inspected;

  const viewOf = useCallback(
    (link: Followable): View => {
      if (known?.has(link.digest) === true && view.kind === 'artifact')
        return { ...view, selected: link.digest };
      // Who reads documents goes on reading documents.
      const tab = view.kind === 'artifact' || view.kind === 'repository' ? view.tab : 'overview';
      const isPart = link.mediaType !== undefined && !isManifestMediaType(link.mediaType);
      if (!isPart) return { ...artifactView(target, { digest: link.digest }), tab };
      return { ...artifactView(target, { digest: node.digest }), tab, selected: link.digest };
    },
    [known, view, target, node.digest],
  );

  const follow = useCallback(
    (link: Followable) => {
      if (known?.has(link.digest) === true && select !== undefined) select(link.digest);
      else go(viewOf(link));
    },
    [known, select, go, viewOf],
  );

  const targetOf = useCallback(
    (link: Followable): LinkTarget => {
      const other = known?.get(link.digest);
      const name =
        other === undefined ? shortDigest(link.digest) : `${other.title}, ${shortDigest(link.digest)}`;
      return {
        href: formatAddress(viewOf(link)),
        title: `${other === undefined ? 'Open' : 'Select'} ${displayText(name)}`,
      };
    },
    [known, viewOf],
  );

  return { follow, targetOf };
}
