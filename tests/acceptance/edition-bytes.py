#!/usr/bin/env python3
"""Changes one byte at each of many random places of an edition, and expects that `dossier verify` finds it and names what it belongs to.

    python3 tests/acceptance/edition-bytes.py [DOSSIER] [PLACES] [SEED]

DOSSIER is the program (default: target/debug/dossier), PLACES how many bytes are changed in each archive (default: 200). An edition of a
small dossier is written as zip, as tar.zst and as WACZ. It is known to which files each byte belongs: to the one in whose header or
content it lies, or, of a tar.zst, to those in the same frame; one of these must be named. A byte that belongs to no file is part of
the end of the archive, and then that must be named. It also fails when more is told to be lost than what lies in the changed frame.
Needs `zstd` for a tar.zst. Ends with 0 when all were found and named.
"""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import zipfile

MAGIC = b"\x28\xb5\x2f\xfd"
THE_END = re.compile(r"\bend\b|its directory|ZIP64|several files")


def spans_of_zip(path):
    """Where each piece of a zip begins, and which file it belongs to; None is the end."""
    with zipfile.ZipFile(path) as zipped:
        spans = [(info.header_offset, {info.filename}) for info in zipped.infolist()]
        at = zipped.start_dir
        for info in zipped.infolist():
            spans.append((at, {info.filename}))
            at += 46 + len(info.filename.encode()) + len(info.extra) + len(info.comment)
    return sorted(spans, key=lambda span: span[0]) + [(at, set())]


def spans_of_frames(path):
    """Where each frame of a tar.zst begins, and which files lie in it."""
    packed = open(path, "rb").read()
    begins = [match.start() for match in re.finditer(re.escape(MAGIC), packed)]
    spans, inside = [], None
    for begin, end in zip(begins, begins[1:] + [len(packed)]):
        tar = subprocess.run(["zstd", "-dcq"], input=packed[begin:end], capture_output=True, check=True).stdout
        names, at, long = set(), 0, None
        while at + 512 <= len(tar):
            head = tar[at : at + 512]
            if head[257:262] != b"ustar" or not any(head):
                if inside and not names and any(tar):
                    names.add(inside)  # In the midst of a long file.
                break
            length = int(head[124:135].rstrip(b"\0 "), 8)
            if head[156:157] == b"L":
                long = tar[at + 512 : at + 512 + length].rstrip(b"\0").decode()
            else:
                inside, long = long or head[:100].rstrip(b"\0").decode(), None
                names.add(inside)
            at += 512 + (length + 511) // 512 * 512
        spans.append((begin, names))
    return spans


def main():
    program = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "target/debug/dossier")
    places = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 7)
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        def run(*args):
            return subprocess.run([program, *args], cwd=folder, capture_output=True, text=True)

        run("init", ".")
        for out in ("edition.zip", "edition.tar.zst", "edition.wacz"):
            made = run("archive", "--date", "2025-06-01", "--no-record", "--url", "https://example.org/", "--out", out)
            assert made.returncode == 0, made.stderr
            assert run("verify", out).returncode == 0, run("verify", out).stdout
            path = os.path.join(folder, out)
            original = open(path, "rb").read()
            spans = spans_of_frames(path) if out == "edition.tar.zst" else spans_of_zip(path)
            files = structures = 0
            for _ in range(places):
                at = chance.randrange(len(original))
                changed = bytearray(original)
                changed[at] ^= chance.randrange(1, 256)
                other = os.path.join(folder, "changed-" + out)
                with open(other, "wb") as file:
                    file.write(changed)
                result = run("verify", "--format", "json", other)
                owners = [names for begin, names in spans if begin <= at][-1]
                place = f"{out}: byte {at} of {sorted(owners)[:3] or 'the end'}"
                if result.returncode != 1:
                    failed.append(f"{place}: it ended with {result.returncode}: {result.stderr}")
                    continue
                found = [check for check in json.loads(result.stdout)["checks"] if check["held"] == "no"]
                told = " ".join(f"{check['file'] or ''} {check['says']}" for check in found)
                inner = [name.split("/", 1)[-1] if out != "edition.wacz" else name for name in owners]
                if any(name in told for name in inner):
                    files += 1
                elif not owners and THE_END.search(told):
                    structures += 1
                else:
                    failed.append(f"{place}: it names none of these: {told}")
                # A list of sums that is changed tells of other files that they are.
                if out == "edition.tar.zst" and not any("manifest" in name for name in inner):
                    named = {check["file"] for check in found if check["file"] and check["about"] == "files"}
                    if strangers := named - set(inner):
                        failed.append(f"{place}: it also names {sorted(strangers)[:3]}: {told}")
            print(f"{out}: {places} bytes changed of {len(original)}, the file named of {files}, the part of the archive of {structures}")
    print("\n".join(why[:600] for why in failed) if failed else "each of them was found, and what it belongs to was named")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
