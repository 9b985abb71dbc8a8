//! Notices in a server's own words (qmail, Exim, GMX, Domino, OpenSMTPD, old Sendmail): read where they say plainly that a letter
//! was given up or waits, and why. Whatever is not plain a person reads.

mod phone;
mod reasons;
mod words;

use super::dsn;
use crate::care::inbound::{NoticeOutcome, NoticeReport};
use crate::care::refusal::notice_line::{dead_mailbox, is_of_our_account};
use crate::care::refusal::{reply_code, status};
use crate::mail::server_words::without_address;
use reasons::OTHER;
use words::{CONDITIONS, COPIES, FAILED, FIELDS, MAIL, ORIGINALS, OVER, PROMISES, WAITING};

/// How many lines below the one with the code still belong to it.
const FOLLOWING: usize = 2;

/// What a notice without standard parts says; `None` where it is not plain.
pub(in crate::mail::inbound) fn read(subject: &str, text: &str) -> Option<NoticeReport> {
    let own = phone::without(above_copy(text));
    let all = lower(&format!("{subject}\n{own}"));
    let says = |signs: &[&str]| signs.iter().any(|sign| all.contains(sign));
    let waits = says(&PROMISES) || says(&WAITING);
    match (OVER.iter().any(|sign| is_said(&all, sign)), waits) {
        // Given up, and tried on: a person has to make sense of that.
        (true, true) if says(&PROMISES) => None,
        (true, _) => Some(given_up(&why(&own, refuses_or_waits).or_else(|| last_words(&own))?)),
        // Late, and yet refused for good.
        (false, true) if !says(&PROMISES) && says(&FAILED) && own.lines().any(has_reply) => None,
        (false, true) => {
            Some(NoticeReport { fate: NoticeOutcome::Delayed, status: None, words: String::new() })
        }
        (false, false) if says(&FAILED) => Some(given_up(&why(&own, has_reply)?)),
        (false, false) => None,
    }
}

/// What a mail server says in whatever language where it names a dead mailbox with a code of its own (RFC 3463 X.1, or 55x and
/// plain words), and no promise beside it.
pub(in crate::mail::inbound) fn definite(text: &str) -> Option<NoticeReport> {
    let own = phone::without(above_copy(text));
    let all = lower(&own);
    let waits = PROMISES.iter().chain(&WAITING).any(|sign| all.contains(sign));
    let named = own.lines().map(str::trim).find(|line| has_reply(line) && dead_mailbox(line).is_some());
    named.filter(|_| !waits).map(given_up)
}

/// Whether a text speaks of messages and mailboxes, as programs do.
pub(in crate::mail::inbound) fn speaks_of_mail(text: &str) -> bool {
    let all = lower(text);
    MAIL.iter().any(|word| all.contains(word))
}

/// What a report leaves open ("5.0.0", nothing) and its server's words beside it say plainly.
pub(in crate::mail::inbound) fn explain(report: &mut NoticeReport, text: &str) {
    let is_open = report.fate == NoticeOutcome::Failed
        && report.status.as_deref().is_none_or(|status| status == "5.0.0")
        && dead_mailbox(&report.words).is_none();
    if !is_open {
        return;
    }
    let own = phone::without(above_copy(text));
    let named = own.lines().map(str::trim).find_map(|line| Some((line, dead_mailbox(line)?)));
    if let Some((line, status)) = named {
        report.words = format!("{} {}", report.words, without_address(line, None)).trim().to_owned();
        report.status = Some(status.to_string());
    }
}

/// In lower case, with one kind of apostrophe.
fn lower(text: &str) -> String {
    text.to_lowercase().replace('’', "'")
}

/// Whether a text in lower case says so, and not only what would be if.
fn is_said(all: &str, sign: &str) -> bool {
    all.match_indices(sign).any(|(at, _)| {
        let sentence = all.get(..at).unwrap_or_default().rsplit(['.', '!', ';']).next().unwrap_or_default();
        let line = format!(" {}", sentence.replace('\n', " "));
        !CONDITIONS.iter().any(|condition| line.contains(condition))
    })
}

fn given_up(words: &str) -> NoticeReport {
    let told = status::refusing(words);
    let status = told.or_else(|| if refuses_or_waits(words) { None } else { dead_mailbox(words) });
    let status = status.map(|status| status.to_string());
    NoticeReport { fate: NoticeOutcome::Failed, status, words: without_address(words, None) }
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

/// The words of whoever returns a letter, without that letter.
pub(in crate::mail::inbound) fn above_copy(text: &str) -> &str {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if begins_copy(line) {
            break;
        }
        end += line.len();
    }
    text.get(..end).unwrap_or(text)
}

