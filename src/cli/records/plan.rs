//! `aftercare plan PROTOCOL --anchor DATE`: what a protocol asks for, laid by the very code the daemon runs (P11).

mod json;
mod table;
mod ics;
pub mod preview;

use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::care::plan::protocol::Protocol;
use crate::care::publication::example_plan;
use crate::care::time::calendar::{SendingHours, Span, Unit};
use crate::care::time::zone;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::named_file;
use crate::cli::records::plan::preview::{PlanError, PlanRequest, PreviewFormat};
use crate::config::file::fault::Fault;
use crate::config::pages::wording::FALLBACK;
use crate::config::protocols::protocol;
use crate::config::sources::Sources;
use crate::web::plan_picture;

/// How far ahead a preview looks unless asked.
const HORIZON: Span = Span { count: 5, unit: Unit::Years };

/// Show what a protocol asks for, and when each letter leaves
///
/// For a patient with this anchor date, laid by the code the daemon runs. Needs no database.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  aftercare plan sgo2017-high --anchor 2026-01-31 --zone Europe/Madrid --until 2028-01-31"
)]
pub struct PlanArgs {
    /// Name of a protocol, or the path of a protocol file.
    pub protocol: String,
    /// The date everything is counted from, e.g. the last day of treatment.
    #[arg(long, value_name = "DATE")]
    pub anchor: Date,
    /// Time zone of the patient [default: the clinic's, else UTC].
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
    /// Last day to show [default: five years after the anchor].
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
    /// How to write it.
    #[arg(long, value_enum, default_value_t)]
    pub format: PreviewFormat,
}

/// Shows it on stdout; without an installed configuration, with the shipped protocols and hours.
///
/// # Errors
/// 65 when the protocol or zone is unknown or faulty.
pub fn show(args: &PlanArgs, ctx: &Context) -> Result<(), Failure> {
    named_file::hold(is_path(&args.protocol).then(|| PathBuf::from(&args.protocol)).as_ref());
    let (config, sources) = ctx.config_or_shipped()?;
    let languages: Vec<&str> = config.sending.languages.iter().map(String::as_str).collect();
    let mut args = args.clone();
    // The shipped example lies somewhere, and nobody's clinic is there: without an own configuration it is UTC, as `run` has it.
    let own = Some(config.clinic.time_zone.clone()).filter(|_| ctx.is_configured());
    args.zone = args.zone.or(own);
    if ctx.json {
        args.format = PreviewFormat::Json;
    }
    let protocols = |name: &str| named(name, &sources, &languages);
    Ok(run(&args, &protocols, &config.sending.hours, &mut std::io::stdout().lock())?)
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Protocol(faults) => Self { faults, ..Self::bad_input("the protocol cannot be shown") },
            PlanError::Zone(fault) => fault.into(),
            PlanError::Write(error) => error.into(),
            PlanError::Json(error) => Self::failed(error.to_string()),
        }
    }
}

/// Writes the preview to `out`: in UTC and for five years unless the arguments say otherwise.
///
/// # Errors
/// [`PlanError`] when the protocol or zone is not known, or `out` takes no more.
pub fn run(
    args: &PlanArgs,
    protocols: &dyn Fn(&str) -> Result<Protocol, Vec<Fault>>,
    hours: &SendingHours,
    out: &mut dyn Write,
) -> Result<(), PlanError> {
    let protocol = protocols(&args.protocol).map_err(PlanError::Protocol)?;
    let zone = zone::resolve(args.zone.as_deref().unwrap_or("UTC"))?.zone;
    let until = args.until.unwrap_or_else(|| HORIZON.from(args.anchor));
    let ask = PlanRequest { anchor: args.anchor, until, zone: &zone, hours, format: args.format };
    out.write_all(render(&protocol, &ask)?.as_bytes())?;
    Ok(())
}

/// The protocol of that name, or in the file of that path (anything with a slash or ending in `.toml`).
///
/// # Errors
/// Every fault of the file, or one with the nearest name.
pub fn named(name: &str, sources: &Sources, languages: &[&str]) -> Result<Protocol, Vec<Fault>> {
    if !is_path(name) {
        return protocol::find(name, sources, languages);
    }
    let text = named_file::text(Path::new(name)).map_err(|error| {
        let hint = "name a shipped protocol such as `sgo2017-high`, or a readable file".to_owned();
        vec![Fault { file: name.to_owned(), line: 0, problem: format!("cannot be read: {error}"), hint }]
    })?;
    Ok(protocol::titled(protocol::read(name, &text, languages)?, sources))
}

