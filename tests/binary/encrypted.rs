//! A clinic whose database is encrypted: put on beside content, at work, backed up, restored, with another key, without its
//! key, and killed in the middle. Everything through the real binary, as nobody else holds the key.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::sandbox::{Ground, until};

/// A name that stands in no file but for her.
const NAME: &str = "Xochiquetzal";
const PATIENTS: usize = 60;

struct Clinic {
    ground: Ground,
    key: PathBuf,
}

impl Clinic {
    /// Patients in a plain database, and a key that nobody uses yet.
    fn new() -> Self {
        let ground = Ground::new(9);
        ground.set("transport = \"smtp\"", "transport = \"spool\"");
        let rows: String = (1..=PATIENTS)
            .map(|n| {
                format!(
                    "E-{n:03},{NAME},1970-05-17,e{n}@patients.example,en,America/New_York,weekly,{}\n",
                    ground.today()
                )
            })
            .collect();
        let head = "reference,preferred_name,birth_date,email,language,time_zone,protocol,anchor_on\n";
        let file = ground.dir.path().join("patients.csv");
        std::fs::write(&file, head.to_owned() + &rows).unwrap();
        let key = ground.dir.path().join("database-key");
        let clinic = Self { ground, key };
        clinic.does(&["import", file.to_str().unwrap()]);
        std::fs::remove_file(file).unwrap();
        clinic.write_key(&[&clinic.new_key()]);
        clinic
    }

    fn new_key(&self) -> String {
        self.does(&["database", "new-key"]).trim().to_owned()
    }

    /// One key a line, for its owner alone.
    fn write_key(&self, keys: &[&str]) {
        std::fs::write(&self.key, keys.join("\n") + "\n").unwrap();
        std::fs::set_permissions(&self.key, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn name_key(&self) {
        let line = format!("[database]\nkey_credential = \"{}\"", self.key.display());
        self.ground.set("[database]", &line);
    }

    /// As it is when the operator has done what the manual says.
    fn encrypted() -> Self {
        let clinic = Self::new();
        clinic.name_key();
        clinic.does(&["database", "encrypt"]);
        clinic
    }

    fn does(&self, args: &[&str]) -> String {
        let (code, out, err) = self.ground.run(args);
        assert_eq!(code, 0, "{args:?}: {err}");
        out
    }

    #[track_caller]
    fn refuses(&self, code: i32, args: &[&str], words: &[&str]) {
        let (ended, _, err) = self.ground.run(args);
        assert_eq!(ended, code, "{args:?}: {err}");
        for word in words.iter().chain(&["hint: "]) {
            assert!(err.contains(word), "{args:?}: {word}: {err}");
        }
    }

    fn json(&self, args: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.does(&[args, &["--json"]].concat())).unwrap()
    }

    /// What stands in the file of the key that makes links.
    fn link_key(&self) -> Vec<u8> {
        std::fs::read(self.ground.dir.path().join("aftercare.db.key")).unwrap()
    }

    fn patients(&self) -> usize {
        self.json(&["patient", "list"]).as_array().unwrap().len()
    }

    /// Every file of the database and its backups in which her name stands.
    fn told(&self) -> Vec<String> {
        let mut files = Vec::new();
        walk(self.ground.dir.path(), &mut files);
        let is_ours = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.contains(".db") || name.contains("backup")
        };
        files.retain(is_ours);
        assert!(!files.is_empty());
        // Beside a daemon that works a file may be gone by now.
        let read = |path: &PathBuf| match std::fs::read(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            read => read.unwrap(),
        };
        let found = files
            .into_iter()
            .filter(|path| read(path).windows(NAME.len()).any(|bytes| bytes == NAME.as_bytes()));
        found.map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }
}

/// A daemon that is killed when its test is done with it, however that ends.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.metadata() {
            Ok(kind) if kind.is_dir() => walk(&path, files),
            // The wake-up socket is no file to look into.
            Ok(kind) if kind.is_file() => files.push(path),
            _ => {}
        }
    }
}

