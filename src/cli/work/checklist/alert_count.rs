//! `aftercare checklist count`: what the rules would have raised on the answers of a span, as on the console's page of that name.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::care::checklist::definition::Checklist;
use crate::care::triage::rule_text::condition;
use crate::care::triage::tier::{Code, Tier};
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::named_file;
use crate::config::checklists::checklist::{self, WordedChecklist};
use crate::config::checklists::source_file::SourceFile;
use crate::journey::forecast::alert_count::{
    AlertCountMonth, AlertCountRequest, RulesCount, TierCounts, count_alerts,
};
use crate::store::database::OpenMode;

/// Count what the rules would have raised on the answers of a span
///
/// The answers on record are judged once more, form by form, with what was known of each patient when hers came. Nothing is
/// written, and nobody is told.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  aftercare checklist count spine\n  aftercare checklist count spine --file draft/spine.toml --since 2027-01-01"
)]
pub struct AlertCountArgs {
    /// Name of the checklist.
    pub checklist: String,
    /// First day; a year before the last one when left out.
    #[arg(long, value_name = "DATE")]
    pub since: Option<Date>,
    /// Last day; today when left out.
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
    /// Only patients who are or were on this protocol.
    #[arg(long, value_name = "PROTOCOL")]
    pub protocol: Option<String>,
    /// Judge by the rules of this checklist file instead of the clinic's.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Counts and writes it to stdout.
///
/// # Errors
/// 78 when the checklist is unknown or faulty, 65 when the last day lies before the first.
pub(super) fn run(args: &AlertCountArgs, ctx: &Context) -> Result<(), Failure> {
    named_file::hold(&args.file);
    let form = rules(args, ctx)?;
    let clinic = ctx.deps(OpenMode::AsItIs)?;
    let request = request(args, ctx, form.checklist.clone())?;
    let note = |_| ControlFlow::Continue(());
    let counted = count_alerts(&clinic, &request, &note)?.unwrap_or_default();
    ctx.show(&document(&request, &counted), |out| {
        CountWords { form: &form, request: &request, counted: &counted }.write(out)
    })
}

/// What is asked for, with a year where no span is given.
pub(super) fn request(
    args: &AlertCountArgs,
    ctx: &Context,
    rules: Checklist,
) -> Result<AlertCountRequest, Failure> {
    let zone = &ctx.config()?.clinic.zone;
    let last_on = args.until.unwrap_or_else(|| zone.to_datetime(ctx.stamp().at).date());
    let first_on = args.since.unwrap_or_else(|| last_on.saturating_sub(1.years()).saturating_add(1.day()));
    if last_on < first_on {
        return Err(Failure::bad_input("the last day lies before the first")
            .hint("give --since DATE before --until DATE"));
    }
    Ok(AlertCountRequest { first_on, last_on, protocol: args.protocol.clone(), rules: Arc::new(rules) })
}

fn rules(args: &AlertCountArgs, ctx: &Context) -> Result<WordedChecklist, Failure> {
    let sources = ctx.sources()?;
    let Some(path) = &args.file else {
        return checklist::load(&args.checklist, &sources).map_err(Failure::bad_configuration);
    };
    let file = path.display().to_string();
    let text = named_file::text(path).map_err(|error| {
        Failure::bad_input(format!("`{file}` cannot be read: {error}"))
            .hint("name a checklist file such as spine.toml")
    })?;
    let source = SourceFile { file: &file, text: &text };
    let form = checklist::load_with(source, &args.checklist, &sources).map_err(Failure::bad_configuration)?;
    if form.checklist.id == args.checklist {
        return Ok(form);
    }
    Err(Failure::bad_input(format!("`{file}` is checklist `{}`", form.checklist.id))
        .hint(format!("name a file of `{}`", args.checklist)))
}

fn tiers(counts: TierCounts) -> Value {
    json!({ "emergency": counts.emergency, "urgent": counts.urgent, "soon": counts.soon })
}

fn document(request: &AlertCountRequest, counted: &RulesCount) -> Value {
    let month = |one: &AlertCountMonth| {
        let really = &one.really;
        json!({
            "month": one.month.strftime("%Y-%m").to_string(),
            "forms": one.forms,
            "would_raise": tiers(one.would),
            "would_read": one.unsorted,
            "raised": { "emergency": really.emergency, "urgent": really.urgent, "soon": really.soon,
                "unsorted": really.unsorted },
        })
    };
    let rule = |code: &Code| {
        let count = counted.rules.get(code).copied().unwrap_or_default();
        json!({ "code": code.word(), "tier": request.rules.tier_of(*code).map(Tier::word), "forms": count.forms,
            "alerts": count.alerts, "alone": count.alone })
    };
    json!({
        "checklist": request.rules.id,
        "version": request.rules.version,
        "since": request.first_on.to_string(),
        "until": request.last_on.to_string(),
        "protocol": request.protocol,
        "weeks": counted.weeks,
        "patients": counted.patients,
        "forms": counted.forms,
        "forms_ringing": tiers(counted.ringing),
        "forms_read": counted.read,
        "forms_partly_asked": counted.partly,
        "forms_unreadable": counted.unreadable,
        "would_raise": tiers(counted.would()),
        "would_raise_a_week": counted.a_week(counted.would().total()),
        "would_read": counted.unsorted(),
        "would_read_a_week": counted.a_week(counted.unsorted()),
        "raised": counted.months.iter().map(|month| month.really.raised()).sum::<u32>(),
        "rules": Code::ALL.iter().map(rule).collect::<Vec<_>>(),
        "months": counted.months.iter().map(month).collect::<Vec<_>>(),
    })
}

/// A count as it is written for people.
struct CountWords<'a> {
    form: &'a WordedChecklist,
    request: &'a AlertCountRequest,
    counted: &'a RulesCount,
}

