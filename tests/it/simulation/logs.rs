//! Everything the program logs is read here for names and addresses (P10).

use std::io::{Result, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

static LEAKED: AtomicBool = AtomicBool::new(false);
static LINES: AtomicU64 = AtomicU64::new(0);
static LISTENING: Once = Once::new();

struct Reader;

impl Write for Reader {
    fn write(&mut self, line: &[u8]) -> Result<usize> {
        let text = String::from_utf8_lossy(line);
        LINES.fetch_add(1, Ordering::Relaxed);
        if text.contains("Name of") || text.contains("@patients") {
            LEAKED.store(true, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Reads every line from now on, on every thread.
pub(super) fn listen() {
    LISTENING.call_once(|| {
        let level = tracing::Level::DEBUG;
        tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_writer(|| Reader).init();
    });
}

/// How many lines were read, and whether one named somebody.
pub(super) fn heard() -> (u64, bool) {
    (LINES.load(Ordering::Relaxed), LEAKED.load(Ordering::Relaxed))
}
