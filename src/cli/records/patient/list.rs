//! `aftercare patient list`: everybody, or those that are looked for.

use std::io::BufRead;

use serde_json::{Value, json};

use crate::care::patient::Patient;
use crate::care::record::search_term::SearchTerm;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::args::PatientListArgs;
use crate::store::database::{OpenMode, Store};
use crate::store::error::StoreError;
use crate::store::people::patient_group::PatientGroup;
use crate::store::people::patient_search::PatientFilter;

/// Patients asked for at once.
const PAGE: u32 = 1000;

pub(super) fn run(args: &PatientListArgs, ctx: &Context) -> Result<(), Failure> {
    let term = if args.find { Some(typed(ctx)?) } else { None };
    let group = args.group.or(args.status.map(PatientGroup::Status));
    let filter = PatientFilter { term, group, protocol: args.protocol.clone(), after: None, limit: PAGE };
    let mut found = everybody(&ctx.store(OpenMode::AsItIs)?, filter)?;
    found.retain(|p| args.status.is_none_or(|status| status == p.status));
    found.sort_by(|a, b| a.reference.cmp(&b.reference));
    let document: Vec<Value> = match ctx.json {
        true => found.iter().map(line).collect(),
        false => Vec::new(),
    };
    ctx.show(&document, |out| {
        for p in &found {
            writeln!(out, "{:24} {:22} {:3} {}", p.reference.as_str(), p.status.word(), p.language, p.zone)?;
        }
        writeln!(out, "{} patients", found.len())
    })
}

/// What is looked for, from standard input: an argument would stay in the shell's history (P10).
fn typed(ctx: &Context) -> Result<SearchTerm, Failure> {
    ctx.say("Name, birth date, case code, telephone number or address: ");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let country = ctx.config()?.clinic.country.clone();
    SearchTerm::parse(&line, country.as_deref()).ok_or_else(|| {
        Failure::bad_input("nothing to look for was given")
            .hint("give a name, a birth date, a case code, a telephone number or an address on standard input, one line")
    })
}

fn everybody(store: &Store, mut filter: PatientFilter) -> Result<Vec<Patient>, StoreError> {
    let mut found = Vec::new();
    loop {
        let page = store.read(|view| view.patient_page(&filter))?;
        found.extend(page.patients);
        match page.next {
            Some(last) => filter.after = Some(last),
            None => return Ok(found),
        }
    }
}

fn line(p: &Patient) -> Value {
    json!({ "reference": p.reference.as_str(), "status": p.status.word(), "language": p.language, "time_zone": p.zone,
        "detail": p.detail.word(), "detail_follows": p.detail_follows, "shared_inbox": p.shared_inbox, "paused_until": p.paused_until.map(|d| d.to_string()) })
}
