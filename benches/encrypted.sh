#!/usr/bin/env bash
# What encryption costs: the same letters leave from a plain database and from an encrypted one, in turns, to one smtp-sink.
# Only the ratio inside one round means anything.
#
#   benches/encrypted.sh        20,000 letters on loopback
#   LETTERS=… ROUNDS=…          other sizes
# shellcheck source=benches/sandbox.sh
. "$(dirname "$0")/sandbox.sh"
need smtp-sink faketime python3
letters=${LETTERS:-20000} rounds=${ROUNDS:-5}
build

# once NAME: drains a copy of the prepared clinic and prints the milliseconds of the whole command.
once() {
  local begun took sent
  rm -rf "$scratch/run" && cp -r "$scratch/$1" "$scratch/run"
  sync
  begun=$(now_ms)
  sent=$(drain "$scratch/run" | json sent)
  took=$(($(now_ms) - begun))
  [ "$sent" -ge "$letters" ] || { printf 'only %s letters were sent\n' "$sent" >&2 && return 1; }
  printf '%s' "$took"
}

port=$(free_port)
sink "$port"
clinic "$scratch/plain" smtp "$port"
patients "$letters" "$(day -6)" "$scratch/patients.csv"
import_yesterday "$scratch/plain" "$scratch/patients.csv"
cp -r "$scratch/plain" "$scratch/encrypted"
begun=$(now_ms)
encrypt "$scratch/encrypted"
printf 'encrypted %s KiB in %s ms\n' "$(du -k "$scratch/encrypted/aftercare.db" | cut -f1)" $(($(now_ms) - begun))
: >"$scratch/ratios"
for round in $(seq "$rounds"); do
  plain=$(rate "$letters" "$(once plain)")
  encrypted=$(rate "$letters" "$(once encrypted)")
  ratio "$encrypted" "$plain" >>"$scratch/ratios"
  echo >>"$scratch/ratios"
  printf 'round %d: encrypted %6d/s   plain %6d/s   ratio %s\n' "$round" "$encrypted" "$plain" "$(ratio "$encrypted" "$plain")"
done
printf 'median ratio %s (%s letters, 10 connections)\n' "$(median <"$scratch/ratios")" "$letters"
