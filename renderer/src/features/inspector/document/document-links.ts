import { RangeSetBuilder } from '@codemirror/state';
import {
  Decoration,
  ViewPlugin,
  type DecorationSet,
  type EditorView,
  type ViewUpdate,
} from '@codemirror/view';
import type { Extension } from '@codemirror/state';
import type { DocumentLink } from './prepare-json.ts';

/** Where a link leads, and how it says so. */
export interface LinkTarget {
  /** Address inside the window. */
  readonly href: string;
  readonly title: string;
}

/** Makes parts of a document links. Only the part in sight has any, so a document with 60,000 of them stays light. */
export function documentLinks(
  links: readonly DocumentLink[],
  targetOf: (link: DocumentLink) => LinkTarget,
  follow: (link: DocumentLink) => void,
): Extension {
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;

      constructor(view: EditorView) {
        this.decorations = decorate(view, links, targetOf);
      }

      update(update: ViewUpdate): void {
        if (update.viewportChanged || update.docChanged)
          this.decorations = decorate(update.view, links, targetOf);
      }
    },
    {
      decorations: (plugin) => plugin.decorations,
      eventHandlers: {
        click(event) {
          const element = (event.target as HTMLElement).closest('[data-link]');
          // With a key held, the browser opens the address elsewhere.
          if (element === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
          const link = links[Number(element.getAttribute('data-link'))];
          if (link === undefined) return;
          event.preventDefault();
          follow(link);
        },
      },
    },
  );
}

function decorate(
  view: EditorView,
  links: readonly DocumentLink[],
  targetOf: (link: DocumentLink) => LinkTarget,
): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to } of view.visibleRanges) {
    for (let index = firstAfter(links, from); index < links.length; index++) {
      const link = links[index];
      if (link === undefined || link.from >= to) break;
      const { href, title } = targetOf(link);
      const mark = Decoration.mark({
        tagName: 'a',
        class: 'tallyman-link',
        attributes: { href, title, 'data-link': String(index) },
      });
      builder.add(link.from, link.to, mark);
    }
  }
  return builder.finish();
}

/** Index of the first link that ends after a place; links are in order. */
function firstAfter(links: readonly DocumentLink[], place: number): number {
  let low = 0;
  let high = links.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((links[middle]?.to ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}
