#!/usr/bin/env bash
# Every configuration we ship must pass our own check, and `init` must give one that passes.
# usage: config.sh BINARY SCRATCH
set -euo pipefail
bin=$1 scratch=$2/config
mkdir -p "$scratch"

# The shipped file names the real database; point it at a scratch one, and change nothing else.
checked() {
  local file=$1
  sed -i "s#^path *=.*#path = \"$scratch/aftercare.db\"#" "$file"
  printf 'check %s\n' "${file#"$scratch"/}"
  "$bin" --config "$file" check
}

cp -r config "$scratch/shipped"
found=0
while IFS= read -r file; do
  checked "$file"
  found=$((found + 1))
done < <(grep -rl --include='*.toml' '^\[clinic\]' "$scratch/shipped")
if [ "$found" -eq 0 ]; then
  echo 'no shipped configuration was found under config/' >&2
  exit 1
fi

"$bin" init "$scratch/fresh"
checked "$scratch/fresh/aftercare.toml"
# A second `init` must not write over a clinic's work.
if "$bin" init "$scratch/fresh" >/dev/null 2>&1; then
  echo 'aftercare init wrote over an existing directory' >&2
  exit 1
fi
# What `init` gives is what the repository holds: nobody has to wonder which one is right.
sed "s#^path *=.*#path = \"$scratch/aftercare.db\"#" config/aftercare.toml | diff - "$scratch/fresh/aftercare.toml"
