//! A mailbox of replies whose server refuses what it is asked, and loses nothing by it: a small server in this process, in the clear
//! on the loopback.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use aftercare::care::task::TaskKind;

use crate::imap::{Served, serve, taken};
use crate::sandbox::{Ground, references, until};
use crate::sink::Sink;

const WITHIN: Duration = Duration::from_secs(20);

/// A folder of three messages; it refuses to hand over the first.
#[derive(Default)]
struct Mood {
    /// It refuses to search.
    is_away: AtomicBool,
    /// It hangs up at the first message.
    breaks_off: AtomicBool,
    connections: AtomicUsize,
}

/// Starts the server; gives its port.
fn start(mood: &Arc<Mood>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mood = Arc::clone(mood);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            mood.connections.fetch_add(1, Ordering::SeqCst);
            let mood = Arc::clone(&mood);
            std::thread::spawn(move || drop(talk(stream, &mood)));
        }
    });
    port
}

fn talk(stream: TcpStream, mood: &Mood) -> std::io::Result<()> {
    let mut answers = stream.try_clone()?;
    answers.write_all(b"* OK ready\r\n")?;
    for line in BufReader::new(stream).lines() {
        let line = line?;
        let Some((tag, command)) = line.split_once(' ') else { continue };
        let said = match command.split(' ').collect::<Vec<_>>().as_slice() {
            ["CAPABILITY", ..] => "* CAPABILITY IMAP4rev1\r\nTAG OK\r\n".to_owned(),
            ["EXAMINE", ..] => {
                "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\nTAG OK\r\n".to_owned()
            }
            ["UID", "SEARCH", ..] if mood.is_away.load(Ordering::SeqCst) => {
                "TAG NO index away\r\n".to_owned()
            }
            ["UID", "SEARCH", ..] => "* SEARCH 1 2 3\r\nTAG OK\r\n".to_owned(),
            ["UID", "FETCH", "1", ..] if mood.breaks_off.load(Ordering::SeqCst) => return Ok(()),
            ["UID", "FETCH", "1", ..] => "TAG NO this one is broken\r\n".to_owned(),
            ["UID", "FETCH", uid, ..] => {
                let text = format!(
                    "From: R <r-0001@patients.example>\r\nSubject: Re: your letter\r\nMessage-ID: <{uid}@patients.example>\r\n\r\nWords of hers, {uid}.\r\n"
                );
                format!("* {uid} FETCH (UID {uid} BODY[]<0> {{{}}}\r\n{text})\r\nTAG OK\r\n", text.len())
            }
            _ => "TAG OK\r\n".to_owned(),
        };
        answers.write_all(said.replace("TAG", tag).as_bytes())?;
    }
    Ok(())
}

/// A clinic that reads the mailbox on that port.
fn clinic(port: u16) -> Ground {
    let sandbox = Ground::new(Sink::open(|_, _| ()).port);
    let password = sandbox.dir.path().join("imap-password");
    std::fs::write(&password, "right\n").unwrap();
    let imap = format!(
        "[mail.imap]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nauth = \"plain\"\nusername = \"care\"\npassword_credential = \"{}\"\n",
        password.display()
    );
    sandbox.set("\n[sending]\n", &format!("\n{imap}\n[sending]\n"));
    sandbox.admit(&references(1), None);
    sandbox
}

#[test]
fn a_server_that_refuses_to_search_or_to_hand_a_message_over_loses_none() {
    let mood = Arc::new(Mood::default());
    mood.is_away.store(true, Ordering::SeqCst);
    let sandbox = clinic(start(&mood));
    let open = |kind: TaskKind| {
        let tasks = sandbox.store().read(|view| view.tasks_open()).unwrap();
        tasks.into_iter().filter(|task| task.kind == kind).collect::<Vec<_>>()
    };
    let daemon: Served = serve(&sandbox);
    until("a task about the folder", WITHIN, || open(TaskKind::MailboxUnread).len() == 1);
    let told = open(TaskKind::MailboxUnread).remove(0).reason;
    assert!(told.contains("index away"), "{told}");
    assert_eq!(taken(&sandbox), [0, 0], "nothing is passed over");
    mood.is_away.store(false, Ordering::SeqCst);
    let (code, _, said) = sandbox.run(&["reload"]);
    assert_eq!(code, 0, "{said}");
    // Two messages, and a task that says which one could not be had.
    until("both messages", WITHIN, || taken(&sandbox) == [2, 3] && open(TaskKind::MailboxUnread).is_empty());
    let asked = open(TaskKind::SheWrote);
    assert!(asked.iter().any(|task| task.reason.contains("(number 1): this one is broken")), "{asked:?}");
    drop(daemon);
}

#[test]
fn a_server_that_breaks_off_at_the_same_message_is_asked_less_and_less_often() {
    let mood = Arc::new(Mood::default());
    mood.breaks_off.store(true, Ordering::SeqCst);
    let sandbox = clinic(start(&mood));
    let daemon: Served = serve(&sandbox);
    until("the first try", WITHIN, || mood.connections.load(Ordering::SeqCst) > 0);
    // After 2, 4 and 8 seconds, not every 2.
    std::thread::sleep(Duration::from_secs(11));
    let tries = mood.connections.load(Ordering::SeqCst);
    assert!((2..=4).contains(&tries), "{tries}");
    mood.breaks_off.store(false, Ordering::SeqCst);
    until("the others", WITHIN, || taken(&sandbox)[0] == 2);
    drop(daemon);
}
