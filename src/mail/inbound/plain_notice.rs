//! Notices in a server's own words (qmail, Exim, GMX, Domino, OpenSMTPD, old Sendmail): read where they say plainly that a letter
//! was given up or waits, and why. Whatever is not plain a person reads.

use super::dsn;
use crate::care::inbound::{NoticeOutcome, NoticeReport};
use crate::mail::smtp::reply::without_address;

/// A letter that still waits.
const WAITING: [&str; 17] = [
    "has not yet been delivered",
    "has not been delivered yet",
    "not yet been delivered",
    "delivery attempts will continue",
    "will continue to try",
    "will be retried",
    "will keep trying",
    "will try again",
    "continue trying",
    "still undelivered",
    "is delayed for more than",
    "has been delayed",
    "temporary failure report",
    "temporary problem",
    "delivery delayed",
    "do not need to resend",
    "you do not need to re-send",
];
/// A letter given up.
const GIVEN_UP: [&str; 33] = [
    "did not reach",
    "was rejected by",
    "address failed",
    "permanent error",
    "permanent fatal error",
    "permanently",
    "could not be delivered",
    "couldn't be delivered",
    "cannot be delivered",
    "can't be delivered",
    "was not delivered",
    "wasn't delivered",
    "has not been delivered",
    "not able to deliver",
    "wasn't able to deliver",
    "unable to deliver",
    "undeliverable",
    "undelivered mail",
    "delivery failed",
    "delivery failure",
    "delivery has failed",
    "failed to deliver",
    "failure notice",
    "mail delivery failed",
    "mail failure",
    "returned mail",
    "returned to sender",
    "returning message to sender",
    "i've given up",
    "giving up on",
    "no se pudo entregar",
    "nicht zugestellt",
    "an error has occurred while attempting to deliver",
];
/// Where the returned letter begins: below stand our own words.
const COPY: [&str; 10] = [
    "--- below this line is a copy of the message",
    "below is a copy of the original message",
    "this is a copy of the message",
    "this is a copy of your message",
    "the header of the original message",
    "----- unsent message follows",
    "----- original message",
    "--- original message",
    "----- message header",
    "original message follows",
];
/// What a server says without a code where there is no such mailbox.
const NO_MAILBOX: [&str; 19] = [
    "no mailbox here by that name",
    "no such user",
    "no such mailbox",
    "no such recipient",
    "user unknown",
    "unknown user",
    "unknown recipient",
    "unknown local part",
    "unknown address",
    "unrouteable address",
    "unroutable address",
    "user not found",
    "mailbox not found",
    "is not recognized",
    "not listed in",
    "does not exist",
    "doesn't exist",
    "not a valid user",
    "no account here",
];
/// What else it says of a mailbox or a try without a code.
const OTHER: [&str; 6] = [
    "mailbox is full",
    "quota exceeded",
    "over quota",
    "mailbox full",
    "mailbox unavailable",
    "retry timeout exceeded",
];
/// How many lines below the one with the code still belong to it.
const FOLLOWING: usize = 2;

/// What a notice without standard parts says; `None` where it is not plain.
pub(in crate::mail::inbound) fn read(subject: &str, text: &str) -> Option<NoticeReport> {
    let own = above_copy(text);
    let all = format!("{subject}\n{own}").to_ascii_lowercase();
    let says = |signs: &[&str]| signs.iter().any(|sign| all.contains(sign));
    if says(&WAITING) {
        return Some(NoticeReport { fate: NoticeOutcome::Delayed, status: None, words: String::new() });
    }
    if !says(&GIVEN_UP) {
        return None;
    }
    let words = why(own)?;
    let lower = words.to_ascii_lowercase();
    let plain = || NO_MAILBOX.iter().any(|reason| lower.contains(reason)).then(|| "5.1.1".to_owned());
    let status = dsn::in_words(&words).or_else(|| if has_reply(&words) { None } else { plain() });
    Some(NoticeReport { fate: NoticeOutcome::Failed, status, words: without_address(&words, None) })
}

/// A report somebody copied into a message of his own, with or without marks of quotation.
pub(in crate::mail::inbound) fn quoted(text: &str) -> Option<NoticeReport> {
    let bare: Vec<&str> = text.lines().map(|line| line.trim_start_matches(['>', ' ', '|'])).collect();
    let has = |name: &str| bare.iter().any(|line| line.to_ascii_lowercase().starts_with(name));
    if !(has("final-recipient:") && has("action:")) {
        return None;
    }
    dsn::read(&bare.join("\n"))
}

fn above_copy(text: &str) -> &str {
    let lower = text.to_ascii_lowercase();
    let cut = COPY.iter().filter_map(|mark| lower.find(mark)).min().unwrap_or(text.len());
    text.get(..cut).unwrap_or(text)
}

/// The line with the server's reply and what follows it.
fn why(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let lower: Vec<String> = lines.iter().map(|line| line.to_ascii_lowercase()).collect();
    let by_reply = lines.iter().position(|line| has_reply(line));
    let by_reason =
        || lower.iter().position(|line| NO_MAILBOX.iter().chain(&OTHER).any(|reason| line.contains(reason)));
    let first = by_reply.or_else(by_reason)?;
    let end = lines.len().min(first + 1 + FOLLOWING);
    Some(lines.get(first..end)?.join(" "))
}

/// Whether a line holds a refusing reply (RFC 5321 §4.2) or status.
fn has_reply(line: &str) -> bool {
    let borders = |c: char| c.is_whitespace() || "()[]#;:,<>\"'-".contains(c);
    let code =
        |word: &str| word.len() == 3 && word.starts_with('5') && word.bytes().all(|b| b.is_ascii_digit());
    line.split(borders).any(code) || dsn::in_words(line).is_some_and(|status| status.starts_with('5'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_plain_is_read() {
        let fate = |subject: &str, text: &str| read(subject, text).map(|report| (report.fate, report.status));
        assert_eq!(
            fate("failure notice", "<a@b.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n"),
            Some((NoticeOutcome::Failed, Some("5.1.1".into())))
        );
        assert_eq!(
            fate("Warning: message 1abc delayed 24 hours", "Delivery attempts will continue."),
            Some((NoticeOutcome::Delayed, None))
        );
        assert_eq!(fate("Mail", "Something went wrong somewhere."), None);
        assert_eq!(fate("failure notice", "Something went wrong somewhere."), None);
    }

    #[test]
    fn the_copy_of_our_letter_is_no_reason() {
        let text = "It could not be delivered.\n--- Below this line is a copy of the message.\nRing 550 if no such user answers.\n";
        assert_eq!(read("failure notice", text), None);
    }
}
