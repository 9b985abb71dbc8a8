//! The protocols: which are in force, whether a clinician has signed them, and who is on which version.

use axum::response::Response;
use minijinja::{Value, context};

use crate::care::plan::protocol::Protocol;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::View;
use crate::store::plan::protocols::{ProtocolVersionId, Version};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::TimeFormat;

/// Every protocol in force, and older versions that patients are still on.
pub(in crate::web::console) async fn list(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, all).await
}

fn all(signed_in: &SignedIn) -> Response {
    let times = TimeFormat::of(signed_in);
    let lines = signed_in.clinic().store.read(|view| -> Result<Vec<Value>, StepError> {
        let versions = view.protocol_versions()?.into_iter();
        let shown = versions.filter(|version| version.patients > 0 || in_force(signed_in, version.id));
        shown.map(|version| line(view, signed_in, &version, &times)).collect()
    });
    let is_unsigned = |line: &&Value| {
        let is = |name| line.get_attr(name).is_ok_and(|value| value.is_true());
        is("in_force") && !is("verified")
    };
    match lines {
        Ok(lines) => {
            let unsigned = lines.iter().filter(is_unsigned).count();
            page::render(signed_in, "protocols", context! { lines, unsigned })
        }
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn in_force(signed_in: &SignedIn, id: ProtocolVersionId) -> bool {
    signed_in.app.deps.in_force.contains(&id)
}

/// A version as both pages show it.
pub(in crate::web::console) fn line(
    view: &View<'_>,
    signed_in: &SignedIn,
    version: &Version,
    times: &TimeFormat,
) -> Result<Value, StepError> {
    let protocol = signed_in.clinic().protocol_cache.get(view, version.id)?;
    let Protocol { title, source, verified, add_on, .. } = &*protocol;
    Ok(context! {
        id => version.id.0,
        name => version.protocol.clone(),
        version => version.version.clone(),
        since => times.moment(version.published_at),
        patients => version.patients,
        in_force => in_force(signed_in, version.id),
        title, source, verified, add_on,
    })
}
