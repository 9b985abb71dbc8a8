//! Reads what reaches a mailbox of ours: notices of mail servers, answers of programs, words of people. Whose letter it is about is
//! told by marks that only we could have made ([`crate::mail::inbound::correlation`]); everything else is a hint. What nobody can read goes to a person.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::care::address::EmailAddress;
use crate::care::inbound::{Content, Inbound, Invitation, MessageNote, Names, NoReplyReason, NoticeOutcome};
use crate::mail::inbound::calendar_reply::{self, CalendarReply};
use crate::mail::inbound::correlation::MarkScope;
use crate::mail::inbound::headers::HeaderFields;
use crate::mail::inbound::text::{self, subtype};
use crate::mail::inbound::{
    auto_reply, calendar_words, correlation, dsn, encoding, plain_notice, reader_news, signs,
};

/// How deep messages in messages are followed.
const DEEPEST: usize = 4;
/// How many messages are taken out of one.
const MOST: usize = 20;
/// How much of a message is read, in bytes; one larger than that is a film.
pub const MOST_BYTES: usize = 4 * 1024 * 1024;
/// How subjects of answers begin.
const REPLIES: [&str; 15] = [
    "re:", "aw:", "sv:", "rv:", "fwd:", "fw:", "wg:", "tr:", "r:", "odp:", "vs:", "vl:", "antw:", "ynt:",
    "ha:",
];
/// So far a comment in a header is followed.
const LONGEST_COMMENT: usize = 1000;
/// More messages in messages than anybody passes on.
const LAYERS: usize = 100;

/// Reads a message. More than one comes back when somebody passes notices on: each is one of its own.
#[must_use]
pub fn read(raw: &[u8]) -> Vec<Inbound> {
    let message =
        Some(raw).filter(|raw| layers(raw) <= LAYERS).and_then(|raw| MessageParser::default().parse(raw));
    let Some(message) = message else { return vec![unopened(raw)] };
    let mut found = within(&message, DEEPEST);
    found.truncate(MOST);
    found
}

/// How many messages may lie one in another, counted by what declares them: the parser goes down into each.
fn layers(raw: &[u8]) -> usize {
    let declares =
        |window: &[u8], word: &[u8]| window.get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word));
    let at_slash = (0..raw.len()).filter(|at| raw.get(*at) == Some(&b'/')).filter_map(|at| raw.get(at + 1..));
    at_slash
        .map(past_comments)
        .filter(|rest| [&b"rfc822"[..], b"global", b"digest"].iter().any(|word| declares(rest, word)))
        .count()
}

/// What stands behind blanks and comments: a reader of headers passes over them (RFC 5322 §3.2.2).
fn past_comments(text: &[u8]) -> &[u8] {
    let (mut depth, mut is_escaped) = (0_usize, false);
    for (at, byte) in text.iter().enumerate().take(LONGEST_COMMENT) {
        match *byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if depth > 0 => is_escaped = true,
            b'(' => depth += 1,
            b')' if depth > 0 => depth -= 1,
            byte if depth == 0 && !byte.is_ascii_whitespace() => return text.get(at..).unwrap_or_default(),
            _ => {}
        }
    }
    // Nobody writes so long a comment there but whoever hides something behind it.
    if depth > 0 { b"rfc822" } else { text }
}

/// What cannot be taken apart a person reads as it came.
fn unopened(raw: &[u8]) -> Inbound {
    let text = String::from_utf8_lossy(raw);
    let head = MessageParser::default().parse_headers(raw).map(|message| HeaderFields::of(&message));
    let sender = head.and_then(|head| head.sender());
    let from = sender.as_deref().and_then(|from| EmailAddress::parse(from).ok());
    let names = Names { from: from.into_iter().collect(), ..correlation::in_text(&text) };
    let text = text::clean(&text);
    let note = MessageNote {
        tells_of_body: signs::are_of_anyone("", &text),
        text,
        sender,
        signs: vec![NoReplyReason::Forwarded],
        ..MessageNote::default()
    };
    Inbound { names, content: Content::Person, tells: reader_news::read(&Content::Person, &note), note }
}

