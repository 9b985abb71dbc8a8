//! The ladder in time, and under every edit a clinic may make.

use jiff::civil::{Time, Weekday};
use proptest::prelude::*;

use super::*;

fn who(number: usize) -> Identity {
    Identity { id: None, name: format!("rung {number}"), address: format!("rung{number}@clinic.example") }
}

fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

/// Whoever has no name yet is called by her place.
fn ladder(mut rungs: Vec<Rung>) -> Ladder {
    for (place, rung) in rungs.iter_mut().enumerate() {
        if rung.who == Identity::default() {
            rung.who = who(place);
        }
    }
    Ladder {
        rungs,
        repeat_every: minutes(15),
        patient_letter: PatientLetter::On,
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        holidays: BTreeSet::new(),
    }
}

fn fresh(tier: Tier, raised_at: Timestamp) -> EscalationProgress {
    EscalationProgress {
        state: AlertState::Raised,
        tier,
        raised_at,
        told: Vec::new(),
        climbed_at: None,
        everyone_at: None,
        patient_at: None,
        last_at: None,
        unreachable: BTreeSet::new(),
    }
}

fn raised(tier: Tier, at: &str) -> EscalationProgress {
    fresh(tier, at.parse().unwrap())
}

fn office() -> Hours {
    let weekdays =
        vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
    Hours { shift: Some((Time::constant(8, 0, 0, 0), Time::constant(17, 0, 0, 0))), weekdays: Some(weekdays) }
}

/// What rings, in minutes after the raise, if every notice leaves on time.
fn story(ladder: &Ladder, mut alert: EscalationProgress, count: usize) -> Vec<(u64, EscalationReason)> {
    let mut now = alert.raised_at;
    let mut out = Vec::new();
    for _ in 0..count {
        let notice = ladder.next(&alert, now).unwrap();
        now = now.max(notice.at);
        out.push((u64::try_from(now.duration_since(alert.raised_at).as_mins()).unwrap(), notice.why));
        alert = alert.after(&notice, ladder, now);
    }
    out
}

#[test]
fn an_emergency_repeats_climbs_and_ends_with_everyone() {
    let ladder = ladder(vec![
        Rung::default(),
        Rung { after: minutes(30), ..Rung::default() },
        Rung { after: minutes(45), ..Rung::default() },
    ]);
    assert_eq!(
        story(&ladder, raised(Tier::Emergency, "2026-05-06T10:00:00Z"), 7),
        [
            (0, EscalationReason::Rung(0)),
            (15, EscalationReason::Again),
            (30, EscalationReason::Rung(1)),
            (45, EscalationReason::Rung(2)),
            (60, EscalationReason::Everyone),
            (75, EscalationReason::Again),
            (90, EscalationReason::Again),
        ]
    );
}

#[test]
fn at_night_the_next_rung_is_told_at_once() {
    let rungs =
        vec![Rung { hours: office(), ..Rung::default() }, Rung { after: minutes(30), ..Rung::default() }];
    let night = raised(Tier::Emergency, "2026-05-06T01:00:00Z");
    assert_eq!(
        story(&ladder(rungs), night, 3),
        [(0, EscalationReason::Rung(0)), (0, EscalationReason::Rung(1)), (15, EscalationReason::Everyone)]
    );
}

#[test]
fn a_soon_alert_waits_for_monday_morning() {
    let rungs = vec![Rung { hours: office(), ..Rung::default() }];
    let saturday = raised(Tier::Soon, "2026-05-09T10:00:00Z");
    let notice = ladder(rungs).next(&saturday, saturday.raised_at).unwrap();
    assert_eq!(notice.at, "2026-05-11T06:00:00Z".parse().unwrap());
}

#[test]
fn the_patient_is_written_to_once_and_only_when_everyone_was_told() {
    let ladder = ladder(vec![Rung::default()]);
    let mut alert = raised(Tier::Urgent, "2026-05-06T10:00:00Z");
    let mut letters = 0;
    for _ in 0..9 {
        let notice = ladder.next(&alert, alert.last_at.unwrap_or(alert.raised_at)).unwrap();
        letters += usize::from(notice.patient_letter == PatientLetter::On);
        assert_eq!(notice.patient_letter == PatientLetter::On, notice.why == EscalationReason::Everyone);
        alert = alert.after(&notice, &ladder, notice.at);
    }
    assert_eq!(letters, 1);
}

