//! `aftercare protocol`: protocols are written, looked at, published and signed.

pub mod args;
mod context;
mod effect;
mod listed;
mod which;

use std::path::Path;

use serde_json::json;

use self::args::{DraftArgs, EditArgs, ProtocolArgs, ProtocolVerb, SignArgs, WhichDraft};
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure, fault_json};
use crate::cli::named_file;
use crate::cli::sign_in::stamp;
use crate::cli::work::protocol::context::ProtocolContext;
use crate::cli::work::protocol::which::{Named, examine, named};
use crate::config::protocols::draft::unsigned;
use crate::config::protocols::form::ProtocolForm;
use crate::daemon::assembly::engine;
use crate::journey::commands::protocols::{self, ProtocolCommand};
use crate::journey::deps::Deps;
use crate::journey::protocols::draft::DraftChange;
use crate::journey::protocols::sign_off::{Signatories, one_person_asked_by};
use crate::store::database::OpenMode;
use crate::store::db::encryption::disk_mode::is_on_read_only_disk;
use crate::store::plan::drafts::{DraftId, DraftText};
use crate::store::plan::publications::PublicationId;

/// Runs one of `aftercare protocol …`.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(args: &ProtocolArgs, ctx: &Context) -> Result<(), Failure> {
    match &args.verb {
        ProtocolVerb::Draft(args) => named_file::hold(&args.file),
        ProtocolVerb::Edit(args) => named_file::hold([&args.file]),
        _ => {}
    }
    let clinic = clinic(&args.verb, ctx)?;
    let stamp = stamp(ctx, &clinic.store, args.name_of_staff.as_deref())?;
    let on = ProtocolContext { ctx, clinic, stamp };
    match &args.verb {
        ProtocolVerb::List => listed::list(&on),
        ProtocolVerb::Export(args) => export(&on, &args.which),
        ProtocolVerb::Draft(args) => begin(&on, args),
        ProtocolVerb::Edit(args) => edit(&on, args),
        ProtocolVerb::Check(args) => check(&on, args),
        ProtocolVerb::Discard(args) => discard(&on, args),
        ProtocolVerb::Publish(args) => effect::publish(&on, args),
        ProtocolVerb::Sign(args) => sign(&on, args),
        ProtocolVerb::Withdraw(args) => {
            let id = PublicationId(args.publication);
            on.change(ProtocolCommand::Withdraw(id, args.reason.clone()))?;
            on.told("withdrawn", "it is taken back; nothing changed for any patient")
        }
        ProtocolVerb::Retire(args) => {
            on.change(ProtocolCommand::Retire(args.name.clone()))?;
            on.told("retired", "no new patient is put on it; whoever is on it stays on it")
        }
        ProtocolVerb::Compare(args) => effect::compare(&on, args),
        ProtocolVerb::Signatories(args) => {
            let who = match args.who.as_str() {
                "one-person" => Signatories::OnePerson,
                _ => Signatories::SecondPerson,
            };
            on.change(ProtocolCommand::Signatories(who))?;
            let asked = on.clinic.store.read(one_person_asked_by)?;
            on.told(
                who.word(),
                if asked.is_some() { "asked for; another doctor or lead agrees" } else { "chosen" },
            )
        }
    }
}

/// Whoever only looks needs no change where none can be made; elsewhere the files are published first, so that all are listed.
fn clinic(verb: &ProtocolVerb, ctx: &Context) -> Result<Deps, Failure> {
    let looks = matches!(
        verb,
        ProtocolVerb::List | ProtocolVerb::Export(_) | ProtocolVerb::Check(_) | ProtocolVerb::Compare(_)
    );
    match looks && is_on_read_only_disk(&ctx.config()?.database.path) {
        true => {
            let store = ctx.store(OpenMode::AsItIs)?;
            Ok(engine::published_before(&store, ctx.config()?, &ctx.sources()?, &ctx.world())?)
        }
        false => Ok(ctx.clinic(OpenMode::Existing)?.0),
    }
}

