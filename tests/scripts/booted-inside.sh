#!/usr/bin/env bash
# Runs as root inside the booted Debian of booted.sh: one line for each promise, `ok …` or `NOT …` with what was said.
# The functions are called by name, through `keeps` and `soon`.
# shellcheck disable=SC2317
set -uo pipefail
config=/etc/aftercare/aftercare.toml
broken=0

# keeps WHAT COMMAND…: the command must succeed.
keeps() {
  local what=$1 said
  shift
  if said=$("$@" 2>&1); then
    printf 'ok %s\n' "$what"
  else
    printf 'NOT %s\n%s\n' "$what" "$said"
    broken=1
  fi
}

# soon SECONDS COMMAND…: succeeds as soon as the command does.
soon() {
  local left=$(($1 * 5))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $((left -= 1)) -gt 0 ] || return 1
    sleep 0.2
  done
}

fails() { ! "$@"; }
ready() { curl -fsS http://127.0.0.1:8481/readyz; }
pid() { systemctl show --property MainPID --value aftercare; }
another_than() { [ "$(pid)" != "$1" ] && [ "$(pid)" != 0 ] && ready; }
journal_says() { journalctl --unit aftercare --output cat | grep -q -- "$1"; }
# clock_kept PAIR…: what timedatectl says about the clock and what the service in its sandbox does are one of these pairs.
clock_kept() {
  local both
  both=$(timedatectl show --property NTPSynchronized --value):$(curl -fsS http://127.0.0.1:8481/metrics | sed -n 's/^aftercare_clock_synchronized //p')
  printf '%s\n' "$both"
  [[ " $* " = *" $both "* ]]
}
owned() { [ "$(stat -c %U:%a "$1")" = "$2" ]; }
# asks: one page; a line in /run/asked, and one in /run/refused where it did not come.
asks() {
  curl -fsS --max-time 30 -o /dev/null http://127.0.0.1:8480/help 2>>/run/refused
  printf '.\n' >>/run/asked
  sleep 0.2
}
drop_in() { mkdir -p /etc/systemd/system/aftercare.service.d && printf '[Service]\n%s\n' "$@" >/etc/systemd/system/aftercare.service.d/proof.conf && systemctl daemon-reload; }

keeps 'the package installs' dpkg -i /root/aftercare.deb
keeps 'its user is there' id aftercare
keeps 'records lie in a directory of its own' owned /var/lib/aftercare aftercare:700
keeps 'the service waits for a person' fails systemctl is-enabled aftercare
keeps 'the configuration that comes with it has no fault' aftercare check
keeps 'it starts' systemctl start aftercare
keeps 'it is ready' soon 20 ready
keeps 'doctor finds nothing' aftercare doctor
keeps 'in its sandbox it hears whether the clock is kept right' clock_kept no:0 yes:1
mkdir /run/systemd/system/systemd-timedated.service.d
printf '[Service]\nEnvironment=LD_PRELOAD=/usr/local/lib/kept.so\n' >/run/systemd/system/systemd-timedated.service.d/kept.conf
systemctl daemon-reload
systemctl stop systemd-timedated
systemctl restart aftercare
keeps 'it is ready again' soon 20 ready
keeps 'and hears from timedated that it is' clock_kept yes:1
keeps 'each time somebody told it' fails journal_says 'nobody tells whether'
rm -r /run/systemd/system/systemd-timedated.service.d
systemctl daemon-reload
keeps 'rules and dashboard come along' sh -c 'dpkg -L aftercare | grep -c examples/prometheus/aftercare.rules.yml'
keeps 'a reload is taken' systemctl reload aftercare

systemctl stop aftercare
keeps 'systemd holds its sockets' systemctl enable --now aftercare.socket
keeps 'it starts with them' systemctl start aftercare
keeps 'it takes them over' soon 5 journal_says 'systemd keeps the sockets open over a restart'
(while [ ! -e /run/asked.enough ]; do asks; done) &
# A restart may be over before a few pages were asked for.
for _ in 1 2 3; do keeps 'it restarts while pages are asked for' systemctl restart aftercare; sleep 1; done
touch /run/asked.enough
wait
keeps 'pages were asked for meanwhile' test "$(wc -l </run/asked)" -ge 10
keeps 'no page request was refused' fails test -s /run/refused

sed -i 's/^daily_cap = 2/daily_cap = 0/' "$config"
keeps 'a faulty configuration fails to reload' fails systemctl reload aftercare
keeps 'the journal shows why in its lines' soon 5 journal_says 'daily_cap'
keeps 'it goes on under the old one' ready
sed -i 's/^daily_cap = 0/daily_cap = 2/' "$config"

drop_in RestartSec=1 WatchdogSec=6 'LoadCredential=smtp-password:/etc/aftercare/credentials/smtp-password'
(umask 077 && printf 'secret\n' >/etc/aftercare/credentials/smtp-password)
sed -i 's/^transport = "spool"/transport = "smtp"/; s/^host = .*/host = "127.0.0.1"/; s/^tls = .*/tls = "none"/' "$config"
keeps 'it starts with a credential' systemctl restart aftercare
keeps 'check --online finds the credential too' fails sh -c "aftercare check --online 2>&1 | grep 'is not there'"

was=$(pid)
kill -KILL "$was"
keeps 'it comes back after kill -9' soon 20 another_than "$was"
was=$(pid)
kill -STOP "$was"
keeps 'the watchdog ends one that hangs' soon 40 another_than "$was"

# shellcheck source=tests/scripts/booted-encrypted.sh
. /root/encrypted.sh

keeps 'an upgrade over itself leaves it running' sh -c 'dpkg -i /root/aftercare.deb && systemctl is-active aftercare'
keeps 'what the administrator wrote stays' grep -q '^key_credential = ' "$config"
keeps 'it is removed' dpkg --remove aftercare
keeps 'removed, the configuration stays' test -e "$config"
keeps 'it is purged' dpkg --purge aftercare
keeps 'purged, patients records stay' test -e /var/lib/aftercare/aftercare.db
keeps 'purged, no socket is left' fails test -L /etc/systemd/system/sockets.target.wants/aftercare.socket
keeps 'purged, secrets are gone' fails test -e /etc/aftercare/credentials
keeps 'it can be installed again' dpkg -i /root/aftercare.deb
keeps 'purged with that wish, records go' env AFTERCARE_PURGE_RECORDS=yes sh -c 'dpkg --purge aftercare && ! test -e /var/lib/aftercare'
exit "$broken"
