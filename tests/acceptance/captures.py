#!/usr/bin/env python3
"""Holds the reading of captures against archives that independent tools make, and against what hostile hands make of them.

    tests/acceptance/captures.py [--cuts N] [--into FOLDER [--small]]

Installs `warcio` and `wacz`, the tools of the Webrecorder project, into a temporary environment. With them it writes a WARC, a WARC
compressed record by record, one compressed as a whole and recompressed, and WACZ files of these, with pages that were sent in chunks and
compressed, in several encodings, resources, and records that are no texts. Then it cuts them off at N places, changes bytes, and makes
WACZ files with names that lead out of them, links, doubles, shared bytes, headers that lie, bombs, and wrong digests. The test
`captures` of tests/it reads them all (`cargo test --all-features --test it captures::`): each must show its words or be refused with its message.

`--into` leaves the files in a folder instead, `--small` only a few of them; so tests/fixtures/captures was made.
Exits with 0 when all was as expected, 77 when the tools cannot be installed.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import venv
import warnings
import zipfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CUT = "it is cut off: the file ends at byte "


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cuts", type=int, default=60)
    parser.add_argument("--into")
    parser.add_argument("--small", action="store_true")
    args = parser.parse_args()
    try:
        import warcio, wacz  # noqa: F401
    except ImportError:
        return with_environment(sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        captures = Captures(Path(args.into or folder), args.cuts)
        captures.make(args.small)
        if args.into:
            return 0
        command = ["cargo", "test", "--all-features", "--locked", "--quiet", "--test", "it", "--", "--nocapture", "captures::"]
        return subprocess.run(command, cwd=ROOT, env={**os.environ, "CAPTURES": folder}).returncode


def with_environment(arguments):
    """Runs this script again where the tools are installed."""
    if os.environ.get("CAPTURES_IN_VENV"):
        print("left out: the packages do not load after they were installed", file=sys.stderr)
        return 77
    with tempfile.TemporaryDirectory() as folder:
        try:
            venv.create(folder, with_pip=True)
            subprocess.run([f"{folder}/bin/pip", "install", "--quiet", "warcio", "wacz"], check=True)
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"left out: warcio and wacz cannot be installed here: {error}", file=sys.stderr)
            return 77
        environment = {**os.environ, "CAPTURES_IN_VENV": "1"}
        return subprocess.run([f"{folder}/bin/python", __file__, *arguments], env=environment).returncode


def tool(name):
    """A program that came with a package, which need not be on the path."""
    return str(Path(sys.executable).parent / name)


def chunked(body):
    parts = [body[at : at + 7] for at in range(0, len(body), 7)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


# Address, media type, further headers, body as it is sent, and the words that it shows.
RESPONSES = [
    ("https://news.example/gate", "text/html", {}, "<!doctype html><title>The gate</title><p>We did <b>not</b> open the gate before&nbsp;six.".encode(), "We did not open the gate before\u00a0six."),
    ("https://news.example/hindi", "text/html", {"Transfer-Encoding": "chunked"}, chunked("<meta charset=utf-8><p>हमने छह बजे से पहले दरवाज़ा नहीं खोला।".encode()), "छह बजे से पहले"),
    ("https://news.example/packed", "text/html; charset=windows-1251", {"Content-Encoding": "gzip"}, gzip.compress("<p>Мы не открывали ворота.".encode("cp1251")), "Мы не открывали ворота."),
    ("https://news.example/both", "text/html", {"Content-Encoding": "deflate", "Transfer-Encoding": "chunked"}, chunked(zlib.compress(b"<p>Sent in pieces.")), "Sent in pieces."),
    ("https://news.example/plain", "text/plain; charset=utf-8", {}, "لم نفتح البوابة".encode(), "لم نفتح البوابة"),
    ("https://news.example/kanji", "text/html", {}, b"<meta charset=shift_jis><p>" + "門は開きませんでした".encode("shift_jis"), "門は開きませんでした"),
    ("https://news.example/said.vtt", "text/vtt", {}, b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Jane>We waited.\n", "We waited."),
    ("https://news.example/data", "application/json", {}, b'{"text": "data"}', None),
    ("https://news.example/picture", "image/png", {}, b"\x89PNG\r\n\x1a\n" + bytes(range(256)), None),
]


class Captures:
    """A folder of captures and what is expected of them."""

    def __init__(self, folder, cuts):
        self.folder, self.cuts, self.expected = folder, cuts, []
        self.random = random.Random(6)
        self.folder.mkdir(parents=True, exist_ok=True)

    def add(self, file, data, **expected):
        if data is not None:
            (self.folder / file).write_bytes(data)
        self.expected.append({"file": file, **expected})

    def make(self, is_small):
        responses = RESPONSES[:4] if is_small else RESPONSES
        shows = [{"url": url, "words": words} for url, _, _, _, words in responses if words]
        plain, packed = self.warc(responses, gzip=False), self.warc(responses, gzip=True)
        self.add("page.warc", plain, shows=shows)
        self.add("page.warc.gz", packed, shows=shows)
        whole = self.wacz("page.wacz", "page.warc.gz")
        own = {RESPONSES[0][0]: "The gate"}
        html = {url for url, media_type, *_ in responses if "html" in media_type}
        titled = [{**shown, "title": own.get(shown["url"], f"Titled {shown['url']}")} if shown["url"] in html else shown for shown in shows]
        self.add("page.wacz", None, shows=titled)
        self.add("cut.warc.gz", packed[:-30], fault=CUT)
        if not is_small:
            self.recompressed(plain, packed, shows)
            self.cut(plain, packed, whole)
            self.changed(plain, packed, whole)
            self.hostile(whole)
        (self.folder / "pages.jsonl").unlink()
        (self.folder / "expected.json").write_text(json.dumps(self.expected, ensure_ascii=False, indent=1) + "\n")
        print(f"{len(self.expected)} captures were made")

    def warc(self, responses, gzip):
        from warcio.statusandheaders import StatusAndHeaders
        from warcio.warcwriter import WARCWriter

        out = io.BytesIO()
        writer = WARCWriter(out, gzip=gzip)
        writer.write_record(writer.create_warcinfo_record("page.warc.gz", {"software": "captures.py"}))
        for url, media_type, headers, body, _ in responses:
            headers = StatusAndHeaders("200 OK", [("Content-Type", media_type), *headers.items()], protocol="HTTP/1.1")
            date = {"WARC-Date": "2026-01-02T03:04:05Z"}
            writer.write_record(writer.create_warc_record(url, "response", io.BytesIO(body), http_headers=headers, warc_headers_dict=date))
            request = StatusAndHeaders("GET / HTTP/1.1", [("Host", "news.example")], is_http_request=True)
            writer.write_record(writer.create_warc_record(url, "request", http_headers=request, warc_headers_dict=date))
        url = responses[0][0]
        digest = writer.create_warc_record(url, "resource", io.BytesIO(b"x"))
        revisit = writer.create_revisit_record(url, digest.rec_headers.get_header("WARC-Payload-Digest") or "sha1:" + "A" * 32, url, "2026-01-02T03:04:05Z")
        writer.write_record(revisit)
        return out.getvalue()

    def wacz(self, file, *warcs):
        # Their titles are for pages that have none of their own.
        lines = [{"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}]
        lines += [{"url": url, "ts": "2026-01-02T03:04:05Z", "title": f"Titled {url}"} for url, media_type, *_ in RESPONSES if "html" in media_type]
        (self.folder / "pages.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        command = [tool("wacz"), "create", "-o", str(self.folder / file), "-p", str(self.folder / "pages.jsonl"), *(str(self.folder / warc) for warc in warcs)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return (self.folder / file).read_bytes()

    def recompressed(self, plain, packed, shows):
        self.add("whole.warc.gz", gzip.compress(plain), shows=shows)
        subprocess.run([tool("warcio"), "recompress", str(self.folder / "whole.warc.gz"), str(self.folder / "again.warc.gz")], check=True, stdout=subprocess.DEVNULL)
        self.add("again.warc.gz", None, shows=shows)
        self.wacz("again.wacz", "again.warc.gz", "page.warc.gz")
        self.add("again.wacz", None, shows=shows)
        # Another program may put more before and after.
        self.add("padded.warc", plain + b"\r\n\r\n", shows=shows)
        self.add("rubbish.warc", plain + b"rubbish", fault="a record should begin, and none does")
        self.add("rubbish.warc.gz", packed + b"rubbish", fault="a record should begin, and none does")

    def cut(self, plain, packed, whole):
        for name, data, fault in [("warc", plain, CUT), ("warc.gz", packed, CUT), ("wacz", whole, "it is no whole zip file")]:
            for number, at in enumerate(sorted(self.random.sample(range(10, len(data)), self.cuts))):
                # Between two records of a WARC nothing shows that more was to come.
                self.add(f"cut-{number}.{name}", data[:at], fault=fault, or_read=name != "wacz")

    def changed(self, plain, packed, whole):
        for number, (url, _, _, body, words) in enumerate(RESPONSES):
            at = plain.index(body)
            place = at + self.random.randrange(len(body))
            data = plain[:place] + bytes([plain[place] ^ 1]) + plain[place + 1 :]
            self.add(f"changed-{number}.warc", data, fault=f"`{url}`) was changed: the digest of its ")
        for number in range(self.cuts):
            place = self.random.randrange(20, len(packed))
            data = packed[:place] + bytes([packed[place] ^ (1 << self.random.randrange(8))]) + packed[place + 1 :]
            # Some bytes of a packed file say nothing, such as the time in a header.
            self.add(f"changed-{number}.warc.gz", data, fault="", or_read=True)
            place = whole.index(b"page.warc.gz") + 40 + self.random.randrange(len(packed) - 100)
            data = whole[:place] + bytes([whole[place] ^ (1 << self.random.randrange(8))]) + whole[place + 1 :]
            self.add(f"changed-{number}.wacz", data, fault="`archive/page.warc.gz`")

    def hostile(self, whole):
        archive = "archive/page.warc.gz"
        self.add("slip.wacz", self.added(whole, "../../evil.html", b"x"), fault="leads out of it")
        self.add("changed.wacz", self.rewritten(whole, lambda name, data: data[:-1] if name == "pages/pages.jsonl" else data), fault="was changed: its digest is written as `sha256:")
        self.add("root.wacz", self.added(whole, "/etc/cron.d/evil", b"x"), fault="is a place on the whole disk")
        self.add("drive.wacz", self.added(whole, "C:evil.html", b"x"), fault="is a place on the whole disk")
        self.add("back.wacz", self.added(whole, "..\\evil.html", b"x"), fault="has characters that no name may have")
        link = zipfile.ZipInfo("archive/link.warc.gz")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        self.add("link.wacz", self.added(whole, link, b"/etc/passwd"), fault="is a link to another file")
        self.add("twice.wacz", self.added(whole, archive, b"x"), fault="two files in it have the same name")
        self.add("unlisted.wacz", self.added(whole, "archive/more.warc", b"WARC/1.1\r\nContent-Length: 0\r\n\r\n\r\n\r\n"), fault="is not listed in `datapackage.json`")
        bomb = self.added(whole, "archive/bomb.warc", b" " * 30_000_000)
        self.add("bomb.wacz", bomb, fault="it holds more than 1000000 bytes", total=1_000_000)
        # A bomb in a bomb: what the list of files says is small, what is in the archive is not.
        record = b"WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: 30000000\r\n\r\n" + b" " * 30_000_000 + b"\r\n\r\n"
        inner = gzip.compress(record, 9)
        (self.folder / "inner.warc.gz").write_bytes(inner)
        self.add("inner.warc.gz", None, fault="it holds more than 1000000 bytes", total=1_000_000)
        package = {"resources": [{"path": "archive/inner.warc.gz", "hash": "sha256:" + hashlib.sha256(inner).hexdigest(), "bytes": len(inner)}]}
        self.add("inner.wacz", self.zipped({"datapackage.json": json.dumps(package).encode(), "archive/inner.warc.gz": inner}), fault="it holds more than 1000000 bytes", total=1_000_000)
        self.add("no-package.wacz", self.rewritten(whole, lambda name, data: None if name == "datapackage.json" else data), fault="it has no `datapackage.json`")
        self.add("no-archive.wacz", self.rewritten(whole, lambda name, data: None if name == archive else data), fault=f"lists `{archive}`, which is not in it")
        self.add("wrong.wacz", self.rewritten(whole, lambda name, data: data.replace(b'"sha256:', b'"sha256:0', 1)[:-1] + b"}" if name == "datapackage.json" else data), fault="`datapackage.json` in it was changed")
        self.add("long.warc", b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 4294967295\r\n\r\nshort", fault=CUT)
        # The lengths in the list of files: of 4 GB, and of another file.
        listed = whole.rindex(b"PK\x01\x02", 0, whole.rindex(archive.encode()))
        for name, place, value, fault in [
            ("length", 24, 0xFFFFFFFE, "does not match central directory"),
            ("packed", 20, 0xFFFFFFFE, "it is no whole zip file"),
            ("shared", 42, struct.unpack_from("<I", whole, whole.rindex(b"PK\x01\x02", 0, whole.rindex(b"datapackage.json")) + 42)[0], "it is no whole zip file"),
            ("beyond", 42, 0x7FFFFFFF, ""),
        ]:
            data = bytearray(whole)
            struct.pack_into("<I", data, listed + place, value)
            self.add(f"lie-{name}.wacz", bytes(data), fault=fault)

    def added(self, whole, name, data):
        out = io.BytesIO(whole)
        with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, data)
        return out.getvalue()

    def rewritten(self, whole, change):
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            files = {name: change(name, archive.read(name)) for name in archive.namelist()}
        return self.zipped({name: data for name, data in files.items() if data is not None})

    def zipped(self, files):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
