//! `aftercare export`: the clinic's records for other systems.

use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::daemon::assembly::engine;
use crate::exchange::fhir::bundle;
use crate::exchange::roster::write::{self, ExportTerms};
use crate::store::database::OpenMode;

/// Records for other systems: FHIR, CSV
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare export csv --out patients.csv")]
pub struct ExportArgs {
    /// The command after `export`; clap refuses a line without one.
    #[command(subcommand)]
    pub verb: ExportCommand,
}

/// The formats to export in; both only read the database.
#[derive(Debug, clap::Subcommand)]
pub enum ExportCommand {
    /// Write a FHIR R4 bundle: patients, care plans, appointments, communications
    #[command(after_help = "Example:\n  aftercare export fhir --out aftercare.json")]
    Fhir(Fhir),
    /// Write patients and enrolments as `import` reads them
    #[command(after_help = "Example:\n  aftercare export csv --out patients.csv")]
    Csv(Csv),
}

/// Write a FHIR R4 bundle: patients, care plans, appointments, communications
#[derive(Debug, clap::Args)]
pub struct Fhir {
    /// Write into this file instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Write patients and enrolments as `import` reads them
#[derive(Debug, clap::Args)]
pub struct Csv {
    /// Write into this file instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Writes the export to stdout, or into a new file that only its owner may read.
///
/// # Errors
/// 64 when `--json` and the export both want stdout; the database or the file cannot be used.
pub fn run(args: &ExportArgs, ctx: &Context) -> Result<(), Failure> {
    if let ExportCommand::Csv(args) = &args.verb {
        one_document(ctx, args.out.as_deref(), "CSV")?;
    }
    let path = match &args.verb {
        ExportCommand::Fhir(args) => args.out.as_deref(),
        ExportCommand::Csv(args) => args.out.as_deref(),
    };
    let (count, what) = into(path, ctx, |out| written(&args.verb, out, ctx))?;
    wrote(ctx, count, what, path)
}

/// How many of what were written.
fn written(
    verb: &ExportCommand,
    out: &mut BufWriter<Box<dyn Write>>,
    ctx: &Context,
) -> Result<(u64, &'static str), Failure> {
    let store = ctx.store(OpenMode::AsItIs)?;
    Ok(match verb {
        ExportCommand::Fhir(_) => {
            let base = format!("https://{}/fhir", ctx.config()?.mail.message_id_domain);
            (bundle::write::<Failure>(&store, &base, out)?, "resources")
        }
        ExportCommand::Csv(_) => {
            let (zone, protocols) = (&ctx.config()?.clinic.zone, &engine::protocol_cache(&ctx.sources()?));
            let terms = ExportTerms { now: ctx.stamp().at, zone, protocols };
            let written = write::write::<Failure>(&store, &terms, out)?;
            for reference in &written.unwritten_visits {
                ctx.say(&format!(
                    "remark: `{reference}` has a booked visit that no import takes (it is over, off her plan, or beside a plan that has ended); it is left out"
                ));
            }
            for reference in &written.partly {
                ctx.say(&format!(
                    "remark: `{reference}` has a protocol with an anchor of its own, which is left out"
                ));
            }
            (written.rows, "patients")
        }
    })
}

/// Lines in a format of their own are no JSON document: with `--json` they go into a file, and stdout tells of it.
pub(in crate::cli) fn one_document(ctx: &Context, path: Option<&Path>, format: &str) -> Result<(), Failure> {
    if !ctx.json || path.is_some() {
        return Ok(());
    }
    let error = format!("`--json` promises one JSON document, and this writes {format} to stdout");
    Err(Failure::new(Exit::Usage, error).hint("name a file with `--out FILE`, or leave `--json` out"))
}

/// Writes into a new file, or to stdout. The file first: root may name one in a directory of its own, which the owner of the
/// database, whom it becomes, does not reach. One that nothing came of does not stay.
pub(in crate::cli) fn into<T>(
    path: Option<&Path>,
    ctx: &Context,
    write: impl FnOnce(&mut BufWriter<Box<dyn Write>>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut out = sink(path)?;
    let done = write(&mut out).and_then(|done| Ok(out.flush().map(|()| done)?));
    if let (Err(_), Some(path)) = (&done, path)
        && std::fs::remove_file(path).is_err()
    {
        ctx.say(&format!("remark: nothing came of `{}`: remove it", path.display()));
    }
    done
}

/// Where an export goes: a new file of its owner's alone, or stdout.
pub(in crate::cli) fn sink(path: Option<&Path>) -> Result<BufWriter<Box<dyn Write>>, Failure> {
    let Some(path) = path else { return Ok(BufWriter::new(Box::new(std::io::stdout().lock()))) };
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|error| {
        let hint = "name a file that is not there yet, in a directory you may write to";
        Failure::unwritable(path, &error, hint)
    })?;
    Ok(BufWriter::new(Box::new(file)))
}

/// Says what was written, unless it went to stdout itself.
pub(in crate::cli) fn wrote(
    ctx: &Context,
    count: u64,
    what: &str,
    path: Option<&Path>,
) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    let document = serde_json::json!({ "file": path.display().to_string(), what: count });
    ctx.show(&document, |out| writeln!(out, "wrote {count} {what} into {}", path.display()))
}
