//! The same journey through a real Postfix: an instance of the test's own, on a free loopback port, with STARTTLS under a
//! certificate of our own and maildirs under the test's directory; the delivered mail is read back.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aftercare::care::inbound::{Content, Inbound, NoticeOutcome};
use aftercare::care::patient::{PatientStatus, Reference};
use aftercare::care::task::TaskKind;
use aftercare::journey::plan::booking_request::AppointmentSlot;
use aftercare::mail::inbound::read;
use aftercare::store::work::worklist::LedgerFilter;
use jiff::ToSpan;
use mail_parser::{MessageParser, MimeHeaders};
use nix::unistd::{Gid, Group, Uid, User, chown, geteuid};
use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::sandbox::{Ground, address, balance, free_port, until};
use crate::sink::Sink;

const MASTER: &str = "/usr/lib/postfix/sbin/master";

/// Every service that one delivery needs, and no other.
const SERVICES: &str = "\
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
virtual unix - n n - - virtual
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

struct Postfix {
    dir: tempfile::TempDir,
    port: u16,
    master: Child,
}

impl Postfix {
    /// Starts it; mail to `relayed` domains goes on to that port.
    fn start(relay: u16) -> Self {
        assert!(
            Path::new(MASTER).exists(),
            "Postfix is missing: run `./test tools` as root, or `apt-get install postfix`"
        );
        assert!(geteuid().is_root(), "Postfix changes users: run the tests as root, e.g. in a container");
        let dir = tempfile::tempdir().unwrap();
        let port = free_port();
        let owner = User::from_name("postfix").unwrap().expect("the package makes the user postfix");
        let group = Group::from_name("postdrop").unwrap().expect("the package makes the group postdrop");
        lay_out(dir.path(), (owner.uid, owner.gid, group.gid));
        certify(dir.path());
        std::fs::write(dir.path().join("main.cf"), settings(dir.path(), relay)).unwrap();
        std::fs::write(
            dir.path().join("master.cf"),
            format!("127.0.0.1:{port} inet n - n - - smtpd\n{SERVICES}"),
        )
        .unwrap();
        let known = ["p-0001", "p-0002"].map(|n| format!("{n}@patients.example {n}/\n")).concat();
        std::fs::write(dir.path().join("mailboxes"), format!("{known}@riverside.example desk/\n")).unwrap();
        let master = Command::new(MASTER)
            .arg("-c")
            .arg(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let postfix = Self { dir, port, master };
        until("Postfix listens", Duration::from_secs(20), || {
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        postfix
    }

    fn authority(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// Everything delivered to a mailbox.
    fn mailbox(&self, name: &str) -> Vec<Vec<u8>> {
        let entries = std::fs::read_dir(self.dir.path().join("mail").join(name).join("new"));
        entries.into_iter().flatten().flatten().map(|e| std::fs::read(e.path()).unwrap()).collect()
    }

    /// Waits for the first mail.
    fn arrived(&self, name: &str) -> Vec<u8> {
        until(&format!("mail for {name}; {}", self.log()), Duration::from_secs(20), || {
            !self.mailbox(name).is_empty()
        });
        self.mailbox(name).remove(0)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("maillog")).unwrap_or_default()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        // TERM lets it take its own children along.
        crate::daemon::signal(self.master.id(), "-TERM");
        drop(self.master.wait());
    }
}

fn open_to(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn lay_out(dir: &Path, (owner, group, drop): (Uid, Gid, Gid)) {
    open_to(dir, 0o755);
    let own = |path: PathBuf, mode: u32, group: Gid| {
        std::fs::create_dir_all(&path).unwrap();
        chown(&path, Some(owner), Some(group)).unwrap();
        open_to(&path, mode);
    };
    std::fs::create_dir_all(dir.join("queue/pid")).unwrap();
    for name in [
        "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved",
        "trace",
    ] {
        own(dir.join("queue").join(name), 0o700, group);
    }
    own(dir.join("queue/public"), 0o710, drop);
    own(dir.join("queue/maildrop"), 0o730, drop);
    own(dir.join("data"), 0o700, group);
    own(dir.join("mail"), 0o755, group);
}

fn certify(dir: &Path) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(dir.join("ca.pem"), cert.pem()).unwrap();
    std::fs::write(dir.join("key.pem"), signing_key.serialize_pem()).unwrap();
    open_to(&dir.join("key.pem"), 0o600);
}

fn settings(dir: &Path, relay: u16) -> String {
    let owner = User::from_name("postfix").unwrap().unwrap();
    let (uid, gid) = (owner.uid, owner.gid);
    let at = dir.display();
    format!(
        "compatibility_level = 3.6\nqueue_directory = {at}/queue\ndata_directory = {at}/data\n\
         maillog_file = {at}/maillog\nmaillog_file_prefixes = {at}\nmyhostname = mx.riverside.example\n\
         mydestination =\nmynetworks = 127.0.0.0/8\nalias_maps =\nalias_database =\nlocal_recipient_maps =\n\
         inet_interfaces = loopback-only\ninet_protocols = ipv4\nsmtputf8_enable = no\n\
         daemon_directory = /usr/lib/postfix/sbin\ncommand_directory = /usr/sbin\nlocal_transport = error:none here\n\
         virtual_mailbox_domains = patients.example, riverside.example\nvirtual_mailbox_base = {at}/mail\n\
         virtual_mailbox_maps = texthash:{at}/mailboxes\nvirtual_minimum_uid = 1\n\
         virtual_uid_maps = static:{uid}\nvirtual_gid_maps = static:{gid}\n\
         relay_domains = elsewhere.example\nrelay_transport = smtp:[127.0.0.1]:{relay}\nrelay_recipient_maps =\n\
         smtpd_relay_restrictions = reject_unauth_destination\nsmtpd_peername_lookup = no\n\
         smtpd_tls_cert_file = {at}/ca.pem\nsmtpd_tls_key_file = {at}/key.pem\nsmtpd_tls_security_level = encrypt\n\
         smtp_tls_security_level = none\nsmtpd_tls_received_header = yes\nsmtpd_client_connection_rate_limit = 0\n"
    )
}

/// A clinic that writes through it. The first patient has a visit booked for tomorrow.
fn clinic(postfix: &Postfix) -> Ground {
    let sandbox = Ground::new(postfix.port);
    sandbox.set("host = \"127.0.0.1\"", "host = \"localhost\"");
    sandbox.set("tls = \"none\"", "tls = \"starttls\"");
    sandbox.set(
        "# ca_file = \"/etc/aftercare/mail-ca.pem\"",
        &format!("ca_file = \"{}\"", postfix.authority().display()),
    );
    // Letters leave only under the clinic's own numbers.
    sandbox.set("phone_office = \"+1 555 0100\"", "phone_office = \"+1 555 0142\"");
    sandbox.set("phone_24h = \"+1 555 0199\"", "phone_24h = \"+1 555 0143\"");
    sandbox
}

fn tomorrow(sandbox: &Ground) -> AppointmentSlot {
    AppointmentSlot {
        on: sandbox.today().saturating_add(1.day()),
        at: jiff::civil::time(10, 30, 0, 0),
        place: "Room 4".to_owned(),
    }
}

#[test]
fn a_letter_goes_through_a_real_postfix_and_reads_as_it_was_meant() {
    let postfix = Postfix::start(free_port());
    let sandbox = clinic(&postfix);
    let (code, _, said) = sandbox.run(&["check", "--online"]);
    assert_eq!(code, 0, "{said}");
    sandbox.admit(&["P-0001".to_owned()], Some(&tomorrow(&sandbox)));
    sandbox.drain();
    assert_eq!(balance(&sandbox.store()), [("sent", 1)], "{}", postfix.log());
    let raw = postfix.arrived("p-0001");
    let mail = MessageParser::default().parse(&raw).unwrap();

    let line = sandbox.store().read(|v| v.ledger(&LedgerFilter::default())).unwrap();
    let letter = line.into_iter().find(|l| l.reference.is_some()).unwrap().delivery;
    assert_eq!(mail.message_id(), letter.message_id.as_deref());
    assert_eq!(letter.reply_code, Some(250));
    assert!(letter.reply_text.unwrap_or_default().contains("queued as"));
    let header = |name: &str| mail.header_raw(name).unwrap_or_default().trim().to_owned();
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert_eq!(header("X-Auto-Response-Suppress"), "All");
    assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert!(header("List-Unsubscribe").starts_with("<https://care.riverside.example/o/"));
    assert_eq!(header("Content-Language"), "es");
    assert!(header("Return-Path").contains("care+"), "{}", header("Return-Path"));
    assert!(header("Received").contains("TLS"), "{}", header("Received"));
    assert_eq!(mail.to().unwrap().first().unwrap().address(), Some(address("P-0001").as_str()));
    let subject = mail.subject().unwrap();
    assert!(subject.contains("Riverside Clinic"), "{subject}");

    let (text, html) = (mail.body_text(0).unwrap(), mail.body_html(0).unwrap());
    for words in [text.as_ref(), html.as_ref()] {
        assert!(words.contains("+1 555 0143") && words.contains("Ana"), "{words}");
    }
    assert!(!html.contains("src=\"http"), "nothing is loaded from afar");
    let calendar =
        mail.parts.iter().find(|p| p.content_type().is_some_and(|t| t.subtype() == Some("calendar")));
    let calendar = calendar.expect("a booked visit brings its calendar part").text_contents().unwrap();
    assert!(calendar.contains("BEGIN:VEVENT") && calendar.contains("UID:"), "{calendar}");
}

#[test]
fn an_address_that_postfix_does_not_know_is_bad_and_a_task_the_same_day() {
    let postfix = Postfix::start(free_port());
    let sandbox = clinic(&postfix);
    sandbox.admit(&["P-0002".to_owned(), "P-0404".to_owned()], None);
    sandbox.drain();
    let store = sandbox.store();
    assert_eq!(balance(&store), [("failed", 1), ("sent", 1)], "{}", postfix.log());
    let gone = store.read(|v| v.patient_by_reference(&Reference::parse("P-0404").unwrap())).unwrap();
    assert_eq!(gone.status, PatientStatus::AddressBad);
    let tasks = store.read(|v| v.tasks_open()).unwrap();
    assert!(tasks.iter().any(|t| t.kind == TaskKind::AddressBad));
    let failed = LedgerFilter { state: Some("failed".to_owned()), ..LedgerFilter::default() };
    let letter = store.read(|v| v.ledger(&failed)).unwrap().remove(0).delivery;
    assert_eq!(letter.reply_code, Some(550));
    let words = letter.reply_text.unwrap();
    assert!(!words.contains("p-0404@"), "P10: {words}");
    assert_eq!(store.read(|v| v.findings()).unwrap(), []);
    postfix.arrived("p-0002");
}

#[test]
fn a_notice_from_postfix_that_it_could_not_deliver_is_understood() {
    let next = Sink::refusing();
    let postfix = Postfix::start(next.port);
    let sandbox = clinic(&postfix);
    sandbox.admit_at(&["P-0003".to_owned()], "elsewhere.example");
    sandbox.drain();
    let store = sandbox.store();
    assert_eq!(balance(&store), [("sent", 1)], "{}", postfix.log());
    // Letters to staff arrive there too.
    let is_report = |mail: &Inbound| matches!(mail.content, Content::Report(_));
    let notices = || {
        let mails = postfix.mailbox("desk");
        mails.iter().flat_map(|raw| read::read(raw)).filter(is_report).collect::<Vec<_>>()
    };
    until("Postfix gives the letter back", Duration::from_secs(20), || !notices().is_empty());
    let notice = notices().remove(0);
    let Content::Report(report) = &notice.content else { panic!("{notice:?}") };
    assert_eq!((report.fate, report.status.as_deref()), (NoticeOutcome::Failed, Some("5.1.1")), "{notice:?}");
    let line = store.read(|v| v.ledger(&LedgerFilter::default())).unwrap();
    let letter = line.into_iter().find(|l| l.reference.is_some()).unwrap().delivery;
    let id = letter.message_id.unwrap();
    assert!(notice.names.message_ids.iter().any(|left| id.starts_with(left.as_str())), "{notice:?}");
    assert!(!notice.names.tags.is_empty(), "{notice:?}");
    assert!(!format!("{notice:?}").contains("elsewhere.example"), "P10: {notice:?}");
}

#[test]
fn a_certificate_nobody_vouches_for_keeps_every_letter_at_home() {
    let postfix = Postfix::start(free_port());
    let sandbox = clinic(&postfix);
    sandbox.set("\nca_file = ", "\n# ca_file = ");
    let (code, _, said) = sandbox.run(&["check", "--online"]);
    assert_eq!(code, 78, "{said}");
    assert!(said.contains("the certificate of localhost is not trusted"), "{said}");
    assert!(said.contains("mail.smtp.ca_file"), "{said}");
    sandbox.admit(&["P-0001".to_owned(), "P-0002".to_owned()], None);
    sandbox.drain();
    assert_eq!(balance(&sandbox.store()), [("pending", 2)]);
    assert!(postfix.mailbox("p-0001").is_empty());
}
