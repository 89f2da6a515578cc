#!/usr/bin/env python3
"""Holds what the program takes for hidden in HTML against what Chromium paints.

    tests/acceptance/hidden-text.py [--pages N] [--seed N] [--program PATH] [--keep FOLDER]

Makes pages with random style sheets and random elements in each other, each text a word of its own. Chromium shows each page with each
word highlighted in a colour of its own, and the colours that stand in a picture of the page are the words that a reader sees. The program
gets the same pages as captures and each word as a quotation. What is out of sight for the one and not for the other is a disagreement.

A word that Chromium paints and the program takes for hidden is always a fault. One that the program takes for seen although Chromium does
not paint it is a fault too, but where the page has what docs/captures.md says is not understood: such pages are made as well, and counted.
Exits with 0 when nothing disagrees, 77 when there is no Chromium or its driver cannot be installed.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
E2E = ROOT / "tests/e2e"

# Prints for each page the words of which something is painted. Text is highlighted: its background is painted wherever its letters
# would be, whatever their colour.
BROWSER = """
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
const { chromium } = createRequire(process.argv[2] + '/package.json')('playwright-core');
const pages = JSON.parse(readFileSync(process.argv[3]));
const browser = await chromium.launch({
  executablePath: process.argv[4], chromiumSandbox: false, args: ['--disable-gpu', '--disable-background-networking'],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 2400 } });
