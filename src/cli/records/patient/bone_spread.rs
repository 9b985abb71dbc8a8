//! `aftercare patient bone-spread`: known bone spread is noted, or the note withdrawn, by a clinician who signs in; without
//! either it shows what a note would change.

use serde_json::json;

use crate::care::patient::Reference;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::args::reference;
use crate::cli::sign_in::sign_in;
use crate::journey::answers::bone_spread_effect::{ResponsePreview, bone_spread_effect};
use crate::journey::commands::clinical_record;
use crate::journey::errors::step::StepError;
use crate::store::database::OpenMode;

/// Note known bone spread, or withdraw the note; with neither, show what a note would change
#[derive(Debug, clap::Args)]
pub struct BoneSpreadArgs {
    /// The patient's own case code.
    #[arg(value_name = "REF", value_parser = reference)]
    pub reference: Reference,
    /// Note it: from her next answers on, each reason that is soon or urgent weighs one step more.
    #[arg(long, requires = "name", conflicts_with = "withdraw")]
    pub note: bool,
    /// Withdraw the note; it stays on record with the reason.
    #[arg(long, requires = "name", requires = "reason")]
    pub withdraw: bool,
    /// Why the note is withdrawn.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Your sign-in name: a doctor's or lead's.
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
}

pub(super) fn run(args: &BoneSpreadArgs, ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.deps(OpenMode::Existing)?;
    let whose = args.reference.clone();
    if let Some(name) = args.name.as_deref().filter(|_| args.note || args.withdraw) {
        let stamp = sign_in(ctx, &clinic.store, name)?;
        let reason = args.reason.clone().unwrap_or_default();
        ctx.runtime()?.block_on(async {
            match args.note {
                true => clinical_record::note_bone_spread(&clinic, stamp, whose).await,
                false => clinical_record::withdraw_bone_spread(&clinic, stamp, whose, reason).await,
            }
        })?;
        ctx.changed()?;
    }
    let (noted, effect) = clinic.store.read(|view| -> Result<_, StepError> {
        let her = view.patient_by_reference(&args.reference)?.id;
        Ok((view.bone_spread_noted(her)?, bone_spread_effect(view, her, &clinic)?))
    })?;
    let form = |form: &ResponsePreview| json!({ "on": form.on.to_string(), "tier": form.tier.word(), "with_bone_spread": form.lifted.word() });
    let (by, at) = noted.clone().unzip();
    let document = json!({
        "reference": args.reference.as_str(), "noted": noted.is_some(), "noted_by": by,
        "noted_at": at.map(|at| at.to_string()), "effect": effect.iter().map(form).collect::<Vec<_>>(),
    });
    ctx.show(&document, |out| match &noted {
        Some((by, at)) => writeln!(out, "bone spread is known: noted by {by} on {}", at.strftime("%F")),
        None => {
            writeln!(out, "bone spread is not noted; with a note, her answers so far would have been:")?;
            effect.iter().try_for_each(|form| {
                writeln!(out, "  {}  {} -> {}", form.on, form.tier.word(), form.lifted.word())
            })
        }
    })
}
