//! The key beside the database: there, sound, and the one that made the links on record. And the key that it is encrypted with.

use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::daemon::files::file_mode;
use crate::daemon::files::key_file::{self, KeyFault};
use crate::daemon::files::rewrite_traces;
use crate::store::db::encryption::paths::key_path;
use crate::store::db::encryption::state::{self, Encryption, encryption_of};
use crate::store::db::health;

/// A plain database where a key is named, and one that the first key does not open.
pub(super) fn encryption(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(database) = context.database.as_ref().filter(|path| path.exists()) else { return Vec::new() };
    if let Err(fault) = state::prove(database) {
        return vec![context.fault_at("database.key_credential", &fault.to_string(), fault.hint())];
    }
    match encryption_of(database) {
        Ok(Some(Encryption::Older)) => {
            let problem = "the database is encrypted with a key that is not the first of the file";
            let hint = "stop the daemon and encrypt it with the first one: `aftercare database rekey`";
            vec![context.remark_at("database.key_credential", problem, hint)]
        }
        // A database that cannot be opened is told by itself.
        Ok(Some(Encryption::InForce) | None) | Err(_) => Vec::new(),
    }
}

pub(super) fn key(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(database) = context.database.as_ref().filter(|path| path.exists()) else { return Vec::new() };
    let proved = match health::is_older(database) {
        // What it was used with is known once it is brought up to date.
        true => key_file::read(&key_path(database)),
        false => key_file::prove_at(database),
    };
    let traces = rewrite_traces::found(database).into_iter();
    let open = file_mode::open_to_others(database).into_iter();
    let mut found: Vec<CheckFinding> =
        open.map(|one| context.remark_at("database.path", &one.problem(), &one.hint())).collect();
    found.extend(traces.map(|one| context.fault_at("database.path", &one.fact(), one.hint())));
    match proved {
        // A database that cannot be asked is told by itself.
        Ok(_) | Err(KeyFault::Store(_)) => {}
        Err(fault) => found.push(context.fault_at("database.path", &fault.to_string(), fault.hint())),
    }
    found
}
