//! Two versions side by side, series by series, in the words of the pages.

use axum::extract::Query;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::plan::protocol::{Protocol, Series};
use crate::journey::errors::step::StepError;
use crate::store::error::StoreError;
use crate::store::plan::drafts::DraftId;
use crate::store::plan::protocols::ProtocolVersionId;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;
use crate::web::console::protocols::series::{sentences, title};
use crate::web::console::protocols::words::anchor;

/// Which two: the row of a version, or `draft-` and that of a draft.
#[derive(Debug, Deserialize)]
pub(in crate::web::console) struct CompareQuery {
    a: String,
    b: String,
}

/// What an address names.
enum ComparedId {
    Draft(DraftId),
    Version(ProtocolVersionId),
}

impl ComparedId {
    fn parse(which: &str) -> Result<Self, StoreError> {
        let found = match which.strip_prefix("draft-") {
            Some(id) => id.parse().map(|id| Self::Draft(DraftId(id))),
            None => which.parse().map(|id| Self::Version(ProtocolVersionId(id))),
        };
        found.map_err(|_| StoreError::not_found("protocol version or draft"))
    }
}

/// One of the two.
struct ComparedVersion {
    /// What a version is called.
    name: String,
    /// The number of a draft.
    draft: Option<i64>,
    protocol: Protocol,
}

/// Both, with what differs marked.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(ask): Query<CompareQuery>) -> Response {
    page::blocking(signed_in, move |signed_in| {
        let both = read(signed_in, &ask.a).and_then(|a| Ok((a, read(signed_in, &ask.b)?)));
        match both {
            Ok((a, b)) => page::render(signed_in, "protocol-compare", words(&a, &b, &signed_in.language)),
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

fn read(signed_in: &SignedIn, which: &str) -> Result<ComparedVersion, StepError> {
    let clinic = signed_in.clinic();
    clinic.store.read(|view| match ComparedId::parse(which)? {
        ComparedId::Draft(id) => {
            let text = view.draft(id)?.text;
            let protocol = clinic.protocol_cache.parse(&text.protocol, &text.content);
            let fault = crate::journey::errors::protocol::ProtocolError::Faulty;
            Ok(ComparedVersion { name: String::new(), draft: Some(id.0), protocol: protocol.ok_or(fault)? })
        }
        ComparedId::Version(version) => {
            let protocol = clinic.protocol_cache.get(view, version)?;
            let name = format!("{} {}", protocol.id, protocol.version);
            Ok(ComparedVersion { name, draft: None, protocol: Protocol::clone(&protocol) })
        }
    })
}

fn words(a: &ComparedVersion, b: &ComparedVersion, language: &str) -> Value {
    let data = |text: &str| context! { text, is_known => false };
    let facts = |p: &Protocol| vec![data(&p.title), data(&p.source), anchor(&p.anchor)];
    let head = ["Title", "Source", "Counted from"];
    let (fa, fb) = (facts(&a.protocol), facts(&b.protocol));
    let head = head.into_iter().zip(fa.into_iter().zip(fb));
    let head = head.map(|(what, (a, b))| context! { what, differs => a != b, a, b });
    let mut names: Vec<&str> = a.protocol.series.iter().map(|series| series.id.as_str()).collect();
    names
        .extend(b.protocol.series.iter().map(|s| s.id.as_str()).filter(|id| a.protocol.series(id).is_none()));
    let series = names.into_iter().map(|id| row(a.protocol.series(id), b.protocol.series(id), language));
    context! {
        a => side(a),
        b => side(b),
        head => head.collect::<Vec<_>>(),
        series => series.collect::<Vec<_>>(),
    }
}

fn side(one: &ComparedVersion) -> Value {
    context! { name => one.name.clone(), draft => one.draft }
}

/// One series in both, line by line; a line that the other does not have is marked.
fn row(a: Option<&Series>, b: Option<&Series>, language: &str) -> Value {
    let lines = |one: Option<&Series>| one.map(sentences).unwrap_or_default();
    let (la, lb) = (lines(a), lines(b));
    let marked = |own: &[String], other: &[String]| {
        let line = |text: &String| context! { text, differs => !other.contains(text) };
        own.iter().map(line).collect::<Vec<_>>()
    };
    let named = a.or(b);
    let name = named.map(|series| title(series, language).to_owned());
    context! { name, differs => la != lb, a => marked(&la, &lb), b => marked(&lb, &la) }
}