fn within(message: &Message<'_>, depth: usize) -> Vec<Inbound> {
    let (head, text) = (HeaderFields::of(message), text::text_of(message));
    let author = || wrote(message, &head, &text);
    if let Some(content) = structured(message, &head) {
        // Whoever puts a notice or a receipt beside words of his own still wrote them.
        let is_beside =
            !matches!(content, Content::Invitation(_) | Content::Person) && !correlation::is_report(message);
        let own = is_beside.then(author).flatten();
        let mut beside = inbound(message, content, &head, &text);
        if own.is_some() {
            beside.note.signs.push(NoReplyReason::Forwarded);
        }
        return own.into_iter().chain([beside]).collect();
    }
    let passed_on = if depth == 0 { Vec::new() } else { passed_on(message, &head, &text, depth) };
    if !passed_on.is_empty() {
        // Words of a person that were passed on hold those of the one who did so.
        let is_told = passed_on.iter().any(|inner| inner.content == Content::Person);
        let own = if is_told { None } else { author() };
        return own.into_iter().chain(passed_on).collect();
    }
    let content = plain_content(message, &head, &text);
    let own = inbound(message, content, &head, &text);
    match plain_notice::quoted(&own.note.text).filter(|_| own.content == Content::Person) {
        Some(report) => {
            let mut copied = Inbound { content: Content::Report(report), tells: None, ..own.clone() };
            copied.names.reports = dsn::each(&own.note.text);
            // Whoever copies one in may have got it for a letter of his own: only the mailbox it names tells whose it is.
            copied.note.signs.push(NoReplyReason::Forwarded);
            // What somebody wrote stands first: a report that turns out to be about no letter of ours is kept with it.
            vec![own, copied]
        }
        None => vec![own],
    }
}

/// What the author of a message wrote, if that is a person, beside whatever lies inside it.
fn wrote(message: &Message<'_>, head: &HeaderFields, text: &str) -> Option<Inbound> {
    let has_words = !text::words_of(message).trim().is_empty();
    let is_person = has_words && plain_content(message, head, text) == Content::Person;
    is_person.then(|| inbound(message, Content::Person, head, text))
}

/// What its own parts say it is, in a form that has a standard.
fn structured(message: &Message<'_>, head: &HeaderFields) -> Option<Content> {
    if let Some(part) = part(message, &["delivery-status", "global-delivery-status"]) {
        return Some(dsn::read(&content(part)).map_or(Content::ServerNote, Content::Report));
    }
    if part(message, &["disposition-notification", "global-disposition-notification"]).is_some() {
        return Some(Content::Receipt);
    }
    if let Some(part) = part(message, &["feedback-report"]) {
        return Some(auto_reply::feedback(&content(part)));
    }
    if nested(message).any(|letter| HeaderFields::of(letter).has("x-hmxmroriginalrecipient")) {
        return Some(Content::Complaint);
    }
    let invitation = answered(message).filter(|_| !head.is_mailer())?;
    let words = text::words_of(message);
    let says_more = invitation.content == Content::Invitation(Invitation::Accepted)
        && (calendar_words::says_more(&words, &invitation.own_words) || signs::are_of_author("", &words));
    Some(if says_more { Content::Person } else { invitation.content })
}

/// What the head and the words of a message without standard parts say it is.
fn plain_content(message: &Message<'_>, head: &HeaderFields, text: &str) -> Content {
    let subject = message.subject().unwrap_or_default();
    let files: Vec<&str> = message.parts.iter().filter_map(|part| part.attachment_name()).collect();
    if auto_reply::is_domain_report(head, subject, &files) {
        return Content::Receipt;
    }
    let is_marked = auto_reply::is_marked(head, subject);
    let may_return = head.is_mailer() || head.is_from_nobody();
    let own_words = if may_return { plain_notice::above_copy(text) } else { text };
    if !is_marked && signs::are_of_author(subject, own_words) {
        return Content::Person;
    }
    if auto_reply::is_challenge(head, subject, text) {
        return Content::Challenge;
    }
    if !head.is_mailer() && auto_reply::is_absence(head, subject) {
        return Content::Absence;
    }
    if !may_return || !is_marked && is_by_person(head, subject, text) {
        return Content::Person;
    }
    let own = || message.parts.iter().find_map(|part| plain_notice::quoted(&content(part)));
    // Only a server's own words for a dead mailbox are believed without more.
    let definite = || plain_notice::definite(text).filter(|_| head.is_mailer() || is_marked);
    own()
        .or_else(|| plain_notice::read(subject, text))
        .or_else(definite)
        .map_or(Content::ServerNote, Content::Report)
}

