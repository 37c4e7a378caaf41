import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { OpenBar } from './open-bar.ts';
import { step } from './step.ts';

/** What is in a registry: its repositories. */
export class RegistryPage {
  readonly view: Locator;
  readonly list: Locator;
  readonly alert: Locator;
  readonly signInDialog: Locator;

  constructor(page: Page) {
    this.signInDialog = page.getByRole('dialog', { name: /^Sign in to/ });
    this.view = page.getByRole('region', { name: /^Registry / });
    this.list = this.view.getByRole('grid', { name: 'Repositories' });
    this.alert = this.view.getByRole('alert');
  }

  repository(name: string): Locator {
    return this.list.getByRole('row', { name });
  }

  async openRepository(name: string): Promise<void> {
    await step(`open the repository ${name}`, () => this.repository(name).click());
  }

  /** Opens the dialog by the button below what was denied. */
  async beginSignIn(): Promise<void> {
    await step('begin to sign in', async () => {
      await this.alert.getByRole('button', { name: 'Sign in…' }).click();
      await expect(this.signInDialog).toBeVisible();
    });
  }

  /** The way in that a registry without a catalog offers. */
  async typeRepository(place: string): Promise<void> {
    await step(`type the repository ${place}`, async () => {
      await this.view.getByRole('button', { name: 'Type a repository…' }).click();
      const bar = new OpenBar(this.view.page());
      await bar.field.fill(place);
      await bar.field.press('Enter');
      await expect(bar.dialog).toBeHidden();
    });
  }

  async signIn(username: string, password: string): Promise<void> {
    await step(`sign in as ${username}`, async () => {
      const dialog = this.signInDialog;
      await dialog.getByRole('textbox', { name: 'User name' }).fill(username);
      await dialog.getByLabel('Password or token').fill(password);
      await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    });
  }
}
