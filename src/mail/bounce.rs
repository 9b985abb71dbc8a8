//! Reads what comes back: delivery status notifications (RFC 3464), and that a server wrote something else (qmail's notes). Whose letter it was is told by the tag in the address
//! the notice came to, which only we could have made; the notice's own words are hints.

use mail_parser::{HeaderValue, Message, MessageParser, MimeHeaders, PartType};

use super::verdict::without_address;
use crate::care::address::EmailAddress;

/// What became of the letter, by the notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Given up.
    Failed,
    /// Still being tried.
    Delayed,
    /// Delivered, relayed or expanded.
    Delivered,
    /// Unknown: a server wrote about it in a form of its own.
    Unread,
}

/// A notice about one letter. It holds no address but the tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// What follows the last `+` in the local parts the notice was sent to (the sender's own may hold one), the envelope's own first. The caller checks
    /// which of them is ours.
    pub tags: Vec<String>,
    /// Message-ID of the letter, without angle brackets.
    pub message_id: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// Enhanced status, e.g. `5.1.1`.
    pub status: Option<String>,
    /// The other server's words, without addresses.
    pub words: String,
}

impl Bounce {
    /// Whether the address itself is bad, so that it must not be written to again.
    #[must_use]
    pub fn address_is_bad(&self) -> bool {
        let status = self.status.as_deref().unwrap_or_default();
        self.fate == Fate::Failed && status.starts_with("5.1.") && !matches!(status, "5.1.7" | "5.1.8")
    }
}

/// Reads a notice. `None` when it is not one: an answer from a person, a vacation notice, a receipt, broken mail.
#[must_use]
pub fn read(raw: &[u8]) -> Option<Bounce> {
    let message = MessageParser::default().parse(raw)?;
    report(&message).or_else(|| unread(&message))
}

/// Nobody but a server writes from no address, or as the mailer; what it says of the letter only a person can tell.
fn unread(message: &Message<'_>) -> Option<Bounce> {
    let header =
        |name: &str| message.headers().iter().find(|found| found.name.as_str().eq_ignore_ascii_case(name));
    let says = |name: &str, words: &str| {
        header(name)
            .is_some_and(|h| h.value.as_text().is_some_and(|text| text.to_ascii_lowercase().contains(words)))
    };
    let from = message.from().and_then(|from| from.first()?.address.as_deref()).unwrap_or_default();
    let is_mailer = from.split('@').next().is_some_and(|local| local.eq_ignore_ascii_case("mailer-daemon"));
    let is_from_nobody = header("Return-Path").is_some_and(|path| addresses(&path.value).concat().is_empty());
    let is_answer = says("Auto-Submitted", "auto-replied")
        || says("Precedence", "auto_reply")
        || ["X-Autoreply", "X-Autorespond"].iter().any(|name| header(name).is_some());
    let is_receipt =
        ["disposition-notification", "feedback-report"].iter().any(|kind| part(message, kind).is_some());
    let tags = tags(message);
    let fits = (is_mailer || is_from_nobody && !is_answer) && !is_receipt && !tags.is_empty();
    fits.then(|| Bounce { tags, message_id: None, fate: Fate::Unread, status: None, words: String::new() })
}

fn report(message: &Message<'_>) -> Option<Bounce> {
    let fields = fields(part(message, "delivery-status")?);
    let find = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let fate = match find("action")?.to_ascii_lowercase().as_str() {
        "failed" => Fate::Failed,
        "delayed" => Fate::Delayed,
        "delivered" | "relayed" | "expanded" => Fate::Delivered,
        _ => return None,
    };
    let to = find("final-recipient").and_then(|to| EmailAddress::parse(to.rsplit(';').next()?.trim()).ok());
    let diagnosis = find("diagnostic-code").unwrap_or_default();
    Some(Bounce {
        tags: tags(message),
        message_id: original_id(message),
        fate,
        status: find("status").and_then(status).map(|told| plainer(told, diagnosis)),
        words: without_address(diagnosis, to.as_ref()),
    })
}

fn part<'m>(message: &'m Message<'_>, subtype: &str) -> Option<&'m [u8]> {
    let fits = |kind: &mail_parser::ContentType<'_>| {
        kind.c_subtype.as_deref().is_some_and(|found| found.eq_ignore_ascii_case(subtype))
    };
    message
        .parts
        .iter()
        .find(|part| part.content_type().is_some_and(fits))
        .map(mail_parser::MessagePart::contents)
}

/// The fields of all groups in order, names in lower case, folded lines joined.
fn fields(report: &[u8]) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in String::from_utf8_lossy(report).lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    fields
}

