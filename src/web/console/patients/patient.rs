//! One patient's page: plan, answers, letters, and the forms that change her record.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};

use crate::care::patient::{Patient, PatientStatus, Reference};
use crate::care::permission::Act as Permission;
use crate::care::plan::appointment::AppointmentState;
use crate::care::plan::follow_up::FollowUpState;
use crate::care::task_state::TaskState;
use crate::journey::answers::baseline;
use crate::journey::answers::bone_spread_effect::bone_spread_effect;
use crate::journey::errors::step::StepError;
use crate::journey::patients::reversal_request;
use crate::journey::plan::pick_follow_up;
use crate::store::accounts::record_views::ViewedPage;
use crate::store::db::transaction::View;
use crate::store::plan::follow_ups::FollowUp;
use crate::store::work::worklist::LedgerFilter;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::refused_form::RefusedForm;
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::layout::{machine_words, page};
use crate::web::console::letters::ledger;
use crate::web::console::patients::{contact, inbound_message, proxy, response, story};
use crate::web::console::people::views;
use crate::web::console::records::merge;
use crate::web::console::worklist::lines::{alert_line, task_line, tier};
use crate::web::console::worklist::{call_lines, task_words};
use crate::web::locale::reader::ReaderWords;

/// Messages of hers on her page.
const MESSAGES: u32 = 30;

/// How a look at the page differs from a plain one: a form was refused.
struct PageNotice<'n> {
    status: StatusCode,
    error: &'n str,
    form: &'n RefusedForm,
    contact: Option<&'n RefusedForm>,
    her_form: Option<&'n str>,
}

/// Shows one patient's page.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(reference): Path<String>) -> Response {
    page::blocking(signed_in, move |signed_in| {
        let led = Reference::parse(&reference).ok().and_then(|code| merge::leads_on(signed_in, &code));
        led.unwrap_or_else(|| shown(signed_in, &reference, StatusCode::OK, &RefusedForm::default()))
    })
    .await
}

/// The same, with a form of telephone numbers that was not taken, and why.
pub(in crate::web::console) fn with_refused(
    signed_in: &SignedIn,
    reference: &str,
    refused: &RefusedForm,
    error: &str,
) -> Response {
    let (status, form) = (StatusCode::UNPROCESSABLE_ENTITY, RefusedForm::default());
    whole(
        signed_in,
        reference,
        &PageNotice { status, error, form: &form, contact: Some(refused), her_form: None },
    )
}

/// The same, with what went wrong on a form.
pub(in crate::web::console) fn shown(
    signed_in: &SignedIn,
    reference: &str,
    status: StatusCode,
    refused: &RefusedForm,
) -> Response {
    whole(
        signed_in,
        reference,
        &PageNotice { status, error: "", form: refused, contact: None, her_form: None },
    )
}

/// The same, with the address of her form for whoever fills it in with her.
pub(in crate::web::console) fn with_her_form(
    signed_in: &SignedIn,
    reference: &str,
    form: &RefusedForm,
    address: &str,
) -> Response {
    let notice =
        PageNotice { status: StatusCode::OK, error: "", form, contact: None, her_form: Some(address) };
    whole(signed_in, reference, &notice)
}

