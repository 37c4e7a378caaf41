import type { Locator, Page } from '@playwright/test';
import { step } from './step.ts';

/** The sources at the left: local store, layouts, registries with their repositories. */
export class SourcesSidebar {
  readonly tree: Locator;

  constructor(page: Page) {
    this.tree = page.getByRole('tree', { name: 'Sources' });
  }

  line(name: string | RegExp): Locator {
    return this.tree.getByRole('treeitem', { name });
  }

  async open(name: string | RegExp): Promise<void> {
    await step(`open “${String(name)}” in the sidebar`, () => this.line(name).click());
  }
}
