#!/usr/bin/env bash
# What does an online backup of a grown database cost whoever works meanwhile, and how long does its restore take?
#
#   benches/backup.sh           a database of 1 GB; 10,000 letters drained and a patient's page read, with and without a backup;
#                               in each round alone first, then while one backup is made
#   PATIENTS=… LETTERS=… DUE=… ROUNDS=… SECONDS_READ=…
# shellcheck source=benches/sandbox.sh
. "$(dirname "$0")/sandbox.sh"
need smtp-sink faketime python3
count=${PATIENTS:-100000} letters=${LETTERS:-5600000} due=${DUE:-10000} rounds=${ROUNDS:-5}
build

dir=$scratch/clinic
port=$(free_port)
sink "$port"
clinic "$dir" smtp "$port"
patients "$count" "$(day -1)" "$scratch/patients.csv"
import_yesterday "$dir" "$scratch/patients.csv"
python3 "$here/console_load.py" fill "$dir/aftercare.db" "$letters" 0
printf 'database: %s MB\n' "$(du -m "$dir/aftercare.db" | cut -f1)"

backup() {
  rm -f "$scratch/$1" "$scratch/$1.key"
  "$bin" --config "$dir/aftercare.toml" backup "$scratch/$1" >/dev/null 2>&1
}

# One backup, begun and under way when this returns.
begin_backup() {
  local begun tries
  begun=$(now_ms)
  { backup beside.db && printf '%s\n' $(($(now_ms) - begun)) >"$scratch/took"; } &
  copying=$!
  started+=("$copying")
  for tries in $(seq 200); do
    [ ! -s "$scratch/beside.db.part" ] || return 0
    sleep 0.01
  done
  printf 'no backup began after %s looks\n' "$tries" >&2
  return 1
}

# Backups one after the other, until stopped; the one in hand is waited for, so that nothing runs beside what comes next.
begin_backups() {
  touch "$scratch/again"
  while [ -e "$scratch/again" ] && backup beside.db; do :; done &
  loop=$!
  started+=("$loop")
}
end_backups() {
  rm -f "$scratch/again"
  wait "$loop"
}

first=$((count + 1))
# fall_due: so many letters are due from now on.
fall_due() {
  patients "$due" "$(day -6)" "$scratch/more.csv" "$first"
  first=$((first + due))
  import_yesterday "$dir" "$scratch/more.csv"
}
# drained: they leave. What the command does besides, as its look at all records, is not counted.
drained() {
  local report sent
  report=$(drain "$dir")
  sent=$(json sent <<<"$report")
  [ "$sent" -ge "$due" ] || { printf 'only %s letters were sent\n' "$sent" >&2 && return 1; }
  drained_rate=$(rate "$due" "$(json elapsed_ms <<<"$report")")
}

: >"$scratch/ratios"
for round in $(seq "$rounds"); do
  fall_due
  drained
  alone=$drained_rate
  fall_due
  begin_backup
  drained
  beside=$drained_rate during=whole
  kill -0 "$copying" 2>/dev/null || during=part
  log=$(du -m "$dir/aftercare.db-wal" 2>/dev/null | cut -f1)
  wait "$copying"
  ratio "$beside" "$alone" >>"$scratch/ratios"
  echo >>"$scratch/ratios"
  printf 'drain, round %d: %6d/s alone, %6d/s beside a backup (the %s time; it took %s ms, the log grew to %s MB): ratio %s\n' \
    "$round" "$alone" "$beside" "$during" "$(cat "$scratch/took")" "${log:-0}" "$(ratio "$beside" "$alone")"
done
printf 'drain: median ratio %s\n' "$(median <"$scratch/ratios")"

begun=$(now_ms)
backup copy.db
printf 'backup: %s ms\n' $(($(now_ms) - begun))

# An account for each reading: a code of its authenticator is good once.
for name in first second; do
  "$bin" --config "$dir/aftercare.toml" --json staff add "$name" --role lead --email "$name@bench.example" >"$dir/$name.json" 2>"$dir/staff.log"
done
# reading ACCOUNT
reading() {
  python3 "$here/console_load.py" read "$dir/$1.json" $((port + 2)) $((port + 1)) 1 "${SECONDS_READ:-10}" | grep -E '^/(help|patients/|tasks )'
}
"$bin" --config "$dir/aftercare.toml" serve 2>"$dir/serve.log" &
served=$!
started+=("$served")
wait_for_port $((port + 2)) || { tail -n 20 "$dir/serve.log" >&2 && exit 69; }
echo "without a backup:"
reading first
begin_backups
echo "beside one:"
reading second
end_backups
kill "$served" 2>/dev/null
wait "$served" 2>/dev/null || true

begun=$(now_ms)
"$bin" --config "$dir/aftercare.toml" restore "$scratch/copy.db" </dev/null >/dev/null
printf 'restore: %s ms\n' $(($(now_ms) - begun))
