#!/usr/bin/env python3
"""Holds the schemas of `dossier schema` against front matter with a validator that is not ours.

    tests/acceptance/schemas.py [--program PATH]

Installs `jsonschema` and PyYAML into a temporary environment; the program is target/debug/dossier unless said otherwise. It proves that

  * every schema is one of draft 2020-12, by the draft's own schema;
  * all front matter of the example dossier and its settings are accepted, by the schema of their kind and by that of any kind;
  * in the cases of tests/cases, each record and settings file of which the program says that a key is unknown or missing, or that
    a type, a word, an id, a date or another value is wrong, is refused, and those without such a finding are accepted.

YAML is read by the core schema of YAML 1.2, as editors do, so `2025-05-11` is text and `2023` a number. Prints a line for whatever did
not hold, and counts at the end. Exits with 0 when all held, 77 when the validator cannot be installed.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
KINDS = ["actor", "event", "quote", "source", "place", "page"]
SHAPE_CODES = {"unknown-key", "missing-key", "wrong-type", "unknown-word", "bad-value", "bad-date", "bad-setting", "unknown-kind", "cannot-be-allowed", "cannot-withhold"}
# Findings that something else than this YAML decides: a file's name and folder, the other records of a file, a theme.
ELSEWHERE = [
    r"the name of the file is not an id",
    r"nothing says what kind of record this is",
    r"`body` stands under the front matter",
    r"`id` is missing",
    r"theme",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / "target/debug/dossier"))
    args = parser.parse_args()
    try:
        import jsonschema, yaml  # noqa: F401
    except ImportError:
        return with_environment(sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([args.program, "schema", "--out", folder], check=True, stdout=subprocess.DEVNULL)
        return Proof(Path(folder)).run()


def with_environment(arguments):
    """Runs this script again where the validator is installed."""
    if os.environ.get("SCHEMAS_IN_VENV"):
        print("left out: the packages do not load after they were installed", file=sys.stderr)
        return 77
    with tempfile.TemporaryDirectory() as folder:
        try:
            venv.create(folder, with_pip=True)
            python = str(Path(folder) / "bin" / "python")
            install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "jsonschema==4.*", "PyYAML==6.*"]
            subprocess.run(install, check=True, timeout=45)
        except (subprocess.SubprocessError, OSError) as error:
            print(f"left out: jsonschema and PyYAML cannot be installed ({error})", file=sys.stderr)
            return 77
        return subprocess.run([python, __file__, *arguments], env={**os.environ, "SCHEMAS_IN_VENV": "1"}).returncode


class Proof:
    def __init__(self, folder):
        from jsonschema import Draft202012Validator as Validator

        self.wrong = 0
        self.accepted = self.refused = self.unreadable = 0
        self.validators = {}
        for path in sorted(folder.glob("*.schema.json")):
            schema = json.loads(path.read_text())
            Validator.check_schema(schema)
            self.validators[path.name.split(".")[0]] = Validator(schema)

    def run(self):
        if set(self.validators) != {*KINDS, "record", "dossier"}:
            self.fail(f"there are schemas for {sorted(self.validators)}")
        self.example()
        example = self.accepted
        for case in sorted(path.parent for path in (ROOT / "tests/cases").glob("*/diagnostics.txt")):
            self.case(case)
        if not example or not self.refused:
            self.fail("nothing was compared")
        print(
            f"schemas: {len(self.validators)} schemas, {example} documents of the example accepted, {self.accepted - example} of the "
            f"cases accepted, {self.refused} refused, {self.unreadable} that are no YAML, {self.wrong} wrong"
        )
        return 1 if self.wrong else 0

    def example(self):
        for path in records(ROOT / "content"):
            for _, kind, value in self.documents(path, ROOT / "content"):
                self.expect(path, kind, value, [])
        self.expect(ROOT / "dossier.yaml", "dossier", read(ROOT.joinpath("dossier.yaml").read_text()), [])

    def case(self, case):
        found = findings(case / "diagnostics.txt")
        for path in records(case / "content"):
            name = str(path.relative_to(case))
            of_file = [finding for finding in found if finding[1] == name]
            documents = list(self.documents(path, case / "content"))
            for at, (lines, kind, value) in enumerate(documents):
                self.expect(path, kind, value, [finding for finding in of_file if finding[2] in lines])
        settings = case / "dossier.yaml"
        if settings.exists():
            self.expect(settings, "dossier", self.try_read(settings.read_text()), [f for f in found if f[1] == "dossier.yaml"])

    def documents(self, path, content):
        """The lines of each document of a file, its kind and its value."""
        folder = path.relative_to(content).parts[0]
        for lines, text in split(path):
            value = self.try_read(text)
            kind = folder[:-1] if folder[:-1] in KINDS else "record"
            if isinstance(value, dict) and "type" in value:
                kind = value["type"] if value["type"] in KINDS else "record"
            yield lines, kind, value

    def try_read(self, text):
        import yaml

        try:
            return read(text)
        except (yaml.YAMLError, ValueError, RecursionError):
            return UNREADABLE

    def expect(self, path, kind, value, found):
        """Compares the schemas' answer with what the program found; what is no YAML is no matter of a schema."""
        if value is UNREADABLE or any(code in ("yaml-syntax", "yaml-too-complex", "duplicate-key") for code, *_ in found):
            self.unreadable += 1
            return
        shape = [f for f in found if f[0] in SHAPE_CODES or f[0] == "bad-id"]
        shape = [f for f in shape if not any(re.search(pattern, f[3]) for pattern in ELSEWHERE)]
        for name in {kind, "dossier" if kind == "dossier" else "record"}:
            errors = list(self.validators[name].iter_errors(value))
            if bool(errors) != bool(shape):
                said = errors[0].message[:200] if errors else [f"{code}: {message}" for code, _, _, message in shape]
                self.fail(f"{path.relative_to(ROOT)}: the schema `{name}` {'refuses' if errors else 'accepts'} it: {said}")
        if shape:
            self.refused += 1
        else:
            self.accepted += 1

    def fail(self, message):
        self.wrong += 1
        print(f"wrong: {message}")


