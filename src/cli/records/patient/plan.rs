//! `aftercare patient plan`: what was promised and what became of it, what is open, and the years ahead as the daemon will
//! lay them (P11).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::care::delivery::Arrival;
use crate::care::patient::Patient;
use crate::care::plan::due_steps::{self, Booking, Key};
use crate::care::plan::follow_up::FollowUpState;
use crate::care::plan::protocol::{Series, Trigger};
use crate::care::plan::reminder::ReminderState;
use crate::care::plan::reminder_times::{Basis, TimedStep, timed_steps};
use crate::care::plan::schedule::{Owed, nth, rebased};
use crate::care::time::calendar::{self, LocalHours, SendingHours};
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::args::PatientPlanArgs;
use crate::cli::table;
use crate::config::sources::Sources;
use crate::daemon::assembly::engine;
use crate::journey::errors::step::StepError;
use crate::journey::protocol_cache::ProtocolCache;
use crate::journey::sending_policy::{day, zone};
use crate::store::database::OpenMode;
use crate::store::db::transaction::View;
use crate::store::plan::follow_ups::{Enrolment, FollowUp};
use crate::store::plan::reminders::Reminder;

#[derive(Serialize)]
struct PlanLine {
    protocol: String,
    series: String,
    number: u32,
    kind: &'static str,
    due_on: Date,
    window: [Date; 2],
    state: String,
    reason: Option<String>,
    appointment: Option<String>,
    reminders: Vec<PlanPromise>,
}

#[derive(Serialize)]
struct PlanPromise {
    step: String,
    send_on: Date,
    send_at: String,
    state: String,
    reason: Option<String>,
    delivery: Option<i64>,
    /// Whether its letter may have arrived, where the state does not say so.
    arrival: Option<&'static str>,
}

/// What everything is laid with.
struct LocalView<'w> {
    view: &'w View<'w>,
    protocol_cache: &'w ProtocolCache,
    hours: &'w SendingHours,
    zone: TimeZone,
    now: jiff::Timestamp,
    until: Date,
}

impl LocalView<'_> {
    const fn local(&self) -> LocalHours<'_> {
        LocalHours { hours: self.hours, zone: &self.zone }
    }
}

pub(super) fn run(args: &PatientPlanArgs, ctx: &Context) -> Result<(), Failure> {
    let config = ctx.config()?;
    let store = ctx.store(OpenMode::AsItIs)?;
    let now = ctx.stamp().at;
    let protocol_cache = engine::protocol_cache(&Sources::shipped());
    let (patient, lines) = store.read(|view| {
        let patient = view.patient_by_reference(&args.reference)?;
        let zone = zone(&patient.zone)?;
        let years = jiff::Span::new().years(i64::from(args.years));
        let until = args.until.unwrap_or_else(|| day(now, &zone).saturating_add(years));
        let local = LocalView {
            view,
            protocol_cache: &protocol_cache,
            hours: &config.sending.hours,
            zone,
            now,
            until,
        };
        let lines = lines(&local, &patient)?;
        Ok::<_, StepError>((patient, lines))
    })?;
    let document = serde_json::json!({ "reference": args.reference.as_str(), "status": patient.status.word(),
        "zone": patient.zone, "follow_ups": lines });
    ctx.show(&document, |out| {
        if !patient.status.may_receive() {
            writeln!(out, "Her status is \"{}\": no letter leaves.", patient.status.says())?;
        }
        let header = ["due", "protocol", "what", "state", "letters and tasks"];
        table::write(out, header, lines.iter().map(row), "Nothing is planned for her.")
    })
}

fn row(line: &PlanLine) -> [String; 5] {
    let appointment = line.appointment.as_ref().map(|a| format!("\n{a}")).unwrap_or_default();
    let promise = |p: &PlanPromise| {
        let reason = p.reason.as_ref().map(|r| format!(" ({r})")).unwrap_or_default();
        let arrival = p.arrival.map(|a| format!(", {a}")).unwrap_or_default();
        format!("{} {} {}{arrival}{reason}", p.send_on, p.step, p.state)
    };
    let promises: Vec<String> = line.reminders.iter().map(promise).collect();
    let reason = line.reason.as_ref().map(|r| format!("\n{r}")).unwrap_or_default();
    [
        line.due_on.strftime("%a %F").to_string(),
        line.protocol.clone(),
        format!("{} {}", line.series, line.number),
        format!("{}{appointment}{reason}", line.state),
        promises.join("\n"),
    ]
}

fn lines(local: &LocalView<'_>, patient: &Patient) -> Result<Vec<PlanLine>, StepError> {
    let view = local.view;
    let mut lines = Vec::new();
    let written = view.follow_ups_of(patient.id)?;
    for enrolment in view.enrolments_of(patient.id)? {
        let protocol = local.protocol_cache.get(view, enrolment.version)?;
        for series in protocol.on_record() {
            let of = |f: &&FollowUp| f.enrolment == enrolment.id && f.series == series.id;
            let rows: Vec<&FollowUp> = written.iter().filter(of).collect();
            for follow_up in &rows {
                lines.push(on_record(local, follow_up, series, &enrolment)?);
            }
            if enrolment.is_active && patient.status.keeps_plan() {
                lines.extend(ahead(&rows, series, &enrolment, local));
            }
        }
    }
    lines.retain(|line| line.due_on <= local.until);
    lines.sort_by_key(|line| line.due_on);
    Ok(lines)
}

