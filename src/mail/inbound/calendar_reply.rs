//! Answers to a calendar entry (RFC 5546): METHOD REPLY and COUNTER. Only what tells whose entry and which answer is read.

use crate::care::inbound::{Content, Invitation};
use crate::mail::inbound::{signs, text};

/// The answer a calendar gave.
pub(in crate::mail::inbound) struct CalendarReply {
    pub(in crate::mail::inbound) content: Content,
    /// The UID of the calendar entry that is answered.
    pub(in crate::mail::inbound) uid: Option<String>,
    /// What she wrote beside it.
    pub(in crate::mail::inbound) comment: Option<String>,
    /// What the entry says itself: its title, its place, who takes part. Calendars repeat it in their mail.
    pub(in crate::mail::inbound) own_words: Vec<String>,
}

/// Reads a calendar part; `None` when it answers nothing. The method may stand with the part alone (RFC 6047 §2.4).
pub(in crate::mail::inbound) fn read(stream: &str, declared: Option<&str>) -> Option<CalendarReply> {
    let lines = unfolded(stream);
    let find = |name: &str| lines.iter().find_map(|line| value(line, name));
    let method = find("METHOD").or(declared)?.to_ascii_uppercase();
    let uid = find("UID").filter(|uid| !uid.is_empty()).map(str::to_owned);
    let beside = || lines.iter().find_map(|line| parameter(line, "X-RESPONSE-COMMENT"));
    let of_entry = ["SUMMARY", "LOCATION", "DESCRIPTION"].map(|name| find(name).map(plain));
    // Some calendars put what she wrote where the entry's own words stand: words about her body are never the clinic's.
    let hers = || of_entry.iter().flatten().find(|words| signs::are_of_author("", words)).cloned();
    let written = ["COMMENT", "X-MICROSOFT-CDO-COMMENT"].into_iter().filter_map(|name| find(name).map(plain));
    let comment = written.into_iter().find(|words| !words.is_empty()).or_else(beside).or_else(hers);
    let answer = match method.as_str() {
        "COUNTER" => Invitation::Proposed,
        // It should hold one (RFC 5546 §3.2.3); of several the one that asks most of staff counts.
        "REPLY" => {
            let answers = lines.iter().filter_map(|line| answered(line));
            answers.max_by_key(|answer| asks(*answer)).unwrap_or(Invitation::Tentative)
        }
        _ => return None,
    };
    // Words beside a yes are words of a person.
    let says_more = answer == Invitation::Accepted && comment.is_some();
    let content = if says_more { Content::Person } else { Content::Invitation(answer) };
    let people = lines.iter().filter_map(|line| parameter(line, "CN"));
    let own_words = of_entry.into_iter().flatten().chain(people).collect();
    Some(CalendarReply { content, uid, comment, own_words })
}

/// Content lines (RFC 5545 §3.1), folds undone.
fn unfolded(stream: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in stream.lines() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(line.trim_end().to_owned()),
        }
    }
    lines
}

/// The value of a line, whatever its parameters.
fn value<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let head = line.get(..name.len()).filter(|head| head.eq_ignore_ascii_case(name))?;
    let rest = line.get(head.len()..)?;
    match rest.as_bytes().first()? {
        b':' => rest.get(1..),
        b';' => rest.split_once(':').map(|(_, value)| value),
        _ => None,
    }
}

/// The value of a parameter of an attendee (RFC 5545 §3.2), in quotes or not, with the signs of RFC 6868.
fn parameter(line: &str, name: &str) -> Option<String> {
    let head = line.get(..8).filter(|head| head.eq_ignore_ascii_case("ATTENDEE"))?;
    let upper = line.to_ascii_uppercase();
    let rest =
        line.get(head.len() + upper.get(head.len()..)?.find(&format!(";{name}="))? + name.len() + 2..)?;
    let value = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split([';', ':']).next()?,
    };
    let value = plain(&value.replace("^n", "\n").replace("^'", "\"").replace("^^", "^"));
    Some(value).filter(|words| !words.is_empty())
}

