import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { step } from './step.ts';

/** The bar that opens anything: a reference, a digest, a path, a command. */
export class OpenBar {
  readonly dialog: Locator;
  readonly field: Locator;
  /** What went wrong with what was typed. */
  readonly alert: Locator;
  readonly #button: Locator;

  constructor(page: Page) {
    this.dialog = page.getByRole('dialog', { name: 'Open anything' });
    this.field = this.dialog.getByRole('combobox');
    this.alert = this.dialog.getByRole('alert');
    this.#button = page.getByRole('banner').getByRole('button', { name: /^Open anything/ });
  }

  /** A line of the list below the field. */
  line(name: string | RegExp): Locator {
    return this.dialog.getByRole('option', { name, exact: true });
  }

  /** Types a place and opens it. */
  async open(text: string): Promise<void> {
    await step(`open “${text}”`, async () => {
      await this.#button.click();
      await this.field.fill(text);
      await this.field.press('Enter');
      await expect(this.dialog).toBeHidden();
    });
  }

  /** Types a place that cannot be opened; the bar stays with its reason. */
  async tryToOpen(text: string): Promise<void> {
    await step(`try to open “${text}”`, async () => {
      await this.#button.click();
      await this.field.fill(text);
      await this.field.press('Enter');
      await expect(this.alert).toBeVisible();
    });
  }

  /** Runs a command of the palette. */
  async run(command: string): Promise<void> {
    await step(`run “${command}”`, async () => {
      await this.#button.click();
      await this.field.fill(command);
      await this.line(command).click();
    });
  }

  async close(): Promise<void> {
    await step('close the bar', async () => {
      await this.field.press('Escape');
      await expect(this.dialog).toBeHidden();
    });
  }
}
