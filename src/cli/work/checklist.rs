//! `aftercare checklist`: shows what is asked and when the rules speak; judges made-up answers with the rules in force, and says
//! why; counts what they would have raised; a doctor signs them, or somebody ends that they judge.

pub mod alert_count;
mod files;
mod questions;
pub mod args;
pub mod signature;

use std::io::Write;

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::care::checklist::answer::Known;
use crate::care::checklist::item::AnswerValue;
use crate::care::triage::case::{BoneSpread, Case, FilledForm, FormStage, History, TriageReason};
use crate::care::triage::judge::{Reads, TriageVerdict, judge, review, told_new};
use crate::care::triage::judging::JudgingMode;
use crate::care::triage::rule_text::clock;
use crate::care::triage::sign_off::SignOff;
use crate::care::triage::tier::{Code, Tier};
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::named_file;
use crate::cli::work::checklist::alert_count::AlertCountArgs;
use crate::cli::work::checklist::args::{TryArgs, TryError};
use crate::cli::work::checklist::questions::ChecklistReport;
use crate::cli::work::checklist::signature::{RulesSignArgs, RulesStopArgs};
use crate::config::checklists::checklist::{self, WordedChecklist};
use crate::config::sources::Sources;
use crate::daemon::assembly::preflight::unsigned;

/// Show a checklist with its rules, try them, count what they would have raised, sign them
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  aftercare checklist show spine\n  aftercare checklist try spine SP08=new"
)]
pub struct ChecklistArgs {
    /// The command after `checklist`; clap refuses a line without one.
    #[command(subcommand)]
    pub verb: ChecklistCommand,
}

/// What can be done with a checklist.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum ChecklistCommand {
    /// Show what patients are asked, and when each rule speaks
    Show(ChecklistShowArgs),
    /// Judge a set of answers and explain the verdict
    Try(TryArgs),
    /// Count what the rules would have raised on the answers of a span
    Count(AlertCountArgs),
    /// Sign the rules, which lets them judge answers
    Sign(RulesSignArgs),
    /// End that the rules judge answers: staff read them all
    Stop(RulesStopArgs),
}

/// The checklist that is shown.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example:\n  aftercare checklist show spine --language es")]
pub struct ChecklistShowArgs {
    /// Name of the checklist.
    pub checklist: String,
    /// The language of the questions shown.
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub language: String,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerdictFormat {
    /// For people: of a verdict the tier, then each rule that spoke, with the answers it spoke of.
    Text,
    /// For scripts: one JSON document, as `--json` asks.
    Json,
}

/// What the command stands on.
#[derive(Debug, Clone, Copy)]
pub struct TryContext<'a> {
    /// The files in force.
    pub sources: &'a Sources,
    /// Who signed the rules that judge answers; `None` where staff read them (education).
    pub signed: Option<&'a SignOff>,
    /// Today at the clinic: the day of the answers where `--on` is not given.
    pub today: Date,
    /// JSON where `--json` is given, else text.
    pub format: VerdictFormat,
}

/// Runs one of `aftercare checklist …`.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(args: &ChecklistArgs, ctx: &Context) -> Result<(), Failure> {
    match &args.verb {
        ChecklistCommand::Show(args) => on_stdout(ctx, |context, out| shown(args, context, out)),
        ChecklistCommand::Try(args) => {
            named_file::hold([&args.answers, &args.previous, &args.baseline].into_iter().flatten());
            on_stdout(ctx, |context, out| tried(args, context, out))
        }
        ChecklistCommand::Count(args) => alert_count::run(args, ctx),
        ChecklistCommand::Sign(args) => signature::sign(args, ctx),
        ChecklistCommand::Stop(args) => signature::stop(args, ctx),
    }
}

