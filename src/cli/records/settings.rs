//! `aftercare settings`: what staff decide for themselves, as on the console's page of that name.

mod operator_copy;

use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::care::settings::setting::{Setting, SettingProof};
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::named_file;
use crate::cli::sign_in::stamp;
use crate::config::origin::ConfigOrigin;
use crate::config::setting_text::{self, ValueSource};
use crate::config::sources::Sources;
use crate::config::{centres, load};
use crate::journey::errors::setting::SettingError;
use crate::journey::errors::step::StepError;
use crate::journey::settings::change::{self, SettingChange};
use crate::store::database::OpenMode;
use crate::store::settings::{NewSetting, SettingVersion};

/// What staff decide for themselves: list, show, set, confirm, withdraw, history
///
/// A key that stands in `aftercare.toml` is the operator's and wins; everything else can be set here or in the console. The
/// daemon takes on at once what counts.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare settings set office-phone '+1 212 736 5000' --as lena")]
pub struct SettingsArgs {
    /// What is done about a setting.
    #[command(subcommand)]
    pub verb: SettingsCommand,
}

/// What can be done about settings.
#[derive(Debug, clap::Subcommand)]
pub enum SettingsCommand {
    /// List every setting: what it says and who decided it
    #[command(after_help = "Example:\n  aftercare settings list")]
    List,
    /// Show what a setting says, as it would stand in `aftercare.toml`
    #[command(after_help = "Example:\n  aftercare settings show office-phone")]
    Show(SettingName),
    /// Set it; a number to ring counts only once it is confirmed
    #[command(after_help = "Example:\n  aftercare settings set office-phone '+1 212 736 5000' --as lena")]
    Set(SettingsSetArgs),
    /// Say that the proposed number was tried and is right: from now on it counts
    #[command(after_help = "Example:\n  aftercare settings confirm office-phone --as lena")]
    Confirm(SettingsConfirmArgs),
    /// Copy what stands in `aftercare.toml` to the clinic, so that it can be taken out there
    #[command(after_help = "Example:\n  aftercare settings hand-over office-phone --as lena")]
    HandOver(SettingsConfirmArgs),
    /// Take a proposal back
    #[command(after_help = "Example:\n  aftercare settings withdraw office-phone --as lena")]
    Withdraw(SettingsConfirmArgs),
    /// List the versions of a setting, newest first
    #[command(after_help = "Example:\n  aftercare settings history office-phone")]
    History(SettingName),
}

/// The setting that is meant.
#[derive(Debug, clap::Args)]
pub struct SettingName {
    /// Name of the setting, as `settings list` has it.
    #[arg(value_name = "NAME", value_parser = Setting::ALL.map(Setting::word))]
    pub name: String,
}

/// Set it; a number to ring counts only once it is confirmed
#[derive(Debug, clap::Args)]
pub struct SettingsSetArgs {
    /// The setting that is set.
    #[command(flatten)]
    pub setting: SettingName,
    /// The value that it gets.
    #[arg(value_name = "VALUE", required_unless_present_any = ["file", "again"], conflicts_with = "file")]
    pub value: Option<String>,
    /// Its keys and values as they would stand in `aftercare.toml`, from this file; `-` is stdin.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Take this version of its history again.
    #[arg(long, value_name = "VERSION", conflicts_with_all = ["value", "file"])]
    pub again: Option<i64>,
    /// Your sign-in name; needed as soon as an account may change settings.
    #[arg(long = "as", value_name = "NAME")]
    pub by: Option<String>,
}

/// Decide about a proposal
#[derive(Debug, clap::Args)]
pub struct SettingsConfirmArgs {
    /// The setting whose proposal is decided about.
    #[command(flatten)]
    pub setting: SettingName,
    /// Your sign-in name; needed as soon as an account may change settings.
    #[arg(long = "as", value_name = "NAME")]
    pub by: Option<String>,
}

/// Runs one of `aftercare settings …`.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(args: &SettingsArgs, ctx: &Context) -> Result<(), Failure> {
    match &args.verb {
        SettingsCommand::List => list(ctx),
        SettingsCommand::Show(of) => show(of.setting()?, ctx),
        SettingsCommand::Set(args) => set(args, ctx),
        SettingsCommand::Confirm(args) => decide(args, ctx, Decision::Confirm),
        SettingsCommand::Withdraw(args) => decide(args, ctx, Decision::Withdraw),
        SettingsCommand::HandOver(args) => {
            operator_copy::run(args.setting.setting()?, args.by.as_deref(), ctx)
        }
        SettingsCommand::History(of) => history(of.setting()?, ctx),
    }
}

