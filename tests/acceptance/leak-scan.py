#!/usr/bin/env python3
"""What the leak scan costs, as a part of a build.

    tests/acceptance/leak-scan.py [--quotes N] [--names N] [--runs N] [--theme NAME] [--dossier PATH] [--binary PATH]

Makes the dossier of the speed comparison (10,000 quotes unless said otherwise), adds protected persons with invented
names (1,000), builds it several times into a fresh folder, and prints of each build its time, its processor time, and
what of that went into the scan, as the program itself measures it; then the ratios of the medians. Then the same dossier
is built without the persons, in turn, so that the difference can be seen from outside too. The figures mean something only
while nothing else runs on the machine. Ends with 1 when the scan costs a tenth of the build or more.
"""

import argparse
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

HERE = Path(__file__).resolve().parent
STARTS = "Br Dr Fl Gl K Kr L M N P Pl R S Sk St T Tr V Z Zw".split()
MIDDLES = "a e i o u ai ea io ou".split()
ENDS = "bben drik ffan gmar kkel llund mmer nsk ppor rvath ssol ttur vran xley zzak".split()
FIRST = "Ada Bela Cora Dara Edda Fola Gita Hana Ines Juno Kofi Lars Mina Nils Omar Petra Quin Rosa Sven Tova".split()


def add_persons(folder: Path, count: int) -> None:
    """Persons of whom readers see nothing, with first names that public persons have too."""
    pick = random.Random(5)
    seen = set()
    while len(seen) < count:
        family = pick.choice(STARTS) + pick.choice(MIDDLES) + pick.choice(ENDS) + pick.choice(MIDDLES)
        name = f"{pick.choice(FIRST)} {family}"
        slug = name.lower().replace(" ", "-")
        if slug in seen:
            continue
        seen.add(slug)
        first = name.split()[0]
        (folder / "content/actors" / f"{slug}.md").write_text(
            f'---\nname: "{name}"\nkind: person\nprivacy: private\nsort_name: "{family}, {first}"\n'
            f"notes_internal: {name} asked us twice to be left out of all this.\n---\n{name} saw it from the window.\n"
        )


def build(binary: Path, dossier: Path, out: Path, theme: str) -> tuple[float, float, float]:
    """Wall time, processor time, and the scan's part of the latter, in seconds."""
    shutil.rmtree(out, ignore_errors=True)
    before = os.times()
    began = time.monotonic()
    done = subprocess.run(
        [binary, "build", "--theme", theme, "--date", "2026-01-01", "--out", out],
        cwd=dossier, check=True, capture_output=True, text=True,
    )
    wall = time.monotonic() - began
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    in_files = re.search(r"(\d+) ms of processor time", done.stdout)
    prepared = re.search(r"\bscan (\d+) ms", done.stdout)
    if not in_files or not prepared:
        sys.exit(f"the build does not say what the scan took:\n{done.stdout}")
    return wall, cpu, (int(in_files[1]) + int(prepared[1])) / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quotes", type=int, default=10_000)
    parser.add_argument("--names", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--theme", default="plain")
    parser.add_argument("--dossier", type=Path, help="a dossier to copy in place of the made one")
    parser.add_argument("--binary", type=Path, default=HERE.parent.parent / "target/release/dossier")
    args = parser.parse_args()
    if args.binary:
        args.binary = args.binary.resolve()
    with tempfile.TemporaryDirectory(prefix="dossier-leak-scan-") as work:
        work = Path(work)
        without, with_names, out = work / "without", work / "with", work / "out"
        if args.dossier:
            shutil.copytree(args.dossier, without)
        else:
            subprocess.run(
                [sys.executable, HERE / "speed/gen.py", "--kind", "dossier", "--n", str(args.quotes), "--out", without],
                check=True, stdout=subprocess.DEVNULL,
            )
        shutil.copytree(without, with_names)
        add_persons(with_names, args.names)
        rows, plain = [], []
        for run in range(args.runs + 1):
            row = build(args.binary, with_names, out, args.theme)
            other = build(args.binary, without, out, args.theme)
            if run == 0:
                continue  # The first build reads from a cold disk.
            rows.append(row)
            plain.append(other)
            print(f"run {run}: {row[0]:.2f} s, {row[1]:.2f} s of processors, scan {1000 * row[2]:.0f} ms; "
                  f"without names {other[0]:.2f} s, {other[1]:.2f} s")
        wall, cpu, scan = (statistics.median(column) for column in zip(*rows))
        wall_without, cpu_without, _ = (statistics.median(column) for column in zip(*plain))
        print(f"median: {wall:.2f} s, {cpu:.2f} s of processors; without names {wall_without:.2f} s, {cpu_without:.2f} s")
        print(f"scan / processor time of the build: {scan / cpu:.3f}")
        print(f"scan on one of {os.cpu_count()} processors at a time / time of the build: {scan / wall / os.cpu_count():.3f}")
        sys.exit(0 if scan / cpu < 0.1 and scan / wall / os.cpu_count() < 0.1 else 1)


if __name__ == "__main__":
    main()
