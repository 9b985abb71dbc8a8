//! The head of an automatic answer (RFC 3834 §3.1): what it answers, and that a program wrote it. Sealed with the letter, so that a
//! replay gives the same bytes.

use crate::letter::content::Inputs;
use crate::letter::template_names::LetterName;

/// Key under which an answer names the message it answers, without angle brackets.
pub(in crate::journey) const IN_REPLY_TO: &str = "in_reply_to";

/// Header lines of a letter that answers a message; none for any other.
pub(in crate::journey) fn of(inputs: &Inputs) -> Vec<(&'static str, String)> {
    let Some(answer) = inputs.items.iter().find(|item| item.template == LetterName::MessageReceived.word())
    else {
        return Vec::new();
    };
    let mut head = vec![("Auto-Submitted", "auto-replied".to_owned())];
    if let Some(id) = answer.facts.get(IN_REPLY_TO) {
        head.push(("In-Reply-To", format!("<{id}>")));
        head.push(("References", format!("<{id}>")));
    }
    head
}
