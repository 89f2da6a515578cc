#!/usr/bin/env python3
"""Signatures and timestamps, with the programs that other people use: `ssh-keygen`, `minisign`, `openssl ts` and `ots`, both ways.

    tests/acceptance/signatures.py [PROGRAM [DOSSIER]]

What they make is checked by this program, what this program makes is checked by them, and after each change to a seal both refuse it.
`ssh-keygen` and `openssl` have to be there. `minisign` and `ots` are taken from the system, or from the packages `minisign` of Debian and
`opentimestamps-client` of PyPI into a temporary folder. A calendar of OpenTimestamps, a node of Bitcoin and an authority for timestamps are
small stand-ins on 127.0.0.1 or in that folder. PROGRAM is a small program around the library, `signatures/driver.rs`; it is built in the
folder `target/` when none is named. DOSSIER is the program `dossier`, which is built when it is not named: with it the example dossier is
archived, signed and stamped, and these programs check it as the page in the archive says.

Prints what was checked, and PASS or FAIL last.
"""
import hashlib
import http.server
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import tomllib
import venv

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PASSWORD = "open sesame"
SEAL = b"dossier seal 1\ntitle: An example\n"
failures = 0


def main():
    program, dossier = [os.path.abspath(path) for path in sys.argv[1:3]] + [None] * (3 - len(sys.argv[:3]))
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        with open("seal.txt", "wb") as file:
            file.write(SEAL)
        with open("changed.txt", "wb") as file:
            file.write(SEAL.replace(b"An", b"Am"))
        ours = build(program)
        ssh(ours)
        minisign(ours, find_minisign())
        timestamps_of_openssl(ours)
        timestamps_of_ots(ours, find_ots())
        changed_bytes(ours)
        editions(dossier or build_dossier())
    print(f"signatures: {'FAIL' if failures else 'PASS'}")
    return 1 if failures else 0


def check(what, is_right, said=""):
    global failures
    failures += not is_right
    print(f"{'ok    ' if is_right else 'FAILED'} {what}{'' if is_right else ': ' + str(said)}", flush=True)


def run(*command, given=None, **options):
    done = subprocess.run(command, input=given, capture_output=True, check=False, **options)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def must(*command, given=None, **options):
    code, said = run(*command, given=given, **options)
    if code != 0:
        sys.exit(f"{' '.join(command)}: {said}")
    return said


def build(program):
    """Builds the small program around the library, as a crate outside of the project with the same versions of all others."""
    if program:
        return lambda *arguments: run(program, *arguments)[1].strip()
    with open(os.path.join(ROOT, "Cargo.toml"), "rb") as file:
        jiff = tomllib.load(file)["dependencies"]["jiff"]["version"]
    os.makedirs("driver/src")
    with open("driver/Cargo.toml", "w", encoding="utf-8") as file:
        file.write('[package]\nname = "driver"\nversion = "0.1.0"\nedition = "2024"\n\n[dependencies]\n')
        file.write(f'dossier = {{ path = "{ROOT}" }}\njiff = {{ version = "{jiff}", default-features = false, features = ["std"] }}\n')
        file.write('\n[profile.dev]\ndebug = "line-tables-only"\n\n[profile.dev.package."*"]\nopt-level = 1\n')
    shutil.copy(os.path.join(ROOT, "tests/acceptance/signatures/driver.rs"), "driver/src/main.rs")
    shutil.copy(os.path.join(ROOT, "Cargo.lock"), "driver/Cargo.lock")
    target = os.path.join(ROOT, "target")
    done = subprocess.run(["cargo", "build", "--quiet", "--manifest-path", "driver/Cargo.toml", "--target-dir", target], check=False)
    if done.returncode != 0:
        sys.exit("the program around the library cannot be built")
    program = shutil.copy(os.path.join(target, "debug/driver"), "ours")
    return lambda *arguments: run(os.path.abspath(program), *arguments)[1].strip()


