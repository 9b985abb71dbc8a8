#!/usr/bin/env bash
# Runs the commands that our documents show: every ```sh block whose first line is `# tested`.
# The blocks of one document run in order, in one fresh directory.
# usage: commands.sh BINARY SCRATCH
set -euo pipefail
bin=$1 scratch=$2/commands
PATH="$(dirname "$bin"):$PATH"
export PATH

blocks() {
  awk '
    /^```sh$/ { inside = 1; first = 1; next }
    /^```$/ { inside = 0; next }
    inside && first { first = 0; wanted = ($0 == "# tested"); next }
    inside && wanted { print }
  ' "$1"
}

count=0
for document in README.md docs/*.md; do
  script=$(blocks "$document")
  [ -n "$script" ] || continue
  home=$scratch/$(basename "$document" .md)
  mkdir -p "$home"
  printf -- '-- %s\n' "$document"
  (cd "$home" && bash -euo pipefail -x -c "$script")
  count=$((count + 1))
done
if [ "$count" -eq 0 ]; then
  echo 'no document shows a tested command' >&2
  exit 1
fi
printf 'commands of %d documents run as shown\n' "$count"
