#!/usr/bin/env bash
# How fast patients come in with their plans, and whether memory stays flat.
#
#   benches/import.sh           100,000 rows, then 1,000,000
#   FEW=… MANY=…                other sizes
# shellcheck source=benches/sandbox.sh
. "$(dirname "$0")/sandbox.sh"
need python3
[ -x /usr/bin/time ] || { printf '/usr/bin/time was not found\n\nhint: apt-get install time\n' >&2; exit 69; }
few=${FEW:-100000} many=${MANY:-1000000}
build

measure() {
  local dir=$scratch/$1 begun took peak
  clinic "$dir" spool "$(free_port)"
  # Anchors over five years and several zones, as a clinic that moves in would bring them.
  python3 "$here/patients.py" --count "$1" --anchor "$(day -1)" --spread 1800 --protocol sgo2017-high \
    --zone America/New_York --zone Europe/Madrid --zone Asia/Kolkata >"$dir/patients.csv"
  begun=$(now_ms)
  /usr/bin/time -v -o "$dir/time" "$bin" --config "$dir/aftercare.toml" --json import "$dir/patients.csv" >"$dir/import.json"
  took=$(($(now_ms) - begun))
  peak=$(awk '/Maximum resident/ { print int($NF / 1024) }' "$dir/time")
  printf '%8d rows: %s rows/s, %s ms, peak %s MB, database %s MB\n' "$1" "$(rate "$1" "$took")" "$took" "$peak" \
    "$(du -m "$dir/aftercare.db" | cut -f1)"
  # Running it again must change nothing.
  begun=$(now_ms)
  "$bin" --config "$dir/aftercare.toml" --json import "$dir/patients.csv" >/dev/null
  printf '%8d rows: again, nothing to do: %s ms\n' "$1" $(($(now_ms) - begun))
}

measure "$few"
measure "$many"
