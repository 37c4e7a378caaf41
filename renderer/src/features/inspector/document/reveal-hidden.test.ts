import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { describe, expect, it } from 'vitest';
import { REVEAL_HIDDEN } from './reveal-hidden.ts';

function shown(doc: string): string {
  const view = new EditorView({
    parent: document.body,
    state: EditorState.create({ doc, extensions: [REVEAL_HIDDEN] }),
  });
  const text = view.contentDOM.textContent;
  view.destroy();
  return text;
}

describe('REVEAL_HIDDEN', () => {
  it('names what hides, reorders or controls, and leaves everything else alone', () => {
    expect(shown('"gpj.exe\u202Etxt" \u001B[31m \u200B\uFEFF \u{E0041} \u2028 \u0000 ä 語 👍 ❤\uFE0F')).toBe(
      '"gpj.exe⟨U+202E⟩txt" ⟨U+001B⟩[31m ⟨U+200B⟩⟨U+FEFF⟩ ⟨U+E0041⟩ ⟨U+2028⟩ ⟨U+0000⟩ ä 語 👍 ❤\uFE0F',
    );
  });

  it('shows every character of an unseen kind by its name only', () => {
    for (let code = 0; code < 0x3000; code++) {
      const character = String.fromCodePoint(code);
      if (!/\p{C}/u.test(character) || '\t\n\r'.includes(character)) continue;
      const text = shown(`a${character}b`);
      expect(text).toMatch(/^a⟨U\+[0-9A-F]{4}⟩b$/);
    }
  }, 30_000);

  it('keeps tabs as blanks', () => {
    expect(shown('a\tb')).toMatch(/^a\s+b$/);
  });
});
