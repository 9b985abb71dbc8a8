//! `aftercare patient erasable`: records whose time is over, a page at a time.

use serde_json::{Value, json};

use crate::care::patient::PatientId;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::erase::erasability;
use crate::journey::commands::retention::erasure::{self, OverdueRecord};
use crate::store::database::OpenMode;

/// List records whose time is over and about which nothing is open, 50 at a time
#[derive(Debug, clap::Args)]
pub struct PatientErasableArgs {
    /// Go on after this row, as `next` of the last page says.
    #[arg(long, value_name = "ROW")]
    pub after: Option<i64>,
}

pub(super) fn run(args: &PatientErasableArgs, ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.deps(OpenMode::AsItIs)?;
    let after = PatientId(args.after.unwrap_or_default());
    let page = erasure::overdue(&clinic, after, ctx.stamp().at)?;
    let periods = clinic.policy.retention;
    let document = json!({
        "after_last_contact": periods.after_last_contact, "after_death": periods.after_death,
        "records": page.records.iter().map(line).collect::<Vec<_>>(), "next": page.next.map(|next| next.0),
    });
    ctx.show(&document, |out| {
        if page.records.is_empty() {
            writeln!(out, "no record is due; how long they are kept: `aftercare settings show retention`")?;
        }
        for one in &page.records {
            let age = &one.verdict.age;
            let asked = if one.is_asked { "; somebody asks for it" } else { "" };
            writeln!(
                out,
                "{:<16} {:<16} last contact {}{asked}",
                one.patient.reference.as_str(),
                age.status.word(),
                age.last_contact_on
            )?;
        }
        match page.next {
            Some(next) => writeln!(out, "further records: --after {}", next.0),
            None => Ok(()),
        }
    })
}

fn line(one: &OverdueRecord) -> Value {
    let age = &one.verdict.age;
    json!({
        "reference": one.patient.reference.as_str(), "status": age.status.word(),
        "last_contact_on": age.last_contact_on.to_string(), "erasable": erasability(&one.verdict.erasability),
        "asked": one.is_asked,
    })
}
