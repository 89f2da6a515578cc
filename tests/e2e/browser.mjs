// Chromium, and the frame that all browser tests share: a test fails with every fault of every page, not with the first.

import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test as nodeTest } from 'node:test';

import { serve, Site, themes } from './site.mjs';

// Without these, the browser looks for its maker's hosts at every start.
const quiet = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

// Why the browser tests cannot run here, said by `tests/run`; they are then counted as skipped, each by its name.
const leftOut = process.env.E2E_LEFT_OUT || false;

/** `node:test`'s `test`, skipped when there is no browser to be had. */
export function test(name, body) {
  nodeTest(name, { skip: leftOut }, body);
}

/** The tests of a site in each theme that the program carries with it: each must hold what is asked. */
export function inEachTheme(tests, dossier) {
  for (const theme of themes) describe(`theme ${theme}`, () => tests(stage({ theme, dossier })));
}

/**
 * Builds a site, starts a browser and a server before the tests of a suite, and ends them after. The value that it
 * returns is filled when the tests run.
 */
export function stage(built) {
  const on = {};
  before(async () => {
    if (leftOut) return;
    on.site = new Site(built);
    on.server = await serve(on.site.folder);
    on.browser = await launch();
  });
  after(async () => {
    await on.browser?.close();
    await on.server?.close();
    on.site?.remove();
  });
  return on;
}

/** Chromium, from `CHROMIUM` or from the path. Loaded late, so that the tests can be listed where it is missing. */
export async function launch() {
  const { chromium } = await import('playwright-core');
  const onPath = () => execFileSync('/bin/sh', ['-c', 'command -v chromium']).toString().trim();
  const executablePath = process.env.CHROMIUM || onPath();
  // Chromium has no sandbox for the superuser or in most containers, and the pages are our own.
  return chromium.launch({ executablePath, chromiumSandbox: false, args: quiet });
}

/**
 * A page in a context of its own. Scripts are off unless asked for: what the site promises, it promises without them.
 */
export async function open(browser, { width = 1280, height = 800, scripts = false, scheme = 'light', ...more } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    javaScriptEnabled: scripts,
    colorScheme: scheme,
    reducedMotion: 'reduce',
    ...more,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  return page;
}

/** Goes to a page and opens its folds, so that what they hide is looked at too. */
export async function visit(page, address) {
  const response = await page.goto(address);
  await page.evaluate(() => document.querySelectorAll('details').forEach((fold) => { fold.open = true; }));
  return response;
}

/** Looks at every page of the site on disk with a function that runs in the page and lists what is wrong with it. */
export async function lookAtAll(on, page, look, argument) {
  const faults = new Faults();
  for (const path of on.site.pages) {
    await visit(page, on.site.address + path);
    faults.add(path, await page.evaluate(look, argument));
  }
  faults.none();
}

/** What is wrong, and where. The same fault on sixty pages is one, with the page on which it was seen first. */
export class Faults {
  #seen = new Map();

  add(path, faults) {
    for (const fault of faults) this.#seen.set(fault, [...(this.#seen.get(fault) ?? []), path]);
  }

  /** Fails with the whole list, one a line, so that one run shows all there is to mend. */
  none() {
    const lines = [...this.#seen].map(([fault, [first, ...more]]) => {
      return more.length ? `${first} and ${more.length} more: ${fault}` : `${first}: ${fault}`;
    });
    if (lines.length > 0) assert.fail([`${lines.length} faults`, ...lines].join('\n  '));
  }
}
