//! The names of the facts that are sealed with a letter.

use crate::letter::content::FORM;
/// Key under which a letter to staff names its page of the console.
pub const CONSOLE: &str = "link";

/// Key under which a test alert names whom it asks: test, place on the ladder and instant. Its code is made from that.
pub(in crate::journey) const ASKED: &str = "asked";

/// Key under which an item of a checklist names its follow-up.
pub const FOLLOW_UP: &str = FORM;

/// Why a promise was withdrawn, or a follow-up ended, whose form nobody could have read.
pub(in crate::journey) const NO_FORM: &str = "no form could be offered";

/// The letter that says that all planned follow-up is over.
pub(in crate::journey) const CLOSING: &str = "closing";
