#!/usr/bin/env bash
# How long does a page of the console take on a grown database, with four colleagues at work, and how big is it? And how long
# does a patient's page take meanwhile?
#
#   benches/console.sh          100,000 patients, 2,000,000 letters, 40,000 open tasks; 4 readers for 30 s
#   PATIENTS=… LETTERS=… TASKS=… READERS=… SECONDS_READ=…
# shellcheck source=benches/sandbox.sh
. "$(dirname "$0")/sandbox.sh"
need faketime python3
count=${PATIENTS:-100000} letters=${LETTERS:-2000000} tasks=${TASKS:-40000}
build

dir=$scratch/clinic
port=$(free_port)
clinic "$dir" spool "$port"
patients "$count" "$(day -1)" "$dir/patients.csv"
import_yesterday "$dir" "$dir/patients.csv"
"$bin" --config "$dir/aftercare.toml" --json staff add reader --role lead --email reader@bench.example >"$dir/account.json" 2>"$dir/staff.log" ||
  { cat "$dir/staff.log" >&2 && exit 1; }
python3 "$here/console_load.py" fill "$dir/aftercare.db" "$letters" "$tasks"
"$bin" --config "$dir/aftercare.toml" serve 2>"$dir/serve.log" &
started+=($!)
wait_for_port $((port + 2)) || { tail -n 20 "$dir/serve.log" >&2 && exit 69; }
python3 "$here/console_load.py" read "$dir/account.json" $((port + 2)) $((port + 1)) "${READERS:-4}" "${SECONDS_READ:-30}"
