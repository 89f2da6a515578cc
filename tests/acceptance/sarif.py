#!/usr/bin/env python3
"""Holds the SARIF output of `dossier check` against the official schema of SARIF 2.1.0, with an independent validator.

    tests/acceptance/sarif.py [PROGRAM]

PROGRAM is target/debug/dossier unless said otherwise. The schema is the one of OASIS, as the crate serde-sarif carries it, which cargo
fetches; the validator is the Python package jsonschema, installed into a temporary environment. All folders of tests/cases/ and the
example dossier are checked at both levels. To show that the validator can refuse, it is given logs that are wrong, too.
Prints how many logs and results there were, and exits with 0 only when all of them are valid, with 77 when the validator
cannot be had.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile
import venv

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main():
    program = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "target/debug/dossier"))
    with tempfile.TemporaryDirectory() as work:
        try:
            schema = fetch_schema(work)
            python = environment(work)
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"the schema or its validator cannot be had here: {error}")
            return 77
        logs = {}
        for folder in [ROOT] + sorted(glob.glob(os.path.join(ROOT, "tests/cases/*/"))):
            for level in ["internal", "public"]:
                command = [program, "check", "--format", "sarif", "--level", level, "--date", "2025-06-01"]
                run = subprocess.run(command, cwd=folder, capture_output=True, check=False)
                assert run.returncode in (0, 1), (folder, run.stderr)
                logs[f"{os.path.basename(folder.rstrip('/'))} at level {level}"] = run.stdout.decode()
        wrong = max(logs.values(), key=len)
        logs["wrong: a line that is a word"] = wrong.replace('"startLine": ', '"startLine": "x", "was": ', 1)
        logs["wrong: a level that is none"] = wrong.replace('"level": "error"', '"level": "fatal"', 1)
        path = os.path.join(work, "logs.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"schema": schema, "logs": logs}, file)
        faults = json.loads(subprocess.run([python, "-c", VALIDATE, path], check=True, capture_output=True).stdout)
    failed = False
    for name, found in faults.items():
        if bool(found) != name.startswith("wrong"):
            failed = True
            print(f"{name}: {found or 'was not refused'}")
    results = sum(len(json.loads(log)["runs"][0]["results"]) for name, log in logs.items() if not name.startswith("wrong"))
    print(f"{len(logs) - 2} logs with {results} results held against SARIF 2.1.0, 2 wrong ones refused: {'FAIL' if failed else 'PASS'}")
    return 1 if failed else 0


def fetch_schema(work):
    os.makedirs(os.path.join(work, "fetch/src"))
    with open(os.path.join(work, "fetch/Cargo.toml"), "w", encoding="utf-8") as file:
        file.write('[package]\nname = "fetch"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nserde-sarif = "0.8"\n')
    open(os.path.join(work, "fetch/src/lib.rs"), "w", encoding="utf-8").close()
    command = ["cargo", "metadata", "--format-version", "1", "--manifest-path", os.path.join(work, "fetch/Cargo.toml")]
    packages = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["packages"]
    manifest = next(package["manifest_path"] for package in packages if package["name"] == "serde-sarif")
    with open(os.path.join(os.path.dirname(manifest), "src/schema.json"), encoding="utf-8") as file:
        return json.load(file)


def environment(work):
    venv.create(os.path.join(work, "venv"), with_pip=True)
    python = os.path.join(work, "venv/bin/python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "jsonschema>=4"], check=True)
    return python


VALIDATE = """
import json, sys
import jsonschema
given = json.load(open(sys.argv[1], encoding="utf-8"))
validator = jsonschema.validators.validator_for(given["schema"])(given["schema"])
faults = {name: [error.message[:200] for error in validator.iter_errors(json.loads(log))][:3] for name, log in given["logs"].items()}
print(json.dumps(faults))
"""

if __name__ == "__main__":
    sys.exit(main())
