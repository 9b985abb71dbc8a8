//! Which version of each protocol new patients are put on: that of the operator's file, else the clinic's own as published
//! last, else the shipped one.

use std::collections::BTreeMap;

use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::file_protocols::{FileProtocol, ProtocolInForce, ProtocolOrigin, ProtocolsInForce};
use crate::journey::protocol_cache::ProtocolCache;
use crate::store::db::transaction::View;

/// The protocols in force now. One of the clinic's own that this version cannot read is none.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn in_force(view: &View<'_>, clinic: &Deps) -> Result<ProtocolsInForce, StepError> {
    let files = ProtocolsInForce::clone(&clinic.file_protocols);
    above(view, &clinic.protocol_cache, files, |file| file.origin)
}

/// The protocols that would be in force if these files were published now; they need not be. For whoever only looks.
///
/// # Errors
/// As [`in_force`].
pub fn in_force_over(
    view: &View<'_>,
    cache: &ProtocolCache,
    files: BTreeMap<String, FileProtocol>,
) -> Result<BTreeMap<String, FileProtocol>, StepError> {
    above(view, cache, files, |file| file.origin)
}

/// What the clinic published stands above a shipped file of its name, and beneath one of the operator's.
fn above<F: From<ProtocolInForce>>(
    view: &View<'_>,
    cache: &ProtocolCache,
    mut found: BTreeMap<String, F>,
    origin: fn(&F) -> ProtocolOrigin,
) -> Result<BTreeMap<String, F>, StepError> {
    for (name, version) in view.own_in_force()? {
        if found.get(&name).map(origin) == Some(ProtocolOrigin::Operator) {
            continue;
        }
        let Some(version) = version else {
            found.remove(&name);
            continue;
        };
        match cache.get(view, version) {
            Ok(protocol) => {
                let own = ProtocolInForce { version, protocol, origin: ProtocolOrigin::Clinic };
                found.insert(name, own.into());
            }
            Err(fault) if fault.is_unreadable() => drop(found.remove(&name)),
            Err(fault) => return Err(fault),
        }
    }
    Ok(found)
}
