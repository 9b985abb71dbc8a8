//! Which version of each protocol new patients are put on: that of the operator's file, else the clinic's own as published
//! last, else the shipped one.

use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::file_protocols::{ProtocolInForce, ProtocolOrigin, ProtocolsInForce};
use crate::store::db::transaction::View;

/// The protocols in force now. One of the clinic's own that this version cannot read is none.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn in_force(view: &View<'_>, clinic: &Deps) -> Result<ProtocolsInForce, StepError> {
    let mut found = ProtocolsInForce::clone(&clinic.file_protocols);
    for (name, version) in view.own_in_force()? {
        if found.get(&name).is_some_and(|file| file.origin == ProtocolOrigin::Operator) {
            continue;
        }
        match clinic.protocol_cache.get(view, version) {
            Ok(protocol) => {
                let own = ProtocolInForce { version, protocol, origin: ProtocolOrigin::Clinic };
                found.insert(name, own);
            }
            Err(fault) if fault.is_unreadable() => drop(found.remove(&name)),
            Err(fault) => return Err(fault),
        }
    }
    Ok(found)
}
