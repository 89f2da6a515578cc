#!/usr/bin/env bash
# Makes a release of a clean clone of this repository as its workflow does, as far as this machine can, and tries what comes of it.
#
#   tests/acceptance/release.sh [TARGET…]     x86_64-unknown-linux-musl, unless others are named
#
# For each target: built static, packed as an archive and for Debian, packed again to the same bytes; the checksums hold; the archive has manual pages,
# completions and licences; the program makes and builds a dossier where there is nothing but itself (as the superuser), and from the Debian
# package. Then `cargo install --path .` from the clone. CARGO_TARGET_DIR keeps what was compiled; PACKAGE_BUILD and CARGO_TARGET_…_RUNNER are
# as in .ci/package. Exits with 0 only when all of it held, with 77 when a tool is missing.

set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
targets=("${@:-x86_64-unknown-linux-musl}")

for tool in git cargo python3 dpkg-deb cargo-deb; do
  command -v "$tool" >/dev/null || { echo "there is no $tool here"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet --depth 1 "file://$root" "$work/clone"
cd "$work/clone"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$work/target}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
.ci/package version "v$version"
if .ci/package version v0.0.0 2>/dev/null; then echo 'another tag is taken' && exit 1; fi

main() {
  local target
  for target in "${targets[@]}"; do
    .ci/package build "$target"
    .ci/package deb "$target"
    cp -r target/packages "$work/first-$target"
    .ci/package build "$target"
    .ci/package deb "$target"
    diff -r "$work/first-$target" target/packages
    echo "$target: packed twice to the same bytes"
  done
  .ci/package sums "${targets[@]}"
  (cd target/packages && sha256sum --check --strict --quiet SHA256SUMS)
  for target in "${targets[@]}"; do
    archive "$target"
    package "$target"
  done
  if .ci/package sums 2>/dev/null; then echo 'a release without all targets is taken' && exit 1; fi
  from_checkout
  echo "a release for ${targets[*]}: PASS"
}

archive() {
  local target=$1 name=dossier-$version-$1 path
  tar -xzf "target/packages/$name.tar.gz" -C "$work"
  for path in dossier README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE LICENCES-OF-OTHERS.txt docs/install.md man/dossier.1 man/dossier-build.1 \
    complete/dossier.bash complete/_dossier complete/dossier.fish complete/_dossier.ps1 complete/dossier.elv; do
    [[ -s $work/$name/$path ]] || { echo "$name has no $path" && exit 1; }
  done
  bash -n "$work/$name/complete/dossier.bash"
  if command -v man >/dev/null; then man --warnings --local-file "$work/$name/man/dossier-build.1" >/dev/null; fi
  echo "$target: $(grep -c '^    .*: ' "$work/$name/LICENCES-OF-OTHERS.txt") packages named, of $(grep -c 'no text is shipped' "$work/$name/LICENCES-OF-OTHERS.txt") without a text"
  tried "$work/$name/dossier" "$target"
}

package() {
  local target=$1 arch deb
  case $target in x86_64-*) arch=amd64 ;; aarch64-*) arch=arm64 ;; esac
  deb=target/packages/dossier_$version-1_$arch.deb
  dpkg-deb --info "$deb"
  dpkg-deb --contents "$deb" | awk '{ print $1, $2, $3, $6 }'
  [[ $(dpkg-deb --field "$deb" Architecture) == "$arch" ]]
  if command -v lintian >/dev/null; then lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$deb"; fi
  dpkg-deb --extract "$deb" "$work/deb-$target"
  cmp "$work/deb-$target/usr/bin/dossier" "$work/dossier-$version-$target/dossier"
  # Where this machine has that architecture and is ours to try: into a root of its own, by dpkg itself.
  if ((EUID == 0)) && [[ $arch == "$(dpkg --print-architecture)" ]]; then
    mkdir -p "$work/system/var/lib/dpkg/"{info,updates,triggers}
    touch "$work/system/var/lib/dpkg/status"
    dpkg --root="$work/system" --force-not-root --force-script-chrootless --install "$deb"
    dpkg --root="$work/system" --verify dossier
    chroot "$work/system" /usr/bin/dossier --version
    dpkg --root="$work/system" --force-script-chrootless --remove dossier
    [[ ! -e $work/system/usr/bin/dossier ]]
  fi
}

# Makes and builds a dossier with a program, in a root with nothing else in it where that may be done.
tried() {
  local program=$1 target=$2 variable runner
  variable=CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$target")_RUNNER
  runner=${!variable:-}
  if ((EUID == 0)) && [[ -z $runner ]]; then
    mkdir -p "$work/empty-$target"
    cp "$program" "$work/empty-$target/"
    chroot "$work/empty-$target" /dossier init /made
    chroot "$work/empty-$target" /dossier build --config /made/dossier.yaml --date 2026-01-01 --quiet
    [[ -s $work/empty-$target/made/public/index.html ]]
    echo "$target: it builds a dossier where there is nothing but itself"
  else
    $runner "$program" init "$work/made-$target"
    $runner "$program" build --config "$work/made-$target/dossier.yaml" --date 2026-01-01 --quiet
    [[ -s $work/made-$target/public/index.html ]]
    echo "$target: it builds a dossier"
  fi
}

# Not optimised, because it is only shown that all that is needed is in the repository.
from_checkout() {
  cargo install --quiet --path . --locked --debug --root "$work/installed"
  (cd "$work" && installed/bin/dossier init made-here && installed/bin/dossier build --config made-here/dossier.yaml --quiet)
  [[ -s $work/made-here/public/index.html ]]
  [[ -z $(git status --porcelain) ]] || { git status --short && exit 1; }
  echo 'cargo install --path . works from a clean checkout'
}

main
