#!/usr/bin/env bash
# Builds the binary as it ships, the profile `dist`; its path is the last line. Where the linker can order functions (lld, which
# rustc takes on x86-64) and valgrind is there, what a start runs stands together in it.
#
# Linux brings the fifteen neighbours of each page that is touched into memory (fault-around). What a start runs is a fifth of
# the program, scattered over all of it, so that four fifths were resident. Therefore: link, watch one start of a small clinic,
# link the same objects again with the functions that ran in the first place. Code and behaviour are the same.
set -euo pipefail
cd "$(dirname "$0")/.."
target="${CARGO_TARGET_DIR:-$PWD/target}" watched=${SECONDS_WATCHED:-75} # a minute's bell rings once
bin=$target/dist/aftercare objects=$target/dist/link.tar
build=(cargo rustc --locked --quiet --profile dist --features encryption --bin aftercare --)

lld=$(rustc --print sysroot)/lib/rustlib/x86_64-unknown-linux-gnu/bin/gcc-ld/ld.lld
if [ ! -x "$lld" ] || ! command -v valgrind >/dev/null 2>&1; then
  printf 'no valgrind, or no lld beside rustc: functions stay in the order of the sources, and a daemon at rest is 15 MB larger\n' >&2
  "${build[@]}"
  printf '%s\n' "$bin"
  exit
fi
# lld packs what it is given, so that it can be linked again without compiling.
"${build[@]}" -C "link-arg=-Wl,--reproduce=$objects"

scratch=$(mktemp -d -t aftercare-dist.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
"$bin" init "$scratch/clinic" >/dev/null
# A loopback address of its own: a daemon may run here. No letter leaves: `init` begins with a spool.
sed -Ei 's/^((console_)?listen = ")127\.0\.0\.1:/\1127.84.12.3:/' "$scratch/clinic/aftercare.toml"
grep -Fqx 'transport = "spool"' "$scratch/clinic/aftercare.toml"
# A daemon at rest looks at patients: whose plans are due, who waits for what.
{
  echo reference,preferred_name,birth_date,email,language,time_zone,protocol,anchor_on
  for nth in 1 2 3 4 5 6 7 8; do
    printf 'W-%s,Ana,19%s-04-12,w%s@patients.example,en,Europe/Madrid,sgo2017-high,%s\n' "$nth" "7$nth" "$nth" "$(date -d "-$((nth * 40)) days" +%F)"
  done
} | "$bin" --config "$scratch/clinic/aftercare.toml" import - >/dev/null
timeout --signal TERM "$watched" valgrind --tool=callgrind --demangle=no --callgrind-out-file="$scratch/calls" --quiet \
  "$bin" --config "$scratch/clinic/aftercare.toml" serve </dev/null >"$scratch/said" 2>&1 || [ $? -eq 124 ] || { cat "$scratch/said" >&2 && exit 1; }

tar -C "$scratch" -xf "$objects"
# A name stands in full where it is met first, with its depth where a function calls itself.
sed -nE "s/^c?fn=\([0-9]+\) ([^']+).*/\1/p" "$scratch/calls" | LC_ALL=C sort -u >"$scratch/link/order"
if [ "$(wc -l <"$scratch/link/order")" -lt 1000 ]; then
  printf 'a start was watched and hardly any function was seen\n' >&2
  exit 1
fi
(cd "$scratch/link" && "$lld" @response.txt --symbol-ordering-file=order --no-warn-symbol-ordering -o aftercare)
mv -f "$scratch/link/aftercare" "$bin"
printf '%s\n' "$bin"
