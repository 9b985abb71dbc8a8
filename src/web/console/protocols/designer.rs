//! The designer: a draft as form fields, one page for the protocol itself and one for each series. Every button saves the
//! draft, so that a row added or taken away loses nothing that was typed; faults stand beside their fields.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use crate::care::plan::protocol::Trigger;
use crate::config::protocols::form::{ProtocolForm, SeriesForm};
use crate::config::protocols::layout;
use crate::journey::errors::protocol::ProtocolError;
use crate::journey::errors::step::StepError;
use crate::journey::protocols::in_force::in_force;
use crate::store::plan::drafts::{DraftId, DraftText, ProtocolDraft};
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::time_format::plain;
use crate::web::console::layout::{machine_words, page};
use crate::web::console::protocols::draft::head;
use crate::web::console::protocols::draft_text::{change, conflict, refused};
use crate::web::console::protocols::{findings, series_fields, words};

/// A draft as a form, with whatever somebody typed into it and could not save.
struct DesignerPage {
    draft: ProtocolDraft,
    form: ProtocolForm,
    /// Which part of it the page shows.
    part: DesignerPart,
    /// What a colleague's save kept from being saved.
    kept: Option<(String, StatusCode)>,
}

/// What a page of the designer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DesignerPart {
    Protocol,
    Series(usize),
}

impl DesignerPart {
    fn path(self, draft: i64) -> String {
        match self {
            Self::Protocol => format!("/protocols/drafts/{draft}/details"),
            Self::Series(number) => format!("/protocols/drafts/{draft}/series/{number}"),
        }
    }
}

/// The page of what the protocol is.
pub(in crate::web::console) async fn details(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| opened(signed_in, id, DesignerPart::Protocol)).await
}

/// The page of one series.
pub(in crate::web::console) async fn series(
    signed_in: SignedIn,
    Path((id, number)): Path<(i64, usize)>,
) -> Response {
    page::blocking(signed_in, move |signed_in| opened(signed_in, id, DesignerPart::Series(number))).await
}

