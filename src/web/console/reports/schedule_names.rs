//! What schedules are called on the pages of reports.

use minijinja::{Value, context};

use crate::journey::errors::step::StepError;
use crate::journey::protocols::in_force::in_force;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::protocols::list::title_for;

/// A schedule that somebody is on, or that is in force.
struct NamedSchedule {
    protocol: String,
    title: Option<String>,
    is_used: bool,
}

/// The titles of the clinic's schedules.
pub(in crate::web::console) struct ScheduleNames(Vec<NamedSchedule>);

/// The titles of those in use or in force, in the reader's language where they ship.
///
/// # Errors
/// [`StepError`] when the store fails.
pub(in crate::web::console) fn read(signed_in: &SignedIn) -> Result<ScheduleNames, StepError> {
    signed_in.clinic().store.read(|view| {
        let known = in_force(view, signed_in.clinic()).unwrap_or_default();
        let used = view.protocols_in_use()?;
        let is_used = |name: &str| used.iter().any(|one| one == name);
        let titled = known.values().map(|one| NamedSchedule {
            protocol: one.protocol.id.clone(),
            title: Some(title_for(signed_in, &one.protocol.title, Some(one.origin))),
            is_used: is_used(&one.protocol.id),
        });
        let mut all: Vec<NamedSchedule> = titled.collect();
        for one in used {
            if !all.iter().any(|known| known.protocol == one) {
                all.push(NamedSchedule { protocol: one, title: None, is_used: true });
            }
        }
        all.sort_by(|a, b| (&a.title, &a.protocol).cmp(&(&b.title, &b.protocol)));
        Ok(ScheduleNames(all))
    })
}

impl ScheduleNames {
    /// What a schedule is called; its own name where it has no title any more.
    pub(in crate::web::console) fn title<'a>(&'a self, protocol: &'a str) -> &'a str {
        let known = self.0.iter().find(|one| one.protocol == protocol);
        known.and_then(|one| one.title.as_deref()).unwrap_or(protocol)
    }

    /// Those that a form offers: somebody is on them.
    pub(in crate::web::console) fn options(&self) -> Vec<Value> {
        let used = self.0.iter().filter(|one| one.is_used);
        used.map(|one| context! { id => one.protocol.clone(), title => self.title(&one.protocol) }).collect()
    }
}