impl SettingName {
    fn setting(&self) -> Result<Setting, Failure> {
        Setting::parse(&self.name).ok_or_else(|| Failure::bad_input("there is no such setting"))
    }
}

fn list(ctx: &Context) -> Result<(), Failure> {
    let (origin, store) = ctx.settings(OpenMode::AsItIs)?;
    let newest = Setting::ALL.map(|setting| store.read(|view| view.setting_newest(setting)));
    let mut documents = Vec::new();
    for (setting, newest) in Setting::ALL.into_iter().zip(newest) {
        let proposed = newest?.filter(SettingVersion::is_proposed);
        documents.push(document(&origin, setting, proposed.as_ref()));
    }
    ctx.show(&documents, |out| documents.iter().try_for_each(|one| line(out, one)))
}

fn document(origin: &ConfigOrigin, setting: Setting, proposed: Option<&SettingVersion>) -> Value {
    let keys = setting.keys().iter().map(|key| {
        let says = setting_text::written(origin, key).map(|value| value.to_string());
        let (source, file, line, version) = match setting_text::source(origin, key) {
            ValueSource::Operator(line) => ("operator", Some(&origin.file), Some(line), None),
            ValueSource::Staff(version) => ("clinic", None, None, Some(version)),
            ValueSource::Shipped => ("shipped", None, None, None),
        };
        json!({ "key": key, "value": says, "source": source, "file": file, "line": line, "version": version })
    });
    let proposed = proposed.map(|one| one.new.value.clone());
    json!({ "name": setting.word(), "title": setting.title(), "keys": keys.collect::<Vec<_>>(),
        "proposed": proposed })
}

fn line(out: &mut dyn Write, document: &Value) -> std::io::Result<()> {
    let word = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    writeln!(out, "{:<22}{}", word(document, "name"), word(document, "title"))?;
    for key in document["keys"].as_array().into_iter().flatten() {
        let source = match key["source"].as_str() {
            Some("operator") => format!("the operator's: {}, line {}", word(key, "file"), key["line"]),
            Some("clinic") => format!("the clinic's: version {}", key["version"]),
            _ => "as shipped".to_owned(),
        };
        let says = key["value"].as_str().unwrap_or("nothing written");
        writeln!(out, "  {} = {says}  ({source})", word(key, "key"))?;
    }
    match document["proposed"].as_str() {
        Some(text) => writeln!(out, "  proposed, and does not count yet: {}", text.replace('\n', " ").trim()),
        None => Ok(()),
    }
}

fn show(setting: Setting, ctx: &Context) -> Result<(), Failure> {
    let (origin, store) = ctx.settings(OpenMode::AsItIs)?;
    let newest = store.read(|view| view.setting_newest(setting))?;
    let proposed = newest.filter(SettingVersion::is_proposed);
    let document = document(&origin, setting, proposed.as_ref());
    if setting.file().is_some() {
        let config = load::config(origin).map_err(Failure::bad_configuration)?;
        let list =
            centres::in_force(&config, &Sources::of(&config.paths)).map_err(Failure::bad_configuration)?;
        return ctx.show(&document, |out| write!(out, "{}", list.to_toml()));
    }
    ctx.show(&document, |out| match origin.setting(setting) {
        Some(counts) => write!(out, "{}", counts.text),
        None => line(out, &document),
    })
}

