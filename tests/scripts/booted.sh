#!/usr/bin/env bash
# The package in a really booted Debian: installed, started, reloaded, killed, upgraded, removed, purged, by its own systemd.
# usage: booted.sh PACKAGE SCRATCH, where upgrades.sh has left an older database
set -euo pipefail
package=$1 root=$2/booted

debian=$(tests/scripts/debian.sh)
cp -a "$debian" "$root"
cp "$package" "$root/root/aftercare.deb"
install -m 755 tests/scripts/booted-inside.sh "$root/root/inside.sh"
install -m 755 tests/scripts/booted-encrypted.sh "$root/root/encrypted.sh"
cp "$2/older.db" "$root/root/older.db"
# What timedated is shown in the place of the kernel's clock, which is not ours to set: one that is kept right (208: struct timex).
printf 'int adjtimex(void *asked) { __builtin_memset(asked, 0, 208); return 0; }\n' | cc -shared -fPIC -x c - -o "$root/usr/local/lib/kept.so"
cat >"$root/etc/systemd/system/inside.service" <<'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c '/root/inside.sh >/root/inside.log 2>&1; echo $? >/root/inside.rc; systemctl --no-block poweroff'
[Install]
WantedBy=default.target
UNIT
ln -s ../inside.service "$root/etc/systemd/system/multi-user.target.wants/inside.service"
# It has no network but its own loopback, and ends by itself. Its TPM is a program (swtpm) that it starts when one is wanted.
timeout 300 systemd-nspawn --setenv=SYSTEMD_TPM2_DEVICE=swtpm:host=127.0.0.1,port=2321 --quiet --directory="$root" --boot --register=no --keep-unit --private-network >"$2/boot.log" 2>&1 || true
if [ "$(cat "$root/root/inside.rc" 2>/dev/null)" != 0 ]; then
  tail -n 20 "$2/boot.log" >&2
  cat "$root/root/inside.log" >&2
  exit 1
fi
grep -c '^ok ' "$root/root/inside.log" | sed 's/$/ promises of the package kept in a booted Debian/'
