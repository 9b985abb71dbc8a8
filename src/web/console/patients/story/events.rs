//! What happened to a patient and what lies ahead of her, read from the record: visits and tests, letters, answers with their
//! tier, pain score and loss of weight.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::civil::Date;

use crate::care::checklist::item::PartRole;
use crate::care::delivery::DeliveryState;
use crate::care::patient::{Patient, PatientStatus};
use crate::care::plan::appointment::AppointmentState;
use crate::care::plan::follow_up::FollowUpState;
use crate::care::triage::tier::Tier;
use crate::config::checklists::checklist::{self, WordedChecklist};
use crate::journey::errors::step::StepError;
use crate::store::answers::checklists::ChecklistVersionId;
use crate::store::answers::responses::Response;
use crate::store::db::transaction::View;
use crate::store::plan::follow_ups::FollowUp;
use crate::store::work::worklist::{LedgerFilter, LedgerLine};
use crate::web::console::layout::machine_words;
use crate::web::console::layout::prose::{letter_state, prose};
use crate::web::console::layout::time_format::{day, plain};
use crate::web::console::worklist::lines::tier;
use crate::web::locale::reader::ReaderWords;

/// How an event is drawn. Each has a shape of its own, so that no colour is needed to tell it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum EventMark {
    Done,
    Booked,
    Planned,
    Missed,
    Sent,
    Waiting,
    NotSent,
    Answered(Option<Tier>),
}

/// Something that happened to her, told in a line in the reader's language.
pub(super) struct StoryEvent {
    pub(super) on: Date,
    pub(super) mark: EventMark,
    /// What it is, in words for staff.
    pub(super) what: String,
    /// What more there is to know; may be empty.
    pub(super) more: String,
    /// Where it is told whole.
    pub(super) link: Option<String>,
    /// Pain from 0 to 10 as she gave it.
    pub(super) pain: Option<u8>,
    /// Whether she said that she has lost weight.
    pub(super) lost_weight: Option<bool>,
}

/// Everything on record and what is planned, oldest first.
pub(super) fn read(
    view: &View<'_>,
    patient: &Patient,
    reader: &ReaderWords,
    today: Date,
) -> Result<Vec<StoryEvent>, StepError> {
    let done: BTreeMap<i64, Date> =
        view.done_on(patient.id)?.into_iter().map(|(id, on)| (id.0, on)).collect();
    let mut events = Vec::new();
    for owed in view.follow_ups_of(patient.id)?.iter().filter(|owed| owed.kind.is_bookable()) {
        let told = visit(view, owed, patient, done.get(&owed.id.0).copied())?;
        let told = told.map(|event| as_it_stands(event, today));
        events.extend(told.map(|event| StoryEvent { what: reader.said(&event.what), ..event }));
    }
    let filter =
        LedgerFilter { reference: Some(patient.reference.as_str().to_owned()), ..LedgerFilter::default() };
    events.extend(view.ledger(&filter)?.iter().map(|line| letter(line, reader)));
    let mut forms = BTreeMap::new();
    for response in view.responses_of(patient.id)? {
        events.push(answer(view, &response, &mut forms, reader)?);
    }
    events.sort_by_key(|event| event.on);
    Ok(events)
}

fn event(on: Date, mark: EventMark, what: String) -> StoryEvent {
    StoryEvent { on, mark, what, more: String::new(), link: None, pain: None, lost_weight: None }
}

/// A visit or test. What is only planned is none of hers while no letter may leave to her.
fn visit(
    view: &View<'_>,
    owed: &FollowUp,
    patient: &Patient,
    done: Option<Date>,
) -> Result<Option<StoryEvent>, StepError> {
    let name = machine_words::series(&owed.series);
    let due = owed.owed.due_on;
    Ok(match owed.state {
        FollowUpState::Done => {
            Some(event(done.unwrap_or(due), EventMark::Done, format!("{name}: took place")))
        }
        FollowUpState::Missed => Some(event(due, EventMark::Missed, format!("{name}: missed"))),
        FollowUpState::Cancelled => None,
        // In a pause it is meant to stand unbooked.
        FollowUpState::Planned => (patient.status.keeps_plan() && patient.status != PatientStatus::Paused)
            .then(|| event(due, EventMark::Planned, format!("{name}: due, not booked"))),
        FollowUpState::Booked => {
            let booked = view.appointment_of(owed.id)?.filter(|a| a.state == AppointmentState::Booked);
            booked.map(|a| {
                let more = format!("{} {}", a.at.strftime("%H:%M"), a.place).trim().to_owned();
                StoryEvent { more, ..event(a.on, EventMark::Booked, format!("{name}: booked")) }
            })
        }
    })
}

