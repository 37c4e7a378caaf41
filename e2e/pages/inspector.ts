import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { escapePattern } from './escape-pattern.ts';
import { step } from './step.ts';

export type InspectorTab = 'Overview' | 'JSON' | 'Raw';

/** Everything about the selected node. */
export class Inspector {
  readonly pane: Locator;
  /** What the node is. */
  readonly title: Locator;
  /** The document of the JSON tab. */
  readonly json: Locator;
  /** The text of the Raw tab. */
  readonly text: Locator;
  readonly alert: Locator;

  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.pane = page.getByRole('complementary', { name: 'Inspector' });
    this.title = this.pane.getByRole('heading', { level: 2 });
    this.json = this.pane.getByRole('textbox', { name: 'JSON document' });
    this.text = this.pane.getByRole('textbox', { name: 'Text as received' });
    this.alert = this.pane.getByRole('alert');
  }

  tab(name: InspectorTab): Locator {
    return this.pane.getByRole('tab', { name, exact: true });
  }

  /** The value of a fact of the overview: `fact('Digest')`. */
  fact(name: string): Locator {
    return this.pane
      .getByRole('term')
      .filter({ hasText: new RegExp(`^${escapePattern(name)}$`) })
      .locator('xpath=following-sibling::dd');
  }

  /** A link of the document by its text. */
  link(text: string | RegExp): Locator {
    return this.json.getByRole('link').filter({ hasText: text }).first();
  }

  /** Opens the drawer in which it stands in a narrow window; nothing where it is there already. */
  async reveal(): Promise<void> {
    await step('reveal the inspector', async () => {
      if (await this.pane.isVisible()) return;
      await this.#page.getByRole('button', { name: 'Show inspector' }).click();
      await expect(this.pane).toBeVisible();
    });
  }

  /** Closes the drawer in which it stands in a narrow window; nothing where it is a column. */
  async conceal(): Promise<void> {
    await step('close the drawer of the inspector', async () => {
      const close = this.#page.getByRole('button', { name: 'Close the inspector' });
      if (await close.isVisible()) await close.click();
    });
  }

  /** What it shows has come; nothing where it is a drawer that is closed. */
  async settles(): Promise<void> {
    await step('wait for the inspector', async () => {
      if (!(await this.pane.isVisible())) return;
      await expect(this.title).toBeVisible();
      await expect(this.pane.locator('[class*="skeleton"]')).toHaveCount(0);
    });
  }

  async show(name: InspectorTab): Promise<void> {
    await step(`show ${name} in the inspector`, async () => {
      await this.tab(name).click();
      await expect(this.tab(name)).toHaveAttribute('aria-selected', 'true');
    });
  }

  /** Shows the overview with every long list unfolded. */
  async showWholeOverview(): Promise<void> {
    await this.show('Overview');
    await step('show all of every list', async () => {
      const more = this.pane.getByRole('button', { name: /^Show (?:the other )?[\d,]+/ });
      await expect(more.first()).toBeVisible();
      while ((await more.count()) > 0) await more.first().click();
    });
  }

  /** Saves the bytes of the node from the Raw tab. */
  async save(): Promise<void> {
    await step('save the bytes', () => this.pane.getByRole('button', { name: 'Save…' }).click());
  }

  /** Follows a link in the document. */
  async follow(link: string | RegExp): Promise<void> {
    await step(`follow ${String(link)}`, () => this.link(link).click());
  }
}
