import { json } from '@codemirror/lang-json';
import { codeFolding, foldGutter, foldKeymap } from '@codemirror/language';
import { search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef, type JSX } from 'react';
import { documentLinks, type LinkTarget } from './document-links.ts';
import { EDITOR_LOOK } from './editor-look.ts';
import { HANGING_INDENT } from './hanging-indent.ts';
import type { DocumentLink } from './prepare-json.ts';
import styles from './document.module.css';

interface CodeViewProps {
  /** Names it for a screen reader. */
  readonly label: string;
  readonly text: string;
  readonly language: 'json' | 'plain';
  readonly links: readonly DocumentLink[];
  readonly targetOf: (link: DocumentLink) => LinkTarget;
  readonly follow: (link: DocumentLink) => void;
}

/** A foreign text to read, search, fold and follow; never to change. Loaded only when somebody looks at a document. */
export function CodeView({ label, text, language, links, targetOf, follow }: CodeViewProps): JSX.Element {
  const holder = useRef<HTMLDivElement>(null);
  const latest = useRef({ targetOf, follow });

  useEffect(() => {
    latest.current = { targetOf, follow };
  }, [targetOf, follow]);

  useEffect(() => {
    const parent = holder.current;
    if (parent === null) return undefined;
    const extensions: Extension[] = [
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
      EditorView.lineWrapping,
      lineNumbers(),
      search({ top: true }),
      keymap.of([...searchKeymap, ...foldKeymap]),
      EDITOR_LOOK,
      HANGING_INDENT,
      ...(language === 'json' ? [json(), codeFolding(), foldGutter()] : []),
      documentLinks(
        links,
        (link) => latest.current.targetOf(link),
        (link) => latest.current.follow(link),
      ),
    ];
    const view = new EditorView({ parent, state: EditorState.create({ doc: text, extensions }) });
    return () => view.destroy();
  }, [label, text, language, links]);

  return <div ref={holder} className={styles['code']} />;
}