fn set(args: &SettingsSetArgs, ctx: &Context) -> Result<(), Failure> {
    let setting = args.setting.setting()?;
    named_file::hold(&args.file);
    let (origin, store) = ctx.settings(OpenMode::Create)?;
    if let (Some(file), Some(_)) = (setting.file(), &args.value) {
        return Err(Failure::bad_input(format!("it is a whole {file}, not one value"))
            .hint(format!("give it as a file: `aftercare settings set {} --file {file}`", setting.word())));
    }
    let value = match (&args.value, &args.file, args.again) {
        (_, _, Some(id)) => store.read(|view| view.setting_version(setting, id))?.new.value,
        (Some(words), ..) => setting_text::of_words(setting, words),
        (None, Some(file), None) => read(file)?,
        (None, None, None) => return Err(Failure::bad_input("no value was given")),
    };
    setting_text::judge(&origin, setting, &value).map_err(Failure::bad_configuration)?;
    let seen = store.read(|view| view.setting_newest(setting))?.map(|version| version.id);
    let ask = SettingChange { new: NewSetting { setting, value, again_of: args.again, reason: None }, seen };
    let stamp = stamp(ctx, &store, args.by.as_deref())?;
    let version = store.write_blocking(stamp, move |tx| change::change(tx, &ask))?;
    ctx.wake(&store);
    let counts = version.counts.is_some();
    ctx.show(&json!({ "name": setting.word(), "version": version.id, "counts": counts }), |out| {
        match setting.proof() {
            SettingProof::None => writeln!(out, "saved as version {}: it counts from now on", version.id),
            SettingProof::Rung => writeln!(
                out,
                "proposed as version {}: ring the number, then `aftercare settings confirm {}`",
                version.id,
                setting.word()
            ),
            SettingProof::Compared => writeln!(
                out,
                "proposed as version {}: compare it with what your country publishes (do not ring it), then `aftercare settings confirm {}`",
                version.id,
                setting.word()
            ),
        }
    })
}

fn read(file: &std::path::Path) -> Result<String, Failure> {
    named_file::text(file).map_err(|error| {
        Failure::bad_input(format!("`{}` cannot be read: {error}", file.display()))
            .hint("name a text file with the keys as in aftercare.toml")
    })
}

#[derive(Clone, Copy)]
enum Decision {
    Confirm,
    Withdraw,
}

fn decide(args: &SettingsConfirmArgs, ctx: &Context, decision: Decision) -> Result<(), Failure> {
    let setting = args.setting.setting()?;
    let (_, store) = ctx.settings(OpenMode::Existing)?;
    let newest = store.read(|view| view.setting_newest(setting))?.filter(SettingVersion::is_proposed);
    let id = newest.ok_or(StepError::from(SettingError::Decided))?.id;
    let stamp = stamp(ctx, &store, args.by.as_deref())?;
    store.write_blocking(stamp, move |tx| match decision {
        Decision::Confirm => change::confirm(tx, setting, id),
        Decision::Withdraw => change::withdraw(tx, setting, id),
    })?;
    ctx.wake(&store);
    let (word, says) = match decision {
        Decision::Confirm => ("confirmed", "counts from now on"),
        Decision::Withdraw => ("withdrawn", "is taken back"),
    };
    ctx.show(&json!({ "name": setting.word(), "version": id, "decision": word }), |out| {
        writeln!(out, "version {id} {says}")
    })
}

fn history(setting: Setting, ctx: &Context) -> Result<(), Failure> {
    let (_, store) = ctx.settings(OpenMode::AsItIs)?;
    let (counts, versions) = store.read(|view| {
        Ok::<_, Failure>((view.setting_in_force(setting)?, view.setting_versions(setting, None)?))
    })?;
    let counts = counts.map(|version| version.id);
    let documents: Vec<Value> = versions.rows.iter().map(|one| told(one, counts)).collect();
    ctx.show(&documents, |out| {
        if documents.is_empty() {
            return writeln!(out, "nobody has set it yet");
        }
        for one in &documents {
            let word = |key: &str| one[key].as_str().unwrap_or_default();
            let value = word("value").replace('\n', " ");
            writeln!(
                out,
                "{:>5}  {}  {:<12}  {}  {}",
                one["version"],
                word("set_at"),
                word("state"),
                word("set_by"),
                value.trim()
            )?;
        }
        match versions.next() {
            Some(_) => writeln!(out, "older versions are shown in the console"),
            None => Ok(()),
        }
    })
}

fn told(version: &SettingVersion, counts: Option<i64>) -> Value {
    let state = match (&version.counts, &version.dropped) {
        (Some(_), _) if counts == Some(version.id) => "counts",
        (Some(_), _) => "counted",
        (None, Some(_)) => "taken back",
        (None, None) => "proposed",
    };
    let by = |one: &Option<(jiff::Timestamp, String)>| {
        one.as_ref().map(|(at, by)| json!({ "at": at.to_string(), "by": by }))
    };
    json!({ "version": version.id, "value": version.new.value, "set_at": version.set_at.to_string(),
        "set_by": version.set_by, "state": state, "again_of": version.new.again_of,
        "counts": by(&version.counts), "dropped": by(&version.dropped) })
}
