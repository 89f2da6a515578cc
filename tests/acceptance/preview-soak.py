#!/usr/bin/env python3
"""Edits a dossier at random for an hour under `dossier serve` and holds every page against a fresh build, byte for byte.

    tests/acceptance/preview-soak.py [--minutes 60] [--seed N] [--quotes 300] [--program PATH]

The program is target/release/dossier unless said otherwise; the dossier is a generated one in a temporary folder. It proves that

  * after any edit the preview shows what `dossier build` writes: records changed, moved, renamed, added and deleted, by every way
    in which editors save; settings, static files and templates changed; hundreds of files changed at once; a folder moved away
    and back; files touched without a change;
  * while the dossier has errors, the preview shows the last good pages with an overlay over them, and no longer after that;
  * four readers who ask all the time, also conditionally, for ranges and for gzip, never get a wrong or incomplete answer, and
    others who send a byte a second do not get in their way;
  * memory does not grow: in a run of ten minutes or more the median of the last fifth is at most 10 % over that of the second;
  * SIGTERM ends the server with 0, its port is free again, and it has left no file in the dossier.

Edits follow from the seed; which of them the server sees as one, and which answers come between, does not. Before half of the
checks a record of its own is written last: once it is seen, all else should be. A page that is right only later is counted
as late, one that is not right within 10 s as wrong. Prints a line a minute and a verdict; exits with 0 only when all held.
When something did not hold, the folder is kept and named.
"""
import argparse
import gzip
import html.parser
import http.client
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PATIENCE = 10.0
EDITS_PER_CHECK = 3
SAMPLE = 20
SETTLED = 600
ALL_EVERY = 50
READERS = 4
# Build and preview must agree on the day, also when midnight passes between them.
ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": "1750000000"}
# These paths are there whatever the edits do, so a reader never accepts that one is missing.
ALWAYS = ["index.html", "timeline.html", "sitemap.xml", "robots.txt", "actors/index.html", "static/style.css"]
SENTINEL = "content/quotes/sentinel.md"


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--minutes", type=float, default=60)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--quotes", type=int, default=300)
    ap.add_argument("--program", default=os.path.join(ROOT, "target/release/dossier"))
    a = ap.parse_args()
    # A plain kill would leave the server behind; as an exception it passes the clean-up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = tempfile.mkdtemp(prefix="dossier-preview-soak-")
    held, keep = False, True
    try:
        held = soak(a, folder)
        keep = not held
    except KeyboardInterrupt:
        keep = False
        raise
    finally:
        if keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder)
    sys.exit(0 if held else 1)


def soak(a, folder):
    root = os.path.join(folder, "dossier")
    generate = [sys.executable, os.path.join(HERE, "speed/gen.py"), "--n", str(a.quotes), "--kind", "dossier"]
    subprocess.run([*generate, "--out", root], check=True)
    tally = Tally()
    author = Author(root, random.Random(a.seed))
    server = Server(os.path.abspath(a.program), root, os.path.join(folder, "server.log"))
    stop = threading.Event()
    try:
        server.wait_for_address()
        proof = Proof(server, os.path.join(folder, "build"), tally, random.Random(f"{a.seed}/proof"))
        proof.check(errors=False)
        seconds = a.minutes * 60
        meter = Meter(server.child.pid, min(10.0, seconds / 50), stop)
        threads = [meter, SlowReaders(server.port, stop, tally)]
        threads += [Reader(server.port, proof, tally, stop, random.Random(f"{a.seed}/{i}")) for i in range(READERS)]
        for thread in threads:
            thread.start()
        edit_until(time.monotonic() + seconds, author, server, proof, tally, meter)
        proof.check(errors=False, all_=True)
        stop.set()
        for thread in threads:
            thread.join()
        return verdict(author, server, tally, meter)
    finally:
        stop.set()
        server.kill()


