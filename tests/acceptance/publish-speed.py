#!/usr/bin/env python3
"""Measures publishing a site of 15,000 pages beside `aws s3 sync` and `rclone` against the same S3 server in one run, and its memory.

    tests/acceptance/publish-speed.py [--binary target/release/dossier] [--dossier FOLDER] [--pages 15000] [--runs 3] [--memory 1000 15000 100000]
                                      [--tools FOLDER] [--no-cloud]

A dossier of made-up quotes is made from a fixed seed, or a copy of `--dossier` is taken, and built. Then, in turns, each into a bucket of its own on one
`s3s-fs` server that verifies signatures:

    dossier publish --built s3://…       aws s3 sync public s3://…       rclone sync public :s3:… --transfers 16 --checksum

first into an empty bucket, then with nothing changed, then with one quotation changed and built. Printed are medians, ratios, peaks of memory, and how
many seconds of processor time the publisher and the server took: what a first publish waits for is the server. The same into a folder, beside `rsync -a --delete` or
`cp`. It fails when `dossier publish` takes longer than the faster of the others for a first publish, or more than a second to see that nothing
has changed. Then sites of `--memory` pages are published. What the allocator keeps for a second after it was freed is no use of memory, and varies; so each
is published once more with an allocator that gives it back at once (MIMALLOC_PURGE_DELAY=0). Of that the peak must not grow by more than a quarter
and the 8 MB that may be on their way, which the least site does not have, from that to the largest one; of the other by no more than a quarter and 24 MB. `--no-cloud` measures the folder alone. What is not here is named as left out. Prints PASS last; exits 77 without a server.

The tools are found on the path, or where `publish.py` puts them (target/acceptance-tools).
"""

