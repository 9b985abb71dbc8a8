//! What a refusal is about: her mailbox, this letter, us, or the moment; and whether waiting helps. Read alike from a reply
//! in the SMTP dialogue and from a notice that comes back. The codes are a table beside RFC 3463 ([`crate::care::refusal::status_codes`]), the words of the
//! world's mail servers are another ([`crate::care::refusal::phrases`]); where both speak, words win, because one code stands for many things;
//! only that a mailbox is dead they do not say of us, whom the code names.

use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::cause::Cause;
use crate::care::refusal::envelope::Envelope;
use crate::care::refusal::phrases::phrase::PhraseMatch;
use crate::care::refusal::phrases::waiting::{
    calls_it_harmful, could_not_look, doubts_a_dead_mailbox, failed_to_find, had_no_answer, is_choosy,
    names_a_mailbox, promises_later, speaks_of_letter, tells_of_a_decision,
};
use crate::care::refusal::reason::{Permanence, RefusalReason, Scope};
use crate::care::refusal::sentence_marks::{HERS, OURS, plain};
use crate::care::refusal::status::EnhancedStatus;
use crate::care::refusal::{phrases, sentence, status, status_codes};

/// Where a refusal was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DialogueStage {
    /// At the greeting, EHLO, STARTTLS, RSET or NOOP: before any letter.
    Connection,
    /// In reply to AUTH (RFC 4954), before any letter.
    SignIn,
    /// In reply to MAIL FROM, before the recipient is named.
    Sender,
    /// In reply to RCPT TO: the first stage that can be about her mailbox.
    Recipient,
    /// At DATA or the final dot.
    Body,
    /// In a notice that the letter was given up.
    Notice,
}

impl DialogueStage {
    /// The word in logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::SignIn => "sign-in",
            Self::Sender => "sender",
            Self::Recipient => "recipient",
            Self::Body => "body",
            Self::Notice => "notice",
        }
    }
}

/// A refusal as it was said.
#[derive(Debug, Clone, Copy)]
pub struct RefusalText<'a> {
    /// The stage of the dialogue at which it was said.
    pub at: DialogueStage,
    /// The basic reply code (RFC 5321 §4.2), 400 to 599, if one is known.
    pub code: Option<u16>,
    /// The enhanced status code (RFC 3463), e.g. `5.1.1`, if one is known. Of a notice the field `Status`.
    pub status: Option<&'a str>,
    /// The server's words; of a notice the field `Diagnostic-Code`.
    pub words: &'a str,
    /// Whom the letter was for and from, as far as it is known here.
    pub envelope: Envelope<'a>,
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Refusal {
    /// Why, which also tells what it is about.
    pub reason: RefusalReason,
    /// Whether the same letter may be taken later.
    pub permanence: Permanence,
}

impl Refusal {
    /// What it is about.
    #[must_use]
    pub const fn scope(self) -> Scope {
        self.reason.scope()
    }

    /// What it means for the letter.
    #[must_use]
    pub const fn verdict(self) -> AttemptVerdict {
        match (self.permanence, self.reason) {
            (Permanence::Temporary, reason) if reason.slows_all() => AttemptVerdict::Overloaded,
            (Permanence::Temporary, _) => AttemptVerdict::Later,
            (Permanence::Lasting, RefusalReason::Us(cause)) => AttemptVerdict::RefusesUs(cause),
            (Permanence::Lasting, reason) if reason.is_dead_address() => AttemptVerdict::BadAddress,
            (Permanence::Lasting, _) => AttemptVerdict::Refused,
        }
    }
}

/// What a refusal means for the letter, the mailbox and us.
#[must_use]
pub fn read(said: &RefusalText<'_>) -> Refusal {
    let status = told(said);
    let class = said.code.map(|code| code / 100).or(status.map(|status| status.class)).unwrap_or(5);
    let marked = sentence::read(&in_one_line(said), said.envelope);
    let words = ReplyText { marked: &marked, plain: &plain(&marked), status, class };
    let found = phrases::find(words.marked, |reason| {
        fits(reason, said.at)
            && !is_outweighed(reason, &words, said.code)
            && !is_her_limit(reason, &words)
            && !is_of_a_link(reason, &words, said.at)
            && !is_not_sure(reason, &words, said.at)
    });
    let meant = found
        .map(|found| found.reason)
        .or_else(|| by_code(said, &words))
        .unwrap_or_else(|| unclear(said.at, class));
    settled(said, &words, found, seen_from(meant, said.at, class))
}

