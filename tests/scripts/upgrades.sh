#!/usr/bin/env bash
# A database of every earlier schema, with a patient in it, is taken on by today's program, and she is still there.
# usage: upgrades.sh BINARY SCRATCH
set -euo pipefail
bin=$1 scratch=$2/upgrades
mkdir -p "$scratch"

"$bin" init "$scratch/clinic" >/dev/null
config=$scratch/clinic/aftercare.toml database=$scratch/clinic/aftercare.db
printf 'reference,preferred_name,birth_date,email,language,time_zone,protocol,anchor_on\n' >"$scratch/none.csv"
"$bin" --config "$config" import "$scratch/none.csv" >/dev/null 2>&1
mv "$database" "$scratch/today.db"
rm -rf "$scratch"/clinic/aftercare.db* "$scratch/clinic/aftercare.journal"

# The migrations of the tree up to that one; their checksums are those of a database that has them all.
older() {
  local upto=$1 migration
  printf 'PRAGMA foreign_keys = OFF;\nPRAGMA journal_mode = WAL;\n'
  for migration in migrations/V*.sql; do
    migration=${migration##*/V}
    [ "$((10#${migration%%__*}))" -le "$upto" ] || break
    # An option of the search that the machine's SQLite may be too old for; nothing in a schema hangs on it.
    sed '/secure-delete/d' "migrations/V$migration"
    [ "${migration%%__*}" != 001 ] || printf '%s\n' "INSERT INTO patient (id, reference, preferred_name, birth_on, email, language,
      zone, status_at, created_at) VALUES (1, 'OLD-1', 'Ana', '1970-05-17', 'ana@patients.example', 'en', 'America/New_York', 0, 0);"
  done
  printf '%s\n' "CREATE TABLE refinery_schema_history (version int4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255),
    checksum VARCHAR(255)); ATTACH '$scratch/today.db' AS today;
    INSERT INTO refinery_schema_history SELECT * FROM today.refinery_schema_history WHERE version <= $upto;"
}

count=0
newest=$(sqlite3 "$scratch/today.db" 'SELECT max(version) FROM refinery_schema_history')
for upto in $(sqlite3 "$scratch/today.db" 'SELECT version FROM refinery_schema_history ORDER BY version'); do
  [ "$upto" -lt "$newest" ] || break
  older "$upto" | sqlite3 -bail "$database" >/dev/null
  chmod 600 "$database"
  # One of them is what the booted Debian finds in its place.
  [ "$upto" -ne 30 ] || cp "$database" "$2/older.db"
  "$bin" --config "$config" patient set OLD-1 --phone '+1 212 736 5000' >"$scratch/said" 2>&1 ||
    { printf 'schema %s:\n' "$upto" && cat "$scratch/said" && exit 1; } >&2
  found=$("$bin" --config "$config" patient show OLD-1 --json | grep -c '"reference": *"OLD-1"' || true)
  [ "$found" -ge 1 ] || { printf 'schema %s: she is not there any more\n' "$upto" >&2 && exit 1; }
  rm -rf "$scratch"/clinic/aftercare.db* "$scratch/clinic/aftercare.journal"
  count=$((count + 1))
done
printf 'databases of %d earlier schemas taken on\n' "$count"
