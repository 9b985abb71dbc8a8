//! `aftercare patient set`: one request, wholly applied or not at all; a changed plan is shown before it is applied.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::add::{course, known_zone};
use crate::care::patient::{Patient, PatientStatus};
use crate::care::plan::diff::Reworded;
use crate::care::plan::schedule::first_from;
use crate::care::record::field_check;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::args::{PatientSetArgs, fits};
use crate::cli::sign_in::stamp;
use crate::config::Config;
use crate::daemon::assembly::engine::PublishedProtocol;
use crate::journey::commands::patient_record;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::patients::amend::{Amendment, Correction, PlanAmendment};
use crate::journey::patients::contact::ContactChange;
use crate::journey::patients::proxy::ProxyChange;
use crate::journey::plan::enrol::Course;
use crate::journey::plan::replan::{Appointed, DiffLine, Difference, propose};
use crate::journey::plan::replan_preview::PlanChange;
use crate::journey::sending_policy::{day, zone};
use crate::journey::status_change::StatusChange;
use crate::store::database::OpenMode;
use crate::store::db::transaction::Stamp;
use crate::store::error::StoreError;
use crate::store::people::contact::ContactOnRecord;
use crate::store::plan::follow_ups::Enrolment;

/// What she is on, and what one may be put on.
struct SetContext<'d> {
    args: &'d PatientSetArgs,
    published: &'d PublishedProtocol,
    active: Vec<(Enrolment, Course)>,
    patient: &'d Patient,
    today: Date,
}

const WAITS: &str = "She stays recorded as deceased until a second person agrees, within a week: on her page of the console, or \
    with the same command and --as NAME";

const REFUSED: &str = "The mail server refused her address meanwhile: give a new one with `--email`";

pub(super) fn run(args: &PatientSetArgs, ctx: &Context) -> Result<(), Failure> {
    // Only who is put on something needs sound files.
    let (clinic, published) = match args.protocol.is_some() || !args.add_ons.is_empty() {
        true => ctx.clinic(OpenMode::Existing)?,
        false => (ctx.deps(OpenMode::Existing)?, PublishedProtocol::new()),
    };
    let stamp = stamp(ctx, &clinic.store, args.name_of_staff.as_deref())?;
    let (patient, before) = clinic.store.read(|view| -> Result<_, StoreError> {
        let patient = view.patient_by_reference(&args.reference)?;
        let before = view.contact(patient.id)?;
        Ok((patient, before))
    })?;
    let today = day(stamp.at, &zone(&patient.zone)?);
    let plan = SetContext { args, published: &published, active: Vec::new(), patient: &patient, today };
    let ask = Amendment {
        correction: Correction { contact: contact(args, ctx, &before)?, ..correction(args, ctx, &patient)? },
        status: status(args)?,
        wants_again: args.wants_again.clone().map(|again| again.0).unwrap_or_default(),
        opens_forms: args.unlock_forms,
        turns: turns(&clinic, plan)?,
    };
    if is_nothing(&ask) {
        return Err(
            Failure::bad_input("nothing to change was named").hint("see `aftercare patient set --help`")
        );
    }
    let differences = differences(&ask, &clinic, &stamp)?;
    let is_applied = differences.is_empty() || args.yes;
    let wanted = ask.status.as_ref().map(|change| change.to);
    let mut told = None;
    if is_applied {
        patient_record::amend_record(&clinic, stamp, patient.id, ask)?;
        ctx.changed()?;
        let now = clinic.store.read(|view| view.patient(patient.id))?.status;
        told = wanted.and_then(|to| unmet(to, now));
    }
    let reference = args.reference.as_str();
    let changes: Vec<Value> = differences.iter().map(document).collect();
    let shown = json!({ "reference": reference, "applied": is_applied, "plan_changes": changes,
        "waits_for_second_person": told == Some(WAITS) });
    ctx.show(&shown, |out| {
        for (name, difference) in &differences {
            words(out, name, difference)?;
        }
        if let Some(told) = told {
            return writeln!(out, "{told}");
        }
        match is_applied {
            true => writeln!(out, "`{reference}` is changed"),
            false => writeln!(out, "\nNothing was changed. To apply it, give the command again with --yes"),
        }
    })
}

