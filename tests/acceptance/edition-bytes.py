#!/usr/bin/env python3
"""Changes one byte at each of many random places of an edition, and expects that `dossier verify` finds it and names the file.

    python3 tests/acceptance/edition-bytes.py [DOSSIER] [PLACES] [SEED]

DOSSIER is the program (default: target/debug/dossier), PLACES how many bytes are changed in each archive (default: 200). An edition of a
small dossier is written as zip, as tar.zst and as WACZ. In a zip and a WACZ it is known in which file a byte lies, and that file must be named; of a
tar.zst, which is packed as a whole, the file is known when the change leads to other bytes in it. Ends with 0 when all were found.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import zipfile


def owners(path):
    """For each byte of a zip, the file in whose header or content it lies; None in the directory."""
    with zipfile.ZipFile(path) as zipped:
        files = sorted(zipped.infolist(), key=lambda info: info.header_offset)
        spans = [(info.header_offset, info.filename) for info in files]
        return spans, zipped.start_dir


def owner(spans, directory, at):
    if at >= directory:
        return None
    return [name for begin, name in spans if begin <= at][-1]


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
            spans, directory = owners(path) if out != "edition.tar.zst" else ([], 0)
            named = 0
            for _ in range(places):
                at = chance.randrange(len(original))
                changed = bytearray(original)
                changed[at] ^= chance.randrange(1, 256)
                other = os.path.join(folder, "changed-" + out)
                with open(other, "wb") as file:
                    file.write(changed)
                result = run("verify", "--format", "json", other)
                name = owner(spans, directory, at)
                if result.returncode == 2 and at < 4:
                    continue  # What does not begin as an archive is none, and is refused.
                if result.returncode != 1:
                    failed.append(f"{out}: byte {at} ({name}) ended with {result.returncode}: {result.stderr}")
                    continue
                found = [check for check in json.loads(result.stdout)["checks"] if check["held"] == "no"]
                told = " ".join(f"{check['file'] or ''} {check['says']}" for check in found)
                inner = name and name.split("/", 1)[-1]
                if name and inner not in told:
                    failed.append(f"{out}: byte {at} lies in {name}, and it says: {told}")
                named += bool(name) or any(check["file"] for check in found) or "`" in told
            print(f"{out}: {places} bytes changed of {len(original)}, a file named in {named}")
    print("\n".join(failed) if failed else "each of them was found")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
