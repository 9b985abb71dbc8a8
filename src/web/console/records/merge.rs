//! Two records of one woman become one: which stays is chosen, field by field what will be is shown, and somebody who may
//! types the code of the record that ends; where name or address differ, the birth date that stands on it.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::contact::{ContactField, PatientContact};
use crate::care::patient::{Patient, Reference};
use crate::care::record::merge_clash::MergeClash;
use crate::journey::commands::record_merge::{self, MergePreview, MergeRequest};
use crate::journey::errors::step::StepError;
use crate::store::accounts::record_views::ViewedPage;
use crate::store::people::merges::RecordCount;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::sentence::sentence;
use crate::web::console::layout::time_format::day;
use crate::web::console::layout::{machine_words, page};
use crate::web::console::patients::contact;
use crate::web::locale::reader::ReaderWords;

/// Case codes of the two records, as far as they are chosen.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::console) struct MergeQuery {
    /// The case code that stays.
    keep: String,
    /// The case code that ends.
    end: String,
}

/// Asks which two records, or shows what merging them would come to.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(ask): Query<MergeQuery>) -> Response {
    page::blocking(signed_in, move |signed_in| shown(signed_in, &ask, &RefusedForm::default())).await
}

fn shown(signed_in: &SignedIn, ask: &MergeQuery, refused: &RefusedForm) -> Response {
    let (keep, end) = (ask.keep.trim(), ask.end.trim());
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    if keep.is_empty() || end.is_empty() {
        let words = context! { known => false, looked => false, refused => refused.words(), keep, end };
        return page::with_status(signed_in, status, "merge", words);
    }
    match both(signed_in, ask) {
        Ok(preview) => {
            for side in [&preview.kept, &preview.other] {
                signed_in.saw(ViewedPage::Patient, side.reference.as_str());
            }
            match words(signed_in, &preview) {
                Ok(words) => {
                    let words = context! { looked => false, refused => refused.words(), keep, end, ..words };
                    page::with_status(signed_in, status, "merge", words)
                }
                Err(fault) => page::failed(signed_in, &fault),
            }
        }
        Err(Ok(fault)) => {
            let faults = RefusedForm::default().with(fault).words();
            // Who only looked wanted nothing saved.
            let looked = refused.is_empty();
            let words = context! { known => false, looked, refused => faults, keep, end };
            page::with_status(signed_in, StatusCode::UNPROCESSABLE_ENTITY, "merge", words)
        }
        Err(Err(fault)) => page::failed(signed_in, &fault),
    }
}

/// What merging them would come to, or which code is nobody's.
fn both(signed_in: &SignedIn, ask: &MergeQuery) -> Result<MergePreview, Result<FieldFault, StepError>> {
    let request = request(signed_in, ask).map_err(Ok)?;
    record_merge::preview(signed_in.clinic(), &request).map_err(Err)
}

fn request(signed_in: &SignedIn, ask: &MergeQuery) -> Result<MergeRequest, FieldFault> {
    let found = |field: &'static str, code: &str| {
        let reference = Reference::parse(code.trim()).ok();
        let known =
            |one: &Reference| signed_in.clinic().store.read(|view| view.is_known(one)).unwrap_or(false);
        reference.filter(known).ok_or_else(|| FieldFault::new(field, "No patient has that case code."))
    };
    Ok(MergeRequest { kept: found("keep", &ask.keep)?, other: found("end", &ask.end)? })
}

fn words(signed_in: &SignedIn, preview: &MergePreview) -> Result<Value, StepError> {
    let (ours, theirs) = signed_in.clinic().store.read(|view| {
        let of = |one: &Patient| Ok::<_, StepError>(view.contact(one.id)?.details);
        Ok::<_, StepError>((of(&preview.kept)?, of(&preview.other)?))
    })?;
    let clash = |clash: &MergeClash| {
        let said = clash.to_string();
        let links: Vec<Value> = match clash {
            MergeClash::BothAlerts(one, two) => [one, two]
                .map(|id| context! { href => format!("/alerts/{id}"), text => format!("Alert {id}") })
                .to_vec(),
            _ => Vec::new(),
        };
        context! { said => sentence(&said), hint => sentence(clash.hint()), links }
    };
    let reader = ReaderWords::of(&signed_in.language);
    Ok(context! {
        known => true,
        same => preview.clashes.contains(&MergeClash::Same),
        differs => differs(preview),
        names => [&preview.kept, &preview.other].map(|one| one.name.expose().to_owned()).to_vec(),
        clashes => preview.clashes.iter().map(clash).collect::<Vec<_>>(),
        fields => fields(preview, &[ours, theirs], &reader),
        moves => moves(&preview.sizes),
        waiting => preview.sizes[1].waiting,
        ends => preview.ends.iter().map(|one| reader.said(&format!("{} from {}", one.protocol, day(one.anchor_on)))).collect::<Vec<_>>(),
        dates => preview.dates.iter().map(|one| format!(
            "{}: {}, {} {}",
            reader.said(&machine_words::series(&one.follow_up.series)), reader.said(&day(one.date.on)), one.date.at.strftime("%H:%M"), one.date.place,
        )).collect::<Vec<_>>(),
    })
}

