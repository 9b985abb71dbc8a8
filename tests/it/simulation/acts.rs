//! What happens to the clinic: people come and leave, dates are made and broken, servers fail, clocks jump.

use std::sync::Arc;

use aftercare::care::patient::{PreferredName, Reference, Status};
use aftercare::care::task::Kind;
use aftercare::journey::book::{Tell, Wish};
use aftercare::journey::status::{Change, change};
use aftercare::journey::{StepError, book, hold, task, unreadable};
use aftercare::store::{Stamp, Store};
use jiff::{Timestamp, ToSpan};

use super::Life;
use super::model::Model;
use crate::courier::Reply;
use crate::people::{Person, address, slot};
use crate::world::Seeded;

const ZONES: [&str; 11] = [
    "Europe/Madrid",
    "Europe/Madrid",
    "Europe/London",
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
];

const PLANS: [&str; 7] = ["high", "low", "spine", "full", "held", "rebase", "short"];

/// Every way a letter can fare that leaves the process alive.
const WEATHER: [Reply; 9] = [
    Reply::Accept,
    Reply::Accept,
    Reply::Accept,
    Reply::Later,
    Reply::NoLine,
    Reply::Busy,
    Reply::Refuse,
    Reply::LostAfter,
    Reply::LostBefore,
];

impl Life {
    pub(super) fn admit(&mut self, number: usize) {
        let (dice, now) = (Arc::clone(&self.dice), self.clinic.now());
        let reference = format!("A-{number}");
        let mut person = Person::new(&reference).zone(ZONES[dice.below(ZONES.len())]);
        person.newcomer.name = PreferredName::parse(&format!("Name of {reference}")).unwrap();
        // Every fifth shares the mailbox of the one before.
        if number % 5 >= 3 {
            person = person.sharing(&address(&format!("home-{}", number / 5)));
        }
        let back = dice.up_to(400);
        let anchor = now.in_tz(crate::clinic::ZONE).unwrap().date().saturating_sub((back - 30).days());
        let plan = *dice.pick(&PLANS);
        person.courses.push((plan.to_owned(), anchor));
        if plan != "spine" && plan != "full" && dice.one_in(3) {
            person.courses.push(("spine".to_owned(), anchor));
        }
        if dice.one_in(12) {
            person = person.without_address();
        }
        self.clinic.enrol(&person);
        self.model.state().status.insert(reference, (Status::Active, None));
    }

    /// A few things happen between two chapters.
    pub(super) fn act(&mut self) {
        for _ in 0..=self.dice.below(4) {
            match self.dice.below(20) {
                0..=2 => self.book(),
                3 => self.break_date(),
                4..=6 => self.hold_visit(),
                7..=8 => self.change_status(),
                9 => self.replan(),
                10..=11 => self.change_weather(),
                12 | 19 => self.model.light(1 + u32::try_from(self.dice.below(12)).unwrap()),
                13 if self.dice.one_in(2) => self.fall_asleep(),
                16 => {
                    let number = self.model.state().status.len();
                    self.admit(number);
                }
                17..=18 => self.change_status(),
                14 => self.jump(),
                15 => self.spoil_a_row(),
                _ => self.close_tasks(),
            }
        }
    }

    fn somebody(&self) -> String {
        let known: Vec<String> = self.model.state().status.keys().cloned().collect();
        self.dice.pick(&known).clone()
    }

    fn touch(&self, reference: &str) {
        self.model.state().touched.insert(reference.to_owned());
    }

    fn some_slot(&self) -> aftercare::journey::enrol::Slot {
        let minutes = self.dice.up_to(80 * 1440) - 1440;
        let when = self.clinic.now().saturating_add(minutes.minutes()).unwrap();
        slot(&when.in_tz(crate::clinic::ZONE).unwrap().strftime("%FT%H:%M").to_string())
    }

    fn book(&self) {
        let who = self.somebody();
        self.touch(&who);
        let step = *self.dice.pick(&[book::book, book::book, book::move_to]);
        let (slot, anyway) = (self.some_slot(), self.dice.one_in(3));
        expected(self.clinic.wish(&who, Wish { series: None, slot, tell: Tell::Patient, anyway }, step));
    }

    fn break_date(&self) {
        let who = self.somebody();
        self.touch(&who);
        expected(self.clinic.call_off(&who));
    }

    fn hold_visit(&self) {
        let who = self.somebody();
        self.touch(&who);
        let back = self.dice.up_to(10);
        let on = self.clinic.now().in_tz(crate::clinic::ZONE).unwrap().date().saturating_sub(back.days());
        let series = *self.dice.pick(&[None, Some("spine-check"), Some("mri")]);
        expected(self.clinic.done(&who, series, on));
    }