/// The status and the words as one line: the codes that open every line of a reply are left out, for they stand
/// in the middle of its sentences. The status leads, because some words mean something only beside it.
fn in_one_line(said: &RefusalText<'_>) -> String {
    let (status, code) = (said.status.unwrap_or_default(), said.code.map(|code| code.to_string()));
    let code = code.unwrap_or_default();
    let words = said.words.split_whitespace().map(|word| match word.split_once('-') {
        Some((first, rest)) if first == code => rest,
        _ => word,
    });
    let told = words.filter(|word| *word != status && *word != code);
    format!("{status} {}", told.collect::<Vec<_>>().join(" "))
}

/// A refusal's words and codes, ready to be judged.
struct ReplyText<'w> {
    marked: &'w str,
    plain: &'w str,
    status: Option<EnhancedStatus>,
    class: u16,
}

/// The reason, and whether waiting helps.
fn settled(
    said: &RefusalText<'_>,
    words: &ReplyText<'_>,
    found: Option<PhraseMatch>,
    reason: RefusalReason,
) -> Refusal {
    let permanence = permanence(said, words, found, reason);
    let refuses_sign_in = said.at == DialogueStage::SignIn && words.class == 5;
    match reason {
        // Who does not let us in refuses us, and no code of his is one of load.
        RefusalReason::Us(_) if refuses_sign_in => Refusal { reason, permanence: Permanence::Lasting },
        _ if refuses_sign_in => {
            Refusal { reason: RefusalReason::Us(Cause::SignIn), permanence: Permanence::Lasting }
        }
        // Given up, though the server knew no more than that it will do later: that says nothing lasting about a mailbox.
        dead if said.at == DialogueStage::Notice
            && dead.is_dead_address()
            && is_put_off(words, found, dead) =>
        {
            Refusal { reason: RefusalReason::Unreachable, permanence }
        }
        _ if permanence == Permanence::Lasting && is_before_her(said.at) => {
            Refusal { reason: before_her(reason, said.at), permanence }
        }
        _ => Refusal { reason, permanence },
    }
}

/// Who will not even hear whom the letter is for refuses us, whatever it calls it: of the letter no more than its size is known
/// at MAIL (RFC 1870), and nothing before it.
const fn before_her(reason: RefusalReason, at: DialogueStage) -> RefusalReason {
    match (reason, reason.scope()) {
        (RefusalReason::TooBig, _) if matches!(at, DialogueStage::Sender) => reason,
        (RefusalReason::Content, _) => RefusalReason::Us(Cause::Reputation),
        (_, Scope::Moment | Scope::Letter) => RefusalReason::Us(Cause::Protocol),
        _ => reason,
    }
}

/// Whether waiting helps: the basic code says it, unless words do, or an enhanced code that calls a permanent one temporary.
fn permanence(
    said: &RefusalText<'_>,
    words: &ReplyText<'_>,
    found: Option<PhraseMatch>,
    reason: RefusalReason,
) -> Permanence {
    let is_over = words.class != 4 || said.at == DialogueStage::Notice;
    let coded = if is_over { Permanence::Lasting } else { Permanence::Temporary };
    let is_passing = reason == RefusalReason::Us(Cause::Relay) && words.plain.contains("temporarily");
    match found.and_then(|found| found.lasts) {
        _ if said.at == DialogueStage::Notice => coded,
        // Who knows no more than that he cannot tell now whom he relays for.
        Some(_) if words.class == 4 && is_passing => coded,
        Some(lasts) => lasts,
        None if is_put_off(words, found, reason) => Permanence::Temporary,
        None => coded,
    }
}

/// Whether what is said to be permanent is only so for now.
fn is_put_off(words: &ReplyText<'_>, found: Option<PhraseMatch>, reason: RefusalReason) -> bool {
    let is_doubted = words.class == 5 && words.status.is_some_and(|status| status.class == 4);
    let may_wait = found.is_none() || reason == RefusalReason::Us(Cause::Limit);
    let is_promised = may_wait && promises_later(words.plain);
    is_doubted || is_promised || (reason.is_dead_address() && doubts_a_dead_mailbox(words.plain))
}

