//! `aftercare checklist sign` and `stop`: who judges answers, as on the console's page of that name.

use serde_json::json;

use crate::care::settings::setting::Setting;
use crate::care::triage::judging::JudgingMode;
use crate::care::triage::sign_off::SignOff;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::sign_in;
use crate::config::setting_text;
use crate::journey::deps::Deps;
use crate::journey::errors::setting::SettingError;
use crate::journey::errors::step::StepError;
use crate::journey::settings::rules_signature::{self, RulesSignature, RulesStop};
use crate::store::database::OpenMode;

/// Sign the rules, which lets them judge answers
///
/// Without --version it tells what signing changes, and signs nothing. The signature counts for that version alone: once other
/// rules are in force, staff read every answer again.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  aftercare checklist sign spine --version 0123456789ab --role 'Consultant' --as roe"
)]
pub struct RulesSignArgs {
    /// Name of the checklist.
    pub checklist: String,
    /// The version that you have read, as `checklist show` names it.
    #[arg(long, value_name = "VERSION", requires = "by", requires = "role")]
    pub version: Option<String>,
    /// Your role, as it shall stand under the rules.
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// Your name, as it shall stand under the rules [default: your sign-in name].
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Your sign-in name: a doctor's or lead's.
    #[arg(long = "as", value_name = "NAME")]
    pub by: Option<String>,
}

/// End that the rules judge answers: staff read them all
///
/// It counts at once.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  aftercare checklist stop spine --reason 'threshold under review' --as roe"
)]
pub struct RulesStopArgs {
    /// Name of the checklist.
    pub checklist: String,
    /// Why; kept with the decision.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Your sign-in name; needed as soon as an account may do it.
    #[arg(long = "as", value_name = "NAME")]
    pub by: Option<String>,
}

/// What signing changes, in words.
const CHANGES: &str = "Once signed, the rules judge each answer that comes from then on: she is told what to do by how urgent it is, \
                       an alert rings for each answer for which a rule speaks, with the clock of its tier, and nobody is asked to read \
                       a form for which no rule speaks.";

/// Signs the rules in force, or tells what signing changes.
///
/// # Errors
/// [`Failure`] with its exit code.
pub(super) fn sign(args: &RulesSignArgs, ctx: &Context) -> Result<(), Failure> {
    let (clinic, _) = ctx.clinic(OpenMode::Existing)?;
    let in_force = rules(&clinic, &args.checklist)?;
    let (Some(version), Some(role), Some(by)) = (&args.version, &args.role, &args.by) else {
        return tell(&in_force, ctx);
    };
    if *version != in_force {
        return Err(StepError::from(SettingError::OtherRules).into());
    }
    let stamp = sign_in::sign_in(ctx, &clinic.store, by)?;
    let config = ctx.config()?;
    let signed = SignOff {
        name: args.name.clone().unwrap_or_else(|| by.clone()),
        role: role.clone(),
        date: config.clinic.zone.to_datetime(stamp.at).date(),
        version: in_force,
    };
    let text = setting_text::of_signature(&signed);
    setting_text::judge(&config.origin, Setting::Judging, &text).map_err(Failure::bad_configuration)?;
    let seen = newest(&clinic)?;
    let (steps, ask) = (clinic.clone(), RulesSignature { text, version: signed.version.clone(), seen });
    let written = clinic.store.write_blocking(stamp, move |tx| rules_signature::sign(tx, &ask, &steps))?;
    ctx.wake(&clinic.store);
    let document = json!({ "checklist": args.checklist, "signed": signed.version, "setting": written.id, "mode": "triage" });
    ctx.show(&document, |out| {
        writeln!(out, "signed: the rules of version {} judge answers from now on", signed.version)?;
        writeln!(out, "A daemon that has not read these files yet takes them with `aftercare reload`; until then staff read.")
    })
}

fn tell(in_force: &str, ctx: &Context) -> Result<(), Failure> {
    let lists = &ctx.config()?.checklists;
    let signed = lists.sign_off.as_ref().filter(|_| lists.mode == JudgingMode::Triage);
    let judges = signed.is_some_and(|signed| signed.version == in_force);
    let document = json!({ "version": in_force, "judges": judges, "signed": signed.map(|by| &by.version) });
    ctx.show(&document, |out| {
        let now = if judges { "the rules judge answers" } else { "staff read every answer" };
        writeln!(out, "now: {now}")?;
        writeln!(out, "rules in force: version {in_force}")?;
        writeln!(out, "{CHANGES}")?;
        writeln!(out, "nothing was signed: read them (`aftercare checklist show`), then sign with --version, --role and --as")
    })
}

/// Ends that the rules judge.
///
/// # Errors
/// [`Failure`] with its exit code.
pub(super) fn stop(args: &RulesStopArgs, ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.deps(OpenMode::Existing)?;
    standard(&clinic, &args.checklist)?;
    let text = setting_text::of_reading();
    let origin = &ctx.config()?.origin;
    setting_text::judge(origin, Setting::Judging, &text).map_err(Failure::bad_configuration)?;
    let seen = newest(&clinic)?;
    let stamp = sign_in::stamp(ctx, &clinic.store, args.by.as_deref())?;
    let ask = RulesStop { text, reason: args.reason.clone(), seen };
    let written = clinic.store.write_blocking(stamp, move |tx| rules_signature::stop(tx, &ask))?;
    ctx.wake(&clinic.store);
    let document = json!({ "checklist": args.checklist, "setting": written.id, "mode": "education" });
    ctx.show(&document, |out| writeln!(out, "staff read every answer from now on"))
}

fn newest(clinic: &Deps) -> Result<Option<i64>, Failure> {
    Ok(clinic.store.read(|view| view.setting_newest(Setting::Judging))?.map(|version| version.id))
}

/// The version in force of the rules that are signed.
fn rules(clinic: &Deps, name: &str) -> Result<String, Failure> {
    standard(clinic, name)?;
    let (_, checklist) = clinic.store.read(|view| clinic.care.in_force(view, name))?;
    Ok(checklist.version.clone())
}

fn standard(clinic: &Deps, name: &str) -> Result<(), Failure> {
    if name == clinic.care.standard {
        return Ok(());
    }
    let hint = format!("the rules that are signed are those of `{}`", clinic.care.standard);
    Err(Failure::bad_input(format!("`{name}` is not the checklist whose rules are signed")).hint(hint))
}
