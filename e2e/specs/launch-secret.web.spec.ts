import { expect, test } from '../support/test.ts';
import { startWebHostProcess } from '../support/start-web.ts';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

// W-c of the reliability bar: where the secret of the launch address goes, and where it does not.

test('the secret opens one tab, leaves the address at once, and is in no history, Referer, log or storage', async ({
  launchBrowser,
  temporaryFolder,
}) => {
  const host = await startWebHostProcess({ dataFolder: temporaryFolder });
  const secret = new URL(host.launchAddress).hash.slice('#t='.length);
  const context = await (await launchBrowser()).newContext();
  try {
    const page = await context.newPage();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(`${request.url()} ${JSON.stringify(request.headers())}`));
    await page.goto(host.launchAddress);
    await expect(page.locator('#root > *').first()).toBeVisible();
    await expect.poll(() => page.url()).not.toContain(secret);

    for (const request of requests.filter((line) => !line.startsWith(host.launchAddress)))
      expect(request).not.toContain(secret);
    await page.goBack().catch(() => undefined);
    expect(page.url()).not.toContain(secret);
    await page.goForward().catch(() => undefined);
    expect(
      await page.evaluate(() =>
        JSON.stringify([
          Object.entries(sessionStorage),
          Object.entries(localStorage),
          document.cookie,
          document.referrer,
        ]),
      ),
    ).not.toContain(secret);
    expect(
      await readFile(path.join(temporaryFolder, 'log', 'tallyman.log'), 'utf8').catch(() => ''),
    ).not.toContain(secret);
    expect(host.output().split(secret)).toHaveLength(2); // the one line that prints it

    // The same tab may reload; another one gets the page and no session, also with the secret.
    await page.reload();
    await expect(page.locator('#root > *').first()).toBeVisible();
    const status = await page.evaluate(
      async (used) =>
        (
          await fetch('/session', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ secret: used }),
          })
        ).status,
      secret,
    );
    expect(status).toBe(401);
  } finally {
    await context.close();
    await host.close();
  }
});

test('the cookie is for the host alone, and no script sees it', async ({ app }) => {
  await expect.poll(() => app.page.evaluate(() => sessionStorage.length)).toBeGreaterThan(0);
  const [cookie, ...others] = await app.page.context().cookies();
  expect(others).toEqual([]);
  expect(cookie).toMatchObject({
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    domain: '127.0.0.1',
    expires: -1,
  });
  expect(cookie!.name).toMatch(/^tallyman_\d+_\w{8}$/);
  expect(await app.page.evaluate(() => document.cookie)).toBe('');
});