fn export(on: &ProtocolContext<'_>, which: &str) -> Result<(), Failure> {
    let Named { name, content, .. } = named(on, which)?;
    let document = json!({ "protocol": name, "content": content });
    on.ctx.show(&document, |out| write!(out, "{content}"))
}

fn begin(on: &ProtocolContext<'_>, args: &DraftArgs) -> Result<(), Failure> {
    let (content, from) = match (&args.from, &args.file) {
        (Some(which), _) => (named(on, which)?.content, which.clone()),
        (None, Some(file)) => (text(file)?, "a file".to_owned()),
        (None, None) => return Err(Failure::bad_input("nothing to begin with was named")),
    };
    let text = draft_text(unsigned(&content))?;
    let begin = protocols::begin(&on.clinic, on.stamp.clone(), text, from);
    let id = on.ctx.runtime()?.block_on(begin)?;
    let document = json!({ "draft": id.0, "revision": 1 });
    on.ctx.show(&document, |out| {
        writeln!(out, "draft {} is begun; `aftercare protocol check {}` looks at it", id.0, id.0)
    })
}

fn edit(on: &ProtocolContext<'_>, args: &EditArgs) -> Result<(), Failure> {
    let seen = match args.revision {
        Some(revision) => revision,
        None => on.draft(args.draft)?.revision,
    };
    let change = DraftChange { id: DraftId(args.draft), text: draft_text(text(&args.file)?)?, seen };
    on.change(ProtocolCommand::Change(change))?;
    let draft = on.draft(args.draft)?;
    let faults = examine(on, &draft.text.content)?.faults.len();
    let document = json!({ "draft": args.draft, "revision": draft.revision, "faults": faults });
    on.ctx.show(&document, |out| {
        writeln!(out, "draft {} is revision {} now, with {faults} faults", args.draft, draft.revision)
    })
}

fn check(on: &ProtocolContext<'_>, args: &WhichDraft) -> Result<(), Failure> {
    let found = examine(on, &on.draft(args.draft)?.text.content)?;
    let remarks: Vec<_> = found.remarks.iter().map(fault_json).collect();
    for remark in &found.remarks {
        on.ctx.say(&format!("remark: {remark}"));
    }
    if found.faults.is_empty() {
        let document = json!({ "ok": true, "faults": [], "remarks": remarks });
        return on.ctx.show(&document, |out| writeln!(out, "no faults in draft {}", args.draft));
    }
    let failure =
        Failure { faults: found.faults, ..Failure::new(Exit::BadInput, "the draft cannot be published yet") };
    Err(failure.with_report(&json!({ "ok": false, "remarks": remarks })))
}

fn discard(on: &ProtocolContext<'_>, args: &WhichDraft) -> Result<(), Failure> {
    let revision = on.draft(args.draft)?.revision;
    on.change(ProtocolCommand::Discard(DraftId(args.draft), revision))?;
    on.told("discarded", "the draft is thrown away")
}

fn sign(on: &ProtocolContext<'_>, args: &SignArgs) -> Result<(), Failure> {
    if let Some(id) = args.publication {
        on.change(ProtocolCommand::SignPublication(PublicationId(id)))?;
        return on.told("signed", "signed; it is put in force when its day has come");
    }
    let Named { version, .. } = named(on, args.which.as_deref().unwrap_or_default())?;
    let version = version.ok_or_else(|| {
        Failure::bad_input("a draft is signed when it is published").hint("give `--publication NUMBER`")
    })?;
    on.change(ProtocolCommand::Sign(version))?;
    on.told("signed", "the version is signed")
}

fn draft_text(content: String) -> Result<DraftText, Failure> {
    let form = ProtocolForm::read(&content);
    let form = form.ok_or_else(|| {
        Failure::bad_input("this is no protocol file (TOML)").hint("texts stand in quotes, lists in `[ ]`")
    })?;
    Ok(DraftText { protocol: form.id, content })
}

fn text(file: &Path) -> Result<String, Failure> {
    named_file::text(file).map_err(|fault| {
        let problem = format!("`{}` cannot be read: {fault}", file.display());
        Failure::bad_input(problem).hint("name a readable file, or `-` for stdin")
    })
}
