#!/bin/sh
# Evidence packets and ordinary tools: what `dossier evidence` writes is checked with unzip, sha256sum, Python's zipfile, tail and head, and
# `dossier verify` agrees with them on what was changed.
#
#     tests/acceptance/packet.sh [PROGRAM]
#
# Nothing is left out when a tool is missing: then it fails.
set -eu

program=$(realpath "${1:-target/debug/dossier}")
for tool in unzip zip sha256sum python3 tail head grep; do
    command -v "$tool" >/dev/null || { echo "packet: $tool is needed" >&2; exit 2; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

mkdir -p dossier/content/actors dossier/content/quotes dossier/content/sources/daily
cd dossier
printf 'title: A dossier\ntheme: plain\n' >dossier.yaml
printf -- '---\nname: Jane Doe\nkind: person\nprivacy: public-figure\n---\n' >content/actors/jane-doe.md
printf -- '---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: We did not open the gate before six.\nsource: daily\n---\n' >content/quotes/said.md
printf 'Keeper denies\n\nJane Doe spoke. “We did not open the gate before six.” She left.\n' >"content/sources/daily/it's daily.txt"
sum=$(sha256sum "content/sources/daily/it's daily.txt" | cut -c 1-64)
cat >content/sources/daily.md <<END
---
title: Keeper denies
kind: article
licence: CC-BY-4.0
captures: {file: "it's daily.txt", sha256: $sum}
---
END

fail() { echo "packet: $*" >&2; exit 1; }

"$program" evidence said --date 2025-06-01 --out ../one.zip
(cd / && TZ=Asia/Tokyo LC_ALL=C "$program" evidence said --config "$work/dossier/dossier.yaml" --date 2025-06-01 --out "$work/two.zip") >/dev/null
cd ..
cmp one.zip two.zip || fail "two runs differ"
"$program" verify one.zip
unzip -tq one.zip
python3 - one.zip <<'END'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as packet:
    assert packet.testzip() is None
    for entry in packet.infolist():
        assert entry.compress_type == 0 and entry.date_time == (1980, 1, 1, 0, 0, 0) and entry.external_attr >> 16 == 0o100644, entry
END
mkdir unpacked && cd unpacked && unzip -q ../one.zip
sha256sum --strict -c SHA256SUMS || fail "sha256sum does not agree"
[ "$(find . -type f | wc -l)" -eq "$(($(wc -l <SHA256SUMS) + 1))" ] || fail "a file is not listed"

# The commands on the page print what it says that they print.
grep '^    tail ' README.txt >commands || fail "the page has no command"
sh commands >printed
[ "$(cat printed)" = "We did not open the gate before six." ] || fail "the command prints: $(cat printed)"
grep -q -F "We did not open the gate" "captures/daily/it's daily.txt" || fail "grep does not find the words"
rm commands printed

# One changed byte: ordinary tools and verify name the same file.
for file in README.txt record.md record.json evidence.json "captures/daily/it's daily.txt"; do
    cp "$file" kept
    python3 - "$file" <<'END'
import sys
content = bytearray(open(sys.argv[1], 'rb').read())
content[len(content) // 2] ^= 1
open(sys.argv[1], 'wb').write(content)
END
    sha256sum --quiet -c SHA256SUMS >told 2>/dev/null && fail "sha256sum does not see it: $file"
    grep -q -F "$file: FAILED" told || fail "sha256sum names another: $file"
    rm -f ../changed.zip told
    zip -q -X -0 -r ../changed.zip . -x kept
    code=0
    "$program" verify ../changed.zip >../told || code=$?
    [ "$code" -eq 1 ] || fail "verify ends with $code: $file"
    grep -q -F "\`$file\`: it was changed" ../told || fail "verify names another: $file"
    mv kept "$file"
done

# Packed again by another program: all files are right, and that is said.
rm -f ../again.zip && zip -q -X -r ../again.zip .
"$program" verify ../again.zip >../told && fail "a packet that was packed again is not told"
[ "$(grep -c '^DIFFERS' ../told)" -eq 1 ] || fail "more than its frame differs: $(cat ../told)"

# Cut off: unzip and verify both say so.
head -c 3000 ../one.zip >../short.zip
unzip -tq ../short.zip >/dev/null 2>&1 && fail "unzip takes a packet that is cut off"
"$program" verify ../short.zip >/dev/null 2>&1 && fail "verify takes a packet that is cut off"
echo "packet: ordinary tools and verify agree"
