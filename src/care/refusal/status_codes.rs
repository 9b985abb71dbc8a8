//! The codes of refusals beside what they mean here: RFC 3463 §3, the registry of RFC 5248 with what later RFCs added to it,
//! and the numbers that Microsoft gave out for itself. Codes that stand for many things (X.0.0, X.5.0, X.7.0, X.7.1) are left out:
//! there the words and the place tell.

use std::ops::RangeInclusive;

use crate::care::refusal::cause::Cause::{
    Authentication, HelloName, Limit, Listed, NotEncrypted, Protocol, Relay, Reputation, ReverseDns,
    SenderAddress, SignIn, Suspended,
};
use crate::care::refusal::reason::RefusalReason::{
    self, BadSyntax, Busy, Disabled, Full, Loop, Malformed, Moved, Refuses, TooBig, UnknownDomain,
    UnknownMailbox, Unreachable, Us,
};
use crate::care::refusal::status::EnhancedStatus;

/// A row: subject, first and last detail, what it means, where it is written down.
#[derive(Debug, Clone, Copy)]
pub struct StatusCodeSpan {
    /// The subject: the middle number of an enhanced code.
    pub subject: u16,
    /// The first detail (the last number of the code) that the row covers.
    pub from: u16,
    /// The last detail that the row covers, inclusive.
    pub to: u16,
    /// Why a server says it.
    pub reason: RefusalReason,
    /// RFC, or whose own it is.
    pub source: &'static str,
}

const fn code(subject: u16, detail: u16, reason: RefusalReason, source: &'static str) -> StatusCodeSpan {
    StatusCodeSpan { subject, from: detail, to: detail, reason, source }
}

const fn span(
    subject: u16,
    details: RangeInclusive<u16>,
    reason: RefusalReason,
    source: &'static str,
) -> StatusCodeSpan {
    StatusCodeSpan { subject, from: *details.start(), to: *details.end(), reason, source }
}

const MICROSOFT: &str = "Microsoft 365";

/// Enhanced codes without their class: it tells whether waiting helps.
pub const ENHANCED: &[StatusCodeSpan] = &[
    // Addressing.
    code(1, 0, UnknownMailbox, "RFC 3463"),
    code(1, 1, UnknownMailbox, "RFC 3463"),
    code(1, 2, UnknownDomain, "RFC 3463"),
    code(1, 3, BadSyntax, "RFC 3463"),
    code(1, 4, UnknownMailbox, "RFC 3463"),
    code(1, 6, Moved, "RFC 3463"),
    code(1, 7, Us(SenderAddress), "RFC 3463"),
    code(1, 8, Us(SenderAddress), "RFC 3463"),
    code(1, 10, UnknownDomain, "RFC 7505"),
    code(1, 90, Us(Limit), MICROSOFT),
    // Mailbox.
    code(2, 1, Disabled, "RFC 3463"),
    code(2, 2, Full, "RFC 3463"),
    code(2, 3, TooBig, "RFC 3463"),
    code(2, 4, Refuses, "RFC 3463"),
    span(2, 121..=122, Refuses, MICROSOFT),
    code(2, 252, Us(SenderAddress), MICROSOFT),
    // Mail system.
    code(3, 1, Busy, "RFC 3463"),
    code(3, 2, Busy, "RFC 3463"),
    code(3, 3, Malformed, "RFC 3463"),
    code(3, 4, TooBig, "RFC 3463"),
    // Network and routing.
    code(4, 1, Unreachable, "RFC 3463"),
    code(4, 2, Unreachable, "RFC 3463"),
    code(4, 3, Unreachable, "RFC 3463"),
    code(4, 4, UnknownDomain, "RFC 3463"),
    code(4, 5, Busy, "RFC 3463"),
    code(4, 6, Loop, "RFC 3463"),
    code(4, 7, Unreachable, "RFC 3463"),
    code(4, 14, Loop, MICROSOFT),
    code(4, 300, Unreachable, MICROSOFT),
    code(4, 310, UnknownDomain, MICROSOFT),
    span(4, 312..=318, Unreachable, MICROSOFT),
    // Protocol.
    code(5, 1, Us(Protocol), "RFC 3463"),
    code(5, 2, Us(Protocol), "RFC 3463"),
    code(5, 3, Busy, "RFC 3463"),
    code(5, 4, Us(Protocol), "RFC 3463"),
    code(5, 5, Us(Protocol), "RFC 3463"),
    code(5, 6, Us(SignIn), "RFC 4954"),
    // Content.
    span(6, 0..=10, Malformed, "RFC 3463, RFC 6531"),
    // Security and policy.
    code(7, 2, Refuses, "RFC 3463"),
    span(7, 3..=7, Malformed, "RFC 3463"),
    code(7, 8, Us(SignIn), "RFC 4954"),
    code(7, 9, Us(SignIn), "RFC 4954"),
    span(7, 10..=11, Us(NotEncrypted), "RFC 5248, RFC 4954"),
    code(7, 12, Us(SignIn), "RFC 4954"),
    code(7, 13, Us(Suspended), "RFC 5248"),
    code(7, 14, Us(SignIn), "RFC 5248"),
    code(7, 15, Refuses, "RFC 6710"),
    code(7, 16, TooBig, "RFC 6710"),
    // The mailbox or its domain belongs to somebody else now (P2).
    span(7, 17..=18, UnknownMailbox, "RFC 7293"),
    code(7, 19, Refuses, "RFC 7293"),
    span(7, 20..=24, Us(Authentication), "RFC 7372"),
    code(7, 25, Us(ReverseDns), "RFC 7372"),
    code(7, 26, Us(Authentication), "RFC 7372"),
    code(7, 27, Us(SenderAddress), "RFC 7505"),
    code(7, 28, Us(Limit), "IANA registry (mail flood)"),
    code(7, 29, Us(Authentication), "RFC 8617"),
    code(7, 30, Us(NotEncrypted), "RFC 8689"),
    code(7, 57, Us(SignIn), MICROSOFT),
    code(7, 60, Us(SenderAddress), MICROSOFT),
    code(7, 64, Us(Relay), MICROSOFT),
    span(7, 124..=136, Refuses, MICROSOFT),
    code(7, 139, Us(SignIn), MICROSOFT),
    code(7, 193, Refuses, MICROSOFT),
    span(7, 232..=236, Us(Limit), MICROSOFT),
    code(7, 367, Us(Relay), MICROSOFT),
    code(7, 500, Busy, MICROSOFT),
    span(7, 501..=503, Us(Suspended), MICROSOFT),
    span(7, 504..=505, Refuses, MICROSOFT),
    code(7, 506, Us(HelloName), MICROSOFT),
    code(7, 507, Us(Listed), MICROSOFT),
    code(7, 508, Us(Limit), MICROSOFT),
    code(7, 509, Us(Authentication), MICROSOFT),
    code(7, 510, Us(Reputation), MICROSOFT),
    code(7, 511, Us(Listed), MICROSOFT),
    code(7, 512, Malformed, MICROSOFT),
    code(7, 513, Us(Listed), MICROSOFT),
    code(7, 515, Us(Authentication), MICROSOFT),
    span(7, 606..=649, Us(Listed), MICROSOFT),
    span(7, 650..=699, Us(Reputation), MICROSOFT),
    span(7, 700..=702, Us(Suspended), MICROSOFT),
    // Her clinic's own tenant lets nobody write to her.
    code(7, 703, Refuses, MICROSOFT),
    code(7, 704, Us(Suspended), MICROSOFT),
    code(7, 705, Us(Limit), MICROSOFT),
    span(7, 706..=707, Us(Suspended), MICROSOFT),
    code(7, 708, Us(Reputation), MICROSOFT),
    span(7, 709..=749, Us(Suspended), MICROSOFT),
    code(7, 750, Us(SenderAddress), MICROSOFT),
];