/// Writes it on stdout; without an installed configuration, with the shipped rules.
fn on_stdout(
    ctx: &Context,
    write: impl FnOnce(TryContext<'_>, &mut dyn Write) -> Result<(), TryError>,
) -> Result<(), Failure> {
    let (config, sources) = ctx.config_or_shipped()?;
    let today = config.clinic.zone.to_datetime(ctx.stamp().at).date();
    let format = if ctx.json { VerdictFormat::Json } else { VerdictFormat::Text };
    let judges = config.checklists.mode == JudgingMode::Triage && unsigned(&config, &sources).is_none();
    let signed = config.checklists.sign_off.as_ref().filter(|_| judges);
    let context = TryContext { sources: &sources, signed, today, format };
    write(context, &mut std::io::stdout().lock()).map_err(|error| match error {
        TryError::Unknown { .. } => Failure::bad_input(error.to_string())
            .hint("name one of those, as `checklists` in [paths] has them"),
        TryError::Checklist(faults) => Failure::bad_configuration(faults),
        TryError::Answers(lines) => {
            Failure::bad_input(lines.join("\n")).hint("see `aftercare checklist try --help`")
        }
        TryError::Write(error) => error.into(),
    })
}

/// The checklist of that name.
fn loaded(name: &str, sources: &Sources) -> Result<WordedChecklist, TryError> {
    let known = checklist::names(sources);
    if !known.iter().any(|one| one == name) {
        return Err(TryError::Unknown { name: name.to_owned(), known: known.join(", ") });
    }
    checklist::load(name, sources).map_err(TryError::Checklist)
}

fn shown(args: &ChecklistShowArgs, context: TryContext<'_>, out: &mut dyn Write) -> Result<(), TryError> {
    let form = loaded(&args.checklist, context.sources)?;
    let report = ChecklistReport { form: &form, signed: context.signed, language: &args.language };
    match context.format {
        VerdictFormat::Text => report.words(out)?,
        VerdictFormat::Json => writeln!(out, "{:#}", report.json())?,
    }
    Ok(())
}

fn tried(args: &TryArgs, context: TryContext<'_>, out: &mut dyn Write) -> Result<(), TryError> {
    let form = loaded(&args.checklist, context.sources)?;
    let on = args.on.unwrap_or(context.today);
    let answers = files::answers(args, &form.checklist)?;
    let history = history(args, &form, on)?;
    let stage = if args.saved { FormStage::Saved } else { FormStage::Submitted };
    let case = Case { answers: &answers, stage, answered_on: on, history: &history };
    let verdict = judge(&form.checklist, &case);
    let told = VerdictReport { form: &form, verdict: &verdict, case: &case, language: &args.language };
    match context.format {
        VerdictFormat::Text => told.words(out)?,
        VerdictFormat::Json => writeln!(out, "{:#}", told.json())?,
    }
    Ok(())
}

fn history(args: &TryArgs, form: &WordedChecklist, on: Date) -> Result<History, TryError> {
    let baseline = args.baseline.as_deref().map(|path| files::baseline(path, &form.checklist)).transpose()?;
    let last = args.previous.as_deref().map(|path| files::last(path, &form.checklist)).transpose()?;
    let known = args.known.iter().map(|text| known(text, on)).collect::<Result<_, _>>()?;
    let bone = if args.bone_spread { BoneSpread::Known } else { BoneSpread::NotKnown };
    let unread = last.as_ref().filter(|last| !last.reviewed);
    let unlooked =
        unread.map(|last| told_new(&form.checklist, &last.answers, &last.reasons)).unwrap_or_default();
    Ok(History { baseline, last, unlooked, known, bone })
}

fn known(text: &str, on: Date) -> Result<Known, TryError> {
    let refused = |problem: String| TryError::Answers(vec![format!("--known {text}: {problem}")]);
    let (code, until) = text.split_once('=').ok_or_else(|| refused("write S2=DATE".to_owned()))?;
    let code = Code::parse(code).ok_or_else(|| refused("no such reason".to_owned()))?;
    let until = until.parse().map_err(|_| refused("write the date as 2026-12-31".to_owned()))?;
    Known::new(code, on, until).map_err(|fault| refused(fault.to_string()))
}

struct VerdictReport<'a> {
    form: &'a WordedChecklist,
    verdict: &'a TriageVerdict,
    case: &'a Case<'a>,
    language: &'a str,
}

