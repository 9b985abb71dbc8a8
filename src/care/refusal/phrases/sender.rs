//! Words that refuse whoever wrote: our sender address, its domain, the return path. Servers say of it what they say of a
//! mailbox of hers ("does not exist", "null MX"), so what counts is of whom a clause speaks. Our own address is us, whatever
//! the server calls it; the marks are those of [`crate::care::refusal::sentence_marks`].

use crate::care::refusal::cause::Cause;
use crate::care::refusal::phrases::phrase::{Phrase, Server, row};
use crate::care::refusal::reason::RefusalReason::Us;

/// The row for our sender, in whatever words.
pub(super) const SENDER: &Phrase = &row(Server::Many, &["sender unknown"], Us(Cause::SenderAddress));

/// Words for whoever wrote.
const SENDERS: [&str; 37] = [
    "domain from which",
    "address from which",
    "return address",
    "reply address",
    "‡",
    "nadawc",
    "afzender",
    "avsändar",
    "avsender",
    "afsender",
    "отправител",
    "发件人",
    "sender",
    "mail from:",
    "mail from <",
    "mail from address",
    "mail from domain",
    "mailfrom",
    "return path",
    "return-path",
    "reverse path",
    "reverse-path",
    "envelope from",
    "envelope-from",
    "from address",
    "from domain",
    "originator",
    "absender",
    "remitente",
    "expediteur",
    "mittente",
    "remetente",
    "sending domain",
    "odesílatel",
    "odesilatel",
    "送信者",
    "差出人",
];
/// The same with a letter that is not of ASCII.
const EXPEDITEUR: &str = "expéditeur";
/// Words for whom a letter is for: a clause that has one speaks of her, whoever else it names.
const READERS: [&str; 13] = [
    "†",
    "recipient",
    "addressee",
    "destinat",
    "empfänger",
    "this mailbox",
    "the mailbox",
    "this user",
    "rcpt to",
    // Of these she, or her organisation, wants none.
    "external sender",
    "outside sender",
    "senders outside",
    "senders from outside",
];
/// What else it may have been: who lists it does not say that it was our sender.
const GUESSES: [&str; 10] = [
    "spam or ",
    "virus or ",
    "malware or ",
    "content or ",
    "attachment or ",
    "file type or ",
    "attachment not allowed or ",
    "phishing or ",
    "sender or content",
    "sender or attachment",
];
/// What is said of somebody who is refused.
const DENIALS: [&str; 117] = [
    "untrusted",
    "not trusted",
    "suspicious",
    "fake",
    "mismatch",
    "does not match",
    "must exist",
    "must be ",
    "forged",
    "spoofed",
    "not be verified",
    "not be found",
    "no longer",
    "non esiste",
    "nie istnieje",
    "nieznan",
    "不存在",
    "не существует",
    "unknown",
    "unbekannt",
    "desconocid",
    "inconnu",
    "sconosciut",
    "not exist",
    "n't exist",
    "no existe",
    "existiert nicht",
    "n'existe pas",
    "not found",
    "notfound",
    "could not find",
    "no such",
    "invalid",
    "bad ",
    "malformed",
    "syntax",
    "reject",
    "denied",
    "blocked",
    "banned",
    "suspended",
    "disabled",
    "not allowed",
    "not permitted",
    "not accept",
    "not known",
    "not valid",
    "not local",
    "not authori",
    "not registered",
    "not resolve",
    "not be resolved",
    "unable to verify",
    "cannot verify",
    "could not verify",
    "not verif",
    "not in ",
    "not match",
    "not own",
    "not hosted",
    "not configured",
    "unroutable",
    "unrouteable",
    "unverif",
    "verify failed",
    "verification failed",
    "null mx",
    "nullmx",
    "no mx",
    "has no ",
    "can't find",
    "cannot find",
    "unavailable",
    "abgelehnt",
    "nicht erlaubt",
    "ungültig",
    "rechazad",
    "no autorizad",
    "no está autorizad",
    "no esta autorizad",
    "no permitid",
    "no válid",
    "no encontrad",
    "refus",
    "rejet",
    "non autoris",
    "dns ",
    "pas autoris",
    "nicht zugelassen",
    "nicht zulässig",
    "nicht autorisiert",
    "nicht akzeptiert",
    "gesperrt",
    "non autorizzat",
    "non ammess",
    "não autorizad",
    "nao autorizad",
    "não permitid",
    "bloquead",
    "bloqué",
    "bloccat",
    "interdit",
    "niet toegestaan",
    "geweigerd",
    "geblokkeerd",
    "zablokowan",
    "отклон",
    "запрещ",
    "заблокир",
    "拒绝",
    "被拒",
    "abgewiesen",
    "zurückgewiesen",
    "zamítnut",
    "odmítnut",
    "拒否",
    "has changed",
];
/// Behind these the sender is only told of, or spoken to.
const TOLD: [&str; 9] = ["to", "by", "notify", "ask", "tell", "inform", "contact", "are", "if"];
/// These name a sender ("this sender is blocked"), or only tell of one ("mail from this sender", "she blocks any sender").
const POINTING: [&str; 4] = ["this", "any", "every", "each"];
/// Behind these they only tell of one: a preposition, or what is done to a sender.
const TO_SENDERS: [&str; 24] = [
    "from", "of", "for", "to", "by", "with", "about", "on", "against", "block", "blocks", "blocked",
    "blocking", "reject", "rejects", "rejected", "refuse", "refuses", "refused", "accept", "accepts",
    "denies", "denied", "if",
];