fn is_path(name: &str) -> bool {
    name.contains('/') || Path::new(name).extension().is_some_and(|e| e == "toml")
}

/// The preview as text in the format asked for.
///
/// # Errors
/// [`PlanError::Json`] if it cannot be put into JSON.
pub fn render(protocol: &Protocol, ask: &PlanRequest<'_>) -> Result<String, PlanError> {
    let lines = example_plan::lines(protocol, &ask.patient());
    Ok(match ask.format {
        PreviewFormat::Table => table::write(protocol, ask, &lines),
        PreviewFormat::Ics => ics::write(protocol, ask, &lines),
        PreviewFormat::Svg => plan_picture::write(protocol, &ask.patient(), &lines, FALLBACK),
        PreviewFormat::Json => json::write(protocol, ask, &lines)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::time::calendar::OpenDays;
    use jiff::civil::{date, time};

    fn office() -> SendingHours {
        let weekdays = jiff::civil::Weekday::Monday.cycle_forward().take(5).collect();
        let days = OpenDays { weekdays, holidays: [date(2026, 12, 25)].into() };
        SendingHours { days, at: time(9, 0, 0, 0), opens: time(8, 0, 0, 0), closes: time(20, 0, 0, 0) }
    }

    fn shown(protocol: &str, zone: &str, format: PreviewFormat) -> Result<String, PlanError> {
        let args = PlanArgs {
            protocol: protocol.to_owned(),
            anchor: date(2026, 1, 31),
            zone: Some(zone.to_owned()),
            until: Some(date(2026, 7, 31)),
            format,
        };
        let mut out = Vec::new();
        let sources = Sources::shipped();
        run(&args, &|name| named(name, &sources, &["en", "es"]), &office(), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn the_json_keeps_its_contract() {
        let text = shown("sgo2017-high", "Europe/Madrid", PreviewFormat::Json).unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let keys: Vec<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["protocol", "version", "anchor_on", "zone", "follow_ups"]);
        let follow_ups = document["follow_ups"].as_array().unwrap();
        let visit = follow_ups.iter().find(|f| f["series"] == "visit").unwrap();
        let want = serde_json::json!({
            "series": "visit",
            "number": 1,
            "kind": "visit",
            "due_on": "2026-04-30",
            "window": ["2026-03-16", "2026-06-15"],
            "reminders": [
                { "step": "book", "send_on": "2026-04-02", "send_at": "2026-04-02T07:00:00Z" },
                { "step": "book-again", "send_on": "2026-04-16", "send_at": "2026-04-16T07:00:00Z" },
            ],
        });
        assert_eq!(*visit, want);
        assert_eq!(follow_ups.len(), 2 + 6);
    }

    #[test]
    fn the_table_names_the_source_and_that_nobody_has_signed() {
        let text = shown("sgo2017-high", "Europe/Madrid", PreviewFormat::Table).unwrap();
        for part in
            ["Salani 2017", "Not signed", "Thu 2026-04-30", "Thu 2026-04-02 09:00 book", "Short health check"]
        {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn the_calendar_has_an_entry_for_each_follow_up_and_is_the_same_each_time() {
        let text = shown("sgo2017-high", "Europe/Madrid", PreviewFormat::Ics).unwrap();
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 8);
        assert!(text.contains("DTSTART;VALUE=DATE:20260430"), "{text}");
        assert_eq!(text.matches("DTSTAMP:20260131T000000Z").count(), 8, "{text}");
        assert_eq!(text, shown("sgo2017-high", "Europe/Madrid", PreviewFormat::Ics).unwrap());
    }

    #[test]
    fn the_picture_has_a_dot_for_each_follow_up() {
        let text = shown("sgo2017-high", "Europe/Madrid", PreviewFormat::Svg).unwrap();
        assert_eq!(text.matches("<circle").count(), 8);
        assert!(text.starts_with("<svg") && text.ends_with("</svg>\n"));
    }

    #[test]
    fn what_is_not_known_is_refused_with_a_hint() {
        let protocol = shown("sgo2017", "UTC", PreviewFormat::Json).unwrap_err().to_string();
        assert!(protocol.contains("there is no protocol `sgo2017`\n  hint: "), "{protocol}");
        let zone = shown("nccn", "Europe/Madird", PreviewFormat::Json).unwrap_err().to_string();
        assert!(zone.ends_with("hint: did you mean \"Europe/Madrid\"?"), "{zone}");
        let file = shown("./none.toml", "UTC", PreviewFormat::Json).unwrap_err().to_string();
        assert!(file.starts_with("./none.toml: cannot be read"), "{file}");
    }
}
