#!/usr/bin/env python3
"""Measures the previews of several generators over loopback, as a browser meets them, and prints figures and ratios.

    preview-speed.py --tool dossier=PATH --tool hugo=PATH [--n 10000] [--edits 50] [--rounds 5] [--seed 1] [--work DIR]

Tools: `dossier`, `hugo` (as a user gets it, which writes to disk), `hugo-memory` (with `--renderToMemory`), `zola`, and
`zola-fast` (with `--fast`, which leaves lists as they are, so that only a record's own page is measured). Each serves the
corpus of speed/gen.py in its own idiom. The tools take turns, one server at a time, in a fresh copy of the corpus each
round, and the round begins with another tool each time. What is measured:

    start              from starting the server until the page of a quote is answered with 200
    save, by rename    a changed body in a new file that is renamed over the old one, as careful editors save
    save, in place     a changed body written over the old one, as the other editors save
    date, own page     a quote moved to another day: until its page says so
    date, list         the same edit: until the page of that day lists the quote
    new, own page      a new quote: until its page is there
    new, list          the same edit: until the page of its day lists it
    memory, peak       VmHWM of the server and its children at the end of a round
    memory, at the end VmRSS at the same moment

The clock of a save starts when the write has returned and stops when the bytes have arrived on the socket. The pages are open
in a browser before they are edited: tools that rebuild only what was looked at lately need that. A page that does not change
within 60 s ends the run with 1. Only the lists of the peers may stay behind, as Hugo's do at times, however long one waits: such
a list is given up 5 s after the record's own page is new, counted under `never`, and is no part of the other figures. All
figures of a comparison come from one run; they mean something only while nothing else runs.
"""
import argparse
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
import time
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 60.0
LIST_PATIENCE = 5.0
NEVER = float("inf")


class Tool(NamedTuple):
    corpus: str
    arguments: str
    quote: str
    date: str
    lists: bool = True
    may_be_stale: bool = True


TOOLS = {
    "dossier": Tool("dossier", "serve --as public --theme plain --port {}", "/quotes/{}.html", "/dates/{}.html", may_be_stale=False),
    "hugo": Tool("hugo", "server --bind 127.0.0.1 --port {}", "/quotes/{}/", "/dates/{}/"),
    "hugo-memory": Tool("hugo", "server --renderToMemory --bind 127.0.0.1 --port {}", "/quotes/{}/", "/dates/{}/"),
    "zola": Tool("zola", "serve --interface 127.0.0.1 --port {}", "/quotes/{}/", "/dates/{}/"),
    "zola-fast": Tool("zola", "serve --fast --interface 127.0.0.1 --port {}", "/quotes/{}/", "/dates/{}/", lists=False),
}

SECONDS = ["start", "save, by rename", "save, in place", "date, own page", "date, list", "new, own page", "new, list"]
MEBIBYTES = ["memory, peak", "memory, at the end"]


def main():
    a = arguments()
    tools = dict(pair.split("=", 1) for pair in a.tool)
    for name in tools:
        if name not in TOOLS:
            sys.exit(f"no tool is named `{name}`; there are {', '.join(TOOLS)}")
    # A plain kill would leave a server behind; as an exception it passes the clean-up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if os.path.exists(a.work) and not os.path.exists(os.path.join(a.work, "made-by-preview-speed")):
        sys.exit(f"`{a.work}` is there and was not made by this script; give another folder with --work")
    shutil.rmtree(a.work, ignore_errors=True)
    os.makedirs(a.work)
    open(os.path.join(a.work, "made-by-preview-speed"), "w").close()
    try:
        run(a, tools)
    finally:
        shutil.rmtree(a.work, ignore_errors=True)


def arguments():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--tool", action="append", required=True, metavar="NAME=PATH")
    ap.add_argument("--n", type=int, default=10000, help="quotes in the corpus")
    ap.add_argument("--edits", type=int, default=50, help="edits of each kind and tool, over all rounds")
    ap.add_argument("--rounds", type=int, default=5)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--work", default=os.path.join(os.environ.get("TMPDIR", "/tmp"), "dossier-preview-speed"))
    return ap.parse_args()


