#!/usr/bin/env bash
# How soon the daemon is ready on a grown database, how small it is at rest, and how often it wakes.
#
#   benches/serve.sh            100,000 patients, watched for 60 s
#   PATIENTS=… SECONDS_WATCHED=… ENCRYPTED=1
# shellcheck source=benches/sandbox.sh
. "$(dirname "$0")/sandbox.sh"
need faketime python3
count=${PATIENTS:-100000} watched=${SECONDS_WATCHED:-60}
build

dir=$scratch/clinic
clinic "$dir" spool "$(free_port)"
patients "$count" "$(day -1)" "$dir/patients.csv"
import_yesterday "$dir" "$dir/patients.csv"
drain "$dir" >/dev/null
[ -z "${ENCRYPTED:-}" ] || encrypt "$dir"
python3 "$here/watch_serve.py" "$watched" "$bin" --config "$dir/aftercare.toml" serve
