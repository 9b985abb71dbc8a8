//! Everything that is kept about one patient, in words to read and print.

use minijinja::{Value, context};

use crate::care::plan::appointment::AppointmentState;
use crate::care::task_state::TaskState;
use crate::journey::errors::step::StepError;
use crate::store::alerts::lifecycle::Alert;
use crate::store::db::transaction::View;
use crate::store::people::whole_record::{CallRecord, DateRecord, WholeRecord};
use crate::store::work::contact_log::ContactEntry;
use crate::store::work::tasks::Task;
use crate::store::work::worklist::LedgerLine;
use crate::web::console::alerts::closure_words;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::machine_words;
use crate::web::console::layout::prose::{letter_state, prose};
use crate::web::console::layout::time_format::{TimeFormat, day, plain};
use crate::web::console::patients::response::ReadForm;
use crate::web::console::patients::{contact, inbound_message, response};
use crate::web::console::worklist::contact_form;
use crate::web::console::worklist::lines::tier;
use crate::web::locale::reader::ReaderWords;

/// What the record has, and how much of it.
pub(in crate::web::console::records) fn parts(record: &WholeRecord) -> Vec<Value> {
    let calls = |calls: &[ContactEntry]| calls.len();
    let called: usize = record.alerts.iter().map(|one| calls(&one.calls)).sum::<usize>()
        + record.tasks.iter().map(|one| calls(&one.calls)).sum::<usize>();
    let dates = record.follow_ups.iter().filter(|one| one.date.is_some()).count();
    [
        ("Her record: who she is, how she is reached, where she stands", 1),
        ("Protocols she is or was on", record.enrolments.len()),
        ("Follow-ups", record.follow_ups.len()),
        ("Dates at the clinic", dates),
        ("Letters", record.letters.len()),
        ("Forms she answered", record.answers.len()),
        ("Alerts", record.alerts.len()),
        ("Tasks", record.tasks.len()),
        ("Calls and notes", called),
        ("Messages from her", record.messages.len()),
    ]
    .into_iter()
    .map(|(what, count)| context! { what, count })
    .collect()
}

/// The whole record for its page.
pub(in crate::web::console::records) fn whole(
    view: &View<'_>,
    record: &WholeRecord,
    signed_in: &SignedIn,
) -> Result<Value, StepError> {
    let (times, reader) = (TimeFormat::from(signed_in), ReaderWords::of(&signed_in.language));
    let words = RecordWords { times: &times, reader: &reader };
    let form = |one| response::form(view, &ReadForm::of(view, one)?, signed_in);
    Ok(context! {
        printed_at => times.moment(times.now),
        patient => response::patient(&record.patient),
        contact => contact::words(&record.contact, None),
        facts => facts(record, &reader),
        clinical => clinical(record, &reader),
        courses => record.enrolments.iter().map(|one| context! {
            protocol => one.protocol.clone(), from => day(one.anchor_on), over => !one.is_active,
        }).collect::<Vec<_>>(),
        plan => record.follow_ups.iter().map(|one| follow_up(one, &reader)).collect::<Vec<_>>(),
        letters => record.letters.iter().map(|one| letter(one, &reader)).collect::<Vec<_>>(),
        forms => record.answers.iter().map(form).collect::<Result<Vec<_>, _>>()?,
        alerts => record.alerts.iter().map(|one| alert_words(one, &words)).collect::<Vec<_>>(),
        tasks => record.tasks.iter().map(|one| task_words(one, &words)).collect::<Vec<_>>(),
        messages => record.messages.iter().map(|one| inbound_message::line(one, &times)).collect::<Vec<_>>(),
    })
}

/// What lines of the record are told with.
struct RecordWords<'a> {
    times: &'a TimeFormat,
    reader: &'a ReaderWords,
}

