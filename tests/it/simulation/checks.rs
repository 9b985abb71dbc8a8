//! The promises, asked after every chapter.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aftercare::care::delivery::{Arrival, DeliveryState, MOST_DOUBTS};
use aftercare::care::patient::{Patient, PatientStatus, Reference};
use aftercare::care::plan::protocol::{FollowUpKind, Series, Trigger};
use aftercare::care::plan::reminder;
use aftercare::care::plan::reminder_times::{Basis, timed_steps};
use aftercare::care::refusal::similarity::likeness;
use aftercare::care::task::TaskKind;
use aftercare::care::time::calendar::{LocalHours, instant};
use aftercare::journey::errors::step::StepError;
use aftercare::journey::operations::guards::volume;
use aftercare::journey::operations::standing_tasks;
use aftercare::store::audit;
use aftercare::store::db::transaction::View;
use aftercare::store::error::StoreError;
use aftercare::store::mail::delivery::Delivery;
use aftercare::store::plan::follow_ups::FollowUp;
use aftercare::store::plan::reminders::Reminder;
use aftercare::store::work::worklist::LedgerLine;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Life;
use super::model::reader;
use crate::clinic::day;
use crate::courier::Accepted;

const NEWS: [&str; 3] = ["booked", "changed", "cancelled"];

fn is_news(letter: &Accepted) -> bool {
    letter.steps().iter().all(|s| NEWS.contains(&s.rsplit(':').next().unwrap()))
}

impl Life {
    pub(super) fn check(&mut self) {
        assert_eq!(self.clinic.findings(), [], "P1, P7, P8");
        self.check_balance();
        self.check_outage();
        self.check_conditions();
        let wrong = self.model.state().wrong.clone();
        assert!(wrong.is_empty(), "P2: {wrong:?}");
        let ledger: HashMap<String, LedgerLine> = self
            .clinic
            .ledger()
            .into_iter()
            .filter_map(|l| Some((l.delivery.message_id.clone()?, l)))
            .collect();
        for letter in self.clinic.courier.collect() {
            self.check_letter(&letter, &ledger[&letter.message_id]);
        }
        self.check_counts(ledger.values());
    }

    /// Letters that failed, and who has a dead address although nobody of the staff said so.
    pub(super) fn casualties(&self) -> (BTreeSet<i64>, BTreeSet<String>) {
        let failed = self.clinic.ledger().into_iter().filter(|l| l.delivery.state == DeliveryState::Failed);
        let story: Vec<String> = {
            let state = self.model.state();
            let active = state.status.iter().filter(|(_, (status, _))| *status != PatientStatus::AddressBad);
            active.map(|(who, _)| who.clone()).collect()
        };
        let is_dead = |who: &String| {
            let patient = self.patient(who);
            patient.status == PatientStatus::AddressBad || patient.proxy.is_some_and(|proxy| proxy.is_refused)
        };
        let dead = story.into_iter().filter(is_dead);
        (failed.map(|l| l.delivery.id.0).collect(), dead.collect())
    }

    /// P14: what is about us costs no letter and no address, is told in one task, and is over when it is over.
    fn check_outage(&self) {
        let (outage, fair_since) = {
            let state = self.model.state();
            (state.outage.clone(), state.fair_since)
        };
        if let Some((failed, dead)) = outage {
            let now = self.casualties();
            assert!(now.0.is_subset(&failed), "P14: {:?} failed while the server refused us", now.0);
            assert!(now.1.is_subset(&dead), "P14: {:?} were thought dead while the server refused us", now.1);
        }
        let tasks = self.clinic.tasks().iter().filter(|t| t.kind == TaskKind::MailRefused).count();
        let Some(refusal) = self.clinic.app.store.read(|v| v.mail_refusal()).unwrap() else {
            self.model.state().refused_with = None;
            return assert_eq!(tasks, 0, "P14: nothing is wrong, yet a task says so");
        };
        // What failed before the server said the same to everybody was not about us as far as anyone knew.
        let known =
            self.model.state().refused_with.take().filter(|(words, _)| *words == refusal.words.likeness);
        let known = known.unwrap_or_else(|| (refusal.words.likeness.clone(), self.clinic.now()));
        let known_since = known.1;
        self.model.state().refused_with = Some(known);
        assert!(tasks <= 1, "P14: one task");
        for LedgerLine { delivery, .. } in self.clinic.ledger() {
            let since = delivery.ended_at.is_some_and(|at| at > known_since);
            if delivery.state == DeliveryState::Failed && since {
                let alike =
                    likeness(delivery.reply_code.unwrap_or(0), delivery.reply_text.as_deref().unwrap_or(""));
                assert_ne!(alike, refusal.words.likeness, "P14: {delivery:?} failed by what is about us");
            }
        }
        let now = self.clinic.now();
        let held = |v: &View<'_>| Ok::<_, StoreError>(v.is_held()? || volume::held(v)?.is_some());
        let is_held = self.clinic.app.store.read(held).unwrap();
        if !is_held && fair_since.is_some_and(|since| now.duration_since(since).as_hours() > 4 * 24) {
            let waits = |l: &LedgerLine| {
                l.delivery.next_at.is_some_and(|at| now.duration_since(at).as_hours() > 3 * 24)
            };
            let waiting: Vec<_> = self.clinic.ledger().into_iter().filter(waits).collect();
            assert!(waiting.is_empty(), "P14: the server takes letters, yet {waiting:?} waits");
        }
    }

