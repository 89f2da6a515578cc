// The links to the words of a quotation on the page of its source: a reader who follows one must find these words marked, all of
// them and nothing else, at the place that is meant.
//
// The page of the source is made here, and its copy is the same file. Where the browser marks words is seen in a picture: they are
// made red, and so is what is looked at under every letter.

import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe } from 'node:test';

import { launch, open, test } from './browser.mjs';
import { Site } from './site.mjs';

const long = [
  'This council has heard the fishermen, the pilots and the keepers of the light, and it has heard them for nine hours in a hall',
  'that has no windows; it has read what they wrote down in the winter and what they had said in the summer before, and it finds',
  'that nobody who was asked to open the gate had been told by anybody what was waiting behind it',
].join(' ');

// What is quoted, by the id of its record, and the part of the page in which it stands. `nth` says at which of several places.
const passages = {
  short: {
    html: '<p>The keeper came at six. He said that nobody had called him before the tide turned.</p>',
    words: 'nobody had called him before the tide turned',
  },
  'other-case': {
    html: '<p>Their banner read Never Again in white. She told the press that never again would they sail.</p>',
    words: 'never again',
  },
  signs: {
    html: '<p>“We will, not now – see R&amp;D, p. 7-8; 50% &amp; more, and #9 = a/b,” the memo says.</p>',
    words: 'We will, not now – see R&D, p. 7-8; 50% & more, and #9 = a/b',
  },
  long: { html: `<p>In its ruling it says: ${long}, and that is all.</p>`, words: long },
  'ends-twice': {
    html: `<p>It was asked what was waiting behind it. ${long.replace('This council', 'That council')} indeed.</p>`,
    words: long.replace('This council', 'That council'),
  },
  blocks: {
    html: '<p>She began: The first thing is the water.</p><p>The second thing is the wind. Then she left.</p>',
    words: 'The first thing is the water.\n\nThe second thing is the wind.',
  },
  inline: {
    html: '<p>He wrote: the <b>old</b> harbour is <a href="#x">clo<i>sed</i></a> for<br>good, and went home.</p>',
    words: 'the old harbour is closed for good',
  },
  arabic: {
    lang: 'ar',
    html: '<p lang="ar" dir="rtl">قال الحارس إن البوابة لم تفتح قبل السادسة صباحا، ثم غادر المكان.</p>',
    words: 'البوابة لم تفتح قبل السادسة صباحا',
  },
  mixed: {
    lang: 'he',
    html: '<p lang="he" dir="rtl">הוא אמר: פתחנו את שער Gate 7 בשש בבוקר, והלך.</p>',
    words: 'פתחנו את שער Gate 7 בשש בבוקר',
  },
  hindi: {
    lang: 'hi',
    html: '<p lang="hi">पहरेदार ने कहा कि फाटक छह बजे से पहले नहीं खोला गया था। फिर वह चला गया।</p>',
    words: 'फाटक छह बजे से पहले नहीं खोला गया था',
  },
  han: {
    lang: 'zh',
    html: '<p lang="zh">看守人说，我们六点以前没有打开大门，也没有人来过。</p>',
    words: '我们六点以前没有打开大门',
  },
  japanese: {
    lang: 'ja',
    html: '<p lang="ja">番人は「六時より前に門を開けたことはありません」と述べた。</p>',
    words: '六時より前に門を開けたことはありません',
  },
  'second-place': {
    html: '<p>In May the pilot said that the chart was wrong. In June the pilot said that the chart was wrong again.</p>',
    words: 'the pilot said that the chart was wrong',
    prefix: 'In June ',
    nth: 1,
  },
  'quoted-twice': {
    html: '<p>One wrote that <i>we had no light</i>. Another said: “We had no light.” Both were there.</p>',
    words: 'We had no light',
    prefix: 'said: “',
  },
  accents: {
    html: '<p>First they served the pâté of the house. Then they served the pate of the house.</p>',
    words: 'they served the pate of the house',
  },
  hidden: {
    html: '<p style="display:none">The bell had not been rung.</p><ul><li>One said: The bell had not been rung.</li></ul>',
    words: 'The bell had not been rung',
  },
  cell: {
    html: '<table><tr><td>Light</td><td>out since March</td></tr><tr><td>Buoy</td><td>adrift since May</td></tr></table>',
    words: 'adrift since May',
  },
};