#[test]
fn a_database_with_content_is_encrypted_and_no_name_stands_in_it_or_its_copies_any_more() {
    let clinic = Clinic::new();
    assert!(clinic.told().contains(&"aftercare.db".to_owned()), "the name can be found at all");
    let plain = clinic.ground.dir.path().join("plain.backup");
    clinic.does(&["backup", plain.to_str().unwrap()]);
    clinic.refuses(78, &["database", "encrypt"], &["no key is named"]);
    clinic.name_key();
    for command in [&["ledger"][..], &["serve"], &["drain"]] {
        clinic.refuses(78, command, &["is not encrypted, although a key is named", "database encrypt"]);
    }
    let shown = clinic.json(&["database", "show"]);
    assert_eq!((shown["encrypted"].as_bool(), shown["key"].is_null()), (Some(false), true));

    let plain_key = clinic.link_key();
    assert_eq!(plain_key.len(), 32);
    let done = clinic.json(&["database", "encrypt"]);
    assert_eq!(done["done"], "encrypted");
    for left in ["aftercare.db.rewriting-wal", "aftercare.db.rewriting-shm"] {
        assert!(!clinic.ground.dir.path().join(left).exists(), "{left}");
    }
    assert!(done["plain_copies"][0].as_str().unwrap().ends_with("plain.backup"), "{done}");
    assert_eq!(clinic.json(&["database", "show"])["key"], done["key"]);
    assert_eq!(clinic.patients(), PATIENTS);
    assert_ne!(clinic.link_key(), plain_key);
    assert_eq!(clinic.json(&["key", "show"])["state"], "in use");
    clinic.refuses(65, &["database", "encrypt"], &["encrypted already"]);
    assert_eq!(std::fs::metadata(clinic.ground.database()).unwrap().permissions().mode() & 0o777, 0o600);
    let doctor = clinic.json(&["doctor"]);
    assert!(doctor["encrypted"].is_string() && doctor["ok"] == true, "{doctor}");
    assert!(clinic.does(&["audit", "export"]).contains("database.encryption"));

    // A plain backup from before comes back encrypted.
    clinic.does(&["restore", plain.to_str().unwrap()]);
    assert_eq!(clinic.patients(), PATIENTS);
    let copy = clinic.ground.dir.path().join("new.backup");
    clinic.does(&["backup", copy.to_str().unwrap()]);
    for kept in ["plain.backup", "plain.backup.key"] {
        std::fs::remove_file(clinic.ground.dir.path().join(kept)).unwrap();
    }
    assert_eq!(clinic.told(), [] as [String; 0]);
}

#[test]
fn the_daemon_works_on_it_and_no_name_stands_in_its_log_or_its_backup() {
    let clinic = Clinic::encrypted();
    let daemon = Daemon(clinic.ground.start(&["serve"]));
    let address = clinic.ground.console();
    until("the pages are open", Duration::from_secs(20), || std::net::TcpStream::connect(&address).is_ok());
    clinic.does(&["patient", "set", "E-001", "--name", &format!("{NAME} Maria")]);
    let log = clinic.ground.dir.path().join("aftercare.db-wal");
    assert!(std::fs::metadata(log).unwrap().len() > 0, "there is a log to look into");
    let copy = clinic.ground.dir.path().join("beside.backup");
    clinic.does(&["backup", copy.to_str().unwrap()]);
    assert_eq!(clinic.told(), [] as [String; 0]);
    for verb in ["rekey", "decrypt", "encrypt"] {
        clinic.refuses(75, &["database", verb], &["another aftercare"]);
    }
    drop(daemon);
    // Its log is read with the key as well.
    assert_eq!(clinic.patients(), PATIENTS);
    clinic.does(&["drain"]);
    clinic.does(&["restore", copy.to_str().unwrap()]);
    assert_eq!(clinic.patients(), PATIENTS);
    let written = clinic.ground.dir.path().join("rehearsed");
    let until_day = clinic.ground.today().saturating_add(jiff::ToSpan::days(15)).to_string();
    clinic.does(&["rehearse", "--until", &until_day, "--out", written.to_str().unwrap()]);
    assert_eq!(clinic.told(), [] as [String; 0]);
}

