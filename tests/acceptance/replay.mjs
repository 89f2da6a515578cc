// Replays a WACZ in ReplayWeb.page in a browser, as a reader does: its home page, its pictures and styles, and a page behind a link.
//
//     node tests/acceptance/replay.mjs FILE.wacz ADDRESS
//
// ReplayWeb.page comes from the npm package `replaywebpage`, the browser is driven as in tests/e2e (`npm ci` there first). Both are served
// from 127.0.0.1, and nothing else is to be reached. Exits with 0 when all was shown, 77 when a part cannot be had.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PACKAGE = 'replaywebpage@2.4.6';
const [wacz, address] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'dossier-replay-'));

function leaveOut(why) {
  console.error(`the WACZ was not replayed: ${why}`);
  rmSync(work, { recursive: true });
  process.exit(77);
}

async function browser() {
  const e2e = fileURLToPath(new URL('../e2e/', import.meta.url));
  let playwright;
  try {
    playwright = await import(pathToFileURL(createRequire(join(e2e, 'x.js')).resolve('playwright-core')));
  } catch {
    leaveOut('run `npm ci` in tests/e2e first');
  }
  const executablePath = process.env.CHROMIUM || execFileSync('/bin/sh', ['-c', 'command -v chromium']).toString().trim();
  const args = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update'];
  return playwright.default.chromium.launch({ executablePath, chromiumSandbox: false, args });
}

function player() {
  try {
    execFileSync('npm', ['pack', '--silent', PACKAGE], { cwd: work, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch {
    leaveOut(`the npm package ${PACKAGE} cannot be had`);
  }
  execFileSync('/bin/sh', ['-c', 'tar -xzf replaywebpage-*.tgz'], { cwd: work });
  return join(work, 'package');
}

const types = { '.html': 'text/html', '.js': 'text/javascript', '.wacz': 'application/wacz', '.json': 'application/json' };

/** Serves the player and the WACZ, of which it sends any part that is asked for. */
function serve(folder) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    const file = path === '/edition.wacz' ? wacz : join(folder, path === '/' ? 'index.html' : path);
    if (!existsSync(file) || file.includes('..')) return response.writeHead(404).end();
    const bytes = readFileSync(file);
    const head = { 'Content-Type': types[extname(file)] ?? 'application/octet-stream', 'Accept-Ranges': 'bytes' };
    const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
    if (!range) return response.writeHead(200, { ...head, 'Content-Length': bytes.length }).end(request.method === 'HEAD' ? '' : bytes);
    const from = range[1] === '' ? Math.max(bytes.length - Number(range[2]), 0) : Number(range[1]);
    const to = range[1] === '' || range[2] === '' ? bytes.length - 1 : Math.min(Number(range[2]), bytes.length - 1);
    response.writeHead(206, { ...head, 'Content-Range': `bytes ${from}-${to}/${bytes.length}`, 'Content-Length': to - from + 1 });
    response.end(request.method === 'HEAD' ? '' : bytes.subarray(from, to + 1));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** The frame that shows an address of the archive. */
async function frameOf(page, url) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const frame = page.frames().find((frame) => frame.url().endsWith(`/${url}`));
    if (frame && (await frame.title().catch(() => ''))) return frame;
    if (Date.now() > deadline) throw new Error(`${url} was not replayed; there are ${page.frames().map((frame) => frame.url()).join(' ')}`);
    await page.waitForTimeout(100);
  }
}

function hold(is, what) {
  if (!is) throw new Error(what);
}

const folder = player();
const server = await serve(folder);
const chromium = await browser();
try {
  const page = await chromium.newPage();
  const origin = `http://127.0.0.1:${server.address().port}`;
  await page.goto(`${origin}/?source=${origin}/edition.wacz#view=replay&url=${encodeURIComponent(address)}`);
  const home = await frameOf(page, address);
  const looks = await home.evaluate(() => ({
    title: document.title,
    styled: [...document.styleSheets].every((sheet) => sheet.cssRules.length > 0) && document.styleSheets.length > 0,
    pictures: [...document.images].filter((image) => image.complete && image.naturalWidth === 0).map((image) => image.src),
    links: [...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href')),
  }));
  hold(looks.styled, 'the home page has no style');
  hold(looks.pictures.length === 0, `pictures are missing: ${looks.pictures}`);
  const link = looks.links.find((href) => /^events\/[a-z0-9-]+\.html$/.test(href) && !href.endsWith('index.html')) ?? 'timeline.html';
  await home.evaluate((href) => document.querySelector(`a[href="${href}"]`).click(), link);
  const next = await frameOf(page, address + link);
  const heading = await next.evaluate(() => document.querySelector('h1')?.textContent.trim());
  hold(heading, `${link} has no heading`);
  console.log(`ReplayWeb.page shows “${looks.title}” with its style, and behind a link “${heading}”`);
} finally {
  await chromium.close();
  server.close();
  rmSync(work, { recursive: true });
}
