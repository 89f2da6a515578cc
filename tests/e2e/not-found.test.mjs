// The page that a host shows for an address that leads nowhere.

import { strict as assert } from 'node:assert';

import { open, stage, test } from './browser.mjs';

const on = stage();

test('a missing page is answered under a sub-path with the 404 page, in its style, with a way back', async () => {
  const page = await open(on.browser);
  const look = () => page.evaluate(() => {
    const { fontFamily, backgroundColor } = getComputedStyle(document.documentElement);
    return { fontFamily, backgroundColor, sheets: document.styleSheets.length };
  });
  await page.goto(`${on.server.address}index.html`);
  const home = await look();

  const response = await page.goto(`${on.server.address}no-such-page.html`);
  assert.equal(response.status(), 404);
  assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), 'There is no such page');
  assert.deepEqual(await look(), home);
  assert.ok(home.sheets > 0 && home.fontFamily.includes('serif'), JSON.stringify(home));
  assert.equal(await page.locator('meta[name=robots]').getAttribute('content'), 'noindex');

  await page.getByRole('main').getByRole('link', { name: 'Overview' }).last().click();
  assert.equal(page.url(), `${on.server.address}index.html`);
});
