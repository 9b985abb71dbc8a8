#!/usr/bin/env bash
# What every bench stands on: the release binary, a clinic of its own in a scratch directory, synthetic patients, a sink.
# Sourced by the others; does nothing by itself. Everything stays on loopback.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(dirname "$here")"
export PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C.UTF-8
bin="${AFTERCARE_BIN:-${CARGO_TARGET_DIR:-$root/target}/dist/aftercare}"
# On a disk: /tmp may be memory, where a sync costs nothing and every durable figure is too good.
scratch="$(mktemp -d "${TMPDIR:-/var/tmp}/aftercare-bench.XXXXXX")"
if [ "$(stat -f -c %T "$scratch")" = tmpfs ]; then
  printf 'note: %s is in memory, so durable figures are too good; name a directory on a disk in TMPDIR\n' "${scratch%/*}" >&2
fi
started=()

tidy() {
  local pid
  for pid in "${started[@]}"; do
    kill "$pid" 2>/dev/null || true
    # What still writes would keep the directory from being removed.
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$scratch"
}
trap tidy EXIT

need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null 2>&1 || {
      printf '%s was not found\n\nhint: run ./test tools as root\n' "$tool" >&2
      exit 69
    }
  done
}

build() { [ -n "${AFTERCARE_BIN:-}" ] || "$root/packaging/dist.sh" >/dev/null; }

# clinic DIR TRANSPORT PORT: a clinic that may send at any hour of today, over ten lines.
clinic() {
  local dir=$1 transport=$2 port=$3
  mkdir -p "$dir/protocols"
  cat >"$dir/aftercare.toml" <<TOML
[clinic]
name = "Bench Clinic"
short_name = "Bench Clinic"
time_zone = "UTC"
phone_office = "+1 555 0100"
phone_24h = "+1 555 0199"
emergency_number = "911"
emergency_dept = "the nearest emergency room"
address = "1 Bench Way, Springfield"
opening_hours = "Monday to Friday, 8 am to 5 pm"
[database]
path = "aftercare.db"
[mail]
transport = "$transport"
from = "Bench Clinic <care@bench.example>"
message_id_domain = "bench.example"
spool_dir = "spool"
[mail.smtp]
host = "127.0.0.1"
port = $port
tls = "none"
connections = 10
timeout = "30s"
[sending]
at = "00:00"
window = ["00:00", "23:59"]
weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
max_per_minute = 100000000
[[alerts.ladder]]
name = "Nurse desk"
email = "nurses@bench.example"
after = "0m"
[web]
listen = "127.0.0.1:$((port + 1))"
public_url = "https://care.bench.example"
console_listen = "127.0.0.1:$((port + 2))"
[paths]
protocols = "protocols"
TOML
  # Weekly, one letter on the day before: a patient whose anchor lies six days back has exactly one letter due today, and
  # nothing else (on the day itself, staff would be asked to book what is not booked: a task besides each letter).
  cat >"$dir/protocols/bench.toml" <<'TOML'
id     = "bench"
title  = "Bench"
source = "none: a protocol for measurements only"
anchor = "end-of-treatment"

[[series]]
id     = "visit"
kind   = "visit"
title  = { en = "Follow-up visit", es = "Visita de control" }
phases = [ { after = "0d", every = "7d" } ]
remind = [ { step = "book", at = "-1d" } ]
TOML
}

# day OFFSET: the civil date so many days from today, UTC.
day() { date -u -d "$1 days" +%F; }

# patients COUNT ANCHOR FILE [FIRST]
patients() { python3 "$here/patients.py" --count "$1" --anchor "$2" --first "${4:-1}" >"$3"; }

# Imports as if it were yesterday noon, so that what is due today lies ahead at enrolment and is not "in the past".
import_yesterday() {
  local dir=$1 file=$2
  faketime "$(day -1) 12:00:00" "$bin" --config "$dir/aftercare.toml" --json import "$file" >"$dir/import.json"
}

# encrypt DIR: the clinic's database is encrypted from now on, with a key of its own.
encrypt() {
  (umask 077 && "$bin" database new-key >"$1/database-key" 2>/dev/null)
  # Copies of the clinic use the key of the one they were made of.
  sed -i "s#^\[database\]#&\nkey_credential = \"$1/database-key\"#" "$1/aftercare.toml"
  "$bin" --config "$1/aftercare.toml" --json database encrypt >/dev/null
}

drain() { "$bin" --config "$1/aftercare.toml" --json drain; }

# json KEY: one number out of a JSON document on stdin.
json() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

# sink PORT: Postfix's smtp-sink on loopback, which takes everything and keeps nothing.
sink() {
  local as=()
  # As root it insists on becoming somebody else.
  [ "$(id -u)" -ne 0 ] || as=(-u nobody)
  smtp-sink "${as[@]}" "127.0.0.1:$1" 1000 &
  started+=($!)
  wait_for_port "$1"
}

# delay PORT TARGET MILLISECONDS: every byte comes that much later, each way.
delay() {
  python3 "$here/delay_proxy.py" "$1" "$2" "$3" &
  started+=($!)
  wait_for_port "$1"
}

wait_for_port() {
  local tries
  for tries in $(seq 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
    sleep 0.05
  done
  printf 'nothing listens on port %s after %s tries\n' "$1" "$tries" >&2
  return 69
}

# A port that is free now, with two free neighbours.
free_port() {
  python3 - <<'PY'
import socket
while True:
    first = socket.socket(); first.bind(("127.0.0.1", 0)); port = first.getsockname()[1]; first.close()
    if port > 65000:
        continue
    try:
        for step in range(4):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port + step))
    except OSError:
        continue
    print(port)
    break
PY
}

now_ms() { date +%s%3N; }

median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

rate() { awk -v n="$1" -v ms="$2" 'BEGIN { printf "%.0f", n * 1000 / (ms > 0 ? ms : 1) }'; }

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (b > 0) ? a / b : 0 }'; }
