//! What a test asks of a clinic from outside: the letters that its mail server took, and the rows of its database.

use std::time::Duration;

use crate::sandbox::{Ground, until};
use crate::sink::Sink;

/// How long anything may take that the daemon does by itself.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// What the first letter to this address says that holds these words.
pub(crate) fn arrived(sink: &Sink, to: &str, holds: &str) -> String {
    let text = || {
        let all = sink.accepted();
        let mut to_them = all.iter().filter(|letter| letter.to == to).map(|letter| {
            let read = mail_parser::MessageParser::default().parse(letter.letter.as_bytes());
            read.unwrap().body_text(0).unwrap().into_owned()
        });
        to_them.find(|text| text.contains(holds))
    };
    until(&format!("a letter to {to} holds {holds}"), SOON, || text().is_some());
    text().unwrap()
}

/// The web address in a letter that starts with this.
pub(crate) fn link(letter: &str, start: &str) -> String {
    let from = letter.find(start).unwrap_or_else(|| panic!("no link {start} in:\n{letter}"));
    letter[from..].split(|c: char| c.is_whitespace() || "<>)\"".contains(c)).next().unwrap().to_owned()
}

/// The number that a question of SQL gives.
pub(crate) fn count(sandbox: &Ground, ask: &str) -> i64 {
    let sql = rusqlite::Connection::open(sandbox.database()).unwrap();
    sql.query_row(ask, [], |row| row.get(0)).unwrap()
}
