import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { scrollThrough } from './scroll-through.ts';
import { step } from './step.ts';

/** What one row says. */
export interface RowText {
  readonly kind: string;
  readonly tags: readonly string[];
  readonly digest: string;
  readonly what: string;
  readonly size: string;
  readonly created: string;
  /** "SBOM · SPDX: 1" */
  readonly attached: readonly string[];
}

/** A repository, or a layout: rows are digests with their tags. */
export class RepositoryPage {
  readonly view: Locator;
  readonly table: Locator;
  readonly filter: Locator;
  /** How many there are, and how far they are known. */
  readonly foot: Locator;
  /** The switch that shows what is folded into other rows. */
  readonly companions: Locator;
  readonly alert: Locator;

  constructor(page: Page) {
    this.view = page.getByRole('region', { name: /^Repository / });
    this.table = this.view.getByRole('grid', { name: /^Tags of / });
    this.filter = this.view.getByRole('searchbox', { name: /^Filter/ });
    this.foot = this.view.getByRole('status').last();
    this.companions = this.view.getByRole('button', { name: /^Show companions/ });
    this.alert = this.view.getByRole('alert');
  }

  /** Every row in the page but the head. */
  get rows(): Locator {
    return this.table.getByRole('row').filter({ hasNot: this.table.page().getByRole('columnheader') });
  }

  /** The row with this tag. */
  row(tag: string): Locator {
    return this.rows.filter({ has: this.chip(tag) });
  }

  chip(tag: string): Locator {
    return this.table.page().getByRole('button', { name: tag, exact: true });
  }

  /** Every row in the page as it reads, from top to bottom. */
  async texts(): Promise<readonly RowText[]> {
    return this.rows.evaluateAll((rows) =>
      rows
        .sort((a, b) => Number(a.ariaRowIndex) - Number(b.ariaRowIndex))
        .map((row) => {
          const cells = [...row.querySelectorAll('[role="gridcell"]')];
          const titles = (cell: Element | undefined): string[] =>
            [...(cell?.querySelectorAll('[title]') ?? [])].map((part) => part.getAttribute('title') ?? '');
          const [sign, tags, digest, what, size, created, attached] = cells;
          return {
            kind: sign?.getAttribute('aria-label') ?? '',
            tags: titles(tags),
            digest: digest?.textContent ?? '',
            what: what?.textContent ?? '',
            size: size?.textContent ?? '',
            created: created?.textContent ?? '',
            attached: titles(attached),
          };
        }),
    );
  }

  async filterBy(text: string): Promise<void> {
    await step(`filter by “${text}”`, () => this.filter.fill(text));
  }

  async sortBy(order: 'Version' | 'Date' | 'Name'): Promise<void> {
    await step(`sort by ${order.toLowerCase()}`, () =>
      this.view.getByRole('radiogroup', { name: 'Sort by' }).getByRole('radio', { name: order }).click(),
    );
  }

  /** What an empty local store offers. */
  async createSampleGraph(): Promise<void> {
    await step('create the sample graph', () =>
      this.view.getByRole('button', { name: 'Create the sample graph' }).click(),
    );
  }

  async toggleCompanions(): Promise<void> {
    await step('show or fold companions', () => this.companions.click());
  }

  /** Brings every row on screen once. */
  async scrollThrough(): Promise<void> {
    await step('scroll through all rows', () => scrollThrough(this.table));
  }

  async select(tag: string): Promise<void> {
    await step(`select ${tag}`, async () => {
      await this.row(tag).getByRole('gridcell').nth(3).click();
      await expect(this.row(tag)).toHaveAttribute('aria-selected', 'true');
    });
  }

  async open(tag: string): Promise<void> {
    await step(`open ${tag}`, () => this.chip(tag).click());
  }
}
