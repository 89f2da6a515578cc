#!/usr/bin/env bash
# Builds the program for Windows, and uses it under Wine as its users would.
#
#   tests/acceptance/windows.sh
#
# From a clean clone of this repository: the unit tests pass there; the example is built to the bytes that are checked in, and again with nothing
# written; two builds at once do not mix; an edition is the bytes of the one that this system's program makes, and is verified; the
# site is published to a folder and again with nothing to do; the preview answers; a new dossier builds; a mistake is told with its line.
#
# Needs `rustup target add x86_64-pc-windows-gnu`, `gcc-mingw-w64-x86-64`, `wine`, `python3` and `curl`. The release is made with Microsoft's own linker, which runs
# on Windows alone; library and system calls are the same. CARGO_TARGET_DIR keeps what was compiled. Prints PASS last; exits with 77 when a tool is missing.

set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
target=x86_64-pc-windows-gnu

for tool in git cargo curl python3 wine x86_64-w64-mingw32-gcc; do
  command -v "$tool" >/dev/null || { echo "there is no $tool here"; exit 77; }
done
rustc --print target-libdir --target "$target" | xargs test -d || { echo "there is no standard library for $target here"; exit 77; }
work=$(mktemp -d)
preview=
trap '[[ -z $preview ]] || kill "$preview" 2>/dev/null; WINEPREFIX=$work/wine wineserver --kill 2>/dev/null || true; rm -rf "$work"' EXIT
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target} WINEPREFIX=$work/wine WINEDEBUG=-all CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine
git clone --quiet "file://$root" "$work/clone"
cd "$work/clone"

main() {
  cargo build --locked --features cloud
  cargo build --locked --features cloud --target "$target"
  local there=$CARGO_TARGET_DIR/$target/debug here=$CARGO_TARGET_DIR/debug/dossier
  mkdir -p "$there/deps"
  random_numbers "$there"
  program=$there/dossier.exe
  local said
  said=$(dossier --version)
  [[ $said == dossier\ * ]] || fail "it does not start: $said"

  dossier build --date 2026-01-01 >/dev/null
  [[ -z $(git status --porcelain) ]] || fail "the example is built to other bytes: $(git status --short)"
  find public -type f -exec touch -d 2001-01-01 {} +
  dossier build --date 2026-01-01 >/dev/null
  [[ -z $(find public -name '*.html' -newermt 2002-01-01) ]] || fail 'what is as it was is written again'
  echo 'build: the bytes that are checked in, and nothing is written twice'

  dossier build --out one --date 2026-01-01 >/dev/null
  two_at_once
  diff -r one public || fail 'two builds at once differ from one'

  dossier archive --out windows.zip --date 2026-01-01 --no-record >/dev/null
  "$here" archive --out unix.zip --date 2026-01-01 --no-record >/dev/null
  cmp windows.zip unix.zip || fail 'editions differ'
  dossier verify unix.zip >verified 2>&1
  grep -q 'nothing differs' verified || fail "$(cat verified)"
  echo 'archive: the same bytes as on this system, and verified'

  said=$(dossier publish "file:///Z:$work/www" --built)
  [[ $said == sent* ]] || fail "$said"
  said=$(dossier publish "file:///Z:$work/www" --built)
  [[ $said == 'nothing to do'* ]] || fail "$said"
  diff -r --exclude .dossier-manifest --exclude .dossier-publish public "$work/www" || fail 'what is published differs'
  said=$(dossier publish "file:///Z:$work/clone/public/below" --built 2>&1) && fail "it is published into what is built: $said"
  grep -q 'into the folder that it is built into' <<<"$said" || fail "$said"
  echo 'publish: to a folder, and again with nothing to do'

  previewed

  dossier init made >/dev/null
  dossier build --config made/dossier.yaml >/dev/null
  [[ -s made/public/index.html ]] || fail 'a new dossier makes no site'
  printf -- '---\ntitle: X\ndate: 2023-13\n---\n' >made/content/events/x.md
  said=$(dossier check --config made/dossier.yaml 2>&1) && fail 'a mistake is no error'
  grep -q 'content/events/x.md:3:7' <<<"$said" || fail "$said"
  echo 'init: builds; a mistake is told with file, line and column'

  cargo test --locked --all-features --lib --target "$target" 2>&1 | tail -n 5
  echo PASS
}

dossier() {
  wine "$program" "$@" </dev/null | tr -d '\r'
}

# Beside a build that holds the folder a second one is refused or waits for its end; none fails in another way.
two_at_once() {
  local at run
  for at in 1 2 3; do
    printf -- '---\ntitle: Page %s\n---\nWords.\n' "$at" >content/pages/more.md
    wine "$program" build --out one --date 2026-01-01 >"$work/a" 2>&1 </dev/null &
    run=$!
    wine "$program" build --out one --date 2026-01-01 >"$work/b" 2>&1 </dev/null || grep -q 'another build' "$work/b" || fail "$(cat "$work/b")"
    wait "$run" || grep -q 'another build' "$work/a" || fail "$(cat "$work/a")"
  done
  rm content/pages/more.md
  dossier build --out one --date 2026-01-01 >/dev/null
  echo 'two builds at once: three times, never mixed'
}

previewed() {
  local port title
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  wine "$program" serve --port "$port" >"$work/serve" 2>&1 </dev/null &
  preview=$!
  title=content/events/understanding-announced.md
  curl --silent --fail --retry 40 --retry-delay 1 --retry-connrefused "http://127.0.0.1:$port/events/understanding-announced.html" >"$work/page"
  cp "$title" "$work/title"
  sed -i 's/^title: .*/title: Seen at once/' "$title"
  local left=40
  until curl --silent "http://127.0.0.1:$port/events/understanding-announced.html" | grep -q 'Seen at once'; do
    ((left -= 1)) || fail "the preview does not follow: $(cat "$work/serve")"
    sleep 0.5
  done
  cp "$work/title" "$title"
  kill "$preview" && preview=
  echo 'serve: answers, and follows the editor'
}

# Wine before version 9 has no `bcryptprimitives.dll`, from which Rust's standard library takes its random numbers on Windows.
random_numbers() {
  local there=$1
  wineboot --init >/dev/null 2>&1
  [[ ! -e $WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll ]] || return 0
  cat >"$work/random.c" <<'C'
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID bytes, ULONG count);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count) { return SystemFunction036(bytes, (ULONG)count); }
C
  x86_64-w64-mingw32-gcc -shared -o "$there/bcryptprimitives.dll" "$work/random.c" -ladvapi32
  cp "$there/bcryptprimitives.dll" "$there/deps/"
}

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

main