/// Whether the returned letter begins below a line, in whatever language.
fn begins_copy(line: &str) -> bool {
    let lower = line.trim().to_lowercase();
    let inner = lower.trim_matches(|c: char| !c.is_alphanumeric());
    let is_ruled = lower.starts_with("--") || lower.starts_with("__") || lower.starts_with("==");
    let is_alone = |mark: &str| inner == mark || (is_ruled && inner.starts_with(mark));
    COPIES.iter().any(|mark| lower.contains(mark))
        || FIELDS.iter().any(|field| lower.starts_with(field))
        || ORIGINALS.iter().any(|mark| is_alone(mark))
}

/// The line with the server's reply and what follows it.
fn why(text: &str, is_reply: fn(&str) -> bool) -> Option<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let says = |line: &str| {
        let lower = lower(line);
        dead_mailbox(line).is_some()
            || is_of_our_account(line)
            || OTHER.iter().any(|reason| lower.contains(reason))
    };
    let by_refusal = || lines.iter().position(|line| has_reply(line));
    let by_reply = || lines.iter().position(|line| is_reply(line));
    let by_reason = || lines.iter().position(|line| says(line));
    let first = by_refusal().or_else(by_reply).or_else(by_reason)?;
    let end = lines.len().min(first + 1 + FOLLOWING);
    Some(lines.get(first..end)?.join(" "))
}

/// The line that says that it is over, where no other says why.
fn last_words(text: &str) -> Option<String> {
    let is_over = |line: &&str| {
        let lower = line.to_lowercase();
        OVER.iter().any(|sign| is_said(&lower, sign))
    };
    text.lines().map(str::trim).find(is_over).map(str::to_owned)
}

/// Whether a line holds a refusing reply (RFC 5321 §4.2) or status.
fn has_reply(line: &str) -> bool {
    holds(line, '5')
}

/// The same of a reply that puts off, which counts once a server has given up.
fn refuses_or_waits(line: &str) -> bool {
    has_reply(line) || holds(line, '4')
}

