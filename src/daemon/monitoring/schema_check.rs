//! A look at the schema of the database at the start, beside all else: it may have been changed while nobody looked.

use tokio::task::spawn_blocking;

use crate::store::database::Store;

/// Logs what was changed without aftercare. Nothing stops for it: letters and alerts are owed all the same.
pub fn look(store: Store) {
    drop(spawn_blocking(move || match store.read(|view| view.schema_diff()) {
        Ok(found) => found.iter().for_each(|what| {
            tracing::error!(%what, "somebody changed the schema of the database without aftercare");
        }),
        Err(fault) => tracing::error!(%fault, "the schema of the database could not be looked at"),
    }));
}
