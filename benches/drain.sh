#!/usr/bin/env bash
# How fast due letters leave, every result durable, against Postfix's own smtp-source, which stores and renders nothing.
# Both talk to the same smtp-sink over ten connections, in turns; only ratios within one round mean anything.
#
#   benches/drain.sh            20,000 letters on loopback, then 2,000 at 20 ms round-trip time
#   LETTERS=… FAR=… ROUNDS=…    other sizes
# shellcheck source=benches/sandbox.sh
. "$(dirname "$0")/sandbox.sh"
need smtp-sink smtp-source faketime python3
letters=${LETTERS:-20000} far=${FAR:-2000} rounds=${ROUNDS:-3}
build

# prepare NAME COUNT TRANSPORT PORT: a clinic with so many letters due today.
prepare() {
  clinic "$scratch/$1" "$3" "$4"
  patients "$2" "$(day -6)" "$scratch/$1.csv"
  import_yesterday "$scratch/$1" "$scratch/$1.csv"
}

# The size of a letter as it leaves: the mean of twenty from the spool.
letter_size() {
  prepare taste 20 spool "$(free_port)"
  drain "$scratch/taste" >/dev/null
  find "$scratch/taste/spool" -name '*.eml' -printf '%s\n' | awk '{ n += $1 } END { printf "%d", NR ? n / NR : 0 }'
}

# once NAME COUNT: drains a copy of the prepared clinic and prints the milliseconds of the whole command.
once() {
  local begun report sent
  rm -rf "$scratch/run" && cp -r "$scratch/$1" "$scratch/run"
  begun=$(now_ms)
  report=$(drain "$scratch/run")
  local took=$(($(now_ms) - begun))
  sent=$(json sent <<<"$report")
  # The cover check may write to staff besides.
  if [ "$sent" -lt "$2" ]; then
    printf 'only %s of %s letters were sent: %s\n' "$sent" "$2" "$report" >&2
    return 1
  fi
  printf '%s' "$took"
}

yardstick() {
  local begun
  begun=$(now_ms)
  smtp-source -d -s 10 -m "$1" -l "$size" -f care@bench.example -t p@patients.example "127.0.0.1:$2"
  printf '%s' $(($(now_ms) - begun))
}

# compare NAME COUNT PORT
compare() {
  local round ours theirs
  : >"$scratch/ratios"
  for round in $(seq "$rounds"); do
    ours=$(once "$1" "$2")
    ours=$(rate "$2" "$ours")
    theirs=$(yardstick "$2" "$3")
    theirs=$(rate "$2" "$theirs")
    ratio "$ours" "$theirs" >>"$scratch/ratios"
    echo >>"$scratch/ratios"
    printf '%-8s round %d: aftercare %6d/s   smtp-source %6d/s   ratio %s\n' "$1" "$round" "$ours" "$theirs" "$(ratio "$ours" "$theirs")"
  done
  printf '%-8s median ratio %s (%s letters of %s bytes, 10 connections)\n' "$1" "$(median <"$scratch/ratios")" "$2" "$size"
}

port=$(free_port)
sink "$port"
delay $((port + 1)) "$port" 10
size=$(letter_size)
[ "$size" -ge 8192 ] || printf 'note: a letter has %s bytes, the figure asks for 8192 or more\n' "$size"
prepare near "$letters" smtp "$port"
compare near "$letters" "$port"
prepare distant "$far" smtp $((port + 1))
compare distant "$far" $((port + 1))
