#!/usr/bin/env bash
# Makes the manual pages of the files that operators and staff edit, from docs/files and config/letters/README.md.
# usage: file-pages.sh DIR
set -euo pipefail
out=$1
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
command -v lowdown >/dev/null 2>&1 || {
  printf 'lowdown was not found\n\nhint: install it as root: apt-get install lowdown\n' >&2
  exit 69
}
mkdir -p "$out"

# page NAME <MARKDOWN: ragged, so that narrow columns are not stretched, and with the room where the words are.
page() {
  lowdown -s -tman -M "title=$1" -M section=5 -M "source=aftercare $version" | sed \
    -e 's/^\(\.TH .*\)/\1\n.ad l\n.hy 0/' -e 's/ expand allbox;$/ allbox;/' \
    -e 's/^lb lb$/lbw(28n) lbx/; s/^l l\.$/lw(28n) lx./' \
    -e 's/^lb lb lb$/lbw(28n) lbw(8n) lbx/; s/^l l l\.$/lw(28n) lw(8n) lx./' \
    -e 's/^\.TE$/.TE\n.sp/' >"$out/$1.5"
}

for source in docs/files/*.5.md; do
  name=${source##*/}
  page "${name%.5.md}" <"$source"
done
{
  printf '# NAME\n\naftercare-letters - the words of letters and leaflets of aftercare(1)\n\n'
  cat config/letters/README.md
  printf '\n# SEE ALSO\n\naftercare-letters(1), aftercare-check(1), aftercare.toml(5)\n'
} | page aftercare-letters
