//! Replies from a mailbox that a real Dovecot keeps: an instance of the test's own, on a free loopback port, with TLS under a
//! certificate of our own. Messages are laid into its maildir; what became of them there is read back.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aftercare::care::task::TaskKind;
use nix::unistd::{Uid, User, chown, geteuid};
use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::daemon::signal;
use crate::sandbox::{Ground, free_port, references, until};
use crate::sink::Sink;

const DOVECOT: &str = "/usr/sbin/dovecot";
const WITHIN: Duration = Duration::from_secs(20);

struct Dovecot {
    dir: tempfile::TempDir,
    port: u16,
    master: Child,
}

impl Dovecot {
    /// Starts it; `more` is added to its settings.
    fn start(more: &str) -> Self {
        assert!(
            Path::new(DOVECOT).exists(),
            "Dovecot is missing: run `./test tools` as root, or `apt-get install dovecot-imapd`"
        );
        assert!(geteuid().is_root(), "Dovecot changes users: run the tests as root, e.g. in a container");
        let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
        open_to(dir.path(), 0o755);
        for part in
            ["run", "state", "users/care/Maildir/new", "users/care/Maildir/cur", "users/care/Maildir/tmp"]
        {
            std::fs::create_dir_all(dir.path().join(part)).unwrap();
        }
        for part in [
            "users/care",
            "users/care/Maildir",
            "users/care/Maildir/new",
            "users/care/Maildir/cur",
            "users/care/Maildir/tmp",
        ] {
            chown(&dir.path().join(part), Some(owner()), None).unwrap();
        }
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(dir.path().join("ca.pem"), cert.pem()).unwrap();
        std::fs::write(dir.path().join("key.pem"), signing_key.serialize_pem()).unwrap();
        std::fs::write(dir.path().join("dovecot.conf"), settings(dir.path(), port, more)).unwrap();
        let master = run(dir.path());
        let dovecot = Self { dir, port, master };
        dovecot.listens();
        dovecot
    }

    fn listens(&self) {
        let log = || std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
        until(&format!("Dovecot listens: {}", log()), WITHIN, || {
            std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok()
        });
    }

    fn stop(&mut self) {
        signal(self.master.id(), "-TERM");
        drop(self.master.wait());
    }

    fn go_on(&mut self) {
        self.master = run(self.dir.path());
        self.listens();
    }

    fn maildir(&self) -> PathBuf {
        self.dir.path().join("users/care/Maildir")
    }

    /// Lays a message of a patient into the mailbox, as a delivery does it.
    fn deliver(&self, number: usize) {
        let text = format!(
            "From: R <r-0001@patients.example>\r\nTo: care@riverside.example\r\nSubject: Re: your letter\r\n\
             Message-ID: <hers.{number}@patients.example>\r\n\r\nWords of hers, {number}.\r\n"
        );
        let name = format!("{}.M{number}.test", 1_700_000_000 + number);
        let (draft, place) = (self.maildir().join("tmp").join(&name), self.maildir().join("new").join(&name));
        std::fs::write(&draft, text).unwrap();
        chown(&draft, Some(owner()), None).unwrap();
        std::fs::rename(draft, place).unwrap();
    }

