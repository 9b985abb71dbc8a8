//! Words that are no word about us or a dead mailbox though they sound so: the moment, and her own list of who may write.

use crate::care::refusal::phrases::phrase::Server::{Gmail, Many, Microsoft, Mimecast, Plesk};
use crate::care::refusal::phrases::phrase::{Phrase, row};
use crate::care::refusal::reason::RefusalReason::{Content, Greylisted, MailboxBusy, Refuses, TooBig};

/// What is said of the moment; these rows stand before all others.
pub(super) const PASSING: &[Phrase] = &[
    // Greylisting, whatever address it names and whatever code it says it with.
    row(Many, &["greylist"], Greylisted).passes(),
    row(Many, &["graylist"], Greylisted).passes(),
    row(Many, &["grey-list"], Greylisted).passes(),
    row(Many, &["grey list"], Greylisted).passes(),
    row(Many, &["postgrey"], Greylisted).passes(),
    // Her mailbox takes too much, or nothing, just now.
    row(Microsoft, &["recipient thread limit"], MailboxBusy).passes(),
    row(Gmail, &["receiving mail too quickly"], MailboxBusy).passes(),
    row(Gmail, &["receiving mail at a rate"], MailboxBusy).passes(),
    row(Many, &["mailbox temporarily"], MailboxBusy).passes(),
    row(Many, &["mailbox is temporarily"], MailboxBusy).passes(),
    row(Many, &["recipient temporarily"], MailboxBusy).passes(),
    row(Many, &["user temporarily"], MailboxBusy).passes(),
    row(Many, &["user is temporarily"], MailboxBusy).passes(),
    row(Many, &["not verified yet"], MailboxBusy).passes(),
];

/// Her list of who may write to her; what could not be found out of her domain; and what is listed that is no host of ours.
pub(super) const ROWS: &[Phrase] = &[
    row(Microsoft, &["resolver.rst.recipsizelimit"], TooBig),
    row(Microsoft, &["resolver.rst."], Refuses),
    row(Many, &["unable to get mx info"], Refuses),
    // A list of guesses.
    row(Plesk, &["may not exist", "may be blacklisted"], Refuses),
    row(Many, &["file type blacklisted"], Content),
    row(Many, &["file type is blacklisted"], Content),
    row(Many, &["file extension blacklisted"], Content),
    row(Many, &["recipient's blacklist"], Refuses),
    row(Many, &["recipient's blocklist"], Refuses),
    row(Many, &["recipient's block list"], Refuses),
    row(Many, &["blacklisted by the recipient"], Refuses),
    row(Many, &["blacklisted by recipient"], Refuses),
    row(Many, &["blacklisted by user"], Refuses),
    row(Many, &["recipient has blocked"], Refuses),
    row(Many, &["recipient's policy"], Refuses),
    row(Mimecast, &["blocked senders"], Refuses),
    row(Many, &["allow list"], Refuses),
    row(Many, &["allowlist"], Refuses),
    row(Many, &["whitelist"], Refuses),
    row(Many, &["white list"], Refuses),
    row(Many, &["does not want mail"], Refuses),
    row(Many, &["recipient", "not accept mail from"], Refuses),
    row(Many, &["user", "not accept mail from you"], Refuses),
    row(Many, &["recipient", "only accept"], Refuses),
];