/// Why she does not stand as it was asked for.
fn unmet(wanted: PatientStatus, now: PatientStatus) -> Option<&'static str> {
    match now {
        _ if now == wanted => None,
        PatientStatus::Deceased => Some(WAITS),
        _ => Some(REFUSED),
    }
}

fn is_nothing(ask: &Amendment) -> bool {
    let c = &ask.correction;
    let untouched = c.name.is_none() && c.email.is_none() && c.language.is_none() && c.zone.is_none();
    let as_before =
        c.detail.is_none() && c.shared_inbox.is_none() && c.birth_on.is_none() && c.proxy.is_none();
    let same_wishes = ask.wants_again.is_empty() && ask.status.is_none() && !ask.opens_forms;
    untouched && c.contact.is_none() && as_before && same_wishes && ask.turns.is_empty()
}

fn correction(args: &PatientSetArgs, ctx: &Context, patient: &Patient) -> Result<Correction, Failure> {
    let config = ctx.config()?;
    let today = day(ctx.stamp().at, &zone(&patient.zone)?);
    let language = args.language.as_ref().map(|l| field_check::written(l, &config.sending.languages));
    let birth_on = args.birth_date.map(|on| field_check::born(on, today));
    Ok(Correction {
        name: args.name.clone(),
        birth_on: birth_on.map(|on| fits("--birth-date", on)).transpose()?,
        email: args.email.clone(),
        language: language.map(|l| fits("--language", l)).transpose()?,
        zone: args.time_zone.as_deref().map(known_zone).transpose()?,
        detail: args.detail,
        shared_inbox: args.shared_inbox,
        contact: None,
        proxy: proxy(args, config, patient)?,
    })
}

fn proxy(args: &PatientSetArgs, config: &Config, patient: &Patient) -> Result<Option<ProxyChange>, Failure> {
    if args.end_proxy {
        return Ok(Some(ProxyChange::End(args.reason.clone().unwrap_or_default())));
    }
    let given = args.proxy.given(&patient.language, &config.sending.languages)?;
    Ok(given.map(|new| ProxyChange::Record(Box::new(new))))
}

fn contact(
    args: &PatientSetArgs,
    ctx: &Context,
    before: &ContactOnRecord,
) -> Result<Option<ContactChange>, Failure> {
    let to = args.contact.over(&before.details, ctx.config()?.clinic.country.as_deref())?;
    Ok(to.map(|to| ContactChange { to, seen: before.revision }))
}

fn status(args: &PatientSetArgs) -> Result<Option<StatusChange>, Failure> {
    let Some(to) = args.status else { return Ok(None) };
    if args.until.is_some() && to != PatientStatus::Paused {
        return Err(Failure::bad_input("`--until` goes with `--status paused`").hint("leave it out"));
    }
    let reason = args.reason.clone().unwrap_or_default();
    Ok(Some(StatusChange { to, reason, until: args.until, confirmed_by: args.confirmed_by.clone() }))
}

fn turns(clinic: &Deps, mut plan: SetContext<'_>) -> Result<Vec<PlanAmendment>, Failure> {
    let SetContext { args, patient, today, .. } = plan;
    if args.protocol.is_none() && args.anchor.is_none() && args.add_ons.is_empty() && args.end.is_none() {
        return Ok(Vec::new());
    }
    if let Some(anchor) = args.anchor {
        fits("--anchor", field_check::anchored(anchor, today, Some(patient.birth_on)))?;
    }
    plan.active = clinic.store.read(|view| {
        let all = view.enrolments_of(patient.id)?.into_iter().filter(|e| e.is_active);
        all.map(|e| {
            let protocol = clinic.protocol_cache.get(view, e.version)?;
            Ok((e.clone(), Course { version: e.version, protocol, anchor_on: e.anchor_on }))
        })
        .collect::<Result<Vec<_>, StepError>>()
    })?;
    let mut turns = plan.moved()?;
    for asked in &args.add_ons {
        turns.push(plan.added(asked)?);
    }
    turns.extend(plan.ended()?);
    Ok(turns)
}