    /// The flags of every message, as its file's name tells them; new ones have none.
    fn flags(&self) -> Vec<String> {
        let lists = ["new", "cur"].map(|part| std::fs::read_dir(self.maildir().join(part)).unwrap());
        let names =
            lists.into_iter().flatten().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .map(|name| name.split_once(":2,").map_or(String::new(), |(_, flags)| flags.to_owned()))
            .collect()
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(dir: &Path) -> Child {
    let mut command = Command::new(DOVECOT);
    command.args(["-F", "-c"]).arg(dir.join("dovecot.conf"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn owner() -> Uid {
    User::from_name("mail").unwrap().expect("Debian has a user mail").uid
}

fn open_to(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn settings(dir: &Path, port: u16, more: &str) -> String {
    let (at, uid) = (dir.display(), owner());
    format!(
        "base_dir = {at}/run\nstate_dir = {at}/state\nlog_path = {at}/log\nprotocols = imap\nlisten = 127.0.0.1\n\
         ssl = required\nssl_cert = <{at}/ca.pem\nssl_key = <{at}/key.pem\nmail_location = maildir:~/Maildir\n\
         first_valid_uid = 1\nfirst_valid_gid = 0\n\
         passdb {{\n driver = static\n args = password=right\n}}\n\
         userdb {{\n driver = static\n args = uid={uid} gid={uid} home={at}/users/%u\n}}\n\
         service imap-login {{\n inet_listener imap {{\n port = 0\n }}\n inet_listener imaps {{\n port = {port}\n ssl = yes\n }}\n}}\n{more}"
    )
}

/// A clinic that reads that mailbox.
fn clinic(dovecot: &Dovecot, sink: &Sink) -> Ground {
    let sandbox = Ground::new(sink.port);
    let password = sandbox.dir.path().join("imap-password");
    std::fs::write(&password, "right\n").unwrap();
    let imap = format!(
        "[mail.imap]\nhost = \"localhost\"\nport = {}\nusername = \"care\"\npassword_credential = \"{}\"\nca_file = \"{}\"\n",
        dovecot.port,
        password.display(),
        dovecot.dir.path().join("ca.pem").display()
    );
    sandbox.set("\n[sending]\n", &format!("\n{imap}\n[sending]\n"));
    sandbox
}

/// How many messages were kept, and how many tasks ask a person to read one.
pub(crate) fn taken(sandbox: &Ground) -> [u32; 2] {
    let store = sandbox.store();
    let tasks = store.read(|view| view.tasks_all()).unwrap();
    let kept = rusqlite::Connection::open(sandbox.database()).unwrap();
    let kept = kept.query_row("SELECT count(*) FROM inbound", [], |row| row.get::<_, u32>(0)).unwrap();
    let asked = tasks.iter().filter(|task| task.kind == TaskKind::SheWrote).count();
    [kept, u32::try_from(asked).unwrap()]
}

pub(crate) fn serve(sandbox: &Ground) -> Served {
    Served(sandbox.start(&["serve"]))
}

pub(crate) struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        signal(self.0.id(), "-TERM");
        drop(self.0.wait());
    }
}

#[test]
fn what_arrives_by_imap_is_taken_in_once_over_restarts_and_new_numbers_and_nothing_there_is_changed() {
    let mut dovecot = Dovecot::start("");
    let sandbox = clinic(&dovecot, &Sink::open(|_, _| ()));
    let (code, _, said) = sandbox.run(&["check", "--online"]);
    assert_eq!(code, 0, "{said}");
    sandbox.admit(&references(1), None);
    let reaches = |count: u32, when: &str| {
        let what = format!("{count} messages {when}: {}", sandbox.log());
        until(&what, WITHIN, || taken(&sandbox) == [count, count]);
    };
    dovecot.deliver(1);
    let daemon = serve(&sandbox);
    reaches(1, "that lay there");
    dovecot.deliver(2);
    reaches(2, "told by IDLE");

    // The server goes away in the middle; what arrives meanwhile is read when it is back.
    dovecot.stop();
    dovecot.deliver(3);
    dovecot.go_on();
    reaches(3, "after the server was away");

    // The daemon goes away, and the mailbox numbers its messages anew.
    drop(daemon);
    dovecot.stop();
    let numbers = std::fs::read_dir(dovecot.maildir()).unwrap().map(|entry| entry.unwrap().path());
    let numbers = numbers.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("dovecot"));
    numbers.for_each(|path| std::fs::remove_file(path).unwrap());
    dovecot.deliver(4);
    dovecot.go_on();
    let daemon = serve(&sandbox);
    reaches(4, "under new numbers");
    dovecot.deliver(5);
    reaches(5, "told by IDLE again");
    drop(daemon);
    assert_eq!(dovecot.flags(), vec![String::new(); 5], "nothing is marked, moved or deleted");
    assert!(sandbox.log().matches("numbers its messages anew").count() == 2, "{}", sandbox.log());
    let (_, out, _) = sandbox.run(&["doctor"]);
    assert!(out.contains("mailbox:  read to the end at "), "{out}");
    assert!(!sandbox.log().contains("r-0001@") && !sandbox.log().contains("Words of hers"));
}

#[test]
fn a_server_without_idle_is_asked_and_a_mailbox_that_does_not_let_us_in_is_a_task() {
    let dovecot = Dovecot::start("imap_capability = IMAP4rev1\n");
    let sandbox = clinic(&dovecot, &Sink::open(|_, _| ()));
    sandbox.admit(&references(1), None);
    dovecot.deliver(1);
    let password = sandbox.dir.path().join("imap-password");
    std::fs::write(&password, "wrong\n").unwrap();
    let (code, _, said) = sandbox.run(&["check", "--online"]);
    assert!(code == 78 && said.contains("mail.imap.username") && said.contains("sign-in refused"), "{said}");
    assert!(!said.contains("wrong"), "{said}");
    let asked = |sandbox: &Ground| {
        let tasks = sandbox.store().read(|view| view.tasks_open()).unwrap();
        tasks.into_iter().filter(|task| task.kind == TaskKind::MailboxUnread).count()
    };
    let daemon = serve(&sandbox);
    until("a task", WITHIN, || asked(&sandbox) == 1);
    assert_eq!(taken(&sandbox), [0, 0]);
    // Mended, and told so: nobody waits for the next try.
    std::fs::write(&password, "right\n").unwrap();
    let (code, _, said) = sandbox.run(&["reload"]);
    assert_eq!(code, 0, "{said}");
    until("the message", WITHIN, || taken(&sandbox) == [1, 1] && asked(&sandbox) == 0);
    assert!(
        sandbox.log().contains("idle=false") || sandbox.log().contains("\"idle\":false"),
        "{}",
        sandbox.log()
    );
    drop(daemon);
}
