//! Who on the ladder is away, and who is told in her place. A rung is named by what the clinic calls it.

use jiff::civil::Date;

/// Somebody on the ladder is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// The rung: its id, or else its name.
    pub rung: String,
    /// The first day away.
    pub from: Date,
    /// The last day away.
    pub until: Date,
    /// The rung that is told in its place; `None` leaves a gap.
    pub deputy: Option<String>,
}

/// Where a rung stands on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The rung itself is told.
    Here,
    /// The rung of that index is told in its place.
    Deputy(usize),
    /// It is away, and nobody is told in its place.
    Gap,
}

impl Absence {
    /// Whether it covers that day.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && day <= self.until
    }
}

/// Where each rung stands on that day. A deputy who is away herself hands on to hers; where that leads to nobody it is a gap.
#[must_use]
pub fn presence(rungs: &[&str], absences: &[Absence], day: Date) -> Vec<Presence> {
    let away = |rung: &str| absences.iter().find(|one| one.rung == rung && one.covers(day));
    let place = |rung: &str| rungs.iter().position(|one| *one == rung);
    let of = |rung: &&str| {
        let Some(mut absence) = away(rung) else { return Presence::Here };
        // A circle of deputies ends after as many steps as there are rungs.
        for _ in rungs {
            let Some(index) = absence.deputy.as_deref().and_then(place) else { return Presence::Gap };
            match away(rungs[index]) {
                None => return Presence::Deputy(index),
                Some(next) => absence = next,
            }
        }
        Presence::Gap
    };
    rungs.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn absence(rung: &str, deputy: Option<&str>) -> Absence {
        let (from, until) = (date(2026, 12, 20), date(2027, 1, 2));
        Absence { rung: rung.to_owned(), from, until, deputy: deputy.map(str::to_owned) }
    }

    const RUNGS: [&str; 3] = ["nurses", "oncall", "head"];

    #[test]
    fn the_first_and_the_last_day_away_count_and_no_other() {
        let away = [absence("nurses", Some("head"))];
        for (day, wanted) in [
            (date(2026, 12, 19), Presence::Here),
            (date(2026, 12, 20), Presence::Deputy(2)),
            (date(2027, 1, 2), Presence::Deputy(2)),
            (date(2027, 1, 3), Presence::Here),
        ] {
            assert_eq!(presence(&RUNGS, &away, day)[0], wanted, "{day}");
        }
    }

    #[test]
    fn a_deputy_who_is_away_hands_on_and_nobody_is_a_gap() {
        let day = date(2026, 12, 24);
        let on = |away: &[Absence]| presence(&RUNGS, away, day);
        let chain = [absence("nurses", Some("oncall")), absence("oncall", Some("head"))];
        assert_eq!(on(&chain), [Presence::Deputy(2), Presence::Deputy(2), Presence::Here]);
        let circle = [absence("nurses", Some("oncall")), absence("oncall", Some("nurses"))];
        assert_eq!(on(&circle), [Presence::Gap, Presence::Gap, Presence::Here]);
        assert_eq!(on(&[absence("head", None)])[2], Presence::Gap);
        assert_eq!(on(&[absence("head", Some("who left"))])[2], Presence::Gap);
    }
}