#[test]
fn a_missing_a_wrong_and_a_public_key_are_refused_with_what_to_do() {
    let clinic = Clinic::encrypted();
    let key = std::fs::read_to_string(&clinic.key).unwrap();
    let copy = clinic.ground.dir.path().join("a.backup");
    clinic.does(&["backup", copy.to_str().unwrap()]);
    let copy = copy.to_str().unwrap();

    clinic.write_key(&[&clinic.new_key()]);
    for command in [&["serve"][..], &["drain"], &["ledger"], &["doctor"], &["database", "show"], &["check"]] {
        let (code, out, err) = clinic.ground.run(command);
        let said = out + &err;
        assert_eq!(code, 78, "{command:?}: {said}");
        assert!(said.contains("no key of this clinic opens") && said.contains("as another line"), "{said}");
    }
    // A clinic of another key does not take the backup for damaged.
    clinic.refuses(65, &["restore", copy], &["no key of this clinic opens", "nothing was changed"]);

    std::fs::set_permissions(&clinic.key, std::fs::Permissions::from_mode(0o640)).unwrap();
    clinic.refuses(78, &["ledger"], &["can be read by others", "chmod 600"]);
    clinic.write_key(&["correct horse battery staple"]);
    clinic.refuses(78, &["ledger"], &["line 1 is no key"]);
    std::fs::remove_file(&clinic.key).unwrap();
    clinic.refuses(78, &["ledger"], &["cannot be read"]);
    let (code, out, err) = clinic.ground.run(&["check"]);
    assert!(code == 78 && (out + &err).contains("database.key_credential"));

    clinic.write_key(&[key.trim()]);
    assert_eq!(clinic.patients(), PATIENTS);
    clinic.ground.set("key_credential = ", "# key_credential = ");
    clinic.refuses(78, &["ledger"], &["is encrypted, and no key is named", "key_credential"]);
    clinic.refuses(78, &["serve"], &["is encrypted, and no key is named"]);
}

#[test]
fn a_new_key_takes_over_and_the_old_one_opens_the_backups_of_its_days() {
    let clinic = Clinic::encrypted();
    let old = std::fs::read_to_string(&clinic.key).unwrap().trim().to_owned();
    let copy = clinic.ground.dir.path().join("old.backup");
    clinic.does(&["backup", copy.to_str().unwrap()]);
    clinic.refuses(65, &["database", "rekey"], &["with the first key already"]);
    let new = clinic.new_key();
    clinic.write_key(&[&new, &old]);
    assert_eq!(clinic.patients(), PATIENTS, "between the two everything works");
    clinic.refuses(65, &["database", "encrypt"], &["database rekey"]);
    assert_eq!(clinic.json(&["database", "rekey"])["done"], "rekeyed");
    clinic.write_key(&[&new]);
    assert_eq!(clinic.patients(), PATIENTS);
    clinic.refuses(65, &["restore", copy.to_str().unwrap()], &["no key of this clinic opens"]);
    clinic.write_key(&[&new, &old]);
    clinic.does(&["restore", copy.to_str().unwrap()]);
    assert_eq!(clinic.json(&["key", "show"])["state"], "in use");
    // What was restored is written with the key in force.
    clinic.write_key(&[&new]);
    assert_eq!(clinic.patients(), PATIENTS);

    assert_eq!(clinic.json(&["database", "decrypt"])["done"], "decrypted");
    clinic.refuses(78, &["ledger"], &["is not encrypted, although a key is named"]);
    clinic.ground.set("key_credential = ", "# key_credential = ");
    assert_eq!(clinic.patients(), PATIENTS);
    assert!(clinic.told().contains(&"aftercare.db".to_owned()), "it is plain SQLite again");
    assert_eq!(clinic.link_key().len(), 32, "and so is the key beside it");
}

