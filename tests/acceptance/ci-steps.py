#!/usr/bin/env python3
"""Runs the steps of the workflows that `dossier init --ci` writes, as their hosts would: job by job, each from a clean clone.

    tests/acceptance/ci-steps.py [PROGRAM]

PROGRAM is target/debug/dossier unless said otherwise. The lines that are run are read out of the workflows themselves; what a job hands on is
copied from one clone to the next. Shown are: a dossier that is checked, built, published and sealed, in two clones to the same bytes; a second
edition that follows the first; a mistake that stops the job with annotations; the program fetched with the right SHA-256 and refused with
another; secrets that stand in no argument and in no log; a branch of pages that is only written where it is ours; and an edition of the example
dossier from two clones of this repository. Nothing leaves this machine. Exits with 0 only when all of it held, with 77 without git.
"""
import contextlib
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORKFLOWS = {"github": ".github/workflows/dossier.yml", "gitlab": ".gitlab-ci.yml", "forgejo": ".forgejo/workflows/dossier.yml"}
RESULTS = ".dossier/ci/results"
SALT = "5a" * 32
DAY = "2026-03-01"
held = 0


def main():
    program = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "target/debug/dossier"))
    if not shutil.which("git"):
        print("there is no git here")
        return 77
    can_publish = subprocess.run([program, "publish", "--help"], capture_output=True, check=False).returncode == 0
    with tempfile.TemporaryDirectory() as work:
        Host.program, Host.work = program, work
        for name in WORKFLOWS:
            one_dossier(Host(name), can_publish)
        install(Host("github"))
        tokens(Host("github"))
        branch_of_pages(Host("forgejo"))
        example()
    left_out = "" if can_publish else "; publishing was left out, since this program has no `dossier publish`"
    print(f"steps of {len(WORKFLOWS)} workflows, {held} statements held: PASS{left_out}")
    return 0


class Host:
    """A host with one repository."""

    program = work = ""
    count = 0

    def __init__(self, name):
        Host.count += 1
        self.name = name
        self.origin = os.path.join(self.work, f"origin-{Host.count}")
        self.author = os.path.join(self.work, f"author-{Host.count}")
        git(self.work, "init", "--quiet", "--bare", "--initial-branch=main", self.origin)
        run([self.program, "init", self.author, "--ci", name])
        git(self.author, "init", "--quiet", "--initial-branch=main")
        git(self.author, "remote", "add", "origin", self.origin)
        self.commit()
        with open(os.path.join(self.author, WORKFLOWS[name]), encoding="utf-8") as file:
            self.jobs = jobs(file.read())
        assert set(self.jobs) == {"build", "pages", "publish", "edition"}, self.jobs

    def commit(self):
        git(self.author, "add", "--all")
        git(self.author, "commit", "--quiet", "--allow-empty", "--message", "a change")
        git(self.author, "push", "--quiet", "origin", "main")

    def edit(self, path, old, new):
        path = os.path.join(self.author, path)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        assert old in text, (path, old)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
        self.commit()

    def clone(self, results=None):
        """A clean clone, with what an earlier job has handed on."""
        Host.count += 1
        clone = os.path.join(self.work, f"clone-{Host.count}")
        git(self.work, "clone", "--quiet", "--depth", "1", "file://" + self.origin, clone)
        if results:
            # As hosts do that leave out what is hidden.
            shutil.copytree(os.path.join(results, RESULTS), os.path.join(clone, RESULTS), ignore=shutil.ignore_patterns(".*"))
        return clone

    def job(self, job, clone, **env):
        """Runs the lines of a job until one fails; the exit code of the last, and all that was printed."""
        env = {"DOSSIER": self.program, "DOSSIER_DATE": DAY, **env}
        env = {name: value for name, value in env.items() if value is not None}
        log = ""
        for line in self.jobs[job]:
            # As the hosts do: any step is a new shell, and the first that fails ends the job.
            done = subprocess.run(["sh", "-e", "-c", line], cwd=clone, env={**base(), **env}, capture_output=True, check=False)
            log += done.stdout.decode() + done.stderr.decode()
            if done.returncode != 0:
                return done.returncode, log
        return 0, log


def jobs(text):
    """The lines that a workflow runs, by job."""
    found, job = {}, None
    for line in text.splitlines():
        header = re.fullmatch(r"(?:  )?(build|pages|publish|edition):", line)
        step = re.fullmatch(r"\s+- (?:run: )?(sh \.dossier/ci\.sh .*)", line)
        if header:
            job = header[1]
        elif re.fullmatch(r"\s+- id: pages", line) or step:
            found.setdefault(job, []).extend([step[1]] if step else [])
    return found


