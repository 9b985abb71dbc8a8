//! `aftercare protocol publish` and `compare`: what would change, before anything does.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::care::plan::diff::reworded;
use crate::care::plan::protocol::Protocol;
use crate::care::publication::letter_count::LetterCount;
use crate::cli::exit::{Exit, Failure};
use crate::cli::table;
use crate::cli::work::protocol::args::{CompareArgs, PublishArgs};
use crate::cli::work::protocol::context::ProtocolContext;
use crate::cli::work::protocol::which::{examine, read};
use crate::journey::commands::protocols;
use crate::journey::errors::step::StepError;
use crate::journey::protocols::effect::{MoveEffect, PatientEffect, effect};
use crate::journey::protocols::publication::{MoveChoice, PublicationRequest, whom};
use crate::store::plan::drafts::DraftId;

/// Shows what a draft changes, and with `--yes` asks to publish it.
///
/// # Errors
/// 65 when the draft has faults, or names somebody who is not on it.
pub(super) fn publish(on: &ProtocolContext<'_>, args: &PublishArgs) -> Result<(), Failure> {
    let draft = on.draft(args.draft)?;
    let found = examine(on, &draft.text.content)?;
    let Some(protocol) = found.protocol.filter(|_| found.faults.is_empty()) else {
        let failure = Failure::new(Exit::BadInput, "the draft cannot be published yet");
        return Err(Failure { faults: found.faults, ..failure });
    };
    let protocol = Arc::new(protocol);
    let all = effect(&protocol, on.stamp.at, &on.clinic)?;
    let moves = choice(&args.moves);
    let enrolled = on.clinic.store.read(|view| view.enrolled_on(&protocol.id))?;
    let moving = whom(enrolled, &moves).map_err(StepError::from)?.len();
    let revision = args.revision.unwrap_or(draft.revision);
    let mut asked = None;
    if args.yes {
        let ask = PublicationRequest {
            draft: DraftId(args.draft),
            seen: revision,
            moves: moves.clone(),
            publish_on: args.on,
        };
        let publish = protocols::publish(&on.clinic, on.stamp.clone(), ask);
        let id = on.ctx.runtime()?.block_on(publish)?;
        on.ctx.changed()?;
        asked = Some(on.clinic.store.read(|view| view.publication(id))?);
    }
    let document = json!({ "protocol": protocol.id, "version": protocol.version, "letters": count(all.letters),
        "patients": all.patients.iter().map(line).collect::<Vec<_>>(), "unread": all.unread,
        "moving": moving, "revision": revision,
        "publication": asked.as_ref().map(|one| one.id.0), "state": asked.as_ref().map(|one| one.state.word()) });
    on.ctx.show(&document, |out| {
        words(out, &protocol, &all)?;
        writeln!(out, "\n{}", who_moves(&moves, moving))?;
        match &asked {
            None => writeln!(
                out,
                "Nothing was changed. To ask for it, give the command again with `--revision {revision} --yes`"
            ),
            Some(one) if one.signed.is_some() => writeln!(out, "Signed as publication {}.", one.id.0),
            Some(one) => {
                let id = one.id.0;
                writeln!(out, "Publication {id} waits for a doctor or lead: `aftercare protocol sign --publication {id} --as NAME`, or the console.")
            }
        }
    })
}

/// Who moves, before anybody does.
fn who_moves(choice: &MoveChoice, moving: usize) -> String {
    match choice {
        MoveChoice::Nobody => {
            "Nobody moves to it: it is for new patients. `--move all` moves who is on the protocol, \
                               `--move CODE,CODE` some of them."
                .to_owned()
        }
        MoveChoice::Everybody => format!("All who are on the protocol move to it: {moving}."),
        MoveChoice::Only(codes) => {
            let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
            format!("These move to it, and nobody else: {}.", codes.join(", "))
        }
    }
}

fn choice(whom: &str) -> MoveChoice {
    match whom {
        "all" => MoveChoice::Everybody,
        "none" => MoveChoice::Nobody,
        codes => {
            let codes = codes.split(',').map(|code| code.trim().to_owned()).filter(|code| !code.is_empty());
            MoveChoice::Only(codes.collect::<BTreeSet<String>>())
        }
    }
}

fn words(out: &mut dyn std::io::Write, protocol: &Protocol, all: &MoveEffect) -> std::io::Result<()> {
    let LetterCount { moved, dropped, added } = all.letters;
    writeln!(
        out,
        "{} {}: {} patients are on it; moving all of them moves {moved} letters, drops {dropped}, adds {added} in two years",
        protocol.id,
        protocol.version,
        all.patients.len(),
    )?;
    let header = ["case code", "letters moved", "dropped", "added", "tasks"];
    let row = |one: &PatientEffect| {
        let LetterCount { moved, dropped, added } = one.letters;
        [
            one.reference.clone(),
            moved.to_string(),
            dropped.to_string(),
            added.to_string(),
            one.tasks.to_string(),
        ]
    };
    table::write(out, header, all.patients.iter().map(row), "Nobody is on it in another version.")
}

fn line(one: &PatientEffect) -> Value {
    json!({ "reference": one.reference, "letters": count(one.letters), "dates": count(one.dates), "tasks": one.tasks })
}

fn count(letters: LetterCount) -> Value {
    json!({ "moved": letters.moved, "dropped": letters.dropped, "added": letters.added })
}

/// Shows what differs between two.
///
/// # Errors
/// 65 when one of them is not there or cannot be read.
pub(super) fn compare(on: &ProtocolContext<'_>, args: &CompareArgs) -> Result<(), Failure> {
    let (a, b) = (read(on, &args.a)?, read(on, &args.b)?);
    let only = |own: &Protocol, other: &Protocol| -> Vec<String> {
        let lost = own.series.iter().filter(|series| other.series(&series.id).is_none());
        lost.map(|series| series.id.clone()).collect()
    };
    let dates: Vec<String> = a
        .series
        .iter()
        .filter(|was| b.series(&was.id).is_some_and(|is| was.phases != is.phases || was.at != is.at))
        .map(|series| series.id.clone())
        .collect();
    let (gone, new) = (only(&a, &b), only(&b, &a));
    let parts = reworded(&a, &b);
    let changed: Vec<Value> =
        parts.iter().map(|one| json!({ "series": one.series, "parts": one.parts })).collect();
    let document = json!({ "a": a.version, "b": b.version, "only_in_a": gone, "only_in_b": new,
        "other_dates": dates, "changed": changed });
    on.ctx.show(&document, |out| {
        let list = |out: &mut dyn std::io::Write, what: &str, names: &[String]| match names.is_empty() {
            true => Ok(()),
            false => writeln!(out, "{what}: {}", names.join(", ")),
        };
        list(out, "only in the first", &gone)?;
        list(out, "only in the second", &new)?;
        list(out, "other dates", &dates)?;
        for one in &parts {
            let series = one.series.as_deref().unwrap_or("the protocol");
            writeln!(out, "{series}: other {}", one.parts.join(", "))?;
        }
        if gone.is_empty() && new.is_empty() && dates.is_empty() && parts.is_empty() {
            writeln!(out, "nothing differs")?;
        }
        Ok(())
    })
}