/// Whether people's programs wrote it, though its path is empty or its author's mailbox is called like a server's: it answers a
/// message, or somebody speaks of himself and of no mail.
fn is_by_person(head: &HeaderFields, subject: &str, text: &str) -> bool {
    let lower = subject.trim().to_lowercase();
    let is_answer = REPLIES.iter().any(|mark| lower.starts_with(mark))
        && (head.has("in-reply-to") || head.has("references"));
    if head.is_mailer() {
        return is_answer && plain_notice::read(subject, text).is_none();
    }
    // Who answers a letter and says nothing of mail is no server, in whatever language he writes.
    let has_author = signs::has_author(text) || head.has("in-reply-to");
    is_answer || has_author && !plain_notice::speaks_of_mail(&format!("{subject}\n{text}"))
}

/// The messages somebody attached to pass them on; a copy of a letter of ours is none.
fn passed_on(message: &Message<'_>, head: &HeaderFields, text: &str, depth: usize) -> Vec<Inbound> {
    if head.is_from_nobody() && head.is_mailer() {
        return Vec::new();
    }
    let mut found: Vec<Inbound> = nested(message).flat_map(|inner| within(inner, depth - 1)).collect();
    found.retain(|inner| match inner.content {
        Content::Person => !inner.note.signs.contains(&NoReplyReason::AutoSubmitted),
        _ => true,
    });
    let outer = correlation::of(message, MarkScope::Outer);
    for inner in &mut found {
        inner.names.tags.extend(outer.tags.iter().cloned());
        inner.names.message_ids.extend(outer.message_ids.iter().cloned());
        inner.names.from.extend(outer.from.iter().cloned());
        inner.note.text = text::clean(&format!("{text}\n\n{}", inner.note.text));
        inner.note.tells_of_body |= signs::are_of_anyone("", text);
        if inner.content == Content::Person {
            inner.tells = reader_news::read(&inner.content, &inner.note);
        }
        inner.note.signs.push(NoReplyReason::Forwarded);
    }
    found
}

pub(in crate::mail::inbound) fn inbound(
    message: &Message<'_>,
    content: Content,
    head: &HeaderFields,
    text: &str,
) -> Inbound {
    let subject = text::clean_line(message.subject().unwrap_or_default());
    let calendar = answered(message);
    let is_about_letter = matches!(content, Content::Report(_) | Content::ServerNote | Content::Complaint);
    let scope = if is_about_letter { MarkScope::Returned } else { MarkScope::All };
    let mut names = correlation::of(message, scope);
    names.uid = calendar.as_ref().and_then(|answer| answer.uid.clone());
    let comment = calendar.and_then(|answer| answer.comment).filter(|comment| !text.contains(comment));
    let text =
        comment.map_or_else(|| text.to_owned(), |comment| text::clean(&format!("{text}\n\n{comment}")));
    let mut signs = auto_reply::signs(head, &subject);
    if content == Content::Person && signs::are_of_author(&subject, &text) {
        signs.retain(|sign| auto_reply::is_of_program(*sign));
    }
    let note = MessageNote {
        signs,
        tells_of_body: signs::are_of_anyone(&subject, &text),
        has_unread_words: encoding::unread(message).is_some(),
        subject,
        text,
        sender: head.sender(),
        message_id: message.message_id().filter(|id| text::fits_header(id)).map(str::to_owned),
    };
    let content = explained(content, &mut names, &note.text);
    let tells = reader_news::read(&content, &note);
    Inbound { names, content, note, tells }
}

