//! After a restore the person at the keyboard is asked what only she knows: who has died or asked for no letters that nothing
//! tells of, and what became of letters that may have left. What is known is not asked.

use std::io::{BufRead, IsTerminal};

use crate::care::patient::{PatientStatus, Reference};
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::journey::operations::restore::held_letters::{self, HeldKind, HeldOutcome, HeldRequest};
use crate::journey::operations::restore::restored;
use crate::store::database::Store;

/// What was said on the command line.
#[derive(Debug, Default)]
pub(super) struct RestoreAnswers {
    /// Case codes of those who have died.
    pub(super) died: Vec<Reference>,
    /// Case codes of those who want no letters.
    pub(super) opted_out: Vec<Reference>,
}

/// Records what was said, and asks for the rest where somebody sits at a terminal.
///
/// # Errors
/// 65 when there is no such patient; whatever the store says.
pub(super) fn run(said: &RestoreAnswers, store: &Store, ctx: &Context) -> Result<(), Failure> {
    for (codes, to) in
        [(&said.died, PatientStatus::Deceased), (&said.opted_out, PatientStatus::OptedOutEmail)]
    {
        for code in codes {
            note(code, to, store, ctx)?;
        }
    }
    if ctx.json || !std::io::stdin().is_terminal() {
        return Ok(());
    }
    let ask = [
        ("Who has died that the list does not name? Case codes, or nothing", PatientStatus::Deceased),
        (
            "Who asked for no letters that the list does not name? Case codes, or nothing",
            PatientStatus::OptedOutEmail,
        ),
    ];
    for (question, to) in ask {
        // What was mistyped is said, and asked again.
        loop {
            let typed = answer(question, ctx)?;
            let missing: Vec<&str> = typed
                .split([' ', ','])
                .filter(|word| !word.is_empty())
                .filter(|word| !noted(word, to, store, ctx))
                .collect();
            if missing.is_empty() {
                break;
            }
            ctx.say(&format!("no such patient: {}", missing.join(", ")));
        }
    }
    letters(store, ctx)
}

fn noted(word: &str, to: PatientStatus, store: &Store, ctx: &Context) -> bool {
    Reference::parse(word).is_ok_and(|code| note(&code, to, store, ctx).is_ok())
}

fn note(code: &Reference, to: PatientStatus, store: &Store, ctx: &Context) -> Result<(), Failure> {
    Ok(restored::told(store, ctx.stamp(), code.clone(), to)?)
}

/// Letters that may have left, one by one. More may fall due when the daemon runs; they are in the list of the console.
fn letters(store: &Store, ctx: &Context) -> Result<(), Failure> {
    for one in store.read(|view| held_letters::alike(view, HeldKind::InDoubt))? {
        let letter = &one.letter;
        let question = format!(
            "Letter {} to {} ({}) may have left, nobody knows: was-sent, send or drop, or nothing to decide later",
            letter.id.0,
            letter.reference,
            letter.steps.join(", ")
        );
        loop {
            let typed = answer(&question, ctx)?;
            if typed.is_empty() {
                break;
            }
            if let Some(decision) = HeldOutcome::parse(&typed) {
                held_letters::decide(store, ctx.stamp(), HeldRequest { letters: vec![letter.id], decision })?;
                break;
            }
        }
    }
    Ok(())
}

fn answer(question: &str, ctx: &Context) -> Result<String, Failure> {
    ctx.say(&format!("{question}:"));
    let mut typed = String::new();
    std::io::stdin().lock().read_line(&mut typed)?;
    Ok(typed.trim().to_owned())
}