def find_minisign():
    if shutil.which("minisign"):
        return ["minisign"], {}
    os.makedirs("debian")
    # The user of apt that downloads may not write here; as root it then says so and goes on.
    for package in ["minisign", "libsodium23"]:
        must("apt-get", "download", package, cwd="debian")
    for package in os.listdir("debian"):
        must("dpkg", "-x", os.path.join("debian", package), "unpacked")
    library = next(folder for folder, _, files in os.walk("unpacked") if any("libsodium" in file for file in files) and "lib/" in folder and "doc" not in folder)
    return [os.path.abspath("unpacked/usr/bin/minisign")], {"env": dict(os.environ, LD_LIBRARY_PATH=os.path.abspath(library))}


def find_ots():
    if shutil.which("ots"):
        return "ots"
    venv.create("python", with_pip=True)
    must("python/bin/pip", "install", "--quiet", "--disable-pip-version-check", "opentimestamps-client")
    return os.path.abspath("python/bin/ots")


def ssh(ours):
    kinds = {"ed25519": [], "ecdsa": ["-b", "256"], "ecdsa-384": ["-b", "384"], "rsa": ["-b", "3072"]}
    for name, more in kinds.items():
        must("ssh-keygen", "-q", "-t", name.split("-")[0], *more, "-N", "", "-C", name, "-f", name)
    allowed = ""
    for name in kinds:
        with open(f"{name}.pub", encoding="utf-8") as file:
            allowed += f'{name}@example.org namespaces="dossier" {file.read()}'
    with open("allowed", "w", encoding="utf-8") as file:
        file.write(allowed)
    open("nobody", "w", encoding="utf-8").close()

    def theirs(name, signature, file):
        with open(file, "rb") as message:
            who = f"{name}@example.org"
            return run("ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", who, "-n", "dossier", "-s", signature, given=message.read())

    for name in kinds:
        must("ssh-keygen", "-q", "-Y", "sign", "-n", "dossier", "-f", name, "seal.txt")
        os.rename("seal.txt.sig", f"{name}.sig")
        said = ours("ssh-verify", f"{name}.sig", "seal.txt", "allowed")
        check(f"ssh: we take what ssh-keygen signed with {name}", said.startswith(f"good signature by `{name}@example.org`"), said)
        fingerprint = must("ssh-keygen", "-lf", f"{name}.pub").split()[1]
        check("ssh: the fingerprint is that of ssh-keygen", fingerprint in said, said)
        said = ours("ssh-verify", f"{name}.sig", "seal.txt", "nobody")
        check(f"ssh: without a list the key {name} is a stranger's", said.startswith("the signature fits, but nobody vouches"), said)
        said = ours("ssh-verify", f"{name}.sig", "changed.txt", "allowed")
        check(f"ssh: with {name}, a changed seal is wrong", said.startswith("wrong signature"), said)
    ours("ssh-sign", "ed25519", "seal.txt", "ours.sig")
    code, said = theirs("ed25519", "ours.sig", "seal.txt")
    check("ssh: ssh-keygen takes what we signed", code == 0 and "Good" in said, said)
    code, said = theirs("ed25519", "ours.sig", "changed.txt")
    check("ssh: ssh-keygen refuses a changed seal", code != 0, said)
    with open("ours.sig", "rb") as one, open("ed25519.sig", "rb") as other:
        check("ssh: both signatures are the same to the byte", one.read() == other.read())
    must("ssh-keygen", "-q", "-t", "ed25519", "-N", PASSWORD, "-f", "locked")
    said = ours("ssh-sign", "locked", "seal.txt", "none.sig")
    check("ssh: a key with a passphrase is refused, with a way out", "protected by a passphrase" in said and "ssh-keygen -Y sign" in said, said)
    for name, line in [("valid-before", 'valid-before="20200101Z"'), ("cert-authority", "cert-authority"), ("namespaces", 'namespaces="git"')]:
        with open("ed25519.pub", encoding="utf-8") as key, open("allowed", "w", encoding="utf-8") as file:
            file.write(f"ed25519@example.org {line} {key.read()}")
        code, _ = theirs("ed25519", "ed25519.sig", "seal.txt")
        said = ours("ssh-verify", "ed25519.sig", "seal.txt", "allowed")
        check(f"ssh: with {name} both do not take it", code != 0 and said.startswith("the signature fits, but nobody"), said)


