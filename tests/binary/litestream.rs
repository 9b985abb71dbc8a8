//! Litestream beside the daemon, as the manual configures it: the machine's disk dies, an instant of before is restored, and
//! the sent journal on another disk tells what happened since.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aftercare::clock::SystemClock;
use aftercare::ports::Clock;
use aftercare::store::db::copy;
use jiff::{RoundMode, TimestampRound, Unit};
use serde_json::Value;

use crate::sandbox::{Ground, references, until};
use crate::sink::{Sink, header};

const WITHIN: Duration = Duration::from_secs(20);

/// A program that is killed when its test is done with it, however that ends.
struct Running(Child);

impl Running {
    fn stop(mut self) {
        crate::daemon::signal(self.0.id(), "-TERM");
        drop(self.0.wait());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The program, in the configuration that docs/operating.md shows.
struct Litestream {
    program: PathBuf,
    config: PathBuf,
    database: PathBuf,
}

impl Litestream {
    fn of(ground: &Ground) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let program = root.join("target/litestream/bin/litestream");
        assert!(program.exists(), "Litestream is missing: run `./test tools`");
        let manual = std::fs::read_to_string(root.join("docs/operating.md")).unwrap();
        let block =
            manual.split("```yaml\n# recipe: litestream\n").nth(1).expect("the manual has the recipe");
        let (database, replica) = (ground.database(), ground.dir.path().join("elsewhere"));
        let text = block.split("```").next().unwrap();
        for place in ["/var/lib/aftercare/aftercare.db", "/mnt/elsewhere/aftercare-litestream"] {
            assert!(text.contains(place), "{text}");
        }
        let text = text
            .replace("/var/lib/aftercare/aftercare.db", database.to_str().unwrap())
            .replace("/mnt/elsewhere/aftercare-litestream", replica.to_str().unwrap());
        let config = ground.dir.path().join("litestream.yml");
        std::fs::write(&config, text).unwrap();
        Self { program, config, database }
    }

    fn start(&self) -> Running {
        let log = std::fs::File::create(self.config.with_extension("log")).unwrap();
        let mut command = Command::new(&self.program);
        command.args(["replicate", "-config"]).arg(&self.config).stdin(Stdio::null());
        Running(command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap())
    }

    /// Restores the newest there is, or an instant, into a file of that name; whether it could.
    fn restore(&self, name: &str, at: Option<&str>) -> Option<PathBuf> {
        let place = self.config.with_file_name(name);
        copy::discard(&place);
        let mut command = Command::new(&self.program);
        command.args(["restore", "-config"]).arg(&self.config).arg("-o").arg(&place);
        command.args(at.iter().flat_map(|at| ["-timestamp", at])).arg(&self.database);
        let said = command.output().unwrap();
        said.status.success().then_some(place)
    }

    /// Waits until what was replicated holds as many rows as this asks for.
    fn has_got(&self, sql: &str, wanted: i64) {
        until(&format!("the replica has {wanted}: {sql}"), WITHIN, || {
            let count = |place: PathBuf| {
                let copy = rusqlite::Connection::open(place).ok()?;
                copy.query_row(sql, [], |row| row.get::<_, i64>(0)).ok()
            };
            self.restore("newest.db", None).and_then(count) == Some(wanted)
        });
    }
}

fn json(ground: &Ground, args: &[&str]) -> Value {
    let (code, out, err) = ground.run(&[args, &["--json"]].concat());
    assert_eq!(code, 0, "{args:?}: {err}");
    serde_json::from_str(&out).unwrap()
}

/// One click on "no more letters", as a mail program sends it.
fn opts_out(ground: &Ground, letter: &str) {
    let text = std::fs::read_to_string(ground.config()).unwrap();
    let at =
        text.lines().find_map(|line| line.strip_prefix("listen = ")).unwrap().trim_matches('"').to_owned();
    let link = header(letter, "List-Unsubscribe");
    let path = link.split("/o/").nth(1).unwrap().split(['>', ',']).next().unwrap().to_owned();
    let body = "List-Unsubscribe=One-Click";
    let mut stream = TcpStream::connect(at).unwrap();
    let head = format!("POST /o/{path} HTTP/1.1\r\nHost: care.example\r\nConnection: close\r\n");
    let kind = "Content-Type: application/x-www-form-urlencoded";
    write!(stream, "{head}{kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
}

/// Three who get their letter before the instant, two who get theirs after it.
#[test]
fn an_instant_of_before_is_restored_and_nobody_gets_a_letter_twice_or_from_beyond() {
    let sink = Sink::open(|_, _| ());
    let ground = Ground::new(sink.port);
    let journal = tempfile::tempdir().unwrap();
    let place = journal.path().join("aftercare.journal");
    ground.set("[database]\n", &format!("[database]\njournal = \"{}\"\n", place.display()));
    let all = references(5);
    ground.admit(&all[..3], None);
    let litestream = Litestream::of(&ground);
    let (replicating, daemon) = (litestream.start(), Running(ground.start(&["serve"])));
    until("the first letters leave", WITHIN, || sink.to_patients().len() == 3);
    json(&ground, &["stop", "leaflets", "--reason", "a wrong number in them"]);
    ground.admit(&all[3..], None);
    let waiting = "SELECT count(*) FROM patient WHERE reference IN ('R-0004', 'R-0005')";
    litestream.has_got(waiting, 2);
    let sent = "SELECT count(*) FROM delivery WHERE state = 'sent' AND patient_id IS NOT NULL";
    litestream.has_got(sent, 3);
    // Litestream counts an instant by whole seconds: the next one, and what happens after it.
    let whole = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Ceil);
    let instant = SystemClock.now().round(whole).unwrap();
    until("that second has come", WITHIN, || SystemClock.now() > instant);
    let instant = instant.to_string();

    json(&ground, &["start", "leaflets"]);
    until("the other letters leave", WITHIN, || sink.to_patients().len() == 5);
    let hers = sink.to_patients().into_iter().find(|letter| letter.to.starts_with("r-0002")).unwrap();
    opts_out(&ground, &hers.letter);
    json(&ground, &["patient", "set", "R-0003", "--status", "deceased", "--reason", "her family called"]);
    litestream.has_got(sent, 5);
    daemon.stop();
    replicating.stop();

    // The disk dies: the database is gone. Key and journal lie elsewhere, as the manual wants it.
    let back = litestream.restore("back.db", Some(&instant)).expect("the instant can be restored");
    let key = ground.dir.path().join("aftercare.db.key");
    std::fs::copy(&key, ground.dir.path().join("back.db.key")).unwrap();
    copy::discard(&ground.database());
    std::fs::remove_file(&key).unwrap();
    let restored = json(&ground, &["restore", back.to_str().unwrap()]);
    assert_eq!(restored["told_by"], "sent journal", "{restored}");
    assert_eq!(json(&ground, &["patient", "show", "R-0003"])["status"], "deceased");
    assert_eq!(json(&ground, &["patient", "show", "R-0002"])["status"], "opted_out_email");
    for letter in json(&ground, &["letters", "held"]).as_array().unwrap() {
        assert_eq!(letter["known"], "sent", "{letter}");
    }

    // Everything is let go, and nothing leaves.
    let tasks = json(&ground, &["tasks", "list"]);
    let hold = tasks.as_array().unwrap().iter().find(|task| task["kind"] == "hold").unwrap();
    json(&ground, &["tasks", "done", &hold["id"].to_string(), "--note", "compared"]);
    json(&ground, &["start", "leaflets"]);
    ground.drain();
    let mut told: Vec<String> = sink.to_patients().into_iter().map(|letter| letter.to).collect();
    told.sort();
    let once: Vec<String> = all.iter().map(|reference| crate::sandbox::address(reference)).collect();
    assert_eq!(told, once);

    // It begins anew with the database that is there now.
    let replica = ground.dir.path().join("elsewhere");
    std::fs::rename(&replica, replica.with_extension("before")).unwrap();
    std::fs::remove_dir_all(ground.dir.path().join(".aftercare.db-litestream")).unwrap();
    let _again = litestream.start();
    litestream.has_got("SELECT count(*) FROM audit_event WHERE action = 'database.restored'", 1);
}