#[test]
fn killed_in_the_middle_of_encrypting_it_is_the_one_or_the_other() {
    let clinic = Clinic::new();
    clinic.name_key();
    let (mut plain, mut encrypted, mut told) = (0, 0, 0);
    for round in 0..16 {
        let verb = if round % 2 == 0 { "encrypt" } else { "decrypt" };
        let mut child = clinic
            .ground
            .command(&["database", verb])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(10 + 12 * round));
        drop(child.kill());
        child.wait().unwrap();
        match clinic.json(&["database", "show"])["encrypted"].as_bool() {
            Some(true) => encrypted += 1,
            _ => {
                plain += 1;
                clinic.does(&["database", "encrypt"]);
            }
        }
        assert_eq!(clinic.patients(), PATIENTS);
        // What it left is told, and a start clears it away.
        let left = clinic.ground.dir.path().join("aftercare.db.rewriting");
        let is_plain = clinic.link_key().len() == 32;
        let (code, out, err) = clinic.ground.run(&["doctor"]);
        assert_eq!(code, i32::from(left.exists() || is_plain), "{out}{err}");
        if code == 1 {
            told += 1;
            assert!(out.contains("encryption: ") && out.contains("next start"), "{out}");
            clinic.refuses(78, &["check"], &["aftercare.db"]);
            let daemon = Daemon(clinic.ground.start(&["serve"]));
            let address = clinic.ground.console();
            until("it is up", Duration::from_secs(20), || std::net::TcpStream::connect(&address).is_ok());
            drop(daemon);
            assert!(!left.exists() && clinic.link_key().len() > 32);
        }
        assert_eq!(clinic.json(&["doctor"])["ok"], true);
        if round % 2 == 1 {
            clinic.does(&["database", "decrypt"]);
        }
    }
    println!("killed: {plain} times plain, {encrypted} times encrypted; {told} times something was left");
}

#[test]
fn an_encrypted_copy_restored_over_a_plain_database_seals_the_key_that_stays() {
    let clinic = Clinic::new();
    clinic.does(&["drain"]);
    let plain_key = clinic.link_key();
    assert_eq!(plain_key.len(), 32);
    clinic.name_key();
    clinic.does(&["database", "encrypt"]);
    let copy = clinic.ground.dir.path().join("encrypted.backup");
    clinic.does(&["backup", copy.to_str().unwrap()]);
    // Without a key of its own beside it, and with the same one: either way the one in place stays.
    for has_key in [true, false] {
        std::fs::write(clinic.ground.dir.path().join("aftercare.db.key"), &plain_key).unwrap();
        let told = clinic.ground.run(&["doctor"]);
        assert!(told.0 == 1 && told.1.contains("lies in plain beside an encrypted database"), "{told:?}");
        if !has_key {
            std::fs::remove_file(clinic.ground.dir.path().join("encrypted.backup.key")).unwrap();
        }
        clinic.does(&["restore", copy.to_str().unwrap()]);
        assert!(clinic.link_key().len() > 32, "it is sealed");
        assert_eq!(clinic.json(&["key", "show"])["state"], "in use");
    }
}

/// Needs root, as systemd opens what is sealed for nobody else.
#[test]
fn a_key_that_systemd_sealed_to_this_machine_opens_it_and_one_of_another_name_does_not() {
    let clinic = Clinic::new();
    let credentials = clinic.ground.dir.path().join("credentials");
    std::fs::create_dir(&credentials).unwrap();
    let sealed = credentials.join("database-key.cred");
    let seals = |name: &str| {
        let made = std::process::Command::new("systemd-creds")
            .args(["encrypt", "--with-key=host", &format!("--name={name}")])
            .args([&clinic.key, &sealed])
            .output()
            .unwrap();
        assert!(made.status.success(), "as root, please: {}", String::from_utf8_lossy(&made.stderr));
    };
    seals("database-key");
    clinic.ground.set("[database]", "[database]\nkey_credential = \"database-key\"");
    clinic.does(&["database", "encrypt"]);
    std::fs::remove_file(&clinic.key).unwrap();
    assert_eq!(clinic.patients(), PATIENTS);
    std::fs::write(&clinic.key, "a".repeat(64)).unwrap();
    std::fs::remove_file(&sealed).unwrap();
    seals("another-name");
    clinic.refuses(78, &["ledger"], &["cannot be opened", "systemd-creds encrypt"]);
}
