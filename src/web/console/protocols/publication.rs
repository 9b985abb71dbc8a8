//! One publication: what was asked for, whom it moves and how, who signs it, and how far the moving has come.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use minijinja::{Value, context};

use crate::care::actor::Actor;
use crate::care::permission::Act;
use crate::care::publication::state::PublicationState;
use crate::journey::commands::protocols::{self, ProtocolCommand};
use crate::journey::errors::step::StepError;
use crate::journey::protocols::effect::effect_of;
use crate::journey::protocols::sign_off::{Signatories, signatories};
use crate::store::db::transaction::View;
use crate::store::plan::publications::{MoveProgress, Publication, PublicationId};
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::protocols::series::owed;
use crate::web::console::protocols::words::when;
use crate::web::console::protocols::words::{SHOWN, effect_line};
use crate::web::locale::reader::ReaderWords;

/// The page of a publication.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| {
        let id = PublicationId(id);
        let words = signed_in.clinic().store.read(|view| words(view, signed_in, id));
        match words
            .and_then(|words| Ok::<_, StepError>(context! { movers => movers(signed_in, id)?, ..words }))
        {
            Ok(words) => page::render(signed_in, "publication", words),
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

fn words(view: &View<'_>, signed_in: &SignedIn, id: PublicationId) -> Result<Value, StepError> {
    let publication = view.publication(id)?;
    let clinic = signed_in.clinic();
    let protocol = clinic.protocol_cache.parse(&publication.protocol, &publication.content);
    let is_own = publication.asked_by == Actor::Staff(signed_in.who.name.clone()).word();
    let second = signatories(view)? == Signatories::SecondPerson;
    let (is_asked, role) = (publication.state == PublicationState::Asked, signed_in.who.role);
    let may_end = role.may(Act::EditProtocol) || role.may(Act::SignProtocol);
    let (kept, language) = (view.moves_kept(id)?, &signed_in.language);
    Ok(context! {
        title => protocol.as_ref().map(|protocol| protocol.title.clone()).unwrap_or_default(),
        source => protocol.as_ref().map(|protocol| protocol.source.clone()).unwrap_or_default(),
        series => protocol.iter().flat_map(|protocol| &protocol.series).map(|one| owed(one, language)).collect::<Vec<_>>(),
        may_sign => is_asked && role.may(Act::SignProtocol) && !(is_own && second),
        waits_for_other => is_asked && is_own && second,
        may_withdraw => may_end && matches!(publication.state, PublicationState::Asked | PublicationState::Planned),
        version => publication.version.map(|version| version.0),
        kept => kept.into_iter().map(|(code, reason)| context! { code, reason }).collect::<Vec<_>>(),
        ..line(view, &publication, signed_in)?
    })
}

/// Who moves, and what becomes of her letters; `None` once there is nothing to sign any more.
fn movers(signed_in: &SignedIn, id: PublicationId) -> Result<Option<Value>, StepError> {
    let clinic = signed_in.clinic();
    let publication = clinic.store.read(|view| view.publication(id))?;
    let protocol = clinic.protocol_cache.parse(&publication.protocol, &publication.content);
    let is_ahead = matches!(publication.state, PublicationState::Asked | PublicationState::Planned);
    let Some(protocol) = protocol.filter(|_| is_ahead).map(Arc::new) else { return Ok(None) };
    let all = effect_of(id, &protocol, signed_in.now, clinic)?;
    Ok(Some(context! {
        patients => all.patients.iter().take(SHOWN).map(effect_line).collect::<Vec<_>>(),
        more => all.patients.len().saturating_sub(SHOWN),
        unread => all.unread,
    }))
}

/// A publication in a line.
pub(in crate::web::console) fn line(
    view: &View<'_>,
    publication: &Publication,
    signed_in: &SignedIn,
) -> Result<Value, StepError> {
    let times = TimeFormat::from(signed_in);
    let MoveProgress { all, moved, kept } = view.move_progress(publication.id)?;
    let signed = publication.signed.as_ref();
    Ok(context! {
        id => publication.id.0,
        draft => publication.draft.0,
        name => publication.protocol.clone(),
        stands => stands(publication),
        is_over => matches!(publication.state, PublicationState::Done | PublicationState::Withdrawn),
        is_moving => publication.state == PublicationState::Moving,
        asked => context! { at => times.moment(publication.asked_at), by => ReaderWords::of(&signed_in.language).person(&publication.asked_by) },
        signed => signed.map(|one| context! { at => times.moment(one.at), by => one.by.clone(), role => one.role.word() }),
        when => when(publication.publish_on),
        reason => publication.ended_reason.clone(),
        all, moved, kept_count => kept,
    })
}

fn stands(publication: &Publication) -> String {
    match (publication.state, publication.publish_on) {
        (PublicationState::Asked, _) => "waits for a signature".to_owned(),
        (PublicationState::Planned, Some(on)) => format!("signed; in force on {}", day(on)),
        (PublicationState::Planned, None) => "signed; in force within a minute".to_owned(),
        (PublicationState::Moving, _) => "in force; patients are being moved".to_owned(),
        (PublicationState::Done, _) => "in force".to_owned(),
        (PublicationState::Withdrawn, _) => "taken back".to_owned(),
    }
}

/// A doctor or lead signs it.
pub(in crate::web::console) async fn sign(
    Path(id): Path<i64>,
    SignedPost { signed_in, .. }: SignedPost,
) -> Response {
    let command = ProtocolCommand::SignPublication(PublicationId(id));
    let done = protocols::change(signed_in.clinic(), signed_in.stamp(), command).await;
    answer(&signed_in, id, done, Notice::PublicationSigned)
}

/// Somebody takes it back, or declines it.
pub(in crate::web::console) async fn withdraw(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let command = ProtocolCommand::Withdraw(PublicationId(id), fields.note("reason"));
    let done = protocols::change(signed_in.clinic(), signed_in.stamp(), command).await;
    answer(&signed_in, id, done, Notice::PublicationWithdrawn)
}

fn answer(signed_in: &SignedIn, id: i64, done: Result<(), StepError>, notice: Notice) -> Response {
    match done {
        Ok(()) => page::saved(signed_in, &format!("/protocols/publications/{id}"), notice),
        Err(fault) => page::failed(signed_in, &fault),
    }
}
