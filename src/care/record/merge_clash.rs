//! Whether two records may become one: what only a person can settle first, said so that she knows how.

use jiff::civil::Date;

use crate::care::patient::PatientStatus;

/// One of the two records, as far as the decision needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeSide {
    /// Her case code in this record.
    pub code: String,
    /// Her day of birth, by this record.
    pub birth_on: Date,
    /// Where she stands in follow-up, by this record.
    pub status: PatientStatus,
    /// Whether a plan of this record goes on.
    pub has_plan: bool,
    /// Her open alerts, by number.
    pub open_alerts: Vec<i64>,
    /// What else is under way with it.
    pub pending: Vec<PendingFact>,
}

/// What is under way with a record and must end first, or keeps it from being merged at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingFact {
    /// It is the daily test's.
    Canary,
    /// A letter to her is leaving at this moment.
    LetterLeaving,
}

/// Why two records cannot become one as they stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeClash {
    /// One record cannot be two.
    #[error("both case codes lead to the same record")]
    Same,
    /// The code that was typed leads to another record by now: nobody looked at that one.
    #[error("{0} ended in {1} already")]
    LeadsOn(String, String),
    /// One of the two belongs to the daily test and to no patient.
    #[error("{0} is the daily test's record")]
    Canary(String),
    /// Nobody is born twice: they are two women, or one date is a slip.
    #[error("{0} and {1} were born on different days, so they may be two women")]
    BirthDates(String, String),
    /// The dead are neither written to nor given other people's letters.
    #[error("{0} is recorded as deceased")]
    Deceased(String),
    /// A letter is between the program and the mail server.
    #[error("a letter to {0} is leaving at this moment")]
    LetterLeaving(String),
    /// The record that stays would send letters to somebody who gets none.
    #[error("no letters may leave to {0}, and they would under the record that stays")]
    WouldWrite(String),
    /// Her only plan would end, and nobody would be asked.
    #[error("{0} is on a plan, and the record that stays is on none")]
    PlanEnds(String),
    /// Two alerts about one woman, each with its own clock and owner.
    #[error("both records have an open alert: {0} and {1}")]
    BothAlerts(i64, i64),
}

impl MergeClash {
    /// What to do first, for a person.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Same => "name two records",
            Self::LeadsOn(..) => "name that record, and look at it first",
            Self::BirthDates(..) => {
                "if one birth date is wrong, correct it first; if both are right, leave both records as they are"
            }
            Self::Canary(_) => "name a patient's record",
            Self::Deceased(_) => {
                "if she is one woman, record her death on the other record too, and leave both as they are; if the death \
                 is a mistake, two people undo it first"
            }
            Self::LetterLeaving(_) => "try again in a minute",
            Self::WouldWrite(_) => {
                "ask her what is right; then set the same status on the record that stays, or change it on the other"
            }
            Self::PlanEnds(_) => {
                "let that record stay instead, or give the one that stays a protocol first, on its page"
            }
            Self::BothAlerts(..) => "close one of them with what it was; the other goes on",
        }
    }
}

/// Everything that must be settled before `other` may end in `kept`; empty when it may.
#[must_use]
pub fn clashes(kept: &MergeSide, other: &MergeSide) -> Vec<MergeClash> {
    if kept.code == other.code {
        return vec![MergeClash::Same];
    }
    let mut found = Vec::new();
    for side in [kept, other] {
        found.extend(side.pending.iter().map(|fact| pending(*fact, &side.code)));
        if side.status == PatientStatus::Deceased {
            found.push(MergeClash::Deceased(side.code.clone()));
        }
    }
    if kept.birth_on != other.birth_on {
        found.push(MergeClash::BirthDates(kept.code.clone(), other.code.clone()));
    }
    // A bad address is the address's, and that of the record that ends is not taken over.
    let is_stopped = !other.status.may_receive()
        && !matches!(other.status, PatientStatus::AddressBad | PatientStatus::Deceased);
    // A pause ends by itself, and a new address ends a bad one: then letters leave again.
    let may_write_again =
        kept.status.may_receive() || matches!(kept.status, PatientStatus::Paused | PatientStatus::AddressBad);
    if is_stopped && may_write_again {
        found.push(MergeClash::WouldWrite(other.code.clone()));
    }
    if other.has_plan && !kept.has_plan {
        found.push(MergeClash::PlanEnds(other.code.clone()));
    }
    if let (Some(one), Some(two)) = (kept.open_alerts.first(), other.open_alerts.first()) {
        found.push(MergeClash::BothAlerts(*one, *two));
    }
    found
}

