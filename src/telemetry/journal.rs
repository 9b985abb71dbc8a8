//! systemd's journal: each event once, its fields as journal fields (`F_REASON=…`) and, because `journalctl -u aftercare`
//! shows the message alone, once more in a sentence: the message, its reason, and the other fields.

use std::fmt::Debug;
use std::path::Path;

use libsystemd::logging::{Priority, journal_send};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Where the journal listens (systemd-journald.service(8)).
const SOCKET: &str = "/run/systemd/journal/socket";

/// The fields that say why; their names say nothing more to a person.
const REASONS: [&str; 6] = ["fault", "reason", "why", "reply", "error", "hint"];

/// Writes events to the journal. Made only where there is one.
pub(super) struct JournalLayer;

impl JournalLayer {
    /// The layer, where a journal listens; `None` elsewhere.
    pub(super) fn connect() -> Option<Self> {
        Path::new(SOCKET).exists().then_some(Self)
    }
}

impl<S: Subscriber> Layer<S> for JournalLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut entry = JournalEntry::default();
        event.record(&mut entry);
        let metadata = event.metadata();
        entry.fields.push(("TARGET".to_owned(), metadata.target().to_owned()));
        entry.fields.push(("SYSLOG_IDENTIFIER".to_owned(), "aftercare".to_owned()));
        // A journal that takes nothing is no reason to stop.
        drop(journal_send(priority(*metadata.level()), &entry.sentence(), entry.fields.into_iter()));
    }
}

/// One event, as the journal gets it.
#[derive(Default)]
struct JournalEntry {
    message: String,
    /// Why it is so, in the words of whoever found it.
    reasons: Vec<String>,
    /// Name and value of each other field, as a person reads them.
    behind: Vec<String>,
    fields: Vec<(String, String)>,
}

impl JournalEntry {
    /// The message, its reason, and what else it is about: `no change can be committed: the disk is full (tries=3)`.
    fn sentence(&self) -> String {
        let mut sentence = self.message.clone();
        if !self.reasons.is_empty() {
            sentence.push_str(": ");
            sentence.push_str(&self.reasons.join("; "));
        }
        if !self.behind.is_empty() {
            sentence.push_str(&format!(" ({})", self.behind.join(", ")));
        }
        sentence
    }

    fn take(&mut self, field: &Field, value: String) {
        if field.name() == "message" {
            self.message = value;
            return;
        }
        match REASONS.contains(&field.name()) {
            true => self.reasons.push(value.clone()),
            false => self.behind.push(format!("{}={value}", field.name())),
        }
        self.fields.push((format!("F_{}", field.name().to_ascii_uppercase().replace('.', "_")), value));
    }
}

impl Visit for JournalEntry {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.take(field, format!("{value:?}"));
    }
}

const fn priority(level: Level) -> Priority {
    match level {
        Level::ERROR => Priority::Error,
        Level::WARN => Priority::Warning,
        Level::INFO => Priority::Info,
        Level::DEBUG | Level::TRACE => Priority::Debug,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use tracing_subscriber::layer::SubscriberExt;

    struct Caught(Arc<Mutex<Vec<JournalEntry>>>);

    impl<S: Subscriber> Layer<S> for Caught {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            let mut entry = JournalEntry::default();
            event.record(&mut entry);
            self.0.lock().unwrap().push(entry);
        }
    }

    #[test]
    fn the_reason_stands_in_the_line_that_journalctl_shows_and_in_a_field() {
        let caught = Arc::new(Mutex::new(Vec::new()));
        let subscriber = tracing_subscriber::registry().with(Caught(Arc::clone(&caught)));
        tracing::subscriber::with_default(subscriber, || {
            let fault = std::io::Error::other("the disk is full");
            tracing::error!(%fault, tries = 3, "no change can be committed");
            tracing::info!("ready");
        });
        let entries = caught.lock().unwrap();
        assert_eq!(entries[0].sentence(), "no change can be committed: the disk is full (tries=3)");
        assert_eq!(entries[0].fields[0], ("F_FAULT".to_owned(), "the disk is full".to_owned()));
        assert_eq!(entries[1].sentence(), "ready");
    }
}