/// What the enhanced code says, else the basic one. Beside an enhanced code the basic one only tells what is about us: servers
/// are free with the others.
fn by_code(said: &RefusalText<'_>, words: &ReplyText<'_>) -> Option<RefusalReason> {
    let told = words.status.and_then(|status| status_codes::find(status.subject, status.detail));
    let basic = || {
        said.code.and_then(status_codes::basic).filter(|r| words.status.is_none() || r.scope() == Scope::Us)
    };
    let full =
        || (said.code == Some(552) && said.at == DialogueStage::Recipient).then_some(RefusalReason::Full);
    let reason = told.or_else(full).or_else(basic).filter(|reason| fits(*reason, said.at))?;
    let status = words.status.map(|status| (status.subject, status.detail));
    // "Other address status", and at a letter that was let come so far: the words must name what is dead.
    let is_vague = status == Some((1, 0)) || (status == Some((2, 1)) && said.at == DialogueStage::Body);
    let is_unnamed = is_vague && !names_a_mailbox(words.plain) && !words.marked.contains(HERS);
    let is_ours = words.marked.contains(OURS) && !words.marked.contains(HERS);
    let is_of_letter = said.at == DialogueStage::Body && speaks_of_letter(words.plain);
    let says_else = tells_of_a_decision(words.plain)
        || could_not_look(words.plain)
        || failed_to_find(words.plain)
        || is_choosy(words.plain)
        || is_of_letter;
    let is_doubtful = reason.is_dead_address() && (is_unnamed || is_ours || says_else);
    Some(match reason {
        RefusalReason::UnknownDomain if had_no_answer(words.plain) => RefusalReason::Unreachable,
        // Servers give a code for a mailbox to what a rule of theirs decided of a message.
        _ if is_doubtful => RefusalReason::Refuses,
        _ => reason,
    })
}

/// A code that names us (`5.1.8`, `5.7.27`, 535) stands above words about a mailbox: it is our own address that has none; and a
/// sign-in refused for good above words of load. A code that says only that something was not understood does not.
fn is_outweighed(reason: RefusalReason, words: &ReplyText<'_>, code: Option<u16>) -> bool {
    let told = words.status.and_then(|status| status_codes::find(status.subject, status.detail));
    // Microsoft's codes for a server that it could not reach stand before words of that server, or of others on the way.
    let is_quoted = words.status.is_some_and(|status| status.subject == 4 && status.detail >= 300);
    if is_quoted && told == Some(RefusalReason::Unreachable) && reason.scope() == Scope::Us {
        return true;
    }
    [told, code.and_then(status_codes::basic)].into_iter().flatten().any(|named| match named {
        RefusalReason::Us(Cause::Protocol) => false,
        RefusalReason::Us(Cause::SignIn | Cause::Suspended) if words.class == 5 => {
            matches!(reason.scope(), Scope::Mailbox | Scope::Moment)
        }
        RefusalReason::Us(_) => reason.scope() == Scope::Mailbox,
        _ => false,
    })
}

/// A limit beside the code of a full mailbox (X.2.2) is hers, unless its words name whoever sends.
fn is_her_limit(reason: RefusalReason, words: &ReplyText<'_>) -> bool {
    let is_full = words.status.is_some_and(|status| (status.subject, status.detail) == (2, 2));
    let names_us = [" you", "send", "sent", "outgoing", "outbound", "submission", "relay"];
    let is_ours = words.marked.contains(OURS) || names_us.iter().any(|sign| words.plain.contains(sign));
    reason == RefusalReason::Us(Cause::Limit) && is_full && !is_ours
}

/// A letter that was seen whole has links: a domain that is none is hers only where she, or how mail finds her, is named.
fn is_of_a_link(reason: RefusalReason, words: &ReplyText<'_>, at: DialogueStage) -> bool {
    let hers = ["recipient", "null mx", "nullmx", "name serv"];
    let is_hers = words.marked.contains(HERS) || hers.iter().any(|sign| words.plain.contains(sign));
    reason == RefusalReason::UnknownDomain && at == DialogueStage::Body && !is_hers
}

/// Whoever could not look knows of no dead mailbox; and who calls a letter harmful speaks of that, whatever else he says.
fn is_not_sure(reason: RefusalReason, words: &ReplyText<'_>, at: DialogueStage) -> bool {
    let is_harmful = at == DialogueStage::Body && calls_it_harmful(words.plain);
    reason.is_dead_address() && (could_not_look(words.plain) || is_harmful)
}

/// Before a recipient is named nothing can be about her mailbox.
fn fits(reason: RefusalReason, at: DialogueStage) -> bool {
    reason.scope() != Scope::Mailbox || !is_before_her(at)
}

const fn is_before_her(at: DialogueStage) -> bool {
    matches!(at, DialogueStage::Connection | DialogueStage::SignIn | DialogueStage::Sender)
}

