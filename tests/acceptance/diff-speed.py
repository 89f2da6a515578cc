#!/usr/bin/env python3
"""How long `dossier diff` takes for two editions of many pages, beside `diff -rq` and `sha256sum` of the same files.

    python3 tests/acceptance/diff-speed.py [--pages 15000] [--dossier target/release/dossier]

Makes two editions in a temporary folder: two built sites and the manifest of each. Every hundredth record is changed, some are new, some are
gone. Prints the best of five runs of each command, the ratios, and fails when two manifests take a second or more, or when the changes found
are not those that were made.
"""

import argparse
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

WORDS = "gate harbour water keeper night bridge council witness letter report east north river storm lamp order door signal".split()


def text(number, length):
    return " ".join(WORDS[(number * 7 + at * 3 + at * at) % len(WORDS)] for at in range(length)) + "."


def fields(number, edition):
    words = text(number, 60)
    if edition == 2 and number % 100 == 0:
        words = words.replace("gate", "old gate", 1) + " And more."
    return {
        "title": f"Record {number}",
        "date": f"20{10 + number % 15}-0{1 + number % 9}-1{number % 10}",
        "speaker": f"actor-{number % 300}",
        "status": {"is": "reported"},
        "tags": [WORDS[number % 17], WORDS[number % 13]],
        "sources": [{"source": f"source-{number % 900}", "locator": f"p. {number % 40}"}],
        "text": words,
        "body": text(number + 1, 90),
    }


def make(root, edition, pages):
    site = root / f"site-{edition}"
    for folder in ["data", "quotes"]:
        (site / folder).mkdir(parents=True)
    numbers = [n for n in range(pages + 50) if not (edition == 1 and n >= pages) and not (edition == 2 and n % 300 == 299)]
    files, lines, entries = [], [], []
    for number in numbers:
        kept = fields(number, edition)
        page = "<!doctype html><title>x</title>" + "".join(f"<p>{value}</p>" for value in kept.values()) + "<p>nav</p>" * 300
        path = f"quotes/record-{number}.html"
        (site / path).write_text(page)
        files.append((path, page.encode()))
        lines.append(json.dumps({"kind": "quote", "id": f"record-{number}", "url": path, "fields": kept}))
        entries += [[None, "field", "quote", f"record-{number}", key, value] for key, value in kept.items()]
    for part, at in enumerate(range(0, len(lines), 5000), 1):
        name = "data/records.jsonl" if part == 1 else f"data/records-{part}.jsonl"
        data = "".join(line + "\n" for line in lines[at : at + 5000])
        (site / name).write_text(data)
        files.append((name, data.encode()))
    manifest = root / f"edition-{edition}.jsonl"
    header = {"format": "dossier-edition", "version": 1, "title": "Speed", "edition": f"e{edition}", "date": f"2025-0{edition}-01", "audience": "public", "previous": None, "seal": f"{edition}" * 64}
    with manifest.open("w") as out:
        out.write(json.dumps(header) + "\n")
        for path, data in sorted(files):
            out.write(json.dumps([None, "file", f"data/site/{path}", len(data), hashlib.sha256(data).hexdigest()]) + "\n")
        for entry in entries:
            out.write(json.dumps(entry) + "\n")
    return site, manifest


def best(command, expected, runs=5):
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        done = subprocess.run(command, shell=isinstance(command, str), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        times.append(time.perf_counter() - began)
        if done.returncode != expected:
            sys.exit(f"{command} ended with {done.returncode}: {done.stderr.decode()}")
    return min(times), done.stdout


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--pages", type=int, default=15000)
    arguments.add_argument("--dossier", default="target/release/dossier")
    options = arguments.parse_args()
    dossier = os.path.abspath(options.dossier)
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (site1, one), (site2, two) = make(root, 1, options.pages), make(root, 2, options.pages)
        size = sum(path.stat().st_size for path in site1.rglob("*") if path.is_file())
        print(f"{options.pages} pages, {size >> 20} MiB a site, {one.stat().st_size >> 20} MiB a manifest")
        manifests, out = best([dossier, "diff", "--format", "json", one, two], 1)
        found = json.loads(out)
        gone = len([n for n in range(options.pages) if n % 300 == 299])
        new = len([n for n in range(options.pages, options.pages + 50) if n % 300 != 299])
        changed = len([n for n in range(options.pages) if n % 100 == 0])
        counts = [sum(what in record["became"] for record in found["records"]) for what in ["withdrawn", "new", "changed"]]
        if counts != [gone, new, changed]:
            sys.exit(f"found {counts}, and made were {[gone, new, changed]}")
        folders, _ = best([dossier, "diff", site1, site2], 1)
        page, _ = best([dossier, "diff", "--format", "html", one, two], 1)
        rq, _ = best(["diff", "-rq", site1, site2], 1)
        sums, _ = best(f"find {site1} {site2} -type f -print0 | xargs -0 sha256sum", 0)
        print(f"dossier diff of two manifests      {manifests:6.2f} s")
        print(f"the same as a page                 {page:6.2f} s")
        print(f"dossier diff of two built sites    {folders:6.2f} s")
        print(f"diff -rq of the two sites          {rq:6.2f} s   manifests take {manifests / rq:.2f} of it, sites {folders / rq:.2f}")
        print(f"sha256sum of the two sites         {sums:6.2f} s   manifests take {manifests / sums:.2f} of it, sites {folders / sums:.2f}")
        if manifests >= 1:
            sys.exit("two manifests take a second or more")


main()