/// An add-on as it is asked for: its name, and the date of its own that it counts from, if it has one.
fn add_on(asked: &str) -> Result<(&str, Option<Date>), Failure> {
    let Some((name, on)) = asked.split_once('@') else { return Ok((asked, None)) };
    let on = on.parse().map_err(|_| {
        Failure::bad_input(format!("`--add-on {asked}`: `{on}` is no date"))
            .hint("write `--add-on NAME@YYYY-MM-DD`")
    })?;
    Ok((name, Some(on)))
}

impl SetContext<'_> {
    /// The main protocol moves; add-ons that count from the same date move along.
    fn moved(&self) -> Result<Vec<PlanAmendment>, Failure> {
        let (wanted, anchor) = (self.args.protocol.as_deref(), self.args.anchor);
        if wanted.is_none() && anchor.is_none() {
            return Ok(Vec::new());
        }
        let Some((main, on_it)) = self.main(wanted)? else {
            let (Some(name), Some(anchor)) = (wanted, anchor) else {
                return Err(
                    Failure::bad_input("she is on no protocol").hint("give both `--protocol` and `--anchor`")
                );
            };
            return Ok(vec![PlanAmendment::Add(course(name, anchor, self.published)?)]);
        };
        let anchor_on = anchor.unwrap_or(main.anchor_on);
        let next = match wanted {
            Some(name) => course(name, anchor_on, self.published)?,
            None => Course { anchor_on, ..on_it.clone() },
        };
        let beside = self.active.iter().filter(|(e, _)| e.id != main.id && e.anchor_on == main.anchor_on);
        // What is given a date of its own goes its own way.
        let is_named =
            |name: &str| self.args.add_ons.iter().any(|asked| asked.split('@').next() == Some(name));
        let along = beside.filter(|(e, _)| anchor_on != main.anchor_on && !is_named(&e.protocol));
        let along = along.map(|(e, c)| PlanAmendment::Instead(e.clone(), Course { anchor_on, ..c.clone() }));
        Ok([PlanAmendment::Instead(main.clone(), next)].into_iter().chain(along).collect())
    }

    fn main(&self, wanted: Option<&str>) -> Result<Option<&(Enrolment, Course)>, Failure> {
        if let Some(name) = wanted.filter(|name| self.published.get(*name).is_some_and(|(_, p)| p.add_on)) {
            return Err(
                Failure::bad_input(format!("`{name}` is an add-on")).hint(format!("give `--add-on {name}`"))
            );
        }
        let mut mains = self.active.iter().filter(|(_, course)| !course.protocol.add_on);
        let first = mains.next();
        if mains.next().is_none() {
            return Ok(first);
        }
        let same = self.active.iter().find(|(e, _)| Some(e.protocol.as_str()) == wanted);
        same.map(Some).ok_or_else(|| {
            Failure::bad_input("she is on several protocols").hint("name the one to change with `--protocol`")
        })
    }

    /// An add-on counts from a date of its own, or from that of her main plan. One that she is on already moves.
    fn added(&self, asked: &str) -> Result<PlanAmendment, Failure> {
        let (name, own) = add_on(asked)?;
        let main = self.active.iter().find(|(_, course)| !course.protocol.add_on).map(|(e, _)| e.anchor_on);
        if own.is_none() && main.is_some() && self.args.anchor.is_some() {
            return Err(Failure::bad_input("`--anchor` moves her main plan; it is not the add-on's date")
                .hint(format!(
                    "give the add-on its own: `--add-on {name}@DATE`; move the main plan apart from it"
                )));
        }
        let anchor = own.or(main).or(self.args.anchor).or(self.active.first().map(|(e, _)| e.anchor_on));
        let anchor = anchor.ok_or_else(|| {
            Failure::bad_input("there is no date to count from").hint(format!("give `--add-on {name}@DATE`"))
        })?;
        let anchor =
            fits("--add-on", field_check::anchored(anchor, self.today, Some(self.patient.birth_on)))?;
        let course = course(name, anchor, self.published)?;
        if course.protocol.series.iter().all(|series| first_from(series, anchor, self.today).is_none()) {
            let problem = format!("`{name}` counted from {anchor} is over already");
            return Err(Failure::bad_input(problem)
                .hint(format!("give it a date of its own: `--add-on {name}@DATE`")));
        }
        let on_it = self.active.iter().find(|(e, _)| e.protocol == name).filter(|_| own.is_some());
        Ok(match on_it {
            Some((e, _)) => PlanAmendment::Instead(e.clone(), course),
            None => PlanAmendment::Add(course),
        })
    }

    fn ended(&self) -> Result<Option<PlanAmendment>, Failure> {
        let Some(name) = &self.args.end else { return Ok(None) };
        let found = self.active.iter().find(|(e, _)| e.protocol == *name);
        let (enrolment, _) = found.ok_or_else(|| {
            let on: Vec<&str> = self.active.iter().map(|(e, _)| e.protocol.as_str()).collect();
            Failure::bad_input(format!("she is not on `{name}`")).hint(format!("she is on {}", on.join(", ")))
        })?;
        Ok(Some(PlanAmendment::End(enrolment.clone(), self.args.reason.clone().unwrap_or_default())))
    }
}