/// The same reason from where it was said.
const fn seen_from(reason: RefusalReason, at: DialogueStage, class: u16) -> RefusalReason {
    match (reason, at) {
        // Put off until time was up: that says nothing lasting about a mailbox.
        (dead, DialogueStage::Notice) if class == 4 && dead.is_dead_address() => RefusalReason::Unreachable,
        // Our own server took the letter, so it was hers that would not have it: that it wants another to sign in, or to speak
        // in secret, lies between those two.
        (RefusalReason::Us(Cause::Relay | Cause::NotEncrypted | Cause::SignIn), DialogueStage::Notice) => {
            RefusalReason::Refuses
        }
        // The dialogue was understood as far as the letter itself.
        (RefusalReason::Us(Cause::Protocol), DialogueStage::Body | DialogueStage::Notice) => {
            RefusalReason::Malformed
        }
        (reason, _) => reason,
    }
}

/// What a refusal without a known code or word can be about: where it was said tells.
const fn unclear(at: DialogueStage, class: u16) -> RefusalReason {
    match (at, class) {
        (DialogueStage::SignIn, _) => RefusalReason::Us(Cause::SignIn),
        (DialogueStage::Connection | DialogueStage::Sender, 5) => RefusalReason::Us(Cause::Protocol),
        // Nothing of the letter is known yet.
        (DialogueStage::Recipient, 5) => RefusalReason::Refuses,
        (DialogueStage::Body | DialogueStage::Notice, 5) => RefusalReason::Content,
        _ => RefusalReason::Unclear,
    }
}

/// The status said, or, where it says nothing ("other"), a plainer one in a notice's words.
fn told(said: &RefusalText<'_>) -> Option<EnhancedStatus> {
    let given = said.status.and_then(EnhancedStatus::parse);
    let is_plain = given.is_some_and(EnhancedStatus::is_plain);
    // A relay that answers only when it has heard her own server quotes that.
    if given.is_none() && said.code.is_some_and(|code| code / 100 == 5) && said.at != DialogueStage::Notice {
        return status::quoted(said.words);
    }
    if is_plain || said.at != DialogueStage::Notice {
        return given;
    }
    status::refusing(said.words).or(given)
}

#[cfg(test)]
mod tests {
    use AttemptVerdict::{BadAddress, Refused, RefusesUs};

    use super::*;

    fn notice(status: &str, words: &str) -> AttemptVerdict {
        let code =
            words.split([' ', ';']).find_map(|word| word.parse().ok()).filter(|c| (400..600).contains(c));
        read(&RefusalText {
            at: DialogueStage::Notice,
            code,
            status: Some(status),
            words,
            envelope: Envelope::default(),
        })
        .verdict()
    }

