//! The protocols of the clinic's files and of those that ship: what each asks for, its text, and whose it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::file::fault::Fault;
use crate::config::protocols::protocol::{self, ProtocolSource};
use crate::config::sources::Sources;
use crate::config::{Config, embedded};
use crate::journey::file_protocols::{FileProtocol, ProtocolOrigin};

/// The protocols of the files, each with its text.
///
/// # Errors
/// All faults of all files.
pub(in crate::daemon::assembly) fn library(
    config: &Config,
    sources: &Sources,
) -> Result<BTreeMap<String, (FileProtocol, String)>, Vec<Fault>> {
    let library = protocol::library(sources, &languages(config))?;
    let with_origin = library.into_iter().map(|(name, ProtocolSource { protocol, text })| {
        let origin = origin(&name, &text, sources);
        (name, (FileProtocol { protocol: Arc::new(protocol), origin }, text))
    });
    Ok(with_origin.collect())
}

/// The languages a title must be given in.
#[must_use]
pub fn languages(config: &Config) -> Vec<&str> {
    config.sending.languages.iter().map(String::as_str).collect()
}

/// Where the protocol of that name comes from. A copy of a shipped one, as `init` writes it, is none of the operator's.
fn origin(name: &str, text: &str, sources: &Sources) -> ProtocolOrigin {
    let path = format!("protocols/{name}.toml");
    match sources.is_own(&path) && embedded::text(&path).as_deref() != Some(text) {
        true => ProtocolOrigin::Operator,
        false => ProtocolOrigin::Shipped,
    }
}
