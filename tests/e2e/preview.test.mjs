// The preview in a browser: somebody edits files and does not touch the page.

import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';

import { launch, open, test } from './browser.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const axe = () => readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A preview of a copy of the example, which may be edited. */
class Preview {
  constructor(...args) {
    this.folder = mkdtempSync(join(tmpdir(), 'dossier-preview-'));
    cpSync(join(repository, 'content'), join(this.folder, 'content'), { recursive: true });
    cpSync(join(repository, 'dossier.yaml'), join(this.folder, 'dossier.yaml'));
    const program = process.env.DOSSIER ?? join(repository, 'target', 'debug', 'dossier');
    this.start = (port) => {
      const all = ['serve', '--port', String(port), '--date', '2026-01-01', ...args];
      this.process = spawn(resolve(program), all, { cwd: this.folder, stdio: ['ignore', 'pipe', 'ignore'] });
      return new Promise((done) => createInterface(this.process.stdout).once('line', (line) => {
        this.address = line.trim();
        done();
      }));
    };
  }

  async stop() {
    const ended = new Promise((done) => this.process.once('exit', done));
    this.process.kill('SIGTERM');
    return ended;
  }

  read(path) {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  write(path, text) {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    // As editors save: beside the file, then into its place.
    writeFileSync(`${file}.swp~`, text);
    renameSync(`${file}.swp~`, file);
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const person = 'content/actors/vikram-misri.md';
const page = 'actors/vikram-misri.html';

describe('the internal view', () => {
  const on = {};
  before(async () => {
    if (process.env.E2E_LEFT_OUT) return;
    on.browser = await launch();
    on.preview = new Preview('--base-path', '/some/sub/');
    await on.preview.start(0);
  });
  after(async () => {
    await on.browser?.close();
    if (on.preview) assert.equal(await on.preview.stop(), 0);
    on.preview?.remove();
  });

  async function visit(path = page, options = {}) {
    const tab = await open(on.browser, { scripts: true, ...options });
    const faults = [];
    tab.on('pageerror', (error) => faults.push(String(error)));
    await tab.goto(on.preview.address + path);
    await tab.waitForLoadState('load');
    // Set on the document, so it is gone as soon as the page is loaded again.
    await tab.evaluate(() => { window.untouched = true; });
    return { tab, faults };
  }

  const untouched = (tab) => tab.evaluate(() => window.untouched === true);

  test('a text that is edited appears, with the place and the folds as they were', async () => {
    const { tab, faults } = await visit();
    await tab.locator('details:not(._dossier-panel)').first().evaluate((fold) => { fold.open = true; });
    await tab.evaluate(() => scrollTo(0, 300));
    const was = await tab.evaluate(() => scrollY);
    appendFileSync(join(on.preview.folder, person), '\nWritten while somebody reads.\n');
    await tab.getByText('Written while somebody reads.').waitFor();
    assert.equal(await untouched(tab), false);
    await tab.waitForFunction((top) => Math.abs(scrollY - top) < 2, was);
    assert.equal(await tab.locator('details:not(._dossier-panel)').first().evaluate((fold) => fold.open), true);
    assert.deepEqual(faults, []);
  });

  test('a page that an edit does not touch stays as it is', async () => {
    const other = await visit('places/india.html');
    const { tab } = await visit();
    appendFileSync(join(on.preview.folder, person), '\nAnother sentence.\n');
    await tab.getByText('Another sentence.').waitFor();
    assert.equal(await untouched(other.tab), true);
  });

  test('a style sheet is exchanged without loading the page again', async () => {
    const { tab, faults } = await visit();
    const color = () => tab.evaluate(() => getComputedStyle(document.querySelector('main h1')).color);
    const was = await color();
    on.preview.write('static/style.css', 'h1 { color: rgb(1, 2, 3) }');
    await tab.waitForFunction(() => getComputedStyle(document.querySelector('main h1')).color === 'rgb(1, 2, 3)');
    assert.equal(await untouched(tab), true);
    rmSync(join(on.preview.folder, 'static'), { recursive: true });
    await tab.waitForFunction((color) => getComputedStyle(document.querySelector('main h1')).color === color, was);
    assert.equal(await untouched(tab), true);
    assert.deepEqual(faults, []);
  });

  test('mistakes lie over the last good page until they are mended', async () => {
    const { tab, faults } = await visit();
    const overlay = tab.locator('._dossier-overlay');
    assert.equal(await overlay.count(), 0);
    const good = on.preview.read(person);
    on.preview.write(person, good.replace('---\n', '---\ncolour: <b>red</b>\n'));
    await overlay.waitFor({ state: 'visible' });
    for (const words of ['The dossier has 1 error', 'unknown key `colour`', `${person}:2:1`, 'colour: <b>red</b>', 'hint:']) {
      assert.ok((await overlay.innerText()).includes(words), `\`${words}\` is not in ${await overlay.innerText()}`);
    }
    const link = await overlay.getByRole('link', { name: `${person}:2:1` }).getAttribute('href');
    assert.match(link, /^editor:\/\/open\?file=\/.*vikram-misri\.md&line=2&column=1$/);
    assert.equal(await untouched(tab), true);
    assert.ok(await tab.locator('main h1').isVisible());
    await tab.keyboard.press('Escape');
    await overlay.waitFor({ state: 'hidden' });
    on.preview.write(person, good.replace('---\n', '---\nflavour: sweet\n'));
    await overlay.waitFor({ state: 'visible' });
    on.preview.write(person, good);
    await overlay.waitFor({ state: 'detached' });
    assert.equal(await untouched(tab), true);
    assert.deepEqual(faults, []);
  });

  test('a page that was away catches up, also with a preview that was started anew', async () => {
    const { tab } = await visit();
    const { port } = new URL(on.preview.address);
    assert.equal(await on.preview.stop(), 0);
    appendFileSync(join(on.preview.folder, person), '\nWritten while the preview was away.\n');
    await on.preview.start(port);
    await tab.getByText('Written while the preview was away.').waitFor();
  });

  test('a record that is deleted and one that comes show at once', async () => {
    const { tab } = await visit('pages-that-comes.html');
    assert.ok(await tab.getByText('There is no such page').first().isVisible());
    on.preview.write('content/pages/pages-that-comes.md', '---\ntitle: It came\n---\nHere it is.\n');
    await tab.getByText('Here it is.').waitFor();
    rmSync(join(on.preview.folder, 'content/pages/pages-that-comes.md'));
    await tab.getByText('There is no such page').first().waitFor();
  });

  test('a draft is marked wherever it stands, under an unmistakable banner', async () => {
    on.preview.write('content/pages/soon.md', '---\ntitle: Soon\ndraft: true\n---\nNot yet.\n');
    const { tab } = await visit('soon.html', { scripts: false });
    assert.equal((await tab.locator('main h1').innerText()).trim(), '[draft] Soon');
    const banner = tab.locator('._dossier-banner');
    assert.ok(await banner.isVisible());
    assert.match(await banner.innerText(), /Internal view/);
    await tab.emulateMedia({ media: 'print' });
    assert.ok(await banner.isVisible());
    await tab.emulateMedia({ media: 'screen' });
    await tab.locator('._dossier-panel summary').click();
    const panel = await tab.locator('._dossier-panel').innerText();
    for (const words of ['content/pages/soon.md', 'this whole page: draft', 'At level public', 'Rendered in']) {
      assert.ok(panel.includes(words), `\`${words}\` is not in ${panel}`);
    }
  });

  for (const width of [320, 390, 1280]) {
    for (const scheme of ['light', 'dark']) {
      test(`what the preview adds is accessible and fits, ${width} px, ${scheme}`, async () => {
        const good = on.preview.read(person);
        on.preview.write(person, good.replace('---\n', '---\ncolour: red\n'));
        try {
          const { tab } = await visit(page, { width, scheme });
          await tab.locator('._dossier-overlay').waitFor();
          await tab.locator('._dossier-panel').evaluate((panel) => { panel.open = true; });
          assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
          await tab.evaluate(axe());
          const { violations } = await tab.evaluate(() => window.axe.run('#_dossier', { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }));
          assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(', ')}`), []);
        } finally {
          on.preview.write(person, good);
        }
      });
    }
  }
});

describe('the public view', () => {
  test('has no banner, works under a strict policy, and reads without scripts', async () => {
    const browser = await launch();
    const preview = new Preview('--as', 'public');
    preview.write('static/_headers', "/*\n  Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'\n");
    await preview.start(0);
    try {
      for (const scripts of [true, false]) {
        const tab = await open(browser, { scripts });
        const faults = [];
        // A browser asks for an icon by itself; that is no business of the site's.
        const isIcon = (message) => message.location().url.endsWith('/favicon.ico');
        tab.on('console', (message) => message.type() === 'error' && !isIcon(message) && faults.push(message.text()));
        const response = await tab.goto(preview.address + page);
        assert.match(response.headers()['content-security-policy'], /default-src 'none'/);
        assert.equal(await tab.locator('._dossier-banner').count(), 0);
        assert.ok(await tab.locator('._dossier-panel').isVisible());
        if (scripts) {
          appendFileSync(join(preview.folder, person), '\nUnder a strict policy.\n');
          await tab.getByText('Under a strict policy.').waitFor();
        }
        assert.deepEqual(faults, []);
      }
    } finally {
      await browser.close();
      assert.equal(await preview.stop(), 0);
      preview.remove();
    }
  });
});