/// The clauses of what was said, in their order.
pub(super) fn clauses(lower: &str) -> impl Iterator<Item = &str> {
    let parts = lower.split(['(', ')', ';', '!', '?']).flat_map(|part| part.split(" - "));
    // Microsoft's arrow stands before what another server said.
    let parts = parts.flat_map(|part| part.split("->"));
    parts.flat_map(|part| part.split(". ")).flat_map(|part| part.split(", "))
}

/// Whether a clause in lower case says that our sender is not taken.
pub(super) fn is_refused(clause: &str) -> bool {
    let names = SENDERS.iter().chain([&EXPEDITEUR]).any(|sender| {
        clause.match_indices(sender).any(|(at, _)| !is_told(clause.get(..at).unwrap_or_default()))
    });
    names
        && !is_guessed(clause)
        && !READERS.iter().any(|reader| clause.contains(reader))
        && DENIALS.iter().any(|denial| clause.contains(denial))
}

/// Whether a clause is part of a list of what it may have been.
fn is_guessed(clause: &str) -> bool {
    clause.trim_start().starts_with("or ") || GUESSES.iter().any(|guess| clause.contains(guess))
}

/// Whether what stands before the sender makes it somebody who is told of a refusal.
fn is_told(before: &str) -> bool {
    let mut words = before.rsplit(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let last = words.next().unwrap_or_default();
    if POINTING.contains(&last) {
        return words.next().is_some_and(|word| TO_SENDERS.contains(&word));
    }
    let meant = if matches!(last, "the" | "original") { words.next().unwrap_or_default() } else { last };
    TOLD.contains(&meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_speaks_of_our_sender_or_it_does_not() {
        for refused in [
            "sender unknown",
            "sender's domain not found",
            "invalid domain name of sender",
            "return path domain does not exist",
            "mail from: address does not exist",
            "the email address of the sender is not known",
            "requested action not taken: mailbox unavailable sender address is not allowed",
            "el remitente no existe",
            "adresse de l'expéditeur inconnue",
            "this sender address does not exist",
            "5.7.1 this sending domain is not authorised",
            "the domain from which this was sent does not exist",
        ] {
            assert!(is_refused(refused), "{refused}");
        }
        for other in [
            "user unknown",
            "mailbox not found: returned to sender",
            "no such user: please notify the sender",
            "the sender should check the address",
            "the recipient does not accept mail from this sender",
            "recipient address rejected: user unknown",
            "the sender of this message is not at fault",
            "mail from this sender is blocked",
            "she has blocked any sender of newsletters",
            "does not accept mail from dynamic addresses",
        ] {
            assert!(!is_refused(other), "{other}");
        }
    }
}