/// The status without the comment some servers add.
fn status(words: &str) -> Option<String> {
    let word = words.split([' ', '\t', '(']).next()?;
    let number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = word.split('.').collect();
    (parts.len() == 3 && parts.iter().all(|part| number(part))).then(|| word.to_owned())
}

/// Some servers say `5.0.0`, "other", where the one they asked was plain.
fn plainer(told: String, diagnosis: &str) -> String {
    let plain = || diagnosis.split_whitespace().filter_map(status).find(|found| found.starts_with("5."));
    if told == "5.0.0" { plain().unwrap_or(told) } else { told }
}

/// From the part with the letter or its headers.
fn original_id(message: &Message<'_>) -> Option<String> {
    let nested = message.parts.iter().find_map(|part| match &part.body {
        PartType::Message(letter) => letter.message_id().map(str::to_owned),
        _ => None,
    });
    nested.or_else(|| {
        let headers = part(message, "rfc822-headers")?;
        MessageParser::default().parse(headers)?.message_id().map(str::to_owned)
    })
}

fn tags(message: &Message<'_>) -> Vec<String> {
    let mut tags = Vec::new();
    for name in ["X-Original-To", "Delivered-To", "Envelope-To", "To"] {
        for header in
            message.headers().iter().filter(|header| header.name.as_str().eq_ignore_ascii_case(name))
        {
            tags.extend(addresses(&header.value).iter().filter_map(|address| tag(address)));
        }
    }
    let mut seen = std::collections::HashSet::new();
    tags.retain(|tag: &String| seen.insert(tag.clone()));
    tags
}

fn addresses(value: &HeaderValue<'_>) -> Vec<String> {
    match value {
        HeaderValue::Address(list) => {
            list.iter().filter_map(|one| one.address.as_deref().map(str::to_owned)).collect()
        }
        HeaderValue::Text(text) => vec![text.trim_matches(['<', '>', ' ']).to_owned()],
        _ => Vec::new(),
    }
}

