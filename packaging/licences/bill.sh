#!/usr/bin/env bash
# What the program is made of: the licences of every crate with their texts, and a bill of materials (CycloneDX).
# Fails where a crate has a licence that deny.toml does not allow. Asks no host: all of it is read from the sources.
# usage: bill.sh DIR
set -euo pipefail
out=$1
cd "$(dirname "$0")/../.."
mkdir -p "$out"

# The licences that deny.toml allows, and what it allows one crate alone.
{
  printf 'targets = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]\nignore-dev-dependencies = true\nmax-depth = 2\n'
  sed -n '/^\[licenses\]/,/^\[bans\]/p' deny.toml | sed -n '/^allow = \[/,/^\]/p' | sed 's/^allow/accepted/'
  sed -nE 's/^exceptions = \[\{ allow = (\[[^]]*\]), crate = "([^"]*)" \}\]$/[\2]\naccepted = \1/p' deny.toml
} >"$out/about.toml"
cargo about generate --offline --locked --fail --features encryption --config "$out/about.toml" \
  packaging/licences/licences.txt.hbs --output-file "$out/licences.txt"
gzip -9nf "$out/licences.txt"

# Its names hold the path of this checkout, which is nobody's business. SQLCipher counts as a tool of the build for cargo and
# is linked in all the same.
cargo cyclonedx --quiet --features encryption --format json --spec-version 1.5 --target x86_64-unknown-linux-gnu \
  --override-filename aftercare-sbom.cdx
sed -e "s#path+file://$PWD##" -e '/"name": "sqlcipher-src"/,/"scope"/ s/"excluded"/"required"/' \
  aftercare-sbom.cdx.json >"$out/aftercare-sbom.cdx.json"
rm aftercare-sbom.cdx.json
