#!/usr/bin/env python3
"""Holds editions against the ordinary tools that readers have: what `dossier archive` writes is opened, checked and changed without it.

    tests/acceptance/archive.py [PROGRAM]

Installs `bagit`, `roc-validator`, `wacz` and `warcio` into a temporary environment. Editions of the example dossier are made from two
folders, under another umask, time zone and number of threads; they must be the same bytes. They are unpacked with `unzip` and `tar`,
validated by the Library of Congress's `bagit.py`, as RO-Crate 1.2 and by `wacz validate`; the commands on the page that comes with an edition are run as
they stand there. Then a byte is changed, a file is added, and a file is taken away, and each time the page's own commands must tell.
Where Chromium and the npm package `replaywebpage` are to be had, the WACZ is replayed (replay.mjs).

What cannot be run here is named as left out. Prints PASS last. Exits 77 when the packages cannot be installed.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ["bagit", "roc-validator", "wacz", "warcio", "setuptools<81"]
DAY = "2026-01-01"
ADDRESS = "https://example.org/dossier/"
SALT = "00112233445566778899aabbccddeeff" * 2 + "\n"
left_out = []


def main():
    program = str(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/debug/dossier").resolve())
    try:
        import bagit, rocrate_validator, wacz, warcio  # noqa: F401
    except ImportError:
        return with_environment(sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        check(program, Path(folder))
    for what in left_out:
        print(f"left out: {what}")
    print("PASS")
    return 0


def with_environment(arguments):
    """Runs this script again where the packages are installed."""
    if os.environ.get("ARCHIVE_IN_VENV"):
        print("left out: the packages do not load after they were installed", file=sys.stderr)
        return 77
    with tempfile.TemporaryDirectory() as folder:
        try:
            venv.create(folder, with_pip=True)
            subprocess.run([f"{folder}/bin/pip", "install", "--quiet", *PACKAGES], check=True)
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"left out: the packages cannot be installed here: {error}", file=sys.stderr)
            return 77
        environment = {**os.environ, "ARCHIVE_IN_VENV": "1", "PATH": f"{folder}/bin:{os.environ['PATH']}"}
        return subprocess.run([f"{folder}/bin/python", __file__, *arguments], env=environment).returncode


def check(program, work):
    folders = [dossier(work / name) for name in ["one", "a folder of another name"]]
    circumstances = [{}, {"TZ": "Asia/Tokyo", "RAYON_NUM_THREADS": "3", "LC_ALL": "C"}]
    for out in ["edition.zip", "edition.tar.zst", "edition.wacz"]:
        for folder, environment, umask in zip(folders, circumstances, [0o022, 0o077]):
            address = ["--url", ADDRESS] if out.endswith(".wacz") else []
            run([program, "archive", "--out", out, "--date", DAY, "--quiet", "--no-record", *address], folder, environment, umask)
        one, other = [(folder / out).read_bytes() for folder in folders]
        assert one == other, f"{out} differs between two folders"
        diffoscope([folder / out for folder in folders])
        print(f"{out}: {len(one)} bytes, the same from two folders")

    bag = unpack(folders[0] / "edition.zip", work / "zip")
    other = unpack(folders[0] / "edition.tar.zst", work / "tar")
    assert tree(bag) == tree(other), "zip and tar hold different files"
    modes = {entry.external_attr >> 16 for entry in zipfile.ZipFile(folders[0] / "edition.zip").infolist()}
    assert modes == {0o100644}, modes

    validate_bag(bag)
    validate_crate(bag / "data")
    page = Page(bag)
    page.holds()
    signed(bag)
    changes(bag, work, page)

    folder = work / "kept"
    run([program, "init", str(folder)], work)
    text = b"We did not open the gate before six.\n"
    digest = hashlib.sha256(text).hexdigest()
    (folder / "content/sources/kept.md").write_text(f"---\ntitle: Kept\ncaptures: {{file: kept.txt, sha256: {digest}}}\n---\n")
    (work / "captures").mkdir()
    (work / "captures/kept.txt").write_bytes(text)
    (folder / "edition.salt").write_text(SALT)
    sealed = ["--audience", "sealed", "--captures", "../captures"]
    run([program, "archive", "--out", "sealed.zip", "--date", DAY, "--quiet", *sealed], folder)
    bag = unpack(folder / "sealed.zip", work / "sealed")
    assert (bag / "data/captures/kept.txt").read_bytes() == text
    validate_bag(bag)
    validate_crate(bag / "data")
    Page(bag).holds()
    for path, content in tree(bag).items():
        assert SALT.strip().encode() not in content, f"{path} holds the secret"

    web_archive(folders[0] / "edition.wacz")
    replay(folders[0] / "edition.wacz")


def dossier(folder):
    folder.mkdir()
    for name in ["content", "themes", "templates", "static"]:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
    for name in ["dossier.yaml", "evidence.lock"]:
        shutil.copy(ROOT / name, folder / name)
    (folder / "edition.salt").write_text(SALT)
    return folder


def run(command, folder, environment={}, umask=0o022, **more):
    done = subprocess.run(command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, umask=umask, **more)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def unpack(archive, folder):
    folder.mkdir()
    if archive.suffix == ".zip":
        run(["unzip", "-q", str(archive)], folder)
    else:
        run(["tar", "--zstd", "-xf", str(archive)], folder)
    [bag] = folder.iterdir()
    return bag


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def diffoscope(files):
    if shutil.which("diffoscope"):
        run(["diffoscope", *map(str, files)], "/")
        print("diffoscope: no difference between editions from two folders")
    elif "diffoscope" not in " ".join(left_out):
        left_out.append("diffoscope is not here; the bytes were compared")


def validate_bag(bag):
    import bagit

    found = bagit.Bag(str(bag))
    found.validate()
    assert found.version == "1.0" or found.version_info == (1, 0), found.version
    files = [path for path in tree(bag) if path.startswith("data/")]
    assert set(found.payload_entries()) == set(files)
    print(f"bagit.py: {len(files)} files of payload are valid")


# The terms of the RO-Crate context that an edition uses; the context itself cannot be fetched without a network.
CONTEXT = {
    "@context": {
        "File": "http://schema.org/MediaObject",
        "conformsTo": "http://purl.org/dc/terms/conformsTo",
        **{
            term: f"http://schema.org/{term}"
            for term in "CreativeWork Dataset Organization about datePublished description encodingFormat hasPart inLanguage license name publisher url version".split()
        },
    }
}


def validate_crate(crate):
    """As the validator does it, with the context from here."""
    metadata = json.loads((crate / "ro-crate-metadata.json").read_text())
    for entity in metadata["@graph"]:
        unknown = {key for key in entity if not key.startswith("@")} - set(CONTEXT["@context"])
        assert not unknown, f"{unknown} are no terms that this test knows"
    script = f"""
