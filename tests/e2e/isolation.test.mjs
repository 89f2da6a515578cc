// A page asks nobody else for anything, breaks no rule of a strict policy, and leaves nothing in the console.

import { strict as assert } from 'node:assert';
import { describe } from 'node:test';

import { Faults, inEachTheme, open, stage, test, visit } from './browser.mjs';

inEachTheme((on) => {
  test('under a strict policy no page complains, fails to load anything or asks another host', async () => {
    const page = await open(on.browser, { scripts: true });
    const heard = await listen(page, on.server.address);
    const faults = new Faults();
    for (const path of on.site.pages) {
      const response = await visit(page, on.server.address + path);
      faults.add(path, [...heard.splice(0), ...(await page.evaluate(() => window.violations))]);
      assert.equal(response.status(), 200, path);
    }
    faults.none();
  });

  test('from disk no page complains, fails to load anything or asks a host', async () => {
    const page = await open(on.browser, { scripts: true });
    const heard = await listen(page, on.site.address);
    const faults = new Faults();
    for (const path of on.site.pages) {
      await visit(page, on.site.address + path);
      faults.add(path, heard.splice(0));
    }
    faults.none();
  });
});

describe('the watch', () => {
  const on = stage();

  test('a page that breaks the policy, misses a file and asks another host is caught', async () => {
    const page = await open(on.browser, { scripts: true });
    const heard = await listen(page, on.server.address);
    await page.goto(`${on.server.address}index.html`);
    await page.evaluate(async () => {
      document.body.append(Object.assign(new Image(), { src: 'http://localhost:9/picture.png' }));
      document.body.insertAdjacentHTML('beforeend', '<p style="color: red">red</p>');
      const missing = Object.assign(new Image(), { src: 'missing.png' });
      await new Promise((done) => {
        missing.onerror = done;
        document.body.append(missing);
      });
    });
    const violations = await page.evaluate(() => window.violations);
    assert.ok(violations.some((one) => one.startsWith('img-src')), violations.join('\n'));
    assert.ok(violations.some((one) => one.startsWith('style-src')), violations.join('\n'));
    assert.ok(heard.some((one) => one.startsWith('404')), heard.join('\n'));
    assert.ok(heard.some((one) => one.startsWith('console')), heard.join('\n'));
  });
});

// What the page says and asks for, as a list of faults that grows; breaches of the policy are in the page's own list.
async function listen(page, home) {
  const heard = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) heard.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => heard.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => heard.push(`failed: ${request.url()}: ${request.failure()?.errorText}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(home)) heard.push(`asked for ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) heard.push(`${response.status()} ${response.url()}`);
  });
  await page.addInitScript(() => {
    window.violations = [];
    addEventListener('securitypolicyviolation', (event) => {
      window.violations.push(`${event.effectiveDirective} forbids ${event.blockedURI} ${event.sample}`);
    });
  });
  return heard;
}