    fn change_status(&self) {
        let who = self.somebody();
        self.touch(&who);
        let is_active = self.model.state().status[&who].0 == Status::Active;
        let leaving = [Status::Paused, Status::Paused, *self.dice.pick(&Status::ALL)];
        let to = if is_active { *self.dice.pick(&leaving) } else { Status::Active };
        let today = self.clinic.now().in_tz(crate::clinic::ZONE).unwrap().date();
        let until = self.dice.one_in(2).then(|| today.saturating_add(40.days()));
        if self.clinic.pause_or(&who, to, until).is_ok() {
            let until = until.filter(|_| to == Status::Paused);
            self.model.state().status.insert(who, (to, until));
        }
    }

    fn replan(&self) {
        let who = self.somebody();
        self.touch(&who);
        let back = self.dice.up_to(300);
        let anchor = self.clinic.now().in_tz(crate::clinic::ZONE).unwrap().date().saturating_sub(back.days());
        expected(self.clinic.replan(&who, PLANS[self.dice.below(PLANS.len())], anchor));
    }

    fn change_weather(&self) {
        let courier = &self.clinic.courier;
        courier.away(self.dice.one_in(4));
        let dice = Arc::clone(&self.dice);
        match self.dice.below(4) {
            0 => courier.always(Reply::Accept),
            1 => courier.weather(move |_, _| if dice.one_in(30) { Reply::BadAddress } else { Reply::Accept }),
            2 => {
                courier.always(*self.dice.pick(&[Reply::Later, Reply::Busy, Reply::NoLine, Reply::LostAfter]))
            }
            _ => courier.weather(move |_, _| *dice.pick(&WEATHER)),
        }
    }

    /// No daemon runs for up to ten days.
    fn fall_asleep(&mut self) {
        let hours = self.dice.up_to(240);
        self.clinic.clock.advance_to(self.clinic.now().saturating_add(hours.hours()).unwrap());
        self.crash();
    }

    /// The wall clock jumps; the daemon's loop sees it and holds letters until a person has looked.
    fn jump(&mut self) {
        self.close_tasks();
        let minutes = *self.dice.pick(&[-180_i64, -30, 90, 600]);
        let now = self.clinic.now().saturating_add(minutes.minutes()).unwrap();
        self.clinic.clock.set_wall(now);
        self.clinic.run(async |c| hold::hold(&c.app, now, "the clock jumped".to_owned()).await).unwrap();
    }

    /// For some minutes a record of hers cannot be read: everybody else is served, a person is asked until it is mended.
    fn spoil_a_row(&mut self) {
        let who = self.somebody();
        self.touch(&who);
        let set = |life: &Self, birth_on: &str| {
            let sql = rusqlite::Connection::open(life.clinic.app.store.path()).unwrap();
            sql.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
            sql.execute("UPDATE patient SET birth_on = ? WHERE reference = ?", [birth_on, &who]).unwrap();
        };
        for (birth_on, asked) in [("rubbish", 1), ("1970-05-17", 0)] {
            set(self, birth_on);
            self.live(self.clinic.now().saturating_add(7.minutes()).unwrap());
            let now = self.clinic.now();
            self.clinic.run(async |c| unreadable::look_at_all(&c.app, now).await).unwrap();
            let open = self.clinic.tasks().into_iter().filter(|t| t.kind == Kind::RecordUnreadable).count();
            assert_eq!(open, asked, "{who} {birth_on}");
        }
    }

    fn close_tasks(&self) {
        let odds = 1 + self.dice.below(3);
        for task in self.clinic.tasks() {
            // What keeps somebody in sight is closed only when she is in sight again.
            let keeps_her = task.patient.is_some() && task.kind != Kind::LetterLapsed;
            if task.kind == Kind::Hold || (!keeps_her && self.dice.one_in(odds)) {
                self.clinic.change(move |tx| task::close(tx, task.id, "done")).unwrap();
            }
        }
    }
}

/// Staff ask for what cannot be; only an unexpected answer is a fault.
fn expected(result: Result<(), StepError>) {
    if let Err(StepError::Store(fault)) = result {
        panic!("{fault}");
    }
}

/// Somebody dies while a letter is in hand.
pub(super) async fn die(model: &Model, dice: &Seeded, store: &Store, now: Timestamp) {
    let known: Vec<String> = model.state().status.keys().cloned().collect();
    let who = dice.pick(&known).clone();
    let stamp = Stamp { at: now, actor: "staff:nurse".to_owned() };
    let reference = Reference::parse(&who).unwrap();
    let to = *dice.pick(&[Status::Deceased, Status::OptedOutEmail, Status::Palliative, Status::Paused]);
    let job = move |tx: &mut aftercare::store::Tx<'_>| {
        let patient = tx.patient_by_reference(&reference)?;
        let news = Change { to, reason: "told".to_owned(), until: None, confirmed_by: None };
        change(tx, &patient, &news)
    };
    if store.write::<_, StepError>(stamp, job).await.is_ok() {
        let mut state = model.state();
        state.touched.insert(who.clone());
        state.status.insert(who, (to, None));
    }
}
