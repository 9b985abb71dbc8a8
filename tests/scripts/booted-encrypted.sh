#!/usr/bin/env bash
# Sourced by booted-inside.sh: an older database is taken on, then encrypted with a key that systemd unseals, as the manual says.
# shellcheck disable=SC2317,SC2154
credentials=/etc/aftercare/credentials state=/var/lib/aftercare

# A zone in which it is about noon, so that a letter may leave whenever the tests run.
noon() {
  local hour
  hour=$((12 - $(date -u +%-H)))
  case $hour in
    0) echo Etc/UTC ;;
    -*) echo "Etc/GMT+${hour#-}" ;;
    *) echo "Etc/GMT-$hour" ;;
  esac
}
letter() { grep -rlq '^To: .*a1@patients.example' "$state/spool"; }
encrypted() { test -s "$1" && ! head -c 16 "$1" | grep -q 'SQLite format 3'; }
backed_up() { local copy; for copy in "$state"/backups/aftercare-????-??-??.db; do encrypted "$copy" || return 1; done; }
found() { aftercare patient list --json | grep -q '"OLD-1"'; }
as_service() { setpriv --reuid aftercare --regid aftercare --clear-groups "$@"; }
alive_again() { another_than "$1" && found; }

systemctl stop aftercare
sed -i -e 's/^transport = .*/transport = "spool"/' -e "s#^time_zone = .*#time_zone = \"$(noon)\"#" \
  -e 's/^window = .*/window = ["00:00", "23:59"]/' -e 's/^weekdays = .*/weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]/' \
  -e 's/^holidays = .*/holidays = []/' "$config"

rm -rf "$state"/aftercare.db* "$state/aftercare.journal" "$state/spool" "$state/backups"
install -o aftercare -g aftercare -m 600 /root/older.db "$state/aftercare.db"
keeps 'a database of an earlier schema is taken on at the start' systemctl start aftercare
keeps 'whoever was on record in it still is' soon 20 found
systemctl stop aftercare

(umask 077 && aftercare database new-key >/root/database-key)
keeps 'systemd seals the key' systemd-creds encrypt --name=database-key /root/database-key "$credentials/database-key.cred"
drop_in RestartSec=1 "LoadCredentialEncrypted=database-key:$credentials/database-key.cred"
sed -i 's/^# key_credential = "database-key"/key_credential = "database-key"/' "$config"
keeps 'a plain database is not opened where a key is named' fails aftercare tasks list
keeps 'root encrypts it with the sealed key' aftercare database encrypt
keeps 'the file is encrypted' encrypted "$state/aftercare.db"
# As the manual says: copies from before are in plain.
rm -rf "$state/backups"
keeps 'it starts with the key that systemd unseals' systemctl start aftercare
keeps 'it is ready with an encrypted database' soon 20 ready
printf 'reference,preferred_name,birth_date,email,language,time_zone,protocol,anchor_on\nA-1,Ana,1970-05-17,a1@patients.example,en,%s,sgo2017-high,%s\n' \
  "$(noon)" "$(date -d '80 days ago' +%F)" >/root/patients.csv
keeps 'root takes a patient in beside it' aftercare import /root/patients.csv
keeps 'a visit of hers is booked' aftercare visit book A-1 --on "$(date -d '10 days' +%F)" --at 11:00
keeps 'the letter about it leaves' soon 60 letter
keeps 'a reload is taken where credentials are loaded' systemctl reload aftercare
keeps 'it is ready after the reload' ready
keeps 'commands of root find the key' found
keeps 'whoever is not root has none' fails as_service aftercare patient list
keeps 'the copy that the daemon makes is encrypted' soon 60 backed_up
keeps 'doctor finds nothing encrypted that is not' sh -c 'aftercare database show --json | grep -q "\"encrypted\": *true"'
keeps 'it comes back encrypted after a restart' sh -c 'systemctl restart aftercare && systemctl is-active aftercare'
keeps 'who was on record is on record after it' soon 20 found
was=$(pid)
kill -KILL "$was"
keeps 'it comes back encrypted after kill -9' soon 20 alive_again "$was"

# Without its credential it does not start, and says what is missing.
mv "$credentials/database-key.cred" /root/
systemctl daemon-reload
keeps 'without its key it does not start' fails systemctl restart aftercare
keeps 'what is missing is in its status' soon 5 sh -c 'systemctl status aftercare 2>&1 | grep -i -E "credential|status=243"'
mv /root/database-key.cred "$credentials/"
systemctl reset-failed aftercare
keeps 'with it, it starts again' systemctl restart aftercare

# Where systemd looks for a TPM; of systemd itself booted.sh says it.
export SYSTEMD_TPM2_DEVICE=swtpm:host=127.0.0.1,port=2321
# The same key sealed by a TPM: the disk in another machine, or a TPM that was reset, opens nothing.
tpm() {
  systemctl stop tpm.service 2>/dev/null
  systemctl reset-failed tpm.service 2>/dev/null
  [ "$1" = same ] || rm -rf /var/lib/tpm
  mkdir -p /var/lib/tpm
  systemd-run --quiet --unit=tpm swtpm socket --tpm2 --tpmstate dir=/var/lib/tpm --server type=tcp,port=2321 \
    --ctrl type=tcp,port=2322 --flags not-need-init,startup-clear
  soon 5 sh -c 'ss -ltn 2>/dev/null | grep -q :2321 || grep -q :0911 /proc/net/tcp'
}
seal() { systemd-creds encrypt --name=database-key --with-key=tpm2 /root/database-key "$credentials/database-key.cred"; }
keeps 'a TPM (a program here) can be had' tpm new
rm "$credentials/database-key.cred"
keeps 'it seals the key' seal
keeps 'it starts with the key that the TPM unseals' systemctl restart aftercare
keeps 'commands of root find that key' soon 20 found
keeps 'the TPM is another one now' tpm new
keeps 'another TPM opens nothing' fails systemctl restart aftercare
keeps 'nor for commands of root' fails aftercare patient list
tpm same
keeps 'the key from the safe is sealed anew' seal
systemctl reset-failed aftercare
keeps 'with that it starts again' systemctl restart aftercare
keeps 'and everybody is on record' soon 20 found
# What follows shall not rest on it: it has no resource manager, as the kernel's has, and forgets no session that broke off.
systemd-creds encrypt --name=database-key --with-key=host /root/database-key "$credentials/database-key.cred"
rm /root/database-key
systemctl restart aftercare
