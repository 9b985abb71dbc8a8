#!/usr/bin/env bash
# The man pages in docs/man are what the program writes today; those of the files can be made of docs/files; `man` can read all.
# usage: man.sh BINARY SCRATCH
set -euo pipefail
bin=$1 scratch=$2/man
mkdir -p "$scratch"
"$bin" man "$scratch"
if ! diff -r docs/man "$scratch"; then
  printf '\nhint: cargo run -- man docs/man\n' >&2
  exit 1
fi
packaging/file-pages.sh "$scratch"
count=0
for page in "$scratch"/*.[15]; do
  MANWIDTH=100 man --warnings -l "$page" >/dev/null 2>"$scratch/warnings"
  if [ -s "$scratch/warnings" ]; then
    cat "$scratch/warnings" >&2
    exit 1
  fi
  count=$((count + 1))
done
printf '%d man pages in step\n' "$count"
