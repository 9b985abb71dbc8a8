#!/usr/bin/env bash
# 200 answers a second for a minute: how long do GET and POST take, and is anything lost when the process is killed?
# RATE and SECONDS change the load.
set -euo pipefail
cd "$(dirname "$0")/.."
exec cargo bench --locked --bench answers
