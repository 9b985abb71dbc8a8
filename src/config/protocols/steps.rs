//! The steps of a series: what leaves when, for one trigger.

use std::collections::BTreeSet;

use crate::care::plan::protocol::{At, FollowUpKind, ProtocolStep, Trigger};
use crate::care::time::calendar::Span;
use crate::config::file::reader::Section;
use crate::config::file::values::{days, slug, span};

/// Opened by itself on the due date of whatever is not booked; a protocol must not ask for it a second time.
const BUILT_IN: &str = "staff-task-not-booked";
const TWO_MISSES: &str = "staff-task-after-two-misses";

/// Reads the steps of one trigger; what is wrong has then been reported.
pub(in crate::config) fn read(
    s: &Section<'_, '_>,
    trigger: Trigger,
    kind: Option<FollowUpKind>,
) -> Vec<ProtocolStep> {
    let key = trigger.word();
    fits(s, trigger, kind);
    let (mut steps, mut names) = (Vec::new(), BTreeSet::new());
    let mut latest = i64::MIN;
    for section in s.sections(key) {
        let Some(step) = step(&section, trigger, kind) else { continue };
        if step.name == BUILT_IN {
            section.fault("step", &format!("`{BUILT_IN}` is built in"), "take it out: it comes by itself");
        }
        if !names.insert(step.name.clone()) {
            section.fault("step", &format!("`{}` comes twice", step.name), "give each step its own name");
        }
        if let At::Offset(at) = step.at {
            if days(at) < latest {
                section.fault("at", "comes before the step above it", "write the steps in order of time");
            }
            latest = latest.max(days(at));
        }
        steps.push(step);
    }
    steps
}

fn fits(s: &Section<'_, '_>, trigger: Trigger, kind: Option<FollowUpKind>) {
    let Some(kind) = kind else { return };
    if trigger == Trigger::Remind {
        if !s.has("remind") {
            s.fault("remind", "is missing: nobody would hear of it", "add at least one `remind` step");
        }
    } else if !kind.is_bookable() && s.has(trigger.word()) {
        let problem = format!("has no meaning for a {}", kind.word());
        s.fault(trigger.word(), &problem, "take it out: only visits and tests have appointments");
    }
}

fn step(section: &Section<'_, '_>, trigger: Trigger, kind: Option<FollowUpKind>) -> Option<ProtocolStep> {
    let (name, useful) = (section.need("step", slug), section.may("useful", span));
    let name = name?;
    let at = if name == TWO_MISSES {
        two_misses(section, trigger, kind)
    } else {
        section.need("at", span).map(At::Offset)
    };
    section.close();
    let step = ProtocolStep { name, at: at?, useful };
    if let At::Offset(at) = step.at
        && let Some((problem, hint)) = misplaced(at, trigger, kind)
    {
        section.fault("at", problem, hint);
    }
    if useful.is_some() && step.is_staff_task() {
        section.fault("useful", "has no meaning for a staff task", "take it out: a task never expires");
    } else if useful.is_some_and(|useful| useful.count <= 0) {
        section.fault("useful", "must be longer than nothing", "write e.g. `3d`");
    }
    Some(step)
}

fn two_misses(section: &Section<'_, '_>, trigger: Trigger, kind: Option<FollowUpKind>) -> Option<At> {
    if section.may("at", span).is_some() {
        section.fault("at", "has no meaning here", "take it out: the step comes after the second silence");
    }
    if trigger != Trigger::Remind || kind.is_some_and(|kind| kind != FollowUpKind::Checklist) {
        section.fault("step", "is for the `remind` steps of a checklist", "use `staff-task` with an `at`");
    }
    Some(At::AfterTwoMisses)
}

fn misplaced(at: Span, trigger: Trigger, kind: Option<FollowUpKind>) -> Option<(&'static str, &'static str)> {
    match trigger {
        Trigger::Booked if at.count > 0 => {
            Some(("lies after the appointment", "write it with a minus, e.g. `-7d`, or use `missed`"))
        }
        Trigger::Missed if at.count <= 0 => {
            Some(("does not lie after the missed appointment", "write e.g. `+1d`"))
        }
        Trigger::Remind if at.count < 0 && kind.is_some_and(|kind| !kind.is_bookable()) => {
            Some(("lies before the day it opens", "write `0d` or later: nobody books a date for it"))
        }
        Trigger::Remind | Trigger::Booked | Trigger::Missed => None,
    }
}
