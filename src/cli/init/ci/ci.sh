#!/bin/sh
# The steps by which this dossier is checked, built, compared with its last edition, archived and published. The workflow of the host calls them one
# by one, and they do the same on any machine with a POSIX shell, from any folder:
#
#   sh .dossier/ci.sh install               fetches the program below; without its SHA-256 nothing is run
#   sh .dossier/ci.sh check [FORMAT]        tells what is wrong, as `github`, `gitlab` or `text`, and stops at an error
#   sh .dossier/ci.sh build                 builds the site, and packs it for the steps below
#   sh .dossier/ci.sh compare               tells what is not as in the last edition
#   sh .dossier/ci.sh unpack                lays out what `build` packed, on another machine
#   sh .dossier/ci.sh pages                 lays out what readers get of it, for the host's own pages: .dossier/ci/pages
#   sh .dossier/ci.sh edition NAME          seals what was built; EDITION_SALT is the secret, or the file that holds it
#   sh .dossier/ci.sh publish URL           publishes what was built
#   sh .dossier/ci.sh pages-branch BRANCH   publishes what was built as a branch of this repository
#
# DOSSIER is a program to take in place of the one below; DOSSIER_DATE is the day of the build, else today in universal time.

set -eu

# The release archive of the program for Linux on x86-64, and its SHA-256 from the list of checksums of that release. Another version needs both.
address='@ADDRESS@'
sha256='@SHA256@'

# The folder into which the site is built: `out` in dossier.yaml.
site='@SITE@'

# What these steps keep, none of which belongs into the repository.
tools=.dossier/ci/tools
results=.dossier/ci/results
pages=.dossier/ci/pages

main() {
  cd -- "$(dirname -- "$0")/.."
  mkdir -p "$tools" "$results"
  echo '*' >.dossier/ci/.gitignore
  if [ $# -eq 0 ]; then die 'no step is named; the steps stand at the top of this file'; fi
  step=$1
  shift
  case $step in
    install | check | build | compare | unpack | pages | edition | publish) "$step" "$@" ;;
    pages-branch) pages_branch "$@" ;;
    *) die "there is no step \`$step\`; the steps stand at the top of this file" ;;
  esac
}

install() {
  if [ -n "${DOSSIER:-}" ]; then
    run --version
    return
  fi
  if [ -z "$address" ] || [ -z "$sha256" ]; then
    die 'where the program comes from is not known; write `address` and `sha256` into .dossier/ci.sh'
  fi
  # A copy that was kept from an earlier run is held against the SHA-256 like one that was just fetched.
  archive=$tools/program.tar.gz
  if ! is_the_one "$archive"; then
    fetch "$address" "$archive"
    is_the_one "$archive" || { rm -f "$archive"; die "$address does not have the SHA-256 that .dossier/ci.sh asks for"; }
  fi
  rm -rf "$tools/program"
  mkdir "$tools/program"
  tar -xzf "$archive" -C "$tools/program" --strip-components=1
  run --version
}

check() {
  case ${1:-text} in
    # GitLab reads a file, and people read the log; both tell nothing of what is withheld.
    gitlab)
      run check --date "$(day)" --format gitlab >"$results/code-quality.json" || status=$?
      if [ "${status:-0}" -ne 0 ]; then run check --date "$(day)" --format github || exit "$status"; fi
      ;;
    *) run check --date "$(day)" --format "${1:-text}" ;;
  esac
}

build() {
  day=$(day)
  # What `check` has told already is not told again: others may read the log.
  run build --quiet --date "$day"
  echo "$day" >"$results/day"
  # In one file, because hosts leave hidden files out of what they hand on, and the list of what was built is hidden.
  tar -cf "$results/site.tar" -C "$site" .
  echo "built as of $day"
}

compare() {
  if ! has_editions; then
    echo 'there is no edition to compare with yet'
    return
  fi
  run diff editions "$site" --format html --out "$results/changes.html" || [ $? -eq 1 ]
  # How much is not the same; what exactly, which may be words that are gone by now, stands in the file.
  count=$(run diff editions "$site" | head -n 1)
  echo "$count"
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then echo "$count" >>"$GITHUB_STEP_SUMMARY"; fi
}

unpack() {
  lay_out "$site"
}

pages() {
  lay_out "$pages"
  rm -f "$pages/.dossier-manifest"
}

lay_out() {
  rm -rf -- "$1"
  mkdir -p -- "$1"
  tar -xf "$results/site.tar" -C "$1"
}

edition() {
  # Editions are marked by tags such as `edition-2025-06-01`.
  name=${1:-}
  name=${name#edition-}
  case $name in
    '' | [!0-9A-Za-z]* | *[!0-9A-Za-z._-]*) die 'an edition needs a name of letters, digits, `.`, `_` and `-`' ;;
  esac
  if [ -z "${EDITION_SALT:-}" ]; then
    die 'there is no EDITION_SALT: give the line in edition.salt to the host as a secret'
  fi
  # The secret goes into a file of ours that nobody else can read, never into an argument that others on the machine could see.
  secret=$(mktemp)
  remove_at_end "$secret"
  if [ -f "$EDITION_SALT" ]; then cat "$EDITION_SALT" >"$secret"; else echo "$EDITION_SALT" >"$secret"; fi
  unset EDITION_SALT
  archive=$results/edition-$name.tar.zst
  previous=
  if has_editions; then previous=editions; fi
  run archive --built --date "$(day)" --edition "$name" --salt "$secret" --out "$archive" ${previous:+--previous "$previous"}
  run verify "$archive"
  cp "editions/$name.jsonl" "$results/"
  echo "keep editions/$name.jsonl in the repository: the next edition is compared with it"
}