const eyes = await browser.newPage();
const look = async (names) => {
  await page.evaluate((names) => {
    CSS.highlights.clear();
    for (const name of names) {
      const ranges = window.nodes[name].map(([node, start, end]) => {
        const range = new Range();
        range.setStart(node, start);
        range.setEnd(node, end);
        return range;
      });
      CSS.highlights.set(name, new Highlight(...ranges));
    }
  }, names);
  const picture = (await page.screenshot({ animations: 'disabled' })).toString('base64');
  return eyes.evaluate(async (picture) => {
    const bytes = Uint8Array.from(atob(picture), (c) => c.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
    canvas.drawImage(image, 0, 0);
    const { data } = canvas.getImageData(0, 0, image.width, image.height);
    const colours = {};
    for (let at = 0; at < data.length; at += 4) {
      const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
      colours[colour] = (colours[colour] ?? 0) + 1;
    }
    return colours;
  }, picture);
};
const all = [];
for (const html of pages) {
  await page.setContent(html);
  const words = await page.evaluate(() => {
    window.nodes = {};
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      // Where an end tag was one too many, two words stand in one node.
      for (const { 0: word, index } of node.data.matchAll(/\\bw[a-z]+\\b/g)) {
        (window.nodes[word] ??= []).push([node, index, index + word.length]);
      }
    }
    const words = Object.keys(window.nodes);
    const sheet = new CSSStyleSheet();
    const of = (at) => [40 + (at % 14) * 15, 20 + Math.floor(at / 14) * 60, 200];
    sheet.replaceSync(words.map((word, at) => `::highlight(${word}){background-color:rgb(${of(at)});color:rgb(${of(at)})}`).join(''));
    document.adoptedStyleSheets = [sheet];
    return words.map((word, at) => [word, of(at).join()]);
  });
  const seen = [];
  // One word may cover another, so the others are looked at again without those that were seen, until no more are.
  for (let left = words, before = -1; left.length && before !== seen.length;) {
    before = seen.length;
    const colours = await look(left.map(([word]) => word));
    // A box of one pixel shows no word.
    const isSeen = ([, colour]) => (colours[colour] ?? 0) > 4;
    seen.push(...left.filter(isSeen).map(([word]) => word));
    left = left.filter((word) => !isSeen(word));
  }
  all.push(seen);
}
await browser.close();
console.log(JSON.stringify(all));
"""

HIDING = [
    "display:none", "visibility:hidden", "visibility:collapse", "opacity:0", "font-size:0", "font:0/0 serif",
    "position:absolute;left:-9999px", "position:absolute;top:-9999px", "position:relative;left:-9999px", "position:fixed;left:-2000em",
    "position:absolute;clip:rect(0,0,0,0)", "position:absolute;clip:rect(1px 1px 1px 1px)", "clip-path:inset(50%)", "clip-path:circle(0)",
    "display:inline-block;width:0;height:0;overflow:hidden", "display:block;height:0;overflow:hidden", "display:block;max-height:0;overflow:hidden",
    "position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)", "d\\69splay:no\\6e e", "DISPLAY:NONE",
    "display:none!important", "visibility:hidden!important", "opacity:0!important",
]
SHOWING = [
    "display:block", "display:inline", "display:inline-block", "display:flex", "visibility:visible", "visibility:inherit", "opacity:1",
    "font-size:16px", "font-size:2em", "font-size:120%", "position:static", "position:relative", "position:absolute",
    "left:-9999px", "top:0", "left:auto", "clip:auto", "clip:rect(0,0,0,0)", "clip-path:none", "width:0", "height:0", "overflow:hidden",
    "overflow:visible", "width:300px", "height:auto", "max-height:none", "padding-bottom:40px", "color:red", "display:bogus",
    "display:block!important", "visibility:visible!important", "all:unset", "min-height:20px", "float:left", "display:var(--nothing)",
    "background:url(display:none)", "display:contents",
]
NAMES = ["div", "p", "span", "b", "section", "i", "em", "h2"]
CLASSES = ["a", "b", "c", "d", "e", "f"]


class Maker:
    def __init__(self, seed, limits):
        self.rng = random.Random(seed)
        self.limits = limits
        self.seed = seed
        self.count = 0

    def chance(self, share):
        return self.rng.random() < share

    def word(self):
        self.count += 1
        letters, number = "", self.seed * 100 + self.count
        while number:
            number, digit = divmod(number, 26)
            letters = chr(97 + digit) + letters
        return f" w{letters} "

    def compound(self):
        rng = self.rng
        kind = rng.random()
        if kind < 0.55:
            return "." + rng.choice(CLASSES)
        if kind < 0.65:
            return rng.choice(NAMES)
        if kind < 0.75:
            return rng.choice(NAMES) + "." + rng.choice(CLASSES)
        if kind < 0.82:
            return "#i" + str(rng.randrange(8))
        if kind < 0.88:
            return rng.choice(["[data-k]", "[data-k=v1]", "[data-k^=v]", "[class~=a]", "[lang=en]"])
        if kind < 0.92:
            return "." + rng.choice(CLASSES) + "." + rng.choice(CLASSES)
        if kind < 0.96:
            return f":is(.{rng.choice(CLASSES)}, #i{rng.randrange(8)})"
        return f".{rng.choice(CLASSES)}:not(.{rng.choice(CLASSES)})"

    def selector(self):
        rng = self.rng
        parts = [self.compound() for _ in range(rng.choice([1, 1, 1, 2, 2, 3]))]
        text = parts[0]
        for part in parts[1:]:
            text += rng.choice([" ", " ", " > "]) + part
        if self.limits and self.chance(0.3):
            text = rng.choice([text + ":first-child", text + ":nth-child(2)", "b + " + text, text + ":has(b)", text + ":empty"])
        elif self.chance(0.08):
            text += rng.choice([":hover", "::before", ":focus", "::after"])
        return text

    def rule(self):
        rng = self.rng
        declared = [rng.choice(HIDING if self.chance(0.45) else SHOWING) for _ in range(rng.choice([1, 1, 2, 3]))]
        text = ", ".join(self.selector() for _ in range(rng.choice([1, 1, 1, 2]))) + " { " + "; ".join(declared)
        if self.chance(0.08):
            text += f"; {rng.choice(['& ', '> ', ''])}{self.compound()} {{ {rng.choice(HIDING + SHOWING)} }}"
        text += " }"
        kind = rng.random()
        if kind < 0.04:
            return "@media print { " + text + " }"
        if kind < 0.08:
            return rng.choice(["@media screen", "@media all", "@media not print", "@supports (display: grid)", "@layer one", "@layer two"]) + f" {{ {text} }}"
        if kind < 0.1:
            return f"/* {text} */ bogus;; {{ }}"
        if self.limits and kind < 0.3:
            return rng.choice(["@media (max-width: 600px)", "@media (min-width: 600px)", "@supports not (display: grid)"]) + f" {{ {text} }}"
        return text

    def element(self, depth):
        rng = self.rng
        name = rng.choice(NAMES if depth else ["div", "section"])
        attributes = ""
        if self.chance(0.7):
            attributes += f' class="{" ".join(rng.sample(CLASSES, rng.choice([1, 1, 2])))}"'
        if self.chance(0.12):
            attributes += f" id=i{rng.randrange(8)}"
        if self.chance(0.1):
            attributes += f" data-k=v{rng.randrange(3)}"
        if self.chance(0.07):
            attributes += " hidden"
        if self.chance(0.15):
            attributes += f' style="{rng.choice(HIDING + SHOWING)}"'
        inner = self.word()
        if depth < 4:
            below = "".join(self.element(depth + 1) for _ in range(rng.choice([0, 1, 1, 2])))
            inner += below + (self.word() if below and self.chance(0.3) else "")
        return f"<{name}{attributes}>{inner}</{name}>"

    def page(self):
        sheets = "".join(
            f"<style{self.rng.choice(['', '', '', ' media=screen', ' media=print'])}>\n" + "\n".join(self.rule() for _ in range(self.rng.randint(2, 8))) + "\n</style>"
            for _ in range(self.rng.choice([1, 1, 2]))
        )
        # Room on all sides: what is moved a little stays in the picture.
        frame = "<style>body > main { padding: 150px; display: block }</style>"
        body = "".join(self.element(0) for _ in range(self.rng.randint(1, 3)))
        return f"<!doctype html><html><head><title>x</title>{frame}{sheets}</head><body><main>{body}</main></body></html>"


def words_of(page):
    return re.findall(r" (w[a-z]+) (?=[< ])", page.split("<body>")[1])


def chromium_sees(pages, folder):
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not browser or not shutil.which("node"):
        print("left out: there is no Chromium or no Node.js here", file=sys.stderr)
        sys.exit(77)
    driver = E2E
    if not (E2E / "node_modules/playwright-core").exists():
        driver = folder / "driver"
        driver.mkdir()
        for name in ["package.json", "package-lock.json"]:
            shutil.copy(E2E / name, driver)
        if subprocess.run(["npm", "ci", "--silent", "--ignore-scripts", "--no-audit"], cwd=driver).returncode:
            print("left out: the driver of Chromium could not be installed", file=sys.stderr)
            sys.exit(77)
    (folder / "look.mjs").write_text(BROWSER)
    (folder / "pages.json").write_text(json.dumps(pages))
    command = ["node", folder / "look.mjs", driver, folder / "pages.json", browser]
    return [set(seen) for seen in json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)]


def program_sees(pages, folder, program):
    site = folder / "site"
    for part in ["content/sources", "content/quotes", "content/actors", "captures"]:
        (site / part).mkdir(parents=True)
    (site / "dossier.yaml").write_text("title: Hidden\nlevel: internal\ncaptures: captures\n")
    (site / "content/actors/someone.md").write_text("---\nname: Someone\nkind: person\nprivacy: public-figure\n---\n")
    for number, page in enumerate(pages):
        (site / f"captures/p{number}.html").write_text(page)
        (site / f"content/sources/s{number}.md").write_text(
            f"---\ntitle: Source {number}\nkind: article\nurl: https://example.org/{number}\ncaptures: {{file: p{number}.html}}\n---\n"
        )
        for word in words_of(page):
            (site / f"content/quotes/{word}.md").write_text(
                f"---\nspeaker: someone\ndate: 2023-06-21\ntext: {word}\nsource: s{number}\n---\n"
            )
    listed = subprocess.run([program, "list", "quote", "--format", "json"], cwd=site, capture_output=True, text=True)
    if listed.returncode:
        sys.exit(f"FAIL: {listed.stderr[-2000:]}")
    return {quote["id"]: quote["verbatim"]["result"] for quote in json.loads(listed.stdout)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", default="target/release/dossier")
    parser.add_argument("--keep", help="a folder that is left with the pages")
    args = parser.parse_args()
    program = Path(args.program).resolve()
    if not program.exists():
        sys.exit(f"FAIL: there is no program at {program}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(args.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        # One page in four has what is not understood.
        makers = [Maker(args.seed + number, number % 4 == 3) for number in range(args.pages)]
        pages = [maker.page() for maker in makers]
        seen = chromium_sees(pages, folder)
        said = program_sees(pages, folder, program)
        agreed = {True: 0, False: 0}
        hidden_falsely, seen_falsely, unknown = [], [], 0
        for number, (maker, page) in enumerate(zip(makers, pages)):
            for word in words_of(page):
                is_seen, result = word in seen[number], said[word]
                if result not in ("exact", "normalised", "not-found"):
                    sys.exit(f"FAIL: {word} of page {number} is {result}")
                if is_seen == (result != "not-found"):
                    agreed[is_seen] += 1
                elif is_seen:
                    hidden_falsely.append((number, word))
                elif maker.limits:
                    unknown += 1
                else:
                    seen_falsely.append((number, word))
        print(f"{args.pages} pages: {agreed[True]} words are seen by both, {agreed[False]} hidden from both, {unknown} hidden by what is not understood")
        for what, wrong in [("taken for hidden and painted", hidden_falsely), ("taken for seen and not painted", seen_falsely)]:
            for number, word in wrong[:8]:
                print(f"{what}: {word} of page {number}\n{pages[number]}" if number == wrong[0][0] else f"{what}: {word} of page {number}")
        if hidden_falsely or seen_falsely:
            sys.exit(f"FAIL: {len(hidden_falsely)} words are taken for hidden, {len(seen_falsely)} for seen, and are not")
        print("PASS")


if __name__ == "__main__":
    main()
