//! The head of a message, as it was written: names in lower case, folded lines joined.

use mail_parser::Message;

/// The fields of a message's head, in order.
pub(in crate::mail::inbound) struct HeaderFields {
    fields: Vec<(String, String)>,
    from: Option<String>,
}

/// Local parts only a server writes from.
const MAILERS: [&str; 6] =
    ["mailer-daemon", "mailerdaemon", "mail-daemon", "postmaster", "mdaemon", "mail.delivery.system"];
/// Local parts behind which nobody reads.
const NO_REPLY: [&str; 5] = ["noreply", "no-reply", "no_reply", "donotreply", "do-not-reply"];

impl HeaderFields {
    pub(in crate::mail::inbound) fn of(message: &Message<'_>) -> Self {
        let raw = &message.raw_message;
        let field = |header: &mail_parser::Header<'_>| {
            let span = header.offset_start as usize..header.offset_end as usize;
            let value = String::from_utf8_lossy(raw.get(span).unwrap_or_default());
            let value = value.split(['\r', '\n']).map(str::trim).collect::<Vec<_>>().join(" ");
            (header.name.as_str().to_ascii_lowercase(), value.trim().to_owned())
        };
        let from = message.from().and_then(|from| from.first()?.address.as_deref()).map(str::to_owned);
        Self { fields: message.headers().iter().map(field).collect(), from }
    }

    /// Every field's name and value.
    pub(in crate::mail::inbound) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of a field.
    pub(in crate::mail::inbound) fn value(&self, name: &str) -> Option<&str> {
        self.fields().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    pub(in crate::mail::inbound) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Whether a field holds these words, in lower case.
    pub(in crate::mail::inbound) fn says(&self, name: &str, words: &str) -> bool {
        self.fields().any(|(found, value)| found == name && value.to_ascii_lowercase().contains(words))
    }

    /// The first address in From, cut at 254 characters; `None` if there is none.
    pub(in crate::mail::inbound) fn sender(&self) -> Option<String> {
        let from = self.from.as_deref()?;
        let clean: String = from.chars().filter(|c| !c.is_control()).take(254).collect();
        Some(clean).filter(|from| !from.is_empty())
    }

    fn local(&self) -> String {
        let from = self.from.as_deref().unwrap_or_default();
        from.rsplit_once('@').map_or(from, |(local, _)| local).to_ascii_lowercase()
    }

    /// Whether it says that a mail server wrote it.
    pub(in crate::mail::inbound) fn is_mailer(&self) -> bool {
        let local = self.local();
        MAILERS.contains(&local.as_str()) || local.starts_with("microsoftexchange")
    }

    /// Whether nobody reads what is sent to its author.
    pub(in crate::mail::inbound) fn is_no_reply(&self) -> bool {
        let local = self.local();
        NO_REPLY.iter().any(|word| local.contains(word))
    }

    /// Whether its return path is empty (RFC 5321 §4.5.5): only a server writes so.
    pub(in crate::mail::inbound) fn is_from_nobody(&self) -> bool {
        self.value("return-path").is_some_and(|path| path.trim_matches(['<', '>', ' ']).is_empty())
    }
}
