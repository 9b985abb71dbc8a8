#!/usr/bin/env bash
# What is watched: a scrape of the real daemon, the alert rules and the dashboard, each looked at by the programs that they are
# for. Grafana itself is in no Debian; its own SDK loads the dashboard.
# usage: prometheus.sh BINARY SCRATCH
set -euo pipefail
bin=$1 scratch=$2/prometheus
sdk=target/grafana
rules=packaging/prometheus/aftercare.rules.yml
mkdir -p "$scratch"

# Two ports that are free at this moment.
ports() {
  python3 -c 'import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(one.getsockname()[1] for one in held))'
}

# Whatever promtool says is a fault, not only what it fails on.
silent() {
  local said
  said=$("$@" 2>&1) || { printf '%s\n' "$said" >&2 && return 1; }
  [ -z "$said" ] || { printf 'promtool says of the metrics:\n%s\n' "$said" >&2 && return 1; }
}

scrape() {
  "$bin" init "$scratch/clinic" >/dev/null
  read -r public console < <(ports)
  sed -i -e "s#^listen *=.*#listen = \"127.0.0.1:$public\"#" -e "s#^console_listen *=.*#console_listen = \"127.0.0.1:$console\"#" \
    -e "s#^path *=.*#path = \"$scratch/aftercare.db\"#" "$scratch/clinic/aftercare.toml"
  "$bin" --config "$scratch/clinic/aftercare.toml" serve 2>"$scratch/serve.log" &
  daemon=$!
  trap 'kill "$daemon" 2>/dev/null || true' EXIT
  python3 - "$public" "$console" "$scratch" <<'PYTHON'
import sys, time, urllib.error, urllib.request
public, console, scratch = sys.argv[1:]
def get(port, path, tries=300):
    for _ in range(tries):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as page:
                return page.read().decode()
        except urllib.error.HTTPError as refused:
            return str(refused.code)
        except OSError:
            time.sleep(0.1)
    sys.exit(f"nothing answers at port {port}: see {scratch}/serve.log")
# The very first scrape has every family; so has one after pages were asked for.
open(f"{scratch}/first.prom", "w").write(get(console, "/metrics"))
get(public, "/help"), get(public, "/c/zq7secret"), get(public, "/none"), get(console, "/sign-in")
text = get(console, "/metrics")
open(f"{scratch}/second.prom", "w").write(text)
if "zq7secret" in text or 'route="/c/{token}"' not in text:
    sys.exit("a path that was asked for is no label; the template of its route is")
PYTHON
  kill "$daemon"
  wait "$daemon" || true
}

families() { sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$1" | sort; }

scrape
for text in "$scratch/first.prom" "$scratch/second.prom"; do
  silent promtool check metrics <"$text"
  [ "$(families "$text" | wc -l)" -eq "$(grep -c '^# HELP' "$text")" ]
done
diff <(families "$scratch/first.prom") <(families "$scratch/second.prom")

cp "$rules" packaging/prometheus/prometheus.yml tests/prometheus/aftercare.rules.test.yml "$scratch"
promtool check config "$scratch/prometheus.yml" >/dev/null
promtool test rules "$scratch/aftercare.rules.test.yml"
# Each rule has a test of its own.
diff <(sed -n 's/^ *- alert: //p' "$rules" | sort) <(sed -n 's/^  - name: //p' tests/prometheus/aftercare.rules.test.yml | sort)

# What the dashboard asks becomes rules, so that Prometheus' own parser reads it.
PYTHONPATH="$sdk" python3 tests/scripts/dashboard.py packaging/grafana/aftercare.json >"$scratch/dashboard.rules.yml"
promtool check rules "$scratch/dashboard.rules.yml" >/dev/null

# Neither names a metric that is not scraped.
asked=$(grep -ohE 'aftercare_[a-z_]+' "$rules" packaging/grafana/aftercare.json | sed -E 's/_(bucket|sum|count)$//' | sort -u)
if comm -23 <(printf '%s\n' "$asked") <(families "$scratch/first.prom") | grep . >&2; then
  echo 'these metrics are asked for, and there are none' >&2
  exit 1
fi
printf '%d families, %d rules and the dashboard are in order\n' "$(families "$scratch/first.prom" | wc -l)" "$(grep -c -- '- alert:' "$rules")"
