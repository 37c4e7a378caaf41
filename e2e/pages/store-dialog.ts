import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { step } from './step.ts';

/** A dialog about a layout as a whole: sizes, check, clean-up, serving. */
export class StoreDialog {
  readonly dialog: Locator;
  /** What came of it. */
  readonly outcome: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.dialog = page.getByRole('dialog', { name: /^(Sizes of|Check|Clean up|Serve|Serving) / });
    this.outcome = this.dialog.getByRole('status');
  }

  /** Through the menu of the layout that is on screen. */
  async show(what: 'Sizes…' | 'Check…' | 'Clean up…' | 'Serve…'): Promise<void> {
    await step(`“${what}” in the menu of the layout`, async () => {
      await this.#page.getByRole('button', { name: 'This layout' }).click();
      await this.#page.getByRole('menuitem', { name: what }).click();
      await expect(this.dialog).toBeVisible();
    });
  }

  async press(button: string | RegExp): Promise<void> {
    await step(`press “${String(button)}”`, () =>
      this.dialog.getByRole('button', { name: button, exact: true }).click(),
    );
  }

  /** What stands beside one of the sizes. */
  async total(name: string): Promise<string> {
    const term = this.dialog.getByRole('term').filter({ hasText: new RegExp(`^${name}$`) });
    return (await term.locator('xpath=following-sibling::dd[1]').textContent()) ?? '';
  }

  async close(): Promise<void> {
    await step('close the dialog', async () => {
      await this.#page.keyboard.press('Escape');
      await expect(this.dialog).toBeHidden();
    });
  }
}
