#!/usr/bin/env python3
"""Runs `dossier verify` and `bagit.py` on the conformance suite of the Library of Congress, and compares.

    python3 tests/acceptance/bagit-conformance.py SUITE [DOSSIER] [BAGIT]

SUITE is a folder with a copy of github.com/LibraryOfCongress/bagit-conformance-suite, which is not part of this project. DOSSIER is the
program (default: target/debug/dossier), BAGIT the command that runs bagit.py (default: bagit.py). Each bag is checked as a folder, and
once more in a zip, a tar and a tar.gz. It ends with 0 when both agree on every bag, but for those that are listed below with the reason.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile

# Where bagit.py does not do what the suite asks, we do what the suite asks.
KNOWN = {
    "v1.0/invalid/bagit-with-invalid-whitespace": "RFC 8493 allows no space before the colon; bagit.py lets it pass",
    "v0.97/warning/same-filename-listed-twice-with-different-normalization":
        "the suite asks for a warning, which we give; bagit.py looks for a file of each form of the name",
    "v0.97/windows-only/out-of-scope-file-paths-using-absolute-path-for-fetch": "bagit.py refuses it on Windows only",
    "v0.97/windows-only/out-of-scope-file-paths-using-shortcut-for-fetch": "bagit.py refuses it on Windows only",
    "v0.97/windows-only/out-of-scope-file-paths-using-unc-for-fetch": "bagit.py refuses it on Windows only",
}


def bags(suite):
    for folder, folders, names in sorted(os.walk(suite)):
        parts = os.path.relpath(folder, suite).split(os.sep)
        if len(parts) == 3 and parts[0].startswith("v"):
            yield "/".join(parts), folder
            folders.clear()


def packed(folder, to):
    name = os.path.basename(folder)
    out = [os.path.join(to, "bag" + ending) for ending in (".zip", ".tar", ".tar.gz")]
    with zipfile.ZipFile(out[0], "w", zipfile.ZIP_DEFLATED) as zipped:
        for inner, _, names in sorted(os.walk(folder)):
            for file in sorted(names):
                path = os.path.join(inner, file)
                zipped.write(path, name + "/" + os.path.relpath(path, folder))
    for path, mode in ((out[1], "w"), (out[2], "w:gz")):
        with tarfile.open(path, mode) as tar:
            tar.add(folder, name)
    return out


def main():
    suite = sys.argv[1]
    dossier = sys.argv[2] if len(sys.argv) > 2 else "target/debug/dossier"
    bagit = sys.argv[3].split() if len(sys.argv) > 3 else ["bagit.py"]
    differing, agreeing = [], 0
    for name, folder in bags(suite):
        theirs = subprocess.run([*bagit, "--validate", "--quiet", folder], capture_output=True).returncode == 0
        ours = {}
        with tempfile.TemporaryDirectory() as to:
            for path in [folder, *packed(folder, to)]:
                run = subprocess.run([dossier, "verify", "--format", "json", path], capture_output=True, text=True)
                kind = "folder" if path == folder else os.path.basename(path)
                ours[kind] = run.returncode == 0
                if run.returncode not in (0, 1, 2) or run.returncode < 2 and json.loads(run.stdout)["kind"] != "bag":
                    differing.append(f"{name} as {kind}: ended with {run.returncode}: {run.stderr.strip()}")
        should = {"valid": True, "invalid": False}.get(name.split("/")[1])
        for kind, result in ours.items():
            if result == theirs:
                agreeing += 1
            elif name in KNOWN:
                print(f"known: {name} as {kind}: {KNOWN[name]}")
            else:
                differing.append(f"{name} as {kind}: bagit.py says {theirs}, dossier says {result}")
            if should is not None and result != should:
                differing.append(f"{name} as {kind}: the suite says {should}, dossier says {result}")
    print("\n".join(differing))
    print(f"{agreeing} agree, {len(differing)} differ")
    return 1 if differing or not agreeing else 0


if __name__ == "__main__":
    sys.exit(main())
