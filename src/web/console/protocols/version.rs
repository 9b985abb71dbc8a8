//! One version of a protocol: what it asks for, who signed it, and what may be done with it.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};

use crate::care::permission::Act;
use crate::journey::commands::protocols::{self, ProtocolCommand};
use crate::journey::errors::step::StepError;
use crate::journey::protocols::in_force::in_force;
use crate::store::error::StoreError;
use crate::store::plan::protocols::ProtocolVersionId;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::protocols::example;
use crate::web::console::protocols::list::line;
use crate::web::console::protocols::series::owed;
use crate::web::console::protocols::words::anchor;

/// One version: its series, how often, and which letters and tasks go with them.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| shown(signed_in, ProtocolVersionId(id))).await
}

fn shown(signed_in: &SignedIn, id: ProtocolVersionId) -> Response {
    match words(signed_in, id) {
        Ok(words) => page::render(signed_in, "protocol", words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn words(signed_in: &SignedIn, id: ProtocolVersionId) -> Result<Value, StepError> {
    let (clinic, role) = (signed_in.clinic(), signed_in.who.role);
    let times = TimeFormat::from(signed_in);
    clinic.store.read(|view| -> Result<Value, StepError> {
        let versions = view.protocol_versions()?;
        let known = versions.iter().find(|version| version.id == id);
        let version = known.ok_or_else(|| StoreError::not_found("protocol version"))?;
        let protocol = clinic.protocol_cache.get(view, id)?;
        let series: Vec<Value> = protocol.series.iter().map(|one| owed(one, &signed_in.language)).collect();
        let of_name = versions.iter().filter(|other| other.protocol == version.protocol && other.id != id);
        let others = of_name.take(20).map(|other| {
            context! { id => other.id.0, version => other.version.clone(), since => times.moment(other.published_at) }
        });
        let has_signed = view.sign_offs(id)?.iter().any(|one| one.by == signed_in.who.name);
        let now = in_force(view, clinic)?;
        let is_given = now.values().any(|one| one.version == id);
        Ok(context! {
            series,
            anchor => anchor(&protocol.anchor),
            example => example::words(signed_in, &protocol, times.today()),
            others => others.collect::<Vec<_>>(),
            may_sign => role.may(Act::SignProtocol) && is_given && !has_signed && !protocol.verified,
            ..line(view, signed_in, version, &now)?
        })
    })
}

/// The version as the file it was read from.
pub(in crate::web::console) async fn file(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    let read = move |signed_in: &SignedIn| {
        let found = signed_in.clinic().store.read(|view| view.protocol_content(ProtocolVersionId(id)));
        found.map_err(StepError::from)
    };
    page::blocking(signed_in, move |signed_in| match read(signed_in) {
        Ok((name, text)) => download(&name, text),
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

/// A protocol file to keep.
pub(in crate::web::console) fn download(name: &str, text: String) -> Response {
    let kept: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(60).collect();
    let name = if kept.is_empty() { "draft".to_owned() } else { kept };
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}.toml\""));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    let kind = HeaderValue::from_static("application/toml; charset=utf-8");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], text).into_response()
}

/// A doctor or lead signs the version.
pub(in crate::web::console) async fn sign(
    Path(id): Path<i64>,
    SignedPost { signed_in, .. }: SignedPost,
) -> Response {
    let command = ProtocolCommand::Sign(ProtocolVersionId(id));
    match protocols::change(signed_in.clinic(), signed_in.stamp(), command).await {
        Ok(()) => page::saved(&signed_in, &format!("/protocols/{id}"), Notice::ProtocolSigned),
        Err(fault) => page::failed(&signed_in, &fault),
    }
}

/// What it means that no new patient is put on it, before somebody decides so.
pub(in crate::web::console) async fn look(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| match words(signed_in, ProtocolVersionId(id)) {
        Ok(words) => page::render(signed_in, "protocol-check", context! { act => "retire", ..words }),
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

/// New patients are put on it no more.
pub(in crate::web::console) async fn retire(
    Path(id): Path<i64>,
    SignedPost { signed_in, .. }: SignedPost,
) -> Response {
    let clinic = signed_in.clinic();
    let name = clinic.store.read(|view| view.protocol_content(ProtocolVersionId(id)));
    let done = match name {
        Ok((name, _)) => protocols::change(clinic, signed_in.stamp(), ProtocolCommand::Retire(name)).await,
        Err(fault) => Err(fault.into()),
    };
    match done {
        Ok(()) => page::saved(&signed_in, &format!("/protocols/{id}"), Notice::ProtocolRetired),
        Err(fault) => page::failed(&signed_in, &fault),
    }
}