def minisign(ours, program):
    command, options = program
    for name, how, given in [("m-open", ["-W"], None), ("m-locked", [], f"{PASSWORD}\n{PASSWORD}\n".encode())]:
        must(*command, "-G", *how, "-p", f"{name}.pub", "-s", f"{name}.key", given=given, **options)
        password = [PASSWORD] if given else []
        for kind, more in [("hashed", []), ("legacy", ["-l"])]:
            signature = f"{name}-{kind}.minisig"
            must(*command, "-S", *more, "-s", f"{name}.key", "-m", "seal.txt", "-x", signature, "-t", "edition 1", given=given, **options)
            said = ours("minisign-verify", signature, "seal.txt", f"{name}.pub")
            check(f"minisign: we take what it signed ({name}, {kind})", said.startswith("good signature by `the desk`") and "`edition 1`" in said, said)
            said = ours("minisign-verify", signature, "changed.txt", f"{name}.pub")
            check(f"minisign: a changed seal is wrong ({name}, {kind})", said.startswith("wrong signature"), said)
        said = ours("minisign-sign", f"{name}.key", "seal.txt", "ours.minisig", "from us", *password)
        check(f"minisign: we open its key ({name})", said.startswith("SigningKey"), said)
        code, said = run(*command, "-V", "-p", f"{name}.pub", "-m", "seal.txt", "-x", "ours.minisig", **options)
        check(f"minisign: it takes what we signed ({name})", code == 0 and "Trusted comment: from us" in said, said)
        code, said = run(*command, "-V", "-p", f"{name}.pub", "-m", "changed.txt", "-x", "ours.minisig", **options)
        check(f"minisign: it refuses a changed seal ({name})", code != 0, said)
    said = ours("minisign-verify", "m-open-hashed.minisig", "seal.txt", "m-locked.pub")
    check("minisign: without its public key nothing is said to be checked", said.startswith("not checked"), said)
    said = ours("minisign-sign", "m-locked.key", "seal.txt", "none.minisig", "x", "another password")
    check("minisign: another password opens nothing", said == "error: the password does not open the secret key", said)


