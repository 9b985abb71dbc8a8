//! `[checklists]`: what becomes of answers (docs/flow.md).

use crate::care::triage::judge::Reads;
use crate::care::triage::judging::JudgingMode;
use crate::care::triage::sign_off::SignOff;
use crate::config::file::reader::Section;
use crate::config::file::values::{near_date, one_of, words};

/// Who judges answers, and who answers for that.
#[derive(Debug, Clone)]
pub struct Checklists {
    /// Whether staff read answers, or signed-off rules judge them.
    pub mode: JudgingMode,
    /// Which answers the clinic reads in `education`.
    pub read: Reads,
    /// Who answers for the rules; always there in triage, and kept without use in education.
    pub sign_off: Option<SignOff>,
}

impl Checklists {
    /// Reads the section; left out, staff read every answer (`education`).
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Self {
        let modes = JudgingMode::ALL.map(|mode| (mode.word(), mode));
        let mode = s.or("mode", JudgingMode::Education, |v| one_of(v, &modes));
        let reads = [("everything", Reads::Everything), ("new-or-worse", Reads::NewOrWorse)];
        let read = s.or("read", Reads::Everything, |v| one_of(v, &reads));
        let section = s.section("sign_off");
        let sign_off = if section.is_there() { sign_off(&section) } else { None };
        if mode == JudgingMode::Triage && !section.is_there() {
            let hint = "add `[checklists.sign_off]` with name, role, date and version, or use `education`";
            s.fault("mode", "is `triage`, but nobody has signed the rules off", hint);
        }
        s.close();
        Self { mode, read, sign_off }
    }
}

fn sign_off(s: &Section<'_, '_>) -> Option<SignOff> {
    let name = s.need("name", words(120));
    let role = s.need("role", words(120));
    let date = s.need("date", near_date);
    let version = s.need("version", words(64));
    s.close();
    Some(SignOff { name: name?, role: role?, date: date?, version: version? })
}