/// A booked date that has passed is a missed one, until somebody notes what became of it.
fn as_it_stands(event: StoryEvent, today: Date) -> StoryEvent {
    if event.mark != EventMark::Booked || event.on >= today {
        return event;
    }
    let name = event.what.rsplit_once(": ").map_or(event.what.as_str(), |(name, _)| name);
    StoryEvent { mark: EventMark::Missed, what: format!("{name}: date passed, not noted as kept"), ..event }
}

fn letter(line: &LedgerLine, reader: &ReaderWords) -> StoryEvent {
    let letter = &line.delivery;
    let mark = match letter.state {
        DeliveryState::Sent => EventMark::Sent,
        DeliveryState::Pending | DeliveryState::Claimed => EventMark::Waiting,
        DeliveryState::Skipped | DeliveryState::Lapsed | DeliveryState::Failed | DeliveryState::Unknown => {
            EventMark::NotSent
        }
    };
    let about = match line.steps.as_str() {
        "" => plain(letter.purpose.word()),
        steps => machine_words::steps(steps),
    };
    let reason = line.why().map(|reason| format!(": {}", reader.said(&prose(reason)))).unwrap_or_default();
    StoryEvent {
        more: format!("{}{reason}", reader.said(letter_state(letter.state))),
        link: Some(format!("/letters/{}", letter.id.0)),
        ..event(letter.local_on, mark, reader.said(&format!("Letter: {about}")))
    }
}

/// A form, with what it says of pain and weight.
fn answer(
    view: &View<'_>,
    response: &Response,
    forms: &mut BTreeMap<i64, Option<WordedChecklist>>,
    reader: &ReaderWords,
) -> Result<StoryEvent, StepError> {
    let form: &Option<WordedChecklist> = match forms.entry(response.version.0) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(place) => place.insert(asked(view, response.version)?),
    };
    let words: BTreeMap<String, String> = serde_json::from_str(&response.answers).unwrap_or_default();
    let word = |role: PartRole| {
        let parts = form.iter().flat_map(|form| form.checklist.in_role(role));
        parts.filter_map(|part| words.get(&part.field)).next().map(String::as_str)
    };
    let has_none = word(PartRole::Pain) == Some("no");
    let pain = word(PartRole::PainScore).and_then(|score| score.parse().ok());
    let pain = pain.or(has_none.then_some(0));
    let lost_weight = word(PartRole::Weight).and_then(lost);
    let mut more = Vec::new();
    if !response.is_sent() {
        more.push(reader.said("left half-way"));
    }
    more.extend(pain.map(|score| reader.said(&format!("pain {score} of 10"))));
    more.extend(
        lost_weight.map(|lost| reader.said(if lost { "has lost weight" } else { "no loss of weight" })),
    );
    let reasons: Vec<String> = response.reasons.iter().map(|code| reader.said(code.explain())).collect();
    more.extend((!reasons.is_empty()).then(|| reasons.join("; ")));
    Ok(StoryEvent {
        more: more.join(", "),
        link: Some(format!("/answers/{}", response.id.0)),
        pain,
        lost_weight,
        ..event(
            response.answered_on,
            EventMark::Answered(response.tier),
            reader.said(&format!("Answers: {}", tier(response.tier))),
        )
    })
}

/// Whether she said that she has lost weight: left blank it is neither a loss nor none.
fn lost(word: &str) -> Option<bool> {
    match word {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn asked(view: &View<'_>, version: ChecklistVersionId) -> Result<Option<WordedChecklist>, StepError> {
    let (name, _, bundle) = view.checklist_content(version)?;
    Ok(checklist::unbundle(&name, &bundle))
}

/// The day of an event as the list and the picture's tooltip say it.
pub(super) fn told(event: &StoryEvent, reader: &ReaderWords) -> String {
    let more = if event.more.is_empty() { String::new() } else { format!(" ({})", event.more) };
    format!("{}: {}{more}", reader.said(&day(event.on)), event.what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_booked_date_that_passed_is_drawn_as_missed_until_it_is_noted_as_kept() {
        let on = jiff::civil::date(2026, 10, 27);
        let drawn = |today| {
            let booked = event(on, EventMark::Booked, "visit: booked".to_owned());
            let event = as_it_stands(booked, today);
            (event.mark == EventMark::Missed, event.what)
        };
        assert_eq!(drawn(on), (false, "visit: booked".to_owned()));
        assert_eq!(drawn(on.tomorrow().unwrap()), (true, "visit: date passed, not noted as kept".to_owned()));
    }

    #[test]
    fn a_question_left_blank_draws_no_mark() {
        assert_eq!(
            [lost("yes"), lost("no"), lost(""), lost("unsure")],
            [Some(true), Some(false), None, None]
        );
    }
}
