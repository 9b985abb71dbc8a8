//! Other systems: rosters in; resources, webhooks and the heartbeat out.

pub mod heartbeat;
pub mod openid;
pub mod oauth;
mod provider_transport;
pub mod csv_file;
pub mod roster;
pub mod admission;
pub mod webhook;
pub mod fhir;
pub mod patient_record;
