#!/usr/bin/env bash
# What a pass costs when nothing is due, with few and with many patients; and when a hundred letters are due among them.
#
#   benches/idle.sh             10,000 and 1,000,000 patients
#   FEW=… MANY=… PASSES=…       other sizes
# shellcheck source=benches/sandbox.sh
. "$(dirname "$0")/sandbox.sh"
need faketime python3
few=${FEW:-10000} many=${MANY:-1000000} passes=${PASSES:-7}
build

# quiet COUNT: anchored yesterday, so that the next letter is six days away.
quiet() {
  local dir=$scratch/$1
  clinic "$dir" spool "$(free_port)"
  patients "$1" "$(day -1)" "$dir/patients.csv"
  import_yesterday "$dir" "$dir/patients.csv"
  # The first pass may settle what an import leaves; it is not counted.
  drain "$dir" >/dev/null
}

# idle COUNT: the median pass in milliseconds, as the program measures it.
idle() {
  for _ in $(seq "$passes"); do
    drain "$scratch/$1" | json elapsed_ms
  done | median
}

# busy COUNT: one pass with a hundred letters due.
busy() {
  local dir=$scratch/$1
  patients 100 "$(day -6)" "$dir/due.csv" 90000001
  import_yesterday "$dir" "$dir/due.csv"
  drain "$dir" | python3 -c 'import json, sys; r = json.load(sys.stdin); print(r["elapsed_ms"], "ms,", r["sent"], "sent")'
}

for count in "$few" "$many"; do
  quiet "$count"
  printf '%8d patients: idle pass %s ms (median of %d)\n' "$count" "$(idle "$count")" "$passes"
  printf '%8d patients: 100 due %s\n' "$count" "$(busy "$count")"
done
