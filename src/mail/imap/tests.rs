//! Signing in at a small IMAP server in this process; everything else is tried at a real one (tests/binary/imap.rs).

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::config::sections::account::imap::Imap;
use crate::config::sections::smtp::{Auth, Tls};
use crate::mail::imap::fault::ImapFault;
use crate::mail::imap::mailbox::{ImapSettings, MessageOutcome, OpenMailbox};
use crate::mail::password::PasswordFault;
use crate::mail::test_issuer::tokens_or;

/// A server that takes this token alone; with `validity` in front of the answer to EXAMINE.
async fn server(good: &'static str, validity: &'static str) -> u16 {
    telling(good, validity, Beside::default()).await
}

/// What a server tells beside its answers, or in place of them.
#[derive(Clone, Copy, Default)]
struct Beside {
    /// While it searches.
    search: &'static str,
    /// Between IDLE and its going-on.
    idle: &'static str,
    /// To SEARCH, without its tag, in place of a list.
    no_search: &'static str,
    /// To FETCH, without its tag.
    fetch: &'static str,
    /// So many bytes of the answer to FETCH in a second, if it is slow.
    slow: Option<usize>,
    /// Tells of each piece that is searched by its first number.
    in_pieces: bool,
    /// So many bytes without an end, as an answer to FETCH.
    endless: usize,
}

