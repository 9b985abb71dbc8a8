//! Other systems: rosters in; resources, webhooks and the heartbeat out.

pub mod fhir;
pub mod heartbeat;
pub mod roster;
pub mod webhook;
