//! Which state of a record somebody saw, so that what a colleague changed meanwhile is shown and not overwritten.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::care::patient::Patient;

/// A mark of what can be corrected of a record as it stands; another record, another mark. It tells nothing of it.
#[must_use]
pub fn record_version(patient: &Patient) -> String {
    let mut hasher = DefaultHasher::new();
    patient.name.expose().hash(&mut hasher);
    patient.birth_on.hash(&mut hasher);
    patient.email.as_ref().map(|email| email.expose()).hash(&mut hasher);
    (&patient.language, &patient.zone).hash(&mut hasher);
    patient.proxy.as_ref().map(|proxy| (proxy.id, proxy.is_refused)).hash(&mut hasher);
    (patient.detail, patient.detail_follows, patient.shared_inbox, patient.status.word()).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
