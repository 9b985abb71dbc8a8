//! What people wrote to a mailbox of ours, as staff read it: plain text, and never anything but text.

use minijinja::{Value, context};

use crate::care::inbound::Kind;
use crate::store::mail::inbound::Message;
use crate::web::console::time_format::Face;

/// One message on a page.
pub(super) fn line(message: &Message, face: &Face) -> Value {
    context! {
        what => what(message.kind),
        at => face.moment(message.received_at),
        from => message.sender.clone(),
        subject => message.subject.clone(),
        text => message.text.clone(),
        letter => message.about.delivery.map(|letter| letter.0),
        answer => message.answer.map(|letter| letter.0),
    }
}

const fn what(kind: Kind) -> &'static str {
    match kind {
        Kind::Wrote => "A message",
        Kind::Declined => "Her calendar declined",
        Kind::Tentative => "Her calendar is not sure",
        Kind::Proposed => "Her calendar asks for another time",
        Kind::Accepted => "Her calendar accepted",
        Kind::Absence => "An absence note",
        Kind::Challenge => "Her mail system asks for a person",
        Kind::Server => "A mail server wrote",
        Kind::Unknown => "A message of somebody unknown",
    }
}