import io, json, sys
import rdflib.parser, requests, urllib.request
text = {json.dumps(json.dumps(CONTEXT))}
class Answer(io.BytesIO):
    url = "https://w3id.org/ro/crate/1.2/context"
    headers = {{"Content-Type": "application/ld+json"}}
    def info(self): return self.headers
    def geturl(self): return self.url
def opened(request, *more, **others):
    url = request if isinstance(request, str) else request.full_url
    if url != Answer.url: raise OSError("there is no network here: " + url)
    return Answer(text.encode())
urllib.request.urlopen = rdflib.parser.urlopen = rdflib.parser._urlopen = opened
def sent(self, request, **others):
    if request.url != Answer.url: raise requests.ConnectionError("there is no network here: " + request.url)
    answer = requests.Response()
    answer.status_code, answer.url, answer._content, answer.request = 200, request.url, text.encode(), request
    answer.headers["Content-Type"] = "application/ld+json"
    return answer
requests.Session.send = sent
from rocrate_validator import models, services
settings = services.ValidationSettings(rocrate_uri=sys.argv[1], profile_identifier="ro-crate-1.2",
    requirement_severity=models.Severity.REQUIRED, no_cache=True)
result = services.validate(settings)
for issue in result.get_issues(): print(issue.check.identifier, issue.message)
sys.exit(1 if result.has_issues() else 0)
"""
    said = run([sys.executable, "-c", script, str(crate)], crate)
    print(f"roc-validator: {said.strip() or 'no required check of RO-Crate 1.2 fails'}")


class Page:
    """The commands of an edition's page, as they stand there."""

    def __init__(self, bag):
        self.bag = bag
        text = (bag / "README.txt").read_text()
        lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
        self.sums = next(line for line in lines if line.startswith("sha256sum --quiet"))
        self.bagit = next(line for line in lines if line.startswith("bagit.py"))
        self.ssh = re.search(r"^    (ssh-keygen .*\\)\n    (.*)$", text, re.M)
        self.minisign = next(line for line in lines if line.startswith("minisign"))
        self.script = re.search(r"^python3 - <<'END'\n.*?^END\n", text, re.M | re.S).group(0)

    def say(self, command, bag=None):
        done = subprocess.run(["sh", "-c", command], cwd=bag or self.bag, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def holds(self):
        assert self.say(self.sums) == (0, ""), self.say(self.sums)
        code, said = self.say(self.bagit)
        assert code == 0 and "is valid" in said, said
        code, said = self.say(self.script)
        assert said == "OK: the files and the manifest are those of edition/seal.txt\n", said
        print("README.txt: its commands say that all is as it was")


def signed(bag):
    """Somebody signs the seal with their own tools; the commands of the page verify it."""
    page = Page(bag)
    with tempfile.TemporaryDirectory() as keys:
        seal = bag / "edition/seal.txt"
        if shutil.which("ssh-keygen"):
            run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{keys}/key"], keys)
            run(["ssh-keygen", "-Y", "sign", "-f", f"{keys}/key", "-n", "dossier", str(seal)], keys)
            public = Path(f"{keys}/key.pub").read_text().split()
            (bag / "signers").write_text(f"editor@example.org {public[0]} {public[1]}\n")
            code, said = page.say(page.ssh.group(1) + "\n" + page.ssh.group(2))
            assert code == 0 and said.startswith("Good"), said
            (bag / "signers").unlink()
            (bag / "edition/seal.txt.sig").unlink()
            print("ssh-keygen: the page's command verifies a signature of the seal")
        else:
            left_out.append("ssh-keygen is not here")
        if shutil.which("minisign"):
            run(["minisign", "-G", "-W", "-p", f"{keys}/m.pub", "-s", f"{keys}/m.key"], keys)
            run(["minisign", "-S", "-s", f"{keys}/m.key", "-m", str(seal), "-x", str(seal) + ".minisig"], keys)
            public = Path(f"{keys}/m.pub").read_text().splitlines()[1]
            code, said = page.say(page.minisign.replace("RW…", public))
            assert code == 0, said
            (bag / "edition/seal.txt.minisig").unlink()
            print("minisign: the page's command verifies a signature of the seal")
        else:
            left_out.append("minisign is not here")


def changes(bag, work, page):
    """What the page's commands say of a bag that was changed."""
    home = "data/site/index.html"

    def changed(name, change, expected, sums=True):
        other = work / "changed" / name
        shutil.copytree(bag, other)
        change(other)
        said = page.say(page.script, other)[1]
        assert expected in said, f"{name}: {said}"
        assert (page.say(page.sums, other)[0] != 0) == sums, name
        assert (page.say(page.bagit, other)[0] != 0), name

    def flip(path):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

    def rewrite(bag):
        """Changes a file and every list of sums, as somebody would who means harm."""
        flip(bag / home)
        digest = lambda path: hashlib.sha256(path.read_bytes()).hexdigest()
        for listing in ["manifest-sha256.txt", "tagmanifest-sha256.txt"]:
            lines = [line.split("  ", 1) for line in (bag / listing).read_text().splitlines()]
            (bag / listing).write_text("".join(f"{digest(bag / path)}  {path}\n" for _, path in lines))

    changed("a byte", lambda bag: flip(bag / home), f"missing or changed: {home}")
    changed("a file less", lambda bag: (bag / home).unlink(), f"missing or changed: {home}")
    changed("a file more", lambda bag: (bag / "data/site/more.html").write_text("more"), "added: data/site/more.html", sums=False)
    changed("the manifest", lambda bag: flip(bag / "edition/seal.txt"), "the manifest is not the one that was sealed")
    other = work / "changed" / "all sums"
    shutil.copytree(bag, other)
    rewrite(other)
    assert page.say(page.sums, other)[0] == 0 and page.say(page.bagit, other)[0] == 0
    said = page.say(page.script, other)[1]
    assert f"missing or changed: {home}" in said, said
    print("changed: a byte, a file less, a file more, the seal, and all sums written anew were found")


def web_archive(path):
    import gzip
    import warcio.archiveiterator

    done = subprocess.run([str(Path(sys.executable).parent / "wacz"), "validate", "-f", str(path)], capture_output=True, text=True)
    assert "Validation succeeded" in done.stdout, done.stdout + done.stderr
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
        assert archive.testzip() is None
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        warc = archive.extract("archive/data.warc.gz", folder)
        check = subprocess.run([str(Path(sys.executable).parent / "warcio"), "check", "-v", warc], capture_output=True, text=True)
        assert check.returncode == 0 and "fail" not in check.stdout, check.stdout + check.stderr
        found = {}
        with open(warc, "rb") as stream:
            records = warcio.archiveiterator.ArchiveIterator(stream, check_digests="raise")
            for record in records:
                digest = hashlib.sha256(record.content_stream().read()).hexdigest()
                if record.rec_type == "response":
                    url = record.rec_headers.get_header("WARC-Target-URI")
                    found[url] = (str(records.get_record_offset()), digest)
        lines = gzip.decompress(archive.read("indexes/index.cdx.gz")).decode().splitlines()
        assert lines == sorted(lines)
        indexed = {}
        for line in lines:
            fields = json.loads(line.split(" ", 2)[2])
            indexed[fields["url"]] = (fields["offset"], fields["digest"].removeprefix("sha256:"))
        assert indexed == found, "the index and the records differ"
        assert ADDRESS in found and ADDRESS + "index.html" in found
        for line in archive.read("indexes/index.idx").decode().splitlines()[1:]:
            place = json.loads(line[line.index("{") :])
            part = archive.read("indexes/index.cdx.gz")[place["offset"] :][: place["length"]]
            assert place["digest"] == "sha256:" + hashlib.sha256(part).hexdigest()
        # The index that the tools of others make of it has the same keys, except that it leaves a slash at the end out.
        theirs = subprocess.run([str(Path(sys.executable).parent / "cdxj-indexer"), "-s", warc], capture_output=True, text=True)
        keys = lambda lines: sorted(line.split(" ", 1)[0].rstrip("/") for line in lines)
        assert keys(theirs.stdout.splitlines()) == keys(lines), "another indexer comes to other keys"
    print(f"wacz validate, warcio, cdxj-indexer: {len(found)} answers, each with its digest and its place in the index")


def replay(path):
    if not shutil.which("node") or not (os.environ.get("CHROMIUM") or shutil.which("chromium")):
        left_out.append("node or Chromium is not here, and the WACZ was not replayed")
        return
    done = subprocess.run(["node", str(ROOT / "tests/acceptance/replay.mjs"), str(path), ADDRESS], capture_output=True, text=True)
    if done.returncode == 77:
        left_out.append(done.stderr.strip().splitlines()[-1])
        return
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout.strip())


sys.exit(main())
