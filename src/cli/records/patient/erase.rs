//! `aftercare patient erase`: a record whose time is over. Without a step it shows what would go and what stays; one asks, another
//! agrees.

use std::io::Write;

use serde_json::{Value, json};

use crate::care::patient::Reference;
use crate::care::record::erasure::ExportProof;
use crate::care::record::retention::{Erasability, KeptReason};
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::args::reference;
use crate::cli::sign_in::stamp;
use crate::journey::commands::retention::erasure::{self, ErasurePreview, ErasureStep};
use crate::store::database::OpenMode;

/// Erase a record whose time is over; without a step, show what would go and what stays
///
/// One person asks (`--ask`), another agrees (`--agree`), each with the own sign-in name as soon as an account may do that. It is
/// not undone. The clinic decides how long records are kept: `aftercare settings show retention`.
#[derive(Debug, clap::Args)]
pub struct PatientEraseArgs {
    /// The patient's own case code.
    #[arg(value_name = "REF", value_parser = reference)]
    pub reference: Reference,
    /// Ask for it; her record was given out since the last contact with her.
    #[arg(long, conflicts_with_all = ["agree", "decline"])]
    pub ask: bool,
    /// With --ask: nobody wants the record, so no copy was made.
    #[arg(long, requires = "ask")]
    pub no_export: bool,
    /// Agree with whoever asked, and erase it: the case code once more.
    #[arg(long, value_name = "REF", conflicts_with = "decline")]
    pub agree: Option<String>,
    /// Say that the record stays.
    #[arg(long)]
    pub decline: bool,
    /// Your sign-in name; needed as soon as an account may erase records.
    #[arg(long = "as", value_name = "NAME")]
    pub by: Option<String>,
}

impl PatientEraseArgs {
    fn step(&self) -> Option<ErasureStep> {
        let export = if self.no_export { ExportProof::NotWanted } else { ExportProof::Made };
        let ask = self.ask.then_some(ErasureStep::Ask(export));
        let agree = self.agree.clone().map(ErasureStep::Agree);
        ask.or(agree).or_else(|| self.decline.then_some(ErasureStep::Decline))
    }
}

pub(super) fn run(args: &PatientEraseArgs, ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.deps(OpenMode::Existing)?;
    let preview = erasure::preview(&clinic, &args.reference, ctx.stamp().at)?;
    let Some(step) = args.step() else {
        return ctx.show(&document(&preview), |out| words(out, &preview));
    };
    let code = preview.patient.reference.as_str();
    let (done, said) = match step {
        ErasureStep::Ask(_) => (
            "asked",
            format!("asked: another person looks at it and agrees: `aftercare patient erase {code}`"),
        ),
        ErasureStep::Agree(_) => {
            ("erased", format!("the record of {code} is erased; nothing of hers is left in it"))
        }
        ErasureStep::Decline => ("declined", format!("the record of {code} stays")),
    };
    let stamp = stamp(ctx, &clinic.store, args.by.as_deref())?;
    erasure::take(&clinic, stamp, args.reference.clone(), step)?;
    ctx.changed()?;
    ctx.show(&json!({ "reference": code, "done": done }), |out| writeln!(out, "{said}"))
}

/// Whether a record may be erased, as a word with its day or its reasons.
pub(super) fn erasability(of: &Erasability) -> Value {
    match of {
        Erasability::Since(on) => json!({ "may": "since", "on": on.to_string() }),
        Erasability::NotBefore(on) => json!({ "may": "not-before", "on": on.to_string() }),
        Erasability::NoPeriod => json!({ "may": "never", "because": ["no-period"] }),
        Erasability::Kept(kept) => {
            json!({ "may": "never", "because": kept.iter().map(reason).collect::<Vec<_>>() })
        }
    }
}

fn reason(kept: &KeptReason) -> String {
    match kept {
        KeptReason::DailyTest => "daily-test".to_owned(),
        KeptReason::InCare(status) => format!("status {}", status.word()),
        KeptReason::Plan(protocol) => format!("protocol {protocol}"),
        KeptReason::Alert(id) => format!("alert {id}"),
        KeptReason::Task(id) => format!("task {id}"),
        KeptReason::LetterLeaving => "letter-leaving".to_owned(),
        KeptReason::Hold => "hold".to_owned(),
    }
}

fn document(preview: &ErasurePreview) -> Value {
    let (size, age) = (&preview.size, &preview.verdict.age);
    let asked = preview.asked.as_ref().map(|one| {
        json!({ "by": one.asked_by, "at": one.asked_at.to_string(), "until": one.expires_at.to_string(),
            "export": one.export.word() })
    });
    json!({
        "reference": preview.patient.reference.as_str(), "status": age.status.word(), "status_on": age.status_on.to_string(),
        "last_contact_on": age.last_contact_on.to_string(), "erasable": erasability(&preview.verdict.erasability),
        "exported": preview.verdict.is_exported, "asked": asked,
        "merged": preview.merged.iter().map(|one| one.reference.clone()).collect::<Vec<_>>(),
        "husk_has": { "letters": size.letters, "answers": size.answers, "alerts": size.alerts, "tasks": size.tasks,
            "messages": size.messages, "dates": size.dates },
    })
}

fn words(out: &mut dyn Write, preview: &ErasurePreview) -> std::io::Result<()> {
    let (code, age, size) = (preview.patient.reference.as_str(), &preview.verdict.age, &preview.size);
    match &preview.verdict.erasability {
        Erasability::Since(on) => writeln!(out, "{code} may be erased since {on}")?,
        Erasability::NotBefore(on) => writeln!(out, "{code} must be kept until {on}")?,
        Erasability::NoPeriod => writeln!(
            out,
            "{code} is never due: nobody decided how long records are kept (`aftercare settings show retention`)"
        )?,
        Erasability::Kept(kept) => {
            let why: Vec<String> = kept.iter().map(reason).collect();
            writeln!(out, "{code} is kept: {}", why.join(", "))?;
        }
    }
    writeln!(out, "  status:       {} since {}", age.status.word(), age.status_on)?;
    writeln!(out, "  last contact: {}", age.last_contact_on)?;
    writeln!(
        out,
        "  goes:         name, birth date, address, telephone, answers, messages, notes, what letters said"
    )?;
    writeln!(
        out,
        "  stays:        a husk without a word of hers: {} letters, {} forms, {} alerts, {} tasks, {} messages, {} dates",
        size.letters, size.answers, size.alerts, size.tasks, size.messages, size.dates
    )?;
    for one in &preview.merged {
        writeln!(out, "  goes with it: {}, merged into it", one.reference)?;
    }
    let exported =
        if preview.verdict.is_exported { "yes" } else { "no: `aftercare patient export`, or --no-export" };
    writeln!(out, "  given out since the last contact: {exported}")?;
    match &preview.asked {
        Some(asked) => writeln!(
            out,
            "  asked by {} at {}: another person agrees until {} with `--agree {code}`",
            asked.asked_by, asked.asked_at, asked.expires_at
        ),
        None => writeln!(out, "  nobody asks for it"),
    }
}