async fn telling(good: &'static str, validity: &'static str, beside: Beside) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let stream = listener.accept().await.unwrap().0;
        // Else a small piece waits in real time for the one before it to be acknowledged.
        stream.set_nodelay(true).unwrap();
        let mut stream = BufReader::new(stream);
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
                "UID" if command.starts_with("UID FETCH") => fetched(&mut stream, &tag, beside).await,
                "UID" if !beside.no_search.is_empty() => format!("{tag} {}\r\n", beside.no_search),
                "UID" if beside.in_pieces => {
                    let from = command.split([' ', ':']).nth(2).unwrap();
                    format!("* SEARCH {from}\r\n{tag} OK done\r\n")
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

/// The answer to FETCH, or its end where it was written already.
async fn fetched(stream: &mut BufReader<tokio::net::TcpStream>, tag: &str, beside: Beside) -> String {
    if beside.endless > 0 {
        let head = format!("* 2 FETCH (UID 2 BODY[]<0> {{{}}}\r\n", beside.endless);
        stream.get_mut().write_all(head.as_bytes()).await.unwrap();
        let piece = vec![b'x'; 64 * 1024];
        // Whoever hangs up has heard enough.
        while stream.get_mut().write_all(&piece).await.is_ok() {}
        return String::new();
    }
    let said = format!("{}\r\n", beside.fetch.replace("TAG", tag));
    let Some(slow) = beside.slow else { return said };
    for piece in said.as_bytes().chunks(slow) {
        stream.get_mut().write_all(piece).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    String::new()
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
        assert!(waits_for_nothing(Beside { search, idle, ..Beside::default() }).await, "{search}{idle}");
    }
    // Whoever repeats the number, or tells of one that went, has no news.
    for search in ["* 2 EXISTS\r\n", "* 1 EXPUNGE\r\n* 1 EXISTS\r\n", ""] {
        assert!(!waits_for_nothing(Beside { search, ..Beside::default() }).await, "{search}");
    }
}

async fn told(beside: Beside) -> OpenMailbox {
    open(telling("t1", NUMBERED, beside).await, None).await.unwrap()
}

#[tokio::test]
async fn a_search_that_is_refused_is_no_empty_folder() {
    for no_search in ["NO [UNAVAILABLE] backend away", "BAD what"] {
        let mut mailbox = told(Beside { no_search, ..Beside::default() }).await;
        for fault in [mailbox.newer_than(0).await, mailbox.since(jiff::civil::date(2026, 3, 1)).await]
            .map(Result::unwrap_err)
        {
            assert!(matches!(&fault, ImapFault::Folder(_)) && fault.needs_a_person(), "{fault}");
        }
    }
}

#[tokio::test]
async fn a_message_that_is_refused_is_told_from_one_that_is_gone() {
    for (fetch, want) in [
        ("TAG NO backend away", MessageOutcome::Refused("backend away".to_owned())),
        ("TAG BAD sorry", MessageOutcome::Refused("sorry".to_owned())),
        ("TAG OK done", MessageOutcome::Gone),
        ("* 9 FETCH (UID 9 BODY[]<0> {2}\r\nno)\r\nTAG OK done", MessageOutcome::Gone),
        ("* 2 FETCH (UID 2 BODY[]<0> {5}\r\nhello)\r\nTAG OK done", MessageOutcome::Bytes(b"hello".to_vec())),
        (
            "* 2 FETCH (BODY[]<0> {2}\r\nhi UID 2)\r\nZ9 NO other\r\nTAG OK x",
            MessageOutcome::Bytes(b"hi".to_vec()),
        ),
    ] {
        let mut mailbox = told(Beside { fetch, ..Beside::default() }).await;
        assert_eq!(mailbox.message(2).await.unwrap(), want, "{fetch}");
    }
}

#[tokio::test]
async fn what_is_told_beside_a_message_is_looked_for_at_once() {
    let fetch = "* 3 EXISTS\r\n* 2 FETCH (UID 2 BODY[]<0> {2}\r\nhi)\r\nTAG OK done";
    let mut mailbox = told(Beside { fetch, ..Beside::default() }).await;
    mailbox.message(2).await.unwrap();
    let hour = std::time::Duration::from_secs(3600);
    assert!(tokio::time::timeout(std::time::Duration::from_millis(500), mailbox.wait(hour)).await.is_ok());
}

#[tokio::test]
async fn a_message_larger_than_was_asked_for_ends_the_line_before_it_fills_the_memory() {
    let mut mailbox = told(Beside { endless: 500 * 1024 * 1024, ..Beside::default() }).await;
    let fault = mailbox.message(2).await.unwrap_err();
    assert!(matches!(&fault, ImapFault::Lost(said) if said.contains("does not come to an end")), "{fault}");
}

#[tokio::test]
async fn lists_within_lists_end_the_line_and_not_the_program() {
    for head in [
        "* 1 FETCH (UID 1 BODYSTRUCTURE ",
        // What the library passes over as an attribute that it does not know, and others read as a literal.
        "* 1 FETCH (X ({99999999}\r\n) BODYSTRUCTURE ",
        "* OK x {9}\r\n012345678* 1 FETCH (BODYSTRUCTURE ",
    ] {
        for depth in [1_000, 2_000_000] {
            let fetch: &'static str = Box::leak(format!("{head}{}", "(".repeat(depth)).into_boxed_str());
            let mut mailbox = told(Beside { fetch, ..Beside::default() }).await;
            let fault = mailbox.message(2).await.unwrap_err();
            assert!(matches!(&fault, ImapFault::Lost(_)) && !fault.to_string().contains("(("), "{fault}");
        }
    }
}

#[tokio::test]
async fn an_endless_list_of_messages_is_given_up_and_a_large_folder_is_searched_in_pieces() {
    let numbers: String = (1..=200_000).map(|number| format!(" {number}")).collect();
    let search: &'static str = Box::leak(format!("* SEARCH{numbers}\r\n").into_boxed_str());
    let mut mailbox = told(Beside { search, ..Beside::default() }).await;
    let fault = mailbox.newer_than(0).await.unwrap_err();
    assert!(matches!(&fault, ImapFault::Lost(said) if said.contains("a line")), "{fault}");
    let many = "* 12000 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 12001] x\r\n";
    let beside = Beside { in_pieces: true, ..Beside::default() };
    let mut mailbox = open(telling("t1", many, beside).await, None).await.unwrap();
    assert_eq!(mailbox.newer_than(0).await.unwrap(), [1, 5001, 10001]);
    assert_eq!(mailbox.newer_than(7000).await.unwrap(), [10001]);
    assert_eq!(mailbox.since(jiff::civil::date(2026, 3, 1)).await.unwrap(), [1, 5001, 10001]);
}

#[tokio::test]
async fn a_slow_line_brings_a_message_as_long_as_something_of_it_comes() {
    let fetch = concat!(
        "* 2 FETCH (UID 2 BODY[]<0> {300}\r\n",
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
        ")\r\nTAG OK done"
    );
    // Some six minutes.
    let mut mailbox = told(Beside { fetch, slow: Some(1), ..Beside::default() }).await;
    tokio::time::pause();
    let read = mailbox.message(2).await.unwrap();
    assert!(matches!(&read, MessageOutcome::Bytes(bytes) if bytes.len() == 300), "{read:?}");
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

/// A server that greets in such pieces, one after the other, and never ends.
async fn greeting_without_end(piece: &'static [u8], rest: std::time::Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut stream = listener.accept().await.unwrap().0;
        stream.set_nodelay(true).unwrap();
        stream.write_all(b"* OK ").await.unwrap();
        while stream.write_all(piece).await.is_ok() {
            tokio::time::sleep(rest).await;
        }
    });
    port
}

#[tokio::test]
async fn a_greeting_has_an_end_and_its_words_stay_out_of_the_fault() {
    let at_once = std::time::Duration::from_millis(1);
    let fault = open(greeting_without_end(&[b'x'; 16 * 1024], at_once).await, None).await.unwrap_err();
    assert!(fault.to_string().contains("does not come to an end"), "{fault}");
    let strange = b"\r\nana@mail.example said hello\r\n";
    let told = open(greeting_without_end(strange, at_once).await, None).await.unwrap_err().to_string();
    assert!(!told.contains("ana@") && told.len() < 400, "{told}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "the runtime's own clock, which stands still and is moved on here"
)]
#[tokio::test]
async fn a_greeting_that_goes_on_a_byte_at_a_time_has_a_deadline_as_a_whole() {
    let second = std::time::Duration::from_secs(1);
    let port = greeting_without_end(b"x", second * 20).await;
    let opening = tokio::spawn(open(port, None));
    // The line itself is made in real time.
    tokio::time::sleep(second / 4).await;
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    let fault = opening.await.unwrap().unwrap_err();
    assert!(matches!(&fault, ImapFault::Lost(_)) && begun.elapsed() <= second * 61, "{fault}");
}