type NamedProtocol = (String, Difference);

fn differences(ask: &Amendment, clinic: &Deps, stamp: &Stamp) -> Result<Vec<NamedProtocol>, StepError> {
    let instead = ask.turns.iter().filter_map(|turn| match turn {
        PlanAmendment::Instead(old, course) => Some(PlanChange { old, course: Some(course.content()) }),
        PlanAmendment::End(old, _) => Some(PlanChange { old, course: None }),
        PlanAmendment::Add(_) => None,
    });
    instead
        .map(|change| {
            let name = change.course.map_or(&change.old.protocol, |course| &course.protocol.id);
            let found = clinic.store.read(|view| propose(view, change, stamp.at, clinic))?;
            Ok((name.clone(), found))
        })
        .collect()
}

fn document((name, difference): &NamedProtocol) -> Value {
    let day = |on: Option<jiff::civil::Date>| on.map(|on| on.to_string());
    let line = |l: &DiffLine| json!({ "series": l.series, "before": day(l.before), "after": day(l.after) });
    let booked = |a: &Appointed| json!({ "series": a.series, "on": a.on.to_string(), "counts_for": day(a.counts_for), "stays": a.stays });
    let words = |w: &Reworded| json!({ "series": w.series, "parts": w.parts });
    json!({
        "protocol": name,
        "version": { "before": difference.versions.0, "after": difference.versions.1 },
        "ahead": difference.ahead.iter().map(line).collect::<Vec<_>>(),
        "past": difference.past.iter().map(line).collect::<Vec<_>>(),
        "booked": difference.booked.iter().map(booked).collect::<Vec<_>>(),
        "words": difference.words.iter().map(words).collect::<Vec<_>>(),
    })
}

fn words(out: &mut dyn std::io::Write, name: &str, difference: &Difference) -> std::io::Result<()> {
    match &difference.versions {
        (_, None) => writeln!(out, "{name} ends; of the next two years falls away:")?,
        (was, Some(is)) if was != is => {
            writeln!(out, "{name}, version {was} -> {is}, the next two years:")?;
        }
        _ => writeln!(out, "{name}, the next two years:")?,
    }
    let day = |on: Option<jiff::civil::Date>| on.map_or_else(|| "none".to_owned(), |on| on.to_string());
    for line in &difference.ahead {
        writeln!(out, "  {:20} {:10} -> {}", line.series, day(line.before), day(line.after))?;
    }
    if difference.ahead.is_empty() {
        writeln!(out, "  no date ahead changes")?;
    }
    for line in &difference.past {
        let (before, after) = (day(line.before), day(line.after));
        writeln!(out, "  {:20} {before:10} -> {after}, in the past: a task, no letter", line.series)?;
    }
    for date in &difference.booked {
        let what = match date.counts_for {
            Some(due_on) => format!("counts for {due_on} from now on"),
            None if date.stays => {
                "no such visit is due near it: it stays with its letters, and a task asks".to_owned()
            }
            None => "finds no place: a task, and no letter reminds her of it".to_owned(),
        };
        writeln!(out, "  {:20} booked on {}: {what}", date.series, date.on)?;
    }
    for change in &difference.words {
        let series = change.series.as_deref().unwrap_or("the protocol");
        writeln!(out, "  {series:20} also changes: {}", change.parts.join(", "))?;
    }
    Ok(())
}
