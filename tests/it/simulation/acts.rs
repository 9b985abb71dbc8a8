//! What happens to the clinic: people come and leave, dates are made and broken, servers fail, clocks jump.

use aftercare::care::actor::Actor;
use std::sync::Arc;

use aftercare::care::patient::{PatientStatus, PreferredName, Reference};
use aftercare::care::refusal::classify::DialogueStage;
use aftercare::care::task::TaskKind;
use aftercare::journey::errors::booking::BookingError;
use aftercare::journey::errors::step::StepError;
use aftercare::journey::operations::{close_task, unreadable_rows};
use aftercare::journey::outbox::retry;
use aftercare::journey::patients::proxy::ProxyChange;
use aftercare::journey::patients::status::change;
use aftercare::journey::plan::book;
use aftercare::journey::plan::booking_request::{BookingRequest, Tell};
use aftercare::journey::status_change::StatusChange;
use aftercare::store::database::Store;
use aftercare::store::db::transaction::Stamp;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::Life;
use super::model::Model;
use crate::courier::Reply;
use crate::doubles::Seeded;
use crate::people::{Person, address, proxy, slot};

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
const WEATHER: [Reply; 10] = [
    Reply::Accept,
    Reply::Accept,
    Reply::Accept,
    Reply::Later,
    Reply::NoLine,
    Reply::Busy,
    Reply::Refuse,
    Reply::LostAfter,
    Reply::LostBefore,
    Reply::LineGone,
];

