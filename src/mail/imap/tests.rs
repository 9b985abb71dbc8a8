//! Signing in at a small IMAP server in this process; everything else is tried at a real one (tests/binary/imap.rs).

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::config::sections::account::imap::Imap;
use crate::config::sections::smtp::{Auth, Tls};
use crate::mail::imap::fault::ImapFault;
use crate::mail::imap::mailbox::{ImapSettings, OpenMailbox};
use crate::mail::password::PasswordFault;
use crate::mail::test_issuer::tokens_or;

/// A server that takes this token alone; with `validity` in front of the answer to EXAMINE.
async fn server(good: &'static str, validity: &'static str) -> u16 {
    telling(good, validity, Beside::default()).await
}

/// What a server tells beside its answers.
#[derive(Clone, Copy, Default)]
struct Beside {
    /// While it searches.
    search: &'static str,
    /// Between IDLE and its going-on.
    idle: &'static str,
}

async fn telling(good: &'static str, validity: &'static str, beside: Beside) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut stream = BufReader::new(listener.accept().await.unwrap().0);
        stream.get_mut().write_all(b"* OK ready\r\n").await.unwrap();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            let (tag, command) = line.trim_end().split_once(' ').unwrap();
            let (tag, command) = (tag.to_owned(), command.to_owned());
            let said = match command.split(' ').next().unwrap() {
                "AUTHENTICATE" => {
                    stream.get_mut().write_all(b"+ \r\n").await.unwrap();
                    let mut coded = String::new();
                    stream.read_line(&mut coded).await.unwrap();
                    let bearer = data_encoding::BASE64.decode(coded.trim_end().as_bytes()).unwrap();
                    let bearer = String::from_utf8(bearer).unwrap();
                    if bearer == format!("user=care\u{1}auth=Bearer {good}\u{1}\u{1}") {
                        format!("{tag} OK in\r\n")
                    } else {
                        stream.get_mut().write_all(b"+ eyJzdGF0dXMiOiI0MDAifQ==\r\n").await.unwrap();
                        stream.read_line(&mut coded).await.unwrap();
                        format!("{tag} NO expired, care@riverside.example\r\n")
                    }
                }
                "IDLE" => {
                    stream
                        .get_mut()
                        .write_all(format!("{}+ idling\r\n", beside.idle).as_bytes())
                        .await
                        .unwrap();
                    stream.read_line(&mut line).await.unwrap();
                    format!("{tag} OK\r\n")
                }
                "UID" => format!("* SEARCH 2\r\n{}{tag} OK done\r\n", beside.search),
                "CAPABILITY" => format!("* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK\r\n"),
                _ => format!("{validity}{tag} OK done\r\n"),
            };
            stream.get_mut().write_all(said.as_bytes()).await.unwrap();
        }
    });
    port
}

const NUMBERED: &str = "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 3] x\r\n";

async fn open(port: u16, fault: Option<PasswordFault>) -> Result<OpenMailbox, ImapFault> {
    let mailbox = Imap {
        host: "127.0.0.1".to_owned(),
        port,
        tls: Tls::None,
        username: "care".to_owned(),
        auth: Auth::XOAuth2,
        password_credential: None,
        ca_file: None,
        folder: "INBOX".to_owned(),
    };
    OpenMailbox::open(&ImapSettings { mailbox, password: tokens_or(fault) }).await
}

#[tokio::test]
async fn a_token_that_is_taken_no_more_is_replaced_once() {
    let mailbox = open(server("t1", NUMBERED).await, None).await.unwrap();
    assert_eq!((mailbox.validity, mailbox.last, mailbox.tells), (7, 2, true));
    let fault = open(server("another", NUMBERED).await, None).await.unwrap_err();
    assert!(matches!(&fault, ImapFault::SignIn(_)) && fault.needs_a_person(), "{fault}");
    assert!(!fault.to_string().contains("care@"), "{fault}");
}

/// Searches, then waits; whether the wait ended by itself.
async fn waits_for_nothing(beside: Beside) -> bool {
    let mut mailbox = open(telling("t1", NUMBERED, beside).await, None).await.unwrap();
    assert_eq!(mailbox.newer_than(0).await.unwrap(), [2]);
    let hour = std::time::Duration::from_secs(3600);
    tokio::time::timeout(std::time::Duration::from_millis(500), mailbox.wait(hour)).await.is_ok()
}

#[tokio::test]
async fn a_message_told_of_while_another_command_ran_is_looked_for_at_once() {
    for (search, idle) in
        [("* 3 EXISTS\r\n", ""), ("", "* 3 EXISTS\r\n"), ("* 3 EXISTS\r\n* 1 FETCH (FLAGS ())\r\n", "")]
    {
        assert!(waits_for_nothing(Beside { search, idle }).await, "{search}{idle}");
    }
    // Whoever repeats the number, or tells of one that went, has no news.
    for search in ["* 2 EXISTS\r\n", "* 1 EXPUNGE\r\n* 1 EXISTS\r\n", ""] {
        assert!(!waits_for_nothing(Beside { search, idle: "" }).await, "{search}");
    }
}

#[tokio::test]
async fn what_waiting_mends_is_no_task_at_once_and_what_it_does_not_is() {
    let away = PasswordFault::IssuerAway("no answer".to_owned());
    assert!(!open(server("t0", NUMBERED).await, Some(away)).await.unwrap_err().needs_a_person());
    let refuses = PasswordFault::IssuerRefuses("invalid_client".to_owned());
    assert!(open(server("t0", NUMBERED).await, Some(refuses)).await.unwrap_err().needs_a_person());
    let fault = open(server("t0", "* 2 EXISTS\r\n").await, None).await.unwrap_err();
    assert!(matches!(fault, ImapFault::Folder(_)) && fault.needs_a_person(), "{fault}");
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let fault = open(nobody, None).await.unwrap_err();
    assert!(!fault.needs_a_person() && !fault.to_string().contains("mail.smtp"), "{fault}");
}