/// What a report leaves open is looked for in the text beside it, where that speaks of one mailbox.
fn explained(content: Content, names: &mut Names, text: &str) -> Content {
    let Content::Report(mut report) = content else { return content };
    let mut failed = names.reports.iter_mut().filter(|told| told.report.fate == NoticeOutcome::Failed);
    if let (Some(told), None) = (failed.next(), failed.next()) {
        plain_notice::explain(&mut told.report, text);
    }
    plain_notice::explain(&mut report, text);
    Content::Report(report)
}

/// The answer its calendar part gives, whether sent inline or as a file.
fn answered(message: &Message<'_>) -> Option<CalendarReply> {
    let part = part(message, &["calendar", "ics"])?;
    let method = part.content_type().and_then(|kind| kind.attribute("method"));
    calendar_reply::read(&content(part), method)
}

/// The first part of one of these subtypes, not looking into messages inside it.
pub(in crate::mail::inbound) fn part<'m>(
    message: &'m Message<'m>,
    subtypes: &[&str],
) -> Option<&'m MessagePart<'m>> {
    message.parts.iter().find(|part| subtypes.contains(&subtype(part).as_str()))
}

fn content(part: &MessagePart<'_>) -> String {
    String::from_utf8_lossy(part.contents()).into_owned()
}

fn nested<'m>(message: &'m Message<'m>) -> impl Iterator<Item = &'m Message<'m>> {
    message.parts.iter().filter_map(|part| match &part.body {
        PartType::Message(inner) => Some(inner),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_in_messages_without_end_are_one_message_for_a_person() {
        for nest in [
            "Content-Type: message/rfc822\n\n",
            "Content-Type: message/ rfc822\n\n",
            "Content-Type: message/\n (a (b) \\) c) rfc822\n\n",
            "Content-Type: multipart/digest; boundary=b\n\n--b\n\n",
        ] {
            let raw = format!("From: a@b.example\nSubject: x\n{}", nest.repeat(100_000));
            let found = read(raw.as_bytes());
            assert_eq!((found.len(), &found[0].content), (1, &Content::Person));
        }
    }

    /// What her message is, and how many are made of it.
    fn contents(raw: &str) -> Vec<Content> {
        read(raw.as_bytes()).into_iter().map(|one| one.content).collect()
    }

    #[test]
    fn a_person_behind_an_empty_path_is_a_person_and_a_gateway_is_none() {
        let head = "Return-Path: <>\nFrom: her@home.example\nTo: care@clinic.example\n";
        for (more, text) in [
            ("Subject: Re: A note\nIn-Reply-To: <1@clinic.example>\n", "Please call me."),
            (
                "Subject: AW: A note\nReferences: <1@clinic.example>\n",
                "It could not be delivered, I read at desk@clinic.example.",
            ),
            (
                "Subject: Jsem na dovolené\nIn-Reply-To: <1@clinic.example>\n",
                "Jsem mimo kancelář do pondělí.",
            ),
            ("Subject: my legs\n", "I have numbness in both legs."),
            ("Subject: Question\n", "Can you ring me? I am worried."),
        ] {
            assert_eq!(contents(&format!("{head}{more}\n{text}\n")), [Content::Person], "{text}");
        }
        for (more, text) in [
            ("Subject: Notice 17\n", "The item you sent was put aside by the gateway for a look."),
            ("Subject: Hello\n", "I held your message back for my owner."),
            ("Subject: Mail\n", "Your arms or legs are weak, or your legs give way."),
        ] {
            assert_eq!(contents(&format!("{head}{more}\n{text}\n")), [Content::ServerNote], "{text}");
        }
    }

    #[test]
    fn a_report_that_somebody_copies_is_marked_as_passed_on() {
        let raw = "Return-Path: <her@home.example>\nFrom: her@home.example\nSubject: Re: x\n\nIt came back:\n\
                   > Final-Recipient: rfc822; desk@clinic.example\n> Action: failed\n> Status: 5.1.1\n\nMy legs are numb.\n";
        let found = read(raw.as_bytes());
        assert_eq!(found[0].content, Content::Person);
        assert!(matches!(found[1].content, Content::Report(_)));
        assert!(found[1].note.signs.contains(&NoReplyReason::Forwarded));
        assert!(!found[0].note.signs.contains(&NoReplyReason::Forwarded));
    }
}
