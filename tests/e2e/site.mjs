// The site under test: built once for each test file into a folder of its own, and served as a host would serve it.
// What stands here knows nothing of the browser.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The themes that the program carries with it. */
export const themes = ['default', 'plain'];

/**
 * The policy under which every page must work. `script-src 'self'` is left out on purpose: nothing that a reader needs
 * may hang on a script.
 */
export const policy = "default-src 'none'; style-src 'self'; img-src 'self'";

/** The folder under which the test server shows the site, since nobody may count on having a host to himself. */
const subPath = '/some/sub/path/';

const types = {
  '.atom': 'application/atom+xml; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
};

/** A built site: its folder, and its files and pages by their path from there. */
export class Site {
  #temporary = mkdtempSync(join(tmpdir(), 'dossier-e2e-'));

  /** The dossier is given by the folder that holds it, absolute or from the repository; without one it is the example. */
  constructor({ theme = 'default', dossier = '.' } = {}) {
    const program = process.env.DOSSIER ?? join(repository, 'target', 'debug', 'dossier');
    this.folder = join(this.#temporary, 'public');
    // A fixed day, so that no mark for an overdue reply turns up in the tests one morning.
    const args = ['build', '--quiet', '--theme', theme, '--date', '2026-01-01', '--out', this.folder];
    args.push('--config', resolve(repository, dossier, 'dossier.yaml'));
    try {
      execFileSync(resolve(program), args, { cwd: repository, stdio: ['ignore', 'ignore', 'inherit'] });
    } catch (error) {
      this.remove();
      throw error;
    }
    /** Where the site stands on disk, as the browser wants it. */
    this.address = pathToFileURL(this.folder + sep).href;
    const files = readdirSync(this.folder, { recursive: true }).map((path) => path.split(sep).join('/')).sort();
    this.files = new Set(files);
    this.pages = files.filter((path) => path.endsWith('.html'));
  }

  remove() {
    rmSync(this.#temporary, { recursive: true, force: true });
  }
}

/**
 * Serves a folder under a sub-path of a free port of this machine, with the strict policy. What is not there is answered
 * with the folder's `404.html`. The result has the address of the folder and a way to stop.
 */
export async function serve(folder) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const name = path.startsWith(subPath) ? path.slice(subPath.length) || 'index.html' : null;
    const answer = (status, type, bytes) => {
      response.writeHead(status, { 'content-type': type, 'content-security-policy': policy });
      response.end(bytes);
    };
    // A browser asks the host for an icon by itself; that is no business of the site's.
    if (path === '/favicon.ico') return answer(204, types['.png'], '');
    const type = types[extname(name ?? '')] ?? 'application/octet-stream';
    const bytes = name && read(folder, name);
    if (bytes) return answer(200, type, bytes);
    const page = name && read(folder, '404.html');
    return page ? answer(404, types['.html'], page) : answer(404, types['.txt'], 'not found');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    address: `http://127.0.0.1:${server.address().port}${subPath}`,
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

function read(folder, name) {
  const file = resolve(folder, name);
  if (!file.startsWith(folder + sep)) return null;
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}
