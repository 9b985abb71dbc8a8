//! What people wrote to a mailbox of ours, as staff read it: plain text, and never anything but text.

use minijinja::{Value, context};

use crate::care::inbound::MessageKind;
use crate::store::mail::inbound::InboundMessage;
use crate::web::console::layout::time_format::TimeFormat;

/// One message on a page.
pub(in crate::web::console) fn line(message: &InboundMessage, times: &TimeFormat) -> Value {
    context! {
        what => what(message.kind),
        at => times.moment(message.received_at),
        from => message.sender.clone(),
        subject => message.subject.clone(),
        text => message.text.clone(),
        letter => message.about.delivery.map(|letter| letter.0),
        answer => message.answer.map(|letter| letter.0),
    }
}

const fn what(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Wrote => "A message",
        MessageKind::Declined => "Her calendar declined",
        MessageKind::Tentative => "Her calendar is not sure",
        MessageKind::Proposed => "Her calendar asks for another time",
        MessageKind::Accepted => "Her calendar accepted",
        MessageKind::Absence => "An absence note",
        MessageKind::Challenge => "Her mail system asks for a person",
        MessageKind::Server => "A mail server wrote",
        MessageKind::Unknown => "A message of somebody unknown",
    }
}