impl VerdictReport<'_> {
    fn words(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "{}: {}", self.verdict.tier.word(), clock(self.verdict.tier))?;
        if self.verdict.reasons.is_empty() {
            writeln!(out, "  no rule spoke")?;
        }
        for reason in &self.verdict.reasons {
            let tier = reason.tier.map_or("no tier of its own", Tier::word);
            writeln!(out, "  {:<3} {} ({tier})", reason.code.word(), reason.code.explain())?;
            for field in &reason.fields {
                writeln!(out, "      {field}: {}", self.answer(field))?;
            }
            writeln!(out, "      rule: {}", reason.code.basis())?;
        }
        let checklist = &self.form.checklist;
        writeln!(out, "judged by {} version {}", checklist.id, checklist.version)?;
        writeln!(out, "No diagnosis. The rules run only once a clinician has signed this version.")
    }

    /// The answer as the patient reads it, in the language asked for.
    fn answer(&self, field: &str) -> String {
        let Some(word) = self.case.answers.get(field).map(AnswerValue::word) else {
            return "left blank".to_owned();
        };
        let item = self.form.checklist.field(field).map(|(item, _)| item.id.as_str());
        let words = self.form.words(self.language);
        let shown = item.zip(words).and_then(|(item, words)| words.choice(item, field, &word));
        shown.map_or_else(
            || word.clone(),
            |shown| if shown == word { word.clone() } else { format!("{word} ({shown})") },
        )
    }

    fn json(&self) -> Value {
        let filled = FilledForm { answers: self.case.answers, stage: self.case.stage };
        let baseline = self.case.history.baseline.as_ref();
        let read = |reads| review(&self.form.checklist, filled, reads, baseline);
        let reason = |reason: &TriageReason| {
            json!({
                "code": reason.code.word(),
                "tier": reason.tier.map(Tier::word),
                "fields": reason.fields,
                "explanation": reason.code.explain(),
                "basis": reason.code.basis(),
            })
        };
        json!({
            "checklist": self.form.checklist.id,
            "version": self.verdict.version,
            "answered_on": self.case.answered_on.to_string(),
            "tier": self.verdict.tier.word(),
            "reasons": self.verdict.reasons.iter().map(reason).collect::<Vec<_>>(),
            "education": { "read": read(Reads::Everything), "read_new_or_worse": read(Reads::NewOrWorse) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: ChecklistArgs,
    }

    fn written(verb: &str, line: &str, format: VerdictFormat) -> Result<String, TryError> {
        let args = Line::parse_from(["checklist", verb].into_iter().chain(line.split_whitespace())).args;
        let sources = Sources::shipped();
        let context =
            TryContext { sources: &sources, signed: None, today: jiff::civil::date(2026, 6, 1), format };
        let mut out = Vec::new();
        match &args.verb {
            ChecklistCommand::Show(args) => shown(args, context, &mut out)?,
            ChecklistCommand::Try(args) => super::tried(args, context, &mut out)?,
            _ => panic!("it writes nothing here"),
        }
        Ok(String::from_utf8(out).unwrap())
    }

    fn tried(line: &str, format: VerdictFormat) -> Result<String, TryError> {
        written("try", line, format)
    }

    #[test]
    fn a_checklist_is_shown_with_its_questions_in_a_language_and_every_rule() {
        let text = written("show", "spine --language es", VerdictFormat::Text).unwrap();
        for code in Code::ALL {
            assert!(text.contains(&format!("\n  {:<3} ", code.word())), "{code:?} in {text}");
        }
        assert!(text.contains("nobody has signed them") && text.contains("¿"), "{text}");
        let json = written("show", "spine", VerdictFormat::Json).unwrap();
        let value: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["rules"][0]["code"], "E1");
        assert_eq!(value["questions"].as_array().map(Vec::len), Some(16));
        assert!(written("show", "heart", VerdictFormat::Text).is_err());
        let bare = written("show", "spine --language xx", VerdictFormat::Text).unwrap();
        assert!(bare.contains("SP08"), "{bare}");
    }

    #[test]
    fn the_verdict_is_explained_with_its_rule_and_its_answer() {
        let text = tried("spine --well SP01=new SP05=yes", VerdictFormat::Text).unwrap();
        assert!(text.starts_with("urgent: human contact within 24 hours"), "{text}");
        for part in [
            "U7  Back or neck pain",
            "SP05: yes (Yes)",
            "rule: NICE NG234",
            "S1 ",
            "judged by spine version ",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn json_is_one_document_with_every_reason() {
        let text = tried("spine --well SP08=new SP14=yes", VerdictFormat::Json).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["tier"], "emergency");
        assert_eq!(value["reasons"][0]["code"], "E1");
        assert_eq!(value["reasons"][1]["fields"][0], "SP14");
        assert_eq!(value["education"]["read"], true);
    }

    #[test]
    fn a_form_with_nothing_said_is_blank_unless_well() {
        assert!(tried("spine", VerdictFormat::Text).unwrap().starts_with("urgent"));
        assert!(tried("spine --saved", VerdictFormat::Text).unwrap().contains("no rule spoke"));
        assert!(tried("spine --well", VerdictFormat::Text).unwrap().starts_with("routine"));
    }

    #[test]
    fn files_give_answers_baseline_and_the_last_form() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let answers = path("a.toml", "SP01 = \"same\"\nSP03 = 6\nSP14 = false\n\"SP06.move\" = \"no\"");
        let last = path("l.toml", "answered_on = \"2026-05-01\"\n[answers]\nSP01 = \"same\"\nSP03 = 3");
        let base = path(
            "b.toml",
            "confirmed_by = \"Dr. Roe\"\nconfirmed_on = \"2026-01-01\"\n[marks]\nSP13 = \"not-applicable\"\n[answers]\nSP01 = \"same\"\nSP03 = 4",
        );
        let line = format!("spine --well --answers {answers} --previous {last} --baseline {base} SP13=new");
        let text = tried(&line, VerdictFormat::Text).unwrap();
        assert!(text.starts_with("urgent") && text.contains("U5 ") && text.contains("U1 "), "{text}");
        assert!(!text.contains("E1 "), "{text}");
    }

    #[test]
    fn everything_wrong_is_told_at_once_and_says_what_fits() {
        let error = tried("spine SP08=maybe SP99=no SP03", VerdictFormat::Text).unwrap_err().to_string();
        for part in ["`SP08` takes one of: no, same, new, unsure", "`SP99`", "SP03: write FIELD=WORD"] {
            assert!(error.contains(part), "{part} in {error}");
        }
        let error = tried("heart", VerdictFormat::Text).unwrap_err().to_string();
        assert!(
            error.contains("no checklist called `heart`") && error.contains("there is: spine"),
            "{error}"
        );
        let error = tried("spine --known E1=2026-07-01", VerdictFormat::Text).unwrap_err().to_string();
        assert!(error.contains("only S2 and S3"), "{error}");
    }
}
