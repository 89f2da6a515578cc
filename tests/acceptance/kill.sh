#!/bin/sh
# Kills some hundred builds at random moments and looks at what each of them leaves behind.
#
#   tests/acceptance/kill.sh [NUMBER]
#
# NUMBER (300 when it is not given) first builds and as many updates are killed. Each file must be the whole old or the
# whole new one, and the next build must give the same bytes as one that nothing disturbed. Takes a few minutes.
set -eu
cd "$(dirname "$0")/../.."
DOSSIER_KILLS="${1:-300}" exec cargo test --all-features --test it -- kill:: --nocapture
