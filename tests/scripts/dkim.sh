#!/usr/bin/env bash
# Letters of every kind, signed by the real binary, judged by two verifiers of others: dkimpy and Mail::DKIM. Each reads the public
# key from what `aftercare dkim show` prints; no DNS. What was changed on the way must fail in both.
# usage: dkim.sh BINARY SCRATCH
set -euo pipefail
bin=$1 scratch=$2/dkim
judge=$PWD/tests/scripts/dkim manual=$PWD/docs/operating.md
# Debian's own, which Debian's python3-dkim is for.
python=/usr/bin/python3
mkdir -p "$scratch"
cd "$scratch"

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# The block that the manual shows.
recipe() { awk '$0 == "```" { inside = 0 } inside { print } $0 == "# recipe: dkim" { inside = 1 }' "$manual"; }

# clinic NAME OPENSSL-WORDS…: a clinic that signs with a new key, its letters in a spool.
clinic() {
  local name=$1
  shift
  "$bin" init "$name" >/dev/null
  openssl "$1" -out "$name/dkim.pem" "${@:2}" 2>openssl.log || fail "$(cat openssl.log)"
  chmod 600 "$name/dkim.pem"
  recipe | sed -e "s/aftercare-2027/$name/" -e "s#\"dkim-key\"#\"$scratch/$name/dkim.pem\"#" >>"$name/aftercare.toml"
  "$bin" --config "$name/aftercare.toml" --json dkim show >"$name.record"
}

# Every letter there is, in every language: as `send-test` writes it.
every_kind() {
  local name=$1 config=$1/aftercare.toml kinds kind language
  kinds=$({ "$bin" --config "$config" send-test test@riverside.example --letter none 2>&1 || true; } | sed -n 's/^hint: known are //p' | tr -d ,)
  [ "$(wc -w <<<"$kinds")" -gt 20 ] || fail "which letters there are is not said: $kinds"
  for kind in $kinds; do
    for language in en es; do
      "$bin" --config "$config" send-test test@riverside.example --letter "$kind" --language "$language" >/dev/null 2>&1 ||
        fail "$kind in $language does not leave"
    done
  done
}

# The letters of a few days: a reminder with its way out of letters, an appointment with its calendar, an alert to staff; by SMTP.
days_by_smtp() {
  local name=$1 config=$1/aftercare.toml port sink
  mkdir -p "$name/received"
  mkfifo "$name/port"
  python3 "$judge/sink.py" "$name/received" >"$name/port" &
  sink=$!
  read -r port <"$name/port"
  sed -i -e 's/^transport = "spool"/transport = "smtp"/' -e 's/^host = .*/host = "127.0.0.1"/' -e "s/^port = .*/port = $port/" \
    -e 's/^tls = "starttls"/tls = "none"/' -e '/^username = /d' -e '/^auth = /d' -e '/^password_credential = /d' "$config"
  at() { faketime "$1" "$bin" --config "$config" "${@:2}" >>"$name/said" 2>&1 || fail "$(cat "$name/said")"; }
  printf '%s\n' reference,preferred_name,birth_date,email,language,time_zone,protocol,anchor_on \
    P1,Inés,1970-01-01,p1@patients.example,es,America/New_York,sgo2017-high,2027-02-10 \
    P2,Ada,1970-01-01,p2@patients.example,en,America/New_York,sgo2017-high,2027-02-10 >"$name/patients.csv"
  at '2027-03-03 15:00:00' import "$name/patients.csv"
  at '2027-03-03 15:00:00' visit book P1 --on 2027-05-11 --at 10:00 --place 'Clínica, planta 2'
  at '2027-03-03 15:00:00' alerts test
  at '2027-03-03 15:01:00' drain
  at '2027-03-10 15:00:00' drain
  kill "$sink"
  wait "$sink" 2>/dev/null || true
  [ "$(grep -l '^List-Unsubscribe-Post: ' "$name"/received/*.eml | wc -l)" -ge 2 ] || fail "no reminder left: $(cat "$name/said")"
  grep -q '^Content-Type: text/calendar' "$name"/received/*.eml || fail "no appointment left: $(cat "$name/said")"
}

judged() {
  local name=$1 letters
  mapfile -t letters < <(find "$name/spool" "$name/received" -name '*.eml' 2>/dev/null | sort)
  [ "${#letters[@]}" -ge 50 ] || fail "$name: only ${#letters[@]} letters"
  python3 "$judge/tamper.py" "$name.changed" "${letters[@]}"
  local verifier verifiers=("$python $judge/verify.py" "perl $judge/verify.pl")
  if [ "$name" = ed25519 ] && ! perl -MMail::DKIM::Algorithm::ed25519_sha256 -e 1 2>/dev/null; then
    printf '%s: Debian'"'"'s Mail::DKIM does not know Ed25519 yet; dkimpy judges alone\n' "$name"
    unset 'verifiers[1]'
  fi
  # Later than any letter: a signature from the future holds for nobody.
  for verifier in "${verifiers[@]}"; do
    verifier="faketime 2100-01-01 $verifier"
    $verifier "$name.record" pass "${letters[@]}"
    $verifier "$name.record" fail "$name".changed/broken/*.eml
    $verifier "$name.record" pass "$name".changed/harmless/*.eml
  done
  printf '%s: %d letters verify in %d verifiers, and %d that were changed in none\n' "$name" "${#letters[@]}" \
    "${#verifiers[@]}" "$(find "$name.changed/broken" -name '*.eml' | wc -l)"
}

clinic rsa genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048
clinic pkcs1 genrsa -traditional 3072
clinic ed25519 genpkey -algorithm ed25519

every_kind rsa
days_by_smtp rsa
judged rsa
every_kind ed25519
judged ed25519

# The older form of a key file, and a longer key: one letter is enough.
"$bin" --config pkcs1/aftercare.toml send-test test@riverside.example --letter book >/dev/null
"$python" "$judge/verify.py" pkcs1.record pass pkcs1/spool/*/*.eml
perl "$judge/verify.pl" pkcs1.record pass pkcs1/spool/*/*.eml

# What `replay` gives is what left, but for the signature; and a letter drained by SMTP came word for word.
"$bin" --config rsa/aftercare.toml replay 1 --out replayed.eml 2>replay.log >replay.out || fail "$(cat replay.log)"
grep -q DKIM replay.log || fail "replay does not say what it leaves out: $(cat replay.out replay.log)"
cmp --quiet replayed.eml <("$python" "$judge/unsigned.py" "$(grep -l "^$(grep '^Message-ID: ' replayed.eml)" rsa/received/*.eml)") ||
  fail 'replay gives another letter than the one that left'

# The key that was taken out of use verifies nothing that the new one signed.
"$python" "$judge/verify.py" pkcs1.record fail rsa/spool/*/*.eml

# A reload takes a new key on, and none that is faulty: letters go on under the one in force.
read -r pages console <<<"$(python3 -c 'import socket
held = [socket.socket() for _ in range(2)]
for s in held: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in held])')"
sed -i -e "s/127\.0\.0\.1:8480/127.0.0.1:$pages/; s/127\.0\.0\.1:8481/127.0.0.1:$console/" \
  -e 's/^window = .*/window = ["00:00", "23:59"]/' -e 's/^weekdays = .*/weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]/' \
  ed25519/aftercare.toml
