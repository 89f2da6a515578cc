// On paper: black on white whatever the screen is like, without navigation, and no quotation torn in two.

import { inEachTheme, lookAtAll, open, test } from './browser.mjs';

inEachTheme((on) => {
  test('every page prints dark on white, without navigation', async () => {
    const page = await open(on.browser, { scheme: 'dark' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await lookAtAll(on, page, onPaper);
  });
});

// Runs in the page. 0.7 keeps the grey of a table's head or a code listing; 0.15 keeps a dark accent for links.
function onPaper() {
  const luminance = (colour) => {
    const [r, g, b, alpha = 1] = colour.match(/-?[\d.]+/g).map(Number);
    const scale = colour.startsWith('color(srgb') ? 1 : 255;
    const [x, y, z] = [r, g, b].map((n) => (n / scale) ** 2.2);
    return 1 - alpha + alpha * (0.2126 * x + 0.7152 * y + 0.0722 * z);
  };
  const name = (element) => `<${element.localName} class="${element.className}">`;
  const faults = [];
  for (const nav of document.querySelectorAll('nav, .skip')) {
    if (nav.checkVisibility()) faults.push(`the navigation \`${nav.getAttribute('aria-label') ?? name(nav)}\` is printed`);
  }
  for (const element of document.querySelectorAll('html, body, body *')) {
    if (!element.checkVisibility()) continue;
    const { backgroundColor, color, breakInside } = getComputedStyle(element);
    if (luminance(backgroundColor) < 0.7) faults.push(`${name(element)} has a dark ground, ${backgroundColor}`);
    if (luminance(color) > 0.15) faults.push(`${name(element)} has bright ink, ${color}`);
    if (element.matches('blockquote') && !element.closest('.prose') && breakInside !== 'avoid') {
      faults.push(`${name(element)} may be split across pages`);
    }
  }
  if (document.querySelector('main').getClientRects().length === 0) faults.push('the text is not printed');
  return [...new Set(faults)];
}
