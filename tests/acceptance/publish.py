#!/usr/bin/env python3
"""Holds `dossier publish` against a real S3 server that verifies signatures, a folder, a bad network, and its own death.

    tests/acceptance/publish.py [--program PATH] [--kills N] [--seed N] [--tools FOLDER] [--only file|s3s|moto] [--short]

Makes a dossier with records that refer to each other and attachments whose names have spaces, accents, `%`, `+` and an emoji, and publishes it to a folder, to
`s3s-fs` and to `moto`, each time through a small proxy on 127.0.0.1 that counts requests and can delay, drop and refuse them. A reader follows
every link of every page that is there (`href`, `src`, `srcset`, `url()` of style sheets) under the address that the page says, and must never
meet a part that is missing:

  publish        the site arrives, byte for byte and with its types; again: nothing is sent; one record changes: what changed is sent and nothing else
  browser        Chromium reads it from the bucket
  killed         the publisher is killed at work at N random moments (100): at a request before or after it was answered, or at any time; the reader looks after each,
                 and the next run completes it, also when the dossier has changed meanwhile
  two at once    one is refused and nothing is mixed; one that was held up finds out that another has taken over, and stops
  refused        a wrong secret, an unknown key, an expired token, no such bucket, a clock that is wrong, what is not ours: a message that says so, and nothing is changed
  full disk      half of the site fits: the message says so, the reader meets nothing that is missing or half, and it is completed when there is room
  bad network    a fifth of all requests is dropped before or after it was answered, delayed or answered with 503: the site arrives
  secrets        in no output, no command line and no object

`s3s-fs` is built with cargo into FOLDER (target/acceptance-tools), and `moto[server]` and `boto3` are installed into a virtual environment there; both stay for the next
time. The short form (--short, about a minute) kills 8 times and does not build `s3s-fs`, but takes it when it is there. What cannot be run is named as left
out. A program without the storage of services is held to the folder alone. Prints PASS last; exits 77 when nothing could be run.
"""

