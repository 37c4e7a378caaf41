import { expect, test } from '../support/test.ts';

test('the window opens with its title and its three parts', async ({ app }) => {
  await expect(app.page).toHaveTitle(/Tallyman/);
  await expect(app.page.locator('#root')).not.toBeEmpty();
});

test('the window survives a reload', async ({ app }) => {
  await expect(app.page.locator('#root')).not.toBeEmpty();
  await app.page.reload();
  await expect(app.page.locator('#root')).not.toBeEmpty();
});