fn tag(address: &str) -> Option<String> {
    let (local, _) = address.rsplit_once('@')?;
    local.rsplit_once('+').map(|(_, tag)| tag.to_owned()).filter(|tag| !tag.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In the shape Postfix writes.
    const POSTFIX: &str = "\
Return-Path: <>
X-Original-To: bounce+17-c0ffee@clinic.example
Delivered-To: aftercare@clinic.example
From: MAILER-DAEMON@mail.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: bounce+17-c0ffee@clinic.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=\"B/mail.example\"

--B/mail.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I could not deliver your message.

--B/mail.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
Arrival-Date: Mon, 23 Nov 2026 09:00:00 +0000 (UTC)

Final-Recipient: rfc822; maria.lopez@home.example
Original-Recipient: rfc822;maria.lopez@home.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.home.example
Diagnostic-Code: smtp; 550 5.1.1 <maria.lopez@home.example>: Recipient address
    rejected: User unknown

--B/mail.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Message-ID: <d-17.abc@clinic.example>
Subject: A note from your clinic

--B/mail.example--
";

    fn read_text(text: &str) -> Option<Bounce> {
        read(text.replace('\n', "\r\n").as_bytes())
    }

    #[test]
    fn a_dead_address_is_read_without_the_address() {
        let bounce = read_text(POSTFIX).unwrap();
        assert_eq!(bounce.tags, ["17-c0ffee"]);
        assert_eq!(bounce.message_id.as_deref(), Some("d-17.abc@clinic.example"));
        assert_eq!((bounce.fate, bounce.status.as_deref()), (Fate::Failed, Some("5.1.1")));
        assert_eq!(bounce.words, "smtp; 550 5.1.1 <address>: Recipient address rejected: User unknown");
        assert!(bounce.address_is_bad());
        assert!(!format!("{bounce:?}").contains("home.example"));
    }

    #[test]
    fn a_local_part_that_stands_alone_is_a_name_and_goes_too() {
        let text = POSTFIX.replace("User unknown", "maria.lopez unknown");
        assert!(!read_text(&text).unwrap().words.contains("maria"));
    }

    #[test]
    fn a_sender_with_a_plus_of_its_own_gives_the_tag_alone() {
        let text = POSTFIX.replace("bounce+17-c0ffee@", "care+letters+17-c0ffee@");
        assert_eq!(read_text(&text).unwrap().tags, ["17-c0ffee"]);
    }

    #[test]
    fn line_ends_do_not_matter() {
        assert_eq!(read(POSTFIX.as_bytes()), read_text(POSTFIX));
    }

    #[test]
    fn a_returned_letter_gives_its_id_too() {
        let whole = POSTFIX
            .replace("text/rfc822-headers", "message/rfc822")
            .replace("Subject: A note from your clinic\n", "Subject: x\n\nWords.\n");
        assert_eq!(read_text(&whole).unwrap().message_id.as_deref(), Some("d-17.abc@clinic.example"));
    }

    #[test]
    fn each_action_and_status_has_its_meaning() {
        for (action, status, bad, fate) in [
            ("failed", "5.1.1 (bad destination)", true, Fate::Failed),
            ("FAILED", "5.1.10", true, Fate::Failed),
            ("failed", "5.1.8", false, Fate::Failed),
            ("failed", "5.7.1", false, Fate::Failed),
            ("failed", "4.4.7", false, Fate::Failed),
            ("failed", "nonsense", false, Fate::Failed),
            ("delayed", "4.4.1", false, Fate::Delayed),
            ("delayed", "5.1.1", false, Fate::Delayed),
            ("delivered", "2.0.0", false, Fate::Delivered),
        ] {
            let text = POSTFIX.replace("Action: failed", &format!("Action: {action}"));
            let bounce = read_text(&text.replace("Status: 5.1.1", &format!("Status: {status}"))).unwrap();
            assert_eq!((bounce.address_is_bad(), bounce.fate), (bad, fate), "{action} {status}");
        }
    }

    #[test]
    fn what_is_no_notice_is_left_alone() {
        let vacation = "To: bounce+17-c0ffee@clinic.example\nAuto-Submitted: auto-replied\nSubject: Away\n\nBack soon.\n";
        let mine = "To: bounce+17-c0ffee@clinic.example\nFrom: Maria <maria@home.example>\n\nThank you.\n";
        let receipt = QMAIL.replace("text/plain", "message/disposition-notification");
        let untagged = QMAIL.replace("bounce+17-c0ffee", "bounce");
        let away = QMAIL
            .replace("MAILER-DAEMON", "maria")
            .replace("Subject:", "Auto-Submitted: auto-replied\nSubject:");
        for text in ["", "\0\u{1}", vacation, mine, &receipt, &untagged, &away] {
            assert_eq!(read_text(text), None, "{text}");
        }
    }

    /// In the shape qmail writes: no report, only words.
    const QMAIL: &str = "\
Return-Path: <>
Delivered-To: bounce+17-c0ffee@clinic.example
From: MAILER-DAEMON@mx.home.example
To: bounce+17-c0ffee@clinic.example
Subject: failure notice
Content-Type: text/plain

Hi. This is the qmail-send program at mx.home.example.
<maria.lopez@home.example>:
Sorry, no mailbox here by that name. (#5.1.1)
";

    #[test]
    fn a_server_that_writes_in_its_own_words_is_heard_and_not_quoted() {
        let odd = POSTFIX.replace("Action: failed", "Action: thinking");
        let nameless = QMAIL.replace("From: MAILER-DAEMON@mx.home.example\n", "");
        let pathless = QMAIL.replace("Return-Path: <>\n", "");
        for text in [QMAIL, &nameless, &pathless, &odd, &POSTFIX.replace("Action: failed\n", "")] {
            let bounce = read_text(text).unwrap();
            assert_eq!(
                (bounce.fate, bounce.tags.as_slice()),
                (Fate::Unread, &["17-c0ffee".to_owned()][..]),
                "{text}"
            );
            assert!(!bounce.address_is_bad() && bounce.words.is_empty());
        }
    }

    #[test]
    fn a_plain_word_behind_a_vague_status_counts() {
        for (diagnosis, status, bad) in [
            ("550 5.1.1 <maria.lopez@home.example>: Recipient", "5.1.1", true),
            ("550 no such user at 10.1.1.5", "5.0.0", false),
            ("450 4.1.1 later", "5.0.0", false),
        ] {
            let text = POSTFIX.replace("Status: 5.1.1", "Status: 5.0.0");
            let text = text.replace("550 5.1.1 <maria.lopez@home.example>: Recipient", diagnosis);
            let bounce = read_text(&text).unwrap();
            assert_eq!(
                (bounce.status.as_deref(), bounce.address_is_bad()),
                (Some(status), bad),
                "{diagnosis}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_fall_over(cut in 0usize..1500, junk: Vec<u8>) {
            let mut bytes = POSTFIX.as_bytes().get(..cut).unwrap_or_default().to_vec();
            bytes.extend(junk);
            drop(read(&bytes));
        }
    }
}
