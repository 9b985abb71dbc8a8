//! Whose letter a message is about: marks of ours, wherever a mail system may have put them. A tag survives quotes, capitals,
//! prefixes (BATV, SRS, VERP) and other delimiters, because it is looked for, not cut out; the caller proves that we made it. A
//! letter that a notice returns counts as ours by its own Message-ID or return path alone: one of somebody else's may well answer
//! one of ours, and then has our marks in its References.

use mail_parser::{Message, MimeHeaders, PartType};

use crate::care::address::EmailAddress;
use crate::care::inbound::Names;
use crate::mail::inbound::headers::HeaderFields;
use crate::mail::inbound::{dsn, plain_notice, sender_check, text};

/// Hex digits of a tag's mark, behind the number and a dash.
const MARK: usize = 10;
/// Digits of a tag's number at the most.
const NUMBER: usize = 12;
/// Hex digits of the left side of a Message-ID.
const ID: usize = 44;
/// As many as are worth proving; a letter names one.
const MOST: usize = 64;
/// Parts that a program writes to report what became of a letter.
const REPORTS: [&str; 3] = ["delivery-status", "global-delivery-status", "feedback-report"];
/// Where the envelope's own recipient stands.
const ENVELOPE: [&str; 5] = ["x-original-to", "delivered-to", "envelope-to", "x-envelope-to", "to"];

/// Which marks count of what lies inside a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mail::inbound) enum MarkScope {
    /// All: somebody passes it on, or quotes it.
    All,
    /// Of a letter that a server returns, what names that very letter.
    Returned,
    /// None: each message inside is looked at by itself.
    Outer,
}

/// What there is in a message, and in those inside it as far as it counts.
pub(in crate::mail::inbound) fn of(message: &Message<'_>, scope: MarkScope) -> Names {
    let mut names = Names::default();
    let head = HeaderFields::of(message);
    let (envelope, other): (Vec<_>, Vec<_>) = head.fields().partition(|(name, _)| ENVELOPE.contains(name));
    for (_, value) in envelope.into_iter().chain(other) {
        gather(value, &mut names);
        // A fold in the middle of an address left a gap.
        gather(&value.replace(' ', ""), &mut names);
    }
    let is_notice = head.is_mailer() || head.is_from_nobody() || is_report(message);
    let failed = head.value("x-failed-recipients").unwrap_or_default();
    let failed = failed.split(',').filter_map(|one| EmailAddress::parse(one.trim()).ok()).take(5);
    names.about.extend(failed);
    names.notified.extend(names.about.iter().filter(|_| is_notice).cloned());
    names.is_disowned = sender_check::speaks_against(&head);
    if let Some(from) = head.sender().and_then(|from| EmailAddress::parse(&from).ok()) {
        names.from.push(from);
    }
    for part in &message.parts {
        match &part.body {
            PartType::Message(inner) if scope == MarkScope::All => {
                let inner = of(inner, scope);
                inner.tags.into_iter().for_each(|tag| add(&mut names.tags, tag));
                inner.message_ids.into_iter().for_each(|id| add(&mut names.message_ids, id));
            }
            PartType::Message(inner) if scope == MarkScope::Returned => {
                let head = HeaderFields::of(inner);
                head.fields().filter(|(name, _)| is_own(name)).for_each(|(_, own)| gather(own, &mut names));
            }
            PartType::Message(_) => {}
            PartType::Multipart(_) => {}
            _ => {
                let text = String::from_utf8_lossy(part.contents());
                match (scope, text::subtype(part).as_str()) {
                    (MarkScope::Returned, "rfc822-headers") => gather(&fields(&text, is_own), &mut names),
                    (MarkScope::Returned, _) => gather(&fields(&text, is_no_thread), &mut names),
                    _ => gather(&text, &mut names),
                }
                let told = recipients(&text);
                if is_notice && REPORTS.contains(&text::subtype(part).as_str()) {
                    names.notified.extend(told.iter().cloned());
                }
                names.about.extend(told);
                if is_notice && !is_report(message) && text::subtype(part) == "plain" {
                    names.about.extend(headed(&text));
                }
                names.is_passed_on |= is_notice && is_passed_on(&text);
                names.reports.extend(dsn::each(&text));
            }
        }
    }
    // Each is looked for among the patients.
    names.about.truncate(MOST);
    names.notified.truncate(MOST);
    names
}

