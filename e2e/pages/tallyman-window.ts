import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { ArtifactPage } from './artifact-page.ts';
import { Inspector } from './inspector.ts';
import { Keyboard } from './keyboard.ts';
import { OpenBar } from './open-bar.ts';
import { RegistryPage } from './registry-page.ts';
import { RepositoryPage } from './repository-page.ts';
import { SourcesSidebar } from './sources-sidebar.ts';
import { StartPage } from './start-page.ts';
import { step } from './step.ts';

/** The whole window, by its parts. */
export class TallymanWindow {
  readonly page: Page;
  readonly keyboard: Keyboard;
  readonly openBar: OpenBar;
  readonly sources: SourcesSidebar;
  readonly start: StartPage;
  readonly registry: RegistryPage;
  readonly repository: RepositoryPage;
  readonly artifact: ArtifactPage;
  readonly inspector: Inspector;
  /** Quiet words at the edge: warnings of registries, what was copied. */
  readonly notices: Locator;
  /** The equal command line at the foot. */
  readonly command: Locator;

  constructor(page: Page) {
    this.page = page;
    this.keyboard = new Keyboard(page);
    this.openBar = new OpenBar(page);
    this.sources = new SourcesSidebar(page);
    this.start = new StartPage(page);
    this.registry = new RegistryPage(page);
    this.repository = new RepositoryPage(page);
    this.artifact = new ArtifactPage(page);
    this.inspector = new Inspector(page);
    this.notices = page.getByRole('status', { name: 'Notices' });
    this.command = page.getByRole('contentinfo').getByRole('code');
  }

  async open(place: string): Promise<void> {
    await this.openBar.open(place);
  }

  async goBack(): Promise<void> {
    await step('go back', () => this.page.getByRole('button', { name: 'Back', exact: true }).click());
  }

  async goForward(): Promise<void> {
    await step('go forward', () => this.page.getByRole('button', { name: 'Forward', exact: true }).click());
  }

  /** What a person does who follows an address of the window: `#/repository/local`. */
  async openAddress(hash: string): Promise<void> {
    await step(`open the address ${hash}`, () =>
      this.page.evaluate((next) => {
        location.hash = next;
      }, hash),
    );
  }

  async reload(): Promise<void> {
    await step('reload the page', () => this.page.reload());
  }

  async choose(theme: 'Light' | 'Dark'): Promise<void> {
    await step(`choose the ${theme.toLowerCase()} theme`, async () => {
      await this.page.getByRole('button', { name: 'Theme' }).click();
      await this.page.getByRole('menuitemcheckbox', { name: theme }).click();
      await expect(this.page.getByRole('menu')).toBeHidden();
    });
  }
}