fn pending(fact: PendingFact, code: &str) -> MergeClash {
    let code = code.to_owned();
    match fact {
        PendingFact::Canary => MergeClash::Canary(code),
        PendingFact::LetterLeaving => MergeClash::LetterLeaving(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(code: &str, status: PatientStatus) -> MergeSide {
        let (open_alerts, pending) = (Vec::new(), Vec::new());
        let birth_on = Date::constant(1967, 2, 17);
        MergeSide { code: code.to_owned(), birth_on, status, has_plan: false, open_alerts, pending }
    }

    #[test]
    fn nobody_is_written_to_who_was_not_before() {
        let kept = |status| side("A-1", status);
        for status in PatientStatus::ALL {
            let other = side("A-2", status);
            let found = clashes(&kept(PatientStatus::Active), &other);
            match status {
                PatientStatus::Active | PatientStatus::AddressBad => assert_eq!(found, [], "{status:?}"),
                PatientStatus::Deceased => assert_eq!(found, [MergeClash::Deceased("A-2".to_owned())]),
                _ => assert_eq!(found, [MergeClash::WouldWrite("A-2".to_owned())], "{status:?}"),
            }
        }
        // A pause ends by itself, a bad address with the next good one.
        for kept in [PatientStatus::Paused, PatientStatus::AddressBad] {
            for status in [PatientStatus::OptedOutEmail, PatientStatus::Palliative, PatientStatus::Paused] {
                let found = clashes(&side("A-1", kept), &side("A-2", status));
                assert_eq!(found, [MergeClash::WouldWrite("A-2".to_owned())], "{kept:?} {status:?}");
            }
        }
        // Where the one that stays gets none either, nothing is resurrected.
        assert_eq!(clashes(&kept(PatientStatus::OptedOutEmail), &side("A-2", PatientStatus::Palliative)), []);
        assert_eq!(clashes(&kept(PatientStatus::Paused), &side("A-2", PatientStatus::Active)), []);
        let dead = clashes(&kept(PatientStatus::Deceased), &side("A-2", PatientStatus::Active));
        assert_eq!(dead, [MergeClash::Deceased("A-1".to_owned())]);
    }

    #[test]
    fn who_was_born_on_another_day_is_another_woman_until_one_date_is_corrected() {
        let mary = side("D-013", PatientStatus::Active);
        let gloria =
            MergeSide { birth_on: Date::constant(1979, 1, 5), ..side("D-033", PatientStatus::Active) };
        let clash = MergeClash::BirthDates("D-013".to_owned(), "D-033".to_owned());
        assert_eq!(clashes(&mary, &gloria), [clash]);
        assert_eq!(clashes(&mary, &MergeSide { birth_on: mary.birth_on, ..gloria }), []);
    }

    #[test]
    fn the_only_plan_does_not_end_unseen() {
        let with = |code: &str, has_plan: bool| MergeSide { has_plan, ..side(code, PatientStatus::Active) };
        let found = clashes(&with("A-1", false), &with("A-2", true));
        assert_eq!(found, [MergeClash::PlanEnds("A-2".to_owned())]);
        for (kept, other) in [(true, true), (true, false), (false, false)] {
            assert_eq!(clashes(&with("A-1", kept), &with("A-2", other)), [], "{kept} {other}");
        }
    }

    #[test]
    fn two_open_alerts_and_whatever_is_under_way_are_settled_first() {
        let with = |code: &str, alerts: &[i64]| MergeSide {
            open_alerts: alerts.to_vec(),
            ..side(code, PatientStatus::Active)
        };
        assert_eq!(clashes(&with("A-1", &[]), &with("A-2", &[7])), []);
        assert_eq!(clashes(&with("A-1", &[3]), &with("A-2", &[7])), [MergeClash::BothAlerts(3, 7)]);
        let leaving =
            MergeSide { pending: vec![PendingFact::LetterLeaving], ..side("A-2", PatientStatus::Active) };
        assert_eq!(clashes(&with("A-1", &[]), &leaving), [MergeClash::LetterLeaving("A-2".to_owned())]);
        assert_eq!(clashes(&leaving, &leaving), [MergeClash::Same]);
    }
}