/// What a server says that refuses everybody for a while.
const REFUSALS: [(DialogueStage, &str); 6] = [
    (DialogueStage::Recipient, "550 5.1.90 You have reached your daily limit for message recipients"),
    (DialogueStage::Recipient, "554 5.7.1 Relay access denied"),
    (DialogueStage::Sender, "530 5.7.57 Client not authenticated to send mail."),
    (DialogueStage::SignIn, "535 5.7.8 Username and Password not accepted"),
    (DialogueStage::Connection, "554 5.7.1 Blocked using a list"),
    (DialogueStage::Body, "550 5.1.8 Access denied, bad outbound sender"),
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
        let acting = dice.one_in(8).then(|| self.some_term());
        if let Some(until) = acting {
            person = person.acted_for(until);
        }
        self.clinic.enrol(&person);
        let mut state = self.model.state();
        if let Some(until) = acting {
            state.acting.insert(reference.clone(), until);
        }
        state.zones.insert(reference.clone(), person.newcomer.zone.clone());
        state.status.insert(reference, (PatientStatus::Active, None));
    }

    /// A few things happen between two chapters.
    pub(super) fn act(&mut self) {
        for _ in 0..=self.dice.below(4) {
            match self.dice.below(25) {
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
                15 => self.send_again(),
                14 => self.jump(),
                20 => self.spoil_a_row(),
                21 => self.blink(),
                22 => self.suspend(),
                23 => self.slip(),
                24 => self.act_for(),
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

    fn some_slot(&self) -> aftercare::journey::plan::booking_request::AppointmentSlot {
        let minutes = self.dice.up_to(80 * 1440) - 1440;
        let when = self.clinic.now().saturating_add(minutes.minutes()).unwrap();
        slot(&when.in_tz(crate::clinic::ZONE).unwrap().strftime("%FT%H:%M").to_string())
    }

    fn book(&self) {
        let who = self.somebody();
        self.touch(&who);
        let step = *self.dice.pick(&[book::book, book::book, book::move_to]);
        let (slot, anyway) = (self.some_slot(), self.dice.one_in(3));
        expected(self.clinic.wish(
            &who,
            BookingRequest { series: None, slot, tell: Tell::Patient, anyway },
            step,
        ));
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
        let is_active = self.model.state().status[&who].0 == PatientStatus::Active;
        let leaving = [PatientStatus::Paused, PatientStatus::Paused, *self.dice.pick(&PatientStatus::ALL)];
        let to = if is_active { *self.dice.pick(&leaving) } else { PatientStatus::Active };
        let today = self.clinic.now().in_tz(crate::clinic::ZONE).unwrap().date();
        let until = self.dice.one_in(2).then(|| today.saturating_add(40.days()));
        if self.clinic.pause_or(&who, to, until).is_ok() {
            let until = until.filter(|_| to == PatientStatus::Paused);
            self.model.state().status.insert(who, (to, until));
        }
    }

    /// How long somebody is to act for a patient.
    fn some_term(&self) -> Option<Date> {
        let today = self.clinic.now().in_tz(crate::clinic::ZONE).unwrap().date();
        self.dice.one_in(2).then(|| today.saturating_add((2 + self.dice.up_to(120)).days()))
    }

    /// Somebody begins to act for a patient, or ends it.
    fn act_for(&self) {
        let who = self.somebody();
        self.touch(&who);
        let until = self.some_term();
        let end = ProxyChange::End("she reads them herself".to_owned());
        if self.dice.one_in(3) && self.clinic.acts_for(&who, end).is_ok() {
            self.model.state().acting.remove(&who);
        } else if self.clinic.acts_for(&who, ProxyChange::Record(Box::new(proxy(&who, until)))).is_ok() {
            self.model.state().acting.insert(who, until);
        }
    }

    /// Somebody's status is set in error and taken back within minutes.
    fn slip(&mut self) {
        let who = self.somebody();
        if self.model.state().status[&who].0 != PatientStatus::Active {
            return;
        }
        self.touch(&who);
        let to = *self.dice.pick(&PatientStatus::ALL);
        if self.clinic.pause_or(&who, to, None).is_err() {
            return;
        }
        self.model.state().status.insert(who.clone(), (to, None));
        self.turn();
        if self.clinic.take_back(&who).is_ok() {
            self.model.state().status.insert(who, (PatientStatus::Active, None));
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
        let is_away = self.dice.one_in(4);
        courier.away(is_away);
        courier.turns_away(None);
        let (dice, kind) = (Arc::clone(&self.dice), self.dice.below(7));
        let outage = (kind == 4).then(|| self.casualties());
        {
            let mut state = self.model.state();
            state.outage = outage;
            state.fair_since = (kind == 0 && !is_away).then(|| self.clinic.now());
        }
        match kind {
            0 => courier.always(Reply::Accept),
            4 => self.refuse_everybody(),
            5 => courier.always(*self.dice.pick(&[Reply::Refuse, Reply::BadAddress])),
            // A relay that takes letters and answers the final dot too late, most of the time.
            6 => {
                courier.weather(move |_, _| *dice.pick(&[Reply::LostAfter, Reply::LostAfter, Reply::Accept]))
            }
            1 => courier.weather(move |_, _| if dice.one_in(30) { Reply::BadAddress } else { Reply::Accept }),
            2 => {
                courier.always(*self.dice.pick(&[Reply::Later, Reply::Busy, Reply::NoLine, Reply::LostAfter]))
            }
            _ => courier.weather(move |_, _| *dice.pick(&WEATHER)),
        }
    }

    /// Somebody lets go again whatever failed.
    fn send_again(&self) {
        let stamp = Stamp { at: self.clinic.now(), actor: Actor::Operator("nurse".to_owned()) };
        if let Err(StepError::Store(fault)) = retry::retry(&self.clinic.app, stamp, retry::RetryScope::All) {
            panic!("{fault}");
        }
    }

    /// The server refuses us, at some stage, in words that say so.
    fn refuse_everybody(&self) {
        let (place, words) = *self.dice.pick(&REFUSALS);
        match place {
            DialogueStage::Connection | DialogueStage::SignIn => {
                self.clinic.courier.turns_away(Some((place, words)))
            }
            _ => self.clinic.courier.always(Reply::Says(place, words)),
        }
    }

    /// No daemon runs for up to ten days.
    fn fall_asleep(&mut self) {
        let hours = self.dice.up_to(240);
        self.clinic.clock.advance_to(self.clinic.now().saturating_add(hours.hours()).unwrap());
        self.crash();
    }

    /// The machine sleeps with the daemon on it, for up to three days: that is no jump.
    fn suspend(&mut self) {
        let hours = self.dice.up_to(72);
        let is_held = self.clinic.task_kinds().contains(&TaskKind::Hold);
        self.clinic.clock.advance_to(self.clinic.now().saturating_add(hours.hours()).unwrap());
        self.turn();
        assert_eq!(self.clinic.task_kinds().contains(&TaskKind::Hold), is_held, "P15: a sleep is no jump");
    }

    /// The wall clock jumps; the daemon sees it, and nothing irreversible happens until a person has looked.
    fn jump(&mut self) {
        self.close_tasks();
        self.turn();
        let minutes = *self.dice.pick(&[-180_i64, -30, 90, 600, 3 * 1440, 400 * 1440]);
        self.clinic.clock.set_wall(self.clinic.now().saturating_add(minutes.minutes()).unwrap());
        self.nothing_irreversible();
        if minutes > 600 {
            // Nobody believes a clock that is days ahead: it is set right.
            let passes = self.dice.below(20);
            for _ in 0..passes {
                let until = self.clinic.now().saturating_add(self.dice.up_to(1440).minutes()).unwrap();
                self.clinic.clock.advance_to(until);
                self.nothing_irreversible();
            }
            self.clinic.clock.set_wall(self.clinic.now().saturating_sub(minutes.minutes()).unwrap());
            self.turn();
            assert!(!self.clinic.task_kinds().contains(&TaskKind::Hold), "P15: a doubt ends by itself");
        }
    }

    /// The wall clock is years ahead for a moment, and somebody may act in it.
    fn blink(&mut self) {
        self.close_tasks();
        self.turn();
        let right = self.clinic.now();
        self.clinic.clock.set_wall(right.saturating_add((400 * 24).hours()).unwrap());
        self.nothing_irreversible();
        self.clinic.clock.set_wall(right.saturating_add(1.minutes()).unwrap());
        self.turn();
        assert!(!self.clinic.task_kinds().contains(&TaskKind::Hold), "P15: a doubt ends by itself");
    }

    /// At the end somebody looks at the clock and at what is held.
    pub(super) fn settle(&mut self) {
        self.close_tasks();
        self.model.disarm();
        self.turn();
    }

    /// The daemon takes a turn; it may die in it.
    fn turn(&mut self) {
        self.live(self.clinic.now().saturating_add(1.minutes()).unwrap());
    }

    /// P15: under a clock in doubt every promise, follow-up and pause stays as it is, and no letter to a patient leaves.
    fn nothing_irreversible(&mut self) {
        let stands = |life: &Self| {
            let sql = rusqlite::Connection::open(life.clinic.app.store.path()).unwrap();
            let count = |of: &str| {
                let ask = format!(
                    "SELECT group_concat(state || n, ' ') FROM (SELECT {of} AS state, count(*) AS n GROUP BY 1)"
                );
                let ask = ask.replace(" GROUP", &format!(" FROM {} GROUP", of.split('.').next().unwrap()));
                sql.query_row(&ask, [], |r| r.get::<_, Option<String>>(0)).unwrap()
            };
            ["reminder.state", "follow_up.state", "delivery.state", "patient.status"].map(count)
        };
        let before = stands(self);
        self.turn();
        assert!(self.clinic.task_kinds().contains(&TaskKind::Hold), "P15: nobody is asked about the clock");
        assert_eq!(stands(self), before, "P15");
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
            self.clinic.run(async |c| unreadable_rows::look_at_all(&c.app, now).await).unwrap();
            let open =
                self.clinic.tasks().into_iter().filter(|t| t.kind == TaskKind::RecordUnreadable).count();
            assert_eq!(open, asked, "{who} {birth_on}");
        }
    }

    fn close_tasks(&self) {
        let odds = 1 + self.dice.below(3);
        for task in self.clinic.tasks() {
            // What keeps somebody in sight is closed only when she is in sight again; what stands for a condition comes back.
            let comes_back = task.kind.stands_while().is_some();
            let keeps_her = task.patient.is_some() && task.kind != TaskKind::LetterLapsed && !comes_back;
            if task.kind == TaskKind::Hold || (!keeps_her && self.dice.one_in(odds)) {
                // A date that nobody kept is no matter of a tick.
                match self.clinic.change(move |tx| close_task::close(tx, task.id, "done")) {
                    Err(StepError::Booking(BookingError::Unkept(_))) => {}
                    closed => drop(closed.unwrap()),
                }
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
    let stamp = Stamp { at: now, actor: Actor::Operator("nurse".to_owned()) };
    let reference = Reference::parse(&who).unwrap();
    let to = *dice.pick(&[
        PatientStatus::Deceased,
        PatientStatus::OptedOutEmail,
        PatientStatus::Palliative,
        PatientStatus::Paused,
    ]);
    let job = move |tx: &mut aftercare::store::db::transaction::Tx<'_>| {
        let patient = tx.patient_by_reference(&reference)?;
        let news = StatusChange { to, reason: "told".to_owned(), until: None, confirmed_by: None };
        change(tx, &patient, &news)
    };
    if store.write::<_, StepError>(stamp, job).await.is_ok() {
        let mut state = model.state();
        state.touched.insert(who.clone());
        state.status.insert(who, (to, None));
    }
}
