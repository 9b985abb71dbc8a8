//! Which protocol is meant: a name, a version, or a draft.

use crate::care::plan::protocol::Protocol;
use crate::cli::exit::Failure;
use crate::cli::work::protocol::context::ProtocolContext;
use crate::config::checklists::checklist;
use crate::config::protocols::draft::{self, DraftFindings, DraftRules};
use crate::daemon::assembly::wording;
use crate::journey::protocols::in_force::in_force;
use crate::letter::compose::Composer;
use crate::store::plan::protocols::ProtocolVersionId;

/// A protocol that somebody named.
pub(super) struct Named {
    /// The protocol's name, without its version.
    pub(super) name: String,
    /// The text of its file.
    pub(super) content: String,
    /// Its version; `None` for a draft.
    pub(super) version: Option<ProtocolVersionId>,
}

/// What `NAME`, `NAME@VERSION` or `draft:NUMBER` stands for.
///
/// # Errors
/// 65 when there is none.
pub(super) fn named(on: &ProtocolContext<'_>, which: &str) -> Result<Named, Failure> {
    let hint = "see `aftercare protocol list`; write `NAME`, `NAME@VERSION` or `draft:NUMBER`";
    let unknown = || Failure::bad_input(format!("there is no protocol `{which}`")).hint(hint);
    if let Some(number) = which.strip_prefix("draft:") {
        let text = on.draft(number.parse().map_err(|_| unknown())?)?.text;
        return Ok(Named { name: text.protocol, content: text.content, version: None });
    }
    let found = on.clinic.store.read(|view| match which.split_once('@') {
        Some((name, version)) => Ok(view.protocol_version_id(name, version)?),
        None => Ok::<_, Failure>(in_force(view, &on.clinic)?.get(which).map(|one| one.version)),
    })?;
    let version = found.ok_or_else(unknown)?;
    let (name, content) = on.clinic.store.read(|view| view.protocol_content(version))?;
    Ok(Named { name, content, version: Some(version) })
}

/// What is named, read.
///
/// # Errors
/// 65 when this version cannot read it.
pub(super) fn read(on: &ProtocolContext<'_>, which: &str) -> Result<Protocol, Failure> {
    let Named { name, content, .. } = named(on, which)?;
    let protocol = on.clinic.protocol_cache.parse(&name, &content);
    protocol.ok_or_else(|| {
        Failure::bad_input(format!("`{which}` has faults"))
            .hint("`aftercare protocol check DRAFT` names them")
    })
}

/// Looks at the text of a draft as `check` does.
///
/// # Errors
/// 78 when the letters cannot be read.
pub(super) fn examine(on: &ProtocolContext<'_>, text: &str) -> Result<DraftFindings, Failure> {
    let (config, sources) = (on.ctx.config()?, on.ctx.sources()?);
    let words = wording::words(config, &sources).and_then(|words| Composer::new(&words));
    let composer = words.map_err(|found| Failure::bad_configuration(wording::letter_faults(found)))?;
    let checklists = checklist::names(&sources);
    let languages = &config.sending.languages;
    let rules = DraftRules { languages, composer: &composer, checklists: &checklists };
    Ok(draft::examine("draft", text, rules))
}