import argparse
import html.parser
import http.client
import http.server
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
KEY, SECRET = "AKIADOSSIERTEST00001", "s3cr3t/With+Odd=Characters0123456789abcde"
TOKEN = "tok3n-that-nobody-may-see-0123456789"
ODD = ["a b.txt", "né è.txt", "100%.txt", "1+1.txt", "it's so.txt", "semi;colon.txt", "$dollar.txt", "hash#tag.txt", "😀.txt", "a&b=c,d.txt", "q[1](3).txt", "tilde~@!.txt"]
BUCKET = "dossier-test"
left_out, outputs = [], []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(ROOT / "target/debug/dossier"))
    parser.add_argument("--kills", type=int)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--tools", default=str(ROOT / "target/acceptance-tools"))
    parser.add_argument("--only", choices=["file", "s3s", "moto"])
    parser.add_argument("--short", action="store_true")
    typed = parser.parse_args()
    kills = typed.kills if typed.kills is not None else 8 if typed.short else 100
    tools = Tools(Path(typed.tools).resolve(), typed.short)
    if not tools.has_boto() and typed.only != "file":
        left_out.append("all that needs boto3, which cannot be installed here")
    elif tools.must_restart():
        return tools.restart()
    program = str(Path(typed.program).resolve())
    print(f"seed {typed.seed}", flush=True)
    random.seed(typed.seed)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        ran = 0
        for place in places(program, work, tools, typed.only):
            try:
                hold(place, program, work / f"of-{place.name}", kills if place.name != "moto" else max(3, kills // 10))
                ran += 1
            finally:
                place.end()
    shown = "\n".join(outputs)
    assert SECRET not in shown and TOKEN not in shown, "a secret was said"
    for what in left_out:
        print(f"left out: {what}")
    if not ran:
        return 77
    print("PASS")
    return 0


# ---------------------------------------------------------------- what is asked of each place


def hold(place, program, work, kills):
    dossier = Dossier(program, work / "dossier")
    dossier.build()

    run = publish(place, dossier)
    assert run.returncode == 0, run.stderr
    place.assert_is(dossier.site(), "after the first publish")
    links = place.read()
    odd = [link for link in links if "/files/" in link]
    assert len(odd) >= len(ODD), f"only {len(odd)} files with odd names are linked to"
    place.check_headers(dossier.site())
    say(place, f"publish: {len(dossier.site())} files, {len(links)} addresses followed")

    sent = place.count(lambda: publish(place, dossier))
    assert not sent.paths, f"a second publish sent {sent.paths}"
    assert "nothing to do" in sent.run.stdout, sent.run.stdout
    before = dossier.site()
    dossier.change_one()
    dossier.build()
    after = dossier.site()
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    sent = place.count(lambda: publish(place, dossier))
    assert sent.run.returncode == 0, sent.run.stderr
    assert sent.paths is None or sent.paths == changed, f"sent {sent.paths ^ changed} too much or not"
    assert 0 < len(changed) < len(after) / 2, f"{len(changed)} of {len(after)} files changed with one record"
    place.assert_is(after, "after a change")
    say(place, f"changed: one record, {len(changed)} of {len(after)} files are sent; and with nothing changed none")

    browser(place)
    refused(place, program, dossier)
    killed(place, dossier, kills)
    two_at_once(place, program, dossier, work)
    bad_network(place, dossier)
    full_disk(place, program, dossier, work)
    precompressed(place, dossier)
    place.assert_no_secret()


def killed(place, dossier, kills):
    requests = 100
    died = rounds = completed = 0
    # How long a publish lasts depends on what else the machine does; it is learnt on the way.
    lasts = place.lasts
    while died < kills:
        # A publish that is done before it is killed is one more publish, and counts as no kill.
        rounds += 1
        assert rounds <= 20 + 10 * kills, f"only {died} of {rounds} were killed before they were done"
        dossier.change_some()
        dossier.build()
        process = start(place, dossier)
        if place.proxy and random.random() < 0.75:
            # At a request, so that no step of the way is more likely than another.
            requests = place.proxy.kill_at(process, random.randrange(1, max(2, requests)), random.random() < 0.5)
        else:
            time.sleep(random.random() ** 2 * lasts)
        if place.proxy:
            process.wait_or_kill()
        process.kill()
        is_death = process.returncode == -signal.SIGKILL
        died += is_death
        lasts = min(lasts * 1.2, place.lasts) if is_death else lasts * 0.7
        assert process.returncode in (0, -signal.SIGKILL), process.stderr
        place.read()
        if random.random() < 0.3:
            # Sometimes it is another dossier that comes next.
            if random.random() < 0.5:
                dossier.change_some()
                dossier.build()
            run = publish(place, dossier)
            assert run.returncode == 0, f"after {died} deaths: {run.stderr}"
            place.assert_is(dossier.site(), f"after {died} deaths")
            place.read()
            completed += 1
    run = publish(place, dossier)
    assert run.returncode == 0, run.stderr
    place.assert_is(dossier.site(), "after all deaths")
    say(place, f"killed: {died} times at work, in {rounds} rounds, completed {completed + 1} times; the reader missed nothing")


def two_at_once(place, program, dossier, work):
    if not place.proxy:
        return two_in_a_folder(place, program, dossier, work)
    other = Dossier(program, work / "other", seed=2)
    other.build()
    dossier.change_some()
    dossier.build()
    with place.proxy.slow(0.1):
        one = start(place, dossier)
        time.sleep(1.5)
        assert one.poll() is None, "the first was done before the second began"
        second = publish(place, other, patience=2)
        assert second.returncode == 2 and "another publisher is at work" in second.stderr, second.stderr
        one.wait()
        assert one.returncode == 0, one.stderr
    place.assert_is(dossier.site(), "after a second publisher was refused")
    # One that was held up until somebody else took over stops when it goes on, wherever it was: on its way to a list or to a page.
    for method, ending in [("GET", ".jsonl"), ("PUT", ".html")]:
        dossier.change_some()
        dossier.build()
        # It is slow enough to be stopped before it has come any further.
        with place.proxy.slow(0.1):
            one = start(place, dossier)
            place.proxy.stop_at(one, method, ending)
        try:
            second = publish(place, other, patience=2)
            assert second.returncode == 0, second.stderr
        finally:
            one.send_signal(signal.SIGCONT)
        one.wait()
        assert one.returncode == 2 and "taken over" in one.stderr, (method, one.returncode, one.stderr)
        place.assert_is(other.site(), "after another took over")
        place.read()
        run = publish(place, dossier)
        assert run.returncode == 0, run.stderr
        place.assert_is(dossier.site(), "after that")
    say(place, "two at once: the second is refused while the first lives, takes over when it is held up, and the first then stops")


def two_in_a_folder(place, program, dossier, work):
    other = Dossier(program, work / "other", seed=2)
    other.build()
    refused = 0
    for _ in range(6):
        both = [start(place, dossier), start(place, other)]
        for process in both:
            process.wait()
        codes = sorted(process.returncode for process in both)
        assert codes in ([0, 0], [0, 2]), [process.stderr for process in both]
        refused += codes == [0, 2]
        place.assert_is_one_of([dossier.site(), other.site()])
        place.read()
    run = publish(place, dossier)
    assert run.returncode == 0, run.stderr
    place.assert_is(dossier.site(), "after that")
    say(place, f"two at once: six times, refused {refused} times, never mixed")


def bad_network(place, dossier):
    if not place.proxy:
        return
    dossier.change_some()
    dossier.build()
    with place.proxy.bad():
        run = publish(place, dossier, timeout=300)
    assert run.returncode == 0, run.stderr
    place.assert_is(dossier.site(), "through a bad network")
    dossier.change_some()
    dossier.build()
    with place.proxy.answering(503, "SlowDown"):
        run = publish(place, dossier, timeout=400)
        assert run.returncode == 2, "all was answered with 503, and that went well"
        said = first_line(run.stderr)
    place.read()
    run = publish(place, dossier)
    assert run.returncode == 0, run.stderr
    place.assert_is(dossier.site(), "after a server that refused all")
    say(place, "bad network: the site arrives; a server that is always busy is told of: " + said)


def refused(place, program, dossier):
    there = place.files()
    if place.proxy:
        dossier.change_some()
        dossier.build()
        said = {}

        def check(name, words, **how):
            run = publish(place, dossier, **how)
            assert run.returncode == 2, f"{name}: {run.returncode} {run.stdout}"
            assert any(word in run.stderr.lower() for word in words), f"{name}: {run.stderr}"
            said[name] = first_line(run.stderr)
            assert place.files() == there, f"{name}: something was changed"

        if place.verifies:
            check("a wrong secret", ["secret", "signature", "credential"], secret=SECRET[::-1])
            check("an unknown key", ["access key", "credential", "key"], key="AKIANOBODY0000000000")
        # `s3s-fs` makes the bucket.
        if place.name == "moto":
            check("no such bucket", ["bucket"], url=f"s3://no-such-bucket-{random.randrange(10**6)}/x")
        with place.proxy.answering(400, "ExpiredToken", "The provided token has expired."):
            check("an expired token", ["expired", "token"], token=TOKEN)
        with place.proxy.answering(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."):
            check("a wrong clock", ["clock", "time"])
        with place.proxy.answering(403, "AccessDenied", "Access Denied"):
            check("no permission", ["denied", "permission", "allow"])
        check("nobody there", ["connect", "reach", "network", "answer"], endpoint=f"http://127.0.0.1:{free_port()}")
        run = publish(place, dossier, url=place.url.replace("s3://", f"s3://{KEY}:{urllib.parse.quote(SECRET, safe='')}@"))
        assert run.returncode == 2 and urllib.parse.quote(SECRET, safe="") not in run.stdout + run.stderr, run.stderr
        for name, line in said.items():
            print(f"    {name}: {line}")
    # What no publish has put there.
    dossier.add_page("stranger")
    dossier.build()
    place.put("stranger.html", b"somebody else's")
    there = place.files()
    run = publish(place, dossier)
    assert run.returncode == 2 and "stranger.html" in run.stderr, run.stderr
    assert place.files() == there, "something was changed"
    run = publish(place, dossier, more=["--adopt"])
    assert run.returncode == 0, run.stderr
    place.put("not-ours.txt", b"somebody else's")
    dossier.remove_page("stranger")
    dossier.build()
    run = publish(place, dossier)
    assert run.returncode == 0, run.stderr
    place.assert_is({**dossier.site(), "not-ours.txt": b"somebody else's"}, "beside a file that is not ours")
    place.delete("not-ours.txt")
    say(place, "refused: with a message, and nothing is changed; what is not ours stays")


def full_disk(place, program, dossier, work):
    small = place.small(work / "small", sum(map(len, dossier.site().values())))
    if not small:
        left_out.append(f"a full disk at {place.name}, since no small disk can be made here")
        return
    try:
        run = publish(small, dossier, timeout=400)
        assert run.returncode == 2, "what does not fit was published"
        said = first_line(run.stderr)
        small.read(may_be_empty=True)
        small.assert_whole(dossier.site())
        small.grow()
        run = publish(small, dossier)
        assert run.returncode == 0, run.stderr
        small.assert_is(dossier.site(), "when there was room")
        small.read()
    finally:
        small.end()
    say(place, f"full disk: {said}; completed when there was room")


def precompressed(place, dossier):
    run = publish(place, dossier, more=["--precompress"])
    assert run.returncode == 0, run.stderr
    place.assert_is_packed(dossier.site())
    place.read()
    run = publish(place, dossier)
    assert run.returncode == 0, run.stderr
    place.assert_is(dossier.site(), "packed and unpacked again")
    say(place, "precompress: what is text is packed, and readers have the same bytes")


def browser(place):
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        if "Chromium" not in str(left_out):
            left_out.append("Chromium, which is not here")
        return
    with place.serve() as (address, log):
        for page, words in [("index.html", "Published"), ("pages.html", "Odd names"), ("actors/actor-1.html", "Actor 1")]:
            run = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", address + page], capture_output=True, text=True, timeout=120)
            assert words in run.stdout, f"{page} in a browser: {run.stdout[:500]} {run.stderr[-500:]}"
        asked = dict(log)
    assert asked.get("static/style.css") == 200, asked
    missing = [path for path, status in asked.items() if status != 200 and path != "favicon.ico"]
    assert not missing, f"the browser missed {missing}"
    say(place, "browser: Chromium reads it from there")


# ---------------------------------------------------------------- the dossier


class Dossier:
    """A dossier whose records are changed, added and taken away, and its site."""

    def __init__(self, program, folder, seed=1):
        self.program, self.folder, self.version, self.next = program, folder, seed * 1000, 100
        self.events = list(range(12))
        write = self.write
        write("dossier.yaml", f"title: Published {seed}\nbase_url: https://example.org/\npaginate: 10\n")
        for actor in range(6):
            write(f"content/actors/actor-{actor}.md", f"---\nname: Actor {actor}\nkind: organisation\nimage: face-{actor}.png\n---\nOne of six, {seed}.\n")
            write(f"content/actors/face-{actor}.png", png(actor * seed))
        for event in self.events:
            self.event(event)
        links = "".join(f"* [file](<{escape(name)}>)\n" for name in ODD)
        write("content/pages/pages.md", f"---\ntitle: Odd names\n---\n{links}")
        for name in ODD:
            write(f"content/pages/{name}", f"the file {name} of {seed}\n")
        write("static/style.css", "@import 'more.css'; .x { background: url(\"dot.png\") }\n")
        write("static/more.css", "p { color: #222 }\n")
        write("static/dot.png", png(99))

    def write(self, path, text):
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(text if isinstance(text, bytes) else text.encode())

    def event(self, number):
        self.version += 1
        other = self.events[number % len(self.events)] if self.events else number
        see = f"See [[event-{other}]]." if other != number and other in self.events and (self.folder / f"content/events/event-{other}.md").exists() else "It is so."
        # Every event has a file of its own, which goes and comes with it.
        self.write(f"content/events/note-{number}.txt", f"note {self.version}\n" * 40)
        self.write(f"content/events/event-{number}.md", f"---\ntitle: Event {number} of {self.version}\ndate: 2024-05-{number % 28 + 1:02}\nactors: actor-{number % 6}\ntags: [tag {number % 5}]\n---\n{see} [note](note-{number}.txt)\n")

    def change_one(self):
        self.event(self.events[3])

    def change_some(self):
        """A few records change, come and go; what refers to one that goes is changed too."""
        for _ in range(random.randrange(1, 4)):
            self.event(random.choice(self.events))
        if random.random() < 0.6:
            self.events.append(self.next)
            self.event(self.next)
            self.next += 1
        if random.random() < 0.5 and len(self.events) > 6:
            gone = self.events.pop(random.randrange(len(self.events)))
            (self.folder / f"content/events/event-{gone}.md").unlink()
            (self.folder / f"content/events/note-{gone}.txt").unlink()
            for event in self.events:
                if f"[[event-{gone}]]" in (self.folder / f"content/events/event-{event}.md").read_text():
                    self.event(event)

    def add_page(self, name):
        self.write(f"content/pages/{name}.md", "---\ntitle: Another\n---\nMore.\n")

    def remove_page(self, name):
        (self.folder / f"content/pages/{name}.md").unlink()

    def build(self):
        run = subprocess.run([self.program, "build", "--quiet", "--date", "2026-01-01"], cwd=self.folder, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        self.built = None

    def site(self):
        """The files that readers are to have."""
        if self.built is None:
            public = self.folder / "public"
            paths = [path for path in public.rglob("*") if path.is_file()]
            self.built = {path.relative_to(public).as_posix(): path.read_bytes() for path in paths}
            self.built.pop(".dossier-manifest", None)
        return self.built


def escape(name):
    return "".join("\\" + c if c in "\\<>&" else "%25" if c == "%" else "%23" if c == "#" else c for c in name)


def png(seed):
    import struct
    import zlib

    chunk = lambda name, body: struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    rows = b"".join(b"\0" + bytes((seed * 7 + x * y) % 256 for x in range(16)) for y in range(16))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


# ---------------------------------------------------------------- the publisher


def command(place, dossier, patience=1, url=None, more=(), **environment):
    command = [dossier.program, "publish", url or place.url, "--built", "--patience", str(patience), *more]
    assert not any(SECRET in word or TOKEN in word for word in command) or "@" in command[2]
    return command, place.environment(**environment)


def publish(place, dossier, timeout=120, **how):
    words, environment = command(place, dossier, **how)
    run = subprocess.run(words, cwd=dossier.folder, env=environment, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
    assert "panicked" not in run.stderr, run.stderr
    outputs.append(run.stdout + run.stderr)
    return run


class start:
    """A publisher at work."""

    def __init__(self, place, dossier, **how):
        words, environment = command(place, dossier, **how)
        self.process = subprocess.Popen(words, cwd=dossier.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        self.stderr = ""
        try:
            shown = Path(f"/proc/{self.process.pid}/cmdline").read_bytes().decode()
            assert SECRET not in shown and TOKEN not in shown, "a secret stands in the list of processes"
        except OSError:
            pass

    def poll(self):
        return self.process.poll()

    @property
    def returncode(self):
        return self.process.returncode

    def send_signal(self, which):
        self.process.send_signal(which)

    def wait_or_kill(self):
        """Until it is done, or has been killed."""
        self.wait()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.wait()

    def wait(self):
        if self.stderr == "":
            out, self.stderr = self.process.communicate(timeout=300)
            assert "panicked" not in self.stderr, self.stderr
            outputs.append(out + self.stderr)
            self.stderr = self.stderr or " "


def first_line(text):
    return next((line.strip() for line in text.splitlines() if line.startswith("error")), text.strip().splitlines()[0] if text.strip() else "nothing")


def say(place, line):
    print(f"{place.name}: {line}", flush=True)


# ---------------------------------------------------------------- readers


class Links(html.parser.HTMLParser):
    """What a page leads to or loads."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attributes):
        if tag == "base":
            self.found.add(None)
        for name, value in attributes:
            if not value:
                continue
            if name in ("href", "src", "poster", "data"):
                self.found.add(value)
            elif name == "srcset":
                self.found |= {part.split()[0] for part in value.split(",") if part.strip()}
            elif name == "content" and "url=" in value:
                self.found.add(value.split("url=", 1)[1])

    @classmethod
    def of(cls, path, body):
        """The addresses below the site that a file leads to, percent-encoded as they stand there."""
        text = body.decode("utf-8", "replace")
        if path.endswith(".css"):
            found = {part.strip("'\" ") for part in re.findall(r"url\(([^)]*)\)", text) + re.findall(r"@import\s+([\"'][^\"']*)", text)}
        elif path.endswith(".html"):
            parser = cls()
            parser.feed(text)
            # What says where the site begins is the page for addresses that are not there.
            found = set() if None in parser.found else parser.found
        elif path.endswith("sitemap.xml"):
            found = {address.replace("https://example.org/", "") for address in re.findall("<loc>([^<]*)</loc>", text)}
            return {address or "index.html" for address in found}
        else:
            return set()
        base = "https://example.org/" + urllib.parse.quote(path)
        whole = {urllib.parse.urldefrag(urllib.parse.urljoin(base, link)).url for link in found}
        return {link.removeprefix("https://example.org/") or "index.html" for link in whole if link.startswith("https://example.org/")}


class Place:
    """Where a site is published. `get` gives the bytes at an address, percent-encoded, or none."""

    proxy = None
    verifies = False
    lasts = 0.6

    def read(self, may_be_empty=False):
        """Follows every link, and fails at one that leads nowhere. Gives the addresses."""
        first = self.get("index.html")
        if first is None:
            assert may_be_empty or not self.was_there, "the home page is gone"
            # Nothing leads to what is there, and sitemaps come before the home page only when all that they name is there.
            starts = [path for path in ["sitemap.xml"] if self.get(path) is not None]
        else:
            self.was_there = True
            starts = ["index.html", "404.html", "sitemap.xml"]
        seen, missing = set(starts), []
        todo = [(start, None) for start in starts]
        with ThreadPoolExecutor(8) as pool:
            while todo:
                bodies = pool.map(lambda pair: self.get(pair[0]), todo)
                after = []
                for (address, origin), body in zip(todo, bodies):
                    if body is None:
                        missing.append(f"{address} from {origin}")
                        continue
                    for link in Links.of(urllib.parse.unquote(address), body):
                        if link not in seen:
                            seen.add(link)
                            after.append((link, address))
                todo = after
        assert not missing, f"{self.name}: a reader misses {missing[:10]}"
        return {"/" + link for link in seen}

    was_there = False

    def assert_is(self, site, when):
        there = self.files()
        gone, more = sorted(site.keys() - there.keys()), sorted(there.keys() - site.keys())
        other = sorted(path for path in site.keys() & there.keys() if site[path] != there[path])
        assert not gone and not more and not other, f"{self.name}, {when}: not there: {gone[:5]}; too much: {more[:5]}; not the same: {other[:5]}"

    def assert_is_one_of(self, sites):
        assert self.files() in sites, "two sites are mixed"

    def assert_whole(self, site):
        for path, body in self.files().items():
            assert site.get(path) == body, f"{path} is half there"

    def count(self, act):
        if not self.proxy:
            run = act()
            return Sent(run, set() if "nothing to do" in run.stdout else None)
        self.proxy.changed.clear()
        run = act()
        return Sent(run, {path for path in self.proxy.changed if not path.startswith(".dossier-publish/")})

    def check_headers(self, site):
        pass

    def assert_no_secret(self):
        for path, body in self.files(own=True).items():
            assert SECRET.encode() not in body and TOKEN.encode() not in body and KEY.encode() not in body, f"a secret stands in {path}"

    def end(self):
        pass


class Sent:
    def __init__(self, run, paths):
        self.run, self.paths = run, paths


class Folder(Place):
    name = "file"
    lasts = 0.25

    def __init__(self, root):
        self.root = root
        self.url = "file://" + urllib.parse.quote(str(root))

    def environment(self, **_):
        return dict(os.environ)

    def get(self, address):
        path = self.root / urllib.parse.unquote(address)
        return path.read_bytes() if path.is_file() else None

    def files(self, own=False):
        paths = [path for path in self.root.rglob("*") if path.is_file() and (own or ".dossier-publish" not in path.relative_to(self.root).parts)]
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in paths}

    def put(self, path, body):
        (self.root / path).write_bytes(body)

    def delete(self, path):
        (self.root / path).unlink()

    def serve(self):
        return Reading(self)

    def assert_is_packed(self, site):
        there = self.files()
        packed = {path: body for path, body in there.items() if path.endswith(".gz")}
        assert packed, "nothing is packed"
        assert {path: body for path, body in there.items() if path not in packed} == site
        import gzip

        for path, body in packed.items():
            assert gzip.decompress(body) == site[path.removesuffix(".gz")], path

    def small(self, folder, need):
        disk = SmallDisk.make(folder, need // 2)
        return disk and SmallFolder(disk)


class SmallDisk:
    """A disk that is too small, until it grows."""

    @classmethod
    def make(cls, folder, size):
        folder.mkdir(parents=True)
        run = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True)
        if run.returncode != 0:
            return None
        disk = cls()
        disk.folder = folder
        return disk

    def grow(self):
        subprocess.run(["mount", "-o", "remount,size=256m", self.folder], check=True)

    def end(self):
        subprocess.run(["umount", "-l", self.folder], check=True)


class SmallFolder(Folder):
    def __init__(self, disk):
        super().__init__(disk.folder / "site")
        self.disk = disk

    def grow(self):
        self.disk.grow()

    def end(self):
        self.disk.end()


class Bucket(Place):
    """A bucket of a server, asked through a proxy. What the test itself asks for does not go through it."""

    def __init__(self, name, server, verifies, work):
        self.name, self.server, self.verifies, self.work = name, server, verifies, work
        self.proxy = Proxy(server.port)
        self.prefix = "a folder/é+"
        self.url = f"s3://{BUCKET}/" + urllib.parse.quote(self.prefix, safe="/")
        import boto3
        from botocore.config import Config

        self.client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{server.port}", aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1",
                                   config=Config(max_pool_connections=16, s3={"addressing_style": "path"}, retries={"max_attempts": 5}))
        self.client.create_bucket(Bucket=BUCKET)

    def environment(self, key=KEY, secret=SECRET, token=None, endpoint=None):
        names = ("AWS_", "GOOGLE_", "AZURE_", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(names)}
        environment |= {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": endpoint or f"http://127.0.0.1:{self.proxy.port}"}
        environment |= {"HOME": str(self.work), "AWS_EC2_METADATA_DISABLED": "true"}
        return environment | ({"AWS_SESSION_TOKEN": token} if token else {})

    def object(self, key):
        try:
            return self.client.get_object(Bucket=BUCKET, Key=key)
        except self.client.exceptions.NoSuchKey:
            return None

    def get(self, address):
        import gzip

        found = self.object(f"{self.prefix}/{urllib.parse.unquote(address)}")
        if found is None:
            return None
        body = found["Body"].read()
        return gzip.decompress(body) if found.get("ContentEncoding") == "gzip" else body

    def keys(self):
        # Asked for keys that are encoded, `s3s-fs` says that they are, and they are not.
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, EncodingType="url")
        keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
        return keys if self.name == "s3s" else [urllib.parse.unquote_plus(key) for key in keys]

    def files(self, own=False):
        keys = [key for key in self.keys() if own or not key.startswith(f"{self.prefix}/.dossier-publish/")]
        assert all(key.startswith(f"{self.prefix}/") for key in keys), f"outside of the prefix: {keys[:5]}"
        with ThreadPoolExecutor(8) as pool:
            bodies = pool.map(lambda key: self.object(key)["Body"].read(), keys)
        return {key.removeprefix(f"{self.prefix}/"): body for key, body in zip(keys, bodies)}

    def put(self, path, body):
        self.client.put_object(Bucket=BUCKET, Key=f"{self.prefix}/{path}", Body=body)

    def delete(self, path):
        self.client.delete_object(Bucket=BUCKET, Key=f"{self.prefix}/{path}")

    def check_headers(self, site):
        types = {"html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "png": "image/png", "jsonl": "application/jsonl; charset=utf-8", "txt": "text/plain; charset=utf-8"}
        for path in random.sample(sorted(site), 20) + ["index.html", "data/records.jsonl", "static/dot.png"]:
            found = self.object(f"{self.prefix}/{path}")
            expected = types.get(path.rsplit(".", 1)[-1])
            assert expected is None or found["ContentType"] == expected, f"{path} is {found['ContentType']}"
            assert "max-age" in found.get("CacheControl", ""), f"{path}: {found.get('CacheControl')}"

    def assert_is_packed(self, site):
        import gzip

        packed = 0
        for path, body in site.items():
            found = self.object(f"{self.prefix}/{path}")
            sent = found["Body"].read()
            if found.get("ContentEncoding") == "gzip":
                packed += 1
                sent = gzip.decompress(sent)
            assert sent == body, path
        assert packed > 10, f"{packed} files are packed"

    def serve(self):
        return Reading(self)

    def small(self, folder, need):
        return self.server.small(folder, need, self.work) if hasattr(self.server, "small") else None

    def end(self):
        self.proxy.end()
        self.server.end()


class SmallBucket(Bucket):
    def __init__(self, server, disk, work):
        super().__init__("s3s", server, True, work)
        self.disk = disk

    def grow(self):
        self.disk.grow()

    def end(self):
        super().end()
        self.disk.end()


class Reading:
    """Serves what stands in a place to a browser."""

    def __init__(self, place):
        log = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                address = self.path.lstrip("/")
                body = place.get(address)
                log.append((urllib.parse.unquote(address), 404 if body is None else 200))
                self.send_response(404 if body is None else 200)
                ending = address.rsplit(".", 1)[-1]
                self.send_header("Content-Type", {"html": "text/html; charset=utf-8", "css": "text/css", "png": "image/png"}.get(ending, "text/plain"))
                self.end_headers()
                try:
                    self.wfile.write(body or b"")
                except BrokenPipeError:
                    # The browser has closed while it still asked.
                    pass

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.log = log

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/", self.log

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Proxy:
    """Stands between the publisher and the server: counts, delays, drops, refuses, and kills the publisher at a request."""

    def __init__(self, upstream):
        proxy = self
        self.upstream = upstream
        self.changed = []
        self.delay, self.trouble, self.answer, self.doomed = 0, False, None, None
        self.seen, self.under_way = 0, {}
        self.last = time.monotonic(), None
        self.held = None
        self.lock = threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except (OSError, http.client.HTTPException):
                    self.close_connection = True

            def serve(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else (chunked(self.rfile) if "chunked" in self.headers.get("Transfer-Encoding", "") else b"")
                with proxy.lock:
                    proxy.under_way[self] = f"{self.command} {self.path}"
                try:
                    proxy.forward(self, body)
                finally:
                    with proxy.lock:
                        proxy.last = time.monotonic(), proxy.under_way.pop(self)

            do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = serve

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def forward(self, request, body):
        with self.lock:
            self.seen += 1
            seen, doomed = self.seen, self.doomed
        if doomed and seen == doomed[1] and not doomed[2]:
            doomed[0].process.kill()
            raise OSError("its client is dead")
        with self.lock:
            held = self.held
            if held and request.command == held[1] and urllib.parse.urlsplit(request.path).path.endswith(held[2]):
                held[0].send_signal(signal.SIGSTOP)
                held[3].set()
                self.held = None
                raise OSError("its client does not hear any more")
        if self.delay:
            time.sleep(self.delay)
        fate = random.random() if self.trouble else 1
        if self.answer or fate < 0.06:
            status, code, message = self.answer or (503, "SlowDown", "Please reduce your request rate.")
            return reply(request, status, [("Content-Type", "application/xml")], f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode())
        if fate < 0.12:
            raise OSError("dropped before it was answered")
        if fate < 0.14:
            time.sleep(1)
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=60)
        connection.putrequest(request.command, request.path, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():
            if name.lower() not in ("connection", "transfer-encoding", "expect"):
                connection.putheader(name, value)
        if "Content-Length" not in request.headers and body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        if len(body) < int(request.headers.get("Content-Length") or 0):
            # The server sees the end of a client that died while it wrote, as it would without this between them.
            connection.close()
            raise OSError("its client is dead")
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if request.command in ("PUT", "DELETE", "POST") and answer.status < 300:
            key = urllib.parse.unquote(urllib.parse.urlsplit(request.path).path).split("/", 2)[-1]
            self.changed += re.findall("<Key>(.*?)</Key>", body.decode("utf-8", "replace")) if request.command == "POST" and "delete" in request.path else [key]
            self.changed[:] = [key.removeprefix("a folder/é+/") for key in self.changed]
        if doomed and seen == doomed[1]:
            doomed[0].process.kill()
            raise OSError("its client is dead")
        if fate > 0.94 and self.trouble:
            raise OSError("dropped after it was answered")
        reply(request, answer.status, answer.getheaders(), content)

    def kill_at(self, process, number, after):
        """Kills a publisher at a request of this number; gives how many it made."""
        with self.lock:
            self.seen, self.doomed = 0, (process, number, after)
        process.wait()
        with self.lock:
            self.doomed = None
            return self.seen if process.returncode == 0 else max(self.seen, number)

    def stop_at(self, process, method, ending):
        """Stops a publisher at its next request of this kind, which is lost, and waits until nothing that it sent before is under way."""
        stopped = threading.Event()
        with self.lock:
            self.held = (process, method, ending, stopped)
        assert stopped.wait(60), f"the publisher made no {method} of a {ending}"
        for _ in range(600):
            time.sleep(0.05)
            with self.lock:
                if not self.under_way and time.monotonic() - self.last[0] > 0.5:
                    return
        raise AssertionError(f"requests are under way that nobody sends: {list(self.under_way.values())}, the last to end was {self.last[1]}")

    def slow(self, delay):
        return Set(self, delay=delay)

    def bad(self):
        return Set(self, trouble=True)

    def answering(self, status, code, message="No."):
        return Set(self, answer=(status, code, message))

    def end(self):
        self.server.shutdown()
        self.server.server_close()


class Set:
    """Sets something for as long as it is wanted."""

    def __init__(self, thing, **values):
        self.thing, self.values = thing, values

    def __enter__(self):
        self.before = {name: getattr(self.thing, name) for name in self.values}
        for name, value in self.values.items():
            setattr(self.thing, name, value)

    def __exit__(self, *_):
        for name, value in self.before.items():
            setattr(self.thing, name, value)


def chunked(stream):
    body = b""
    while size := int(stream.readline().split(b";")[0], 16):
        body += stream.read(size)
        stream.readline()
    stream.readline()
    return body


def reply(request, status, headers, body):
    request.send_response_only(status)
    has_length = False
    for name, value in headers:
        if name.lower() in ("transfer-encoding", "connection"):
            continue
        has_length |= name.lower() == "content-length"
        request.send_header(name, value)
    if not has_length:
        request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(body)


# ---------------------------------------------------------------- servers


class Tools:
    """Where servers and packages are kept for the next time."""

    def __init__(self, folder, is_short):
        self.folder, self.is_short = folder, is_short

    def has_boto(self):
        try:
            import boto3  # noqa: F401

            return True
        except ImportError:
            pass
        python = self.folder / "venv/bin/python"
        if not python.exists():
            try:
                venv.create(self.folder / "venv", with_pip=True)
                subprocess.run([python, "-m", "pip", "install", "--quiet", "moto[server]", "boto3"], check=True, stdin=subprocess.DEVNULL)
            except (OSError, subprocess.CalledProcessError):
                shutil.rmtree(self.folder / "venv", ignore_errors=True)
                return False
        return True

    def must_restart(self):
        try:
            import boto3  # noqa: F401

            return False
        except ImportError:
            return True

    def restart(self):
        if os.environ.get("PUBLISH_IN_VENV"):
            print("left out: boto3 does not load after it was installed", file=sys.stderr)
            return 77
        environment = {**os.environ, "PUBLISH_IN_VENV": "1"}
        return subprocess.run([self.folder / "venv/bin/python", __file__, *sys.argv[1:]], env=environment).returncode

    def s3s(self):
        for candidate in [shutil.which("s3s-fs"), self.folder / "bin/s3s-fs", self.folder / "s3s/bin/s3s-fs"]:
            if candidate and Path(candidate).exists():
                return str(candidate)
        if self.is_short or not shutil.which("cargo"):
            return None
        print("building s3s-fs", flush=True)
        subprocess.run(["cargo", "install", "--quiet", "s3s-fs", "--version", "0.14.1", "--features", "binary", "--root", self.folder])
        built = self.folder / "bin/s3s-fs"
        return str(built) if built.exists() else None

    def moto(self):
        beside = Path(sys.executable).parent / "moto_server"
        return str(beside) if beside.exists() else shutil.which("moto_server")


class Server:
    def __init__(self, command, port, environment=None):
        self.port = port
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=environment)
        for _ in range(400):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                assert self.process.poll() is None, f"{command[0]} has ended"
                time.sleep(0.05)
        raise AssertionError(f"{command[0]} does not answer")

    def end(self):
        self.process.terminate()
        self.process.wait()


class S3s(Server):
    def __init__(self, program, root):
        root.mkdir(parents=True, exist_ok=True)
        self.program = program
        port = free_port()
        super().__init__([program, "--host", "127.0.0.1", "--port", str(port), "--access-key", KEY, "--secret-key", SECRET, str(root)], port)

    def small(self, folder, need, work):
        disk = SmallDisk.make(folder, need)
        return disk and SmallBucket(S3s(self.program, disk.folder / "root"), disk, work)


def places(program, work, tools, only):
    if only in (None, "file"):
        (work / "a folder").mkdir()
        yield Folder(work / "a folder" / "é+ %41")
    if only == "file":
        return
    run = subprocess.run([program, "publish", "s3://x/y", "--built", "--out", str(work)], capture_output=True, text=True, cwd=work)
    if "without the storage of services" in run.stderr or "feature" in run.stderr:
        left_out.append("S3, which this program was made without")
        return
    if not tools.must_restart():
        if only in (None, "s3s"):
            if s3s := tools.s3s():
                yield Bucket("s3s", S3s(s3s, work / "s3s"), True, work)
            else:
                left_out.append("s3s-fs, which is not here" + (" (the short form does not build it)" if tools.is_short else ""))
        if only in (None, "moto"):
            if moto := tools.moto():
                port = free_port()
                yield Bucket("moto", Server([moto, "-H", "127.0.0.1", "-p", str(port)], port), False, work)
            else:
                left_out.append("moto, which is not here")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
