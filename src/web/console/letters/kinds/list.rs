//! The list of every kind of letter.

use axum::response::Response;
use minijinja::{Value, context};

use super::letter_names::{LetterTitle, TITLES};
use crate::letter::proof::samples;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;

/// Every kind of letter, to patients first, then to staff.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, |signed_in| {
        let is_to_staff = |one: &&LetterTitle| {
            samples::STEPS.iter().any(|(step, kinds)| *step == one.name && kinds.contains(&"staff"))
        };
        let (staff, patients): (Vec<&LetterTitle>, Vec<&LetterTitle>) = TITLES.iter().partition(is_to_staff);
        let lines = |all: Vec<&LetterTitle>| -> Vec<Value> {
            all.iter()
                .map(|one| context! { name => one.name, title => one.title, when => one.when })
                .collect()
        };
        let words = context! { patients => lines(patients), staff => lines(staff) };
        page::render(signed_in, "letter-kinds", words)
    })
    .await
}
