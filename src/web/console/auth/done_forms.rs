//! The form whose act each session did last, for some minutes: who sends the same one again, by a second press of its button or by
//! loading a page anew, is told that it is done, not that it failed. Whoever did something else since then is told why not.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::web::console::auth::form_fields::FormFields;

/// Whoever comes back later reads what stands there then.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(10);

/// More forms than a clinic sends in that time.
const MOST: usize = 1_000;

/// One form of one session, with all that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web::console) struct FormMark {
    session: u64,
    form: u64,
}

impl FormMark {
    /// The form that a session sent to that path.
    pub(in crate::web::console::auth) fn of(session: &str, sent_to: &str, fields: &FormFields) -> Self {
        let (mut whose, mut hasher) = (DefaultHasher::new(), DefaultHasher::new());
        session.hash(&mut whose);
        sent_to.hash(&mut hasher);
        fields.starting("").for_each(|field| field.hash(&mut hasher));
        Self { session: whose.finish(), form: hasher.finish() }
    }
}

/// A form whose act was done, and the page that it led to.
struct DoneForm {
    mark: FormMark,
    at: Timestamp,
    page: String,
}

/// The forms whose act was done lately, one of each session.
#[derive(Default)]
pub(in crate::web::console) struct DoneForms(Mutex<VecDeque<DoneForm>>);

impl DoneForms {
    /// Keeps that the form's act is done, and where it led.
    pub(in crate::web::console) fn note(&self, mark: FormMark, page: &str, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|one| one.mark.session != mark.session && is_fresh(one.at, now));
        if known.len() >= MOST {
            known.pop_front();
        }
        known.push_back(DoneForm { mark, at: now, page: page.to_owned() });
    }

    /// The page that this very form led to; `None` where its act was not done lately.
    pub(in crate::web::console) fn page_of(&self, mark: FormMark, now: Timestamp) -> Option<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let done = known.iter().find(|one| one.mark == mark && is_fresh(one.at, now));
        done.map(|one| one.page.clone())
    }
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    (SignedDuration::ZERO..=KEPT_FOR).contains(&now.duration_since(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_form_of_the_same_session_is_known_for_some_minutes() {
        let form = |session: &str, reason: &str| {
            let fields = FormFields::new(vec![("reason".to_owned(), reason.to_owned())]);
            FormMark::of(session, "/a", &fields)
        };
        let (done, now) = (DoneForms::default(), Timestamp::from_second(1_000).unwrap());
        done.note(form("s", "too early"), "/b", now);
        let page =
            |form: FormMark, later: i64| done.page_of(form, Timestamp::from_second(1_000 + later).unwrap());
        assert_eq!(page(form("s", "too early"), 600), Some("/b".to_owned()));
        for (form, later) in
            [(form("s", "too early"), 601), (form("t", "too early"), 0), (form("s", "late"), 0)]
        {
            assert_eq!(page(form, later), None);
        }
        done.note(form("s", "late"), "/c", now);
        assert_eq!(page(form("s", "too early"), 0), None, "something else was done since then");
    }
}
