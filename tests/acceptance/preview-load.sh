#!/usr/bin/env bash
# Asks the preview of the example dossier for one page as fast as wrk can, while 200 slow connections stand beside it.
#
#   tests/acceptance/preview-load.sh [SECONDS]      20 seconds unless said otherwise
#
# wrk uses 32 connections. The slow connections send one byte of a header a second, and one that the server closes is made anew.
# It passes when wrk meets no socket error and no answer but 2xx, and each fresh request that is made meanwhile, one a second, is
# answered with 200 within a second. Prints wrk's summary and PASS or FAIL, and exits with 0 or 1. wrk is the Debian package
# of that name; it is installed when it is missing and root runs this.

set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

seconds=${1:-20}
if ! command -v wrk >/dev/null; then
  if [[ $(id -u) != 0 ]]; then
    echo "wrk is missing; install the package wrk" >&2
    exit 2
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends wrk >/dev/null
fi
cargo build --release --locked

work=$(mktemp -d)
server='' slow=''
clean_up() {
  for pid in $slow $server; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
target/release/dossier serve --as public --port "$port" >"$work/server" 2>&1 &
server=$!
address=''
for _ in $(seq 300); do
  address=$(grep -om1 'http://127\.0\.0\.1:[0-9]*' "$work/server" || true)
  if [[ -n $address ]]; then break; fi
  sleep 0.1
done
if [[ -z $address ]]; then
  cat "$work/server" >&2
  echo "the preview has named no address within 30 s" >&2
  exit 1
fi

# It begins before wrk and ends after it, so that wrk never has the server to itself.
python3 - "${address##*:}" "$((seconds + 4))" <<'PYTHON' >"$work/slow" 2>&1 &
import http.client
import socket
import sys
import time

PORT, SECONDS = int(sys.argv[1]), int(sys.argv[2])
REQUEST = f"GET /index.html HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nX-Slow: {'x' * SECONDS}\r\n\r\n".encode()


def connect():
    slow = socket.create_connection(("127.0.0.1", PORT), timeout=5)
    slow.sendall(REQUEST[:30])
    # A server that waits for room would leave this connection unheard; what it sends is never looked at.
    slow.setblocking(False)
    return slow


def fresh_request():
    start = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    connection.request("GET", "/index.html")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        sys.exit(f"a fresh request was answered with {answer.status}")
    return time.monotonic() - start


slow = [connect() for _ in range(200)]
print(f"{len(slow)} slow connections stand", flush=True)
closed, times = 0, []
start = time.monotonic()
for second in range(SECONDS):
    for i, connection in enumerate(slow):
        try:
            connection.send(REQUEST[30 + second:31 + second])
        except OSError:
            closed += 1
            connection.close()
            slow[i] = connect()
    times.append(fresh_request())
    time.sleep(max(0.0, start + second + 1 - time.monotonic()))
print(f"{closed} slow connections were closed by the server; {len(times)} fresh requests, slowest {max(times) * 1000:.0f} ms")
sys.exit(0 if max(times) < 1.0 else 1)
PYTHON
slow=$!
until grep -q stand "$work/slow"; do
  if ! kill -0 "$slow" 2>/dev/null; then break; fi
  sleep 0.1
done

failures=()
wrk --threads 2 --connections 32 --duration "${seconds}s" --latency "$address/index.html" | tee "$work/wrk" || failures+=("wrk failed")
wait "$slow" || failures+=("a fresh request took a second or longer, or failed")
slow=''
cat "$work/slow"

if ! grep -q 'requests in' "$work/wrk" || grep -q ' 0 requests in' "$work/wrk"; then failures+=("wrk got no answer"); fi
if grep -q 'Socket errors' "$work/wrk"; then failures+=("wrk met socket errors"); fi
if grep -q 'Non-2xx' "$work/wrk"; then failures+=("wrk got answers other than 2xx"); fi
if ! kill -0 "$server" 2>/dev/null; then failures+=("the server has ended"); fi
if ((${#failures[@]})); then
  printf 'FAIL  %s\n' "${failures[@]}"
  exit 1
fi
echo PASS