/// Whether it says that it is a report as a whole (RFC 6522): its text is the reporting program's.
pub(in crate::mail::inbound) fn is_report(message: &Message<'_>) -> bool {
    let kind = message.content_type();
    kind.and_then(|kind| kind.c_subtype.as_deref()).is_some_and(|kind| kind.eq_ignore_ascii_case("report"))
}

/// Whether a field of a returned letter names that letter itself.
fn is_own(field: &str) -> bool {
    ["message-id", "return-path", "envelope-from"].iter().any(|own| field.ends_with(own))
}

/// Whether a line names no other letter that was answered or copied to somebody.
fn is_no_thread(field: &str) -> bool {
    !["in-reply-to", "references", "cc"].contains(&field)
}

/// The lines of a text, folds with the line they belong to, whose field, as far as they have one, is among those asked for.
fn fields(text: &str, is_asked: fn(&str) -> bool) -> String {
    let mut keeps = true;
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        let bare = line.trim_start_matches(['>', '|']);
        let bare = if bare.len() < line.len() { bare.strip_prefix(' ').unwrap_or(bare) } else { bare };
        if !bare.starts_with([' ', '\t']) {
            let name = bare.split_once(':').map_or("", |(name, _)| name);
            keeps = is_asked(&name.trim().to_ascii_lowercase());
        }
        if keeps {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// All there is in a text that could not be taken apart.
pub(in crate::mail::inbound) fn in_text(text: &str) -> Names {
    let mut names = Names::default();
    gather(text, &mut names);
    names
}

/// Whom a report (RFC 3464 §2.3.1 and §2.3.2) or a complaint (RFC 5965 §3.2) is about, the address that was written to first.
fn recipients(text: &str) -> Vec<EmailAddress> {
    let lines = || text.lines().filter_map(|line| line.split_once(':'));
    let of = |field: &'static str| {
        let values = lines().filter(move |(name, _)| name.trim().eq_ignore_ascii_case(field));
        values.filter_map(|(_, value)| dsn::mailbox(value))
    };
    of("original-recipient").chain(of("final-recipient")).chain(of("original-rcpt-to")).take(5).collect()
}

/// Whom a notice in a server's own words is about: the mailbox alone before a colon, in front of what was said (qmail and its heirs).
fn headed(text: &str) -> Vec<EmailAddress> {
    let lines = plain_notice::above_copy(text).lines();
    let named = lines.filter_map(|line| line.trim_end().strip_prefix('<')?.strip_suffix(">:"));
    named.filter_map(|address| EmailAddress::parse(address).ok()).take(5).collect()
}

/// Whether a server says behind the mailbox that failed which one passes its mail on to it (Exim, Postfix).
fn is_passed_on(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["(generated from ", "(ultimately generated from ", "(expanded from ", "(expanded from: "]
        .iter()
        .any(|sign| text.contains(sign))
}

fn gather(text: &str, names: &mut Names) {
    let text = text.to_ascii_lowercase();
    tags(&text).for_each(|tag| add(&mut names.tags, tag));
    message_ids(&text).for_each(|id| add(&mut names.message_ids, id));
}

fn add(list: &mut Vec<String>, one: String) {
    if list.len() < MOST && !list.contains(&one) {
        list.push(one);
    }
}

const fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// `NUMBER-MARK`, whatever stands around it.
fn tags(text: &str) -> impl Iterator<Item = String> {
    let bytes = text.as_bytes();
    text.match_indices('-').filter_map(move |(at, _)| {
        let digits = bytes.get(..at)?.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let mark = bytes.get(at + 1..=at + MARK)?;
        let is_tag = (1..=NUMBER).contains(&digits) && mark.iter().all(|b| is_hex(*b));
        is_tag.then(|| text.get(at - digits..=at + MARK).map(str::to_owned)).flatten()
    })
}

/// The last 44 hex digits of each run of them: what stands before may be an encoded bracket.
fn message_ids(text: &str) -> impl Iterator<Item = String> {
    let runs = text.split(|c: char| !c.is_ascii() || !is_hex(u8::try_from(c).unwrap_or_default()));
    runs.filter(|run| (ID..ID + 8).contains(&run.len()))
        .filter_map(|run| run.get(run.len() - ID..).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut names = Names::default();
        gather(text, &mut names);
        names.tags
    }

    #[test]
    fn a_tag_is_found_however_a_mail_system_wrote_the_address() {
        for address in [
            "care+17-c0ffee1234@riverside.example",
            "\"care+17-c0ffee1234\"@riverside.example",
            "CARE+17-C0FFEE1234@RIVERSIDE.EXAMPLE",
            "prvs=190694bd6d=care+17-c0ffee1234@riverside.example",
            "btv1==0123==care+17-c0ffee1234@riverside.example",
            "SRS0=HHHH=TT=riverside.example=care+17-c0ffee1234@forward.example",
            "SRS1=HHHH=forward.example==HHHH=TT=riverside.example=care+17-c0ffee1234@next.example",
            "care-17-c0ffee1234@riverside.example",
            "care=17-c0ffee1234@riverside.example",
            "care=2B17-c0ffee1234@riverside.example",
            "list-bounces+care+17-c0ffee1234=riverside.example@list.example",
            "<care+letters+17-c0ffee1234@riverside.example>",
        ] {
            let tags = found(address);
            assert!(tags.contains(&"17-c0ffee1234".to_owned()), "{address}: {tags:?}");
        }
    }

    #[test]
    fn a_message_id_is_found_behind_encoded_brackets() {
        let id = "0123456789abcdef0123456789abcdef0123456789ab";
        for text in [format!("<{id}@riverside.example>"), format!("=3C{}=40x", id.to_uppercase())] {
            let mut names = Names::default();
            gather(&text, &mut names);
            assert_eq!(names.message_ids, [id], "{text}");
        }
    }

    #[test]
    fn a_returned_letter_is_ours_by_what_names_it_and_not_by_what_it_answers() {
        let id = "0123456789abcdef0123456789abcdef0123456789ab";
        let other = "ab0123456789abcdef0123456789abcdef0123456789";
        let returned = |inner: &str, kind: &str| {
            let raw = format!(
                "From: mailer-daemon@mx.example\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n\n\
                 --b\nContent-Type: {kind}\n\n{inner}\n--b--\n"
            );
            let message = mail_parser::MessageParser::default().parse(raw.as_bytes()).unwrap();
            of(&message, MarkScope::Returned)
        };
        for kind in ["message/rfc822", "text/rfc822-headers"] {
            let hers = format!(
                "From: her@home.example\nCc: care+17-c0ffee1234@riverside.example\nMessage-ID: <x@home.example>\n\
                 References: <y@home.example>\n <{id}@riverside.example>\nIn-Reply-To: <{id}@riverside.example>\n\n{id}\n"
            );
            let names = returned(&hers, kind);
            assert_eq!((names.message_ids, names.tags), (vec![], vec![]), "{kind}");
            let ours = format!(
                "Return-Path: <care+17-c0ffee1234@riverside.example>\nMessage-ID:\n <{id}@riverside.example>\n\
                 References: <{other}@riverside.example>\n"
            );
            let names = returned(&ours, kind);
            assert_eq!(
                (names.message_ids, names.tags),
                (vec![id.into()], vec!["17-c0ffee1234".into()]),
                "{kind}"
            );
        }
        let copied = format!(
            "It failed:\n> Message-ID: <{id}@riverside.example>\n> References: <a@b.example>\n>  <{other}@riverside.example>\n"
        );
        assert_eq!(returned(&copied, "text/plain").message_ids, [id]);
    }

    #[test]
    fn a_flood_of_parts_names_no_more_mailboxes_than_one_asks_about() {
        let part = "--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\n\n";
        let raw = format!(
            "MIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n\n{}--b--\n",
            part.repeat(3 * MOST)
        );
        let message = mail_parser::MessageParser::default().parse(raw.as_bytes()).unwrap();
        assert_eq!(of(&message, MarkScope::Returned).about.len(), MOST);
    }

    #[test]
    fn a_flood_of_likely_words_is_cut() {
        let flood: String = (0..1_000).map(|n| format!("{n}-c0ffee1234 ")).collect();
        assert_eq!(found(&flood).len(), MOST);
    }
}
