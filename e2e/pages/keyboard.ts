import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { step } from './step.ts';

/** Most presses of one key on the way to something; whoever needs more will not find it. */
const PRESS_LIMIT = 40;

/** A person without a mouse. */
export class Keyboard {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Presses keys one after the other: `press('ArrowDown', 'Enter')`. */
  async press(...keys: readonly string[]): Promise<void> {
    await step(`press ${keys.join(', ')}`, async () => {
      for (const key of keys) await this.#page.keyboard.press(key);
    });
  }

  async type(text: string): Promise<void> {
    await step(`type “${text}”`, () => this.#page.keyboard.type(text));
  }

  /** Presses Tab (or Shift+Tab) until it stands on the wanted thing. */
  async tabTo(what: string, wanted: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    await step(`${key} to ${what}`, () => this.#pressUntil(key, wanted));
  }

  /** Presses an arrow until it stands on the wanted thing. */
  async arrowTo(what: string, key: string, wanted: Locator): Promise<void> {
    await step(`${key} to ${what}`, () => this.#pressUntil(key, wanted));
  }

  async #pressUntil(key: string, wanted: Locator): Promise<void> {
    await expect(wanted).toBeVisible();
    for (let presses = 0; presses < PRESS_LIMIT; presses++) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await this.#page.keyboard.press(key);
    }
    await expect(wanted, `reached by ${PRESS_LIMIT} presses of ${key}`).toBeFocused({ timeout: 1000 });
  }
}
