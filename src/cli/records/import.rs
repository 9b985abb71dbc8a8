//! `aftercare import`: patients and enrolments from a CSV file or a workbook.

mod admission;
mod dates_ahead;
mod report;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::care::plan::protocol::Protocol;
use crate::care::roster::booking_list::BOOKINGS_A_DAY;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::import::admission::RosterAdmission;
use crate::cli::records::import::dates_ahead::DatesAhead;
use crate::cli::records::import::report::{ImportReport, changed, count, look, sound};
use crate::cli::run_as;
use crate::daemon::assembly::{engine, sending_settings};
use crate::exchange::roster::columns::ColumnNames;
use crate::exchange::roster::dates::Order;
use crate::exchange::roster::rows::Roster;
use crate::exchange::roster::rules::{Origin, RosterRules, RosterSource, RosterTerms};
use crate::exchange::roster::survey::RecordOnFile;
use crate::journey::commands::roster::{ImportTerms, Terms};
use crate::journey::deps::Deps;
use crate::journey::file_protocols::ProtocolsInForce;
use crate::journey::protocols;
use crate::journey::sending_policy::{day, zone};
use crate::store::database::{OpenMode, Store};

/// Take patients and their enrolments in from a CSV file or a workbook
///
/// Columns: reference, preferred_name, birth_date, email, language, time_zone, protocol, anchor_on; optional: status,
/// detail, shared_inbox, next_visit_at (YYYY-MM-DD HH:MM in the clinic's zone), place, phone, phone_2, best_time,
/// other_contact (who else may be rung), other_phone, mail_consent_on (when she agreed to e-mail), and of whoever acts for her and gets her letters proxy_name,
/// proxy_relation, proxy_email, proxy_language, proxy_consent_by, proxy_consent_on, proxy_until; paused_until
/// (the last day of a pause), declined (kinds of letters she does not want: `visits+checklists`), extra_visits (booked beside the plan: `2027-01-31 10:30 Room 4; …`). Numbers without a country code are those of `[clinic] country`. Dates are YYYY-MM-DD; others, such
/// as 31/01/2027, with --dates, or where every row of the file tells the order by itself. Zones are IANA names or those of
/// Windows, languages BCP 47 tags. A protocol
/// and its add-ons are joined by a plus: `sgo2017-high+bone-health`. Where `anchor_on` is empty she is taken in without a
/// plan, and a task asks for what is missing. Of someone on record only a death, an opt-out, and telephone numbers where none stand are taken in; all else
/// that differs is a fault. Every faulty row is reported; nothing is taken in
/// unless all rows are sound, or --partial is given. Running it again changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare import patients.csv --dry-run")]
pub struct ImportArgs {
    /// The file: CSV (UTF-8, UTF-16, or Windows-1252, which is remarked), or a workbook (.xlsx, .xlsb, .xls, .ods, or a page of tables
    /// that is called .xls); with a header line. `-` reads the standard input.
    #[arg(value_name = "FILE.csv")]
    pub file: PathBuf,
    /// The order of day, month and year in dates that do not begin with the year.
    #[arg(long, value_name = "ORDER", value_parser = Order::WORDS)]
    pub dates: Option<String>,
    /// The sheet of the workbook; the first that has the header otherwise.
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Say what would happen, change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Take the sound rows in although others are faulty.
    #[arg(long)]
    pub partial: bool,
    /// How many dates a working day are booked with those who come in mid-course and whom no letter asks; they are one task with
    /// a list, `aftercare tasks show ID`.
    #[arg(long, value_name = "N", default_value_t = BOOKINGS_A_DAY, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub bookings_a_day: u32,
    /// A column of the file that stands for one of ours, as NAME=COLUMN; `NAME=` leaves it out. May be given several times.
    #[arg(long = "map", value_name = "NAME=COLUMN", value_parser = renamed)]
    pub renamed: Vec<(String, String)>,
    /// An add-on for every row; may be given several times.
    #[arg(long = "add-on", value_name = "NAME")]
    pub add_ons: Vec<String>,
}

