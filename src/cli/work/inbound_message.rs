//! What people wrote to a mailbox of ours, as commands show it to staff.

use std::io::Write;

use serde_json::{Value, json};

use crate::store::mail::inbound::InboundMessage;

/// One message as a document.
pub(in crate::cli) fn document(message: &InboundMessage) -> Value {
    json!({
        "id": message.id.0, "received_at": message.received_at.to_string(), "kind": message.kind.word(),
        "from": message.sender, "subject": message.subject, "text": message.text,
        "letter": message.about.delivery.map(|letter| letter.0), "answered_by": message.answer.map(|letter| letter.0),
    })
}

/// One message in words.
pub(in crate::cli) fn write(out: &mut dyn Write, message: &InboundMessage) -> std::io::Result<()> {
    let from = message.sender.as_deref().unwrap_or("nobody named");
    writeln!(
        out,
        "message {}: {} from {from}, {}",
        message.id.0,
        message.kind.word(),
        message.received_at.strftime("%F %H:%MZ")
    )?;
    if !message.subject.is_empty() {
        writeln!(out, "  | {}", message.subject)?;
    }
    message.text.lines().try_for_each(|line| writeln!(out, "  | {line}"))
}
