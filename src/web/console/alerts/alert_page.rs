//! The page of an alert: what rang, why, what was answered, what can be done. All its parts are one form with several buttons:
//! whichever is pressed, what was typed in another part is not lost.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use minijinja::{Value, context};

use crate::care::alert::lifecycle::{AlertOutcome, AlertState, Disposition};
use crate::care::contact_kind::ContactKind;
use crate::care::permission::Act as Permission;
use crate::journey::errors::step::StepError;
use crate::store::accounts::record_views::ViewedPage;
use crate::store::alerts::lifecycle::{Alert, AlertId};
use crate::store::alerts::notices::NoticeReason;
use crate::store::db::transaction::View;
use crate::store::work::contact_log::{ContactEntry, ContactSubject};
use crate::web::console::alerts::closure_form;
use crate::web::console::alerts::closure_words::{closed, doing, found};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::RefusedForm;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::patients::response;
use crate::web::console::patients::response::ReadForm;
use crate::web::console::worklist::call_lines;
use crate::web::console::worklist::contact_form;
use crate::web::console::worklist::lines::alert_line;
use crate::web::locale::reader::ReaderWords;

/// The page as it stands, with what a form of it held.
pub(in crate::web::console::alerts) fn shown(
    signed_in: &SignedIn,
    id: AlertId,
    status: StatusCode,
    form: &RefusedForm,
) -> Response {
    match words(signed_in, id, form) {
        Ok((code, words)) => {
            signed_in.saw(ViewedPage::Alert, &code);
            page::with_status(signed_in, status, "alert", words)
        }
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn words(signed_in: &SignedIn, id: AlertId, form: &RefusedForm) -> Result<(String, Value), StepError> {
    let (times, reader) = (TimeFormat::from(signed_in), ReaderWords::of(&signed_in.language));
    signed_in.clinic().store.read(|view| {
        let alert = view.alert(id)?;
        let patient = view.patient(alert.patient)?;
        let mut forms = Vec::new();
        for response in view.responses_of_alert(id)? {
            forms.push(response::form(view, &ReadForm::of(view, &response)?, signed_in)?);
        }
        let may = signed_in.who.role.may(Permission::closing(alert.tier));
        let words = context! {
            alert => alert_line(&alert, &times, &reader),
            raised_at => times.moment(alert.raised_at),
            due_at => times.moment(alert.due_at),
            overtaken => false,
            handed => handed(signed_in, &alert, &times),
            patient => response::patient(&patient),
            contact => call_lines::to_ring(view, patient.id, &times)?,
            forms,
            told => told(view, id, &times)?,
            closed => closed(&alert, &times)
                .map(|found| context! { by => alert.closed.as_ref().map(|(by, _)| reader.person(by)), ..found }),
            done => Disposition::WORDS.into_iter().map(|w| context! { word => w, text => doing(w) }).collect::<Vec<_>>(),
            outcomes => AlertOutcome::ALL.iter().map(|o| context! { word => o.word(), text => found(*o) }).collect::<Vec<_>>(),
            today => times.today().to_string(),
            alike => view.alerts_alike(id)?.len() > 1 && may && alert.state != AlertState::Closed,
            follow => closure_form::words(view, signed_in, &alert, &patient)?,
            refused => form.words(),
            log => contact_form::words(view, signed_in, ContactSubject::Alert(id), form)?,
            ..standing(view, signed_in, &alert)?
        };
        Ok((alert.reference, words))
    })
}

/// What was done a moment ago where that was handing it over: whose it is, whether a letter says so, when it rings again.
fn handed(signed_in: &SignedIn, alert: &Alert, times: &TimeFormat) -> Option<String> {
    let is_told = match page::just_saved(signed_in)? {
        Notice::AlertHandedOver => true,
        Notice::AlertHandedUntold => false,
        _ => return None,
    };
    let (by, _) = alert.acknowledged.as_ref().filter(|_| alert.state == AlertState::Acknowledged)?;
    let who = ReaderWords::of(&signed_in.language).person(by);
    let at = times.moment(alert.next_notice_at.filter(|at| *at > times.now)?);
    Some(match is_told {
        true => format!("It is {who}'s now; a letter tells them. Closed or kept by {at}, or it rings again."),
        false => format!(
            "It is {who}'s now. No letter says so: tell them yourself. Closed or kept by {at}, or it rings again."
        ),
    })
}

/// In whose hands it is, and what can be done about that.
fn standing(view: &View<'_>, signed_in: &SignedIn, alert: &Alert) -> Result<Value, StepError> {
    let (times, reader) = (TimeFormat::from(signed_in), ReaderWords::of(&signed_in.language));
    let (rings, is_open) = (alert.state == AlertState::Raised, alert.state == AlertState::Acknowledged);
    let may = signed_in.who.role.may(Permission::closing(alert.tier));
    let by = |(by, at): &(String, Timestamp)| context! { by => reader.person(by), at => times.moment(*at) };
    let back = if rings { view.alert_given_back(alert.id)? } else { None };
    Ok(context! {
        owner => alert.acknowledged.as_ref().map(|(by, _)| by.clone()),
        taken => alert.acknowledged.as_ref().map(by),
        given_back => back.as_ref().map(by),
        left_by => alert.left_by.as_deref().filter(|_| rings && back.is_none()).map(|by| reader.person(by)),
        clock => alert.next_notice_at.filter(|at| is_open && *at > times.now).map(|at| times.moment(at)),
        can_take => rings,
        can_keep => is_open,
        can_give_back => is_open && alert.runs(),
        can_close => is_open && may,
        needs_doctor => is_open && !may,
    })
}

/// Who was told of it, when and why.
fn told(view: &View<'_>, id: AlertId, times: &TimeFormat) -> Result<Vec<Value>, StepError> {
    let handed = |entry: &ContactEntry| entry.report.kind == ContactKind::HandedOver;
    let handed: Vec<Timestamp> = view
        .contacts(ContactSubject::Alert(id))?
        .iter()
        .filter(|entry| handed(entry))
        .map(|entry| entry.at)
        .collect();
    let told = view.notices_of(id)?.into_iter().map(|notice| {
        let why = match notice.why {
            Some(NoticeReason::Everyone) => "everyone on the ladder",
            Some(NoticeReason::Again) => "told again",
            Some(NoticeReason::Owner) if handed.contains(&notice.told_at) => "told that it was handed over",
            Some(NoticeReason::Owner) => "reminded that it is open",
            Some(NoticeReason::Rung) | None => "told in turn",
        };
        context! { at => times.moment(notice.told_at), why, how => notice.channel.word(), whom => notice.rung.map(|who| who.name) }
    });
    Ok(told.collect())
}

/// The page after a part of it was saved: what was typed in the others stands there still.
pub(in crate::web::console::alerts) async fn to_page(
    signed_in: SignedIn,
    id: AlertId,
    rest: Option<RefusedForm>,
    notice: Notice,
) -> Response {
    match rest {
        None => page::saved(&signed_in, &format!("/alerts/{}", id.0), notice),
        Some(rest) => again(page::told_here(signed_in, notice), id, StatusCode::OK, rest).await,
    }
}

/// The alert again, with what was typed and why it was refused.
pub(in crate::web::console::alerts) async fn again(
    signed_in: SignedIn,
    id: AlertId,
    status: StatusCode,
    form: RefusedForm,
) -> Response {
    page::blocking(signed_in, move |signed_in| shown(signed_in, id, status, &form)).await
}

/// Someone else was quicker: the page says who, and that nothing was saved.
pub(in crate::web::console::alerts) fn overtaken(
    signed_in: &SignedIn,
    id: AlertId,
    form: &RefusedForm,
) -> Response {
    match words(signed_in, id, form) {
        Ok((code, words)) => {
            signed_in.saw(ViewedPage::Alert, &code);
            let words = context! { overtaken => true, ..words };
            page::with_status(signed_in, StatusCode::CONFLICT, "alert", words)
        }
        Err(fault) => page::failed(signed_in, &fault),
    }
}
