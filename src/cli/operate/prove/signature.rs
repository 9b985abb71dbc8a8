//! Proves that whoever signed the triage rules signed the very version in force; what was not signed is told.

use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::daemon::assembly::preflight::{Unsigned, is_operators, unsigned};

/// What to do about a signature of the clinic's own.
const CLINICS: &str =
    "staff read every answer until a doctor signs this version (`aftercare checklist sign`)";

/// `serve` and `drain` refuse the same where it stands in the file; what the clinic signed itself counts no more.
pub(super) fn signature(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = &context.config else { return Vec::new() };
    let found = unsigned(config, &context.sources);
    let finding = |found: Unsigned| match is_operators(config) {
        true => context.fault_at("checklists.sign_off.version", &found.to_string(), Unsigned::HINT),
        false => context.remark_at("checklists.sign_off.version", &found.to_string(), CLINICS),
    };
    found.map(finding).into_iter().collect()
}
