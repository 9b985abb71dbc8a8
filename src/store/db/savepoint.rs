//! A part of a change that stands or falls alone, as long as the transaction around it stands.

use super::writer;
use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;

impl Tx<'_> {
    /// Runs a part that stands or falls alone, so that one bad record does not undo its neighbours.
    ///
    /// # Errors
    /// What the part returns, or that it panicked; its changes are undone. [`StoreError::is_everyones`] where SQLite has
    /// undone the whole transaction: no part runs in what is left of it, each statement would commit by itself.
    pub fn shielded<T, E: From<StoreError>>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.is_undone() {
            return Err(E::from(StoreError::undone()));
        }
        writer::step(self.sql, "SAVEPOINT part")?;
        let result = writer::caught(|| part(self));
        if self.is_undone() {
            self.head.forget();
            return result.and_then(|_| Err(E::from(StoreError::undone())));
        }
        if result.is_err() {
            writer::step(self.sql, "ROLLBACK TO part")?;
            self.head.forget();
        }
        writer::step(self.sql, "RELEASE part")?;
        result
    }

    /// Runs a part for each item, each standing or falling alone. A savepoint copies every page that is changed under
    /// it, so all share one while all goes well; after a failure everything runs again, each in its own.
    ///
    /// # Errors
    /// Per item what its part returned; its changes are undone. Where SQLite has undone the whole transaction nothing of
    /// any item stands: the first gives the reason, and none runs again.
    pub fn each<I, T, E: From<StoreError>>(
        &mut self,
        items: &[I],
        mut part: impl FnMut(&mut Self, &I) -> Result<T, E>,
    ) -> Vec<Result<T, E>> {
        if items.is_empty() {
            return Vec::new();
        }
        let all = |tx: &mut Self| items.iter().map(|item| part(tx, item)).collect::<Result<Vec<T>, E>>();
        match self.shielded(all) {
            Ok(done) => return done.into_iter().map(Ok).collect(),
            Err(fault) if self.is_undone() => return all_lost(fault, items.len()),
            Err(_) => {}
        }
        let mut ends = Vec::with_capacity(items.len());
        for item in items {
            match self.shielded(|tx| part(tx, item)) {
                Err(fault) if self.is_undone() => return all_lost(fault, items.len()),
                end => ends.push(end),
            }
        }
        ends
    }

    /// Whether SQLite has rolled the whole transaction back by itself, as it may when the disk is full or fails.
    fn is_undone(&self) -> bool {
        self.sql.is_autocommit()
    }
}

fn all_lost<T, E: From<StoreError>>(fault: E, count: usize) -> Vec<Result<T, E>> {
    let others = std::iter::repeat_with(|| Err(E::from(StoreError::undone())));
    std::iter::once(Err(fault)).chain(others).take(count).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::store::database::tests::{fresh, sabotage, stamp};

    /// No page can be added any more: a full disk, as SQLite meets it.
    const FULL: &str = "PRAGMA max_page_count = 1";
    const SPACE: &str = "PRAGMA max_page_count = 1000000";

    fn large(tx: &mut Tx<'_>, name: &str) -> Result<(), StoreError> {
        tx.set_fact(name, &"x".repeat(20_000))
    }

    #[test]
    fn on_a_full_disk_nothing_of_a_batch_stands_and_the_reason_is_told() {
        let (_dir, store) = fresh();
        let job = |tx: &mut Tx<'_>| -> Result<(), StoreError> {
            sabotage(tx, FULL)?;
            tx.set_fact("before", "1")?;
            assert!(tx.shielded(|tx| large(tx, "large")).unwrap_err().is_full());
            // Whoever goes on must not write into what would commit by itself.
            let after: Result<(), StoreError> = tx.shielded(|tx| tx.set_fact("after", "1"));
            after.unwrap_err();
            Ok(())
        };
        let told = store.write_blocking(stamp(), job).unwrap_err();
        assert!(told.is_everyones(), "{told}");
        let told = store.write_blocking(stamp(), |tx| large(tx, "large")).unwrap_err();
        assert!(told.is_full(), "{told}");
        for name in ["before", "large", "after"] {
            assert_eq!(store.read(|v| v.fact(name)).unwrap(), None, "{name}");
        }
        store.write_blocking(stamp(), |tx| sabotage(tx, SPACE)).unwrap();
        store.write_blocking(stamp(), |tx| large(tx, "large")).unwrap();
        assert!(store.read(|v| v.fact("large")).unwrap().is_some());
    }

    #[test]
    fn on_a_full_disk_no_item_runs_twice_and_the_first_gives_the_reason() {
        let (_dir, store) = fresh();
        let runs = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&runs);
        let job = move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
            sabotage(tx, FULL)?;
            let ends = tx.each(&["a", "large", "c"], |tx, name| {
                counted.fetch_add(1, Ordering::Relaxed);
                if *name == "large" { large(tx, name) } else { tx.set_fact(name, "1") }
            });
            assert!(ends.iter().all(|end| end.as_ref().is_err_and(StoreError::is_everyones)));
            ends.into_iter().collect()
        };
        assert!(store.write_blocking(stamp(), job).unwrap_err().is_full());
        assert_eq!(runs.load(Ordering::Relaxed), 2);
        assert_eq!(["a", "large", "c"].map(|name| store.read(|v| v.fact(name)).unwrap()), [None, None, None]);
    }
}
