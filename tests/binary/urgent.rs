//! An alert is told within a second though ten thousand letters wait and the mail server is slow: staff have a line of
//! their own.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use aftercare::clock::SystemClock;
use aftercare::config::checklists::checklist;
use aftercare::ports::Clock;

use crate::sandbox::{Ground, references, until};
use crate::sink::{Sink, Step};

const WAITING: usize = 10_000;
const ON_CALL: &str = "oncall@riverside.example";
/// What the server takes over each letter.
const SLOW: Duration = Duration::from_millis(100);

/// A slow server that tells when it has taken a letter for the doctor on call.
fn slow() -> (Sink, Receiver<Duration>) {
    let (say, taken) = channel();
    let sink = Sink::open(move |step, to| {
        if step != Step::Dot {
            return;
        }
        std::thread::sleep(SLOW);
        if to == ON_CALL {
            // By now the letter is the server's. Nobody listens any more once the test has ended.
            say.send(SystemClock.monotonic()).unwrap_or_default();
        }
    });
    (sink, taken)
}

fn triage(sandbox: &Ground) {
    let version = checklist::shipped().unwrap().checklist.version;
    let signed =
        format!("name = \"Dr Sample\"\nrole = \"lead\"\ndate = \"2026-01-01\"\nversion = \"{version}\"");
    sandbox.set("# mode = \"education\"", &format!("mode = \"triage\"\n[checklists.sign_off]\n{signed}"));
}

/// Where the patients' pages listen.
fn pages(sandbox: &Ground) -> String {
    let text = std::fs::read_to_string(sandbox.config()).unwrap();
    let line = text.lines().find(|line| line.starts_with("listen = ")).unwrap();
    line.split('"').nth(1).unwrap().to_owned()
}

/// The path of the form behind a letter that arrived.
fn form(sink: &Sink) -> String {
    let letter = sink.to_patients().remove(0).letter;
    let read = mail_parser::MessageParser::default().parse(letter.as_bytes()).unwrap();
    let text = read.body_text(0).unwrap().into_owned();
    let token = text.split("/c/").nth(1).unwrap_or_else(|| panic!("no form in {text}"));
    format!(
        "/c/{}",
        token.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').next().unwrap()
    )
}

fn say(at: &str, line: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    let (kind, length) = ("application/x-www-form-urlencoded", body.len());
    let head =
        format!("{line} HTTP/1.1\r\nHost: clinic.example\r\nConnection: close\r\nContent-Type: {kind}\r\n");
    stream.write_all(format!("{head}Content-Length: {length}\r\n\r\n{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.replace("&#x2f;", "/")
}

/// The hidden fields of a page, as a browser sends them back.
fn hidden(page: &str) -> String {
    let attribute = |input: &str, name: &str| {
        let rest = input.split(&format!("{name}=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let inputs = page.split("<input type=\"hidden\" ").skip(1);
    inputs.map(|input| format!("{}={}&", attribute(input, "name"), attribute(input, "value"))).collect()
}

/// Goes through the start page; gives what the first page of questions sends along.
fn begun(at: &str, path: &str) -> String {
    let start = say(at, &format!("GET {path}"), "");
    let sent = say(at, &format!("POST {path}"), &format!("{}w=self&go=start", hidden(&start)));
    let next =
        sent.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_else(|| panic!("{sent}"));
    hidden(&say(at, &format!("GET {next}"), ""))
}

fn waiting(sandbox: &Ground) -> usize {
    let sql = rusqlite::Connection::open(sandbox.database()).unwrap();
    let ask = "SELECT count(*) FROM delivery WHERE state = 'pending' AND patient_id IS NOT NULL";
    usize::try_from(sql.query_row(ask, [], |row| row.get::<_, i64>(0)).unwrap()).unwrap()
}

#[test]
fn an_alert_overtakes_ten_thousand_letters_within_a_second() {
    let (sink, taken) = slow();
    let sandbox = Ground::new(sink.port);
    triage(&sandbox);
    sandbox.admit(&references(WAITING + 100), None);
    let mut daemon = sandbox.start(&["serve"]);
    until("the first letters arrive", Duration::from_secs(120), || sink.to_patients().len() >= 4);
    // The daily proof that somebody is there goes to the same person; it is not what we wait for.
    taken.recv_timeout(Duration::from_secs(30)).expect("the test alert arrives");
    let (at, path) = (pages(&sandbox), form(&sink));
    let fields = begun(&at, &path);
    // Letters leave while others still fall due.
    until("the queue is long", Duration::from_secs(60), || waiting(&sandbox) >= WAITING);
    let queue = waiting(&sandbox);
    assert!(queue >= WAITING, "only {queue} letters wait");

    assert!(taken.try_recv().is_err(), "nothing else was on its way to the doctor on call");
    let (before, asked) = (sink.to_patients().len(), SystemClock.monotonic());
    let told = say(&at, &format!("POST {path}"), &format!("{fields}SP08=new&SP09=no&SP10=no&go=next"));
    assert!(told.starts_with("HTTP/1.1 303"), "{told}");
    let rang = taken.recv_timeout(Duration::from_secs(30)).expect("the alert arrives");
    let for_her: Vec<_> = sink.accepted().into_iter().filter(|letter| letter.to == ON_CALL).collect();
    let alert = &for_her.last().unwrap().letter;
    assert!(alert.contains("/alerts/1") && for_her.len() == 2, "{alert}");
    let (took, passed) = (rang - asked, sink.to_patients().len() - before);
    drop(daemon.kill());
    drop(daemon.wait());
    writeln!(
        std::io::stdout(),
        "alert accepted {} ms after the answer; {queue} letters waited",
        took.as_millis()
    )
    .unwrap();
    assert!(took <= Duration::from_secs(1), "{took:?}");
    assert!(passed < 100, "{passed} letters to patients went before it");
}
