// Ink on paper, by day and by night: every text that shows has a contrast of at least 4.5 to 1.

import { strict as assert } from 'node:assert';
import { describe } from 'node:test';

import { inEachTheme, lookAtAll, open, stage, test } from './browser.mjs';

inEachTheme((on) => {
  for (const scheme of ['light', 'dark']) {
    test(`all text stands out from what is behind it, ${scheme}`, async () => {
      await lookAtAll(on, await open(on.browser, { scheme }), tooFaint, { least: 4.5, dark: scheme === 'dark' });
    });
  }
});

describe('the measure', () => {
  const on = stage();

  test('known pairs of colours have their known contrast', async () => {
    const page = await open(on.browser);
    const faint = async (style) => {
      await page.setContent(`<body style="background:#fff"><p style="${style}">words</p>`);
      return page.evaluate(tooFaint, { least: 4.5, dark: false });
    };
    assert.deepEqual(await faint('color:#767676'), []);
    assert.deepEqual(await faint('color:#777777'), [
      '4.48 to 1, rgb(119,119,119) on rgb(255,255,255), <p> in <body>',
    ]);
    assert.deepEqual(await faint('color:#000;background:#0008;opacity:.4'), [
      '1.71 to 1, rgb(153,153,153) on rgb(201,201,201), <p> in <body>',
    ]);
  });
});

// Runs in the page. What is there only for listeners is not measured.
function tooFaint({ least, dark }) {
  const channels = (colour) => {
    const numbers = colour.match(/-?[\d.]+(e-?\d+)?/g).map(Number);
    if (/^rgba?\(/.test(colour)) return { rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1 };
    if (/^color\(srgb /.test(colour)) return { rgb: numbers.slice(0, 3).map((n) => n * 255), alpha: numbers[3] ?? 1 };
    throw new Error(`a colour that this test cannot read: ${colour}`);
  };
  const mix = (below, above, share) => below.map((n, i) => n * (1 - share) + above[i] * share);
  const over = (below, colour) => {
    const { rgb, alpha } = channels(colour);
    return mix(below, rgb, alpha);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((n) => (n / 255 <= 0.04045 ? n / 255 / 12.92 : ((n / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [dark, bright] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (bright + 0.05) / (dark + 0.05);
  };
  // What is behind the text and the text itself, as they come to the eye through all that they stand in.
  const seen = ([outer, ...inner], below) => {
    const style = getComputedStyle(outer);
    const ground = over(below, style.backgroundColor);
    const ink = outer instanceof SVGElement ? style.fill : style.color;
    const pair = inner.length ? seen(inner, ground) : [ground, over(ground, ink)];
    return pair.map((rgb) => mix(below, rgb, Number(style.opacity)));
  };
  const ancestry = (element) => (element ? [...ancestry(element.parentElement), element] : []);
  const forListeners = (element) => ancestry(element).some((one) => getComputedStyle(one).clipPath === 'inset(50%)');

  // What shows through where no rule gives a colour: the browser's own paper, dark in a page that says it may be.
  const probe = document.documentElement.appendChild(document.createElement('i'));
  probe.style.backgroundColor = 'Canvas';
  const canvas = channels(getComputedStyle(probe).backgroundColor).rgb;
  probe.remove();

  const faults = [];
  const paper = luminance(seen(ancestry(document.body), canvas)[0]);
  if (paper < 0.2 !== dark) faults.push(`the paper has the luminance ${paper.toFixed(2)}`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const words = walker.currentNode.data.trim();
    const shows = words && element.checkVisibility({ visibilityProperty: true }) && !forListeners(element);
    if (!shows || element.closest('script, style')) continue;
    const [ground, ink] = seen(ancestry(element), canvas);
    const ratio = contrast(ground, ink);
    if (ratio >= least) continue;
    const { localName, className } = element;
    const name = className ? `${localName} class="${className}"` : localName;
    const [on, of] = [ground, ink].map((rgb) => `rgb(${rgb.map(Math.round)})`);
    faults.push(`${ratio.toFixed(2)} to 1, ${of} on ${on}, <${name}> in <${element.parentElement.localName}>`);
  }
  return [...new Set(faults)];
}
