//! The patients' pages over real sockets: what they show, what they store, and what strangers cannot do to them.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "empty_database/mod.rs"]
mod empty_database;
#[path = "public/fixture.rs"]
mod fixture;
#[path = "public/http.rs"]
mod http;
#[path = "public/form.rs"]
mod form;
#[path = "public/links.rs"]
mod links;
#[path = "public/unsubscribe.rs"]
mod unsubscribe;
#[path = "public/hostile.rs"]
mod hostile;
#[path = "public/pages.rs"]
mod pages;