SETTINGS = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = placeholder
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[tsa]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[authority]
serial = ./serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = DIGESTS
accuracy = secs:1
tsa_name = yes
ess_cert_id_alg = sha256
"""


def timestamps_of_openssl(ours):
    for name, digests in [("tsa.cnf", "sha256"), ("refusing.cnf", "sha512")]:
        with open(name, "w", encoding="utf-8") as file:
            file.write(SETTINGS.replace("DIGESTS", digests))
    with open("serial", "w", encoding="utf-8") as file:
        file.write("01\n")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for name in ["root", "other-root"]:
        must("openssl", "req", "-x509", *curve, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "30", "-subj", f"/CN={name}", "-config", "tsa.cnf", "-extensions", "root")
    for name, how in [("tsa-ec", curve), ("tsa-rsa", ["-newkey", "rsa:2048", "-nodes"])]:
        must("openssl", "req", "-new", *how, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}", "-config", "tsa.cnf")
        must("openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-out", f"{name}.pem", "-days", "30", "-extfile", "tsa.cnf", "-extensions", "tsa")
    ours("tsp-request", "seal.txt", "ours.tsq")
    said = must("openssl", "ts", "-query", "-in", "ours.tsq", "-text")
    check("tsp: openssl reads our request", "Hash Algorithm: sha256" in said and "Certificate required: yes" in said and "0x9102030405060708" in said, said)
    must("openssl", "ts", "-query", "-data", "seal.txt", "-sha256", "-cert", "-out", "theirs.tsq")
    for query in ["ours", "theirs"]:
        for name in ["tsa-ec", "tsa-rsa"]:
            answer = f"{query}-{name}.tsr"
            must("openssl", "ts", "-reply", "-config", "tsa.cnf", "-section", "authority", "-queryfile", f"{query}.tsq", "-signer", f"{name}.pem", "-inkey", f"{name}.key", "-out", answer)
            for request in [[], [f"{query}.tsq"]]:
                said = ours("tsp-verify", answer, "seal.txt", "root.pem", *request)
                check(f"tsp: we confirm {answer} {'with' if request else 'without'} its request", said.startswith("confirmed for ") and f"`CN={name}`" in said and "`CN=root`" in said, said)
            code, _ = run("openssl", "ts", "-verify", "-in", answer, "-queryfile", f"{query}.tsq", "-CAfile", "root.pem")
            check(f"tsp: openssl confirms {answer}", code == 0)
            code, _ = run("openssl", "ts", "-verify", "-in", answer, "-data", "changed.txt", "-CAfile", "root.pem")
            said = ours("tsp-verify", answer, "changed.txt", "root.pem")
            check(f"tsp: both refuse {answer} for a changed seal", code != 0 and said.startswith("wrong: it is for other bytes"), said)
            code, _ = run("openssl", "ts", "-verify", "-in", answer, "-data", "seal.txt", "-CAfile", "other-root.pem")
            said = ours("tsp-verify", answer, "seal.txt", "other-root.pem")
            check(f"tsp: both do not confirm {answer} under another root", code != 0 and said.startswith("not verified"), said)
    code, _ = run("openssl", "ts", "-verify", "-in", "theirs-tsa-ec.tsr", "-queryfile", "ours.tsq", "-CAfile", "root.pem")
    said = ours("tsp-verify", "theirs-tsa-ec.tsr", "seal.txt", "root.pem", "ours.tsq")
    check("tsp: both refuse the answer to another request", code != 0 and said.startswith("wrong: it answers another request"), said)
    run("openssl", "ts", "-reply", "-config", "refusing.cnf", "-section", "authority", "-queryfile", "ours.tsq", "-signer", "tsa-ec.pem", "-inkey", "tsa-ec.key", "-out", "rejected.tsr")
    said = ours("tsp-verify", "rejected.tsr", "seal.txt", "root.pem")
    check("tsp: a refusal of the authority is one", said.startswith("rejected by the authority: "), said)


def varint(number):
    digits = bytearray()
    while number > 0x7F:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(digits) + bytes([number])


HEIGHT = 900_123


class Stand(http.server.BaseHTTPRequestHandler):
    """A calendar that promises and later attests, and a node that has one block with what the calendar attests."""

    root = b""

    def answer(self, content):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/digest":
            uri = f"http://127.0.0.1:{self.server.server_port}".encode()
            self.answer(b"\xf0\x04abcd\x08" + promised(uri))
            return
        asked = json.loads(content)
        header = (1).to_bytes(4, "little") + bytes(32) + Stand.root + (1_750_000_000).to_bytes(4, "little") + bytes(8)
        results = {"getblockcount": HEIGHT + 9, "getblockhash": "00" * 32, "getblockheader": header.hex(), "getblockchaininfo": {"chain": "main", "blocks": HEIGHT + 9}}
        self.answer(json.dumps({"result": results.get(asked["method"]), "error": None, "id": asked["id"]}).encode())

    def do_GET(self):
        commitment = bytes.fromhex(self.path.rsplit("/", 1)[1])
        Stand.root = hashlib.sha256(hashlib.sha256(commitment + b"tx").digest()).digest()
        self.answer(b"\xf0\x02tx\x08\x08" + attested())

    def log_message(self, *_):
        pass


def promised(uri):
    return b"\x00\x83\xdf\xe3\x0d\x2e\xf9\x0c\x8e" + varint(len(uri) + len(varint(len(uri)))) + varint(len(uri)) + uri


def attested():
    return b"\x00\x05\x88\x96\x0d\x73\xd7\x19\x01" + varint(len(varint(HEIGHT))) + varint(HEIGHT)


def timestamps_of_ots(ours, ots):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stand)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    uri = f"http://127.0.0.1:{server.server_port}"
    node = f"http://user:word@127.0.0.1:{server.server_port}"
    home = {"env": dict(os.environ, HOME=os.getcwd(), no_proxy="127.0.0.1")}

    # Theirs, then ours; both go the same way from a promise to a block.
    shutil.copy("seal.txt", "theirs.txt")
    must(ots, "--no-cache", "stamp", "-c", uri, "-m", "1", "theirs.txt", **home)
    shutil.copy("seal.txt", "own.txt")
    ours("ots-request", "own.txt", "digest")
    from urllib import request
    with open("digest", "rb") as file:
        opener = request.build_opener(request.ProxyHandler({}))
        answer = opener.open(request.Request(f"{uri}/digest", data=file.read())).read()
    with open("answer", "wb") as file:
        file.write(answer)
    ours("ots-answer", "own.txt", "own.txt.ots", "answer")
    for name in ["theirs", "own"]:
        file, proof = f"{name}.txt", f"{name}.txt.ots"
        said = ours("ots-verify", proof, file)
        check(f"ots: {name}, a promise is pending", said.startswith(f"pending: `{uri}` has promised it"), said)
        commitment = said.rsplit("/timestamp/", 1)[1].rstrip("`")
        said = must(ots, "info", proof, **home)
        check(f"ots: {name}, ots shows the same promise", f"PendingAttestation('{uri}')" in said, said)
        if name == "theirs":
            run(ots, "--no-cache", "-l", uri, "upgrade", proof, **home)
        else:
            with open("later", "wb") as later:
                later.write(opener.open(f"{uri}/timestamp/{commitment}").read())
            said = ours("ots-upgrade", proof, commitment, "later")
            check("ots: what the calendar has later belongs to our proof", said == "upgraded: true", said)
        said = ours("ots-verify", proof, file)
        root = Stand.root[::-1].hex()
        check(f"ots: {name}, a block without its header is not verified", f"not verified: it names block {HEIGHT} of Bitcoin" in said and root in said, said)
        said = must(ots, "info", proof, **home)
        check(f"ots: {name}, ots shows the same block and root", f"BitcoinBlockHeaderAttestation({HEIGHT})" in said and root in said, said)
        code, said = run(ots, "--no-cache", "--bitcoin-node", node, "verify", "-f", file, proof, **home)
        check(f"ots: {name}, ots verifies it against its node", code == 0 and f"Bitcoin block {HEIGHT} attests existence as of 2025-06-15" in said, said)
        code, said = run(ots, "--no-cache", "--bitcoin-node", node, "verify", "-f", "changed.txt", proof, **home)
        own = ours("ots-verify", proof, "changed.txt")
        check(f"ots: {name}, both refuse a changed seal", code != 0 and own.startswith("wrong: it was made for other bytes"), own)
    server.shutdown()


def changed_bytes(ours):
    """One byte of the seal changed at each of 30 random places: no signature and no timestamp stays good."""
    chance = random.Random(1)
    good = ("good", "confirmed", "pending", "not verified")
    for at in chance.sample(range(len(SEAL)), 30):
        changed = bytearray(SEAL)
        changed[at] ^= 1 << chance.randrange(8)
        with open("one-byte.txt", "wb") as file:
            file.write(changed)
        said = [
            ours("ssh-verify", "ed25519.sig", "one-byte.txt", "nobody"),
            ours("minisign-verify", "m-open-hashed.minisig", "one-byte.txt", "m-open.pub"),
            ours("tsp-verify", "ours-tsa-ec.tsr", "one-byte.txt", "root.pem"),
            ours("ots-verify", "own.txt.ots", "one-byte.txt"),
        ]
        if any(line.startswith(good) or not line.startswith("wrong") for line in said):
            check(f"one changed byte, at {at}", False, said)
    check("one changed byte at 30 places: each signature and timestamp is wrong", True)


def build_dossier():
    must("cargo", "build", "--quiet", "--bin", "dossier", cwd=ROOT)
    return os.path.join(ROOT, "target/debug/dossier")


def command_of(page, begin):
    """A command of the page that each archive carries, word by word; lines that end with a backslash go on."""
    lines = page.splitlines()
    at = next(at for at, line in enumerate(lines) if line.strip().startswith(begin))
    command = lines[at].strip()
    while command.endswith("\\"):
        at += 1
        command = command[:-1] + lines[at].strip()
    return command


def editions(dossier):
    """Editions of the example dossier, signed and stamped by each side and checked by the other."""
    os.makedirs("example")
    for name in ["content", "themes", "dossier.yaml", "evidence.lock"]:
        whole = os.path.join(ROOT, name)
        if os.path.isdir(whole):
            shutil.copytree(whole, f"example/{name}")
        elif os.path.exists(whole):
            shutil.copy(whole, "example")
    command, options = find_minisign()
    ots = find_ots()
    home = {"env": dict(os.environ, HOME=os.getcwd(), no_proxy="127.0.0.1")}
    with open("ed25519.pub", encoding="utf-8") as key, open("signers", "w", encoding="utf-8") as file:
        file.write(f"editor@example.org {key.read()}")
    with open("m-open.pub", encoding="utf-8") as file:
        public = file.read().splitlines()[1]
    for ending in ["zip", "tar.zst"]:
        edition, folder = f"edition.{ending}", f"unpacked-{ending}"
        made = ["archive", "--config", "example/dossier.yaml", "--date", "2026-01-02", "--no-record", "--quiet"]
        must(dossier, *made, "--out", edition, "--sign", "ed25519", "--sign", "m-open.key")

        def unpack():
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
            must(*(["unzip", "-q", f"../{edition}"] if ending == "zip" else ["tar", "-xf", f"../{edition}"]), cwd=folder)
            return os.path.join(folder, os.listdir(folder)[0])

        bag = unpack()
        with open(f"{bag}/README.txt", encoding="utf-8") as file:
            page = file.read()
        shutil.copy("signers", f"{bag}/signers")
        path = os.pathsep.join([os.path.dirname(command[0]), os.environ["PATH"]]) if "/" in command[0] else os.environ["PATH"]
        shell = {"cwd": bag, "env": dict(options.get("env", os.environ), PATH=path)}
        code, said = run("sh", "-c", command_of(page, "ssh-keygen -Y verify"), **shell)
        check(f"{edition}: ssh-keygen takes it as the page says", code == 0 and "Good" in said, said)
        code, said = run("sh", "-c", command_of(page, "minisign -V").replace("RW…", public), **shell)
        check(f"{edition}: minisign takes it as the page says", code == 0 and "Trusted comment: edition 2026-01-02 of" in said, said)

        # Signed by them, and added.
        must("ssh-keygen", "-q", "-Y", "sign", "-n", "dossier", "-f", "rsa", f"{bag}/edition/seal.txt", given=b"y\n")
        must(*command, "-S", "-s", "m-open.key", "-m", f"{bag}/edition/seal.txt", "-x", "theirs.minisig", **options)
        shutil.copy(f"{bag}/edition/seal.txt.sig", "theirs.sig")
        must(dossier, "sign", edition, "--add", "theirs.sig", "--add", "theirs.minisig", "--minisign-key", "m-open.pub", "--name", "theirs")
        with open("signers-rsa", "w", encoding="utf-8") as file, open("rsa.pub", encoding="utf-8") as key:
            file.write(f"rsa@example.org {key.read()}")
        code, said = run(dossier, "verify", edition, "--signers", "signers-rsa", "--minisign-key", public)
        check(f"{edition}: what they signed is added and good", code == 0 and "good signature by `rsa@example.org`" in said, said)
        code, said = run(dossier, "sign", edition, "--add", "ed25519.sig", "--name", "other")
        check(f"{edition}: what was signed for something else is refused", code == 1 and "nothing was added" in said, said)

        # Stamped by an authority.
        must(dossier, "timestamp", "request", edition, "--out", f"ask-{ending}")
        answer = f"ask-{ending}/seal.txt.tsr"
        must("openssl", "ts", "-reply", "-config", "tsa.cnf", "-section", "authority", "-queryfile", f"ask-{ending}/seal.txt.tsq", "-signer", "tsa-ec.pem", "-inkey", "tsa-ec.key", "-out", answer)
        said = must(dossier, "timestamp", "add", edition, answer)
        check(f"{edition}: without a root the time is not verified", "open    `edition/seal.txt.tsr`: not verified" in said, said)
        code, said = run(dossier, "verify", edition, "--tsa-roots", "root.pem")
        check(f"{edition}: with its root it is confirmed", code == 0 and "confirmed for" in said, said)
        code, said = run(dossier, "verify", edition, "--tsa-roots", "other-root.pem")
        check(f"{edition}: with another root it is not", code == 1 and "no timestamp of an authority holds" in said, said)

        # Stamped by a calendar, with the command that is printed.
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stand)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        uri = f"http://127.0.0.1:{server.server_port}"
        must(dossier, "timestamp", "request", edition, "--out", f"again-{ending}")
        printed = must(dossier, "timestamp", "request", edition, "--out", f"third-{ending}")
        send = next(line for line in printed.splitlines() if "CALENDAR" in line).replace("https://CALENDAR.example", uri)
        must("sh", "-c", send, **home)
        said = must(dossier, "timestamp", "add", edition, f"third-{ending}/calendar-answer")
        check(f"{edition}: what the calendar answers is pending", f"pending: `{uri}`" in said, said)
        later = said.split("get `", 1)[1].split("`")[0]
        must("sh", "-c", f"curl --silent --fail -o later-{ending} '{later}'", **home)
        said = must(dossier, "timestamp", "add", edition, f"later-{ending}")
        check(f"{edition}: later it names a block, which is not verified without its header", f"not verified: it names block {HEIGHT}" in said, said)
        bag = unpack()
        code, said = run("sh", "-c", command_of(page, "openssl ts -verify").replace("roots.pem", os.path.abspath("root.pem")), cwd=bag)
        check(f"{edition}: openssl confirms it as the page says", code == 0 and "Verification: OK" in said, said)
        node = f"http://user:word@127.0.0.1:{server.server_port}"
        code, said = run(ots, "--no-cache", "--bitcoin-node", node, "verify", "edition/seal.txt.ots", cwd=bag, **home)
        check(f"{edition}: ots verifies it as the page says", code == 0 and f"Bitcoin block {HEIGHT} attests" in said, said)
        server.shutdown()

        # Stamped by ots, and added.
        shutil.copy(f"{bag}/edition/seal.txt", "whole.txt")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stand)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        must(ots, "--no-cache", "stamp", "-c", f"http://127.0.0.1:{server.server_port}", "-m", "1", "whole.txt", **home)
        said = must(dossier, "timestamp", "add", edition, "whole.txt.ots", "--name", "whole")
        check(f"{edition}: a proof of ots is stored and pending", "`edition/seal.txt.whole.ots`: pending" in said, said)
        server.shutdown()
        os.remove("whole.txt.ots")

        said = must(dossier, "verify", edition)
        check(f"{edition}: with all that was added it is whole to the byte", "to the byte as it was written" in said, said)
        with open(edition, "rb") as file:
            whole = file.read()
        whole += b"".join(open(os.path.join(at, name), "rb").read() for at, _, names in os.walk(unpack()) for name in names)
        for key in ["ed25519", "m-open.key"]:
            with open(key, encoding="utf-8") as file:
                secret = [line for line in file.read().splitlines() if " " not in line]
            check(f"{edition}: no line of {key} is in it", not any(line.encode() in whole for line in secret))


if __name__ == "__main__":
    sys.exit(main())