def one_dossier(host, can_publish):
    name = host.name
    # A dossier that is right is built, published and sealed.
    built = host.clone()
    code, log = host.job("build", built)
    holds(code == 0 and "::error" not in log, f"{name}: a dossier that is right is built", log)
    site = tree(os.path.join(built, "public"))
    site.pop(".dossier-manifest")
    pages = host.clone(built) if name == "gitlab" else built
    if name != "forgejo":
        code, log = host.job("pages" if name == "gitlab" else "build", pages)
        holds(code == 0 and tree(os.path.join(pages, ".dossier/ci/pages")) == site, f"{name}: the host's own pages are the site", log)
    if can_publish:
        www = os.path.join(host.work, f"www-{host.count}")
        code, log = host.job("publish", host.clone(built), DOSSIER_PUBLISH="file://" + www, AWS_ROLE_ARN="", AZURE_CLIENT_ID="")
        readers = {path: bytes for path, bytes in tree(www).items() if not path.startswith(".dossier-publish/")} if os.path.exists(www) else {}
        holds(code == 0 and readers == site, f"{name}: what was built is what readers get", log)
        # Between the jobs somebody puts a page into what is handed on.
        tampered = host.clone(built)
        host.job("publish", tampered, DOSSIER="true", DOSSIER_PUBLISH="x")
        with open(os.path.join(tampered, "public/contact.html"), "a", encoding="utf-8") as file:
            file.write("<!-- -->")
        run(["tar", "-cf", os.path.join(tampered, RESULTS, "site.tar"), "-C", "public", "."], cwd=tampered)
        code, log = host.job("publish", tampered, DOSSIER_PUBLISH="file://" + www)
        readers = {path: bytes for path, bytes in tree(www).items() if not path.startswith(".dossier-publish/")}
        holds(code != 0 and "contact.html" in log and readers == site, f"{name}: what the build did not write is not published", log)
    tag = {"EDITION_SALT": SALT, "GITHUB_REF_NAME": "edition-first", "CI_COMMIT_TAG": "edition-first"}
    sealed = host.clone(built)
    code, log = host.job("edition", sealed, **tag)
    first = read(os.path.join(sealed, RESULTS, "edition-first.tar.zst"))
    holds(code == 0 and "verified: nothing differs" in log and SALT not in log, f"{name}: an edition is sealed", log)
    # The secret may also come as a file, as GitLab can give it; and a clone elsewhere comes to the same bytes.
    again, path = host.clone(), os.path.join(host.work, "salt")
    with open(path, "w", encoding="utf-8") as file:
        file.write(SALT + "\n")
    host.job("build", again, TZ="Asia/Kolkata", LC_ALL="C")
    again = host.clone(again)
    code, log = host.job("edition", again, **{**tag, "EDITION_SALT": path}, TZ="Pacific/Apia")
    holds(code == 0 and read(os.path.join(again, RESULTS, "edition-first.tar.zst")) == first, f"{name}: another clone makes the same edition", log)
    code, log = host.job("edition", host.clone(built), **{**tag, "EDITION_SALT": ""})
    holds(code == 2 and "there is no EDITION_SALT" in log, f"{name}: no edition without its secret", log)
    for wrong in ["edition-", "edition-a b", "edition-../x", "edition-$(id)", "edition--x"]:
        code, log = host.job("edition", host.clone(built), **{**tag, "GITHUB_REF_NAME": wrong, "CI_COMMIT_TAG": wrong})
        holds(code == 2 and "an edition needs a name" in log, f"{name}: `{wrong}` names no edition", log)

    # The author keeps what it says; then a word changes, and nobody says so.
    os.makedirs(os.path.join(host.author, "editions"))
    shutil.copy(os.path.join(sealed, RESULTS, "first.jsonl"), os.path.join(host.author, "editions"))
    host.edit("content/quotes/not-before-six.md", "before six", "before seven")
    built = host.clone()
    code, log = host.job("build", built)
    holds(code == 0 and "1 changed without a correction" in log, f"{name}: what is not as in the last edition is counted", log)
    holds("before seven" not in log, f"{name}: the words themselves are not in the log", log)
    holds("before [-six" in text_of_changes(built, host), f"{name}: the words stand in the results")
    told = read(os.path.join(built, RESULTS, "code-quality.json")).decode() if name == "gitlab" else log
    holds("undeclared-change" in told and "content/quotes/not-before-six.md" in told, f"{name}: an undeclared change is told", told)
    second = host.clone(built)
    code, log = host.job("edition", second, **{**tag, "GITHUB_REF_NAME": "edition-second", "CI_COMMIT_TAG": "edition-second"})
    previous = [json.loads(read(os.path.join(folder, RESULTS, kept)).split(b"\n")[0]) for folder, kept in [(sealed, "first.jsonl"), (second, "second.jsonl")]]
    holds(code == 0 and previous[1]["previous"] == {"edition": "first", "seal": previous[0]["seal"]}, f"{name}: the second edition follows the first", log)

    # A mistake stops the job where it is told, and nothing is handed on.
    host.edit("content/events/gate-opened.md", "jane-doe", "jane-deo")
    built = host.clone()
    code, log = host.job("build", built)
    holds(code == 1 and re.search(r"^::error file=content/events/gate-opened\.md,line=\d+", log, re.M), f"{name}: a mistake is an annotation", log)
    holds(not os.path.exists(os.path.join(built, RESULTS, "site.tar")), f"{name}: nothing is handed on with a mistake")
    if name == "gitlab":
        report = json.loads(read(os.path.join(built, RESULTS, "code-quality.json")))
        errors = [issue["location"]["path"] for issue in report if issue["severity"] == "major"]
        holds("content/events/gate-opened.md" in errors, "gitlab: a mistake stands in the report", report)


