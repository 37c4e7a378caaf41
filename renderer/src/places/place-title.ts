import { shortDigest } from '../../../shared/oci/digest.ts';
import type { View } from '../navigation/view.ts';
import { sourceName } from './source-name.ts';

/** A view's place in a few words, for a tab: "team/app", "app:1.8.2", "app" with a digest. */
export function placeTitle(view: View): string {
  switch (view.kind) {
    case 'start':
      return 'Start';
    case 'source':
      return sourceName(view.source);
    case 'repository':
      return view.target.repository ?? sourceName(view.target.source);
    case 'artifact': {
      const name = view.target.repository?.split('/').at(-1) ?? sourceName(view.target.source);
      if (view.tag !== undefined) return `${name}:${view.tag}`;
      return view.digest === undefined ? `${name} · whole` : `${name}@${shortDigest(view.digest)}`;
    }
  }
}
