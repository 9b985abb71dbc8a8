//! What a line of a notice in a server's own words says of the mailbox the letter went to. It is judged as any refusal is
//! ([`crate::care::refusal::classify`]): there it is asked of whom a sentence speaks, and whether for good.

use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::cause::Cause;
use crate::care::refusal::classify::{self, DialogueStage, RefusalText};
use crate::care::refusal::envelope::Envelope;
use crate::care::refusal::phrases::waiting;
use crate::care::refusal::reason::RefusalReason;
use crate::care::refusal::status::{self, EnhancedStatus};
use crate::care::refusal::{reply_code, status_codes};

/// The status of a mailbox that is none, as the words tell it by a code or without one; `None` where they tell of something or
/// somebody else, or leave it open.
#[must_use]
pub fn dead_mailbox(words: &str) -> Option<EnhancedStatus> {
    let told = status::refusing(words);
    let text = told.map(|status| status.to_string());
    let refusal = classify::read(&RefusalText {
        at: DialogueStage::Notice,
        code: reply_code::find(words),
        status: text.as_deref(),
        words,
        envelope: Envelope::default(),
    });
    match told.filter(|status| status.is_plain()) {
        _ if refusal.verdict() != AttemptVerdict::BadAddress => None,
        Some(told) => Some(told).filter(|told| status_codes::names_dead_mailbox(*told)),
        None => code_of(refusal.reason),
    }
}

/// Whether a mail server says, as it refuses a letter, that the owner of the mailbox has died.
#[must_use]
pub fn tells_of_death(reply: &str) -> bool {
    waiting::tells_of_death(&reply.to_lowercase())
}

/// Whether a line says in words that our own account may send no more, or not now.
#[must_use]
pub fn is_of_our_account(words: &str) -> bool {
    let refusal = classify::read(&RefusalText {
        at: DialogueStage::Notice,
        code: None,
        status: None,
        words,
        envelope: Envelope::default(),
    });
    matches!(refusal.reason, RefusalReason::Us(Cause::Limit | Cause::Suspended))
}

/// The plain code of a reason that a server gave in words alone (RFC 3463 §3.2, §3.3).
const fn code_of(reason: RefusalReason) -> Option<EnhancedStatus> {
    let (subject, detail) = match reason {
        RefusalReason::UnknownMailbox => (1, 1),
        RefusalReason::UnknownDomain => (1, 2),
        RefusalReason::BadSyntax => (1, 3),
        RefusalReason::Moved => (1, 6),
        RefusalReason::Disabled => (2, 1),
        _ => return None,
    };
    Some(EnhancedStatus { class: 5, subject, detail })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_it_of_an_owner_and_not_of_a_program() {
        for (reply, is_said) in [
            ("5.1.1 The owner of this mailbox has died", true),
            ("5.2.1 Mailbox owner has been deceased", true),
            ("titular de la cuenta fallecido", true),
            ("5.2.1 uživatel této schránky zemřel", true),
            ("5.2.1 käyttäjä on kuollut", true),
            ("5.2.1 mottagaren är avliden", true),
            ("5.2.1 пользователь умер", true),
            ("5.2.1 o usuário desta conta morreu", true),
            ("5.7.1 message for user has passed no check", false),
            ("5.1.1 child data of user unknown", false),
            ("5.1.1 user unknown", false),
            ("4.3.0 milter has died", false),
        ] {
            assert_eq!(tells_of_death(reply), is_said, "{reply}");
        }
    }

    #[test]
    fn a_line_tells_of_our_account_and_not_of_hers() {
        for (words, ours) in [
            (
                "Domain clinic.example has exceeded the max emails per hour (301/300) allowed. Message discarded.",
                true,
            ),
            ("Outgoing mail from this account has been suspended", true),
            ("The mailbox is over its quota", false),
            ("User unknown", false),
            ("A message that you sent could not be delivered to one or more of its recipients.", false),
            ("This is a permanent error. The following address(es) failed:", false),
        ] {
            assert_eq!(is_of_our_account(words), ours, "{words}");
        }
    }

    #[test]
    fn a_line_tells_of_a_dead_mailbox_only_where_it_speaks_of_one() {
        for (words, want) in [
            ("<a@b.example>: 550 5.1.1 User unknown", Some("5.1.1")),
            ("550 5.1.10 nie ma", Some("5.1.10")),
            ("5.0.0 (User not found)", Some("5.1.1")),
            ("a@b.example: no such user", Some("5.1.1")),
            ("The user(s) account is disabled.", Some("5.2.1")),
            ("the command \"XYZ\" is not recognized", None),
            ("500 5.5.1 command is not recognized", None),
            ("The sender's domain does not exist", None),
            ("your host is not listed in the DNS", None),
            ("the certificate does not exist", None),
            ("550 5.1.8 sender mailbox does not exist", None),
            ("550 5.7.1 refused", None),
            ("450 4.1.1 user unknown", None),
            ("The link you followed no longer exists.", None),
        ] {
            assert_eq!(dead_mailbox(words).map(|status| status.to_string()).as_deref(), want, "{words}");
        }
    }
}
