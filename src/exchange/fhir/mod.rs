//! The clinic's records as FHIR R4 (hl7.org/fhir/R4).

mod resources;
pub mod bundle;