def edit_until(end, author, server, proof, tally, meter):
    """Edits and checks in turn until the time is over; the dossier is without errors then."""
    start = next_line = time.monotonic()
    number = 0
    while time.monotonic() < end:
        if time.monotonic() >= next_line:
            memory = f"{meter.samples[-1]:.1f} MiB" if meter.samples else "not taken yet"
            print(f"{(time.monotonic() - start) / 60:4.0f} min  {tally.line()}, RSS {memory}", flush=True)
            next_line += 60
        server.must_run()
        number += 1
        tally.edits += 1
        if author.chance.random() < 0.06:
            break_and_mend(author, proof, tally)
            continue
        author.edit()
        if number % EDITS_PER_CHECK == 0:
            if author.chance.random() < 0.5:
                author.write_sentinel(number)
                proof.wait_for_sentinel(number)
            proof.check(errors=False)
        # Some edits follow at once, others after the preview has come to rest.
        time.sleep(author.chance.choice([0.0, 0.0, 0.05, 0.3, 1.0]))


def break_and_mend(author, proof, tally):
    # What the last good page is must be known on both sides before it is the one to be shown.
    proof.check(errors=False)
    mend = author.make_error()
    proof.check(errors=True)
    if author.chance.random() < 0.5:
        author.edit_text()
        tally.edits += 1
        proof.check(errors=True)
    mend()
    tally.edits += 1
    proof.check(errors=False)


def verdict(author, server, tally, meter):
    """Ends the server, prints what came of it all, and says whether everything held."""
    failures = []
    samples = meter.samples
    fifth = len(samples) // 5
    early, late = statistics.median(samples[fifth:2 * fifth]), statistics.median(samples[-fifth:])
    # In a run of a few minutes what is seen is how the allocator settles.
    if len(samples) * meter.interval >= SETTLED and late > 1.1 * early:
        failures.append(f"memory grew: median {early:.1f} MiB in the second fifth of the time, {late:.1f} MiB in the last")
    code = server.terminate()
    if code != 0:
        failures.append(f"SIGTERM ended the server with {code}, not 0")
    if not is_free(server.port):
        failures.append(f"port {server.port} is still taken after the server has ended")
    strange = sorted(author.listing() ^ author.expected_listing())
    if strange:
        failures.append(f"files came or went that this script has not made or deleted: {', '.join(strange[:10])}")
    if tally.wrong:
        failures.append(f"{tally.wrong} pages were wrong")
    if tally.failed:
        failures.append(f"{tally.failed} requests failed")
    print()
    print(f"edits made       {tally.edits}")
    print(f"checks made      {tally.checks}, of which {tally.error_checks} with errors in the dossier")
    print(f"pages compared   {tally.compared}, of which {tally.late} were right only after a while; slowest {tally.slowest:.2f} s")
    print(f"wrong pages      {tally.wrong}")
    print(f"requests made    {tally.requests} ({', '.join(f'{status}: {n}' for status, n in sorted(tally.statuses.items(), key=str))})")
    print(f"failed requests  {tally.failed}")
    print(f"slow requests    {tally.slow_answered} answered, {tally.slow_closed} closed by the server")
    print(f"RSS at 10 %      {samples[len(samples) // 10]:.1f} MiB")
    print(f"RSS at 50 %      {samples[len(samples) // 2]:.1f} MiB")
    print(f"RSS at 100 %     {samples[-1]:.1f} MiB; medians {early:.1f} MiB in the second fifth, {late:.1f} MiB in the last")
    for failure in failures:
        print(f"FAIL  {failure}")
    print("FAIL" if failures else "PASS")
    return not failures