fn holds(line: &str, class: char) -> bool {
    status::refusing(line).is_some_and(|status| status.to_string().starts_with(class))
        || reply_code::has(line, class)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fate(subject: &str, text: &str) -> Option<(NoticeOutcome, Option<String>)> {
        read(subject, text).map(|report| (report.fate, report.status))
    }

    #[test]
    fn only_what_is_plain_is_read() {
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
    fn a_letter_given_up_is_no_delay_whatever_was_heard_before() {
        for (subject, text, status) in [
            (
                "failure notice",
                "This is a permanent error; I've given up. Sorry it didn't work out.\n\n<a@b.example>:\nRemote host said: \
                 451 qq temporary problem (#4.3.0)\nI'm not going to try again; this message has been in the queue too long.\n",
                Some("4.3.0"),
            ),
            (
                "Mail delivery failed: returning message to sender",
                "A message could not be delivered. This is a permanent error. The following address(es) failed:\n  a@b.example\n    \
                 450 4.2.0 mailbox temporarily unavailable, temporary problem: retry timeout exceeded\n",
                Some("4.2.0"),
            ),
            (
                "Returned mail: Cannot send message for 5 days",
                "(reason: Deferred: Connection timed out. Delivery has been delayed)\nMessage could not be delivered for 5 days\n\
                 Message will be deleted from queue\n",
                None,
            ),
            (
                "Failure Notice",
                "<a@b.example>:\n421: We will try again later - message expired, giving up on delivery\n",
                None,
            ),
            ("Unzustellbar", "Das ist ein dauerhafter Fehler. Zuvor: temporary problem\n", None),
            ("No entregado", "Error permanente: delivery delayed, no se intentará de nuevo.\n", None),
            ("Échec", "Erreur permanente ; aucune nouvelle tentative. Delivery has been delayed.\n", None),
        ] {
            let want = Some((NoticeOutcome::Failed, status.map(str::to_owned)));
            assert_eq!(fate(subject, text), want, "{subject}");
        }
    }

    #[test]
    fn a_warning_that_speaks_of_giving_up_one_day_is_a_delay_and_a_contradiction_is_for_a_person() {
        let late = Some((NoticeOutcome::Delayed, None));
        for text in [
            "Delivery attempts will continue. Eventually the software will give up, and the message will be returned to you.",
            "There was a temporary problem. We will retry for 45 more hours. You'll be notified if the delivery fails permanently.",
            "It could not be delivered yet: 450 4.2.1 busy. It will be retried until it is 5 days old.",
            "Die Zustellung verzögert sich. Falls ein permanenter Fehler auftritt, hören Sie von uns. Zustellung verzögert.",
            "Entrega retrasada. Si hay un error permanente le avisaremos.",
            "Delivery has been delayed. If this is a permanent error, you will be told.",
            "Message still undelivered after 4 hours\nWill keep trying until message is 5 days old",
        ] {
            assert_eq!(fate("Delayed", text), late, "{text}");
        }
        for text in [
            "I've given up. Delivery attempts will continue for some time.",
            "Delivery has been delayed. It could not be delivered: 550 no such user",
        ] {
            assert_eq!(fate("Mail", text), None, "{text}");
        }
    }

    #[test]
    fn other_languages_are_read_like_english() {
        let dead = Some((NoticeOutcome::Failed, Some("5.1.1".to_owned())));
        let late = Some((NoticeOutcome::Delayed, None));
        for (text, want) in [
            ("No se pudo entregar. El servidor dijo: 550 5.1.1 usuario desconocido", &dead),
            ("Su mensaje no ha podido ser entregado.\nEl usuario no existe", &dead),
            ("Votre message n'a pas pu être remis : utilisateur inconnu", &dead),
            ("Votre message n'a pas pu etre remis : utilisateur inconnu", &dead),
            ("Nicht zustellbar.\nBenutzer unbekannt", &dead),
            ("Die Nachricht konnte nicht zugestellt werden.\nEmpfänger unbekannt", &dead),
            ("Se ha retrasado. Se seguirá intentando durante 2 días.", &late),
            ("Zustellung verzögert. Weitere Zustellversuche folgen.", &late),
        ] {
            assert_eq!(&fate("Nota", text), want, "{text}");
        }
    }

    #[test]
    fn a_dead_mailbox_with_its_code_is_read_in_whatever_language() {
        let dead =
            |text: &str| read("x", text).or_else(|| definite(text)).map(|told| (told.fate, told.status));
        let gone = |status: &str| Some((NoticeOutcome::Failed, Some(status.to_owned())));
        for text in [
            "Wiadomość nie mogła zostać dostarczona do:\na@b.example\n550 5.1.1 User unknown",
            "Uw bericht kon niet worden bezorgd.\n550 5.1.1 gebruiker onbekend",
            "Ditt meddelande kunde inte levereras till a@b.example\n550 5.1.1 okänd mottagare",
            "Sua mensagem não foi entregue.\n550 5.1.1 usuário desconhecido",
            "Сообщение не может быть доставлено.\n<a@b.example>: 550 5.1.1 User unknown",
            "メールは配信できませんでした。550 5.1.1 User unknown",
            "Az üzenet kézbesítése nem sikerült: 550 5.1.1 no",
            "il messaggio non può essere consegnato: 5.1.1 - indirizzo non valido",
            "Viestiäsi ei voitu toimittaa. (#5.1.1)",
            "Pranešimas nepristatytas\nhost mx said: 550-5.1.1 no",
            "Wiadomość nie mogła zostać dostarczona\nnieznany użytkownik",
            "Uw bericht kon niet worden bezorgd: gebruiker onbekend",
            "Сообщение не доставлено: пользователь не найден",
            "配信できません\n宛先不明",
            "Your message couldn’t be delivered.\nana wasn’t found at home.example.",
            "Your message could not be delivered. The recipient's address couldn't be found.",
        ] {
            assert_eq!(dead(text), gone("5.1.1"), "{text}");
        }
        for (text, status) in [
            (
                "Your message wasn't delivered.\nDNS type 'mx' lookup of home.example responded with code NXDOMAIN",
                "5.1.2",
            ),
            (
                "It did not reach some of the recipients.\nNo mail servers appear to exist for the recipient's address.",
                "5.1.2",
            ),
            ("This message was undeliverable:\nThe user(s) account is disabled.", "5.2.1"),
            ("Nie udało się: 550 5.1.10 nie ma", "5.1.10"),
        ] {
            assert_eq!(dead(text), gone(status), "{text}");
        }
    }

    #[test]
    fn what_is_late_or_about_something_else_is_no_dead_mailbox() {
        for text in [
            "Wiadomość jest opóźniona. Serwer będzie ponawiać próby. 550 5.1.1 User unknown",
            "Uw bericht is vertraagd: 451 4.7.1 wacht",
            "Ditt meddelande är försenat, servern försöker igen. 550 5.1.1",
            "Сообщение отложено, попытки будут повторены: 450 4.2.0",
            "配信が遅延しています。再試行します。550 5.1.1",
            "550 5.7.1 Wiadomość odrzucona",
            "552 5.2.2 mailbox full",
            "5.1.8 sender rejected",
            "The number 511 and 5 1 1 are no codes",
            "Below this line is a copy of the message.\n550 5.1.1 no",
        ] {
            assert_eq!(definite(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_report_leaves_open_its_text_explains() {
        let vague = |status: Option<&str>, words: &str, fate| NoticeReport {
            fate,
            status: status.map(str::to_owned),
            words: words.to_owned(),
        };
        let plain = "The following address failed:\n\n<a@b.example>: 550 5.1.1 User unknown";
        for (status, words, text, right) in [
            (Some("5.0.0"), "", plain, Some("5.1.1")),
            (None, "", plain, Some("5.1.1")),
            (Some("5.0.0"), "smtp; 550 failed", "a@b.example: no such user", Some("5.1.1")),
            (Some("5.0.0"), "", "It failed: 550 5.7.1 refused", Some("5.0.0")),
            (Some("5.0.0"), "", "550 the command \"XYZ\" is not recognized", Some("5.0.0")),
            (Some("5.0.0"), "", "The sender's domain does not exist.", Some("5.0.0")),
            (Some("5.7.1"), "", plain, Some("5.7.1")),
            (Some("5.0.0"), "", "Below is a copy of the message.\n550 5.1.1 no", Some("5.0.0")),
        ] {
            let mut report = vague(status, words, NoticeOutcome::Failed);
            explain(&mut report, text);
            assert_eq!(report.status.as_deref(), right, "{status:?} {text}");
            assert!(!report.words.contains("a@b"), "{}", report.words);
        }
        let mut late = vague(None, "", NoticeOutcome::Delayed);
        explain(&mut late, plain);
        assert_eq!(late.status, None);
    }

    #[test]
    fn the_copy_of_our_letter_is_no_reason() {
        for mark in [
            "--- Below this line is a copy of the message.",
            "-------- Original-Nachricht --------",
            "-------- Ursprüngliche Nachricht --------",
            "----- Message d'origine -----",
            "----- Mensaje original -----",
            "-----Messaggio originale-----",
            "________ Mensagem original",
            "Original Message:",
            "Ursprüngliche Nachrichtenkopfzeilen:",
        ] {
            let text = format!(
                "It could not be delivered.\n{mark}\nRing 550 if no such user answers: error 550 5.1.1.\n"
            );
            assert_eq!(read("failure notice", &text), None, "{mark}");
        }
        let whole = "The original message was received today.\n550 5.1.1 <a@b.example>... User unknown\n";
        assert_eq!(fate("Returned mail", whole), Some((NoticeOutcome::Failed, Some("5.1.1".into()))));
    }

    #[test]
    fn a_telephone_number_or_a_street_is_no_reply() {
        for text in [
            "Call us on +1 530 555 0100",
            "Ring (530) 555-0100 or 530-555-0100",
            "Tel. 550 555 0100",
            "Phone 530.555.0100",
            "550 Hospital Road",
            "You have 550 minutes",
        ] {
            assert_eq!(
                read("Undeliverable", &format!("It could not be delivered.\n{text}\n")),
                None,
                "{text}"
            );
        }
        for text in [
            "550 User unknown",
            "550-5.1.1 no",
            "Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound'",
            "554: delivery error: dd This user doesn't have an account",
            "SMTP error 550",
            "<<< 550 no",
            "host mx.example said: 552 too much",
        ] {
            let report =
                read("Undeliverable", &format!("It could not be delivered.\n{text}\nCall +1 530 555 0100\n"));
            let report = report.unwrap_or_else(|| panic!("{text}"));
            assert!(
                report.fate == NoticeOutcome::Failed && !report.words.contains("0100"),
                "{}",
                report.words
            );
        }
    }
}
