//! One version of a protocol, and what it asks for.

use axum::extract::Path;
use axum::response::Response;
use minijinja::{Value, context};

use crate::journey::errors::step::StepError;
use crate::store::error::StoreError;
use crate::store::plan::protocols::ProtocolVersionId;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::{TimeFormat, plain};
use crate::web::console::protocols::list::line;
use crate::web::console::protocols::series::owed;

/// One version: its series, how often, and which letters and tasks go with them.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| shown(signed_in, ProtocolVersionId(id))).await
}

fn shown(signed_in: &SignedIn, id: ProtocolVersionId) -> Response {
    let times = TimeFormat::of(signed_in);
    let words = signed_in.clinic().store.read(|view| -> Result<Value, StepError> {
        let versions = view.protocol_versions()?;
        let known = versions.into_iter().find(|version| version.id == id);
        let version = known.ok_or_else(|| StoreError::not_found("protocol version"))?;
        let protocol = signed_in.clinic().protocol_cache.get(view, id)?;
        let series: Vec<Value> = protocol.series.iter().map(owed).collect();
        Ok(context! { series, anchor => plain(&protocol.anchor), ..line(view, signed_in, &version, &times)? })
    });
    match words {
        Ok(words) => page::render(signed_in, "protocol", words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}
