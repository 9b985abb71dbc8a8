#!/usr/bin/env bash
# The systemd units must verify, and the service stay as closed as it was.
# usage: unit.sh SCRATCH
set -euo pipefail
scratch=$1/unit
wall=12 # exposure × 10; the shipped unit scores 1.1 with systemd 252
mkdir -p "$scratch"

# The binary is not installed here; any program that exists stands in for it.
sed 's#/usr/bin/aftercare#/bin/true#' packaging/systemd/aftercare.service >"$scratch/aftercare.service"
cp packaging/systemd/socket/aftercare.socket "$scratch"
systemd-analyze verify --man=no "$scratch/aftercare.service" "$scratch/aftercare.socket" 2>"$scratch/faults" || true
# verify reads the other units of the machine too; only what concerns ours counts.
if grep -i 'aftercare' "$scratch/faults" >&2; then
  exit 1
fi

score=$(systemd-analyze security --offline=true "$scratch/aftercare.service" | sed -n 's/.*exposure level for .*: \([0-9]*\)\.\([0-9]\).*/\1\2/p')
if [ -z "$score" ] || [ "$score" -gt "$wall" ]; then
  printf 'exposure of the unit is %s tenths, at most %s is allowed\n' "${score:-unknown}" "$wall" >&2
  exit 1
fi

# Every setting has a comment of its own or shares the one directly above its group.
undocumented=$(awk '
  /^\[/ || /^$/ { explained = 0; next }
  /^#/ { explained = 1; next }
  !explained { print FILENAME ":" FNR ": " $0 }
' packaging/systemd/aftercare.service packaging/systemd/socket/aftercare.socket | grep -v -E ' (Description|Documentation|WantedBy)=' || true)
if [ -n "$undocumented" ]; then
  printf 'settings without a reason:\n%s\n' "$undocumented" >&2
  exit 1
fi
printf 'unit verified, exposure %s.%s\n' "$((10#$score / 10))" "$((10#$score % 10))"