    const NOTICES: &[(&str, &str, AttemptVerdict)] = &[
        ("5.1.1", "smtp; 550 5.1.1 <address>: Recipient address rejected: User unknown", BadAddress),
        ("5.0.0", "smtp; 550 Mailbox not found or access denied", BadAddress),
        ("5.0.0", "smtp; 550-5.1.1 no", BadAddress),
        ("5.4.1", "smtp;550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", BadAddress),
        (
            "5.4.4",
            "Host or domain name not found. Name service error for name=hoome.example type=A: Host not found",
            BadAddress,
        ),
        (
            "5.1.90",
            "smtp;550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
            RefusesUs(Cause::Limit),
        ),
        (
            "5.7.1",
            "smtp; 554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org",
            RefusesUs(Cause::Listed),
        ),
        (
            "5.7.26",
            "smtp; 550-5.7.26 This mail has been blocked because the sender is unauthenticated.",
            RefusesUs(Cause::Authentication),
        ),
        ("4.4.7", "smtp; 450 4.1.1 unverified address", Refused),
        ("4.2.2", "smtp; 452 4.2.2 mailbox full", Refused),
        ("4.4.1", "connect to mx.home.example: Connection timed out", Refused),
        ("5.2.2", "smtp; 552 5.2.2 mailbox over quota", Refused),
        ("5.7.1", "smtp; 554 5.7.1 <address>: Relay access denied", Refused),
        ("5.5.0", "smtp; 503 5.5.1 bad sequence", Refused),
        ("5.0.0", "smtp; 550 spam", Refused),
        ("5.7.0", "smtp; 530 5.7.0 Must issue a STARTTLS command first", Refused),
        ("5.7.1", "X-Postfix; TLS is required, but was not offered by host mx.home.example", Refused),
        ("5.7.10", "smtp; 550 5.7.10 Encryption needed by recipient domain", Refused),
        ("5.7.1", "smtp; 550 5.7.1 Authentication required", Refused),
        ("5.7.1", "smtp; 530 5.7.1 Client was not authenticated", Refused),
        (
            "4.4.317",
            "smtp;550 4.4.317 Cannot connect to remote server [Message=451 5.7.3 STARTTLS is required to send mail]",
            Refused,
        ),
        ("5.2.1", "smtp; 550 5.2.1 El buzón está temporalmente deshabilitado", Refused),
        ("5.4.4", "smtp;550 5.4.4 SMTPSEND.DNS.ServerFailure; DNS server failure", Refused),
        ("5.1.1", "smtp; 450 4.1.1 unverified address: Address verification in progress", Refused),
        (
            "5.0.350",
            "smtp;550 5.0.350 Remote server returned an error -> 550 5.1.1 <address>: User unknown",
            BadAddress,
        ),
        ("5.1.8", "smtp; 550 5.1.8 Sender mailbox does not exist", RefusesUs(Cause::SenderAddress)),
        ("5.1.8", "smtp; 553 5.1.8 Sender address domain does not exist", RefusesUs(Cause::SenderAddress)),
        (
            "5.0.0",
            "smtp; 550-Requested action not taken: mailbox unavailable 550-Sender address is not allowed. 550 For explanation visit the help pages",
            RefusesUs(Cause::SenderAddress),
        ),
        (
            "5.0.0",
            "smtp; 550-Requested action not taken: mailbox unavailable 550-invalid DNS MX or A/AAAA resource record 550 For explanation visit the help pages",
            RefusesUs(Cause::SenderAddress),
        ),
        (
            "5.0.0",
            "smtp; 550-Requested action not taken: mailbox unavailable 550-Reject due to policy restrictions 550 For explanation visit the help pages",
            Refused,
        ),
        (
            "5.0.0",
            "smtp; 550-Requested action not taken: mailbox unavailable 550 For explanation visit the help pages",
            BadAddress,
        ),
        (
            "5.1.1",
            "smtp; 550 5.1.1 user unknown (in reply to RCPT TO, after MAIL FROM was accepted)",
            BadAddress,
        ),
        ("5.1.1", "smtp; 550 5.1.1 user unknown, mail returned to sender", BadAddress),
        ("5.4.1", "smtp; 550 Recipient address rejected: Access denied", BadAddress),
        (
            "5.2.0",
            "smtp;550 5.2.0 STOREDRV.Deliver.Exception:AccountDisabledException.MapiExceptionMailboxDisabled; permanent",
            BadAddress,
        ),
        (
            "5.7.1",
            "smtp; 550-5.7.1 [192.0.2.9] The IP you're using is not authorized to 550-5.7.1 send email directly to our servers.",
            Refused,
        ),
        ("5.2.1", "smtp; 521 5.2.1 : AOL will not accept delivery of this message.", Refused),
        ("nonsense", "", Refused),
        ("5.0.0", "smtp; 550 User <dkim@home.example> unknown", BadAddress),
        ("5.0.0", "smtp; 550 User unknown, please try again later", Refused),
        ("5.2.1", "smtp; 550 5.2.1 This mailbox is being moved, please try later", Refused),
        ("5.0.0", "smtp; 550 Mailbox <address> does not exist", BadAddress),
        ("5.0.0", "smtp; 550 Address spf@home.example not found", BadAddress),
        ("5.0.0", "smtp; 550 Account \"relay@home.example\" not found", BadAddress),
        ("5.0.0", "smtp; 550 The recipient <address> is unknown", BadAddress),
        ("5.0.0", "smtp; 550 Domain home.example does not exist", BadAddress),
        (
            "5.1.1",
            "smtp; 550 5.1.1 <dmarc@home.example>: Recipient address rejected: User unknown",
            BadAddress,
        ),
        ("5.2.2", "smtp; 552 5.2.2 <dkim@home.example>: Mailbox full", Refused),
        ("5.0.0", "smtp; 550 User <address> is over the limit", Refused),
        ("5.7.1", "smtp; 550 5.7.1 Recipient does not accept mails over 10 MB", Refused),
        ("5.0.0", "smtp; 550 You are not authorized to send mail to this recipient", Refused),
    ];

    #[test]
    fn a_notice_is_read_like_a_reply_but_given_up_is_given_up() {
        for (status, words, verdict) in NOTICES {
            assert_eq!(notice(status, words), *verdict, "{status} {words}");
        }
    }

