//! What a change would do, in words, before it is saved.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use minijinja::{Value, context};

use crate::care::settings::setting::Setting;
use crate::care::task::TaskKind;
use crate::care::time::calendar::{SendingHours, end_of_day, instant};
use crate::care::time::zone;
use crate::config::Config;
use crate::journey::commands::retention::erasure;
use crate::journey::errors::step::StepError;
use crate::journey::settings::effect;
use crate::store::setting_effect::MOST_LETTERS;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::machine_words;
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::settings::current::CurrentSettings;
use crate::web::console::settings::form;
use crate::web::console::settings::forms::{centres, detail, number, reading};
use crate::web::console::worklist::cover_week;

/// So many days are shown one by one.
const MOST_DAYS: usize = 40;

/// The effect of what a configuration would say, for the page.
pub(super) fn words(
    signed_in: &SignedIn,
    setting: Setting,
    current: &CurrentSettings,
    proposed: &Config,
) -> Result<Value, StepError> {
    match setting {
        Setting::OfficePhone | Setting::DayAndNightPhone | Setting::EmergencyNumber => {
            numbers(signed_in, &number::says(setting, &current.config))
        }
        Setting::Ladder | Setting::Absences => Ok(
            context! { kind => "ladder", cover => cover_week::words(proposed, &TimeFormat::from(signed_in)) },
        ),
        Setting::Holidays => holidays(signed_in, &current.config, proposed),
        Setting::SendingHours => hours(signed_in, &current.config, proposed),
        Setting::Judging => Ok(context! { kind => "judging" }),
        Setting::OpeningHours => opening(signed_in, &current.config, proposed),
        Setting::DetailDefault => {
            let (was, will) = (detail::says(&current.config), detail::says(proposed));
            let reach = signed_in.clinic().store.read(|view| view.detail_reach(proposed.sending.detail))?;
            let level = proposed.sending.detail.word();
            Ok(
                context! { kind => "detail", was, will, level, count => reach.count, examples => reach.examples },
            )
        }
        Setting::Centres => {
            let app = &signed_in.app;
            let (was, will) = (form::listed(app, &current.config), form::listed(app, proposed));
            let change = centres::effect(&was, &will);
            Ok(context! { kind => "centres", change, is_shown => proposed.learn.centres })
        }
        Setting::Reading => {
            let was = reading::says(signed_in, &current.config);
            let will = reading::says(signed_in, proposed);
            Ok(context! { kind => "reading", was, will })
        }
        Setting::Retention => {
            let due =
                |config: &Config| erasure::count_overdue(signed_in.clinic(), config.retention, signed_in.now);
            let (was, will) = (due(&current.config)?, due(proposed)?);
            Ok(context! { kind => "retention", was, will })
        }
    }
}

/// In which letters the number that counts now stands: the new one will stand in the same.
fn numbers(signed_in: &SignedIn, number: &str) -> Result<Value, StepError> {
    let waiting = signed_in.clinic().store.read(|view| view.waiting_by_language())?;
    let found = effect::letters_with(&signed_in.app.deps.composer, number, &waiting);
    let language = |one: effect::NumberEffect| {
        let name = signed_in.app.words(&one.language).text("language.name").to_owned();
        let letters: Vec<String> = one.letters.iter().map(|step| machine_words::letter(step)).collect();
        context! { name, count => letters.len(), letters, waiting => one.waiting }
    };
    let languages: Vec<Value> = found.into_iter().map(language).collect();
    Ok(context! { kind => "number", languages })
}