    /// P16: what lasts is asked about, and nothing else is, whatever was ticked off.
    fn check_conditions(&mut self) {
        // What happened while the last letters left is seen by the next look.
        let now = self.clinic.now();
        self.clinic.run(async |c| standing_tasks::look(&c.app, now).await).unwrap();
        let store = &self.clinic.app.store;
        let (unasked, outlived) =
            store.read(|v| Ok::<_, StepError>((v.conditions_unasked()?, v.tasks_outlived()?))).unwrap();
        assert!(unasked.is_empty() && outlived.is_empty(), "P16: {unasked:?} {outlived:?}");
        let open: BTreeSet<_> = self.clinic.tasks().into_iter().map(|t| (t.kind, t.cause)).collect();
        for (who, _) in self.model.state().status.iter() {
            let patient = self.patient(who);
            let cause = format!("patient/{}/address_bad", patient.id.0);
            let is_bad = patient.status == PatientStatus::AddressBad;
            assert_eq!(open.contains(&(TaskKind::AddressBad, cause)), is_bad, "P16: {who}");
        }
    }

    /// P1: every row in one state, and the sum is the ledger.
    fn check_balance(&self) {
        let balance = self.clinic.app.store.read(|v| v.balance()).unwrap();
        let sum: i64 = balance.iter().map(|(_, n)| n).sum();
        assert_eq!(usize::try_from(sum).unwrap(), self.clinic.ledger().len(), "P1");
        assert!(
            balance.iter().all(|(s, n)| s != "claimed" || *n == 0),
            "P1: nobody holds a letter between passes"
        );
    }

    fn check_letter(&self, letter: &Accepted, line: &LedgerLine) {
        let who = reader(letter);
        assert_eq!(line.reference.as_deref(), Some(who.as_str()), "P2: the letter names its own reader");
        let patient = self.patient(&who);
        let zone = TimeZone::get(&patient.zone).unwrap();
        self.check_hour(letter, &zone);
        let tag = letter.envelope.split(['+', '@']).nth(1).unwrap();
        assert_eq!(
            self.clinic.app.key.read_return_tag(tag),
            Some(line.delivery.id),
            "a bounce finds its letter"
        );
        assert!(letter.at < line.delivery.expires_at, "P9: {letter:?}");
        assert!(!letter.subject.contains("Name") && !letter.subject.contains('@'), "P10");
        let mut state = self.model.state();
        *state.seen.entry(letter.message_id.clone()).or_default() += 1;
        let steps = letter.steps().into_iter().map(|s| s.rsplit(':').next().unwrap().to_owned());
        state.said.entry(letter.message_id.clone()).or_default().extend(steps);
        if !is_news(letter) {
            let on = zone.to_datetime(letter.at).date().to_string();
            let first = state.days.entry((who, on)).or_insert_with(|| letter.message_id.clone());
            assert_eq!(*first, letter.message_id, "P4: one letter of reminders a day: {letter:?}");
        }
    }

    /// P4: in an open hour of an open day of hers. News of a date that is too close to wait may leave at any hour.
    fn check_hour(&self, letter: &Accepted, zone: &TimeZone) {
        let open_at = self.clinic.app.policy.hours.next_open(letter.at, zone);
        if open_at == letter.at {
            return;
        }
        assert!(is_news(letter), "P4: {letter:?} left in quiet hours");
        let (on, at) = (letter.fact("on").unwrap(), letter.fact("at").unwrap());
        let visit = instant(day(on), at.parse().unwrap(), &TimeZone::get(crate::clinic::ZONE).unwrap());
        assert!(visit <= open_at, "P4: {letter:?} could have waited for the morning");
    }