/// How much an answer asks of staff.
const fn asks(answer: Invitation) -> u8 {
    match answer {
        Invitation::Accepted => 0,
        Invitation::Tentative => 1,
        Invitation::Proposed => 2,
        Invitation::Declined => 3,
    }
}

fn answered(line: &str) -> Option<Invitation> {
    let upper = line.to_ascii_uppercase();
    let state = upper.strip_prefix("ATTENDEE")?.split_once("PARTSTAT=")?.1;
    let state: String =
        state.trim_start_matches('"').chars().take_while(|c| c.is_ascii_alphabetic() || *c == '-').collect();
    match state.as_str() {
        "ACCEPTED" => Some(Invitation::Accepted),
        "DECLINED" => Some(Invitation::Declined),
        _ => Some(Invitation::Tentative),
    }
}

/// A TEXT value (RFC 5545 §3.3.11) as it reads.
fn plain(text: &str) -> String {
    let text = text.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";");
    text::clean(&text.replace("\\\\", "\\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(lines: &str) -> Option<CalendarReply> {
        read(&format!("BEGIN:VCALENDAR\r\n{lines}\r\nEND:VCALENDAR\r\n"), None)
    }

    #[test]
    fn of_several_answers_the_one_that_asks_most_counts() {
        let both = "METHOD:REPLY\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:other@b.example\r\n\
                    ATTENDEE;PARTSTAT=DECLINED:mailto:a@b.example";
        assert_eq!(reply(both).unwrap().content, Content::Invitation(Invitation::Declined));
    }

    #[test]
    fn each_answer_has_its_meaning() {
        for (state, answer) in [
            ("PARTSTAT=DECLINED:mailto:a@b.example", Invitation::Declined),
            ("CN=Ana;PARTSTAT=\"DECLINED\":mailto:a@b.example", Invitation::Declined),
            (
                "CN=Ana Perez;ROLE=REQ-PARTICIPANT;PARTST\r\n AT=ACCEPTED:mailto:a@b.example",
                Invitation::Accepted,
            ),
            ("partstat=tentative:mailto:a@b.example", Invitation::Tentative),
            ("PARTSTAT=DELEGATED:mailto:a@b.example", Invitation::Tentative),
        ] {
            let found =
                reply(&format!("METHOD:REPLY\r\nUID:1-2@riverside.example\r\nATTENDEE;{state}")).unwrap();
            assert_eq!(found.content, Content::Invitation(answer), "{state}");
            assert_eq!(found.uid.as_deref(), Some("1-2@riverside.example"));
        }
        let counter =
            reply("METHOD:COUNTER\r\nUID;X-A=B:1-2@riverside.example\r\nCOMMENT:Rather\\, later").unwrap();
        assert_eq!(counter.content, Content::Invitation(Invitation::Proposed));
        assert_eq!(counter.comment.as_deref(), Some("Rather, later"));
        let declared = read("UID:1\r\nATTENDEE;PARTSTAT=DECLINED:mailto:a@b.example", Some("reply")).unwrap();
        assert_eq!(declared.content, Content::Invitation(Invitation::Declined));
        assert!(reply("METHOD:REQUEST\r\nUID:1-2@riverside.example").is_none());
    }

    #[test]
    fn words_beside_a_yes_are_read_by_a_person() {
        let found = reply(
            "METHOD:REPLY\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example\r\nCOMMENT:my legs are weak",
        );
        assert_eq!(found.unwrap().content, Content::Person);
        let beside = reply(
            "METHOD:REPLY\r\nATTENDEE;PARTSTAT=ACCEPTED;CN=Ana\r\n ;X-NUM-GUESTS=0;X-RESPONSE-COMMENT=\"I come: but \r\n I cannot feel my legs\":mailto:a@b.example",
        )
        .unwrap();
        assert_eq!(beside.content, Content::Person);
        assert_eq!(beside.comment.as_deref(), Some("I come: but I cannot feel my legs"));
        assert_eq!(beside.own_words, ["Ana"]);
    }
}