impl CountWords<'_> {
    /// The sums, each rule that spoke, and month by month.
    fn write(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let Self { request, counted, .. } = self;
        let (would, unsorted) = (counted.would(), counted.unsorted());
        let really: u32 = counted.months.iter().map(|month| month.really.raised()).sum();
        writeln!(
            out,
            "{} to {}, by {} version {}: {} forms of {} patients",
            request.first_on,
            request.last_on,
            request.rules.id,
            request.rules.version,
            counted.forms,
            counted.patients
        )?;
        writeln!(
            out,
            "the rules would have raised {} alerts ({:.1} a week): {} emergency, {} urgent, {} soon",
            would.total(),
            counted.a_week(would.total()),
            would.emergency,
            would.urgent,
            would.soon
        )?;
        writeln!(
            out,
            "where nobody judges, {unsorted} alerts ({:.1} a week) ask staff to read {} forms",
            counted.a_week(unsorted),
            counted.read
        )?;
        writeln!(out, "really raised: {really} ({:.1} a week)", counted.a_week(really))?;
        if counted.partly > 0 {
            writeln!(out, "{} forms were asked without a question that these rules look at", counted.partly)?;
        }
        if counted.unreadable > 0 {
            writeln!(out, "{} forms cannot be read any more and are in no count", counted.unreadable)?;
        }
        let words = self.form.words("en").or_else(|| self.form.wording.values().next());
        let names = |field: &str, word: &str| {
            words.map_or_else(|| word.to_owned(), |words| words.choice_name(field, word))
        };
        writeln!(out, "\nrule  forms  alerts  alone")?;
        for (code, count) in &counted.rules {
            let says = condition(*code, &request.rules, &names);
            writeln!(
                out,
                "{:<4} {:>6} {:>7} {:>6}  {says}",
                code.word(),
                count.forms,
                count.alerts,
                count.alone
            )?;
        }
        self.write_months(out)
    }

    fn write_months(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "\nmonth    forms  emergency  urgent  soon  to read  raised")?;
        for AlertCountMonth { month, forms, would, unsorted, really } in &self.counted.months {
            let (month, raised) = (month.strftime("%Y-%m"), really.raised());
            let TierCounts { emergency, urgent, soon } = would;
            writeln!(
                out,
                "{month} {forms:>6} {emergency:>10} {urgent:>7} {soon:>5} {unsorted:>8} {raised:>7}"
            )?;
        }
        Ok(())
    }
}