class Tally:
    """What was done and seen; several threads add to it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.edits = self.checks = self.error_checks = 0
        self.compared = self.late = self.wrong = 0
        self.requests = self.failed = self.slow_answered = self.slow_closed = 0
        self.slowest = 0.0
        self.statuses = {}

    def request(self, status):
        with self.lock:
            self.requests += 1
            self.statuses[status] = self.statuses.get(status, 0) + 1

    def failure(self, what):
        with self.lock:
            self.failed += 1
            if self.failed <= 20:
                print(f"failed request: {what}", flush=True)

    def wrong_page(self, what):
        with self.lock:
            self.wrong += 1
            if self.wrong <= 20:
                print(f"wrong page: {what}", flush=True)

    def line(self):
        return (f"{self.edits} edits, {self.checks} checks, {self.compared} pages compared, {self.wrong} wrong, {self.late} late, "
                f"{self.requests} requests, {self.failed} failed")


class Author:
    """Somebody who edits a dossier; each edit but those of `make_error` leaves it without errors.

    `files` is what this script has put into the folder, by path; every write and deletion passes through here.
    """

    def __init__(self, root, chance):
        self.root = root
        self.chance = chance
        self.files = {}
        self.counter = 0
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                with open(path) as f:
                    self.files[os.path.relpath(path, root)] = f.read()
        self.folders = {os.path.relpath(folder, root) for folder, _, _ in os.walk(root)}
        # The size of the dossier must stay about the same, or the server's memory would say nothing. So new texts are
        # always made from the first one.
        self.prose = {path: front_and_body(text)[1] for path, text in self.files.items() if path.endswith(".md")}
        self.aliases = {}
        self.quotes_at_first = len(self.records("quotes"))
        dates = {field(text, "date") for path, text in self.files.items() if path.startswith("content/events/")}
        inexact = ["1995-01", "1995-02", "1995", "1995~", "1995-01-03/1995-01-07", '"[1995-01-02..1995-01-04]"', "1995-01-XX"]
        self.dates = sorted(dates) + inexact

    def edit(self):
        edits = {
            self.edit_text: 6, self.edit_date: 3, self.edit_references: 3, self.add_quote: 2, self.delete_quote: 2,
            self.move_record: 2, self.rename_quote: 1, self.rename_id: 2, self.edit_settings: 2, self.edit_static: 3,
            self.edit_template: 2, self.touch: 2, self.checkout: 0.3, self.move_folder: 0.3,
        }
        self.chance.choices(list(edits), list(edits.values()))[0]()

    def edit_text(self):
        path = self.pick("actors", "events", "quotes")
        front, _ = front_and_body(self.files[path])
        self.put(path, front + self.new_prose(path))

    def edit_date(self):
        path = self.pick("events", "quotes")
        self.put(path, with_field(self.files[path], "date", self.chance.choice(self.dates)))

    def edit_references(self):
        path = self.pick("events", "quotes")
        actors = [id_of(path) for path in self.records("actors")]
        text = self.files[path]
        if path.startswith("content/events/"):
            text = with_field(text, "actors", "[" + ", ".join(self.chance.sample(actors, self.chance.randint(0, 4))) + "]")
        else:
            text = with_field(text, "speaker", self.chance.choice([*actors, "unknown"]))
            text = with_field(text, "event", id_of(self.pick("events")))
        self.put(path, text)

    def add_quote(self):
        if len(self.records("quotes")) > 1.1 * self.quotes_at_first:
            return self.delete_quote()
        model = self.pick("quotes")
        path = f"content/quotes/added-{self.new_number()}.md"
        self.prose[path] = self.prose[model]
        self.put(path, without_aliases(self.files[model]))

    def delete_quote(self):
        # Nothing refers to a quote of this corpus, so that none is missed.
        if len(self.records("quotes")) < 0.9 * self.quotes_at_first:
            return self.add_quote()
        path = self.pick("quotes")
        self.remove(path)
        del self.prose[path]

    def move_record(self):
        """The id is the name of the file, so a move into another folder changes nothing but what is read where."""
        path = self.pick("actors", "events", "quotes")
        kind, name = path.split("/")[1], os.path.basename(path)
        self.move(path, f"content/{kind}/{name}" if "/moved/" in path else f"content/{kind}/moved/{name}")

    def rename_quote(self):
        path = self.pick("quotes")
        self.move(path, f"{os.path.dirname(path)}/renamed-{self.new_number()}.md")

    def rename_id(self):
        """A new id for a record that others refer to: they follow, or the old id stays as an alias and they do not."""
        path = self.pick("actors", "events")
        old, new = id_of(path), f"{'actor' if path.startswith('content/actors/') else 'event'}-{self.new_number()}"
        olds = [old, *self.aliases.pop(path, [])]
        target = f"{os.path.dirname(path)}/{new}.md"
        is_followed = self.chance.random() < 0.5
        text = without_aliases(self.files[path])
        self.aliases[target] = [old] if is_followed else olds
        self.move(path, target)
        self.put(target, text.replace("---\n", f"---\naliases: [{', '.join(self.aliases[target])}]\n", 1))
        if is_followed:
            reference = re.compile(r"(?<![a-z0-9-])(%s)(?![a-z0-9-])" % "|".join(map(re.escape, olds)))
            for other in sorted(other for other in self.files if other.startswith("content/")):
                kept = re.search(r"^aliases: .*\n", self.files[other], re.M)
                text = reference.sub(new, without_aliases(self.files[other]))
                if kept:
                    text = text.replace("---\n", "---\n" + kept[0], 1)
                if text != self.files[other]:
                    self.put(other, text)
                if other in self.prose:
                    self.prose[other] = reference.sub(new, self.prose[other])

    def edit_settings(self):
        text = self.files["dossier.yaml"]
        if self.chance.random() < 0.5:
            text = with_field(text, "title", f"Incident dossier, version {self.new_number()}")
        else:
            text = with_field(text, "paginate", str(self.chance.choice([10, 50, 100, 200, 1000])))
        self.put("dossier.yaml", text)

    def edit_static(self):
        there = [path for path in sorted(self.files) if path.startswith("static/")]
        if there and (len(there) > 8 or self.chance.random() < 0.3):
            return self.remove(self.chance.choice(there))
        path = self.chance.choice(there) if there and self.chance.random() < 0.5 else f"static/soak/file-{self.new_number()}.txt"
        self.put(path, f"{self.new_number()} some text\n" * self.chance.choice([0, 1, 100, 5000]))

    def edit_template(self):
        path = "templates/" + self.chance.choice(["base.html", "quote.html", "date.html", "event.html"])
        if path in self.files and self.chance.random() < 0.5:
            return self.remove(path)
        with open(os.path.join(ROOT, "themes/plain", path)) as f:
            text = f.read()
        mark = f"<!-- {self.new_number()} -->"
        self.put(path, text.replace("</h1>", "</h1>" + mark).replace("</footer>", "</footer>" + mark))

    def touch(self):
        os.utime(os.path.join(self.root, self.chance.choice(sorted(self.files))))

    def checkout(self):
        """Hundreds of files replaced at once, as when a branch is changed."""
        for path in self.chance.sample(self.records("quotes"), min(300, len(self.records("quotes")))):
            front, _ = front_and_body(self.files[path])
            front = with_field(front, "date", self.chance.choice(self.dates))
            self.put(path, front + self.new_prose(path), manner="again")

    def move_folder(self):
        """A folder goes and comes back: whoever watches it must watch it again."""
        folder = os.path.join(self.root, "content", self.chance.choice(["quotes", "events"]))
        away = os.path.join(self.root, "away")
        os.rename(folder, away)
        time.sleep(self.chance.choice([0.0, 0.0, 0.5]))
        os.rename(away, folder)

    def write_sentinel(self, number):
        model = self.files[SENTINEL] if SENTINEL in self.files else without_aliases(self.files[self.pick("quotes")])
        self.put(SENTINEL, f"{front_and_body(model)[0]}Sentinel {number}.\n")

    def make_error(self):
        """Makes a mistake that a build refuses; returns what mends it."""
        kind = self.chance.choice(["yaml", "key", "reference", "settings", "setting", "template", "lost", "utf-8"])
        if kind == "template":
            path = "templates/quote.html"
            before = self.files.get(path)
            # Neither by deleting it first nor by emptying it: without it, or empty, it would be no mistake.
            self.put(path, "{% if quote %}", "rename")
            return lambda: self.put(path, before) if before is not None else self.remove(path)
        if kind == "lost":
            # An actor that a quote names is sure to be missed.
            path = next(p for p in self.chance.sample(self.records("actors"), len(self.records("actors"))) if self.is_named(p))
        elif kind in ("settings", "setting"):
            path = "dossier.yaml"
        else:
            path = self.pick("quotes")
        before = self.files[path]
        # Never by deleting it first: between the two the dossier would be right without it, which the preview may see and
        # keep as the last good one, and no build does.
        manner = self.chance.choice(["rename", "in place"])
        match kind:
            case "yaml":
                self.put(path, with_field(before, "title", '"not closed'), manner)
            case "key":
                self.put(path, with_field(before, "speeker", "nobody"), manner)
            case "reference":
                self.put(path, with_field(before, "speaker", "nobody-of-this-name"), manner)
            case "settings":
                self.put(path, with_field(before, "title", "[not closed"), manner)
            case "setting":
                self.put(path, with_field(before, "paginte", "20"), manner)
            case "utf-8":
                self.put(path, before + "\udcff\udcfe\n", manner)
            case "lost":
                self.remove(path)
        return lambda: self.put(path, before)

    def records(self, *kinds):
        folders = tuple(f"content/{kind}/" for kind in kinds)
        return sorted(path for path in self.files if path.startswith(folders) and path != SENTINEL)

    def pick(self, *kinds):
        kind = self.chance.choice(kinds)
        return self.chance.choice(self.records(kind))

    def is_named(self, path):
        names = [id_of(path), *self.aliases.get(path, [])]
        return any(field(self.files[quote], "speaker") in names for quote in self.records("quotes"))

    def new_number(self):
        self.counter += 1
        return self.counter

    def new_prose(self, path):
        return f"Version {self.new_number()} of this text. {self.prose[path]}"

    def put(self, path, text, manner=None):
        """Writes a file in one of the ways in which editors do it."""
        target = os.path.join(self.root, path)
        self.make_folder(os.path.dirname(path))
        manner = manner or self.chance.choice(["rename", "rename", "in place", "in place", "again"])
        folder, name = os.path.split(target)
        written = target
        if manner == "rename":
            written = os.path.join(folder, self.chance.choice([".{}.tmp", "{}~", "{}.new"]).format(name))
        elif manner == "again" and os.path.exists(target):
            os.remove(target)
        with open(written, "wb") as f:
            # What is not UTF-8 is written as lone surrogates.
            f.write(text.encode(errors="surrogateescape"))
        if manner == "rename":
            os.rename(written, target)
        self.files[path] = text

    def remove(self, path):
        os.remove(os.path.join(self.root, path))
        del self.files[path]

    def move(self, path, target):
        self.make_folder(os.path.dirname(target))
        os.rename(os.path.join(self.root, path), os.path.join(self.root, target))
        for of_path in (self.files, self.prose, self.aliases):
            if path in of_path:
                of_path[target] = of_path.pop(path)

    def make_folder(self, folder):
        os.makedirs(os.path.join(self.root, folder), exist_ok=True)
        while folder:
            self.folders.add(folder)
            folder = os.path.dirname(folder)

    def listing(self):
        found = set()
        for folder, _, names in os.walk(self.root):
            inner = os.path.relpath(folder, self.root)
            found.add(inner + "/")
            found.update(os.path.normpath(os.path.join(inner, name)) for name in names)
        return found

    def expected_listing(self):
        return {folder + "/" for folder in self.folders} | set(self.files)


class Server:
    """`dossier serve` on a port that was free."""

    def __init__(self, program, root, log):
        self.program, self.root, self.log = program, root, log
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        command = [program, "serve", "--as", "public", "--theme", "plain", "--port", str(port)]
        with open(log, "wb") as out:
            # A session of its own keeps Ctrl-C from it, which would end it before the clean-up.
            self.child = subprocess.Popen(
                command, cwd=root, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )

    def wait_for_address(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            self.must_run()
            address = re.search(r"http://127\.0\.0\.1:(\d+)", self.talk())
            if address:
                self.port = int(address[1])
                return
            time.sleep(0.02)
        raise SystemExit(f"`dossier serve` has named no address within a minute:\n{self.talk()}")

    def must_run(self):
        if self.child.poll() is not None:
            raise SystemExit(f"`dossier serve` ended with {self.child.returncode}:\n{self.talk()[-3000:]}")

    def talk(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def terminate(self):
        self.child.terminate()
        try:
            return self.child.wait(10)
        except subprocess.TimeoutExpired:
            return "nothing within 10 s"

    def kill(self):
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.child.wait()


class Proof:
    """Holds the preview against what a fresh build writes from the same folder."""

    def __init__(self, server, out, tally, chance):
        self.server, self.out, self.tally, self.chance = server, out, tally, chance
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.paths = []
        self.gone = []

    def check(self, errors, all_=False):
        """Builds, then compares a sample of the pages, and now and then all of them.

        A build that finds errors leaves the last good site as it was, which is then what the preview has to show.
        """
        self.tally.checks += 1
        self.tally.error_checks += errors
        self.build(errors)
        all_ = all_ or self.tally.checks % ALL_EVERY == 0
        paths = self.paths if all_ else self.chance.sample(self.paths, min(SAMPLE, len(self.paths)))
        gone = self.gone if all_ else self.chance.sample(self.gone, min(3, len(self.gone)))
        start = time.monotonic()
        wrong = self.compare([*paths, *gone], errors)
        if wrong:
            self.tally.late += len(wrong)
            while wrong and time.monotonic() < start + PATIENCE:
                time.sleep(0.02)
                wrong = self.compare(wrong, errors)
            self.tally.slowest = max(self.tally.slowest, time.monotonic() - start)
        self.tally.late -= len(wrong)
        self.tally.compared += len(paths) + len(gone)
        for path, why in wrong.items():
            self.tally.wrong_page(f"{path}: {why}; after {self.tally.edits} edits")

    def build(self, errors):
        command = [self.server.program, "build", "--theme", "plain", "--out", self.out]
        build = subprocess.run(command, cwd=self.server.root, env=ENVIRONMENT, capture_output=True, text=True)
        # Another end would be a fault of the edits above, and no comparison would mean anything.
        if build.returncode != (1 if errors else 0):
            raise SystemExit(f"the build ended with {build.returncode} after {self.tally.edits} edits:\n{build.stderr[-3000:]}")
        if errors:
            return
        before = self.paths
        # A list that is complete before readers see it.
        self.paths = sorted(
            os.path.relpath(os.path.join(folder, name), self.out)
            for folder, _, names in os.walk(self.out)
            for name in names
            if not name.startswith(".")
        )
        self.gone = sorted(set(before) - set(self.paths))

    def compare(self, paths, errors):
        """The paths that are not as they should be, with what is wrong."""
        wrong = {}
        for path in paths:
            status, body, _ = self.get(path)
            file = os.path.join(self.out, path)
            why = difference(status, body, read(file), errors, path) if os.path.exists(file) else absence(status)
            if why:
                wrong[path] = why
        return wrong

    def wait_for_sentinel(self, number):
        path, words = "quotes/sentinel.html", f"Sentinel {number}.".encode()
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            status, body, _ = self.get(path)
            if status == 200 and words in body:
                return
            time.sleep(0.005)
        self.tally.wrong_page(f"{path}: `Sentinel {number}.` was not seen within {PATIENCE:.0f} s")

    def get(self, path):
        try:
            return get(self.connection, path, {})
        except (OSError, http.client.HTTPException) as error:
            return repr(error), b"", {}


def difference(status, body, built, errors, path):
    """What is wrong with an answer, or nothing."""
    if status != 200:
        return f"status {status}"
    if not path.endswith(".html"):
        return first_difference(body, built)
    block = re.search(rb"(<body[^>]*>)<!--dossier-preview-->.*?<!--/dossier-preview-->", body, re.S)
    if not block:
        return "nothing is inserted after `<body>`"
    if has_overlay(body) != errors:
        return "no overlay tells of the errors" if errors else "an overlay tells of errors that are mended"
    return first_difference(body[:block.end(1)] + body[block.end():], built)


def absence(status):
    return None if status == 404 else f"status {status} for a page that is gone"


def first_difference(body, built):
    if body == built:
        return None
    at = next((i for i, (x, y) in enumerate(zip(body, built)) if x != y), min(len(body), len(built)))
    return f"differs at byte {at}: {body[max(0, at - 30):at + 50]!r}, built {built[max(0, at - 30):at + 50]!r}"


def has_overlay(body):
    """Whether an element has the class of the overlay; its name in a script or a style does not count."""
    found = []

    class Elements(html.parser.HTMLParser):
        def handle_starttag(self, _, attributes):
            if "_dossier-overlay" in (dict(attributes).get("class") or "").split():
                found.append(True)

    Elements().feed(body.decode())
    return bool(found)


def get(connection, path, headers):
    """Status, body and headers. A server may close a kept connection at any time, so that one is made anew."""
    while True:
        is_kept = connection.sock is not None
        try:
            connection.request("GET", "/" + path, headers=headers)
            answer = connection.getresponse()
            # Raises when fewer bytes come than Content-Length says.
            return answer.status, answer.read(), answer.headers
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            connection.close()
            if not is_kept:
                raise
        except (OSError, http.client.HTTPException):
            connection.close()
            raise


class Reader(threading.Thread):
    """Asks for one page after the other and looks at each answer."""

    def __init__(self, port, proof, tally, stop, chance):
        super().__init__(daemon=True)
        self.proof, self.tally, self.stop, self.chance = proof, tally, stop, chance
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.tags = {}

    def run(self):
        while not self.stop.is_set():
            always = self.chance.random() < 0.2
            path = self.chance.choice(ALWAYS) if always else self.chance.choice(self.proof.paths)
            manner = self.chance.choice(["plain", "plain", "conditional", "range", "gzip"])
            headers = self.headers(path, manner)
            try:
                status, body, answered = get(self.connection, path, headers)
                why = self.fault(path, manner, headers, always, status, body, answered)
                self.tally.request(status)
            except Exception as error:  # Whatever goes wrong counts; a reader that stops would prove nothing.
                self.tally.request("none")
                why = repr(error)
            if why:
                self.tally.failure(f"{path}, {manner}: {why}")
            if self.chance.random() < 0.05:
                self.connection.close()
            time.sleep(self.chance.uniform(0.0, 0.02))

    def headers(self, path, manner):
        if manner == "conditional" and path in self.tags:
            return {"If-None-Match": self.tags[path]}
        if manner == "range":
            return {"Range": self.chance.choice(["bytes=0-99", "bytes=50-149", "bytes=-10", "bytes=20-"])}
        return {"Accept-Encoding": "gzip"} if manner == "gzip" else {}

    def fault(self, path, manner, headers, always, status, body, answered):
        """What is wrong with an answer, or nothing."""
        allowed = {200, 301, 308} | (set() if always else {404})
        if "If-None-Match" in headers:
            allowed.add(304)
        if manner == "range":
            # A file may have become shorter than where the range begins.
            allowed |= {206} | (set() if always else {416})
        if status not in allowed:
            return f"status {status}"
        if status == 304:
            return "a body with 304" if body else None
        if "Content-Length" not in answered and answered.get("Transfer-Encoding") != "chunked":
            return "neither Content-Length nor chunks say where the body ends"
        if status == 206:
            span = re.fullmatch(r"bytes (\d+)-(\d+)/\d+", answered.get("Content-Range", ""))
            if not span or int(span[2]) - int(span[1]) + 1 != len(body):
                return f"Content-Range {answered.get('Content-Range')!r} with {len(body)} bytes"
            return None
        if answered.get("Content-Encoding") == "gzip":
            if manner != "gzip":
                return "gzip that was not asked for"
            body = gzip.decompress(body)
        if status == 200 and answered.get("ETag"):
            self.tags[path] = answered["ETag"]
        is_html = status in (200, 404) and answered.get("Content-Type", "").startswith("text/html")
        if is_html and not body.rstrip().endswith(b"</html>"):
            return f"HTML ends with {body[-30:]!r}"
        return None


class SlowReaders(threading.Thread):
    """Five connections that send their request a byte a second; the server may answer them or close them."""

    def __init__(self, port, stop, tally):
        super().__init__(daemon=True)
        self.port, self.stop, self.tally = port, stop, tally
        self.request = f"GET /index.html HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()

    def run(self):
        slow = [None] * 5
        while not self.stop.wait(1.0):
            for i, state in enumerate(slow):
                try:
                    slow[i] = self.step(*state) if state else self.begin()
                except TimeoutError as error:
                    self.tally.failure(f"a slow connection got no answer: {error!r}")
                    slow[i] = None
                except OSError as error:
                    # To be shut out after a while is fair; not to be let in is not.
                    if state is None:
                        self.tally.failure(f"a slow connection was not accepted: {error!r}")
                    else:
                        self.tally.slow_closed += 1
                        state[0].close()
                    slow[i] = None

    def begin(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=10), 0

    def step(self, connection, sent):
        connection.sendall(self.request[sent:sent + 1])
        if sent + 1 < len(self.request):
            return connection, sent + 1
        if connection.recv(4096):
            self.tally.slow_answered += 1
        else:
            self.tally.slow_closed += 1
        connection.close()
        return None


class Meter(threading.Thread):
    """Takes the server's resident memory from time to time, in MiB."""

    def __init__(self, pid, interval, stop):
        super().__init__(daemon=True)
        self.pid, self.interval, self.stop = pid, interval, stop
        self.samples = []

    def run(self):
        while not self.stop.wait(self.interval):
            try:
                status = read(f"/proc/{self.pid}/status").decode()
            except OSError:
                return  # The server has ended, which the main thread finds out with its reason.
            size = re.search(r"VmRSS:\s+(\d+)", status)
            if size:
                self.samples.append(int(size[1]) / 1024)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def is_free(port):
    with socket.socket() as s:
        # Connections of the past minute do not make a port taken; a listener does.
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def id_of(path):
    return os.path.basename(path).removesuffix(".md")


def front_and_body(text):
    end = re.search(r"\A---\n.*?^---\n", text, re.M | re.S).end()
    return text[:end], text[end:]


def field(text, name):
    found = re.search(rf"^{name}: (.*)$", text, re.M)
    return found[1] if found else None


def with_field(text, name, value):
    """The text with a field of its front matter, or of the settings, set."""
    line = f"{name}: {value}"
    if field(text, name) is not None:
        return re.sub(rf"^{name}: .*$", lambda _: line, text, count=1, flags=re.M)
    return text.replace("---\n", f"---\n{line}\n", 1) if text.startswith("---\n") else f"{text}{line}\n"


def without_aliases(text):
    return re.sub(r"^aliases: .*\n", "", text, count=1, flags=re.M)


try:
    main()
except KeyboardInterrupt:
    sys.exit(130)
