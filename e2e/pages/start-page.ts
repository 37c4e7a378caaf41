import type { Locator, Page } from '@playwright/test';
import { step } from './step.ts';

/** The window with nothing opened. */
export class StartPage {
  readonly heading: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.heading = page.getByRole('heading', { level: 1, name: 'Tallyman' });
  }

  async createSampleGraph(): Promise<void> {
    await step('create the sample graph', () =>
      this.#page.getByRole('button', { name: 'Create the sample graph' }).click(),
    );
  }

  async lookIntoLocalStore(): Promise<void> {
    await step('look into the local store', () =>
      this.#page.getByRole('button', { name: 'Look into the local store' }).click(),
    );
  }

  /** By its typed path, in the dialog. */
  async openLayout(path: string): Promise<void> {
    await step(`open the layout ${path}`, async () => {
      await this.#page.getByRole('button', { name: 'Open an image layout' }).click();
      const dialog = this.#page.getByRole('dialog', { name: 'Open an image layout' });
      await dialog.getByRole('textbox', { name: 'Path' }).fill(path);
      await dialog.getByRole('button', { name: 'Open', exact: true }).click();
    });
  }

  async addRegistry(host: string): Promise<void> {
    await step(`add the registry ${host}`, async () => {
      await this.#page.getByRole('button', { name: 'Add a registry' }).click();
      const dialog = this.#page.getByRole('dialog', { name: 'Add a registry' });
      await dialog.getByRole('textbox', { name: 'Host' }).fill(host);
      await dialog.getByRole('button', { name: 'Add registry' }).click();
    });
  }
}
