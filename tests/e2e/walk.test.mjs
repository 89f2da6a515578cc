// A reader's way through the dossier by real links, without scripts: from the incident to the words and where they stand.

import { strict as assert } from 'node:assert';

import { open, stage, test } from './browser.mjs';

const on = stage();

const dossier = 'Online abuse of India’s Foreign Secretary, May 2025';
const source = /Article on the online abuse of India’s Foreign Secretary/;

test('from disk, a reader gets from the incident to the words and their source', () => walk(on.site.address));
test('under a sub-path of a host, a reader gets from the incident to the words and their source', () => walk(on.server.address));

async function walk(root) {
  const page = await open(on.browser);
  const main = page.getByRole('main');
  const follow = async (name, path, heading) => {
    await main.getByRole('link', { name, exact: true }).first().click();
    await at(path, heading);
  };
  const at = async (path, heading) => {
    assert.equal(page.url(), new URL(path, root).href);
    assert.equal((await page.getByRole('heading', { level: 1 }).innerText()).trim(), heading);
  };
  const seen = async (where, what) => {
    assert.ok(await where.getByText(what).first().isVisible(), `\`${what}\` is not to be seen on ${page.url()}`);
  };

  await page.goto(new URL('index.html', root).href);
  await at('index.html', dossier);
  await seen(main, 'announced an understanding with Pakistan');

  await follow('Vikram Misri', 'actors/vikram-misri.html', 'Vikram Misri');
  await seen(main, 'Foreign Secretary of India');

  await follow('10 May 2025', 'dates/2025-05-10.html', 'Saturday, 10 May 2025');

  const event = 'Misri announces an understanding between India and Pakistan';
  await follow(event, 'events/understanding-announced.html', event);
  await seen(main, '10 May 2025');
  await seen(main, source);

  const quote = 'Misri on a “bilateral understanding”';
  await follow(quote, 'quotes/misri-bilateral-understanding.html', quote);
  await seen(main.getByRole('blockquote'), 'bilateral understanding');
  await seen(main.getByRole('article'), 'Vikram Misri');
  await seen(main.getByRole('article'), 'Foreign Secretary of India');
  await seen(main.getByRole('article'), '10 May 2025');
  await seen(main.getByRole('article'), source);
  await seen(main.getByRole('article'), 'paragraph 7');

  await main.getByRole('article').getByRole('link', { name: source }).first().click();
  assert.equal(page.url(), new URL('sources/article-2025-05-11.html', root).href);
  await page.getByRole('banner').getByRole('link', { name: dossier }).click();
  await at('index.html', dossier);
}
