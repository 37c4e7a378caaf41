import { RangeSetBuilder, type Extension } from '@codemirror/state';
import {
  Decoration,
  ViewPlugin,
  type DecorationSet,
  type EditorView,
  type ViewUpdate,
} from '@codemirror/view';

/** Columns that the rest of a wrapped line is set in further than its beginning. */
const HANG = 2;
/** Deeper lines hang no further: a narrow panel must keep room for text. */
const HANG_LIMIT = 24;

/** Lets the rest of a wrapped line begin below its text, so that the shape of the document stays to be seen. */
export const HANGING_INDENT: Extension = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = decorate(view);
    }

    update(update: ViewUpdate): void {
      if (update.viewportChanged || update.docChanged) this.decorations = decorate(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function decorate(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to;) {
      const line = view.state.doc.lineAt(at);
      const hang = Math.min(HANG_LIMIT, blanksBefore(line.text)) + HANG;
      builder.add(line.from, line.from, HANGS[hang] ?? Decoration.line({}));
      at = line.to + 1;
    }
  }
  return builder.finish();
}

/** One decoration for each depth. */
const HANGS = Array.from({ length: HANG_LIMIT + HANG + 1 }, (_, hang) =>
  Decoration.line({ attributes: { style: `padding-left: calc(6px + ${hang}ch); text-indent: -${hang}ch` } }),
);

function blanksBefore(text: string): number {
  let count = 0;
  while (count < HANG_LIMIT && text.charCodeAt(count) === 32) count += 1;
  return count;
}