    #[test]
    fn a_code_that_names_us_outweighs_words_about_a_mailbox_and_no_other_does() {
        for (status, words, is_hers) in [
            ("5.1.8", "mailbox does not exist", false),
            ("5.7.27", "null MX", false),
            ("5.7.1", "mailbox does not exist", true),
            ("5.5.0", "mailbox unavailable", true),
            ("5.5.4", "no such user", true),
            ("5.1.1", "no such user; the sender is told", true),
        ] {
            let said = RefusalText {
                at: DialogueStage::Recipient,
                code: Some(550),
                status: Some(status),
                words,
                envelope: Envelope::default(),
            };
            assert_eq!(read(&said).reason.is_dead_address(), is_hers, "{status} {words}");
        }
    }

    fn reply(at: DialogueStage, text: &str) -> Refusal {
        let (code, words) = text.split_once(' ').unwrap();
        let status = words.split(' ').next().filter(|word| word.contains('.'));
        read(&RefusalText { at, code: code.parse().ok(), status, words, envelope: Envelope::default() })
    }

    #[test]
    fn before_she_is_named_a_lasting_refusal_is_about_us_or_the_size_that_was_told() {
        use DialogueStage::{Connection, Sender};
        for (at, text, reason) in [
            (Sender, "550 5.7.1 rejected: known spammer", RefusalReason::Us(Cause::Reputation)),
            (Sender, "554 5.7.1 spam trap hit", RefusalReason::Us(Cause::Reputation)),
            (Sender, "550 5.6.0 not accepted", RefusalReason::Us(Cause::Protocol)),
            (Sender, "550 5.7.5 DNS failure on sender domain", RefusalReason::Us(Cause::SenderAddress)),
            (Sender, "552 5.3.4 too big", RefusalReason::TooBig),
            (Connection, "554 5.7.1 spam source, go away", RefusalReason::Us(Cause::Reputation)),
            (Connection, "554 virus-infected host rejected", RefusalReason::Us(Cause::Reputation)),
            (Connection, "550 5.7.5 no", RefusalReason::Us(Cause::Protocol)),
            (Connection, "552 5.3.4 too big", RefusalReason::Us(Cause::Protocol)),
        ] {
            assert_eq!(reply(at, text), Refusal { reason, permanence: Permanence::Lasting }, "{text}");
        }
    }

    #[test]
    fn a_domain_that_a_letter_only_links_to_is_no_mailbox() {
        for (at, text, is_dead) in [
            (DialogueStage::Body, "554 5.7.1 URL domain not found", false),
            (DialogueStage::Body, "554 link to a domain that does not exist", false),
            (DialogueStage::Body, "554 unknown domain in message", false),
            (DialogueStage::Body, "550 recipient domain not found", true),
            (DialogueStage::Body, "550 5.1.2 domain not found", true),
            (DialogueStage::Recipient, "550 domain not found", true),
        ] {
            assert_eq!(reply(at, text).reason.is_dead_address(), is_dead, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_temporary_refusal_in_the_dialogue_never_costs_an_address(code in 400u16..500, status in "[45]\\.[0-9]{1,3}\\.[0-9]{1,3}", words: String) {
            for at in [DialogueStage::Connection, DialogueStage::SignIn, DialogueStage::Sender, DialogueStage::Recipient, DialogueStage::Body] {
                let verdict = read(&RefusalText { at, code: Some(code), status: Some(&status), words: &words, envelope: Envelope::default() }).verdict();
                let waits = matches!(verdict, AttemptVerdict::Later | AttemptVerdict::Overloaded | AttemptVerdict::RefusesUs(_));
                proptest::prop_assert!(waits, "{verdict:?}");
            }
        }

        #[test]
        fn before_she_is_named_nothing_is_about_her_or_her_letters_address(code in 400u16..600, status in "[45]\\.[0-9]{1,3}\\.[0-9]{1,3}", words: String) {
            for at in [DialogueStage::Connection, DialogueStage::SignIn, DialogueStage::Sender] {
                let read = read(&RefusalText { at, code: Some(code), status: Some(&status), words: &words, envelope: Envelope::default() });
                proptest::prop_assert_ne!(read.scope(), Scope::Mailbox);
                let is_size = at == DialogueStage::Sender && read.reason == RefusalReason::TooBig;
                let is_ours = read.scope() == Scope::Us || is_size;
                proptest::prop_assert!(read.permanence == Permanence::Temporary || is_ours, "{read:?}");
            }
        }
    }
}
