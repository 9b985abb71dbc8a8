//! Proves that whoever signed the triage rules signed the very version in force; what was not signed is told.

use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::daemon::preflight::{Unsigned, unsigned};

/// `serve` and `drain` refuse the same.
pub(super) fn signature(ground: &CheckContext) -> Vec<CheckFinding> {
    let found = ground.config.as_ref().and_then(|config| unsigned(config, &ground.sources));
    let fault =
        |found: Unsigned| ground.fault_at("checklists.sign_off.version", &found.to_string(), Unsigned::HINT);
    found.map(fault).into_iter().collect()
}