/// Looks at every row before it takes any in; with `--dry-run`, takes none in.
///
/// # Errors
/// 65 when rows are faulty and --partial was not given; then nothing was taken in.
pub fn run(args: &ImportArgs, ctx: &Context) -> Result<(), Failure> {
    // Before anything steps down to the owner of the database: the file may be root's alone.
    let (source, file) = source(&args.file)?;
    let config = ctx.config()?;
    let target = target(args, ctx)?;
    let here = zone(&config.clinic.time_zone)?;
    let stamp = ctx.stamp();
    let policy = sending_settings::policy(config);
    let terms = RosterTerms {
        languages: config.sending.languages.clone(),
        protocols: target.protocols(),
        add_ons: args.add_ons.clone(),
        country: config.clinic.country.clone(),
        home: Some(config.clinic.time_zone.clone()),
        detail: policy.detail,
        clinics: policy.own_addresses.clone(),
        order: args.dates.as_deref().and_then(Order::parse),
    };
    let rules = RosterRules::new(terms, day(stamp.at, &here));
    let mut names = ColumnNames::default();
    args.renamed.iter().for_each(|(name, column)| names.set(name, column));
    let origin = Origin { source, sheet: args.sheet.clone(), names };
    let roster = Roster { origin, rules };
    let record = RecordOnFile {
        store: target.store(),
        now: stamp.at,
        zone: here,
        open: config.sending.hours.days.clone(),
    };
    let mut report = ImportReport { file, dry_run: args.dry_run, ..ImportReport::default() };
    let terms = if args.partial { Terms::Partial } else { Terms::Whole };
    match &target {
        Target::Clinic(clinic, in_force) => {
            let how = ImportTerms { terms, bookings_a_day: args.bookings_a_day };
            RosterAdmission { clinic, in_force, how, ctx }.run(&roster, &record, &mut report)?;
        }
        Target::Nobody { protocols, .. } => {
            let survey = look(&roster, &record, ctx, &mut report)?;
            sound(&report, &survey, terms)?;
            (report.added, report.changed) = (survey.new, count(changed(&survey)));
            let dates = DatesAhead { protocols, policy: &policy, now: stamp.at };
            report.to_book = dates.of(&roster, &survey);
        }
    }
    tell(&report, ctx)
}

/// What is read, and how it is called: `-` is the standard input; what root names is read as root.
fn source(file: &Path) -> Result<(RosterSource, String), Failure> {
    if file == Path::new("-") {
        let mut content = Vec::new();
        std::io::stdin().lock().read_to_end(&mut content)?;
        return Ok((RosterSource::Content(Arc::from(content)), "the standard input".to_owned()));
    }
    let shown = file.display().to_string();
    // What cannot be read, or is no file, is told where every file is opened.
    let opened = if run_as::is_root() && file.is_file() { std::fs::read(file).ok() } else { None };
    let source =
        opened.map_or_else(|| RosterSource::File(file.to_owned()), |c| RosterSource::Content(Arc::from(c)));
    Ok((source, shown))
}

/// Reads `NAME=COLUMN`, or `NAME=` for a column that is left out.
fn renamed(text: &str) -> Result<(String, String), String> {
    let (name, column) = text.split_once('=').ok_or("write it as NAME=COLUMN, or NAME= to leave it out")?;
    Ok((name.to_owned(), column.to_owned()))
}

/// What rows are judged by, and where they go.
enum Target {
    /// They are taken in by this clinic, onto these protocols.
    Clinic(Box<Deps>, ProtocolsInForce),
    /// They are only looked at, beside the database if there is one.
    Nobody { store: Option<Store>, protocols: BTreeMap<String, Arc<Protocol>> },
}

impl Target {
    fn store(&self) -> Option<&Store> {
        match self {
            Self::Clinic(clinic, _) => Some(&clinic.store),
            Self::Nobody { store, .. } => store.as_ref(),
        }
    }

    fn protocols(&self) -> BTreeMap<String, Arc<Protocol>> {
        match self {
            Self::Clinic(_, in_force) => {
                in_force.iter().map(|(name, one)| (name.clone(), Arc::clone(&one.protocol))).collect()
            }
            Self::Nobody { protocols, .. } => protocols.clone(),
        }
    }
}

/// Rows are judged by the protocols that they are admitted onto: those of the files, and those published in the console.
fn target(args: &ImportArgs, ctx: &Context) -> Result<Target, Failure> {
    if !args.dry_run {
        let (clinic, _) = ctx.clinic(OpenMode::Create)?;
        let in_force = clinic.store.read(|view| protocols::in_force::in_force(view, &clinic))?;
        return Ok(Target::Clinic(Box::new(clinic), in_force));
    }
    let config = ctx.config()?;
    let there = config.database.path.exists();
    let store = there.then(|| ctx.store(OpenMode::AsItIs)).transpose()?;
    let protocols = engine::in_force_unpublished(store.as_ref(), config, &ctx.sources()?)?;
    Ok(Target::Nobody { store, protocols })
}

fn tell(report: &ImportReport, ctx: &Context) -> Result<(), Failure> {
    let verb = if report.dry_run { "would be taken in" } else { "taken in" };
    let changed = match report.changed {
        0 => String::new(),
        changed => format!("{changed} changed (died, want no letters, or can be rung now), "),
    };
    ctx.show(report, |out| {
        writeln!(
            out,
            "{} rows: {} {verb}, {changed}{} unchanged, {} faulty",
            report.rows, report.added, report.unchanged, report.faulty
        )?;
        match report.to_book {
            0 => Ok(()),
            dates if report.dry_run => writeln!(out, "{dates} dates to book would be one task"),
            dates => writeln!(out, "{dates} dates to book are one task: `aftercare tasks list` names it"),
        }
    })
}
