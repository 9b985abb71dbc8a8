#!/usr/bin/env bash
# Adds up what `cargo test` printed: "PASSED FAILED". A test that is switched off counts as failed: never a skip.
set -euo pipefail
awk '
  /^test result: / {
    for (i = 1; i <= NF; i++) {
      if ($i == "passed;") passed += $(i - 1)
      if ($i == "failed;") failed += $(i - 1)
      if ($i == "ignored;") failed += $(i - 1)
    }
  }
  END { print passed + 0, failed + 0 }
' "$1"
