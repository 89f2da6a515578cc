// Chromium, and the frame that all browser tests share: a test fails with every fault of every page, not with the first.

import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { after, before, test as nodeTest } from 'node:test';

import { serve, Site } from './site.mjs';

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

/**
 * Builds the example, starts a browser and a server before the tests of a file, and ends them after. The value that it
 * returns is filled when the tests run.
 */
export function stage({ theme } = {}) {
  const on = {};
  before(async () => {
    if (leftOut) return;
    on.site = new Site(theme);
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
async function launch() {
  const { chromium } = await import('playwright-core');
  const executablePath = process.env.CHROMIUM || execFileSync('/bin/sh', ['-c', 'command -v chromium']).toString().trim();
  // The superuser gets no sandbox from Chromium; anybody else keeps it.
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid() !== 0, args: quiet });
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
  page.setDefaultTimeout(10_000);
  return page;
}

/** Fails with the whole list of faults, one a line, so that one run shows all there is to mend. */
export function none(faults) {
  assert.equal(faults.length, 0, `${faults.length} faults:\n  ${faults.join('\n  ')}`);
}
