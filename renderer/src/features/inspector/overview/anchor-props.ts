import type { MouseEvent } from 'react';
import type { Follow, Followable } from '../use-follow.ts';

interface AnchorProps {
  readonly href: string;
  readonly title: string;
  readonly onClick: (event: MouseEvent) => void;
}

/** Makes a real link of something with a digest: with a key held, the browser opens its address elsewhere. */
export function anchorProps({ follow, targetOf }: Follow, link: Followable): AnchorProps {
  return {
    ...targetOf(link),
    onClick(event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      follow(link);
    },
  };
}
