#!/usr/bin/env bash
# The demo lives its story once, says what happened, and the letters are where it says.
# usage: demo.sh BINARY SCRATCH
set -euo pipefail
bin=$1 scratch=$2/demo
mkdir -p "$scratch"
cd "$scratch"
TMPDIR=$scratch "$bin" demo --once --keep | tee story.txt
# A letter's file is named in the summary; the directory stands on a line of its own or within one.
spool=$(tr -d '\140' <story.txt | grep -o '[^ ]*/[^ ]*' | sed 's/[.,;:)]*$//' | while read -r place; do
  [ -d "$place" ] && find "$place" -name '*.eml' -print -quit | grep -q . && printf '%s\n' "$place" && break
done || true)
if [ -z "$spool" ]; then
  echo 'the summary names no directory that holds letters (.eml)' >&2
  exit 1
fi
letters=$(find "$spool" -name '*.eml' | wc -l)
if [ "$letters" -lt 100 ]; then
  printf 'only %d letters in %s\n' "$letters" "$spool" >&2
  exit 1
fi
if find "$spool" -name '*.eml' -empty | grep . >&2; then
  echo 'a letter of the demo is empty' >&2
  exit 1
fi
# P10, looked at from outside: no letter tells in its subject why it was sent.
if grep -rhi '^Subject:' "$spool" | grep -iE 'cancer|cáncer|cervi|oncolog|onkolog|tumou?r|symptom|síntoma|spine|columna' >&2; then
  echo 'a subject gives away why the letter was sent (P10)' >&2
  exit 1
fi
# The one command it prints to go on with works as printed.
command=$(sed -n 's/^  a patient *//p' story.txt)
case $(bash -c "$command") in
  *Beth*) ;;
  *)
    printf 'this does not show the patient: %s\n' "$command" >&2
    exit 1
    ;;
esac
printf '%d letters in the spool\n' "$letters"
