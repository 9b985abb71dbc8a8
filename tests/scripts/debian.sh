#!/usr/bin/env bash
# Makes the Debian that booted.sh boots, with the mirror and the release of this machine, once; its directory is the only line.
set -euo pipefail
base="${CARGO_TARGET_DIR:-$PWD/target}/booted"

if [ "$(id -u)" -ne 0 ]; then
  printf 'a Debian cannot be booted here without root\n\nhint: run ./test as root, or ./test with the other stages (./test --list)\n' >&2
  exit 69
fi
suite=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
if [ ! -e "$base/$suite.ready-tpm" ]; then
  mirror=$(sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb (\[[^]]*\] )?(http[^ ]+) .*/\2/p' /etc/apt/sources.list \
    /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null | head -n 1 || true)
  rm -rf "${base:?}/$suite" && mkdir -p "$base"
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,procps,curl,swtpm,tpm2-tools "$suite" "$base/$suite" "$mirror" \
    >"$base/$suite.log" 2>&1 || { tail -n 20 "$base/$suite.log" >&2 && exit 1; }
  touch "$base/$suite.ready-tpm"
fi
printf '%s\n' "$base/$suite"
