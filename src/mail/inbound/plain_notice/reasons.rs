//! Why a letter was given up, beside dead mailboxes ([`crate::care::refusal::notice_line`]), in the words of mail servers, in lower
//! case, and in the languages they write in.

/// What else it says of a mailbox or a try without a code.
pub(super) const OTHER: [&str; 13] = [
    "command died with status",
    "command died with signal",
    "mailbox is full",
    "quota exceeded",
    "over quota",
    "mailbox full",
    "mailbox unavailable",
    "retry timeout exceeded",
    "buzón lleno",
    "boîte pleine",
    "boite pleine",
    "postfach ist voll",
    "casella piena",
];
