//! Reads what reaches a mailbox of ours: notices of mail servers, answers of programs, words of people. Whose letter it is about is
//! told by marks that only we could have made ([`crate::mail::inbound::correlation`]); everything else is a hint. What nobody can read goes to a person.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::care::address::EmailAddress;
use crate::care::inbound::{Content, Inbound, Invitation, MessageNote, Names, NoReplyReason};
use crate::mail::inbound::calendar_reply::{self, CalendarReply};
use crate::mail::inbound::correlation::MarkScope;
use crate::mail::inbound::headers::HeaderFields;
use crate::mail::inbound::text::{self, subtype};
use crate::mail::inbound::{auto_reply, calendar_words, correlation, dsn, plain_notice, reader_news};

/// How deep messages in messages are followed.
const DEEPEST: usize = 4;
/// How many messages are taken out of one.
const MOST: usize = 20;
/// How much of a message is read, in bytes; one larger than that is a film.
pub const MOST_BYTES: usize = 4 * 1024 * 1024;
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
        .filter(|rest| [&b"rfc822"[..], b"global", b"digest"].iter().any(|word| declares(rest, word)))
        .count()
}

/// What cannot be taken apart a person reads as it came.
fn unopened(raw: &[u8]) -> Inbound {
    let text = String::from_utf8_lossy(raw);
    let head = MessageParser::default().parse_headers(raw).map(|message| HeaderFields::of(&message));
    let sender = head.and_then(|head| head.sender());
    let from = sender.as_deref().and_then(|from| EmailAddress::parse(from).ok());
    let names = Names { from: from.into_iter().collect(), ..correlation::in_text(&text) };
    let note = MessageNote {
        text: text::clean(&text),
        sender,
        signs: vec![NoReplyReason::Forwarded],
        ..MessageNote::default()
    };
    Inbound { names, content: Content::Person, tells: reader_news::read(&Content::Person, &note.text), note }
}

fn within(message: &Message<'_>, depth: usize) -> Vec<Inbound> {
    let (head, text) = (HeaderFields::of(message), text::text_of(message));
    let author = || wrote(message, &head, &text);
    if let Some(content) = structured(message, &head) {
        // Whoever puts a notice or a receipt beside words of his own still wrote them.
        let is_beside = !matches!(content, Content::Invitation(_) | Content::Person) && !is_report(message);
        let own = is_beside.then(author).flatten();
        return own.into_iter().chain([inbound(message, content, &head, &text)]).collect();
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

/// Whether it says that it is a report as a whole (RFC 6522): its text is the reporting program's.
fn is_report(message: &Message<'_>) -> bool {
    let kind = message.content_type();
    kind.and_then(|kind| kind.c_subtype.as_deref()).is_some_and(|kind| kind.eq_ignore_ascii_case("report"))
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
        && calendar_words::says_more(&words, &invitation.own_words);
    Some(if says_more { Content::Person } else { invitation.content })
}

/// What the head and the words of a message without standard parts say it is.
fn plain_content(message: &Message<'_>, head: &HeaderFields, text: &str) -> Content {
    let subject = message.subject().unwrap_or_default();
    if auto_reply::is_challenge(head, subject, text) {
        return Content::Challenge;
    }
    if !head.is_mailer() && auto_reply::is_absence(head, subject) {
        return Content::Absence;
    }
    if !head.is_mailer() && !head.is_from_nobody() {
        return Content::Person;
    }
    let own = || message.parts.iter().find_map(|part| plain_notice::quoted(&content(part)));
    own().or_else(|| plain_notice::read(subject, text)).map_or(Content::ServerNote, Content::Report)
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
        if inner.content == Content::Person {
            inner.tells = reader_news::read(&inner.content, &inner.note.text);
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
    let note = MessageNote {
        signs: auto_reply::signs(head, &subject),
        subject,
        text,
        sender: head.sender(),
        message_id: message.message_id().filter(|id| text::fits_header(id)).map(str::to_owned),
    };
    let tells = reader_news::read(&content, &note.text);
    Inbound { names, content, note, tells }
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
        for nest in
            ["Content-Type: message/rfc822\n\n", "Content-Type: multipart/digest; boundary=b\n\n--b\n\n"]
        {
            let raw = format!("From: a@b.example\nSubject: x\n{}", nest.repeat(100_000));
            let found = read(raw.as_bytes());
            assert_eq!((found.len(), &found[0].content), (1, &Content::Person));
        }
    }
}
