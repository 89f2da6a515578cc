#!/usr/bin/env python3
"""Holds what a build writes for a host against that host: a real nginx, a real Apache, Netlify's own parsers, Amazon's own model, and Chromium.

    tests/acceptance/hosts.py [--program PATH] [--keep FOLDER]

Makes a dossier with old ids, a record that was taken down, a style sheet with a hash in its name, and attachments whose names have spaces, accents, `%`,
`+`, quotation marks, `;`, `$`, `#` and an emoji. It is built for each host, at the root of its address and below a path. nginx and Apache serve
it on 127.0.0.1 with nothing but the snippet, and are asked for every file, every link of every page, every old address, what was taken
down, what is not there and what is not to be served: status, where it leads, type, and each header once. Chromium opens every page and reports what
the Content-Security-Policy blocks, which is nothing; a page that breaks it shows that it would be told. Netlify's parsers read `_headers` and
`_redirects` without an error and find in them what is meant; so does a reading by Cloudflare's documented rules. The files for S3 and
CloudFront are what the model of their interfaces asks for, where botocore is at hand.

Installs nginx and Apache with apt-get where it may, and npm packages into a temporary folder. Prints PASS last; 77 when neither server can be had.
"""

import argparse
import html.parser
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ODD = ["a b.txt", "né è.txt", "100%.txt", "1+1.txt", "it's \"so\".txt", "semi;colon.txt", "$dollar ${x}.txt", "hash#tag.txt", "😀.txt", "a&b=c,d.txt", "q[1]{2}(3).txt",
       "tilde~@!.txt", "page.wacz", "UPPER.PDF"]
HASHED = "print.0a1b2c3d4e.css"
TYPES = {"html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "txt": "text/plain; charset=utf-8", "xml": "text/xml; charset=utf-8",
         "jsonl": "application/jsonl; charset=utf-8", "wacz": "application/wacz", "pdf": "application/pdf", "png": "image/png",
         "webmanifest": "application/manifest+json; charset=utf-8"}
ONCE = ["content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy", "permissions-policy", "cross-origin-opener-policy",
        "cross-origin-resource-policy", "cache-control"]
# One grey point.
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c6360000000020001e221bc330000000049454e44ae426082")
left_out = []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(ROOT / "target/debug/dossier"))
    parser.add_argument("--keep", help="a folder for what is made, which stays")
    typed = parser.parse_args()
    program = str(Path(typed.program).resolve())
    servers = [server for server in (Nginx, Apache) if server.find()]
    if not servers:
        print("left out: neither nginx nor Apache is here or can be installed", file=sys.stderr)
        return 77
    with tempfile.TemporaryDirectory() as folder:
        work = Path(typed.keep or folder).resolve()
        work.mkdir(parents=True, exist_ok=True)
        # Apache's workers are somebody else.
        work.chmod(0o755)
        node = packages(work)
        for server in servers:
            for base in ["/", "/a%20b/dossier/"]:
                serve(server, program, work / f"{server.name}{base.count('/')}", base, node)
        if node:
            flat(program, work / "netlify", node)
        cloudflare(program, work / "cloudflare")
        others(program, work / "others")
        amazon(program, work / "s3")
    for what in left_out:
        print(f"left out: {what}")
    print("PASS")
    return 0


def make(folder, hosting, address):
    """A dossier with all that hosts can stumble over."""
    write = lambda path, text: ((folder / path).parent.mkdir(parents=True, exist_ok=True), (folder / path).write_bytes(text if isinstance(text, bytes) else text.encode()))
    write("dossier.yaml", f"title: Hosted\nhosting: {hosting}\ncontact: desk@example.org\n" + (f"base_url: {address}\n" if address else ""))
    write("content/actors/new.md", "---\nname: A body\nkind: organisation\naliases: [old, older-than-that]\nimage: face.png\n---\n")
    write("content/actors/face.png", PNG)
    write("content/pages/about.md", "---\ntitle: About\naliases: imprint\n---\n```rust\nfn main() {}\n```\n" + "".join(f"* [file](<{escape(name)}>)\n" for name in ODD))
    for name in ODD:
        write(f"content/pages/{name}", f"%PDF-1.4 {name}\n" if name.endswith("PDF") else f"the file {name}\n")
    write("content/events/it.md", "---\ntitle: It happens\ndate: 2024-05-01\nactors: new\ntags: [one, two words]\n---\nWords.\n")
    write("content/events/gone-for-good.md", "---\ntitle: Zq\ndate: 2024-05-02\naliases: gone-before\ntakedown: {as: withdraw, on: 2025-01-01, reason: privacy}\n---\n")
    write(f"static/{HASHED}", "@media print { nav { display: none } }\n")
    write("static/site.webmanifest", '{"name": "Hosted"}\n')
    write("static/bad.html", "<!doctype html><title>bad</title><p style='color: red'>x</p><script>document.title = 'ran'</script><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>")
    return folder