/// Basic codes that say something by themselves (RFC 5321 §4.2.3, RFC 4954 §6, RFC 5248, RFC 7504).
pub const BASIC: &[(u16, RefusalReason)] = &[
    (500, Us(Protocol)),
    (502, Us(Protocol)),
    (503, Us(Protocol)),
    (504, Us(Protocol)),
    (521, Refuses),
    (523, Us(NotEncrypted)),
    (525, Us(Suspended)),
    (530, Us(SignIn)),
    (534, Us(SignIn)),
    (535, Us(SignIn)),
    (538, Us(NotEncrypted)),
    (552, TooBig),
    (555, Us(Protocol)),
    (556, UnknownDomain),
];

/// What an enhanced code means, if it says something by itself.
#[must_use]
pub fn find(subject: u16, detail: u16) -> Option<RefusalReason> {
    let row = ENHANCED.iter().find(|row| row.subject == subject && (row.from..=row.to).contains(&detail));
    row.map(|row| row.reason)
}

/// Whether a code says by itself that there is no such mailbox, or that it is nobody's. X.1.0 says only that something is wrong
/// with an address.
#[must_use]
pub fn names_dead_mailbox(status: EnhancedStatus) -> bool {
    let EnhancedStatus { class, subject, detail } = status;
    let is_vague = (subject, detail) == (1, 0);
    class == 5 && !is_vague && find(subject, detail).is_some_and(RefusalReason::is_dead_address)
}

/// What a basic code means, if it says something by itself.
#[must_use]
pub fn basic(code: u16) -> Option<RefusalReason> {
    BASIC.iter().find(|(known, _)| *known == code).map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::refusal::reason::RefusalReason::Content;

    #[test]
    fn a_code_about_our_address_names_no_dead_mailbox() {
        let names = |code: &str| names_dead_mailbox(EnhancedStatus::parse(code).unwrap());
        for dead in ["5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.2.1", "5.7.17"] {
            assert!(names(dead), "{dead}");
        }
        for other in ["5.1.0", "5.1.7", "5.1.8", "5.1.90", "5.2.2", "5.7.1", "5.0.0", "4.1.1", "2.1.5"] {
            assert!(!names(other), "{other}");
        }
    }

    #[test]
    fn no_code_stands_twice() {
        for (index, row) in ENHANCED.iter().enumerate() {
            assert!(row.from <= row.to && !row.source.is_empty());
            for other in ENHANCED.iter().skip(index + 1) {
                let apart = row.subject != other.subject || row.to < other.from || other.to < row.from;
                assert!(apart, "{row:?} {other:?}");
            }
        }
        assert!(
            ENHANCED.iter().all(|row| row.reason != Content),
            "what a letter says is judged by its words"
        );
    }
}
