#!/usr/bin/env python3
"""Measures making and verifying an edition of 15,000 pages beside ordinary tools on the same files, and memory from 1,000 to 100,000 pages.

    tests/acceptance/archive-speed.py [--binary target/release/dossier] [--pages 15000] [--runs 5] [--most 100000]

A dossier of made-up quotes is made from a fixed seed, and built; then, in turns, so that a busy machine slows all of them alike:

    tar -C public -cf - . | zstd -q -T0 -o FILE       what is compared with
    dossier archive --built --out FILE.tar.zst        the site that the build wrote
    dossier archive --built --out FILE.zip
    dossier archive --out FILE.tar.zst                rendered anew
    dossier archive --built --out FILE.wacz

Printed are the medians, and the ratios to `tar | zstd`. It fails when `archive --built` into any of the forms takes more than twice as long.
Then each is verified, in turns with

    sha256sum --quiet -c manifest-sha256.txt          in the folder to which it was unpacked
    unzip -tqq FILE.zip

and it fails when `dossier verify` takes more than four times as long as `sha256sum`: it unpacks, hashes, compares, and packs again.
At last sites of 1,000, 10,000 and `--most` pages are archived with `--built` and verified. The peak of memory of the first must not grow from the
least, of which all bytes are on their way at once, to the most by more than a quarter and 24 MB, into each of the forms; what is verified may take
1 KB for each file.
Prints PASS last.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SYLLABLES = [a + b for a in "bcdfghjklmnprstvw" for b in ["a", "e", "i", "o", "u", "an", "er", "is", "on", "um"]]
SALT = "00112233445566778899aabbccddeeff" * 2 + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=str(ROOT / "target/release/dossier"))
    parser.add_argument("--pages", type=int, default=15_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--most", type=int, default=100_000)
    args = parser.parse_args()
    binary = str(Path(args.binary).resolve())
    with tempfile.TemporaryDirectory() as work:
        failed = speed(binary, Path(work) / "speed", args) + verifying(binary, Path(work), args)
        failed += memory(binary, Path(work), args)
    for why in failed:
        print(f"failed: {why}")
    print("FAIL" if failed else "PASS")
    return 1 if failed else 0


def make(folder, pages):
    """A dossier that comes to about so many pages: two thirds are quotes, the rest their people, events and days."""
    rng = random.Random(7)
    word = lambda: "".join(rng.choice(SYLLABLES) for _ in range(rng.choice([1, 2, 2, 3])))
    words = [word() for _ in range(4000)]
    text = lambda least, most: " ".join(rng.choice(words) for _ in range(rng.randint(least, most)))
    content = folder / "content"
    for kind in ["actors", "quotes", "sources", "events"]:
        (content / kind).mkdir(parents=True)
    (folder / "dossier.yaml").write_text("title: A long dossier\nbase_url: https://example.org/\n")
    (folder / "edition.salt").write_text(SALT)
    quotes = pages * 2 // 3
    people, sources, events = max(pages // 50, 5), max(pages // 10, 5), max(pages // 10, 5)
    for number in range(people):
        (content / f"actors/a-{number}.md").write_text(f"---\nname: {word().title()} {word().title()} {number}\nkind: organisation\n---\n{text(20, 60)}.\n")
    for number in range(sources):
        (content / f"sources/s-{number}.md").write_text(f"---\ntitle: {text(3, 8).capitalize()} {number}\nkind: article\npublished: 2025-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}\n---\n")
    for number in range(events):
        (content / f"events/e-{number}.md").write_text(f"---\ntitle: {text(3, 8).capitalize()} {number}\ndate: {day(rng)}\nsource: s-{rng.randrange(sources)}\n---\n{text(20, 80)}.\n")
    for part in range(0, quotes, 500):
        with open(content / f"quotes/part-{part}.yaml", "w") as file:
            for number in range(part, min(part + 500, quotes)):
                file.write(
                    f"---\nid: q-{number}\nspeaker: a-{rng.randrange(people)}\ndate: {day(rng)}\ntext: {text(8, 60).capitalize()}.\n"
                    f"event: e-{rng.randrange(events)}\nsource: s-{rng.randrange(sources)}\n"
                )


def day(rng):
    return f"20{rng.randint(15, 24)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def run(command, folder):
    """Runs a command; its wall time in seconds and its peak of memory in megabytes."""
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, shell=isinstance(command, str), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = time.monotonic() - began
    if process.returncode != 0:
        sys.exit(f"{command} ended with {process.returncode}: {said.decode(errors='replace')}")
    return took, usage.ru_maxrss / 1024


def site(binary, folder, pages):
    folder.mkdir()
    make(folder, pages)
    run([binary, "build", "--quiet"], folder)
    # Without a list of all: the peak of what is run counts that of who runs it.
    files, size = 0, 0
    for place, _, names in os.walk(folder / "public"):
        files += len(names)
        size += sum(os.stat(os.path.join(place, name)).st_size for name in names)
    return files, size


def archive(binary, out, *more):
    return [binary, "archive", "--quiet", "--no-record", "--force", "--date", "2025-01-01", "--out", out, *more]


def speed(binary, folder, args):
    files, size = site(binary, folder, args.pages)
    print(f"{files} files of {size / 1e6:.0f} MB, {os.cpu_count()} processors, medians of {args.runs} runs")
    ways = {
        "tar | zstd": "tar -C public -cf - . | zstd -q -f -T0 -o ../compared.tar.zst",
        "archive --built, tar.zst": archive(binary, "../a.tar.zst", "--built"),
        "archive --built, zip": archive(binary, "../a.zip", "--built"),
        "archive, tar.zst": archive(binary, "../b.tar.zst"),
        "archive --built, wacz": archive(binary, "../a.wacz", "--built"),
    }
    took = {name: [] for name in ways}
    for _ in range(args.runs):
        for name, command in ways.items():
            took[name].append(run(command, folder)[0])
    medians = {name: statistics.median(times) for name, times in took.items()}
    floor = medians["tar | zstd"]
    outs = dict(zip(ways, ["compared.tar.zst", "a.tar.zst", "a.zip", "b.tar.zst", "a.wacz"]))
    for name, median in medians.items():
        length = (folder.parent / outs[name]).stat().st_size
        print(f"{name:26} {median:7.2f} s  {median / floor:5.2f} times  {length / 1e6:7.1f} MB")
    shutil.rmtree(folder)
    ratios = {name: median / floor for name, median in medians.items() if "--built" in name}
    return [f"{name} takes {ratio:.2f} times as long as tar | zstd" for name, ratio in ratios.items() if ratio > 2]


def verifying(binary, folder, args):
    """Measures verifying what was archived, beside ordinary tools."""
    (folder / "unpacked").mkdir()
    run("zstd -dcq a.tar.zst | tar -xf - -C unpacked", folder)
    [top] = (folder / "unpacked").iterdir()
    ways = {
        "sha256sum -c, unpacked": ["sha256sum", "--quiet", "-c", "manifest-sha256.txt"],
        "unzip -t, zip": ["unzip", "-tqq", str(folder / "a.zip")],
    }
    ways |= {f"verify, {form}": [binary, "verify", str(folder / f"a.{form}")] for form in ["tar.zst", "zip", "wacz"]}
    took = {name: [] for name in ways}
    for _ in range(args.runs):
        for name, command in ways.items():
            took[name].append(run(command, top)[0])
    medians = {name: statistics.median(times) for name, times in took.items()}
    floor = medians["sha256sum -c, unpacked"]
    for name, median in medians.items():
        print(f"{name:26} {median:7.2f} s  {median / floor:5.2f} times")
    shutil.rmtree(folder / "unpacked")
    ratios = {name: median / floor for name, median in medians.items() if name.startswith("verify")}
    return [f"{name} takes {ratio:.2f} times as long as sha256sum" for name, ratio in ratios.items() if ratio > 4]


def memory(binary, work, args):
    peaks, verified, counts = {}, {}, []
    for pages in [1000, 10_000, args.most]:
        folder = work / f"memory-{pages}"
        files, size = site(binary, folder, pages)
        for form in ["tar.zst", "zip", "wacz"]:
            peak = run(archive(binary, f"../m.{form}", "--built"), folder)[1]
            peaks.setdefault(form, []).append(peak)
            verified.setdefault(form, []).append(run([binary, "verify", f"../m.{form}"], folder)[1])
        counts.append(files)
        said = lambda peaks: ", ".join(f"{form} {peaks[form][-1]:.0f} MB" for form in peaks)
        print(f"{files:7} files of {size / 1e6:6.0f} MB: {said(peaks)}; verified: {said(verified)}")
        shutil.rmtree(folder)
    kilobytes = (counts[-1] - counts[0]) / 1024
    failed = [
        f"memory of verify of {form} grows from {least:.0f} to {most:.0f} MB"
        for form, [least, *_, most] in verified.items()
        if most - least > kilobytes + 16
    ]
    return failed + [
        f"memory of {form} grows from {least:.0f} to {most:.0f} MB"
        for form, [least, *_, most] in peaks.items()
        if most > least * 1.25 + 24
    ]


sys.exit(main())
