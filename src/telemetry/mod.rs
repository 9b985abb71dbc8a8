//! Logs and metrics. Our own words only: whatever another crate would log could name a person (P10).

mod journal;
pub mod metrics;

use std::io::IsTerminal;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use crate::telemetry::journal::JournalLayer;

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogStyle {
    /// The journal when systemd runs us, plain lines otherwise.
    Auto,
    /// Lines for people on stderr, in colour on a terminal.
    Plain,
    /// One JSON object a line.
    Json,
    /// systemd's journal; plain lines on stderr where there is none.
    Journal,
}

impl LogStyle {
    /// The words for it on the command line.
    pub const WORDS: [&str; 4] = ["auto", "plain", "json", "journal"];

    /// The style of a word in [`Self::WORDS`]; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "auto" => Some(Self::Auto),
            "plain" => Some(Self::Plain),
            "json" => Some(Self::Json),
            "journal" => Some(Self::Journal),
            _ => None,
        }
    }
}

/// Starts logging to stderr or the journal. A second call changes nothing.
pub fn start(style: LogStyle) {
    let filter = filter(std::env::var("RUST_LOG").ok().as_deref());
    let layer = layer(settled(style)).with_filter(filter);
    // Only tests start twice; the first subscriber serves them all.
    drop(tracing_subscriber::registry().with(layer).try_init());
}

fn settled(style: LogStyle) -> LogStyle {
    match style {
        LogStyle::Auto if std::env::var_os("JOURNAL_STREAM").is_some() => LogStyle::Journal,
        LogStyle::Auto => LogStyle::Plain,
        LogStyle::Plain | LogStyle::Json | LogStyle::Journal => style,
    }
}

fn layer(style: LogStyle) -> Box<dyn Layer<Registry> + Send + Sync> {
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    match style {
        LogStyle::Json => lines.json().flatten_event(true).boxed(),
        LogStyle::Journal => match JournalLayer::connect() {
            Some(journal) => journal.boxed(),
            // Without a journal to write to, stderr still is one's own.
            None => lines.with_ansi(false).boxed(),
        },
        LogStyle::Auto | LogStyle::Plain => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
    }
}

/// Ours at `info`, everything else at `warn`. `RUST_LOG` moves only targets that start with `aftercare` (or names a bare
/// level for all of ours); a mail library at DEBUG would print whole letters.
fn filter(rust_log: Option<&str>) -> Targets {
    let base = Targets::new().with_default(LevelFilter::WARN).with_target("aftercare", LevelFilter::INFO);
    // An empty level would parse as `error`.
    let wishes = rust_log.unwrap_or("").split(',').map(str::trim).filter(|w| !w.is_empty());
    wishes.fold(base, |filter, wish| match wish.split_once('=').unwrap_or(("aftercare", wish)) {
        (target, level) if target == "aftercare" || target.starts_with("aftercare::") => {
            match level.parse() {
                Ok::<LevelFilter, _>(level) => filter.with_target(target, level),
                Err(_) => filter,
            }
        }
        _ => filter,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn no_library_can_be_made_to_talk() {
        for wish in ["lettre=trace", "trace,rustls=debug", "hyper=info"] {
            let filter = filter(Some(wish));
            for library in ["lettre", "rustls", "hyper", "tokio_cron_scheduler"] {
                assert!(!filter.would_enable(library, &Level::INFO), "{wish} {library}");
            }
            assert!(filter.would_enable("lettre", &Level::WARN));
        }
    }

    #[test]
    fn every_word_names_a_style() {
        assert!(LogStyle::WORDS.iter().all(|word| LogStyle::parse(word).is_some()));
        assert_eq!(LogStyle::parse("xml"), None);
    }

    #[test]
    fn our_own_level_can_be_raised_and_lowered() {
        assert!(filter(None).would_enable("aftercare::journey", &Level::INFO));
        assert!(!filter(None).would_enable("aftercare::journey", &Level::DEBUG));
        assert!(filter(Some("debug")).would_enable("aftercare::journey", &Level::DEBUG));
        assert!(filter(Some("aftercare::mail=trace")).would_enable("aftercare::mail", &Level::TRACE));
        assert!(!filter(Some("aftercare=warn")).would_enable("aftercare::mail", &Level::INFO));
        assert!(filter(Some("nonsense")).would_enable("aftercare", &Level::INFO));
    }
}
