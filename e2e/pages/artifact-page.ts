import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { escapePattern } from './escape-pattern.ts';
import { scrollThrough } from './scroll-through.ts';
import { step } from './step.ts';

/** One row of the tree as it reads. */
export interface TreeLine {
  readonly level: number;
  readonly what: string;
  readonly foundBy: string;
  readonly digest: string;
  readonly state: string;
}

const CARD = /, [0-9a-f]{8}, /;

/** The forms in which a graph can be saved. */
export type ExportForm = 'JSON' | 'SVG' | 'PNG';

/** What is around one tag or digest, as a graph or as a tree of the same nodes. */
export class ArtifactPage {
  readonly view: Locator;
  readonly graph: Locator;
  readonly tree: Locator;
  /** Every card in sight. */
  readonly cards: Locator;
  /** What stands in place of graph and tree when nothing can be shown. */
  readonly alert: Locator;
  /** "6 nodes", sources, size, problems. */
  readonly summary: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.view = page.getByRole('region', { name: /^Artifact / });
    this.graph = this.view.getByRole('application', { name: /^Graph of / });
    this.cards = this.graph.getByRole('button', { name: CARD });
    this.tree = this.view.getByRole('treegrid', { name: /^Tree of / });
    this.alert = this.view.getByRole('alert');
    this.summary = this.view.getByRole('banner').or(this.view.locator('header')).getByRole('status');
  }

  /** The card whose words fit: "SBOM · SPDX", or a pattern over all that a screen reader hears. */
  card(words: string | RegExp): Locator {
    return this.graph.getByRole('button', {
      name: typeof words === 'string' ? new RegExp(`^${escapePattern(words)}, `) : words,
    });
  }

  row(words: string | RegExp): Locator {
    return this.tree.getByRole('row').filter({ hasText: words });
  }

  /** The walk has ended. */
  async isComplete(): Promise<void> {
    await step('wait for the whole graph', async () => {
      await expect(this.summary).toContainText(/\d+ nodes?/);
      await expect(this.summary).not.toContainText(/to look at|looking/);
    });
  }

  /** What a screen reader hears of every card, sorted. */
  async cardWords(): Promise<readonly string[]> {
    const names = await this.cards.evaluateAll((cards) =>
      cards.map((card) => card.getAttribute('aria-label') ?? ''),
    );
    return names.sort();
  }

  /** Rows of the tree from top to bottom. */
  async lines(): Promise<readonly TreeLine[]> {
    return this.tree.getByRole('row').evaluateAll((rows) =>
      rows
        .filter((row) => row.hasAttribute('aria-level'))
        .sort((a, b) => Number(a.ariaRowIndex) - Number(b.ariaRowIndex))
        .map((row) => {
          const [what, foundBy, digest, , state] = [...row.querySelectorAll('[role="gridcell"]')].map(
            (cell) => cell.textContent.trim(),
          );
          return {
            level: Number(row.getAttribute('aria-level')),
            what: what ?? '',
            foundBy: foundBy ?? '',
            digest: digest ?? '',
            state: state ?? '',
          };
        }),
    );
  }

  async selectCard(words: string | RegExp): Promise<void> {
    await step(`select the card “${String(words)}”`, async () => {
      await this.card(words).click();
      await expect(this.card(words)).toHaveAttribute('aria-current', 'true');
    });
  }

  async selectRow(words: string | RegExp): Promise<void> {
    await step(`select the row “${String(words)}”`, async () => {
      await this.row(words).click();
      await expect(this.row(words)).toHaveAttribute('aria-selected', 'true');
    });
  }

  async showAs(mode: 'Graph' | 'Tree'): Promise<void> {
    await step(`show as ${mode.toLowerCase()}`, async () => {
      await this.view.getByRole('radiogroup', { name: 'Show as' }).getByRole('radio', { name: mode }).click();
      await expect(mode === 'Graph' ? this.graph : this.tree).toBeVisible();
    });
  }

  /** Gives configs and layers rows of their own; nothing where there are none. */
  async unfoldContent(): Promise<void> {
    await step('unfold configs and layers', async () => {
      const button = this.view.getByRole('button', { name: 'Content' });
      if ((await button.count()) > 0) await button.click();
    });
  }

  /** Brings the whole picture into sight. */
  async showAll(): Promise<void> {
    await step('show the whole graph', () => this.graph.getByRole('button', { name: 'Show all' }).click());
  }

  /** Brings every row of the tree on screen once. */
  async scrollThrough(): Promise<void> {
    await step('scroll through the tree', () => scrollThrough(this.tree));
  }

  async chooseExport(form: ExportForm): Promise<void> {
    await step(`save the graph as ${form}`, async () => {
      await this.view.getByRole('button', { name: 'Save the graph as…' }).click();
      await this.#page.getByRole('menuitem', { name: new RegExp(`^${form}`) }).click();
    });
  }
}
