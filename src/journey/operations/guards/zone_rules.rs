//! New time zone data. What the zones in the program said before is kept as fingerprints; where a new program says otherwise,
//! whatever is planned in such a zone is worked out anew before it falls due, so that the local hour stays, and a person is told what
//! moved. Letters do not wait for that: they would be late for all, to spare a few an hour that is right.

use std::collections::BTreeMap;

use crate::care::task::TaskKind;
use crate::care::time::clock_trust::Trusted;
use crate::care::time::zone;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::digest_of;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::error::StoreError;
use crate::store::plan::zone_rules::ZoneFollowUps;
use crate::store::subject::Singleton;
use crate::store::work::tasks::NewTask;

/// The fact that keeps the release of the zone data that counts.
const RELEASE: &str = "zone-release";
/// The fact that keeps the release before it, until what moved is told.
const BEFORE: &str = "zone-release-before";

/// What a new release of the zone data changes, before it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewZoneRules {
    /// The release that counts.
    pub from: String,
    /// The release inside this program.
    pub to: &'static str,
    /// Zones in which something is planned and whose rules differ, with how many follow-ups that is.
    pub zones: Vec<ZoneFollowUps>,
}

/// What this program's zone data would change in a database that an earlier one has kept; `None` where nothing is new. Changes
/// nothing: for `doctor`.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn ahead(view: &View<'_>) -> Result<Option<NewZoneRules>, StoreError> {
    let Some(from) = view.fact(RELEASE)?.filter(|from| from != zone::version()) else { return Ok(None) };
    let changed = changed(&view.zone_fingerprints()?, &fingerprints());
    let zones = view.planned_in_zones()?.into_iter().filter(|one| changed.contains(&one.zone)).collect();
    Ok(Some(NewZoneRules { from, to: zone::version(), zones }))
}

/// Takes on the zone data inside the program, if it is new: what is planned in a zone whose rules differ is looked at now.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn take_on(clinic: &Deps, now: Trusted) -> Result<(), StepError> {
    if clinic.store.read(|view| view.fact(RELEASE))?.as_deref() == Some(zone::version()) {
        return Ok(());
    }
    clinic.store.write(Stamp::daemon(now.at()), adopt).await
}

fn adopt(tx: &mut Tx<'_>) -> Result<(), StepError> {
    let (before, fresh) = (tx.fact(RELEASE)?, fingerprints());
    if let Some(before) = before {
        let changed = changed(&tx.zone_fingerprints()?, &fresh);
        let follow_ups = tx.plan_anew_in(&changed)?;
        tx.set_fact(BEFORE, &before)?;
        let detail = serde_json::json!({ "from": before, "to": zone::version(), "zones": changed, "looked_at": follow_ups });
        tx.audit(AuditAction::ZonesChanged, Singleton::Clock, &detail)?;
        tracing::warn!(
            from = before,
            to = zone::version(),
            zones = changed.len(),
            follow_ups,
            "new time zone data counts: what is planned keeps its local hour"
        );
    }
    tx.keep_zone_fingerprints(&fresh)?;
    Ok(tx.set_fact(RELEASE, zone::version())?)
}

/// Once everything has been worked out anew: what moved, and a task if anything did.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn report(clinic: &Deps, now: Trusted) -> Result<(), StepError> {
    if clinic.store.read(|view| view.fact(BEFORE))?.is_none() {
        return Ok(());
    }
    clinic.store.write(Stamp::daemon(now.at()), tell).await
}

fn tell(tx: &mut Tx<'_>) -> Result<(), StepError> {
    let before = tx.fact(BEFORE)?.unwrap_or_default();
    let moved = tx.moved_in_zones()?;
    tx.forget_zone_moves()?;
    tx.clear_fact(BEFORE)?;
    if moved.is_empty() {
        return Ok(());
    }
    let all: u32 = moved.iter().map(|one| one.follow_ups).sum();
    let zones: Vec<String> = moved.iter().map(|one| format!("{} ({})", one.zone, one.follow_ups)).collect();
    let (zones, release) = (zones.join(", "), zone::version());
    tracing::warn!(moved = all, zones, "planned instants moved with the new time zone data");
    tx.open_task(&NewTask {
        kind: TaskKind::ZonesChanged,
        cause: format!("zones/{release}"),
        patient: None,
        follow_up: None,
        reason: format!("Time zone data {before} became {release}: {all} follow-ups keep their local hour at another instant: {zones}."),
        due_at: tx.at(),
    })?;
    Ok(())
}

fn fingerprints() -> BTreeMap<String, String> {
    zone::all_rules().map(|(name, rules)| (name.to_owned(), digest_of(rules))).collect()
}

/// The zones known before whose rules differ now.
fn changed(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
    let differs = |zone: &&String| now.get(*zone).is_some_and(|rules| before.get(*zone) != Some(rules));
    before.keys().filter(differs).cloned().collect()
}
