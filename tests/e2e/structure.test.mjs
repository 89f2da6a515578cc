// The skeleton of a page, as a screen reader, a keyboard and a search engine meet it.

import { strict as assert } from 'node:assert';

import { Faults, lookAtAll, open, stage, test } from './browser.mjs';
import { themes } from './site.mjs';

for (const theme of themes) {
  const on = stage({ theme });

  test(`${theme}: every page has a language, one title, landmarks and headings in order`, async () => {
    await lookAtAll(on, await open(on.browser), skeleton);
  });

  test(`${theme}: no two pages have the same title`, async () => {
    const page = await open(on.browser);
    const titles = new Map();
    for (const path of on.site.pages) {
      await page.goto(on.site.address + path);
      const title = await page.title();
      titles.set(title, [...(titles.get(title) ?? []), path]);
    }
    assert.deepEqual([...titles].filter(([title, paths]) => !title || paths.length > 1), []);
  });

  test(`${theme}: every link leads to a file and a place that are there`, async () => {
    const page = await open(on.browser);
    const faults = new Faults();
    const anchors = new Map();
    const links = new Map();
    for (const path of on.site.pages) {
      await page.goto(on.site.address + path);
      anchors.set(path, new Set(await page.evaluate(() => [...document.querySelectorAll('[id]')].map(({ id }) => id))));
      links.set(path, await page.evaluate(() => {
        return [...document.querySelectorAll('[href], [src]')].map((one) => one.getAttribute('href') ?? one.getAttribute('src'));
      }));
    }
    for (const [path, addresses] of links) {
      faults.add(path, addresses.filter(Boolean).filter((address) => !leadsSomewhere(on.site, anchors, path, address)));
      if (addresses.includes('')) faults.add(path, ['an empty address']);
    }
    faults.none();
  });

  test(`${theme}: the first stop of the keyboard skips to the text`, async () => {
    const page = await open(on.browser, { width: 390 });
    const faults = new Faults();
    for (const path of on.site.pages) {
      await page.goto(on.site.address + path);
      await page.keyboard.press('Tab');
      const skip = await page.evaluate(seenInFocus);
      if (!skip.seen) faults.add(path, [`the first stop is not seen: ${skip.words}`]);
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      const inText = await page.evaluate(() => document.activeElement.closest('main') !== null);
      if (!inText) faults.add(path, ['the stop after it is not in the text']);
    }
    faults.none();
  });

  test(`${theme}: whatever the keyboard stops at shows that it does`, async () => {
    const page = await open(on.browser);
    const faults = new Faults();
    for (const path of ['index.html', 'actors/vikram-misri.html', 'quotes/rao-vilification.html']) {
      await page.goto(on.site.address + path);
      for (let stop = 0; stop < 60; stop += 1) {
        await page.keyboard.press('Tab');
        const { seen, outlined, words } = await page.evaluate(seenInFocus);
        if (!seen || !outlined) faults.add(path, [words]);
      }
    }
    faults.none();
  });
}

// Links are relative and to files, so that the site works from disk and under any folder.
function leadsSomewhere(site, anchors, path, address) {
  if (/^(https?|mailto):/.test(address)) return true;
  if (/^[a-z]+:|^\//i.test(address)) return false;
  const target = new URL(address, `http://site/${path}`);
  const file = decodeURIComponent(target.pathname.slice(1));
  if (!site.files.has(file) || file.endsWith('/')) return false;
  return !target.hash || !anchors.has(file) || anchors.get(file).has(decodeURIComponent(target.hash.slice(1)));
}

// Runs in the page.
function seenInFocus() {
  const element = document.activeElement;
  const { top, left, bottom, right, width, height } = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  return {
    words: `${element.tagName.toLowerCase()} ${element.textContent.trim().slice(0, 40)}`,
    seen: width > 8 && height > 8 && top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth,
    outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1,
  };
}

// Runs in the page.
function skeleton() {
  const faults = [];
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const named = (element) => {
    const by = element.getAttribute('aria-labelledby');
    const label = by ? by.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? '').join(' ') : element.getAttribute('aria-label');
    return Boolean(label?.trim());
  };
  const one = (what, selector) => {
    const found = all(selector).length;
    if (found !== 1) faults.push(`${found} ${what}, not one`);
  };

  try {
    Intl.getCanonicalLocales(document.documentElement.lang || 'no language');
  } catch {
    faults.push(`the language of the page is \`${document.documentElement.lang}\``);
  }
  if (!['ltr', 'rtl'].includes(document.documentElement.dir)) faults.push('the page does not say which way it is written');
  for (const element of all('[lang=""], [lang="und"]')) faults.push(`a part without a language: ${element.outerHTML.slice(0, 60)}`);

  one('first-level headings', 'h1');
  one('main parts', 'main');
  one('mastheads', 'body > header');
  one('feet', 'body > footer');
  one('main navigations', 'body > header nav');
  one('descriptions of the viewport', 'meta[name=viewport][content*="width=device-width"]');
  if (/user-scalable\s*=\s*no|maximum-scale/.test(document.querySelector('meta[name=viewport]')?.content)) faults.push('the page cannot be enlarged');
  for (const nav of all('nav')) if (!named(nav)) faults.push(`a navigation without a name: ${nav.textContent.trim().slice(0, 40)}`);
  const labels = all('nav').map((nav) => nav.getAttribute('aria-label')).filter(Boolean);
  for (const label of new Set(labels)) if (labels.filter((other) => other === label).length > 1) faults.push(`two navigations are named \`${label}\``);
  if (all('[aria-current]', document.querySelector('body > header')).length > 1) faults.push('more than one current place in the masthead');

  let level = 0;
  for (const heading of all('h1, h2, h3, h4, h5, h6')) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) faults.push(`h${next} after h${level}: ${heading.textContent.trim().slice(0, 60)}`);
    if (!heading.textContent.trim()) faults.push(`an empty h${next}`);
    level = next;
  }

  const ids = all('[id]').map(({ id }) => id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) faults.push(`the id \`${id}\` is there twice`);
  for (const image of all('img:not([alt])')) faults.push(`a picture without words for it: ${image.outerHTML.slice(0, 80)}`);
  for (const image of all('svg')) {
    const titled = named(image) || image.querySelector(':scope > title')?.textContent.trim();
    if (image.closest('[aria-hidden="true"]') === null && !(image.getAttribute('role') === 'img' && titled)) {
      faults.push(`a drawing without a name: ${image.outerHTML.slice(0, 80)}`);
    }
  }
  for (const link of all('a[href]')) {
    if (!link.textContent.trim() && !named(link) && !link.querySelector('img[alt]:not([alt=""])')) faults.push(`a link without words: ${link.outerHTML.slice(0, 80)}`);
  }
  for (const table of all('table')) if (!table.querySelector('th')) faults.push(`a table without heads: ${table.textContent.trim().slice(0, 40)}`);
  for (const inline of all('[style], style, script:not([src]):not([type="application/ld+json"])')) faults.push(`style or script in the page: ${inline.outerHTML.slice(0, 60)}`);
  return faults;
}
