#!/usr/bin/env bash
# A million hostile requests: no 5xx, no row, no growing memory, and patients are served all the while.
# REQUESTS changes how many.
set -euo pipefail
cd "$(dirname "$0")/.."
exec cargo bench --locked --bench answers -- hostile
