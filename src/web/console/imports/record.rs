//! An import on record: what it brought, who could go if it is undone and who stays and why, and undoing it.

use axum::extract::Path;
use axum::response::Response;
use minijinja::{Value, context};

use crate::care::roster::import_undo::StayReason;
use crate::care::task::TaskKind;
use crate::journey::commands::roster;
use crate::journey::errors::step::StepError;
use crate::store::roster::imports::ImportId;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::imports::list::line;
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::locale::reader::ReaderWords;

/// Of those who stay so many are named; the others are counted.
const NAMED: usize = 100;

/// The page of an import.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| match words(signed_in, ImportId(id)) {
        Ok(words) => page::render(signed_in, "import-record", words),
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

fn words(signed_in: &SignedIn, id: ImportId) -> Result<Value, StepError> {
    let (times, reader) = (TimeFormat::from(signed_in), ReaderWords::of(&signed_in.language));
    signed_in.clinic().store.read(|view| {
        let import = view.import(id)?;
        let members = view.import_members(id)?;
        let list = view.task_caused(TaskKind::ImportBookings, &id.cause())?;
        let stays: Vec<(&str, StayReason)> =
            members.iter().filter_map(|one| Some((one.reference.as_str(), one.stays?))).collect();
        let reasons = StayReason::ALL.into_iter().filter_map(|reason| {
            let count = stays.iter().filter(|(_, why)| *why == reason).count();
            (count > 0).then(|| context! { says => reason.says(), count })
        });
        let named = stays.iter().take(NAMED).map(|(code, why)| context! { code => *code, why => why.says() });
        Ok(context! {
            import => line(&import, &times, &reader),
            list,
            goes => members.len() - stays.len(),
            stays => stays.len(),
            reasons => reasons.collect::<Vec<_>>(),
            named => named.collect::<Vec<_>>(),
            unnamed => stays.len().saturating_sub(NAMED),
        })
    })
}

/// Undoes the import and shows its page again.
pub(in crate::web::console) async fn undo(
    Path(id): Path<i64>,
    SignedPost { signed_in, .. }: SignedPost,
) -> Response {
    page::blocking(signed_in, move |signed_in| {
        match roster::undo(&signed_in.clinic().store, signed_in.stamp(), ImportId(id)) {
            Ok(_) => page::saved(signed_in, &format!("/imports/{id}"), Notice::ImportUndone),
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}
