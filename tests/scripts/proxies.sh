#!/usr/bin/env bash
# Runs nginx and Caddy with the very blocks that docs/operating.md shows, in front of the real binary: only names, ports and
# certificates are the test's own. Looks at pages, headers, whose address counts, and what is closed.
# usage: proxies.sh BINARY SCRATCH
set -euo pipefail
bin=$1 scratch=$2/proxies
manual=$PWD/docs/operating.md
mkdir -p "$scratch"
cd "$scratch"

# A clinic under `serve`; the proxy runs on this very machine.
"$bin" init clinic >/dev/null
free_ports() {
  python3 - "$1" <<'PYTHON'
import socket, sys
held = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in held: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in held])
PYTHON
}
read -r pages console nginx_port caddy_port <<<"$(free_ports 4)"
sed -i "s/127\.0\.0\.1:8480/127.0.0.1:$pages/; s/127\.0\.0\.1:8481/127.0.0.1:$console/" clinic/aftercare.toml
sed -i 's|^# console_url = .*|console_url = "https://console.riverside.example"|' clinic/aftercare.toml
grep -q '^console_url' clinic/aftercare.toml
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 \
  -subj /CN=riverside.example -addext 'subjectAltName=DNS:care.riverside.example,DNS:console.riverside.example' 2>/dev/null
running=()
trap 'kill "${running[@]}" 2>/dev/null || true' EXIT
"$bin" --config clinic/aftercare.toml serve >serve.log 2>&1 &
running+=($!)

# The block of a recipe, with the test's ports and certificates.
recipe() {
  awk -v name="# recipe: $1" -v fence="\`\`\`$1" '
    $0 == fence { inside = 1; next }
    $0 == "```" { inside = 0; wanted = 0; next }
    inside && $0 == name { wanted = 1; next }
    inside && wanted { print }
  ' "$manual" | sed -e "s/127\.0\.0\.1:8480/127.0.0.1:$pages/" -e "s/127\.0\.0\.1:8481/127.0.0.1:$console/" \
    -e "s/listen 443 ssl/listen 127.0.0.1:$nginx_port ssl/" \
    -e "s#ssl_certificate /[^;]*#ssl_certificate $scratch/cert.pem#" \
    -e "s#ssl_certificate_key /[^;]*#ssl_certificate_key $scratch/key.pem#" \
    -e "s#error_log /[^ ]*#error_log $scratch/nginx-care.log#" \
    -e "s#^\([a-z]*\.riverside\.example\) {#https://\1:$caddy_port {\n\tbind 127.0.0.1\n\ttls $scratch/cert.pem $scratch/key.pem#" \
    -e 's#10\.0\.0\.0/8#127.0.0.9/32#'
}

start_nginx() {
  {
    printf 'daemon off;\npid %s/nginx.pid;\nerror_log %s/nginx.log;\nevents {}\nhttp {\n' "$scratch" "$scratch"
    local kind
    for kind in client_body proxy fastcgi uwsgi scgi; do printf '%s_temp_path %s/%s;\n' "$kind" "$scratch" "$kind"; done
    recipe nginx
    printf '}\n'
  } >nginx.conf
  grep -q proxy_pass nginx.conf || fail 'the manual shows no block for nginx'
  nginx -c "$scratch/nginx.conf" -e "$scratch/nginx.log" &
  running+=($!)
}

start_caddy() {
  recipe caddy | sed '1s/^{$/{\n\tadmin off\n\tauto_https off/' >Caddyfile
  grep -q reverse_proxy Caddyfile || fail 'the manual shows no block for caddy'
  HOME=$scratch XDG_DATA_HOME=$scratch XDG_CONFIG_HOME=$scratch caddy run --adapter caddyfile --config Caddyfile >caddy.log 2>&1 &
  running+=($!)
}

fail() {
  printf '%s\n' "$*" >&2
  tail -n 5 ./*.log >&2
  exit 1
}

# ask PORT NAME PATH CURL-OPTIONS…
ask() {
  local port=$1 name=$2 path=$3
  shift 3
  curl --silent --show-error --max-time 10 --cacert cert.pem --resolve "$name:$port:127.0.0.1" "$@" "https://$name:$port$path"
}

code() { ask "$@" --output /dev/null --write-out '%{http_code}'; }

expect() { [ "$2" = "$3" ] || fail "$1: $2 instead of $3"; }

awaited() {
  local _
  for _ in $(seq 100); do
    [ "$(code "$1" care.riverside.example /help 2>/dev/null)" = 200 ] && return 0
    sleep 0.1
  done
  fail "nothing answers behind port $1"
}

look() {
  local what=$1 port=$2 care=care.riverside.example staff=console.riverside.example head said
  awaited "$port"
  head=$(ask "$port" "$care" /help --dump-header - --output /dev/null | tr -d '\r')
  for said in 'strict-transport-security: max-age=31536000' 'x-frame-options: DENY' 'referrer-policy: no-referrer'; do
    expect "$what sends $said" "$(grep -ic "^$said\$" <<<"$head")" 1
  done
  # Caddy says 413, or 502 where the server behind it closed first; no status at all where it ended the stream.
  case $(code "$port" "$care" /help --data-binary "@$bin") in 413 | 502 | 000) ;; *) fail "$what: a body too long is let through" ;; esac
  expect "$what: the console from outside" "$(code "$port" "$staff" / --interface 127.0.0.1)" 403
  expect "$what: the console from inside" "$(code "$port" "$staff" /sign-in --interface 127.0.0.9)" 200
  for said in metrics readyz healthz; do
    expect "$what: /$said" "$(code "$port" "$staff" "/$said" --interface 127.0.0.9)" 404
    expect "$what: /$said among the pages" "$(code "$port" "$care" "/$said")" 404
  done
  # A client that asks too often is refused whatever it claims to be, and nobody else is.
  local scanner=$3
  ask "$port" "$care" '/help?[1-400]' --interface "$scanner" --header 'X-Forwarded-For: 198.51.100.7' \
    --header 'Forwarded: for=198.51.100.8' --output /dev/null --write-out '%{http_code}\n' >"$what.codes"
  grep -q 429 "$what.codes" || fail "$what: a scanner is never told to stop"
  # Some requests are given back each second, so one alone proves nothing.
  ask "$port" "$care" '/help?[1-60]' --interface "$scanner" --header 'X-Forwarded-For: 203.0.113.1' \
    --output /dev/null --write-out '%{http_code}\n' >"$what.codes"
  grep -q 429 "$what.codes" || fail "$what: a scanner under another name is somebody else"
  expect "$what: somebody else" "$(code "$port" "$care" /help --interface 127.0.0.4)" 200
  printf '%s: pages, headers, addresses and what is closed are as the manual says\n' "$what"
}

start_nginx
start_caddy
look nginx "$nginx_port" 127.0.0.2
look caddy "$caddy_port" 127.0.0.3
! grep -q '/help' nginx.log nginx-care.log caddy.log 2>/dev/null || fail 'a proxy has logged the path of a page'