/// Each field: what stands on both, and what will.
fn fields(preview: &MergePreview, contacts: &[PatientContact; 2], reader: &ReaderWords) -> Vec<Value> {
    let none = reader.said("none");
    let (kept, other) = (&preview.kept, &preview.other);
    let line = |title: &str, ours: String, theirs: String, is_filled: bool| {
        let after = if is_filled { theirs.clone() } else { ours.clone() };
        let stands = |text: &String| *text != none;
        let differs = ours != theirs && stands(&ours) && stands(&theirs);
        context! { title, same => ours == theirs, differs, filled => is_filled, ours, theirs, after }
    };
    let email =
        |of: &Patient| of.email.as_ref().map_or_else(|| none.clone(), |email| email.expose().to_owned());
    let status = |of: &Patient| reader.said(&machine_words::status_name(of.status));
    let mut lines = vec![
        line("Name", kept.name.expose().to_owned(), other.name.expose().to_owned(), false),
        line("Born", day(kept.birth_on), day(other.birth_on), false),
        line("Status", status(kept), status(other), false),
        line("Letters go to", email(kept), email(other), preview.gaps.has_address),
    ];
    let [ours, theirs] = contacts;
    for field in ContactField::ALL {
        let text = |of: &PatientContact| of.shown(field).unwrap_or_else(|| none.clone());
        let is_filled = preview.gaps.contact.contains(&field);
        if text(ours) != none || text(theirs) != none {
            lines.push(line(contact::label(field), text(ours), text(theirs), is_filled));
        }
    }
    let language = |of: &Patient| reader.said(&machine_words::language(&of.language));
    lines.push(line("Language", language(kept), language(other), false));
    lines.push(line("Time zone", kept.zone.clone(), other.zone.clone(), false));
    let detail = |of: &Patient| reader.said(of.detail.word());
    let is_narrower = preview.gaps.detail < kept.detail;
    lines.push(line("How much letters say", detail(kept), detail(other), is_narrower));
    let shared = |of: &Patient| reader.said(if of.shared_inbox { "yes" } else { "no" });
    let is_shared = preview.gaps.shared_inbox && !kept.shared_inbox;
    lines.push(line("Others read this inbox", shared(kept), shared(other), is_shared));
    lines
}

/// Whether the two are called differently or are written to at different addresses: then the code alone is no proof that
/// somebody looked whom it leads to.
fn differs(preview: &MergePreview) -> bool {
    let (kept, other) = (&preview.kept, &preview.other);
    let name = |of: &Patient| of.name.expose().to_lowercase();
    let has_two = kept.email.is_some() && other.email.is_some() && kept.email != other.email;
    has_two || name(kept) != name(other)
}

/// What each holds, and what one will.
fn moves(sizes: &[RecordCount; 2]) -> Vec<Value> {
    let [kept, other] = sizes;
    let line = |what: &str, ours: u32, theirs: u32| context! { what, ours, theirs, after => ours + theirs };
    vec![
        line("Letters that were written", kept.letters, other.letters),
        line("Answered forms", kept.answers, other.answers),
        line("Alerts, with their calls and notes", kept.alerts, other.alerts),
        line("Tasks, with their calls and notes", kept.tasks, other.tasks),
        line("Messages from her", kept.messages, other.messages),
        line("Dates at the clinic", kept.dates, other.dates),
    ]
}

/// Merges them, once the code of the record that ends was typed.
pub(in crate::web::console) async fn submit(SignedPost { signed_in, fields }: SignedPost) -> Response {
    page::blocking(signed_in, move |signed_in| {
        let ask = MergeQuery { keep: fields.get("keep").to_owned(), end: fields.get("end").to_owned() };
        let request = match request(signed_in, &ask) {
            Ok(request) => request,
            Err(fault) => return shown(signed_in, &ask, &RefusedForm::new(&fields, vec![fault])),
        };
        if let Some(fault) = unsure(signed_in, &request, &fields) {
            return shown(signed_in, &ask, &RefusedForm::new(&fields, vec![fault]));
        }
        let path = format!("/patients/{}", request.kept.in_path());
        match record_merge::apply(signed_in.clinic(), signed_in.stamp(), request) {
            Ok(()) => {
                signed_in.clinic().bells.letters.notify_one();
                page::saved(signed_in, &path, Notice::RecordsMerged)
            }
            // What is in the way stands on the page.
            Err(StepError::Record(_)) => {
                let fault = FieldFault::new("clashes", "Something must be settled first; it stands below.");
                shown(signed_in, &ask, &RefusedForm::new(&fields, vec![fault]))
            }
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

/// What is wrong with the sign that the right record is meant to end.
fn unsure(signed_in: &SignedIn, request: &MergeRequest, fields: &FormFields) -> Option<FieldFault> {
    let code = request.other.as_str();
    // What cannot be read, or clashes, is said by the merge itself.
    let preview = record_merge::preview(signed_in.clinic(), request).ok()?;
    if !preview.clashes.is_empty() {
        return None;
    }
    if !differs(&preview) {
        let text = || format!("Type {code} to confirm that this record ends.");
        return (fields.get("sure") != code).then(|| FieldFault::new("sure", text()));
    }
    let is_hers = fields.get("born").parse::<Date>().is_ok_and(|on| on == preview.other.birth_on);
    let text = || format!("Give the birth date that stands on {code} to confirm that this record ends.");
    (!is_hers).then(|| FieldFault::new("born", text()))
}

/// Where an old case code leads, if its record ended in another.
pub(in crate::web::console) fn leads_on(signed_in: &SignedIn, reference: &Reference) -> Option<Response> {
    let into = signed_in.clinic().store.read(|view| view.merged_into(reference)).ok().flatten()?;
    let into = Reference::parse(&into).ok()?.in_path();
    Some(axum::response::Redirect::to(&format!("/patients/{into}")).into_response())
}
