// What must hold at the widths of a phone, a small phone and a desk: nothing to scroll sideways, links that a thumb can hit.

import { describe } from 'node:test';

import { Faults, inEachTheme, lookAtAll, open, test, visit } from './browser.mjs';

describe('the example', () => inEachTheme(layout));
describe('long words, from right to left', () => inEachTheme(layout, 'tests/e2e/hard'));

function layout(on) {
  test('no page scrolls sideways at 320, 390 and 1280 px', async () => {
    const page = await open(on.browser);
    const faults = new Faults();
    for (const path of on.site.pages) {
      await visit(page, on.site.address + path);
      for (const width of [320, 390, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        faults.add(path, await page.evaluate(stickingOut));
      }
    }
    faults.none();
  });

  test('at 390 px everything in the navigation is at least 44 px high', async () => {
    await lookAtAll(on, await open(on.browser, { width: 390 }), smallTargets, 44);
  });
}

// Runs in the page. A page that hides what sticks out is not let off: its text would be cut.
function stickingOut() {
  const name = (element) => `<${element.tagName.toLowerCase()} class="${element.className}">`;
  const root = document.documentElement;
  if (root.clientWidth !== innerWidth) return [`the page is laid out ${root.clientWidth} px wide in ${innerWidth} px`];
  const faults = [];
  for (const element of [root, document.body]) {
    if (getComputedStyle(element).overflowX !== 'visible') faults.push(`${name(element)} hides what sticks out`);
  }
  if (root.scrollWidth <= root.clientWidth) return faults;
  const wide = [...document.body.querySelectorAll('*')].filter((element) => {
    const { left, right, width } = element.getBoundingClientRect();
    return width > 1 && (right > root.clientWidth + 0.5 || left < -0.5);
  });
  const innermost = wide.filter((element) => !wide.some((other) => other !== element && element.contains(other)));
  const shown = innermost.slice(0, 3).map((element) => {
    return `${name(element)} to ${Math.round(element.getBoundingClientRect().right)} px: ${element.textContent.trim().slice(0, 60)}`;
  });
  return [...faults, `${root.scrollWidth} px wide in ${root.clientWidth} px; ${shown.join('; ')}`];
}

// Runs in the page. A link in a sentence is as high as its line; one in a list of links is a target of its own.
function smallTargets(least) {
  return [...document.querySelectorAll('nav a, body > header a, summary, button, input, select')]
    .filter((element) => element.getClientRects().length > 0)
    .map((element) => ({ element, height: element.getBoundingClientRect().height }))
    .filter(({ height }) => height < least - 0.01)
    .map(({ element, height }) => {
      const place = element.closest('nav')?.getAttribute('aria-label') ?? element.parentElement.tagName.toLowerCase();
      return `${Math.round(height * 10) / 10} px: ${place}: ${element.textContent.trim().slice(0, 40)}`;
    });
}
