#!/usr/bin/env python3
"""Looks for 10,000 quotations in 3,000 captures of 30 kB, and compares that with reading and hashing the same files.

    tests/acceptance/evidence-speed.py [--binary target/release/dossier] [--quotes 10000] [--captures 3000] [--runs 3] [--html]

A dossier is made from a fixed seed: each source has one capture of made-up words, and each quotation is a passage of one of them, one in
five with other quotation marks, dashes or a mark of omission. Every quotation has to be found (`exact` or `normalised`), or this fails.

Printed are, as medians of the runs: the time of the stage `evidence` of `dossier build --dry-run`, the time that `sha256sum` takes for
the same files on as many processors, the ratio of the two, and by how much the peak of memory of `dossier check` is higher than without the
captures, beside the size of all of them. It fails when the stage takes two seconds or longer, or when memory grows by all of them or more.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SYLLABLES = [a + b for a in "bcdfghjklmnprstvw" for b in ["a", "e", "i", "o", "u", "an", "er", "is", "on", "um"]]


def word(rng):
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.choice([1, 2, 2, 3])))


def paragraph(rng, words, length):
    text = []
    while sum(map(len, text)) + len(text) < length:
        sentence = [rng.choice(words) for _ in range(rng.randint(6, 24))]
        sentence[0] = sentence[0].capitalize()
        if rng.random() < 0.2:
            at = rng.randrange(len(sentence) - 1)
            sentence[at] = "“" + sentence[at]
            sentence[-1] += "”"
        if rng.random() < 0.2:
            sentence.insert(rng.randrange(1, len(sentence)), "–")
        text.append(" ".join(sentence) + ".")
    return " ".join(text)


def varied(rng, passage):
    """A passage as an author may write it: the same words."""
    kind = rng.random()
    if kind < 0.1:
        return passage.replace("“", '"').replace("”", '"').replace("–", "-")
    words = passage.split(" ")
    if kind < 0.2 and len(words) > 14:
        return " ".join(words[:5] + ["[...]"] + words[-5:])
    return passage


def make(folder, args):
    rng = random.Random(20250511)
    words = [word(rng) for _ in range(4000)]
    (folder / "content/sources").mkdir(parents=True)
    (folder / "content/quotes").mkdir()
    (folder / "content/actors").mkdir()
    (folder / "captures").mkdir()
    (folder / "dossier.yaml").write_text("title: Speed\nlevel: internal\ncaptures: captures\n")
    (folder / "content/actors/someone.md").write_text("---\nname: Someone\nkind: person\nprivacy: public-figure\n---\n")
    texts = []
    for number in range(args.captures):
        paragraphs = []
        while sum(map(len, paragraphs)) < 30_000:
            paragraphs.append(paragraph(rng, words, rng.randint(200, 900)))
        texts.append(paragraphs)
        if args.html:
            body = "\n".join(f"<p>{text.replace('“', '&ldquo;')}</p>" for text in paragraphs)
            name, content = f"c{number}.html", f"<!doctype html><meta charset=utf-8><title>{number}</title><body>{body}"
        else:
            name, content = f"c{number}.txt", "\n\n".join(paragraphs)
        (folder / "captures" / name).write_text(content)
        (folder / f"content/sources/s{number}.md").write_text(
            f"---\ntitle: Source {number}\nkind: article\nurl: https://example.org/{number}\ncaptures: {{file: {name}}}\n---\n"
        )
    for number in range(args.quotes):
        source = rng.randrange(args.captures)
        said = rng.choice(texts[source]).split(" ")
        length = min(len(said), rng.randint(6, 40))
        at = rng.randrange(len(said) - length + 1)
        passage = varied(rng, " ".join(said[at : at + length]))
        (folder / f"content/quotes/q{number}.md").write_text(
            f"---\nspeaker: someone\ndate: 2023-06-21\ntext: {json.dumps(passage, ensure_ascii=False)}\nsource: s{source}\n---\n"
        )


def run(command, folder):
    """What a command prints, and its peak of memory in MiB."""
    with open(folder / "said", "w+") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
        _, _, usage = os.wait4(process.pid, 0)
        said.seek(0)
        return said.read(), usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/dossier")
    parser.add_argument("--quotes", type=int, default=10_000)
    parser.add_argument("--captures", type=int, default=3_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--html", action="store_true", help="captures in HTML instead of plain text")
    args = parser.parse_args()
    binary = Path(args.binary).resolve()
    folder = Path(tempfile.mkdtemp(prefix="dossier-evidence-"))
    try:
        # In a process of its own: the peak of a child counts what its parent held when it was made.
        maker = multiprocessing.Process(target=make, args=(folder, args))
        maker.start()
        maker.join()
        files = sorted((folder / "captures").iterdir())
        size = sum(file.stat().st_size for file in files) / 2**20
        cpus = len(os.sched_getaffinity(0))
        hashing, looking, memory = [], [], []
        for _ in range(args.runs):
            start = time.perf_counter()
            subprocess.run(["xargs", "-0", "-P", str(cpus), "-n", "200", "sha256sum"], check=True, stdout=subprocess.DEVNULL,
                           input="\0".join(map(str, files)).encode())
            hashing.append(time.perf_counter() - start)
            said, _ = run([binary, "build", "--dry-run"], folder)
            stage = re.search(r"evidence (\d+) ms", said)
            if not stage:
                sys.exit(f"FAIL: no time of the stage is printed:\n{said[-2000:]}")
            looking.append(int(stage.group(1)) / 1000)
            peak = run([binary, "check"], folder)[1]
            (folder / "captures").rename(folder / "away")
            memory.append(peak - run([binary, "check"], folder)[1])
            (folder / "away").rename(folder / "captures")
        listed = subprocess.run([binary, "list", "quote", "--format", "json"], cwd=folder, capture_output=True, check=True)
        results = {}
        for quote in json.loads(listed.stdout):
            result = quote["verbatim"]["result"]
            results[result] = results.get(result, 0) + 1
        took, hashed = statistics.median(looking), statistics.median(hashing)
        print(f"{args.quotes} quotations, {args.captures} captures, {size:.0f} MiB, {cpus} processors: {results}")
        print(f"reading, hashing and looking {took:.2f} s, sha256sum {hashed:.2f} s, ratio {took / hashed:.1f}")
        grown = statistics.median(memory)
        print(f"peak of memory {grown:.0f} MiB higher than without captures; all captures are {size:.0f} MiB")
        found = results.get("exact", 0) + results.get("normalised", 0)
        if found != args.quotes:
            sys.exit(f"FAIL: {args.quotes - found} quotations were not found")
        if took >= 2:
            sys.exit("FAIL: it takes two seconds or longer")
        if grown >= size:
            sys.exit("FAIL: memory grows by all captures or more")
        print("PASS")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