served() { "$bin" --config ed25519/aftercare.toml "$@"; }
# waited WHAT COMMAND…
waited() {
  local what=$1 _
  shift
  for _ in $(seq 100); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  fail "$what: $(tail -n 5 serve.log; served ledger)"
}
alerted() { find ed25519/spool -name '*.eml' -newer "$1" | grep -q .; }
"$bin" --config ed25519/aftercare.toml serve >serve.log 2>&1 &
daemon=$!
trap 'kill "$daemon" 2>/dev/null || true' EXIT
waited 'serve is not ready' curl --silent --fail "http://127.0.0.1:$console/readyz"
sed -i 's/^selector = .*/selector = "second"/' ed25519/aftercare.toml
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out ed25519/dkim.pem 2>openssl.log
served reload >reload.log 2>&1 || fail "$(cat reload.log)"
served --json dkim show >second.record
echo nothing >ed25519/dkim.pem
! served reload >reload.log 2>&1 || fail 'a reload takes a key that is none'
grep -q 'no private key in PEM' serve.log || fail "no word about the key in the log: $(tail -n 5 serve.log)"
touch before
sleep 0.01
printf '%s\n' reference,preferred_name,birth_date,email,language,time_zone,protocol,anchor_on \
  "P1,Ada,1970-01-01,p1@patients.example,en,America/New_York,sgo2017-high,$(date -u +%F)" >patient.csv
served import patient.csv >import.log 2>&1 || fail "$(cat import.log)"
served visit book P1 --on "$(date -u -d '+91 days' +%F)" --at 10:00 >visit.log 2>&1 || fail "$(cat visit.log)"
waited 'no letter leaves' alerted before
mapfile -t letters < <(find ed25519/spool -name '*.eml' -newer before)
"$python" "$judge/verify.py" second.record pass "${letters[@]}"
perl "$judge/verify.pl" second.record pass "${letters[@]}"
kill "$daemon"
wait "$daemon" || true

# A key that is not there, or that others may read, starts nothing.
code() { "$@" >/dev/null 2>code.log && echo 0 || echo $?; }
chmod 644 rsa/dkim.pem
[ "$(code "$bin" --config rsa/aftercare.toml drain)" = 78 ] || fail 'drain signs with a key that others can read'
grep -q 'chmod 600' code.log || fail "no word about the mode: $(cat code.log)"
rm rsa/dkim.pem
[ "$(code "$bin" --config rsa/aftercare.toml serve)" = 78 ] || fail 'serve starts without the key'
grep -q '\[mail.dkim\]' code.log || fail "no word about the key: $(cat code.log)"
printf 'replay, reload and refused keys are as the manual says\n'
