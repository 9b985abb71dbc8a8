//! The protocols: which are in force and where each comes from, who signed them, who is on which version, and what is being
//! written.

use axum::response::Response;
use minijinja::{Value, context};

use crate::care::plan::protocol::Protocol;
use crate::journey::commands::protocols::{self, ProtocolCommand};
use crate::journey::errors::step::StepError;
use crate::journey::file_protocols::{ProtocolOrigin, ProtocolsInForce};
use crate::journey::protocols::in_force::in_force;
use crate::journey::protocols::sign_off::{Signatories, one_person_asked_by, signatories};
use crate::store::db::transaction::View;
use crate::store::plan::drafts::ProtocolDraft;
use crate::store::plan::in_force::ProtocolSignOff;
use crate::store::plan::protocols::Version;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::protocols::publication;
use crate::web::locale::reader::ReaderWords;

/// Every protocol in force, older versions that patients are still on, and drafts.
pub(in crate::web::console) async fn list(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, shown).await
}

fn shown(signed_in: &SignedIn) -> Response {
    match signed_in.clinic().store.read(|view| words(view, signed_in)) {
        Ok(words) => page::render(signed_in, "protocols", words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn words(view: &View<'_>, signed_in: &SignedIn) -> Result<Value, StepError> {
    let times = TimeFormat::from(signed_in);
    let now = in_force(view, signed_in.clinic())?;
    let versions = view.protocol_versions()?.into_iter();
    let shown = versions.filter(|v| v.patients > 0 || now.values().any(|one| one.version == v.id));
    let lines = shown.map(|version| line(view, signed_in, &version, &now));
    let lines = lines.collect::<Result<Vec<Value>, StepError>>()?;
    let is = |line: &Value, name: &str| line.get_attr(name).is_ok_and(|value| value.is_true());
    let (current, older): (Vec<Value>, Vec<Value>) = lines.into_iter().partition(|one| is(one, "in_force"));
    let unsigned = current.iter().filter(|one| !is(one, "signed")).count();
    let (drafts, asked) = (view.drafts_open()?, one_person_asked_by(view)?);
    let under_way = view.publications()?.into_iter().filter(|one| one.ended_reason.is_none());
    let under_way = under_way.map(|one| publication::line(view, &one, signed_in));
    Ok(context! {
        current,
        older,
        unsigned,
        drafts => drafts.iter().map(|one| draft_line(one, &times, &signed_in.language)).collect::<Vec<_>>(),
        publications => under_way.collect::<Result<Vec<Value>, StepError>>()?,
        alone => signatories(view)? == Signatories::OnePerson,
        asked_by => asked.as_ref().map(|by| ReaderWords::of(&signed_in.language).person(by)),
        asked_self => asked.is_some_and(|by| by == signed_in.stamp().actor.word()),
    })
}

/// A version as both pages show it.
pub(in crate::web::console) fn line(
    view: &View<'_>,
    signed_in: &SignedIn,
    version: &Version,
    now: &ProtocolsInForce,
) -> Result<Value, StepError> {
    let protocol = signed_in.clinic().protocol_cache.get(view, version.id)?;
    let Protocol { title, source, verified, add_on, .. } = &*protocol;
    let sign_offs = view.sign_offs(version.id)?;
    let current = now.get(&version.protocol).filter(|one| one.version == version.id);
    Ok(context! {
        id => version.id.0,
        name => version.protocol.clone(),
        version => version.version.clone(),
        since => TimeFormat::from(signed_in).moment(version.published_at),
        patients => version.patients,
        in_force => current.is_some(),
        origin => current.map(|one| origin(one.origin)),
        is_own => current.is_some_and(|one| one.origin == ProtocolOrigin::Clinic),
        signed => *verified || !sign_offs.is_empty(),
        in_file => verified,
        sign_offs => sign_offs.iter().map(|one| signature(one, signed_in)).collect::<Vec<_>>(),
        title => title_for(signed_in, title, current.map(|one| one.origin)),
        source, add_on,
    })
}

/// What a protocol is called: one that ships, in the reader's language; any other as it was written.
pub(in crate::web::console) fn title_for(
    signed_in: &SignedIn,
    title: &str,
    origin: Option<ProtocolOrigin>,
) -> String {
    // A version that is no longer given out may have been ours: a title that did not ship has no other words.
    let is_ours = origin.is_none_or(|origin| origin == ProtocolOrigin::Shipped);
    if is_ours { ReaderWords::of(&signed_in.language).said(title) } else { title.to_owned() }
}

/// Where a protocol comes from, in a word or two.
const fn origin(origin: ProtocolOrigin) -> &'static str {
    match origin {
        ProtocolOrigin::Shipped => "shipped",
        ProtocolOrigin::Operator => "the operator's file",
        ProtocolOrigin::Clinic => "this clinic",
    }
}

fn signature(sign_off: &ProtocolSignOff, signed_in: &SignedIn) -> Value {
    let at = TimeFormat::from(signed_in).moment(sign_off.at);
    context! { by => sign_off.by.clone(), role => sign_off.role.word(), at }
}

fn draft_line(draft: &ProtocolDraft, times: &TimeFormat, language: &str) -> Value {
    context! {
        id => draft.id.0,
        name => draft.text.protocol.clone(),
        from => draft.begun_from.clone(),
        changed => times.ago(draft.changed_at),
        by => ReaderWords::of(language).person(&draft.changed_by),
    }
}

/// What it means that one person is enough, before a lead asks for it.
pub(in crate::web::console) async fn look(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, |signed_in| {
        page::render(signed_in, "protocol-check", context! { act => "signatories" })
    })
    .await
}

/// Chooses whether a second person signs.
pub(in crate::web::console) async fn choose(SignedPost { signed_in, fields }: SignedPost) -> Response {
    let who = match fields.get("who") {
        "one-person" => Signatories::OnePerson,
        _ => Signatories::SecondPerson,
    };
    let command = ProtocolCommand::Signatories(who);
    let done = protocols::change(signed_in.clinic(), signed_in.stamp(), command).await;
    let asked = || signed_in.clinic().store.read(one_person_asked_by);
    match done.and_then(|()| asked()) {
        Ok(Some(_)) => page::saved(&signed_in, "/protocols", Notice::SignatoriesAsked),
        Ok(None) => page::saved(&signed_in, "/protocols", Notice::SignatoriesChosen),
        Err(fault) => page::failed(&signed_in, &fault),
    }
}
