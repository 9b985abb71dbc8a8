//! Bad ground: a database that cannot be used, a disk without space, a template without end. Each a code and a hint,
//! nothing half-done.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::sandbox::{Ground, balance, references, until};
use crate::sink::Sink;

/// The commands that open the database, and how each must end on a bad one.
fn each_ends(sandbox: &Ground, code: i32, hint: &str) {
    for args in [&["drain"][..], &["serve"]] {
        let (ended, _, said) = sandbox.run(args);
        assert_eq!(ended, code, "{args:?}: {said}");
        assert!(said.contains(hint), "{args:?}: {said}");
        // A start says first what it looks at.
        assert!(said.lines().any(|line| line.starts_with("error: ")) && !said.contains("panicked"), "{said}");
    }
}

fn quiet() -> Sink {
    Sink::open(|_, _| ())
}

#[test]
fn a_database_newer_than_the_binary_is_left_alone() {
    let sandbox = Ground::new(quiet().port);
    drop(sandbox.store());
    let database = rusqlite::Connection::open(sandbox.database()).unwrap();
    database.execute("UPDATE refinery_schema_history SET version = 9999 WHERE version = 1", []).unwrap();
    drop(database);
    each_ends(&sandbox, 78, "install the aftercare version that wrote this database");
}

#[test]
fn what_is_no_database_is_left_as_it_is() {
    let sandbox = Ground::new(quiet().port);
    std::fs::write(sandbox.database(), "a letter to the editor\n".repeat(500)).unwrap();
    let before = std::fs::read(sandbox.database()).unwrap();
    each_ends(&sandbox, 1, "aftercare restore FILE");
    assert_eq!(std::fs::read(sandbox.database()).unwrap(), before);
}

#[test]
fn a_torn_database_is_told_and_no_letter_is_sent_from_it() {
    let sink = quiet();
    let sandbox = Ground::new(sink.port);
    sandbox.admit(&references(200), None);
    let path = sandbox.database();
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let pages = bytes.len() / 4096;
    for page in (pages / 3)..pages {
        bytes[page * 4096..page * 4096 + 512].fill(0xA5);
    }
    std::fs::write(&path, bytes).unwrap();
    let (code, _, said) = sandbox.run(&["drain"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("aftercare restore FILE"), "{said}");
    assert_eq!(sink.to_patients().len(), 0);
}

#[test]
fn a_database_that_is_not_there_is_no_reason_to_make_one_for_drain() {
    let sandbox = Ground::new(quiet().port);
    let (code, _, said) = sandbox.run(&["drain"]);
    assert_eq!(code, 78, "{said}");
    assert!(said.contains("there is no database at"), "{said}");
    assert!(!sandbox.database().exists());
}

#[test]
fn a_database_that_vanished_or_was_cut_off_is_never_a_fresh_clinic() {
    let sandbox = Ground::new(quiet().port);
    drop(sandbox.clinic());
    assert_eq!(sandbox.run(&["drain"]).0, 0, "and it has a journal");
    std::fs::rename(sandbox.database(), sandbox.dir.path().join("elsewhere.db")).unwrap();
    each_ends(&sandbox, 78, "to begin anew, take the key away");
    assert!(!sandbox.database().exists());
    let key = sandbox.dir.path().join("aftercare.db.key");
    std::fs::rename(&key, sandbox.dir.path().join("elsewhere.key")).unwrap();
    let (code, _, said) = sandbox.run(&["serve"]);
    assert!(code == 78 && said.contains("to begin anew, take the journal away"), "{code}: {said}");
    assert!(!sandbox.database().exists());
    std::fs::write(sandbox.database(), "").unwrap();
    each_ends(&sandbox, 78, "to begin anew, take the empty file away");
    assert_eq!(std::fs::metadata(sandbox.database()).unwrap().len(), 0);
}

#[test]
fn check_sees_as_root_what_the_service_meets() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let sandbox = Ground::new(quiet().port);
    for entry in walk(sandbox.dir.path()).into_iter().filter(|entry| *entry != sandbox.config()) {
        nix::unistd::chown(&entry, Some(nix::unistd::Uid::from_raw(65_534)), None).unwrap();
    }
    std::fs::set_permissions(sandbox.config(), std::fs::Permissions::from_mode(0o600)).unwrap();
    let (code, _, said) = sandbox.run(&["check"]);
    assert_eq!(code, 78, "{said}");
    assert!(said.contains("cannot be read: Permission denied"), "{said}");
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let sandbox = Ground::new(quiet().port);
    sandbox.set("path = \"aftercare.db\"", "path = \"/nonexistent/deep/aftercare.db\"");
    each_ends(&sandbox, 78, "hint: ");
}