fn on_record(
    local: &LocalView<'_>,
    follow_up: &FollowUp,
    series: &Series,
    enrolment: &Enrolment,
) -> Result<PlanLine, StepError> {
    let view = local.view;
    let booked = view.appointment_of(follow_up.id)?;
    let kept = view.reminders_of_follow_up(follow_up.id)?;
    let mut reminders = kept.iter().map(|r| recorded(view, r)).collect::<Result<Vec<_>, _>>()?;
    if follow_up.next_at.is_some() {
        let booking = match booked.as_ref().filter(|_| follow_up.state == FollowUpState::Booked) {
            Some(a) => Booking::On { on: a.on, at: calendar::instant(a.on, a.at, &zone(&a.zone)?) },
            None => Booking::None,
        };
        let gone: Vec<Key> = kept.iter().map(|r| r.key.clone()).collect();
        let (owed, promised_from) = (follow_up.owed, follow_up.promised_from);
        let asked = view.asked_steps(follow_up, local.now)?;
        let open =
            due_steps::OpenFollowUp { series, owed, booking, promised_from, gone: &gone, asked: &asked };
        reminders.extend(
            due_steps::outlook(&open, local.now, local.local())
                .iter()
                .map(|(step, lapses)| promise(step, *lapses)),
        );
    }
    let mut line = line(series, follow_up.owed, enrolment);
    follow_up.state.word().clone_into(&mut line.state);
    line.reason.clone_from(&follow_up.closed_reason);
    line.appointment = booked.map(|a| {
        let place = if a.place.is_empty() { String::new() } else { format!(", {}", a.place) };
        let note = if a.note.is_empty() { String::new() } else { format!(": {}", a.note) };
        format!("{} {} ({}{place}){note}", a.on, a.at.strftime("%H:%M"), a.state.word())
    });
    line.reminders = reminders;
    Ok(line)
}

fn recorded(view: &View<'_>, reminder: &Reminder) -> Result<PlanPromise, StepError> {
    let letter = reminder.delivery.map(|id| view.delivery(id)).transpose()?;
    Ok(PlanPromise {
        step: reminder.key.1.clone(),
        send_on: reminder.send_on,
        send_at: reminder.send_at.to_string(),
        state: reminder.state.word().to_owned(),
        reason: reminder.reason.clone(),
        delivery: reminder.delivery.map(|d| d.0),
        arrival: letter.and_then(|letter| letter.arrival()).map(Arrival::word),
    })
}

/// The follow-ups that are not written down yet, from the first open one on, as if everything took place on its day.
fn ahead(rows: &[&FollowUp], series: &Series, enrolment: &Enrolment, local: &LocalView<'_>) -> Vec<PlanLine> {
    let Some(last) = rows.iter().max_by_key(|f| f.owed.number) else { return Vec::new() };
    let anchor = match series.rebase {
        true => rebased(series, enrolment.anchor_on, last.owed.number, last.owed.due_on),
        false => enrolment.anchor_on,
    };
    let open = rows.iter().filter(|f| f.is_open());
    let first = open.map(|f| f.owed.number).min().unwrap_or(last.owed.number);
    let is_written = |number: u32| rows.iter().any(|f| f.owed.number == number);
    let each = (first..).map_while(|number| nth(series, anchor, number));
    each.take_while(|owed| owed.due_on <= local.until)
        .filter(|owed| !is_written(owed.number))
        .map(|owed| {
            let mut line = line(series, owed, enrolment);
            let basis = Basis { on: owed.due_on, closes_on: owed.closes_on, appointment_at: None };
            let laid = timed_steps(series, Trigger::Remind, basis, local.local());
            line.reminders = due_steps::foresee(laid, local.now)
                .iter()
                .map(|(step, lapses)| promise(step, *lapses))
                .collect();
            line
        })
        .collect()
}

fn line(series: &Series, owed: Owed, enrolment: &Enrolment) -> PlanLine {
    PlanLine {
        protocol: enrolment.protocol.clone(),
        series: series.id.clone(),
        number: owed.number,
        kind: series.kind.word(),
        due_on: owed.due_on,
        window: [owed.opens_on, owed.closes_on],
        state: "ahead".to_owned(),
        reason: None,
        appointment: None,
        reminders: Vec::new(),
    }
}

fn promise(laid: &TimedStep<'_>, lapses: Option<&str>) -> PlanPromise {
    let state = if lapses.is_some() { ReminderState::Lapsed } else { ReminderState::Planned };
    PlanPromise {
        step: laid.step.name.clone(),
        send_on: laid.send_on,
        send_at: laid.send_at.to_string(),
        state: state.word().to_owned(),
        reason: lapses.map(str::to_owned),
        delivery: None,
        arrival: None,
    }
}