fn opened(signed_in: &SignedIn, id: i64, part: DesignerPart) -> Response {
    match read(signed_in, id) {
        Ok((draft, form)) => shown(signed_in, &DesignerPage { draft, form, part, kept: None }),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn read(signed_in: &SignedIn, id: i64) -> Result<(ProtocolDraft, ProtocolForm), StepError> {
    let draft = signed_in.clinic().store.read(|view| view.draft(DraftId(id)))?;
    let form = ProtocolForm::read(&draft.text.content).ok_or(ProtocolError::Faulty)?;
    Ok((draft, form))
}

fn shown(signed_in: &SignedIn, one: &DesignerPage) -> Response {
    let status = one.kept.as_ref().map_or(StatusCode::OK, |(_, status)| *status);
    let (name, words) = match one.part {
        DesignerPart::Protocol => ("draft-details", details_words(signed_in, one)),
        DesignerPart::Series(number) => match one.form.series.get(number) {
            Some(series) => ("draft-series", series_words(signed_in, one, series)),
            None => return page::failed(signed_in, &ProtocolError::NoSeries.into()),
        },
    };
    match words {
        Ok(words) => page::with_status(signed_in, status, name, words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

/// What is wrong with each field of the part, and what every page of the designer says.
fn page_words(signed_in: &SignedIn, one: &DesignerPage) -> Value {
    let file = layout::write(&one.form);
    let found = findings::of_text(signed_in, &file.text);
    let prefix = match one.part {
        DesignerPart::Protocol => String::new(),
        DesignerPart::Series(number) => format!("s{number}."),
    };
    let of_part = |(field, words): (String, String)| match one.part {
        DesignerPart::Protocol => (!is_of_series(&field)).then_some((field, words)),
        DesignerPart::Series(_) => Some((field.strip_prefix(&prefix)?.to_owned(), words)),
    };
    let wrong: BTreeMap<String, String> =
        findings::by_field(&file, &found).into_iter().filter_map(of_part).collect();
    let list = wrong.iter().map(|(field, text)| context! { field, text }).collect::<Vec<_>>();
    context! {
        wrong,
        list,
        kept => one.kept.as_ref().map(|(words, _)| words.clone()),
        path => one.part.path(one.draft.id.0),
        ..head(&one.draft, signed_in)
    }
}

/// Whether a field stands on the page of a series.
fn is_of_series(field: &str) -> bool {
    field
        .strip_prefix('s')
        .and_then(|rest| rest.split('.').next())
        .is_some_and(|n| n.parse::<usize>().is_ok())
}

fn details_words(signed_in: &SignedIn, one: &DesignerPage) -> Result<Value, StepError> {
    let clinic = signed_in.clinic();
    let known = clinic.store.read(|view| in_force(view, clinic))?;
    let mut anchors: BTreeSet<String> = known.values().map(|one| one.protocol.anchor.clone()).collect();
    anchors.insert(one.form.anchor.clone());
    let ProtocolForm { id, title, source, anchor, add_on, .. } = &one.form;
    let anchors = anchors.iter().filter(|word| !word.is_empty());
    let anchors = anchors.map(|word| context! { word, chosen => word == anchor, ..words::anchor(word) });
    let form = context! { id, title, source, add_on, anchors => anchors.collect::<Vec<_>>() };
    Ok(context! { form, ..page_words(signed_in, one) })
}

fn series_words(signed_in: &SignedIn, one: &DesignerPage, series: &SeriesForm) -> Result<Value, StepError> {
    let (clinic, deps) = (signed_in.clinic(), &signed_in.app.deps);
    let known = clinic.store.read(|view| in_force(view, clinic))?;
    let all = known.values().flat_map(|one| &one.protocol.series).filter(|s| s.kind.word() == series.kind);
    let all: Vec<_> = all.collect();
    let choices = |trigger: Trigger, own: &[crate::config::protocols::form::StepForm]| {
        let shipped = all.iter().flat_map(|series| series.steps(trigger)).map(|step| step.name.clone());
        let mut names: BTreeSet<String> = shipped.chain(own.iter().map(|step| step.step.clone())).collect();
        names.insert("staff-task".to_owned());
        let named = names.into_iter().filter(|name| !name.is_empty());
        named.map(|word| context! { text => step_words(&word), word }).collect::<Vec<_>>()
    };
    let own = deps.languages.iter().find(|one| **one == signed_in.language);
    let language = own.or(deps.languages.first()).map_or("en", String::as_str);
    let mut leaflets: BTreeMap<String, String> =
        deps.composer.leaflets(language).map(|(name, title)| (name.to_owned(), title.to_owned())).collect();
    leaflets.entry(series.leaflet.clone()).or_insert_with(|| series.leaflet.clone());
    let checklist = |name: &String| context! { word => name, text => machine_words::series(name) };
    let leaflets = leaflets.into_iter().filter(|(word, _)| !word.is_empty());
    Ok(context! {
        heading => series_fields::name(series, &signed_in.language),
        form => series_fields::words(series, &deps.languages),
        reminds => choices(Trigger::Remind, &series.remind),
        bookeds => choices(Trigger::Booked, &series.booked),
        misseds => choices(Trigger::Missed, &series.missed),
        checklists => deps.checklist_names.iter().map(checklist).collect::<Vec<_>>(),
        leaflets => leaflets.map(|(word, text)| context! { word, text }).collect::<Vec<_>>(),
        units => [("d", "days"), ("w", "weeks"), ("m", "months"), ("y", "years")],
        last => one.form.series.len() == 1,
        ..page_words(signed_in, one)
    })
}

/// A step as staff call it.
fn step_words(word: &str) -> String {
    match word {
        "staff-task" => "task for staff".to_owned(),
        "staff-task-after-two-misses" => "task for staff after two without an answer".to_owned(),
        word => match word.strip_prefix("staff-task-") {
            Some(what) => format!("task for staff: {}", plain(what)),
            None => match machine_words::known_letter(word) {
                Some(said) => said.to_owned(),
                None => format!("letter \"{}\"", plain(word)),
            },
        },
    }
}

/// Saves what the protocol is.
pub(in crate::web::console) async fn save_details(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let alter = |form: &mut ProtocolForm| {
        let word = |key: &str| fields.get(key).split_whitespace().collect::<Vec<_>>().join(" ");
        (form.id, form.title, form.source) = (word("id"), word("title"), word("source"));
        form.anchor = word("anchor");
        form.add_on = fields.get("add_on") == "yes";
        DesignerPart::Protocol
    };
    save(signed_in, id, &fields, alter).await
}

/// Saves a series; a button may add or take away a row.
pub(in crate::web::console) async fn save_series(
    Path((id, number)): Path<(i64, usize)>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let alter = |form: &mut ProtocolForm| {
        if let Some(series) = form.series.get_mut(number) {
            *series = series_fields::read(&fields, series);
            series_fields::alter(series, fields.get("act"));
        }
        DesignerPart::Series(number)
    };
    save(signed_in, id, &fields, alter).await
}

/// Adds a series, or takes one away: `add`, `remove.1`.
pub(in crate::web::console) async fn alter_list(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let alter = |form: &mut ProtocolForm| {
        let gone = fields.get("act").strip_prefix("remove.").and_then(|at| at.parse::<usize>().ok());
        match gone.filter(|at| *at < form.series.len()) {
            Some(at) => {
                form.series.remove(at);
                DesignerPart::Series(at.min(form.series.len().saturating_sub(1)))
            }
            None => {
                form.series.push(SeriesForm { kind: "visit".to_owned(), ..SeriesForm::default() });
                DesignerPart::Series(form.series.len() - 1)
            }
        }
    };
    save(signed_in, id, &fields, alter).await
}

async fn save(
    signed_in: SignedIn,
    id: i64,
    fields: &FormFields,
    alter: impl FnOnce(&mut ProtocolForm) -> DesignerPart,
) -> Response {
    let (draft, mut form) = match read(&signed_in, id) {
        Ok(found) => found,
        Err(fault) => return page::failed(&signed_in, &fault),
    };
    let part = alter(&mut form);
    let text = DraftText { protocol: form.id.clone(), content: layout::write(&form).text };
    match change(&signed_in, id, fields, text).await {
        Ok(()) if form.series.is_empty() => {
            page::saved(&signed_in, &format!("/protocols/drafts/{id}"), Notice::DraftSaved)
        }
        Ok(()) => page::saved(&signed_in, &part.path(id), Notice::DraftSaved),
        Err(StepError::Protocol(fault)) => {
            let words = refused(fields, "kept", &fault).fault("kept").unwrap_or_default().to_owned();
            let kept = Some((words, conflict(&fault)));
            let page = DesignerPage { draft, form, part, kept };
            page::blocking(signed_in, move |signed_in| shown(signed_in, &page)).await
        }
        Err(fault) => page::failed(&signed_in, &fault),
    }
}
