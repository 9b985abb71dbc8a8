//! What did not arrive: refusals of a server, bounces, leases that ran out, and what goes again.

pub mod server_refusal;
pub mod bounce;
pub mod recover_leases;
pub mod send_again;
mod notice_probe;
mod run;
mod put_off;
pub(in crate::journey::delivery) mod put_off_log;