def run(a, tools):
    for kind in sorted({TOOLS[name].corpus for name in tools}):
        generate = [sys.executable, os.path.join(HERE, "speed", "gen.py"), "--n", str(a.n), "--kind", kind]
        subprocess.run([*generate, "--out", os.path.join(a.work, kind)], check=True)
    figures = {name: {row: [] for row in SECONDS + MEBIBYTES} for name in tools}
    per_round = -(-a.edits // a.rounds)
    for round_ in range(a.rounds):
        turn = round_ % len(tools)
        names = list(tools)[turn:] + list(tools)[:turn]
        for name in names:
            print(f"round {round_ + 1} of {a.rounds}: {name}", file=sys.stderr, flush=True)
            site = os.path.join(a.work, "site")
            shutil.rmtree(site, ignore_errors=True)
            shutil.copytree(os.path.join(a.work, TOOLS[name].corpus), site)
            # Every tool meets the same disk, free of what the copy or the tool before has still to write.
            os.sync()
            # The same edits for each tool of a round.
            measure(TOOLS[name], tools[name], site, a, round_, per_round, random.Random(f"{a.seed}/{round_}"), figures[name])
    report(a, figures)


def measure(tool, program, site, a, round_, per_round, chance, figures):
    """Starts one server in `site`, edits what it serves, and adds to the figures."""
    log = os.path.join(a.work, "server.log")
    with Server(tool, program, site, log) as server:
        first = tool.quote.format("q000001")
        figures["start"].append(server.wait_for_first(first))
        browser = Browser(server.port, log)
        quotes = chance.sample(range(1, a.n + 1), min(a.n, 4 * per_round))
        dates = sorted({date_of(read(quote_file(site, quote))) for quote in range(1, min(a.n, 2000) + 1)})

        def edit(rows, new_text, save, path, *watched):
            # A fixed pause would meet a tool that looks at its disk every half second always at the same moment.
            time.sleep(0.3 + chance.uniform(0.0, 0.5))
            if not tool.lists:
                watched = watched[:1]
            for page, needle in watched:
                status, body = browser.get(page)
                if status == 200 and needle in body:
                    sys.exit(f"{page} held `{needle.decode()}` before the edit, so nothing can be measured on it")
            save(path, new_text)
            saved = time.perf_counter()
            for row, seconds in zip(rows, browser.wait_for(watched, saved, tool.may_be_stale)):
                figures[row].append(seconds)

        for i in range(per_round):
            quote = lambda series: quotes[(series * per_round + i) % len(quotes)]
            token = lambda series: f"token{round_}x{series}x{i}x"

            for series, row, save in [(0, "save, by rename", save_by_rename), (1, "save, in place", save_in_place)]:
                path = quote_file(site, quote(series))
                page = tool.quote.format(id_of(quote(series)))
                edit([row], with_token(read(path), token(series)), save, path, (page, token(series).encode()))

            path, id_ = quote_file(site, quote(2)), id_of(quote(2))
            old = date_of(read(path))
            new = chance.choice([date for date in dates if date != old])
            edit(["date, own page", "date, list"], with_date(read(path), new), save_by_rename, path,
                 (tool.quote.format(id_), f"dates/{new}".encode()), (tool.date.format(new), f"quotes/{id_}".encode()))

            model, id_ = read(quote_file(site, quote(3))), f"new-{round_}-{i}"
            path = os.path.join(site, "content/quotes", id_ + ".md")
            edit(["new, own page", "new, list"], with_token(model, token(3)), save_by_rename, path,
                 (tool.quote.format(id_), token(3).encode()), (tool.date.format(date_of(model)), f"quotes/{id_}".encode()))

        peak, now = memory(server.child.pid)
        figures["memory, peak"].append(peak)
        figures["memory, at the end"].append(now)
        browser.close()


class Server:
    """A preview server that is gone, with its children, when the block ends."""

    def __init__(self, tool, program, site, log):
        self.log = log
        self.port = free_port()
        self.command = [os.path.abspath(program), *tool.arguments.format(self.port).split()]
        self.site = site

    def __enter__(self):
        with open(self.log, "wb") as log:
            self.started = time.perf_counter()
            # A session of its own, so that the whole tree can be ended.
            self.child = subprocess.Popen(
                self.command, cwd=self.site, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        return self

    def __exit__(self, *_):
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.child.wait()

    def wait_for_first(self, page):
        while time.perf_counter() - self.started < 2 * PATIENCE:
            if self.child.poll() is not None:
                sys.exit(f"{' '.join(self.command)} ended with {self.child.returncode}:\n{tail(self.log)}")
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            try:
                connection.request("GET", page)
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    return time.perf_counter() - self.started
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            time.sleep(0.005)
        sys.exit(f"{' '.join(self.command)} never answered {page} with 200:\n{tail(self.log)}")


class Browser:
    """A client that keeps its connection and makes a new one when the server has closed it."""

    def __init__(self, port, log):
        self.log = log
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def get(self, page):
        for attempt in (1, 2):
            try:
                self.connection.request("GET", page)
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.connection.close()
                if attempt == 2:
                    sys.exit(f"cannot get {page}: {error!r}\n{tail(self.log)}")

    def wait_for(self, watched, saved, may_be_stale):
        """Asks for each page in turn, 2 ms apart, until it holds its needle.

        Returns the seconds since `saved`, for a list that stays behind the first page where that is allowed `NEVER`.
        """
        seconds = [None] * len(watched)
        while True:
            for i, (page, needle) in enumerate(watched):
                if seconds[i] is None:
                    status, body = self.get(page)
                    if status == 200 and needle in body:
                        seconds[i] = time.perf_counter() - saved
            if None not in seconds:
                return seconds
            waited = time.perf_counter() - saved
            if may_be_stale and seconds[0] is not None and waited > seconds[0] + LIST_PATIENCE:
                return [NEVER if s is None else s for s in seconds]
            if waited > PATIENCE:
                late = [page for (page, _), s in zip(watched, seconds) if s is None]
                sys.exit(f"an edit was not seen on {', '.join(late)} within {PATIENCE:.0f} s:\n{tail(self.log)}")
            time.sleep(0.002)

    def close(self):
        self.connection.close()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def tail(log):
    with open(log, errors="replace") as f:
        return f.read()[-3000:]


def read(path):
    with open(path) as f:
        return f.read()


def save_by_rename(path, text):
    folder, name = os.path.split(path)
    beside = os.path.join(folder, f".{name}.tmp")
    with open(beside, "w") as f:
        f.write(text)
    os.rename(beside, path)


def save_in_place(path, text):
    with open(path, "w") as f:
        f.write(text)


def id_of(number):
    return f"q{number:06d}"


def quote_file(site, number):
    return os.path.join(site, "content/quotes", id_of(number) + ".md")


def front_and_body(text):
    """The front matter with its closing line, and the prose."""
    end = re.search(r"\A(---|\+\+\+)\n.*?^\1\n", text, re.M | re.S).end()
    return text[:end], text[end:]


def with_token(text, token):
    front, body = front_and_body(text)
    return f"{front}{token} {body}"


def date_of(text):
    return re.search(r"^date\s*[:=]\s*(\d{4}-\d\d-\d\d)$", text, re.M)[1]


def with_date(text, new):
    # Peers say the day twice: as the date of the page and as the term under which it is listed.
    front, body = front_and_body(text)
    return front.replace(date_of(text), new) + body


def memory(root):
    """Peak and present MiB of a process and all below it."""
    children = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = read(f"/proc/{entry}/stat")
        except OSError:
            continue  # The process has ended since the folder was listed.
        parent = int(stat.rpartition(")")[2].split()[1])
        children.setdefault(parent, []).append(int(entry))
    peak = now = 0
    tree = [root]
    while tree:
        pid = tree.pop()
        tree += children.get(pid, [])
        status = read(f"/proc/{pid}/status")
        peak += int(re.search(r"VmHWM:\s+(\d+)", status)[1])
        now += int(re.search(r"VmRSS:\s+(\d+)", status)[1])
    return peak / 1024, now / 1024


def report(a, figures):
    base = next(iter(figures))
    cpu = re.search(r"model name\s*:\s*(.*)", read("/proc/cpuinfo"))
    system = f"{os.uname().sysname} {os.uname().release}"
    print(f"{a.n} quotes, {a.rounds} rounds; {os.cpu_count()} processors ({cpu[1] if cpu else 'unknown'}), {system}, load {os.getloadavg()[0]:.1f}")
    print(f"{'':<21}{'tool':<13}{'n':>4}{'never':>7}{'median':>10}{'p90':>10}{'max':>10}      tool/{base}: median, p90, max")
    for row in SECONDS + MEBIBYTES:
        unit, factor = ("ms", 1000) if row in SECONDS else ("MiB", 1)
        ours = summary([value for value in figures[base][row] if value != NEVER])
        for name in figures:
            values = figures[name][row]
            seen = [value for value in values if value != NEVER]
            line = f"{row if name == base else '':<21}{name:<13}{len(values):>4}{len(values) - len(seen) or '':>7}"
            if seen:
                line += "".join(f"{value * factor:>10.1f}" for value in summary(seen)) + f" {unit:<5}"
                line += "  ".join(f"{value / our:.2f}" for value, our in zip(summary(seen), ours))
            print(line)


def summary(values):
    """Median, ninetieth percentile by nearest rank, and maximum."""
    if not values:
        return []
    return [statistics.median(values), sorted(values)[-(-len(values) * 9 // 10) - 1], max(values)]


try:
    main()
except KeyboardInterrupt:
    sys.exit(130)
