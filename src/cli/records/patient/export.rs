//! `aftercare patient export`: everything that is kept about one patient, into a file or to stdout.

use std::io::Write;
use std::path::PathBuf;

use serde_json::Value;

use crate::care::patient::Reference;
use crate::care::record::export_reason::{ExportForm, ExportReason};
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::export;
use crate::cli::records::patient::args::reference;
use crate::exchange::fhir::bundle;
use crate::exchange::patient_record;
use crate::journey::commands::record_export::{self, ExportRequest};
use crate::store::database::OpenMode;
use crate::store::error::StoreError;

/// Write everything that is kept about one patient; the audit notes it
#[derive(Debug, clap::Args)]
pub struct PatientExportArgs {
    /// Case code of the patient whose record it is.
    #[arg(value_name = "REF", value_parser = reference)]
    pub reference: Reference,
    /// Why: she asked for it (asked), for whoever treats her (treatment), a court or authority (authority), before-erasing.
    #[arg(long, value_name = "WHY", value_parser = why)]
    pub why: ExportReason,
    /// As a FHIR R4 bundle: record, plan, dates, letters, messages. Without it, everything.
    #[arg(long)]
    pub fhir: bool,
    /// Write into this new file instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

fn why(word: &str) -> Result<ExportReason, String> {
    let known = || ExportReason::ALL.map(ExportReason::word).join(", ");
    ExportReason::parse(word).ok_or_else(|| format!("no such reason; known are {}", known()))
}

pub(super) fn run(args: &PatientExportArgs, ctx: &Context) -> Result<(), Failure> {
    // The file first: nothing is noted that could not be written.
    export::into(args.out.as_deref(), ctx, |out| written(args, ctx, out))?;
    ctx.changed()?;
    export::wrote(ctx, 1, "records", args.out.as_deref())
}

fn written(args: &PatientExportArgs, ctx: &Context, out: &mut dyn Write) -> Result<(), Failure> {
    let clinic = ctx.deps(OpenMode::Existing)?;
    let form = if args.fhir { ExportForm::Fhir } else { ExportForm::Json };
    let request = ExportRequest { whose: args.reference.clone(), why: args.why, form };
    record_export::note(&clinic, ctx.stamp(), request)?;
    let base = format!("https://{}/fhir", clinic.policy.message_id_domain);
    let document: Value = clinic.store.read(|view| -> Result<Value, StoreError> {
        match form {
            ExportForm::Fhir => bundle::of_one(view, &base, &view.patient_by_reference(&args.reference)?),
            ExportForm::Json | ExportForm::Print => {
                Ok(patient_record::document(&view.whole_record(&args.reference)?, ctx.stamp().at))
            }
        }
    })?;
    Ok(writeln!(out, "{document:#}")?)
}
