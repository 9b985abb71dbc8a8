//! The loops of the daemon whose every turn fails, kept on record so that commands beside the daemon and the digest can tell.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::error::StoreError;

/// The fact that keeps them: a line each, with its name and since when.
const FACT: &str = "failed-loops";

/// A loop whose every turn fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedLoop {
    /// Its name, as in the log.
    pub name: String,
    /// When the first of the turns in a row failed.
    pub since: Timestamp,
}

impl FailedLoop {
    /// What is, and what to do, for whoever runs the machine.
    #[must_use]
    pub fn sentence(&self) -> String {
        let since = self.since.strftime("%Y-%m-%d %H:%M UTC");
        format!(
            "every turn of the daemon's loop {} fails since {since}, so what it does is not done: `journalctl -u aftercare -p err` says \
             why",
            self.name
        )
    }
}

/// Those on record, by name.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn on_record(view: &View<'_>) -> Result<Vec<FailedLoop>, StoreError> {
    let all = kept(view)?.into_iter();
    Ok(all.map(|(name, since)| FailedLoop { name, since }).collect())
}

/// Writes down since when every turn of a loop fails, or that one was done (`None`). Nothing is written where that stands already.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn note(
    clinic: &Deps,
    now: Timestamp,
    name: &'static str,
    since: Option<Timestamp>,
) -> Result<(), StepError> {
    if clinic.store.read(kept)?.get(name).copied() == since {
        return Ok(());
    }
    let write = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let mut all = kept(tx)?;
        match since {
            Some(since) => drop(all.insert(name.to_owned(), since)),
            None => drop(all.remove(name)),
        }
        let lines: Vec<String> = all.iter().map(|(name, since)| format!("{name} {since}")).collect();
        if lines.is_empty() {
            tx.clear_fact(FACT)?;
        } else {
            tx.set_fact(FACT, &lines.join("\n"))?;
        }
        Ok(())
    };
    clinic.store.write(Stamp::daemon(now), write).await
}

fn kept(view: &View<'_>) -> Result<BTreeMap<String, Timestamp>, StoreError> {
    let text = view.fact(FACT)?.unwrap_or_default();
    let line = |line: &str| {
        let (name, since) = line.split_once(' ')?;
        Some((name.to_owned(), since.parse().ok()?))
    };
    Ok(text.lines().filter_map(line).collect())
}
