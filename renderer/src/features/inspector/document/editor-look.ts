import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { REVEAL_HIDDEN } from './reveal-hidden.ts';

/** Colours of JSON, from the window's tokens. */
const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--json-key)' },
  { tag: tags.string, color: 'var(--json-string)' },
  { tag: tags.number, color: 'var(--json-number)' },
  { tag: [tags.bool, tags.null], color: 'var(--json-word)' },
  { tag: [tags.separator, tags.bracket, tags.squareBracket, tags.brace], color: 'var(--dim)' },
]);

const THEME = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--bg)', color: 'var(--text)', fontSize: '11.5px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '18px' },
  '.cm-content': { padding: '6px 0 24px', wordBreak: 'break-all' },
  '.cm-content:focus-visible': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '.cm-line': { padding: '0 12px 0 6px' },
  '.cm-gutters': { backgroundColor: 'var(--bg)', color: 'var(--dim)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 4px 0 10px', minWidth: '30px' },
  '.cm-foldGutter .cm-gutterElement': { cursor: 'default', color: 'var(--dim)' },
  '.cm-foldPlaceholder': {
    margin: '0 4px',
    padding: '0 5px',
    border: '1px solid var(--line)',
    borderRadius: '4px',
    backgroundColor: 'var(--panel)',
    color: 'var(--dim)',
  },
  '.tallyman-link': {
    borderRadius: '2px',
    color: 'var(--accent)',
    textDecoration: 'underline',
    textDecorationColor: 'color-mix(in srgb, var(--accent) 35%, transparent)',
    textUnderlineOffset: '2.5px',
  },
  '.tallyman-link *': { color: 'inherit' },
  '.tallyman-link:hover': { textDecorationColor: 'var(--accent)' },
  '.tallyman-hidden': { color: 'var(--bad)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 26%, transparent)',
  },
  '.cm-panels': { backgroundColor: 'var(--panel)', color: 'var(--text)' },
  '.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-panel.cm-search': { padding: '6px 10px', fontFamily: 'var(--font)', fontSize: '12px' },
  '.cm-panel.cm-search [name=close]': { top: '4px', right: '8px', color: 'var(--dim)', fontSize: '16px' },
  '.cm-panel.cm-search label': { color: 'var(--dim)', fontSize: '12px' },
  '.cm-textfield': {
    padding: '3px 7px',
    border: '1px solid var(--line-strong)',
    borderRadius: '4px',
    backgroundColor: 'var(--field)',
    color: 'var(--text)',
  },
  '.cm-button': {
    padding: '3px 8px',
    border: '1px solid var(--line-strong)',
    borderRadius: '4px',
    backgroundColor: 'var(--raised)',
    backgroundImage: 'none',
    color: 'var(--text)',
  },
  '.cm-searchMatch': { backgroundColor: 'color-mix(in srgb, var(--warn) 28%, transparent)' },
  '.cm-searchMatch-selected': { backgroundColor: 'color-mix(in srgb, var(--warn) 55%, transparent)' },
});

/** How the code view looks, and that nothing in a foreign text can hide or turn around what stands beside it. */
export const EDITOR_LOOK: Extension = [THEME, syntaxHighlighting(COLOURS), REVEAL_HIDDEN];
