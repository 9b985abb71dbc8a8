//! Records of other systems: rosters in, resources out.

pub mod fhir;
pub mod roster;
