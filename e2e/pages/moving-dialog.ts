import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { step } from './step.ts';

/** A dialog that moves something, and the transfers at the foot that come after it. */
export class MovingDialog {
  readonly dialog: Locator;
  /** What would happen. */
  readonly plan: Locator;
  readonly transfers: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.dialog = page.getByRole('dialog', { name: /^(Push|Attach|Copy|Pull|Export|Import|Tag|Delete) / });
    this.plan = this.dialog.getByRole('region', { name: 'What will happen' });
    this.transfers = page.getByRole('region', { name: 'Transfers' });
  }

  async fill(field: string, text: string): Promise<void> {
    await step(`write “${text}” into ${field}`, () =>
      this.dialog.getByRole('textbox', { name: field, exact: true }).fill(text),
    );
  }

  async choose(list: string, label: string): Promise<void> {
    await step(`choose “${label}”`, () =>
      this.dialog.getByRole('combobox', { name: list }).selectOption({ label }),
    );
  }

  /** The digest of the manifest that the dialog says it will write. */
  async manifestDigest(): Promise<string> {
    return await step('look at the manifest', async () => {
      await this.dialog.getByRole('radio', { name: 'Manifest' }).click();
      return (await this.plan.getByTitle(/^sha256:/).getAttribute('title')) ?? '';
    });
  }

  /** Lets it happen, and waits until the job is done. */
  async go(verb: string | RegExp): Promise<void> {
    await step(`press “${String(verb)}” and wait for the end`, async () => {
      await this.dialog.getByRole('button', { name: verb }).click();
      await expect(this.dialog).toBeHidden();
      const job = this.transfers.getByRole('list', { name: 'Jobs' }).getByRole('listitem').first();
      await expect(job).toContainText('Done');
      await this.#page.keyboard.press('ControlOrMeta+j');
      await expect(this.transfers).toBeHidden();
    });
  }
}
