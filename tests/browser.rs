//! A real browser walks the whole way: letter's link, form, what to do now. With script and without, at 320 px, in the dark,
//! with an accessibility engine (axe-core) that must find nothing. Pictures go to `target/screens`, for people to look at.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "empty_database/mod.rs"]
mod empty_database;
#[expect(dead_code, reason = "the socket tests use the rest")]
#[path = "public/fixture.rs"]
mod fixture;
#[path = "browser/driver.rs"]
mod driver;
#[path = "browser/wire.rs"]
mod wire;
#[path = "browser/patients.rs"]
mod patients;
#[expect(dead_code, reason = "the binary's tests use the rest")]
#[path = "binary/sandbox.rs"]
mod sandbox;
#[expect(dead_code, reason = "the binary's tests use the rest")]
#[path = "binary/sink.rs"]
mod sink;
#[path = "browser/end_to_end.rs"]
mod end_to_end;
#[path = "browser/clinic_facts.rs"]
mod clinic_facts;
#[path = "browser/colleague.rs"]
mod colleague;
#[path = "browser/working_day.rs"]
mod working_day;