import argparse
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
KEY, SECRET = "AKIADOSSIERTEST00001", "s3cr3tWithoutOddCharacters0123456789abcd"
SYLLABLES = [a + b for a in "bcdfghjklmnprstvw" for b in ["a", "e", "i", "o", "u", "an", "er", "is", "on", "um"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=str(ROOT / "target/release/dossier"))
    parser.add_argument("--dossier")
    parser.add_argument("--pages", type=int, default=15_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--memory", type=int, nargs="*", default=[1000, 15_000, 100_000])
    parser.add_argument("--tools", default=str(ROOT / "target/acceptance-tools"))
    parser.add_argument("--no-cloud", action="store_true")
    args = parser.parse_args()
    args.binary = str(Path(args.binary).resolve())
    tools = Path(args.tools).resolve()
    os.environ["PATH"] += os.pathsep + os.pathsep.join(str(tools / part) for part in ["bin", "s3s/bin", "venv/bin"])
    if not args.no_cloud and not shutil.which("s3s-fs"):
        print("left out: s3s-fs is not here; tests/acceptance/publish.py builds it", file=sys.stderr)
        return 77
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        server = None if args.no_cloud else Server(work / "server")
        try:
            failed = speed(args, work, server) + memory(args, work, server)
        finally:
            if server:
                server.end()
    for why in failed:
        print(f"failed: {why}")
    print("FAIL" if failed else "PASS")
    return 1 if failed else 0


# ---------------------------------------------------------------- what is measured


def speed(args, work, server):
    folder = work / "dossier"
    if args.dossier:
        shutil.copytree(args.dossier, folder, ignore=shutil.ignore_patterns("public"))
    else:
        make(folder, args.pages)
    files, size = build(args.binary, folder)
    print(f"{files} files of {size / 1e6:.0f} MB, {os.cpu_count()} processors, medians of {args.runs} runs; load {os.getloadavg()[0]:.1f}")
    seen = {}
    for at in range(args.runs):
        for name, (command, environment) in ways(args, work, server, at).items():
            steps = seen.setdefault(name, {})
            for step in ["first", "nothing", "changed"]:
                if step == "changed":
                    change(args.binary, folder, f"{name} {at}")
                measured = run(command, folder, environment, server)
                steps.setdefault(step, []).append(measured)
                print(f"    {name}, {step}: {measured.wall:.2f} s {measured.said}", flush=True)
    failed = []
    base = {}
    for name, steps in seen.items():
        for step, measured in steps.items():
            wall = statistics.median(each.wall for each in measured)
            group = name.endswith("folder")
            base.setdefault((group, step), wall)
            of_server = statistics.median(each.server for each in measured)
            own = statistics.median(each.own for each in measured)
            peak = max(each.peak for each in measured)
            print(f"{step:8} {name:26} {wall:8.2f} s  {wall / base[group, step]:6.2f} times  {own:7.2f} s of its own, {of_server:7.2f} s of the server, {peak:5.0f} MB", flush=True)
    for group in [False, True]:
        of_group = {name: steps for name, steps in seen.items() if name.endswith("folder") == group}
        ours = [name for name in of_group if name.startswith("dossier")]
        others = [name for name in of_group if not name.startswith("dossier")]
        if ours and others and not group:
            mine = min(statistics.median(each.wall for each in of_group[name]["first"]) for name in ours)
            fastest = min(statistics.median(each.wall for each in of_group[name]["first"]) for name in others)
            if mine > fastest:
                failed.append(f"a first publish takes {mine / fastest:.2f} times as long as the fastest of the others")
        for name in ours:
            nothing = statistics.median(each.wall for each in of_group[name]["nothing"])
            if nothing > 1:
                failed.append(f"{name} takes {nothing:.2f} s to see that nothing has changed")
    shutil.rmtree(folder)
    return failed


def ways(args, work, server, at):
    """What is measured, with its environment; the first of each kind is what the others are compared with."""
    found = {}
    if server:
        aws = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": server.url, "AWS_EC2_METADATA_DISABLED": "true"}
        bucket = lambda name: server.bucket(f"{name}-{at}")
        found["dossier publish --built"] = ([args.binary, "publish", f"s3://{bucket('dossier')}/site", "--built"], aws)
        if shutil.which("aws"):
            found["aws s3 sync --delete"] = (["aws", "s3", "sync", "public", f"s3://{bucket('aws')}/site", "--delete", "--only-show-errors"], aws)
        elif at == 0:
            print("left out: aws, which is not here")
        if shutil.which("rclone"):
            remote = f":s3,provider=Other,env_auth=true,region=us-east-1,endpoint='{server.url}',force_path_style=true:{bucket('rclone')}/site"
            found["rclone sync, 16 at once"] = (["rclone", "sync", "public", remote, "--transfers", "16", "--checkers", "16", "--checksum", "--config", os.devnull, "--fast-list"], aws)
        elif at == 0:
            print("left out: rclone, which is not here")
    target = work / f"folder-{at}"
    found["dossier publish --built, folder"] = ([args.binary, "publish", f"file://{target}", "--built"], {})
    if shutil.which("rsync"):
        found["rsync -a --delete, folder"] = (["rsync", "-a", "--delete", "public/", f"{target}-rsync/"], {})
    else:
        found["cp -r, folder"] = (["cp", "-r", "public/.", f"{target}-cp"], {})
    return found


def memory(args, work, server):
    peaks = []
    for pages in args.memory:
        folder = work / f"memory-{pages}"
        make(folder, pages)
        files, size = build(args.binary, folder)
        command, environment = next(iter(ways(args, work, server, f"memory-{pages}").values()))
        first = run(command, folder, environment, server)
        again = run(command, folder, environment, server)
        command, environment = next(iter(ways(args, work, server, f"m{pages}").values()))
        at_once = run(command, folder, {**environment, "MIMALLOC_PURGE_DELAY": "0"}, server)
        peaks.append((files, first.peak, at_once.peak, again.peak))
        print(f"{files:7} files of {size / 1e6:6.0f} MB: first {first.wall:.1f} s and {first.peak:.0f} MB, {at_once.peak:.0f} MB when memory is given back at once; with nothing changed {again.wall:.2f} s and {again.peak:.0f} MB", flush=True)
        shutil.rmtree(folder)
    failed = []
    for at, name, more in [(1, "of a first publish", 24), (2, "of a first publish that gives memory back at once", 8), (3, "with nothing changed", 0)]:
        if peaks and peaks[-1][at] > 1.25 * peaks[0][at] + more:
            failed.append(f"memory {name} grows from {peaks[0][at]:.0f} MB at {peaks[0][0]} files to {peaks[-1][at]:.0f} MB at {peaks[-1][0]}")
    return failed


class Measured:
    def __init__(self, wall, own, server, peak, said):
        self.wall, self.own, self.server, self.peak, self.said = wall, own, server, peak, said


def run(command, folder, environment, server):
    """Runs a command; its wall time, processor time and peak of memory, and the processor time of the server meanwhile."""
    # What the command before has written is not written while this one is measured.
    os.sync()
    # Nothing that is set on this machine, such as a bundle of certificates, is meant for a server on it.
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    before = server.time() if server else 0
    launched = subprocess.run(
        [sys.executable, "-S", "-E", "-c", LAUNCH, *command], cwd=folder, env={**own, **environment}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said, _, measured = launched.stdout.decode(errors="replace").rstrip("\n").rpartition("\n")
    status, wall, processor, peak = measured.split()
    if status != "0":
        sys.exit(f"{command} ended with {status}: {said}")
    of_server = (server.time() - before) if server else 0
    line = said.strip().splitlines()[-1] if said.strip() and "publish" in command else ""
    return Measured(float(wall), float(processor), of_server, int(peak) / 1024, line)


# The peak of a process counts that of whoever started it: this one starts it while it is small, where the script that made a long dossier is not.
LAUNCH = """
import os, sys, time
began = time.monotonic()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
wall = time.monotonic() - began
print()
print(os.waitstatus_to_exitcode(status), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
"""


class Server:
    def __init__(self, folder):
        folder.mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.folder, self.url = folder, f"http://127.0.0.1:{port}"
        command = ["s3s-fs", "--host", "127.0.0.1", "--port", str(port), "--access-key", KEY, "--secret-key", SECRET, str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(400):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        sys.exit("s3s-fs does not answer")

    def bucket(self, name):
        # A bucket of this server is a folder.
        (self.folder / name).mkdir(exist_ok=True)
        return name

    def time(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.process.terminate()
        self.process.wait()


# ---------------------------------------------------------------- the dossier


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
    quotes = pages * 2 // 3
    people, sources, events = max(pages // 50, 5), max(pages // 10, 5), max(pages // 10, 5)
    for number in range(people):
        (content / f"actors/a-{number}.md").write_text(f"---\nname: {word().title()} {word().title()} {number}\nkind: organisation\n---\n{text(20, 60)}.\n")
    for number in range(sources):
        (content / f"sources/s-{number}.md").write_text(f"---\ntitle: {text(3, 8).capitalize()} {number}\nkind: article\npublished: 2025-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}\n---\n")
    for number in range(events):
        (content / f"events/e-{number}.md").write_text(f"---\ntitle: {text(3, 8).capitalize()} {number}\ndate: {day(rng)}\nsource: s-{rng.randrange(sources)}\n---\n{text(20, 80)}.\n")
    for number in range(quotes):
        (content / f"quotes/q-{number}.md").write_text(
            f"---\nspeaker: a-{rng.randrange(people)}\ndate: {day(rng)}\ntext: {text(8, 60).capitalize()}.\nevent: e-{rng.randrange(events)}\nsource: s-{rng.randrange(sources)}\n---\n")


def day(rng):
    return f"20{rng.randint(15, 24)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def build(binary, folder):
    subprocess.run([binary, "build", "--quiet", "--date", "2026-01-01"], cwd=folder, check=True)
    # Without a list of all: the peak of what is run counts that of who runs it.
    files, size = 0, 0
    for place, _, names in os.walk(folder / "public"):
        files += len(names)
        size += sum(os.stat(os.path.join(place, name)).st_size for name in names)
    return files, size


def change(binary, folder, words):
    """One quotation gets other words."""
    path = sorted((folder / "content/quotes").glob("*.md"))[50]
    head, mark, body = path.read_text().partition("\n---\n")
    path.write_text(head + mark + re.sub("\nIt was changed for .*", "", body) + f"\nIt was changed for {words}.\n")
    build(binary, folder)


if __name__ == "__main__":
    sys.exit(main())
