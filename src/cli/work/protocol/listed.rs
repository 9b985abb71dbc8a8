//! `aftercare protocol list`: what is in force, what is being written, what is being published.

use serde_json::{Value, json};

use crate::care::actor::Actor;
use crate::cli::exit::Failure;
use crate::cli::table;
use crate::cli::work::protocol::context::ProtocolContext;
use crate::journey::errors::step::StepError;
use crate::journey::file_protocols::ProtocolsInForce;
use crate::journey::protocols::in_force::in_force;
use crate::journey::protocols::sign_off::{Signatories, signatories};
use crate::store::db::transaction::View;
use crate::store::plan::drafts::ProtocolDraft;
use crate::store::plan::publications::Publication;

/// What `protocol list` shows, as JSON.
struct Listed {
    versions: Vec<Value>,
    drafts: Vec<Value>,
    publications: Vec<Value>,
    who: Signatories,
}

/// Shows protocols in force, drafts and publications.
///
/// # Errors
/// The store's.
pub(super) fn list(on: &ProtocolContext<'_>) -> Result<(), Failure> {
    let found = on.clinic.store.read(|view| read(view, on))?;
    let document = json!({ "protocols": found.versions, "drafts": found.drafts,
        "publications": found.publications, "signatories": found.who.word() });
    on.ctx.show(&document, |out| {
        let header = ["protocol", "version", "from", "signed", "patients"];
        let row =
            |one: &Value| ["protocol", "version", "origin", "signed", "patients"].map(|key| said(&one[key]));
        table::write(out, header, found.versions.iter().map(row), "No protocol is in force.")?;
        if !found.drafts.is_empty() {
            let header = ["draft", "protocol", "from", "revision", "changed by"];
            let row = |one: &Value| {
                ["draft", "protocol", "from", "revision", "changed_by"].map(|key| said(&one[key]))
            };
            table::write(out, header, found.drafts.iter().map(row), "")?;
        }
        if !found.publications.is_empty() {
            let header = ["publication", "protocol", "stands", "from", "moved"];
            let row =
                |one: &Value| ["publication", "protocol", "state", "on", "moved"].map(|key| said(&one[key]));
            table::write(out, header, found.publications.iter().map(row), "")?;
        }
        Ok(())
    })
}

fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

fn read(view: &View<'_>, on: &ProtocolContext<'_>) -> Result<Listed, StepError> {
    let now = in_force(view, &on.clinic)?;
    let drafts = view.drafts_open()?;
    let publications = view.publications()?;
    let publications = publications.iter().map(|one| publication(view, one));
    Ok(Listed {
        versions: versions(view, on, &now)?,
        drafts: drafts.iter().map(draft).collect(),
        publications: publications.collect::<Result<_, StepError>>()?,
        who: signatories(view)?,
    })
}

fn versions(
    view: &View<'_>,
    on: &ProtocolContext<'_>,
    now: &ProtocolsInForce,
) -> Result<Vec<Value>, StepError> {
    let mut lines = Vec::new();
    for version in view.protocol_versions()? {
        let current = now.get(&version.protocol).filter(|one| one.version == version.id);
        if current.is_none() && version.patients == 0 {
            continue;
        }
        let protocol = on.clinic.protocol_cache.get(view, version.id)?;
        let signed = view.sign_offs(version.id)?;
        let by: Vec<Value> = signed
            .iter()
            .map(|one| json!({ "by": one.by, "role": one.role.word(), "at": one.at.to_string() }))
            .collect();
        lines.push(json!({
            "protocol": version.protocol,
            "version": version.version,
            "title": protocol.title,
            "in_force": current.is_some(),
            "origin": current.map(|one| one.origin.word()),
            "signed": protocol.verified || !signed.is_empty(),
            "sign_offs": by,
            "patients": version.patients,
        }));
    }
    Ok(lines)
}

fn draft(one: &ProtocolDraft) -> Value {
    let by = Actor::parse(&one.changed_by).map(|by| by.name().to_owned());
    json!({ "draft": one.id.0, "protocol": one.text.protocol, "from": one.begun_from, "revision": one.revision,
        "changed_at": one.changed_at.to_string(), "changed_by": by })
}

fn publication(view: &View<'_>, one: &Publication) -> Result<Value, StepError> {
    let progress = view.move_progress(one.id)?;
    let signed = one.signed.as_ref().map(|signed| json!({ "by": signed.by, "role": signed.role.word() }));
    Ok(
        json!({ "publication": one.id.0, "protocol": one.protocol, "draft": one.draft.0, "state": one.state.word(),
        "on": one.publish_on.map(|on| on.to_string()), "signed": signed, "patients": progress.all,
        "moved": progress.moved, "kept": progress.kept }),
    )
}
