// The rules of axe, on one page of each sort. Its checks see what ours do not, such as roles and names that contradict.

import { createRequire } from 'node:module';

import { Faults, inEachTheme, open, test, visit } from './browser.mjs';

const sorts = [
  'index.html',
  'actors/index.html',
  'actors/vikram-misri.html',
  'dates/2025-05-11.html',
  'events/online-abuse.html',
  'quotes/index.html',
  'quotes/rao-vilification.html',
  'sources/article-2025-05-11.html',
  'timeline.html',
  'network.html',
  'methodology.html',
];

inEachTheme((on) => {
  for (const [width, scheme] of [[390, 'light'], [1280, 'dark']]) {
    test(`axe finds nothing serious at ${width} px, ${scheme}`, async () => {
      // The checks are a script put into the page, which the policy would forbid.
      const page = await open(on.browser, { width, scheme, scripts: true, bypassCSP: true });
      const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
      const faults = new Faults();
      for (const sort of sorts) {
        await visit(page, on.server.address + sort);
        await page.addScriptTag({ path });
        faults.add(sort, await page.evaluate(grave, scheme));
      }
      faults.none();
    });
  }
});

// Runs in the page. Where no rule gives the paper a colour axe takes it for white, and so finds dark pages faint; their
// contrast is measured in `colour.test.mjs`, with the paper that the browser really shows.
async function grave(scheme) {
  const rules = { 'color-contrast': { enabled: scheme === 'light' } };
  const { violations } = await window.axe.run(document, { resultTypes: ['violations'], rules });
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .flatMap(({ id, help, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${help}: ${html.slice(0, 120)}`));
}
