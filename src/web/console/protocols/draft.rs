//! One draft: what it says so far, what is wrong with it, what it would bring a patient, and where it goes from here.

use axum::extract::{Path, Query};
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::config::protocols::form::ProtocolForm;
use crate::config::protocols::layout;
use crate::journey::errors::step::StepError;
use crate::journey::protocols::in_force::in_force;
use crate::store::db::transaction::View;
use crate::store::plan::drafts::{DraftId, ProtocolDraft};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::protocols::series::owed;
use crate::web::console::protocols::{example, findings, series_fields};
use crate::web::locale::reader::ReaderWords;

/// For whom the picture is.
#[derive(Debug, Default, Deserialize)]
pub(in crate::web::console) struct ExampleQuery {
    #[serde(default)]
    anchor: String,
}

/// The page of a draft.
pub(in crate::web::console) async fn show(
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Query(ask): Query<ExampleQuery>,
) -> Response {
    page::blocking(signed_in, move |signed_in| {
        let words = signed_in.clinic().store.read(|view| words(view, signed_in, DraftId(id), &ask));
        match words {
            Ok(words) => page::render(signed_in, "draft", words),
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

fn words(view: &View<'_>, signed_in: &SignedIn, id: DraftId, ask: &ExampleQuery) -> Result<Value, StepError> {
    let draft = view.draft(id)?;
    let found = findings::of_text(signed_in, &draft.text.content);
    let today = TimeFormat::from(signed_in).today();
    let anchor = ask.anchor.parse().unwrap_or(today);
    let form = ProtocolForm::read(&draft.text.content);
    let laid = form.as_ref().map(layout::write);
    let wrong = laid.as_ref().map(|laid| findings::by_field(laid, &findings::of_text(signed_in, &laid.text)));
    let language = &signed_in.language;
    let series = form.iter().flat_map(|form| form.series.iter().enumerate()).map(|(at, one)| {
        let prefix = format!("s{at}.");
        let faults = wrong.iter().flatten().filter(|(field, _)| field.starts_with(&prefix)).count();
        context! { number => at, name => series_fields::name(one, language), kind => one.kind.clone(), faults,
        said => found.protocol.as_ref().and_then(|p| p.series.get(at)).map(|one| owed(one, language)) }
    });
    let own = wrong.iter().flatten().filter(|(field, _)| !field.starts_with('s') || *field == "source");
    let current = in_force(view, signed_in.clinic())?;
    let known = current.get(&draft.text.protocol);
    Ok(context! {
        series => series.collect::<Vec<_>>(),
        head_faults => own.count(),
        lines => findings::with_lines(&found),
        sound => found.faults.is_empty(),
        example => found.protocol.as_ref().map(|protocol| example::words(signed_in, protocol, anchor)),
        title => form.as_ref().map(|form| form.title.clone()).unwrap_or_default(),
        source => form.as_ref().map(|form| form.source.clone()).unwrap_or_default(),
        publication => view.publication_of(id)?.map(|one| one.id.0),
        published => view.version_of_draft(id)?.map(|one| one.0),
        replaces => known.map(|one| context! { id => one.version.0, version => one.protocol.version.clone() }),
        ..head(&draft, signed_in)
    })
}

/// What every page of a draft says of it.
pub(in crate::web::console) fn head(draft: &ProtocolDraft, signed_in: &SignedIn) -> Value {
    let times = TimeFormat::from(signed_in);
    context! {
        id => draft.id.0,
        name => draft.text.protocol.clone(),
        revision => draft.revision,
        from => draft.begun_from.clone(),
        begun => times.moment(draft.begun_at),
        changed => times.ago(draft.changed_at),
        by => ReaderWords::of(&signed_in.language).person(&draft.changed_by),
        is_open => draft.is_open,
    }
}
