//! The list of every kind of letter.

use axum::response::Response;
use minijinja::{Value, context};

use super::letter_names::{LetterTitle, TITLES, named};
use super::options;
use super::wording::worded_letter::SHARED;
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
                .map(|one| {
                    let own = worded(signed_in, one.name);
                    context! { name => one.name, title => one.title(), when => one.when, own }
                })
                .collect()
        };
        let shared = SHARED.map(|(name, title, when)| {
            context! { name, title, when, own => worded(signed_in, name) }
        });
        let set_aside = signed_in.app.deps.set_aside.iter().map(|one| {
            let (name, language) = (one.own.letter.clone(), one.own.language.clone());
            context! { title => title(&name), name, in_words => options::language(&language), language }
        });
        let words = context! {
            patients => lines(patients),
            staff => lines(staff),
            shared => shared.to_vec(),
            set_aside => set_aside.collect::<Vec<_>>(),
        };
        page::render(signed_in, "letter-kinds", words)
    })
    .await
}

/// The languages in which staff word a letter themselves.
fn worded(signed_in: &SignedIn, letter: &str) -> Vec<String> {
    let own =
        signed_in.app.deps.wordings.own.iter().filter(|own| own.letter == letter && !own.texts.is_empty());
    own.map(|own| options::language(&own.language).to_owned()).collect()
}

fn title(letter: &str) -> String {
    let shared = SHARED.iter().find(|(name, ..)| *name == letter).map(|(_, title, _)| (*title).to_owned());
    shared.or_else(|| named(letter).map(LetterTitle::title)).unwrap_or_else(|| letter.to_owned())
}