def text_of_changes(clone, host):
    """The file of changes holds the words; so does the text of the same comparison."""
    page = read(os.path.join(clone, RESULTS, "changes.html")).decode()
    assert "<del>" in page or "six" in page, page[:500]
    return run([host.program, "diff", "editions", "public"], cwd=clone, codes=(1,))


def install(host):
    """The program comes with the SHA-256 that the script asks for, or not at all."""
    folder = os.path.join(host.work, "release/dossier-9")
    os.makedirs(folder)
    with open(os.path.join(folder, "dossier"), "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\necho "the program, $1"\n')
    os.chmod(os.path.join(folder, "dossier"), 0o755)
    archive = os.path.join(host.work, "program.tar.gz")
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, "dossier-9")
    sha256 = hashlib.sha256(read(archive)).hexdigest()

    def fetched(sha256, before=None):
        shutil.rmtree(os.path.join(host.author, ".github"))
        os.remove(os.path.join(host.author, ".dossier/ci.sh"))
        run([host.program, "init", "--ci", "github", "--program", "file://" + archive, "--program-sha256", sha256], cwd=host.author)
        host.commit()
        clone = host.clone()
        if before is not None:
            os.makedirs(os.path.join(clone, ".dossier/ci/tools"))
            with open(os.path.join(clone, ".dossier/ci/tools/program.tar.gz"), "wb") as file:
                file.write(before)
        return subprocess.run(["sh", ".dossier/ci.sh", "install"], cwd=clone, env=base(), capture_output=True, check=False)

    if not (shutil.which("curl") or shutil.which("wget")):
        return
    done = fetched(sha256)
    holds(done.returncode == 0 and done.stdout == b"the program, --version\n", "the program is fetched", done)
    done = fetched(sha256, before=b"what somebody else has put there")
    holds(done.returncode == 0, "a copy that is another one is fetched again", done)
    done = fetched("0" * 64)
    holds(done.returncode == 2 and b"does not have the SHA-256" in done.stderr and not done.stdout, "another program is refused", done)
    done = fetched("0" * 64, before=read(archive))
    holds(done.returncode == 2, "another program is refused from a cache, too", done)


def tokens(host):
    """Where the host vouches for a run, storage is asked with a token that no argument and no log holds."""
    stub = os.path.join(host.work, "stub")
    with open(stub, "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\nif [ "$1" = publish ]; then echo "arguments: $*"; env | grep -E "^(AWS|AZURE)_" | sed "s/=.*/ is set/"; cat "$AWS_WEB_IDENTITY_TOKEN_FILE" >>"$SEEN"\n'
                   'ls -l "$AWS_WEB_IDENTITY_TOKEN_FILE" | cut -c 1-10 >>"$SEEN"; fi\n')
    os.chmod(stub, 0o755)
    built = host.clone()
    host.job("build", built)
    seen = os.path.join(host.work, "seen")
    given = {"DOSSIER": stub, "SEEN": seen, "DOSSIER_PUBLISH": "s3://bucket/a b", "AWS_ROLE_ARN": "arn:aws:iam::1:role/x", "AWS_ACCESS_KEY_ID": "", "AZURE_CLIENT_ID": ""}
    if shutil.which("curl"):
        with token_server() as address:
            code, log = host.job("publish", host.clone(built), **given, ACTIONS_ID_TOKEN_REQUEST_URL=address, ACTIONS_ID_TOKEN_REQUEST_TOKEN="bearer-of-this-run")
        told = read(seen).decode()
        holds(code == 0 and told == "token-for-sts.amazonaws.com\n-rw-------\n", "the host's token lies in a file of one's own", log + told)
        holds("bearer-of-this-run" not in log and "token-for" not in log, "no token is in the log", log)
        holds("arguments: publish --built s3://bucket/a b\n" in log, "the address comes whole, and nothing else", log)
        holds("AWS_ACCESS_KEY_ID is set" not in log and "AWS_ROLE_ARN is set" in log, "empty variables are none", log)
    os.path.exists(seen) and os.remove(seen)
    code, log = host.job("publish", host.clone(built), **given, DOSSIER_ID_TOKEN="a-token")
    holds(code == 0 and read(seen) == b"a-token-rw-------\n" and "a-token" not in log, "a token may be given", log)
    code, log = host.job("publish", host.clone(built), **given)
    holds(code == 2 and "this host gives no token" in log, "a role without a token is told", log)