UNREADABLE = object()


def records(content):
    return sorted(path for path in content.rglob("*") if path.suffix in (".md", ".yaml", ".yml") and path.is_file()) if content.exists() else []


def split(path):
    """The documents of a file: the lines on which each stands, and its YAML."""
    lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    if path.suffix == ".md":
        fences = [at for at, line in enumerate(lines) if line.rstrip() in ("---", "...")]
        if len(fences) > 1 and not "".join(lines[: fences[0]]).strip():
            yield range(1, len(lines) + 1), "".join(lines[fences[0] + 1 : fences[1]])
        return
    start = 0
    ends = [at for at, line in enumerate(lines) if line.rstrip() in ("---", "...")]
    for end in [*ends, len(lines)]:
        text = "".join(lines[start:end])
        if any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
            yield range(start + 1, end + 2), text
        start = end + 1


def findings(path):
    """Code, file, line and message of each finding in the text form of the program."""
    found, code, message = [], None, None
    for line in path.read_text().splitlines():
        if head := re.match(r"(?:error|warning|note)\[([a-z0-9-]+)\]: (.*)", line):
            code, message = head.groups()
        elif (place := re.match(r" *--> (.*):(\d+):\d+$", line)) and code:
            found.append((code, place[1], int(place[2]), message))
            code = None
        elif (place := re.match(r" *--> (.*)$", line)) and code:
            found.append((code, place[1], 1, message))
            code = None
    return found


def read(text):
    import yaml

    if not hasattr(read, "loader"):
        # PyYAML reads YAML 1.1, where a day is a date and `no` is false.
        class Core(yaml.SafeLoader):
            yaml_implicit_resolvers = {}

        for tag, pattern, first in [
            ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
            ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
            ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
            ("float", r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$", list("-+.0123456789")),
        ]:
            Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)

        def whole(loader, node):
            text = loader.construct_scalar(node)
            return int(text[2:], 8) if text.startswith("0o") else int(text, 16) if text.startswith("0x") else int(text)

        Core.add_constructor("tag:yaml.org,2002:int", whole)
        read.loader = Core
    return yaml.load(text, read.loader)


if __name__ == "__main__":
    sys.exit(main())
