//! Records of other systems: rosters in, resources and webhooks out.

pub mod fhir;
pub mod roster;
pub mod webhook;
