import { describe, expect, it } from 'vitest';
import { isOwnPage } from './is-own-page.ts';
import type { MessageSender } from './is-own-page.ts';

const WINDOW = 7;
type Frame = NonNullable<MessageSender['senderFrame']>;
const own: Frame = { url: 'app://bundle/#/local', origin: 'app://bundle', parent: null };
const from = (senderFrame: Frame | null, id = WINDOW): MessageSender => ({ sender: { id }, senderFrame });

describe('isOwnPage', () => {
  it('knows the top document of the window', () => {
    expect(isOwnPage(from(own), WINDOW)).toBe(true);
  });

  it('refuses other windows, frames inside the page, documents that are gone, and other origins', () => {
    expect(isOwnPage(from(own, 8), WINDOW)).toBe(false);
    expect(isOwnPage(from(null), WINDOW)).toBe(false);
    expect(isOwnPage(from({ ...own, parent: own as Frame['parent'] }), WINDOW)).toBe(false);
    expect(isOwnPage(from({ ...own, origin: 'null' }), WINDOW)).toBe(false);
    for (const url of [
      'about:blank',
      'data:text/html,x',
      'https://bundle/',
      'file:///bundle/',
      'app://bundle.evil.example/',
      '',
    ]) {
      expect(isOwnPage(from({ ...own, url }), WINDOW), url).toBe(false);
    }
  });
});
