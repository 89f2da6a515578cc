// The skeleton of a page, as a screen reader, a keyboard and a search engine meet it.

import { Faults, inEachTheme, lookAtAll, open, test } from './browser.mjs';

inEachTheme((on) => {
  test('every page has a language, one title, landmarks and headings in order', async () => {
    await lookAtAll(on, await open(on.browser), skeleton);
  });

  test('no two pages have the same title', async () => {
    const faults = new Faults();
    const first = new Map();
    for (const [path, { title }] of await facts(on)) {
      if (!title) faults.add(path, ['no title']);
      if (first.has(title)) faults.add(path, [`the title of ${first.get(title)}, \`${title}\``]);
      first.set(title, first.get(title) ?? path);
    }
    faults.none();
  });

  test('every link leads to a file and a place that are there', async () => {
    const faults = new Faults();
    const pages = await facts(on);
    for (const [path, { addresses }] of pages) {
      faults.add(path, addresses.filter((address) => !leadsSomewhere(on.site, pages, path, address)).map((one) => `\`${one}\``));
    }
    faults.none();
  });

  test('the first stop of the keyboard skips to the text', async () => {
    const page = await open(on.browser, { width: 390 });
    const faults = new Faults();
    for (const path of on.site.pages) {
      await page.goto(on.site.address + path);
      await page.keyboard.press('Tab');
      const skip = await page.evaluate(seenInFocus);
      if (!skip.seen) faults.add(path, [`the first stop is not seen: ${skip.words}`]);
      if (!skip.href?.startsWith('#')) {
        faults.add(path, [`the first stop is no link within the page: ${skip.words}`]);
        continue;
      }
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      const inText = await page.evaluate(() => document.activeElement.closest('main') !== null);
      if (!inText) faults.add(path, ['the stop after it is not in the text']);
    }
    faults.none();
  });

  test('whatever the keyboard stops at shows that it does', async () => {
    const page = await open(on.browser);
    const faults = new Faults();
    for (const path of ['index.html', 'actors/vikram-misri.html', 'quotes/rao-vilification.html']) {
      await page.goto(on.site.address + path);
      for (let stop = 0; stop < 60; stop += 1) {
        await page.keyboard.press('Tab');
        const { end, seen, outlined, words } = await page.evaluate(seenInFocus);
        if (end) break;
        if (!seen || !outlined) faults.add(path, [words]);
      }
    }
    faults.none();
  });
});

// What each page is called, leads to and can be led to.
async function facts(on) {
  const page = await open(on.browser);
  const pages = new Map();
  for (const path of on.site.pages) {
    await page.goto(on.site.address + path);
    const found = await page.evaluate(() => ({
      title: document.title,
      ids: [...document.querySelectorAll('[id]')].map(({ id }) => id),
      addresses: [...document.querySelectorAll('[href], [src]')].map((one) => one.getAttribute('href') ?? one.getAttribute('src')),
    }));
    pages.set(path, found);
  }
  return pages;
}

// Links are relative and to files, so that the site works from disk and under any folder.
function leadsSomewhere(site, pages, path, address) {
  if (/^(https?|mailto):./.test(address)) return true;
  if (address === '' || /^[a-z]+:|^\//i.test(address)) return false;
  const target = new URL(address, `http://site/${path}`);
  const file = decodeURIComponent(target.pathname.slice(1));
  if (!site.files.has(file)) return false;
  return !target.hash || !pages.has(file) || pages.get(file).ids.includes(decodeURIComponent(target.hash.slice(1)));
}

// Runs in the page.
function seenInFocus() {
  const element = document.activeElement;
  const { top, left, bottom, right, width, height } = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  return {
    end: element === document.body,
    href: element.getAttribute('href'),
    words: `${element.localName} ${element.textContent.trim().slice(0, 40)}`,
    seen: width > 8 && height > 8 && bottom > 8 && right > 8 && top < innerHeight - 8 && left < innerWidth - 8,
    outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1,
  };
}

// Runs in the page.
function skeleton() {
  const faults = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const start = (element) => (element.textContent.trim() || element.outerHTML).slice(0, 60);
  const words = (id) => document.getElementById(id)?.textContent ?? '';
  const name = (element) => {
    const ids = element.getAttribute('aria-labelledby')?.split(/\s+/);
    return (ids?.map(words).join(' ') ?? element.getAttribute('aria-label') ?? '').trim();
  };
  const one = (what, selector) => {
    const found = all(selector).length;
    if (found !== 1) faults.push(`${found} ${what}, not one`);
  };
  const none = (what, elements) => {
    for (const element of elements) faults.push(`${what}: ${start(element)}`);
  };
  const repeated = (values) => [...new Set(values.filter((value, i) => values.indexOf(value) !== i))];

  const { lang, dir } = document.documentElement;
  try {
    if (Intl.getCanonicalLocales(lang).length !== 1) throw new RangeError('none');
  } catch {
    faults.push(`the language of the page is \`${lang}\``);
  }
  if (!['ltr', 'rtl'].includes(dir)) faults.push(`the page is written in the direction \`${dir}\``);
  none('a part without a language', all('[lang=""], [lang="und"]'));

  one('first-level headings', 'h1');
  one('main parts', 'main');
  one('mastheads', 'body > header');
  one('feet', 'body > footer');
  one('main navigations', 'body > header nav');
  one('descriptions of the viewport', 'meta[name=viewport][content*="width=device-width"]');
  none('the page cannot be enlarged', all('meta[content*="user-scalable=no"], meta[content*="maximum-scale"]'));
  none('a navigation without a name', all('nav').filter((nav) => !name(nav)));
  for (const twice of repeated(all('nav').map(name).filter(Boolean))) faults.push(`two navigations are named \`${twice}\``);
  for (const twice of repeated(all('[id]').map(({ id }) => id))) faults.push(`the id \`${twice}\` is there twice`);
  if (all('body > header [aria-current]').length > 1) faults.push('more than one current place in the masthead');

  let level = 0;
  for (const heading of all('h1, h2, h3, h4, h5, h6')) {
    const next = Number(heading.localName[1]);
    if (next > level + 1) faults.push(`h${next} after h${level}: ${start(heading)}`);
    if (!heading.textContent.trim()) faults.push(`an empty h${next}`);
    level = next;
  }

  const titled = (svg) => name(svg) || svg.querySelector(':scope > title')?.textContent.trim();
  const drawings = all('svg').filter((svg) => !svg.closest('[aria-hidden="true"]'));
  const speaks = (link) => link.textContent.trim() || name(link) || link.querySelector('img[alt]:not([alt=""])');
  none('a picture without words for it', all('img:not([alt])'));
  none('a drawing without a name', drawings.filter((svg) => svg.getAttribute('role') !== 'img' || !titled(svg)));
  none('a link without words', all('a[href]').filter((link) => !speaks(link)));
  none('a table without heads', all('table').filter((table) => !table.querySelector('th')));
  none('style in the page', all('[style], style'));
  none('a script in the page', all('script:not([src]):not([type="application/ld+json"])'));
  return faults;
}
