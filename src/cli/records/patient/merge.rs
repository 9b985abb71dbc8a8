//! `aftercare patient merge`: two records of one woman become one; without `--yes` it shows what that would come to.

use serde_json::{Value, json};

use crate::care::patient::Reference;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::args::reference;
use crate::journey::commands::record_merge::{self, MergePreview, MergeRequest};
use crate::store::database::OpenMode;
use crate::store::people::merges::RecordCount;

/// Make two records of one woman one; without --yes, show what it would come to
#[derive(Debug, clap::Args)]
pub struct PatientMergeArgs {
    /// The case code that stays.
    #[arg(value_name = "KEEP", value_parser = reference)]
    pub kept: Reference,
    /// The case code that ends and leads to the other afterwards.
    #[arg(value_name = "END", value_parser = reference)]
    pub other: Reference,
    /// Do it; it is not undone.
    #[arg(long)]
    pub yes: bool,
}

/// Whether it was only shown, or done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MergeReport {
    Shown,
    Done,
}

pub(super) fn run(args: &PatientMergeArgs, ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.deps(OpenMode::Existing)?;
    let request = MergeRequest { kept: args.kept.clone(), other: args.other.clone() };
    let preview = record_merge::preview(&clinic, &request)?;
    let report = if args.yes { MergeReport::Done } else { MergeReport::Shown };
    if report == MergeReport::Done {
        record_merge::apply(&clinic, ctx.stamp(), request)?;
        ctx.changed()?;
    }
    ctx.show(&document(&preview, report), |out| words(out, &preview, report))
}

fn size(of: &RecordCount) -> Value {
    json!({
        "letters": of.letters, "waiting": of.waiting, "answers": of.answers, "alerts": of.alerts, "tasks": of.tasks,
        "messages": of.messages, "dates": of.dates,
    })
}

fn document(preview: &MergePreview, report: MergeReport) -> Value {
    let date = |one: &record_merge::BookedDate| json!({ "series": one.follow_up.series, "on": one.date.on.to_string() });
    json!({
        "kept": preview.kept.reference.as_str(), "ended": preview.other.reference.as_str(), "done": report == MergeReport::Done,
        "in_the_way": preview.clashes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "kept_has": size(&preview.sizes[0]), "ended_has": size(&preview.sizes[1]),
        "takes_address": preview.gaps.has_address,
        "takes_fields": preview.gaps.contact.iter().map(|field| field.word()).collect::<Vec<_>>(),
        "ends": preview.ends.iter().map(|one| one.protocol.clone()).collect::<Vec<_>>(),
        "booked": preview.dates.iter().map(date).collect::<Vec<_>>(),
    })
}

fn words(out: &mut dyn std::io::Write, preview: &MergePreview, report: MergeReport) -> std::io::Result<()> {
    let (kept, other) = (preview.kept.reference.as_str(), preview.other.reference.as_str());
    let [_, moved] = &preview.sizes;
    match report {
        MergeReport::Done => writeln!(out, "{other} ended in {kept}, and leads to it")?,
        MergeReport::Shown => writeln!(out, "{other} would end in {kept}:")?,
    }
    for clash in &preview.clashes {
        writeln!(out, "  first: {clash}; {}", clash.hint())?;
    }
    writeln!(
        out,
        "  goes over: {} letters, {} forms, {} alerts, {} tasks, {} messages, {} dates",
        moved.letters, moved.answers, moved.alerts, moved.tasks, moved.messages, moved.dates
    )?;
    for one in &preview.ends {
        writeln!(out, "  ends:      {} from {}", one.protocol, one.anchor_on)?;
    }
    writeln!(out, "  withdrawn: {} letters that wait", moved.waiting)?;
    for one in &preview.dates {
        writeln!(out, "  booked:    {} on {}: becomes a task", one.follow_up.series, one.date.on)?;
    }
    if preview.gaps.has_address {
        writeln!(out, "  taken:     the address of {other}, because {kept} has none")?;
    }
    for field in &preview.gaps.contact {
        writeln!(out, "  taken:     {}", field.word())?;
    }
    Ok(())
}
