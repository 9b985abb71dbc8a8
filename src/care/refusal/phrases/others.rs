//! Words about this letter, about the moment, and of a server of hers that does not want it.

use crate::care::refusal::cause::Cause::Reputation;
use crate::care::refusal::phrases::phrase::Server::{Aol, Many, Microsoft, Yahoo};
use crate::care::refusal::phrases::phrase::{Phrase, row};
use crate::care::refusal::reason::RefusalReason::{
    Busy, Content, Loop, MailboxBusy, Malformed, Refuses, TooBig, UnknownMailbox, Us,
};

/// The rows, plain ones first.
pub(super) const ROWS: &[Phrase] = &[
    // A server that says from whom it takes nothing speaks of us.
    row(Many, &["not accept mail from"], Us(Reputation)),
    row(Many, &["not accept email from"], Us(Reputation)),
    row(Many, &["not accepting mail from"], Us(Reputation)),
    // Her server does not want this.
    row(Aol, &["will not accept delivery"], Refuses),
    row(Aol, &["hvu:b"], Content),
    row(Many, &["policy", "mailbox unavailable"], Refuses),
    row(Many, &["no valid recipient"], Refuses),
    row(Many, &["need valid rcpt"], Refuses),
    row(Many, &["loops back to myself"], Loop),
    row(Many, &["mail loop"], Loop),
    row(Many, &["too many hops"], Loop),
    row(Many, &["hop count exceeded"], Loop),
    // This letter.
    row(Many, &["message too large"], TooBig),
    row(Many, &["message is too large"], TooBig),
    row(Many, &["message size exceeds"], TooBig),
    row(Many, &["too big"], TooBig),
    row(Many, &["size limit"], TooBig),
    row(Many, &["spam"], Content),
    row(Many, &["virus"], Content),
    row(Many, &["too many links"], Content),
    row(Many, &["too many hyperlinks"], Content),
    row(Many, &["too many urls"], Content),
    row(Many, &["too many images"], Content),
    row(Many, &["too many attachments"], Content),
    row(Many, &["too many header"], Malformed),
    row(Many, &["too many mime parts"], Malformed),
    row(Many, &["message content"], Content),
    row(Yahoo, &["not accepted for policy reasons"], Content),
    row(Many, &["rfc 5322 compliant"], Malformed),
    row(Many, &["headers are not rfc compliant"], Malformed),
    row(Many, &["bare line feed"], Malformed),
    row(Many, &["bare lf"], Malformed),
    row(Many, &["missing", "header"], Malformed),
    // The moment.
    row(Microsoft, &["server busy"], Busy).passes(),
    row(Microsoft, &["insufficient system resources"], Busy).passes(),
    row(Many, &["too many"], Busy).passes(),
    row(Many, &["too fast"], Busy).passes(),
    row(Many, &["frequency limited"], Busy).passes(),
    row(Many, &["too much mail"], Busy).passes(),
    row(Many, &["rate limit"], Busy).passes(),
    row(Many, &["rate-limit"], Busy).passes(),
    row(Many, &["ratelimit"], Busy).passes(),
    row(Many, &["throttl"], Busy).passes(),
    row(Many, &["slow down"], Busy).passes(),
    row(Many, &["connection", "limit"], Busy).passes(),
];

/// Rows that count where nothing else is said: the words of a code (RFC 5321 §4.2.3), which stand for many things, and what
/// softens the code of a closed mailbox.
pub(super) const VAGUE: &[Phrase] = &[
    row(Many, &["5.2.1 ", "temporar"], MailboxBusy).passes(),
    row(Many, &["5.2.1 ", "try again later"], MailboxBusy).passes(),
    row(Many, &["mailbox unavailable"], UnknownMailbox),
];