@contextlib.contextmanager
def token_server():
    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
            known = self.headers["Authorization"] == "bearer bearer-of-this-run" and asked["version"] == ["1"]
            body = json.dumps({"count": 1, "value": "token-for-" + asked["audience"][0]}).encode() + b"\n"
            self.send_response(200 if known else 401)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/token?version=1"
        server.shutdown()


def branch_of_pages(host):
    """A branch of this repository is written on top of what we wrote there, and not where somebody else did."""
    def pages(branch="pages"):
        return git(host.origin, "ls-tree", "-r", "--name-only", branch).splitlines()

    built = host.clone()
    host.job("build", built)
    site = sorted(path for path in tree(os.path.join(built, "public")) if path != ".dossier-manifest")
    code, log = host.job("pages", host.clone(built), PUSH_TOKEN="a-token")
    holds(code == 0 and sorted(pages()) == site and "a-token" not in log, "the branch has the site", log)
    code, log = host.job("pages", host.clone(built))
    holds(code == 0 and "has this site already" in log, "the same site is not written twice", log)
    host.edit("content/quotes/not-before-six.md", "before six", "before seven")
    built = host.clone()
    host.job("build", built)
    code, log = host.job("pages", host.clone(built))
    count = int(git(host.origin, "rev-list", "--count", "pages"))
    holds(code == 0 and count == 2, "a new site is a commit on top", log)
    holds(git(host.origin, "ls-tree", "-r", "--name-only", "main").count("dossier.yaml") == 1, "the branch of the author is as it was")
    git(host.author, "push", "--quiet", "--force", "origin", "main:pages")
    code, log = host.job("pages", host.clone(built))
    holds(code == 2 and "was not written by this step" in log, "a branch of somebody else stays as it is", log)


def example():
    """An edition of the example dossier from two clean clones of this repository, in different surroundings."""
    editions, sites = [], []
    for number, env in enumerate([{"TZ": "UTC"}, {"TZ": "Asia/Kolkata", "LC_ALL": "C", "RAYON_NUM_THREADS": "1"}]):
        clone = os.path.join(Host.work, f"example {number}")
        git(Host.work, "clone", "--quiet", "--no-local", "--depth", "1", "file://" + ROOT, clone)
        run([Host.program, "init", "--ci", "github"], cwd=clone)
        with open(os.path.join(clone, WORKFLOWS["github"]), encoding="utf-8") as file:
            steps = jobs(file.read())
        env = {**base(), **env, "DOSSIER": Host.program, "DOSSIER_DATE": DAY, "EDITION_SALT": SALT, "GITHUB_REF_NAME": "edition-of-a-clone"}
        for line in steps["build"] + [step for step in steps["edition"] if "install" not in step]:
            done = subprocess.run(["sh", "-e", "-c", line], cwd=clone, env=env, capture_output=True, check=False)
            holds(done.returncode == 0, f"the example: {line}", done)
        editions.append(read(os.path.join(clone, RESULTS, "edition-of-a-clone.tar.zst")))
        sites.append(tree(os.path.join(clone, "public")))
        told = run([Host.program, "verify", os.path.join(clone, RESULTS, "edition-of-a-clone.tar.zst")])
        holds("verified: nothing differs" in told, "the example: its edition is verified", told)
    holds(editions[0] == editions[1] and sites[0] == sites[1], "the example: two clones come to the same bytes")
    print(f"the edition of the example has {len(editions[0])} bytes, SHA-256 {hashlib.sha256(editions[0]).hexdigest()}")


def holds(is_so, what, told=""):
    global held
    if not is_so:
        print(f"does not hold: {what}\n{told}", file=sys.stderr)
        sys.exit(1)
    held += 1


def base():
    """The variables of this machine that a host has too; none of its own is let through."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    return {**kept, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}


def git(folder, *args):
    who = ["-c", "user.name=Author", "-c", "user.email=author@example.org", "-c", "safe.directory=*"]
    return subprocess.run(["git", *who, *args], cwd=folder, env=base(), check=True, capture_output=True).stdout.decode()


def run(command, cwd=None, codes=(0,)):
    done = subprocess.run(command, cwd=cwd, env=base(), capture_output=True, check=False)
    assert done.returncode in codes, (command, done)
    return done.stdout.decode()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def tree(folder):
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            found[os.path.relpath(path, folder)] = read(path)
    return found


if __name__ == "__main__":
    sys.exit(main())