def escape(name):
    """A name as a destination in Markdown, in angle brackets."""
    return "".join("\\" + c if c in "\\<>&" else "%25" if c == "%" else "%23" if c == "#" else c for c in name)


def build(program, folder):
    run = subprocess.run([program, "build", "--date", "2026-01-01", "--quiet"], cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return folder / "public"


def serve(server, program, folder, base, node):
    # What asks for TLS is asked for by the address; a browser over plain HTTP is given a site that says so.
    for scheme in ["https", "http"]:
        shutil.rmtree(folder, ignore_errors=True)
        port = free_port()
        public = build(program, make(folder / "dossier", server.name, f"{scheme}://{'example.org' if scheme == 'https' else f'127.0.0.1:{port}'}{base}"))
        root = folder / "root"
        site = root / urllib.parse.unquote(base.strip("/"))
        site.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(public, site)
        for path in folder.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        process = server.start(folder, root, site, port)
        try:
            wait(port)
            if scheme == "https":
                asked = ask_for_all(server, port, base, site)
            elif node:
                browse(node, port, base, site)
        finally:
            process.terminate()
            process.wait()
    print(f"{server.name} at {base}: {asked} requests are answered as they should be" + (", and no page breaks its policy" if node else ""))


def ask_for_all(server, port, base, site):
    asked = 0

    def get(path):
        nonlocal asked
        asked += 1
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        # `http.client` refuses nothing that is ASCII without white space.
        connection.putrequest("GET", path, skip_accept_encoding=True)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        headers = {}
        for name, value in answer.getheaders():
            headers.setdefault(name.lower(), []).append(value)
        return answer.status, headers, body

    def check_headers(path, headers, cache=True):
        for name in ONCE + ["strict-transport-security"]:
            if name == "cache-control" and not cache:
                continue
            assert len(headers.get(name, [])) == 1, f"{path}: {name} is {headers.get(name)}"
        policy = headers["content-security-policy"][0]
        assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy, policy
        assert headers["x-content-type-options"] == ["nosniff"]

    redirects = {f"actors/{name}.html": "actors/new.html" for name in ["old", "older-than-that"]} | {"imprint.html": "about.html"}
    gone = ["events/gone-for-good.html", "events/gone-before.html"]
    links = set()
    files = [path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()]
    assert all(path in files for path in [*redirects, *gone]), "a page for other hosts is not there"
    for path in files:
        address = base + urllib.parse.quote(path)
        if path.startswith(".") or "/." in path:
            status, headers, _ = get(address)
            assert status in (403, 404), f"{path} is served"
            continue
        status, headers, body = get(address)
        if path in redirects:
            # Apache puts the name that it was asked by before the path.
            led = [urllib.parse.urljoin(f"http://127.0.0.1:{port}{address}", to) for to in headers["location"]]
            assert (status, led) == (301, [f"http://127.0.0.1:{port}{base}{redirects[path]}"]), f"{path}: {status} {headers}"
            check_headers(path, headers, cache=False)
            assert get(urllib.parse.urlsplit(led[0]).path)[0] == 200
        elif path in gone:
            assert status == 410 and body == (site / path).read_bytes(), f"{path}: {status} {body[:200]}"
            check_headers(path, headers, cache=False)
        elif path == "404.html" and server is Nginx:
            assert status == 404
        else:
            assert status == 200 and body == (site / path).read_bytes(), f"{path}: {status}"
            check_headers(path, headers)
            expected = TYPES[path.rsplit(".", 1)[1].lower()]
            assert headers["content-type"] == [expected], f"{path}: {headers['content-type']} and not {expected}"
            is_hashed = path.endswith(HASHED)
            assert ("immutable" in headers["cache-control"][0]) == is_hashed, f"{path}: {headers['cache-control']}"
        if path.endswith(".html") and path != "404.html":
            links |= {urllib.parse.urljoin(address, link) for link in Links.of((site / path).read_text())}
    for link in sorted(links):
        parts = urllib.parse.urlsplit(link)
        if parts.netloc or parts.scheme not in ("", "http", "https"):
            continue
        status, _, _ = get(parts.path)
        assert status in (200, 301, 410), f"a link leads to {link}: {status}"
    assert sum("files/" in link for link in links) >= len(ODD), "the odd names are not linked to"
    for missing in ["nothing.html", "no/such/folder/", "actors/%F0%9F%98%80", "static/none.0a1b2c3d4e.css", ".hosting/nginx.conf", ".git/config"]:
        status, headers, body = get(base + missing)
        assert status == 404 and body == (site / "404.html").read_bytes(), f"{missing}: {status} {body[:100]}"
        check_headers(missing, headers, cache=False)
        assert not any("immutable" in value for value in headers.get("cache-control", []))
    for folder in ["", "actors/", "dates/"]:
        status, headers, body = get(base + folder)
        assert status == 200 and body == (site / folder / "index.html").read_bytes(), folder
    return asked


class Links(html.parser.HTMLParser):
    """What a page leads to or loads."""

    @classmethod
    def of(cls, text):
        parser = cls()
        parser.found = set()
        parser.feed(text)
        return parser.found

    def handle_starttag(self, tag, attributes):
        self.found |= {value.split("#")[0] for name, value in attributes if name in ("href", "src") and value and not value.startswith("#")}


class Nginx:
    name = "nginx"

    @staticmethod
    def find():
        return find("nginx", "nginx-light")

    @staticmethod
    def start(folder, root, site, port):
        scratch = "".join(f"    {kind}_temp_path {folder}/{kind};\n" for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
        # What the server around the snippet says of types is not what the snippet says.
        (folder / "nginx.conf").write_text(
            f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{\n{scratch}    access_log off;\n"
            "    types { application/x-wrong html css; }\n    default_type application/x-none;\n"
            f"    server {{ listen 127.0.0.1:{port}; root {root}; include \"{site}/.hosting/nginx.conf\"; }}\n}}\n")
        run = subprocess.run(["nginx", "-t", "-c", f"{folder}/nginx.conf"], capture_output=True, text=True)
        assert run.returncode == 0 and "warn" not in run.stderr, run.stderr
        return subprocess.Popen(["nginx", "-c", f"{folder}/nginx.conf"])


class Apache:
    name = "apache"
    modules = Path("/usr/lib/apache2/modules")

    @classmethod
    def find(cls):
        return find("apache2", "apache2-bin") and cls.modules.is_dir()

    @classmethod
    def start(cls, folder, root, site, port):
        load = "".join(f"LoadModule {name}_module {cls.modules}/mod_{name}.so\n" for name in ["mpm_event", "authz_core", "mime", "dir", "alias", "headers", "rewrite"])
        # With no table of types but the one in the file.
        (folder / "types").write_text("application/x-wrong html css\n")
        (folder / "apache.conf").write_text(
            f"ServerRoot {folder}\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {folder}/pid\nErrorLog {folder}/error.log\nDefaultRuntimeDir {folder}\n{load}"
            f"TypesConfig {folder}/types\nDirectoryIndex index.html\nUser www-data\nGroup www-data\nDocumentRoot {root}\n"
            # As Debian has it.
            "<FilesMatch \"^\\.ht\">\n    Require all denied\n</FilesMatch>\n"
            f"<Directory {root}>\n    AllowOverride FileInfo\n    Require all granted\n</Directory>\n")
        run = subprocess.run(["apache2", "-t", "-f", f"{folder}/apache.conf"], capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        return subprocess.Popen(["apache2", "-DFOREGROUND", "-f", f"{folder}/apache.conf"])


def find(name, package):
    os.environ["PATH"] += ":/usr/sbin"
    if shutil.which(name):
        return True
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        left_out.append(f"{name}, which is not here and cannot be installed")
        return False
    quiet = dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    subprocess.run(["apt-get", "-qq", "update"], **quiet)
    subprocess.run(["apt-get", "-qq", "install", "-y", "--no-install-recommends", package], **quiet)
    if not shutil.which(name):
        left_out.append(f"{name}, which could not be installed")
    return bool(shutil.which(name))


def packages(work):
    """A folder with the npm packages, or none."""
    version = json.loads((ROOT / "tests/e2e/package.json").read_text())["devDependencies"]["playwright-core"]
    folder = work / "npm"
    if not shutil.which("npm"):
        left_out.append("Netlify's parsers and Chromium, for which there is no npm here")
        return None
    folder.mkdir(exist_ok=True)
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    names = ["@netlify/headers-parser@9", "@netlify/redirect-parser@15", f"playwright-core@{version}"]
    run = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent", *names], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if run.returncode != 0:
        left_out.append("Netlify's parsers and Chromium, for which npm packages could not be installed")
        return None
    return folder


BROWSE = """
import { chromium } from 'playwright-core'
const [browser, ...pages] = process.argv.slice(2)
const running = await chromium.launch({ executablePath: browser, args: ['--no-sandbox'] })
const found = {}
for (const address of pages) {
  const told = []
  const page = await running.newPage()
  page.on('console', (message) => { if (message.type() !== 'log') told.push(message.text()) })
  page.on('pageerror', (error) => told.push(String(error)))
  page.on('requestfailed', (request) => told.push(request.url() + ' ' + request.failure().errorText))
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.warn('violation of ' + event.violatedDirective)))
  await page.goto(address, { waitUntil: 'load' })
  // Pictures that come only when they are seen belong to the page too; leaving it before they are there would be told as a request that failed.
  const broken = await page.evaluate(async () => {
    const pictures = await Promise.all([...document.images].map((picture) => {
      picture.loading = 'eager'
      return picture.decode().then(() => null, () => 'no picture: ' + picture.src)
    }))
    return pictures.filter(Boolean)
  })
  const styled = await page.evaluate(() => [...document.styleSheets].every((sheet) => sheet.cssRules.length > 0) && document.styleSheets.length)
  found[address] = { told: [...told, ...broken], styled, title: await page.title() }
  await page.close()
}
console.log(JSON.stringify(found))
await running.close()
"""


def browse(node, port, base, site):
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not browser:
        if "Chromium" not in str(left_out):
            left_out.append("Chromium, which is not here")
        return
    (node / "browse.mjs").write_text(BROWSE)
    start = f"http://127.0.0.1:{port}{base}"
    pages = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]
    pages = [page for page in pages if page not in ("404.html", "static/bad.html")]
    addresses = [start + page for page in [*pages, "nothing-at-all.html", "static/bad.html"]]
    run = subprocess.run(["node", "browse.mjs", browser, *addresses], cwd=node, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    for address, seen in found.items():
        if address.endswith("/bad.html"):
            assert seen["title"] == "bad", "a script in the page ran"
            assert {"style-src", "script-src", "img-src"} <= {told.split("violation of ")[1].split("-")[0] + "-src" for told in seen["told"] if "violation of " in told}, seen
            continue
        # A page with the status 404 or 410 is told of by the console, and is as it should be.
        told = [line for line in seen["told"] if not re.search("status of (404|410)", line)]
        assert not told and seen["styled"], f"{address}: {seen}"


FLAT = """
import { parseAllHeaders } from '@netlify/headers-parser'
import { parseAllRedirects } from '@netlify/redirect-parser'
const [site] = process.argv.slice(2)
const { headers, errors } = await parseAllHeaders({ headersFiles: [site + '/_headers'], configHeaders: [], minimal: false })
const { redirects, errors: more } = await parseAllRedirects({ redirectsFiles: [site + '/_redirects'], configRedirects: [], minimal: false })
console.log(JSON.stringify({ headers, redirects, errors: [...errors, ...more].map(String) }))
"""


def flat(program, folder, node):
    site = build(program, make(folder, "netlify", "https://example.org/"))
    (node / "flat.mjs").write_text(FLAT)
    run = subprocess.run(["node", "flat.mjs", str(site)], cwd=node, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    read = json.loads(run.stdout)
    assert read["errors"] == [], read["errors"]
    rules = {rule["for"]: rule["values"] for rule in read["headers"]}
    assert rules["/*"]["Content-Security-Policy"].startswith("default-src 'none'; "), rules
    assert rules["/files/pages/page.wacz"] == {"Content-Type": "application/wacz"}, rules
    assert rules[f"/static/{HASHED}"] == {"Cache-Control": "public, max-age=31536000, immutable"}, rules
    led = {(rule["path"], rule["to"], rule["status"], rule["force"]) for rule in read["redirects"]}
    gone = {(f"/events/{name}.html", f"/events/{name}.html", 410, True) for name in ["gone-for-good", "gone-before"]}
    moved = {(f"/actors/{name}.html", "/actors/new.html", 301, True) for name in ["old", "older-than-that"]} | {("/imprint.html", "/about.html", 301, True)}
    assert led == gone | moved, led
    print(f"Netlify's parsers read {len(rules)} rules of headers and {len(led)} redirects without an error")


def cloudflare(program, folder):
    """By the rules that are documented: one redirect a line, of two or three words, and paths as they stand in an address."""
    site = build(program, make(folder, "cloudflare-pages", "https://example.org/"))
    lines = [line.split(" ") for line in (site / "_redirects").read_text().splitlines()]
    assert all(len(line) == 3 and line[2] == "301" for line in lines), lines
    led = {source: target for source, target, _ in lines}
    # Pages answer there without their ending.
    assert led["/actors/old.html"] == led["/actors/old"] == "/actors/new" and led["/imprint"] == "/about", led
    assert all(urllib.parse.quote(urllib.parse.unquote(source)) == source for source in led)
    assert max(map(len, (site / "_headers").read_text().splitlines())) < 2000
    print(f"Cloudflare: {len(led)} redirects")


def others(program, folder):
    site = build(program, make(folder / "github", "github-pages", "https://dossier.example.org/"))
    assert (site / "CNAME").read_text() == "dossier.example.org\n" and (site / ".nojekyll").read_bytes() == b""
    site = build(program, make(folder / "gitlab", "gitlab-pages", "https://group.gitlab.io/project/"))
    assert "/project/actors/old.html /project/actors/new.html 301\n" in (site / "_redirects").read_text()
    assert not (site / "_headers").exists()
    plain = build(program, make(folder / "plain", "plain", "https://example.org/"))
    names = {path.relative_to(plain).as_posix() for path in plain.rglob("*")}
    assert not names & {"CNAME", ".nojekyll", "_headers", "_redirects", ".htaccess", ".hosting"}, names
    print("GitHub and GitLab get their files, and a plain host none")


def amazon(program, folder):
    site = build(program, make(folder, "s3", "https://example.org/"))
    website = json.loads((site / ".hosting/s3-website.json").read_text())
    policy = json.loads((site / ".hosting/cloudfront-headers.json").read_text())
    assert website["RoutingRules"][0]["Redirect"]["HostName"] == "example.org", website
    try:
        from botocore.loaders import Loader
        from botocore.model import ServiceModel
        from botocore.validate import validate_parameters
    except ImportError:
        left_out.append("the model of Amazon's interfaces, since botocore is not here")
        return
    for service, shape, given in [("s3", "WebsiteConfiguration", website), ("cloudfront", "ResponseHeadersPolicyConfig", policy)]:
        validate_parameters(given, ServiceModel(Loader().load_service_model(service, "service-2")).shape_for(shape))
    print("S3 and CloudFront: the files are what their interfaces ask for")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


if __name__ == "__main__":
    sys.exit(main())