fn facts(record: &WholeRecord, reader: &ReaderWords) -> Value {
    let p = &record.patient;
    context! {
        email => p.email.as_ref().map(|email| email.expose().to_owned()),
        zone => p.zone.clone(),
        detail => p.detail.word(),
        shared => p.shared_inbox,
        consent => record.contact.mail_consent_on().map(day),
        language => machine_words::language(&p.language),
        paused_until => p.paused_until.map(day),
        reason => record.status_reason.as_deref().map(|reason| reader.said(&prose(reason))),
        declined => record.declined.iter().map(|kind| kind.word()).collect::<Vec<_>>(),
    }
}

fn clinical(record: &WholeRecord, reader: &ReaderWords) -> Value {
    let known = |one: &crate::care::checklist::answer::Known| {
        reader.said(&format!("{} until {}", one.code().explain(), day(one.until())))
    };
    context! {
        baseline => record.baseline.as_ref().map(|base| context! {
            by => reader.person(&base.confirmed_by), on => day(base.confirmed_on),
        }),
        known => record.known.iter().map(known).collect::<Vec<_>>(),
        bone => record.bone_spread.as_ref().map(|(by, at)| context! {
            by => reader.person(by), on => day(at.to_zoned(jiff::tz::TimeZone::UTC).date()),
        }),
    }
}

fn follow_up(one: &DateRecord, reader: &ReaderWords) -> Value {
    let owed = &one.follow_up;
    let date = one.date.as_ref().map(|date| {
        let what = match date.state {
            AppointmentState::Booked => "booked",
            AppointmentState::Kept => "took place",
            AppointmentState::Missed => "missed",
            AppointmentState::Cancelled => "called off",
        };
        let when = format!("{}, {}", reader.said(&day(date.on)), date.at.strftime("%H:%M"));
        format!("{}: {when} {} {}", reader.said(what), date.place, date.note)
    });
    context! {
        what => machine_words::series(&owed.series),
        due => day(owed.owed.due_on),
        state => owed.state.word(),
        date,
        reason => owed.closed_reason.as_deref().map(|reason| reader.said(&prose(reason))),
    }
}

fn letter(line: &LedgerLine, reader: &ReaderWords) -> Value {
    let letter = &line.delivery;
    let steps = &line.steps;
    context! {
        id => letter.id.0,
        on => day(letter.local_on),
        what => if steps.is_empty() { plain(letter.purpose.word()) } else { machine_words::steps(steps) },
        state => letter_state(letter.state),
        arrival => letter.arrival().map(|arrival| arrival.word()),
        reason => letter.reason.as_deref().map(|reason| reader.said(&prose(reason))),
    }
}

fn alert_words(one: &CallRecord<Alert>, words: &RecordWords<'_>) -> Value {
    let RecordWords { times, reader } = words;
    let of = &one.of;
    context! {
        id => of.id.0,
        tier => tier(of.tier),
        raised => times.moment(of.raised_at),
        state => of.state.word(),
        by => of.acknowledged.as_ref().map(|(by, _)| reader.person(by)),
        closed => closed_by(of, words),
        calls => one.calls.iter().map(|call| call_words(call, words)).collect::<Vec<_>>(),
    }
}

/// How an alert was closed; who did it is named for the reader.
fn closed_by(of: &Alert, words: &RecordWords<'_>) -> Option<Value> {
    let (by, _) = of.closed.as_ref()?;
    let closed = closure_words::closed(of, words.times)?;
    Some(context! { by => words.reader.person(by), ..closed })
}

fn call_words(call: &ContactEntry, words: &RecordWords<'_>) -> Value {
    context! { by => words.reader.person(&call.by), ..contact_form::line(call, words.times) }
}

fn task_words(one: &CallRecord<Task>, words: &RecordWords<'_>) -> Value {
    let RecordWords { times, reader } = words;
    let of = &one.of;
    let (by, note) = of.closed.clone().unzip();
    context! {
        ask => prose(of.kind.ask()),
        opened => times.date(of.opened_at),
        open => of.state == TaskState::Open,
        reason => reader.said(&prose(&of.reason)),
        by => by.as_deref().map(|by| reader.person(by)),
        note,
        calls => one.calls.iter().map(|call| call_words(call, words)).collect::<Vec<_>>(),
    }
}