#[test]
fn off_duty_everyone_and_her_letter_come_after_a_wait_and_not_with_the_last_rung() {
    let rungs =
        vec![Rung { hours: office(), ..Rung::default() }, Rung { hours: office(), ..Rung::default() }];
    for (tier, wait) in [(Tier::Emergency, 15), (Tier::Urgent, 240)] {
        let saturday = raised(tier, "2026-05-09T10:00:00Z");
        let rings = story(&ladder(rungs.clone()), saturday, 3);
        assert_eq!(
            rings,
            [
                (0, EscalationReason::Rung(0)),
                (0, EscalationReason::Rung(1)),
                (wait, EscalationReason::Everyone)
            ],
            "{tier:?}"
        );
    }
    let hasty = Ladder { repeat_every: minutes(1), ..ladder(rungs) };
    assert_eq!(hasty.patience(Tier::Emergency), minutes(10));
    assert_eq!(hasty.patience(Tier::Urgent), minutes(60));
}

#[test]
fn a_rung_that_is_not_reached_passes_it_on_at_once() {
    let rungs = vec![
        Rung::default(),
        Rung { after: minutes(20), ..Rung::default() },
        Rung { after: minutes(50), ..Rung::default() },
    ];
    let ladder = ladder(rungs);
    for tier in [Tier::Emergency, Tier::Soon] {
        let mut alert = raised(tier, "2026-05-06T10:00:00Z");
        let first = ladder.next(&alert, alert.raised_at).unwrap();
        alert = alert.clone().after(&first, &ladder, alert.raised_at);
        alert.unreachable.insert(who(0).address);
        let second = ladder.next(&alert, alert.raised_at).unwrap();
        assert_eq!((second.at, second.why), (alert.raised_at, EscalationReason::Rung(1)), "{tier:?}");
        // The second is alive: the third has its time. Then it dies as well.
        alert = alert.clone().after(&second, &ladder, alert.raised_at);
        let third = ladder.next(&alert, alert.raised_at).unwrap();
        assert!(third.at > alert.raised_at, "{tier:?}");
        alert.unreachable.insert(who(1).address);
        let third = ladder.next(&alert, alert.raised_at).unwrap();
        assert_eq!((third.at, third.why), (alert.raised_at, EscalationReason::Rung(2)), "{tier:?}");
    }
}

#[test]
fn a_rung_that_comes_later_is_told_and_she_is_not_written_to_again() {
    let mut ladder = ladder(vec![Rung::default()]);
    let mut alert = raised(Tier::Urgent, "2026-05-06T10:00:00Z");
    for _ in 0..3 {
        let notice = ladder.next(&alert, alert.last_at.unwrap_or(alert.raised_at)).unwrap();
        alert = alert.after(&notice, &ladder, notice.at);
    }
    assert!(alert.patient_at.is_some());
    ladder.rungs.insert(0, Rung { who: who(7), ..Rung::default() });
    let notice = ladder.next(&alert, alert.last_at.unwrap()).unwrap();
    assert_eq!((notice.why, notice.patient_letter), (EscalationReason::Rung(0), PatientLetter::Off));
    alert = alert.clone().after(&notice, &ladder, alert.last_at.unwrap());
    let then = ladder.next(&alert, alert.last_at.unwrap()).unwrap();
    assert_eq!(
        (then.why, then.whom, then.patient_letter),
        (EscalationReason::Again, vec![0, 1], PatientLetter::Off)
    );
}

#[test]
fn a_shift_over_midnight_is_on_duty_on_both_sides_of_it() {
    let night = Hours {
        shift: Some((Time::constant(22, 0, 0, 0), Time::constant(6, 0, 0, 0))),
        weekdays: Some(vec![Weekday::Friday]),
    };
    let rung = Rung { hours: night, ..Rung::default() };
    let ladder = ladder(vec![rung.clone()]);
    let on = |at: &str| ladder.is_on_duty(&rung, at.parse().unwrap());
    assert!(on("2026-05-08T21:00:00Z"));
    assert!(on("2026-05-09T03:00:00Z"));
    assert!(!on("2026-05-09T05:00:00Z"));
    assert!(!on("2026-05-08T03:00:00Z"));
    assert!(!on("2026-05-09T21:00:00Z"));
}

fn rungs() -> impl Strategy<Value = Vec<Rung>> {
    let hours = prop_oneof![
        Just(Hours::default()),
        Just(office()),
        (0i8..24, 0i8..24, 0usize..7).prop_map(|(from, until, day)| Hours {
            shift: Some((Time::constant(from, 0, 0, 0), Time::constant(until, 0, 0, 0))),
            weekdays: Some(Weekday::Sunday.cycle_forward().skip(day).take(1).collect()),
        })
    ];
    let rung = (0u64..1_000_000, hours).prop_map(|(after, hours)| Rung {
        after: minutes(after),
        hours,
        ..Rung::default()
    });
    prop::collection::vec(rung, 0..5)
}