fn whole(signed_in: &SignedIn, reference: &str, notice: &PageNotice<'_>) -> Response {
    let Ok(reference) = Reference::parse(reference) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    signed_in.saw(ViewedPage::Patient, reference.as_str());
    let times = TimeFormat::from(signed_in);
    let words = signed_in.clinic().store.read(|view| {
        let stored = view.contact(view.patient_by_reference(&reference)?.id)?;
        let her = view.patient_by_reference(&reference)?;
        let contact = call_lines::to_ring(view, her.id, &times)?;
        let form = contact::form(&stored, notice.contact);
        Ok(context! { contact, contact_form_words => form, asked => asked(view, &reference, signed_in)?, looked => looked(view, &reference, signed_in)?, ..words(view, &reference, signed_in, &times)? })
    });
    match words {
        Ok(words) => {
            let refused = notice.form.words();
            let words = context! { refused, error => notice.error, her_form => notice.her_form, ..words };
            page::with_status(signed_in, notice.status, "patient", words)
        }
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn words(
    view: &View<'_>,
    reference: &Reference,
    signed_in: &SignedIn,
    times: &TimeFormat,
) -> Result<Value, StepError> {
    let (patient, reader) = (view.patient_by_reference(reference)?, ReaderWords::of(&signed_in.language));
    let (open, past): (Vec<FollowUp>, Vec<FollowUp>) =
        view.follow_ups_of(patient.id)?.into_iter().partition(|owed| owed.is_open());
    let plan = |owed: &[FollowUp]| {
        owed.iter().map(|owed| planned(view, owed, signed_in)).collect::<Result<Vec<_>, _>>()
    };
    let filter = LedgerFilter { reference: Some(reference.as_str().to_owned()), ..LedgerFilter::default() };
    let letters = view.ledger(&filter)?;
    let forms = view.responses_of(patient.id)?;
    let messages = view.inbound_of(patient.id, MESSAGES)?;
    let series: std::collections::BTreeMap<String, &FollowUp> = open
        .iter()
        .filter(|owed| owed.kind.is_bookable())
        .map(|owed| (pick_follow_up::address(owed), owed))
        .collect();
    Ok(context! {
        patient => response::patient(&patient),
        facts => facts(view, &patient, signed_in)?,
        alerts => view.alerts_of(patient.id)?.iter().map(|alert| alert_line(alert, times, &reader)).collect::<Vec<_>>(),
        tasks => view.tasks_of(patient.id)?.iter().filter(|task| task.state == TaskState::Open)
            .map(|task| context! { way => task_words::way(task, signed_in.who.role), ..task_line(task, times) })
            .collect::<Vec<_>>(),
        plan => plan(&open)?,
        past => plan(&past)?.into_iter().rev().take(60).collect::<Vec<_>>(),
        messages => messages.iter().map(|one| inbound_message::line(one, times)).collect::<Vec<_>>(),
        letters => letters.iter().rev().take(60).map(|one| ledger::line(view, one, signed_in, times)).collect::<Vec<_>>(),
        forms => forms.iter().take(60).map(|form| context! {
            id => form.id.0,
            at => times.moment(form.answered_at),
            tier => tier(form.tier),
            submitted => form.is_sent(),
            reasons => form.reasons.iter().map(|code| code.word()).collect::<Vec<_>>().join(" "),
        }).collect::<Vec<_>>(),
        statuses => statuses(),
        status => patient.status.word(),
        series => series.iter().map(|(word, one)| context! {
            word, text => machine_words::series(&one.series), number => one.is_extra().then_some(one.owed.number),
        }).collect::<Vec<_>>(),
        stopped => stopped(&patient),
        story => story::page::drawn(view, &patient, signed_in)?,
        today => times.today().to_string(),
    })
}

/// Every status, as the form that changes hers offers it.
fn statuses() -> Vec<Value> {
    let all = PatientStatus::ALL.into_iter();
    all.map(|one| context! { word => one.word(), text => machine_words::status_name(one) }).collect()
}

/// Why no planned letter leaves to her, if none does.
fn stopped(patient: &Patient) -> Option<String> {
    let why = match patient.status {
        PatientStatus::Active => return None,
        PatientStatus::Paused => {
            return Some(match patient.paused_until.map(day) {
                Some(until) => format!("No letter leaves: she is paused until {until}."),
                None => "No letter leaves: she is paused.".to_owned(),
            });
        }
        PatientStatus::RecurrenceSuspected => "a recurrence is being looked into",
        PatientStatus::RecurrenceConfirmed => "the cancer is back, and a clinician chooses the new plan",
        PatientStatus::Palliative => "she is in palliative care",
        PatientStatus::Transferred => "another clinic has taken over",
        PatientStatus::OptedOutEmail => "she wants no letters; agree another way with her",
        PatientStatus::AddressBad => "her address was refused; find another way to reach her",
        PatientStatus::Deceased => "she has died",
    };
    Some(format!("No letter leaves: {why}."))
}

/// Who looked at her record, for whoever may read that.
fn looked(view: &View<'_>, reference: &Reference, signed_in: &SignedIn) -> Result<Vec<Value>, StepError> {
    if !signed_in.who.role.may(Permission::ReadViews) {
        return Ok(Vec::new());
    }
    let patient = view.patient_by_reference(reference)?;
    Ok(views::newest(view, patient.id, &TimeFormat::from(signed_in))?)
}

/// Who asks for her recorded death to be undone.
fn asked(view: &View<'_>, reference: &Reference, signed_in: &SignedIn) -> Result<Option<Value>, StepError> {
    let found = view.reversal_of(view.patient_by_reference(reference)?.id)?;
    let open = found.filter(|asked| reversal_request::is_open(asked, signed_in.now));
    let times = TimeFormat::from(signed_in);
    Ok(open.map(|asked| {
        context! {
            by => ReaderWords::of(&signed_in.language).person(&asked.asked_by),
            own => asked.asked_by == signed_in.stamp().actor.word(),
            to => machine_words::status_name(asked.to),
            reason => asked.reason,
            until => times.moment(asked.expires_at),
        }
    }))
}

fn facts(view: &View<'_>, patient: &Patient, signed_in: &SignedIn) -> Result<Value, StepError> {
    let (times, reader) = (TimeFormat::from(signed_in), ReaderWords::of(&signed_in.language));
    let today = times.today();
    let courses = view.enrolments_of(patient.id)?.into_iter().filter(|course| course.is_active);
    let courses =
        courses.map(|course| context! { protocol => course.protocol, from => day(course.anchor_on) });
    let declined = view.declined(patient.id)?;
    let base = baseline::on_record(view, patient.id)?;
    let alike = view.alike(patient.id, &patient.name, patient.birth_on)?;
    let contact = view.contact(patient.id)?;
    let noted = contact.consent_noted.as_ref();
    Ok(context! {
        email => patient.email.as_ref().map(|email| email.expose().to_owned()),
        consent => contact.details.mail_consent_on().map(|on| context! {
            on => day(on), by => noted.map(|(by, _)| reader.person(by)),
            at => noted.map(|(_, at)| times.moment(*at)),
        }),
        language => machine_words::language(&patient.language),
        zone => patient.zone.clone(),
        detail => patient.detail.word(),
        detail_follows => patient.detail_follows,
        proxy => proxy::form::in_force(patient),
        shared => patient.shared_inbox,
        paused_until => patient.paused_until.map(day),
        merged => view.merged_from(patient.id)?.into_iter().map(|one| {
            let at = one.at.to_zoned(jiff::tz::TimeZone::UTC).date();
            context! { code => one.reference, on => day(at), by => reader.person(&one.by) }
        }).collect::<Vec<_>>(),
        alike => alike.into_iter().map(|(_, code)| code).collect::<Vec<_>>(),
        courses => courses.collect::<Vec<_>>(),
        declined_kinds => declined.iter().map(|kind| kind.word()).collect::<Vec<_>>(),
        declined => declined.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", "),
        baseline => base.map(|base| context! { on => day(base.confirmed_on), by => reader.person(&base.confirmed_by) }),
        known => baseline::marks(view, patient.id, today).iter()
            .map(|known| context! { code => known.code().word(), until => day(known.until()) }).collect::<Vec<_>>(),
        bone => view.bone_spread_noted(patient.id)?.map(|(by, at)| context! {
            by => reader.person(&by), on => day(at.to_zoned(jiff::tz::TimeZone::UTC).date()),
        }),
        lifts => bone_spread_effect(view, patient.id, signed_in.clinic())?.iter().map(|form| context! {
            on => day(form.on), tier => form.tier.word(), lifted => form.lifted.word(),
        }).collect::<Vec<_>>(),
        locked => view.has_locked_forms(patient.id)?,
    })
}

fn planned(view: &View<'_>, owed: &FollowUp, signed_in: &SignedIn) -> Result<Value, StepError> {
    let (policy, today) = (&signed_in.clinic().policy, TimeFormat::from(signed_in).today());
    let booked = view.appointment_of(owed.id)?.filter(|booked| booked.state != AppointmentState::Cancelled);
    let odd = match booked.as_ref().filter(|booked| booked.state == AppointmentState::Booked) {
        Some(booked) => policy.odd(booked.on, booked.at)?,
        None => Vec::new(),
    };
    // Whoever closed it may have typed why.
    let reader = ReaderWords::of(&signed_in.language);
    Ok(context! {
        series => machine_words::series(&owed.series),
        number => owed.is_extra().then_some(owed.owed.number),
        kind => owed.kind.word(),
        due => day(owed.owed.due_on),
        opens => day(owed.owed.opens_on),
        closes => day(owed.owed.closes_on),
        state => owed.state.word(),
        is_booked => owed.state == FollowUpState::Booked,
        booked => booked.map(|booked| context! {
            on => day(booked.on), passed => owed.is_open() && booked.on < today, at => booked.at.strftime("%H:%M").to_string(), place => booked.place,
            note => booked.note,
        }),
        odd => odd.iter().map(|remark| prose(&remark.to_string())).collect::<Vec<_>>().join("; "),
        reason => owed.closed_reason.as_deref().map(|why| reader.said(&prose(why))),
    })
}
