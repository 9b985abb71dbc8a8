//! The staff console over real sockets: who gets in, what a GET leaves alone, how an alert ends with a person.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "console/fixture.rs"]
mod fixture;
#[path = "console/http.rs"]
mod http;
#[path = "console/sign_in.rs"]
mod sign_in;
#[path = "console/actions.rs"]
mod actions;
#[path = "console/contacts.rs"]
mod contacts;
#[path = "console/telephone.rs"]
mod telephone;
#[path = "console/letters.rs"]
mod letters;
#[path = "console/pages.rs"]
mod pages;
#[path = "console/today.rs"]
mod today;
#[path = "console/forms.rs"]
mod forms;
#[path = "console/looks.rs"]
mod looks;
#[path = "console/role_matrix.rs"]
mod role_matrix;
#[path = "console/people.rs"]
mod people;
#[path = "console/record_views.rs"]
mod record_views;