#[test]
fn a_port_in_use_is_named_and_nothing_leaves() {
    let sink = quiet();
    let sandbox = Ground::new(sink.port);
    sandbox.admit(&references(2), None);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let text = std::fs::read_to_string(sandbox.config()).unwrap();
    let listen = text.lines().find(|l| l.starts_with("listen = ")).unwrap();
    sandbox.set(listen, &format!("listen = \"{}\"", taken.local_addr().unwrap()));
    let (code, _, said) = sandbox.run(&["serve"]);
    assert_eq!(code, 69, "{said}");
    assert!(said.contains("hint: end what listens there"), "{said}");
    assert_eq!(sink.to_patients().len(), 0);
}

#[test]
fn a_read_only_database_is_told_before_anything_leaves() {
    let sink = quiet();
    let sandbox = Ground::new(sink.port);
    sandbox.admit(&references(5), None);
    // Root may write anywhere; it takes on the owner's identity first, and the owner may not.
    let nobody = nix::unistd::Uid::from_raw(65_534);
    if nix::unistd::geteuid().is_root() {
        let owner = Some(nobody);
        for entry in walk(sandbox.dir.path()) {
            nix::unistd::chown(&entry, owner, None).unwrap();
        }
    }
    std::fs::set_permissions(sandbox.database(), std::fs::Permissions::from_mode(0o444)).unwrap();
    each_ends(&sandbox, 78, "make the database file and its directory writable");
    std::fs::set_permissions(sandbox.database(), std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::set_permissions(sandbox.dir.path(), std::fs::Permissions::from_mode(0o555)).unwrap();
    each_ends(&sandbox, 78, "writable for the service's user");
    std::fs::set_permissions(sandbox.dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(sink.to_patients().len(), 0);
    sandbox.drain();
    assert_eq!(balance(&sandbox.store()), [("sent", 5)]);
}

#[test]
fn a_directory_that_cannot_be_looked_into_is_told_and_no_shipped_words_go_out_for_its_own() {
    let sink = quiet();
    let sandbox = Ground::new(sink.port);
    sandbox.admit(&references(2), None);
    let letters = sandbox.dir.path().join("letters");
    // Root may look anywhere; it takes on the owner's identity first, and the owner may not.
    if nix::unistd::geteuid().is_root() {
        let nobody = Some(nix::unistd::Uid::from_raw(65_534));
        for entry in walk(sandbox.dir.path()).into_iter().filter(|entry| *entry != letters) {
            nix::unistd::chown(&entry, nobody, None).unwrap();
        }
        std::fs::set_permissions(&letters, std::fs::Permissions::from_mode(0o700)).unwrap();
    } else {
        std::fs::set_permissions(&letters, std::fs::Permissions::from_mode(0o000)).unwrap();
    }
    for args in [&["check"][..], &["drain"], &["serve"]] {
        let (code, _, said) = sandbox.run(args);
        assert_eq!(code, 78, "{args:?}: {said}");
        assert!(said.contains("letters: cannot be read: Permission denied"), "{args:?}: {said}");
    }
    std::fs::set_permissions(&letters, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(sink.to_patients().len(), 0);
}

fn walk(place: &Path) -> Vec<std::path::PathBuf> {
    let mut found = vec![place.to_owned()];
    for entry in std::fs::read_dir(place).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

/// A script in a mount namespace of its own, which its disk goes with. Without root, a user namespace lends the right to mount.
fn on_its_own_disk(sandbox: &Ground, disk: &Path, script: &str) -> Command {
    let alone: &[&str] = if nix::unistd::geteuid().is_root() { &["-m"] } else { &["-r", "-m"] };
    let mut command = Command::new("unshare");
    command.args(alone).args(["sh", "-c", script]);
    command.env("disk", disk).env("home", sandbox.dir.path());
    command.env("binary", env!("CARGO_BIN_EXE_aftercare"));
    command
}

/// What happens on a disk of its own that is filled and emptied.
const ON_A_SMALL_DISK: &str = r#"
        mount -t tmpfs -o size=64m tmpfs "$disk" || exit 90
        cp "$home"/aftercare.db* "$disk/" || exit 91
        cat /dev/zero > "$disk/filler" 2>/dev/null
        truncate -s "-${left}k" "$disk/filler"
        "$binary" drain --config "$home/aftercare.toml" > "$home/first.out" 2> "$home/first.err" &
        sleep 3
        rm "$disk/filler"
        wait $!
        first=$?
        sleep 1.1
        "$binary" drain --config "$home/aftercare.toml" > "$home/second.out" 2> "$home/second.err"
        second=$?
        sleep 1.1
        "$binary" drain --config "$home/aftercare.toml" > "$home/third.out" 2> "$home/third.err"
        cp "$disk"/aftercare.db* "$home/"
        echo "$first $second $?"
    "#;

#[test]
fn on_a_full_disk_nothing_is_half_done_and_with_space_everything_goes_on() {
    for left in [0, 60, 200, 500] {
        full_disk(left);
    }
}

/// A disk in a mount namespace of its own (it goes with it), filled up to so many kilobytes. With the filler gone it holds
/// the log at its longest (32 MB) beside the database. Without root, a user namespace lends the right to mount.
fn full_disk(left: u32) {
    let sink = quiet();
    let sandbox = Ground::new(sink.port);
    sandbox.admit(&references(300), None);
    let disk = tempfile::tempdir().unwrap();
    sandbox.set("path = \"aftercare.db\"", &format!("path = \"{}/aftercare.db\"", disk.path().display()));
    let ended = on_its_own_disk(&sandbox, disk.path(), ON_A_SMALL_DISK)
        .env("left", left.to_string())
        .output()
        .unwrap();
    let told = |name: &str| std::fs::read_to_string(sandbox.dir.path().join(name)).unwrap_or_default();
    let codes = String::from_utf8_lossy(&ended.stdout).trim().to_owned();
    let why = String::from_utf8_lossy(&ended.stderr);
    // It ends where nothing has left yet; letters in hand wait for space with what the server said of them.
    let (first, then) = codes.split_once(' ').unwrap_or_default();
    assert_eq!(then, "0 0", "{left} kB left: {why}\n{}\n{}", told("first.err"), told("second.err"));
    match first {
        "69" => assert!(told("first.err").contains("hint: free space on the database's disk")),
        code => assert_eq!(code, "0", "{left} kB left: {}", told("first.err")),
    }

    let store = sandbox.store();
    assert_eq!(balance(&store), [("sent", 300)]);
    assert_eq!(store.read(|v| v.findings()).unwrap(), []);
    store.read(aftercare::store::audit::verify).unwrap();
    let accepted = sink.to_patients();
    let ids: std::collections::BTreeSet<_> = accepted.iter().map(|a| &a.message_id).collect();
    assert_eq!(ids.len(), 300);
    assert_eq!(accepted.len(), 300, "a full disk is no reason for a twin");
}

#[test]
fn on_a_full_disk_the_daemon_is_not_ready_and_says_why_until_there_is_space() {
    let sandbox = Ground::new(quiet().port);
    sandbox.admit(&references(3), None);
    let disk = tempfile::tempdir().unwrap();
    sandbox.set("path = \"aftercare.db\"", &format!("path = \"{}/aftercare.db\"", disk.path().display()));
    let script = r#"
        mount -t tmpfs -o size=16m tmpfs "$disk" || exit 90
        cp "$home"/aftercare.db* "$disk/" || exit 91
        exec "$binary" serve --config "$home/aftercare.toml"
    "#;
    let daemon = on_its_own_disk(&sandbox, disk.path(), script)
        .stderr(std::fs::File::create(sandbox.dir.path().join("log")).unwrap())
        .spawn();
    let mut daemon = Ended(daemon.unwrap());
    let console = sandbox.console();
    until("it is ready", Duration::from_secs(20), || status(&console, "/readyz").starts_with("200"));
    let inside = format!("/proc/{}/root{}/filler", daemon.0.id(), disk.path().display());
    let mut filler = std::fs::File::create(&inside).unwrap();
    while filler.write_all(&[0; 4096]).is_ok() {}
    until("it is not ready", Duration::from_secs(40), || {
        let answer = status(&console, "/readyz");
        answer.starts_with("503") && answer.contains("no change can be committed")
    });
    let (code, _, said) = sandbox.run(&["check"]);
    assert_eq!(code, 0, "the configuration is as good as before: {said}");
    drop(filler);
    std::fs::remove_file(&inside).unwrap();
    until("it is ready again", Duration::from_secs(40), || status(&console, "/readyz").starts_with("200"));
    assert!(daemon.0.try_wait().unwrap().is_none(), "it never ended");
}

/// A copy that does not fit is no damaged copy, and a backup for which there is no room says where there is none.
#[test]
fn on_a_disk_without_room_neither_a_restore_nor_a_backup_blames_the_copy_or_another_disk() {
    let sandbox = Ground::new(quiet().port);
    sandbox.admit(&references(3), None);
    let disk = tempfile::tempdir().unwrap();
    sandbox.set("path = \"aftercare.db\"", &format!("path = \"{}/aftercare.db\"", disk.path().display()));
    let script = r#"
        mount -t tmpfs -o size=8m tmpfs "$disk" || exit 90
        cp "$home"/aftercare.db* "$disk/" || exit 91
        run() { "$binary" "$@" --config "$home/aftercare.toml" > "$home/out" 2> "$home/err"; echo "$1 $?"; cat "$home/err"; }
        run backup "$home/copy.db"
        cat /dev/zero > "$disk/filler" 2>/dev/null
        truncate -s -40k "$disk/filler"
        run restore "$home/copy.db"
        mkdir "$disk/to"
        run backup "$disk/to/other.db"
        ls "$disk/to" | wc -l
        rm "$disk/filler"
        run restore "$home/copy.db"
    "#;
    let ended = on_its_own_disk(&sandbox, disk.path(), script).output().unwrap();
    let told = String::from_utf8_lossy(&ended.stdout);
    let place = disk.path().display();
    for words in [
        "backup 0",
        "restore 69",
        &format!("there is no room for the copy in `{place}`"),
        &format!("hint: free space on the disk of `{place}`"),
        "backup 69",
        &format!("there is no room for the copy in `{place}/to`"),
        "\n0\n",
        "restore 0",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

/// A daemon is killed on a disk that is then mounted read-only; somebody looks there, with a log and without one.
const ON_A_READ_ONLY_DISK: &str = r#"
        mount -t tmpfs -o size=64m tmpfs "$disk" || exit 90
        cp "$home"/aftercare.db* "$disk/" || exit 91
        "$binary" serve --config "$home/aftercare.toml" 2> "$home/log" &
        for _ in $(seq 200); do test -S "$disk/aftercare.db.bell" && break; sleep 0.05; done
        sleep 1
        kill -9 $!
        wait $!
        looks() {
            for words in "status" "doctor" "alerts list" "tasks list" "patient show $patient" "audit verify" "protocol list" \
                "protocol export nccn" "protocol compare nccn figo" "staff invitations" "replay 1" "dkim show"; do
                "$binary" $words --config "$home/aftercare.toml" > "$home/out" 2> "$home/err"
                echo "$1 $words: $? $(grep -c 'mounted read-only' "$home/err") $(grep -c 'hint' "$home/err")"
                cat "$home/out" "$home/err" >> "$home/told"
            done
        }
        mount -o remount,ro "$disk" || exit 92
        looks log
        "$binary" tasks done 1 --note x --config "$home/aftercare.toml" 2>> "$home/told"
        echo "write: $?"
        "$binary" backup "$home/looked.db" --config "$home/aftercare.toml" > "$home/out" 2> "$home/err"
        echo "backup: $? $(grep -c 'mounted read-only' "$home/err")"
        mount -o remount,rw "$disk" || exit 93
        "$binary" drain --config "$home/aftercare.toml" >> "$home/told" 2>&1 || exit 94
        mount -o remount,ro "$disk" || exit 95
        test -e "$disk/aftercare.db-wal" && exit 96
        looks folded
    "#;

#[test]
fn on_a_disk_that_is_mounted_read_only_whoever_only_looks_still_sees_everything() {
    let sandbox = Ground::new(quiet().port);
    sandbox.admit(&references(2), None);
    // What staff decided counts there too: without it the configuration would be faulty.
    let disk = tempfile::tempdir().unwrap();
    sandbox.set("path = \"aftercare.db\"", &format!("path = \"{}/aftercare.db\"", disk.path().display()));
    let ended = on_its_own_disk(&sandbox, disk.path(), ON_A_READ_ONLY_DISK)
        .env("patient", &references(1)[0])
        .output()
        .unwrap();
    let told = std::fs::read_to_string(sandbox.dir.path().join("told")).unwrap_or_default();
    let codes = String::from_utf8_lossy(&ended.stdout);
    assert!(
        ended.status.success(),
        "{:?} {codes}\n{}\n{told}",
        ended.status,
        String::from_utf8_lossy(&ended.stderr)
    );
    for how in ["log", "folded"] {
        for looked in [
            "alerts list: 0 1 0",
            "tasks list: 0 1 0",
            "audit verify: 0 1 0",
            "protocol list: 0 1 0",
            "protocol export nccn: 0 1 0",
            "protocol compare nccn figo: 0 1 0",
            "staff invitations: 0 1 0",
            "dkim show: 78 0 1",
        ] {
            assert!(codes.contains(&format!("{how} {looked}\n")), "{codes}\n{told}");
        }
        assert!(
            codes.contains(&format!("{how} patient show {}: 0 1 0\n", references(1)[0])),
            "{codes}\n{told}"
        );
        assert!(
            codes.contains(&format!("{how} status: 2 ")) && codes.contains(&format!("{how} doctor: 1 ")),
            "{codes}\n{told}"
        );
    }
    assert!(codes.contains("folded replay 1: 0 1 0\n"), "{codes}\n{told}");
    assert!(codes.contains("write: 69\n"), "{codes}\n{told}");
    assert!(codes.contains("backup: 0 1\n"), "{codes}\n{told}");
    assert!(told.contains("the database's disk is mounted read-only, nothing can be recorded"), "{told}");
    assert!(told.contains("P18: no change can be committed"), "{told}");
}

/// A daemon is killed on a disk that takes no change any more from then on; then it comes back.
const ON_A_DISK_THAT_STOPS: &str = r#"
        cp "$home"/aftercare.db* "$disk/" && sync "$disk"/* || exit 91
        "$binary" serve --config "$home/aftercare.toml" 2> "$home/log" &
        for _ in $(seq 200); do test -S "$disk/aftercare.db.bell" && break; sleep 0.05; done
        sleep 1
        kill -9 $!
        wait $!
        looks() {
            for words in "alerts list" "tasks list" "patient show $patient"; do
                "$binary" $words --config "$home/aftercare.toml" > "$home/out" 2> "$home/err"
                echo "$1 $words: $? $(grep -c 'nothing can be recorded' "$home/err")"
                cat "$home/out" "$home/err" >> "$home/told"
            done
        }
        stops
        looks log
        "$binary" serve --config "$home/aftercare.toml" >> "$home/told" 2>&1
        echo "log serve: $?"
        recovers
        "$binary" drain --config "$home/aftercare.toml" >> "$home/told" 2>&1 || exit 94
        test -e "$disk/aftercare.db-wal" && exit 96
        stops
        looks folded
        "$binary" status --config "$home/aftercare.toml" >> "$home/told" 2>&1
        echo "folded status: $?"
        "$binary" serve --config "$home/aftercare.toml" >> "$home/told" 2>&1
        echo "folded serve: $?"
        recovers
    "#;

/// What is shown, and how each ends; `None` where such a disk cannot be had.
fn on_a_disk_that_stops(disk: &str) -> Option<(String, String)> {
    let sandbox = Ground::new(quiet().port);
    sandbox.admit(&references(2), None);
    let place = tempfile::tempdir().unwrap();
    sandbox.set("path = \"aftercare.db\"", &format!("path = \"{}/aftercare.db\"", place.path().display()));
    let script = format!("{disk}\n{ON_A_DISK_THAT_STOPS}");
    let ended = on_its_own_disk(&sandbox, place.path(), &script).env("patient", &references(1)[0]).output();
    let ended = ended.unwrap();
    if ended.status.code() == Some(77) {
        return None;
    }
    let told = std::fs::read_to_string(sandbox.dir.path().join("told")).unwrap_or_default();
    let codes = String::from_utf8_lossy(&ended.stdout).into_owned();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success(), "{:?} {codes}\n{said}\n{told}", ended.status);
    for looked in ["alerts list", "tasks list", &format!("patient show {}", references(1)[0])] {
        // With a log beside it a disk without inodes lets it be opened as ever.
        for how in [format!("log {looked}: 0 "), format!("folded {looked}: 0 1\n")] {
            assert!(codes.contains(&how), "{how}: {codes}\n{told}");
        }
    }
    assert!(codes.contains("folded serve: 69\n"), "systemd tries again: {codes}\n{told}");
    Some((codes, told))
}

#[test]
fn on_a_disk_that_fails_and_is_still_called_writable_whoever_only_looks_sees_everything() {
    // An older kernel leaves it mounted read-only, which is seen as well; without root there is no such disk.
    let disk = r#"
        truncate -s 96M "$home/image" && mkfs.ext4 -q "$home/image" || exit 77
        mount -o loop,errors=remount-ro "$home/image" "$disk" || exit 77
        on=$(basename "$(findmnt -n -o SOURCE "$disk")")
        stops() { echo test > "/sys/fs/ext4/$on/trigger_fs_error" || exit 77; }
        recovers() {
            umount "$disk" && { fsck.ext4 -fy "$home/image" > "$home/fsck" 2>&1; true; } || exit 93
            mount -o loop,errors=remount-ro "$home/image" "$disk" || exit 93
            on=$(basename "$(findmnt -n -o SOURCE "$disk")")
        }
    "#;
    let Some((codes, told)) = on_a_disk_that_stops(disk) else { return };
    assert!(codes.contains("log serve: 69\n") && codes.contains("log alerts list: 0 1\n"), "{codes}\n{told}");
    assert!(codes.contains("folded status: 2\n"), "{codes}\n{told}");
    assert!(told.contains("the database's disk is mounted read-only, nothing can be recorded"), "{told}");
}

#[test]
fn on_a_disk_without_inodes_whoever_only_looks_sees_everything() {
    let disk = r#"
        mount -t tmpfs -o size=64m,nr_inodes=64 tmpfs "$disk" || exit 77
        stops() {
            rm -f "$disk"/aftercare.db.bell "$disk"/aftercare.db.lock
            test -s "$disk/aftercare.db-wal" || rm -f "$disk"/aftercare.db-*
            for number in $(seq 64); do touch "$disk/filler.$number" 2> /dev/null || break; done
        }
        recovers() { rm -f "$disk"/filler.*; }
    "#;
    let Some((codes, told)) = on_a_disk_that_stops(disk) else { return };
    assert!(
        told.contains("0 more files can be made") && codes.contains("folded status: 2\n"),
        "{codes}\n{told}"
    );
}

/// A child that ends with its test.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The status and the body of a page; empty where nobody answers.
fn status(at: &str, path: &str) -> String {
    let Ok(mut stream) = std::net::TcpStream::connect(at) else { return String::new() };
    let ask = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    if stream.write_all(ask.as_bytes()).and_then(|()| stream.read_to_string(&mut answer)).is_err() {
        return String::new();
    }
    answer.trim_start_matches("HTTP/1.1 ").to_owned()
}

#[test]
fn a_template_without_end_is_refused_at_the_start_and_nothing_leaves() {
    let sink = quiet();
    let sandbox = Ground::new(sink.port);
    sandbox.admit(&references(3), None);
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}";
    let file = "letters/en/default.leaflet.txt.j2";
    let shipped = std::fs::read_to_string(sandbox.dir.path().join(file)).unwrap();
    std::fs::write(sandbox.dir.path().join(file), endless).unwrap();
    for args in [&["check"][..], &["drain"], &["serve"]] {
        let (code, _, said) = sandbox.run(args);
        assert_eq!(code, 78, "{args:?}: {said}");
        assert!(said.contains(file) && said.contains("does not come to an end"), "{args:?}: {said}");
    }
    assert_eq!(sink.to_patients().len(), 0);
    std::fs::write(sandbox.dir.path().join(file), shipped).unwrap();
    sandbox.drain();
    assert_eq!(balance(&sandbox.store()), [("sent", 3)]);
}

#[test]
fn rules_that_nobody_signed_judge_nobody() {
    let sandbox = Ground::new(quiet().port);
    sandbox.admit(&references(1), None);
    let signed = "mode = \"triage\"\n[checklists.sign_off]\nname = \"Dr A. Example\"\nrole = \"Consultant\"\n\
                  date = \"2027-01-15\"\nversion = \"0123456789ab\"\n";
    sandbox.set("# mode = \"education\"\n", signed);
    let mut said = String::new();
    for args in [&["serve"][..], &["drain"]] {
        let (code, _, told) = sandbox.run(args);
        assert_eq!(code, 78, "{args:?}: {told}");
        assert!(told.contains("`aftercare checklist` shows it"), "{args:?}: {told}");
        said = told;
    }
    let version = said.split("but version `").nth(1).unwrap().split('`').next().unwrap().to_owned();
    sandbox.set("0123456789ab", &version);
    sandbox.drain();
}