/// What a clinic does to its ladder while an alert is open.
#[derive(Debug, Clone)]
enum Edit {
    Nothing,
    Rename(usize),
    Readdress(usize),
    Remove(usize),
    Add(usize),
    Swap(usize, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        3 => Just(Edit::Nothing),
        1 => any::<usize>().prop_map(Edit::Rename),
        1 => any::<usize>().prop_map(Edit::Readdress),
        1 => any::<usize>().prop_map(Edit::Remove),
        2 => any::<usize>().prop_map(Edit::Add),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Edit::Swap(a, b)),
    ]
}

/// One edit; `people` are those behind the rungs, whatever these are called.
fn change(ladder: &mut Ladder, people: &mut Vec<usize>, edit: &Edit, next: &mut usize) {
    *next += 1;
    let count = ladder.rungs.len();
    let place = |n: usize| n % count.max(1);
    match *edit {
        Edit::Rename(n) if count > 0 => ladder.rungs[place(n)].who.name = format!("renamed {next}"),
        Edit::Readdress(n) if count > 0 => {
            ladder.rungs[place(n)].who.address = format!("moved{next}@clinic.example")
        }
        Edit::Remove(n) if count > 0 => {
            ladder.rungs.remove(place(n));
            people.remove(place(n));
        }
        Edit::Add(n) => {
            let at = n % (count + 1);
            ladder.rungs.insert(at, Rung { who: who(*next), after: minutes(30), ..Rung::default() });
            people.insert(at, *next);
        }
        Edit::Swap(a, b) if count > 0 => {
            ladder.rungs.swap(place(a), place(b));
            people.swap(place(a), place(b));
        }
        _ => {}
    }
}

proptest! {
    /// Late notices, downtime, a clock that is set back by up to a day, mailboxes that die and live again, and a ladder
    /// that is edited between any two rings.
    #[test]
    fn no_rung_is_skipped_or_doubled_and_it_never_falls_silent(
        rungs in rungs(),
        tier in prop::sample::select(vec![Tier::Emergency, Tier::Urgent, Tier::Soon]),
        start in 1_700_000_000i64..1_900_000_000,
        turns in prop::collection::vec((-90_000i64..900_000, edit(), 0u8..4), 24),
    ) {
        let mut ladder = ladder(rungs);
        let mut people: Vec<usize> = (0..ladder.rungs.len()).collect();
        let begin = Timestamp::from_second(start).unwrap();
        let mut alert = fresh(tier, begin);
        let (mut now, mut newcomers, mut told, mut everyone, mut patient) = (begin, 100, BTreeSet::new(), 0, 0);
        for (delay, edit, dead) in turns {
            change(&mut ladder, &mut people, &edit, &mut newcomers);
            let is_dead = |rung: &&Rung| dead == 1 && rung.who.address.len().is_multiple_of(2);
            alert.unreachable = ladder.rungs.iter().filter(is_dead).map(|r| r.who.address.clone()).collect();
            let notice = ladder.next(&alert, now).unwrap();
            prop_assert!(notice.at <= now + ladder.longest_wait(tier));
            match notice.why {
                EscalationReason::Rung(index) => prop_assert!(told.insert(people[index]), "told twice in turn"),
                EscalationReason::Everyone => {
                    prop_assert!(people.iter().all(|person| told.contains(person)), "somebody was skipped");
                    everyone += 1;
                }
                EscalationReason::Again => {
                    let due = alert.last_at.unwrap().min(now) + ladder.pace(tier).unwrap().repeat;
                    prop_assert!(notice.at >= due, "told again too soon");
                    prop_assert!(notice.whom.iter().all(|index| told.contains(&people[*index])));
                }
            }
            patient += u8::from(notice.patient_letter == PatientLetter::On);
            prop_assert!(notice.patient_letter == PatientLetter::Off || everyone == 1);
            now = notice.at.max(now) + jiff::SignedDuration::from_secs(delay);
            alert = alert.after(&notice, &ladder, now);
        }
        prop_assert!(everyone <= 1 && patient <= 1);
    }

    #[test]
    fn an_acknowledged_alert_never_rings_again(rungs in rungs(), told in 0usize..9, wait in 0u64..10_000_000) {
        for state in [AlertState::Acknowledged, AlertState::Closed] {
            let told = (0..told).map(who).collect();
            let alert = EscalationProgress { state, told, ..raised(Tier::Emergency, "2026-05-06T10:00:00Z") };
            prop_assert_eq!(ladder(rungs.clone()).next(&alert, alert.raised_at + minutes(wait)), None);
        }
    }
}
