//! Proves that whoever signed the triage rules signed the very version in force; what was not signed is told.

use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::daemon::assembly::preflight::{Unsigned, unsigned};

/// `serve` and `drain` refuse the same.
pub(super) fn signature(context: &CheckContext) -> Vec<CheckFinding> {
    let found = context.config.as_ref().and_then(|config| unsigned(config, &context.sources));
    let fault =
        |found: Unsigned| context.fault_at("checklists.sign_off.version", &found.to_string(), Unsigned::HINT);
    found.map(fault).into_iter().collect()
}