// The page is longer than a screen, so that it has to be scrolled, and says nothing twice but what the passages say twice.
const filler = '<p>Weather, tides and arrivals of that week.</p>'.repeat(6);
const screens = filler.repeat(5);
const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A page</title><style>
body { background: #fff; color: #000; font: 20px/2 "Noto Sans", "Noto Naskh Arabic", "Noto Sans CJK SC", sans-serif; width: 600px; }
::target-text { background: #f00; color: #f00; }
</style></head><body>${screens}${Object.values(passages).map((one) => one.html).join(`\n${filler}\n`)}${screens}</body></html>`;

describe('a link to the words on the page of the source', () => {
  const on = {};
  before(async () => {
    on.server = createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(html);
    });
    await new Promise((done) => on.server.listen(0, '127.0.0.1', done));
    on.folder = mkdtempSync(join(tmpdir(), 'dossier-e2e-fragment-'));
    lay(on.folder, `http://127.0.0.1:${on.server.address().port}/page.html`);
    on.browser = await launch();
    on.site = new Site({ dossier: on.folder });
    on.eye = await open(on.browser, { scripts: true });
  });
  after(async () => {
    await on.browser?.close();
    on.server?.closeAllConnections();
    on.server?.close();
    on.site?.remove();
    if (on.folder) rmSync(on.folder, { recursive: true, force: true });
  });

  for (const [id, { words, nth = 0 }] of Object.entries(passages)) {
    test(`marks these words and no others: ${id}`, async () => {
      const page = await open(on.browser, { width: 700 });
      await page.goto(`${on.site.address}quotes/${id}.html`);
      await page.getByRole('link', { name: 'Find the words on the source’s own page' }).click({ timeout: 5000 });
      await page.waitForURL(/127\.0\.0\.1/);
      const seen = await look(page, on.eye);
      assert.deepEqual({ marked: letters(seen.marked), inSight: seen.inSight }, { marked: letters(squeeze(words)), inSight: true });
      assert.equal(seen.at, nthPlace(seen.all, squeeze(words), nth), 'the same words at another place are marked');
      await page.context().close();
    });
  }

  test('nothing is seen as marked where nothing is', async () => {
    const page = await open(on.browser, { width: 700 });
    for (const fragment of ['', '#:~:text=words%20that%20stand%20nowhere']) {
      await page.goto(`http://127.0.0.1:${on.server.address().port}/page.html${fragment}`);
      assert.equal((await look(page, on.eye)).marked, '');
    }
    await page.context().close();
  });

  test('another place is seen as another place', async () => {
    const page = await open(on.browser, { width: 700 });
    const { words } = passages['second-place'];
    await page.goto(`http://127.0.0.1:${on.server.address().port}/page.html#:~:text=${encodeURIComponent(words)}`);
    const seen = await look(page, on.eye);
    assert.equal(seen.marked, squeeze(words));
    assert.notEqual(seen.at, nthPlace(seen.all, squeeze(words), 1));
    await page.context().close();
  });
});

/** Writes a dossier with a quotation for each passage, and the page as the copy of their source. */
function lay(folder, url) {
  const write = (path, text) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('dossier.yaml', 'title: Words on a page\nlang: en\nlevel: internal\n');
  write('content/sources/page.html', html);
  write('content/sources/page.md', `---\ntitle: A page\nurl: ${url}\ncaptures: {file: page.html}\n---\n`);
  for (const [id, { words, prefix, lang = 'en' }] of Object.entries(passages)) {
    const record = { speaker: 'unknown', title: id, date: '2023-06-21', lang, text: words, source: { source: 'page', prefix } };
    // JSON is YAML.
    write(`content/quotes/${id}.md`, `---\n${Object.entries(record).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join('')}---\n`);
  }
}

/** The letters that are marked, all letters that are shown, where among these the marked ones begin, and whether they are in sight. */
async function look(page, eye) {
  const letters = await page.evaluate(lettersShown);
  const [top, height] = await page.evaluate(() => [scrollY, innerHeight]);
  const picture = (await page.screenshot({ fullPage: true })).toString('base64');
  const isRed = await eye.evaluate(redAt, { picture, points: letters.map(({ x, y }) => [x, y]) });
  const marked = letters.filter((_, at) => isRed[at]);
  return {
    all: letters.map(({ letter }) => letter).join(''),
    marked: marked.map(({ letter }) => letter).join(''),
    at: letters.slice(0, isRed.indexOf(true)).map(({ letter }) => letter).join('').length,
    inSight: marked.length > 0 && marked[0].y > top && marked[0].y < top + height,
  };
}

// Runs in the page: every letter that is shown, with the middle of the place where it stands.
function lettersShown() {
  const letters = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    for (const { segment, index } of new Intl.Segmenter().segment(node.data)) {
      if (/^\s*$/.test(segment)) continue;
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + segment.length);
      const [rect] = range.getClientRects();
      if (rect?.width > 0) letters.push({ letter: segment, x: rect.x + scrollX + rect.width / 2, y: rect.y + scrollY + rect.height / 2 });
    }
  }
  return letters;
}

// Runs in a page of its own: whether points of a picture are red.
async function redAt({ picture, points }) {
  const bytes = Uint8Array.from(atob(picture), (one) => one.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
  canvas.drawImage(bitmap, 0, 0);
  const { data } = canvas.getImageData(0, 0, bitmap.width, bitmap.height);
  return points.map(([x, y]) => {
    const at = 4 * (Math.round(y) * bitmap.width + Math.round(x));
    return data[at] > 200 && data[at + 1] < 80 && data[at + 2] < 80;
  });
}

/** From the first letter to the last: whether the marks at the ends of a passage are marked is all the same. */
function letters(text) {
  return text.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}\p{M}]+$/gu, '');
}

/** Without white space, which has no place of its own where lines break. */
function squeeze(text) {
  return text.replace(/\s+/g, '');
}

function nthPlace(text, words, nth) {
  let at = text.indexOf(words);
  for (let count = 0; count < nth; count += 1) at = text.indexOf(words, at + 1);
  return at;
}