    /// P3, P17: accepted once, but for letters that were marked in doubt first, and those twice at most; what counts as sent
    /// was accepted.
    fn check_counts<'a>(&self, ledger: impl Iterator<Item = &'a LedgerLine>) {
        let state = self.model.state();
        for LedgerLine { delivery, steps, .. } in ledger {
            let times = state.seen.get(delivery.message_id.as_ref().unwrap()).copied().unwrap_or(0);
            assert!(times <= delivery.doubts + 1, "P3: {steps} accepted {times} times, {delivery:?}");
            assert!(
                times <= 2 && delivery.doubts <= MOST_DOUBTS,
                "P17: {steps} left {times} times, {delivery:?}"
            );
            let says = match (times, delivery.state) {
                (0, _) | (1, DeliveryState::Sent) => true,
                (1, _) => delivery.arrival().is_some(),
                _ => delivery.arrival() == Some(Arrival::PerhapsTwice),
            };
            assert!(says, "P17: {steps} arrived {times} times and the ledger does not say so, {delivery:?}");
            let is_over = delivery.state.is_final() && delivery.state != DeliveryState::Unknown;
            match delivery.state {
                DeliveryState::Sent => assert!(times >= 1, "P1: {steps} counts as sent but never arrived"),
                _ if is_over && delivery.doubts == 0 => {
                    assert_eq!(times, 0, "P1: {steps} arrived, {delivery:?}")
                }
                _ => {}
            }
        }
    }

    /// P3: of the letters in hand when the process died, at most one a line had been accepted.
    pub(super) fn check_twins(&mut self) {
        let now = self.clinic.now();
        let arrived = self.clinic.courier.accepted().into_iter().filter(|l| l.at == now);
        let arrived: BTreeSet<String> = arrived.map(|l| l.message_id).collect();
        let in_hand = self.clinic.ledger().into_iter().filter(|l| l.delivery.state == DeliveryState::Claimed);
        let twins = in_hand.filter(|l| l.delivery.message_id.as_ref().is_some_and(|m| arrived.contains(m)));
        assert!(twins.count() <= self.lines, "P3: more twins than lines");
    }

    /// What is asked once, at the end: the audit, and the promises of those whose plan nobody touched.
    pub(super) fn check_history(&mut self) {
        self.clinic.app.store.read(audit::verify).unwrap();
        self.check_events();
        for line in self.clinic.ledger() {
            self.check_promises(&line.delivery);
        }
        let untouched: Vec<String> = {
            let state = self.model.state();
            let active = state.status.iter().filter(|(_, s)| s.0 == PatientStatus::Active).map(|(r, _)| r);
            active.filter(|r| !state.touched.contains(*r)).cloned().collect()
        };
        for who in untouched {
            let patient = self.patient(&who);
            if patient.status == PatientStatus::Active {
                self.check_plan(&patient);
            }
        }
    }

    fn patient(&self, reference: &str) -> Patient {
        self.clinic.app.store.read(|v| v.patient_by_reference(&Reference::parse(reference).unwrap())).unwrap()
    }

    /// P12: each claim and each end of a letter has its event; none holds a name or an address (P10).
    fn check_events(&self) {
        let (mut claims, mut ends) = (BTreeMap::<i64, u32>::new(), BTreeSet::new());
        let visit = |event: audit::AuditEvent| -> Result<(), StepError> {
            let text = format!("{} {} {}", event.actor, event.subject, event.detail);
            assert!(!text.contains("Name of") && !text.contains("@patients"), "P10: {text}");
            if event.action == "delivery.claimed" {
                let detail: serde_json::Value = serde_json::from_str(&event.detail).unwrap();
                for id in detail["deliveries"].as_array().unwrap() {
                    *claims.entry(id.as_i64().unwrap()).or_default() += 1;
                }
            }
            ends.insert((event.subject, event.action));
            Ok(())
        };
        self.clinic.app.store.read(|v| v.each_event(visit)).unwrap();
        for LedgerLine { delivery, .. } in self.clinic.ledger() {
            if delivery.state.is_final() {
                let end =
                    (format!("delivery/{}", delivery.id.0), format!("delivery.{}", delivery.state.word()));
                assert!(ends.contains(&end), "P12: {end:?} has no event");
            }
            assert!(claims.get(&delivery.id.0).copied().unwrap_or(0) <= delivery.attempt, "P12");
        }
        let tasks = self.clinic.tasks();
        assert!(tasks.iter().all(|t| !t.reason.contains("Name of") && !t.reason.contains('@')), "P10");
    }

    /// P4, P9: no promise left before its hour or after its use, and its hour is the clinic's in her zone.
    fn check_promises(&self, letter: &Delivery) {
        let Some(id) = letter.patient else { return };
        let store = &self.clinic.app.store;
        let (patient, promises) = store
            .read(|v| Ok::<_, StepError>((v.patient(id)?, v.reminders_of_delivery(letter.id)?)))
            .unwrap();
        let zone = TimeZone::get(&patient.zone).unwrap();
        let kind = |p: &Reminder| store.read(|v| v.follow_up(p.follow_up)).unwrap().kind;
        let step = |p: &Reminder| p.key.1.split('.').next().unwrap().to_owned();
        let kinds: Vec<_> = promises.iter().map(|p| (kind(p), step(p))).collect();
        for (at, promise) in promises.into_iter().enumerate() {
            if letter.state.is_final() && letter.state != DeliveryState::Unknown {
                assert_ne!(promise.state, reminder::ReminderState::Due, "P1: {promise:?} of {letter:?}");
            }
            let name = promise.key.1.split('.').next().unwrap();
            if !NEWS.contains(&name) {
                let hour = zone.to_datetime(promise.send_at).time();
                assert_eq!(hour, self.clinic.app.policy.hours.at, "P4: {promise:?}");
            }
            let is_over = letter.expires_at.duration_since(self.clinic.now()).as_hours() < -48;
            let hangs =
                letter.state == DeliveryState::Unknown && promise.state == reminder::ReminderState::Due;
            assert!(!(is_over && hangs), "P1: {promise:?} waits for ever");
            if letter.state == DeliveryState::Sent
                && matches!(promise.state, reminder::ReminderState::Sent | reminder::ReminderState::Answered)
            {
                // What two promises ask alike is said once, in the words of one of them.
                let said = &self.model.state().said[letter.message_id.as_ref().unwrap()];
                let is_said = kinds.iter().any(|(kind, step)| *kind == kinds[at].0 && said.contains(step));
                // A later reminder speaks as the first of its series where none of them reached her.
                let opens = promise.key.0 == Trigger::Remind
                    && ["book", "invite"].iter().any(|first| said.contains(*first));
                assert!(is_said || opens, "P1: {promise:?} counts as sent, but the letter said {said:?}");
            }
            if promise.state == reminder::ReminderState::Sent {
                let left_at = letter.ended_at.unwrap();
                assert!(left_at >= promise.send_at, "P4: {promise:?}");
                assert!(letter.doubts > 0 || left_at < promise.expires_at, "P9: {promise:?}");
            }
        }
    }

    /// P1: every step the protocol promised since she was taken in is on record; P8: her grid has no hole.
    fn check_plan(&self, patient: &Patient) {
        let store = &self.clinic.app.store;
        let zone = TimeZone::get(&patient.zone).unwrap();
        for enrolment in store.read(|v| v.enrolments_of(patient.id)).unwrap() {
            let protocol = store.read(|v| self.clinic.app.protocol_cache.get(v, enrolment.version)).unwrap();
            for series in &protocol.series {
                let all = store.read(|v| v.follow_ups_of(patient.id)).unwrap().into_iter();
                let mine: Vec<_> =
                    all.filter(|f| f.enrolment == enrolment.id && f.series == series.id).collect();
                let holes = mine.windows(2).any(|w| w[1].owed.number != w[0].owed.number + 1);
                assert!(!holes, "P8: a hole in {}", series.id);
                mine.iter().for_each(|f| self.check_steps(series, f, &zone));
            }
        }
    }

    /// Steps of a follow-up that were promised are on record. A nudge that follows a late letter of a form comes later than its plan
    /// says, or not at all.
    fn check_steps(&self, series: &Series, f: &FollowUp, zone: &TimeZone) {
        let store = &self.clinic.app.store;
        let basis = Basis { on: f.owed.due_on, closes_on: f.owed.closes_on, appointment_at: None };
        let looked = self.looked_until(f.next_at);
        let asked = |v: &View<'_>| Ok::<_, StoreError>((v.reminder_keys(f.id)?, v.asked_steps(f, looked)?));
        let (keys, asked) = store.read(asked).unwrap();
        let local = LocalHours { hours: &self.clinic.app.policy.hours, zone };
        let mut is_late = false;
        for laid in timed_steps(series, Trigger::Remind, basis, local) {
            let key = (laid.trigger, laid.step.name.clone(), laid.basis_on);
            let is_promised = laid.send_at >= f.promised_from && laid.send_at < looked;
            assert!(!is_promised || is_late || keys.contains(&key), "P1: {key:?} of {f:?} vanished");
            let left =
                asked.iter().find(|one| one.step == laid.step.name).map(|one| zone.to_datetime(one.at));
            is_late |= f.kind == FollowUpKind::Checklist && left.is_none_or(|at| at.date() > laid.send_on);
        }
    }

    fn looked_until(&self, next_at: Option<Timestamp>) -> Timestamp {
        next_at.unwrap_or(Timestamp::MAX).min(self.clinic.now())
    }
}
