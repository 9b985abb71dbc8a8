//! Patients and staff: who they are, what they wish, what is known about them.

pub mod patient_group;
pub mod patient_search;
pub mod patient_status;
pub mod patients;
pub mod proxies;
pub mod contact;
pub mod detail;
pub mod clinical_history;
pub mod death_reversals;
pub mod staff;
pub mod preferences;
pub mod whole_record;
pub mod erasure;
pub mod merges;
pub mod nonresponse;