/// In which letters the words stand, and by when staff would be asked to do what comes up now.
fn opening(signed_in: &SignedIn, current: &Config, proposed: &Config) -> Result<Value, StepError> {
    let waiting = signed_in.clinic().store.read(|view| view.waiting_by_language())?;
    let composer = &signed_in.app.deps.composer;
    let languages = current.sending.languages.iter().map(|code| {
        let (was, will) = (current.clinic.opening_hours_in(code), proposed.clinic.opening_hours_in(code));
        let found = effect::letters_with(composer, was, &waiting);
        let found = found.into_iter().find(|one| one.language == *code && was != will);
        let letters = found.map(|one| one.letters).unwrap_or_default();
        let letters: Vec<String> = letters.iter().map(|step| machine_words::letter(step)).collect();
        let count = letters.len();
        let waiting = waiting.get(code).copied().unwrap_or_default();
        context! { name => machine_words::language(code), was, will, is_new => was != will, letters, count, waiting }
    });
    let (now, times) = (signed_in.now, TimeFormat::from(signed_in));
    let (before, after) = (current.office_hours(), proposed.office_hours());
    let due = |(what, kind): (&str, TaskKind)| {
        let (was, will) = (kind.soonest_due(now, &before), kind.soonest_due(now, &after));
        context! { what, was => times.moment(was), will => times.moment(will), moves => was != will }
    };
    Ok(context! {
        kind => "opening",
        languages => languages.collect::<Vec<_>>(),
        due => EXAMPLES.map(due).to_vec(),
        is_staffed_anew => before != after,
    })
}

/// A task of each stretch of time, as staff would call it.
const EXAMPLES: [(&str, TaskKind); 3] = [
    ("An answer that may be an emergency", TaskKind::ReadAnswer),
    ("A patient who asked to be rung", TaskKind::CallRequested),
    ("A letter that failed", TaskKind::LetterFailed),
];

/// The days that come and go, from today on, with what is planned for each.
fn holidays(signed_in: &SignedIn, current: &Config, proposed: &Config) -> Result<Value, StepError> {
    let zone = &current.clinic.zone;
    let today = zone.to_datetime(signed_in.now).date();
    let (was, will) = (&current.clinic.holidays, &proposed.clinic.holidays);
    let ahead = |days: &BTreeSet<Date>, but: &BTreeSet<Date>| -> Vec<Date> {
        days.difference(but).filter(|on| **on >= today).copied().collect()
    };
    let (come, go) = (ahead(will, was), ahead(was, will));
    let mut rows = Vec::new();
    for on in come.iter().take(MOST_DAYS) {
        let (from, until) = (instant(*on, Time::midnight(), zone), end_of_day(*on, zone));
        let (due, visits) = signed_in
            .clinic()
            .store
            .read(|view| Ok::<_, StepError>((view.due_between(from, until)?, view.booked_on(*on)?)))?;
        let next = day(proposed.sending.hours.days.at_or_after(*on));
        let is_closed = !current.sending.hours.days.is_open(*on);
        rows.push(context! { day => day(*on), due, visits, next, is_closed });
    }
    Ok(context! {
        kind => "holidays",
        come => rows,
        more => come.len().saturating_sub(MOST_DAYS),
        go => go.into_iter().map(day).collect::<Vec<_>>(),
        past => will.iter().filter(|on| **on < today).count(),
    })
}

/// How many of the letters that wait would be let out now and not then, and the other way round.
fn hours(signed_in: &SignedIn, current: &Config, proposed: &Config) -> Result<Value, StepError> {
    let waiting = signed_in.clinic().store.read(|view| view.waiting_letters())?;
    let (mut later, mut sooner) = (0_u32, 0_u32);
    for letter in &waiting {
        let zone = zone::find(&letter.zone).unwrap_or_else(|_| current.clinic.zone.clone());
        let opens = |hours: &SendingHours| hours.next_open(letter.next_at, &zone);
        let (was, will) = (opens(&current.sending.hours), opens(&proposed.sending.hours));
        later += u32::from(will > was);
        sooner += u32::from(will < was);
    }
    let caps = (current.sending.daily_cap, current.sending.weekly_cap)
        != (proposed.sending.daily_cap, proposed.sending.weekly_cap);
    let all = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
    let at = current.sending.hours.at != proposed.sending.hours.at;
    Ok(context! {
        kind => "sending",
        waiting => all,
        more => all == MOST_LETTERS,
        later,
        sooner,
        caps,
        at => at.then(|| proposed.sending.hours.at.strftime("%H:%M").to_string()),
        daily_cap => proposed.sending.daily_cap,
        weekly_cap => proposed.sending.weekly_cap,
    })
}