publish() {
  if [ -z "${1:-}" ]; then die 'no address to publish to is named'; fi
  # A variable that the host does not know comes as an empty one, which is not the same as none.
  for name in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_ROLE_ARN AWS_REGION AWS_ENDPOINT_URL \
    AZURE_STORAGE_ACCOUNT AZURE_STORAGE_KEY AZURE_CLIENT_ID AZURE_TENANT_ID GOOGLE_SERVICE_ACCOUNT_KEY; do
    eval "[ -n \"\${$name:-}\" ] || unset $name"
  done
  identity
  run publish --built "$1"
}

# Where the host vouches for this run by a token, it stands for keys: storage that trusts the host gives out keys for a few minutes itself.
identity() {
  if [ -n "${AWS_ROLE_ARN:-}" ]; then
    audience=sts.amazonaws.com
  elif [ -n "${AZURE_CLIENT_ID:-}" ]; then
    audience=api://AzureADTokenExchange
  else
    return 0
  fi
  token=$(mktemp)
  remove_at_end "$token"
  if [ -n "${DOSSIER_ID_TOKEN:-}" ]; then
    printf %s "$DOSSIER_ID_TOKEN" >"$token"
  elif [ -n "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ]; then
    # The header comes from standard input, so that no list of processes shows it.
    printf 'header = "Authorization: bearer %s"\n' "${ACTIONS_ID_TOKEN_REQUEST_TOKEN:-}" |
      curl --config - --fail --silent --show-error --get --data-urlencode "audience=$audience" "$ACTIONS_ID_TOKEN_REQUEST_URL" |
      sed 's/.*"value" *: *"\([^"]*\)".*/\1/' >"$token"
  else
    die 'this host gives no token; name keys instead of a role'
  fi
  if [ ! -s "$token" ]; then die 'the host gave no token for this run'; fi
  export AWS_WEB_IDENTITY_TOKEN_FILE="$token" AZURE_FEDERATED_TOKEN_FILE="$token"
}

# One commit on top of what the branch has, which is refused when somebody else was faster.
pages_branch() {
  branch=${1:-pages}
  pages
  if [ -n "${PUSH_TOKEN:-}" ]; then
    # In the environment, so that no list of processes shows it.
    GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.extraHeader
    GIT_CONFIG_VALUE_0="Authorization: basic $(printf 'x-access-token:%s' "$PUSH_TOKEN" | base64 | tr -d '\n')"
    export GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0
  fi
  # Whose branch it is, its last commit tells.
  parent=
  if git fetch --quiet --depth 1 origin "refs/heads/$branch" 2>/dev/null; then
    parent=$(git rev-parse FETCH_HEAD)
    case $(git log -1 --format=%s "$parent") in
      'site of '*) ;;
      *) die "the branch \`$branch\` was not written by this step, and stays as it is" ;;
    esac
  fi
  GIT_INDEX_FILE=$(mktemp -u)
  export GIT_INDEX_FILE
  remove_at_end "$GIT_INDEX_FILE"
  git --work-tree="$pages" add --all --force .
  tree=$(git write-tree)
  if [ -n "$parent" ] && [ "$tree" = "$(git rev-parse "$parent^{tree}")" ]; then
    echo "the branch \`$branch\` has this site already"
    return
  fi
  commit=$(git -c user.name=dossier -c user.email=dossier@localhost \
    commit-tree "$tree" ${parent:+-p "$parent"} -m "site of $(git rev-parse --short HEAD)")
  git push --quiet origin "$commit:refs/heads/$branch"
  echo "the branch \`$branch\` has the site of $(git rev-parse --short HEAD)"
}

# The day of the build, which the steps after it share.
day() {
  if [ -n "${DOSSIER_DATE:-}" ]; then
    echo "$DOSSIER_DATE"
  elif [ -f "$results/day" ]; then
    cat "$results/day"
  else
    date -u +%Y-%m-%d
  fi
}

has_editions() {
  set -- editions/*.jsonl
  [ -e "$1" ]
}

# Removes a file when the script ends, also when it is told to.
remove_at_end() {
  passing=$1
  trap 'rm -f -- "$passing"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' HUP TERM
}

run() {
  "${DOSSIER:-$tools/program/dossier}" "$@"
}

fetch() {
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --retry 3 --proto '=https,file' --proto-redir '=https' --output "$2" "$1"
  else
    wget -q --https-only -O "$2" "$1"
  fi
}

is_the_one() {
  [ -f "$1" ] || return 1
  if command -v sha256sum >/dev/null; then found=$(sha256sum <"$1"); else found=$(shasum -a 256 <"$1"); fi
  [ "${found%% *}" = "$sha256" ]
}

die() {
  echo "error: $1" >&2
  exit 2
}

main "$@"
