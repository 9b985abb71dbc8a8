//! The keys of an encrypted database: read while the program still may, and taken on before anything opens the database.

use secrecy::ExposeSecret;

use super::exit::{Exit, Failure};
use crate::config::credential;
use crate::config::origin::ConfigOrigin;
use crate::store::db::encryption::held;
use crate::store::db::encryption::key::{DatabaseKeyFault, DatabaseKeys};

/// Takes on the keys that the configuration names, if it names any. Call it before the program steps down to the database's
/// owner, who may not read them.
///
/// # Errors
/// 78 when they cannot be read, others may read them, they are no keys, or this program was built without encryption.
pub(super) fn hold(origin: &ConfigOrigin) -> Result<(), Failure> {
    let Some(name) = origin.database_key() else { return Ok(()) };
    let text = credential::key(&name)?;
    let keys = DatabaseKeys::parse(text.expose_secret()).map_err(|fault| {
        Failure::new(Exit::BadConfiguration, format!("credential `{name}`: {fault}"))
            .hint(DatabaseKeyFault::HINT)
    })?;
    Ok(held::hold(keys)?)
}
