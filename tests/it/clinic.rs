//! The fixture: a clinic in Madrid with a real database, a simulated clock and a courier that keeps the post.

use aftercare::care::actor::Actor;
use aftercare::journey::deps::Deps;
use aftercare::journey::errors::booking::BookingError;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aftercare::care::address::EmailAddress;
use aftercare::care::patient::{Patient, PatientStatus, Reference};
use aftercare::care::plan::protocol::Protocol;
use aftercare::care::task::TaskKind;
use aftercare::care::time::clock_trust::{ClockEvidence, Trusted, judge};
use aftercare::clock::ManualClock;
use aftercare::daemon::pass::{Passed, pass};
use aftercare::daemon::rehearsal::{SimulatedClinic, live};
use aftercare::journey;
use aftercare::journey::alert_policy::{AnswerPolicy, Proof};
use aftercare::journey::delivery::failure::recover_leases::LostLeases;
use aftercare::journey::delivery::post::Post;
use aftercare::journey::delivery::rate_limit::RateLimit;
use aftercare::journey::deps::{LetterWords, WordingInForce};
use aftercare::journey::errors::step::StepError;
use aftercare::journey::link_key::LinkKey;
use aftercare::journey::operations::clock_watch::ClockWatch;
use aftercare::journey::patients::amend::{AddressChange, Amendment, Correction, amend};
use aftercare::journey::patients::proxy::ProxyChange;
use aftercare::journey::patients::status;
use aftercare::journey::plan::book;
use aftercare::journey::plan::booking_request::{
    AppointmentSlot, BookingRequest, CancellationRequest, CompletedVisit, Tell,
};
use aftercare::journey::plan::enrol::{Admission, Course, admit};
use aftercare::journey::plan::replan::{self, Difference};
use aftercare::journey::plan::replan_preview::PlanChange;
use aftercare::journey::protocol_cache::ProtocolCache;
use aftercare::journey::sending_policy::Policy;
use aftercare::journey::status_change::StatusChange;
use aftercare::ports::Clock;
use aftercare::store::audit;
use aftercare::store::database::Store;
use aftercare::store::db::transaction::{Stamp, Tx};
use aftercare::store::work::tasks::Task;
use aftercare::store::work::worklist::{LedgerFilter, LedgerFinding, LedgerLine};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use crate::courier::{Accepted, RecordingCourier};
use crate::doubles::{Seeded, write};
use crate::empty_database;
use crate::people::slot;
pub(crate) use crate::people::{Person, address};
use crate::plans::{self, policy};

pub(crate) const ZONE: &str = "Europe/Madrid";

/// The instant of a local time at the clinic.
pub(crate) fn at(local: &str) -> Timestamp {
    local.parse::<DateTime>().unwrap().in_tz(ZONE).unwrap().timestamp()
}

/// That instant by a clock that nothing speaks against.
pub(crate) fn sure(at: Timestamp) -> Trusted {
    judge(&ClockEvidence::none_against(at)).sure().unwrap()
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// An instant as the local time in a zone.
pub(crate) fn local(at: Timestamp, zone: &str) -> String {
    at.in_tz(zone).unwrap().strftime("%F %H:%M").to_string()
}

/// Whether an alert would reach somebody.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Covered {
    Yes,
    No,
}

pub(crate) struct Clinic {
    pub(crate) app: Deps,
    pub(crate) post: Post,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) courier: RecordingCourier,
    plans: BTreeMap<String, Arc<Protocol>>,
    runtime: Option<tokio::runtime::Runtime>,
    store: Arc<Living>,
    dir: tempfile::TempDir,
}

/// The database of the process that lives now.
pub(crate) struct Living(Mutex<Store>);

impl Living {
    pub(crate) fn current(&self) -> Store {
        self.0.lock().unwrap().clone()
    }
}

/// A directory in memory where there is one: every commit is synced, and disks are slow.
fn scratch() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

impl Clinic {
    /// Opens a new clinic at that local time.
    pub(crate) fn open(local: &str) -> Self {
        Self::seeded(at(local), (1, 4), policy())
    }

    pub(crate) fn with(local: &str, change: impl FnOnce(&mut Policy)) -> Self {
        let mut policy = policy();
        change(&mut policy);
        Self::seeded(at(local), (1, 4), policy)
    }

    /// Opens a new clinic with a seed and so many lines.
    pub(crate) fn seeded(start: Timestamp, (seed, lines): (u64, usize), policy: Policy) -> Self {
        let (dir, clock) = (scratch(), Arc::new(ManualClock::at(start)));
        let (seeded, plans) = (Arc::new(Seeded::new(seed)), plans::all());
        let courier = RecordingCourier::new(clock.clone(), lines);
        if seed.is_multiple_of(2) {
            courier.look_ahead();
        }
        let app = connect(&dir, policy, (&plans, start));
        let post = Post {
            readers: aftercare::journey::delivery::post::Recipients::Everyone,
            courier: Arc::new(courier.clone()),
            clock: clock.clone(),
            entropy: seeded,
            rate_limit: Arc::default(),
            liveness: aftercare::journey::delivery::liveness::Liveness::default(),
            watch: ClockWatch::default(),
            stop: tokio_util::sync::CancellationToken::new(),
            superseded: tokio_util::sync::CancellationToken::new(),
        };
        let store = Arc::new(Living(Mutex::new(app.store.clone())));
        Self { app, post, clock, courier, plans, runtime: Some(runtime()), store, dir }
    }

    /// Whether somebody on the ladder has proved reachable; nobody is on it, so that without proof nobody is.
    pub(crate) fn covered(&mut self, covered: Covered) {
        let mut care = AnswerPolicy::closed(jiff::tz::TimeZone::get(ZONE).unwrap());
        care.proof = (covered == Covered::No)
            .then_some(Proof { test_every: std::time::Duration::MAX, lasts: std::time::Duration::MAX });
        self.app.care = Arc::new(care);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Where the database lies, and whatever a test puts beside it.
    pub(crate) fn place(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// Kills everything in flight and starts anew on the same database, as after a power cut.
    pub(crate) fn crash(&mut self) {
        self.halt();
        self.restart();
    }

    /// Kills everything in flight.
    pub(crate) fn halt(&mut self) {
        // Dropping the runtime drops every future; the empty job after them finds the writer's queue drained.
        drop(self.runtime.take());
        // The daemon writes the last instant that it believed down every ten minutes.
        let believed = self.post.watch.glance(&*self.clock).sure().map(|now| now.at().to_string());
        let note = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
            Ok(believed.map_or(Ok(()), |now| tx.set_fact("seen-at", &now))?)
        };
        self.change(note).unwrap();
    }

    /// A new process on the same database, up to its first pass.
    pub(crate) fn restart(&mut self) {
        let policy = (*self.app.policy).clone();
        self.app = connect(&self.dir, policy, (&self.plans, self.now()));
        self.store.0.lock().unwrap().clone_from(&self.app.store);
        self.post.rate_limit = Arc::new(RateLimit::default());
        self.post.watch = ClockWatch::default();
        self.post.stop = tokio_util::sync::CancellationToken::new();
        self.runtime = Some(runtime());
        self.start();
    }

    /// The database of whichever process lives, for hooks.
    pub(crate) fn shared_store(&self) -> Arc<Living> {
        Arc::clone(&self.store)
    }

    /// The first pass of a new process.
    pub(crate) fn start(&mut self) -> Passed {
        self.run(async |c| pass(&c.app, &c.post, LostLeases::Everybodys).await).unwrap()
    }

    /// One pass at this instant.
    pub(crate) fn pass(&mut self) -> Passed {
        self.run(async |c| pass(&c.app, &c.post, LostLeases::Overdue).await).unwrap()
    }

    pub(crate) fn run<T>(&mut self, step: impl AsyncFnOnce(&Self) -> T) -> T {
        let runtime = self.runtime.take().unwrap();
        let done = runtime.block_on(step(self));
        self.runtime = Some(runtime);
        done
    }

    /// Lives until that local time, pass by pass.
    pub(crate) fn live_until(&mut self, local: &str) {
        self.live_to(at(local));
    }

    pub(crate) fn live_to(&mut self, until: Timestamp) {
        let lived = self.run(async |c| {
            let stage = SimulatedClinic { clinic: &c.app, post: &c.post, clock: &c.clock };
            live(&stage, until, |_, _| Ok::<_, StepError>(())).await
        });
        lived.unwrap();
    }

    /// Time goes by while no daemon runs.
    pub(crate) fn sleep_until(&self, local: &str) {
        self.clock.advance_to(at(local));
    }

    /// A change by staff, in one transaction.
    pub(crate) fn change<T: Send + 'static, E: From<aftercare::store::error::StoreError> + Send + 'static>(
        &self,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        self.app
            .store
            .write_blocking(Stamp { at: self.now(), actor: Actor::Operator("nurse".to_owned()) }, job)
    }

    pub(crate) fn course(&self, protocol: &str, anchor_on: Date) -> Course {
        let plan = Arc::clone(&self.plans[protocol]);
        let version =
            self.app.store.read(|v| v.protocol_version_id(protocol, &plan.version)).unwrap().unwrap();
        Course { version, protocol: plan, anchor_on }
    }

    pub(crate) fn enrol(&self, person: &Person) {
        self.try_enrol(person).unwrap();
    }

    pub(crate) fn try_enrol(&self, person: &Person) -> Result<(), StepError> {
        let courses = person.courses.iter().map(|(p, on)| self.course(p, *on)).collect();
        let (newcomer, next_visit) = (person.newcomer.clone(), person.next_visit.clone());
        let (admission, policy) =
            (Admission { newcomer, courses, waiting: Vec::new(), next_visit }, Arc::clone(&self.app.policy));
        self.change(move |tx| admit(tx, &admission, &policy)).map(drop)
    }

    pub(crate) fn patient(&self, reference: &str) -> Patient {
        self.app.store.read(|v| v.patient_by_reference(&Reference::parse(reference).unwrap())).unwrap()
    }

    pub(crate) fn book(&self, reference: &str, when: &str) -> Result<(), StepError> {
        self.with_slot(reference, slot(when), book::book)
    }

    pub(crate) fn move_to(&self, reference: &str, when: &str) -> Result<(), StepError> {
        self.with_slot(reference, slot(when), book::move_to)
    }

    pub(crate) fn with_slot(
        &self,
        reference: &str,
        slot: AppointmentSlot,
        step: Booking,
    ) -> Result<(), StepError> {
        self.wish(reference, BookingRequest { series: None, slot, tell: Tell::Patient, anyway: false }, step)
    }

    /// The date is meant, wherever it lies.
    pub(crate) fn insist(&self, reference: &str, when: &str, step: Booking) -> Result<(), StepError> {
        let wish = BookingRequest { series: None, slot: slot(when), tell: Tell::Patient, anyway: true };
        self.wish(reference, wish, step)
    }

    pub(crate) fn book_series(&self, reference: &str, series: &str, when: &str) -> Result<(), StepError> {
        let series = Some(series.to_owned());
        let wish = BookingRequest { series, slot: slot(when), tell: Tell::Patient, anyway: false };
        self.wish(reference, wish, book::book)
    }

    /// The numbers of what is planned or booked for her.
    pub(crate) fn numbers(&self, reference: &str) -> Vec<u32> {
        let id = self.patient(reference).id;
        let all = self.app.store.read(|v| v.follow_ups_of(id)).unwrap().into_iter();
        all.filter(|f| f.is_open()).map(|f| f.owed.number).collect()
    }

    pub(crate) fn wish(&self, reference: &str, wish: BookingRequest, step: Booking) -> Result<(), StepError> {
        let (patient, app) = (self.patient(reference), self.app.clone());
        self.change(move |tx| step(tx, &patient, &wish, &app)).map(drop)
    }

    pub(crate) fn call_off(&self, reference: &str) -> Result<(), StepError> {
        let (patient, policy) = (self.patient(reference), Arc::clone(&self.app.policy));
        let off = CancellationRequest { series: None, tell: Tell::Patient, reason: None };
        self.change(move |tx| book::call_off(tx, &patient, &off, &policy)).map(drop)
    }

    pub(crate) fn done(&self, reference: &str, series: Option<&str>, on: Date) -> Result<(), StepError> {
        self.done_at(reference, series, (on, "clinic"))
    }

    pub(crate) fn done_at(
        &self,
        reference: &str,
        series: Option<&str>,
        (on, source): (Date, &str),
    ) -> Result<(), StepError> {
        let (patient, app) = (self.patient(reference), self.app.clone());
        let visit = CompletedVisit {
            series: series.map(str::to_owned),
            on,
            source: source.to_owned(),
            anyway: false,
        };
        self.change(move |tx| book::done(tx, &patient, &visit, &app)).map(drop)
    }

    pub(crate) fn status(&self, reference: &str, to: PatientStatus) {
        self.pause_or(reference, to, None).unwrap();
    }

    pub(crate) fn pause_or(
        &self,
        reference: &str,
        to: PatientStatus,
        until: Option<Date>,
    ) -> Result<(), StepError> {
        let patient = self.patient(reference);
        let change = StatusChange { to, reason: "told by phone".to_owned(), until, confirmed_by: None };
        self.change(move |tx| status::change(tx, &patient, &change))
    }

    /// Records a new address.
    pub(crate) fn readdress(&self, reference: &str, to: &str) {
        self.address(reference, AddressChange::Replaced(EmailAddress::parse(to).unwrap()));
    }

    pub(crate) fn address(&self, reference: &str, change: AddressChange) {
        let (id, app) = (self.patient(reference).id, self.app.clone());
        let correction = Correction { email: Some(change), ..Correction::default() };
        let ask = Amendment { correction, ..Amendment::default() };
        self.change(move |tx| amend(tx, id, &ask, &app)).unwrap();
    }

    /// Somebody acts for her from now on, or nobody any more.
    pub(crate) fn acts_for(&self, reference: &str, change: ProxyChange) -> Result<(), StepError> {
        let (id, app) = (self.patient(reference).id, self.app.clone());
        let correction = Correction { proxy: Some(change), ..Correction::default() };
        let ask = Amendment { correction, ..Amendment::default() };
        self.change(move |tx| amend(tx, id, &ask, &app))
    }

    /// Says that a death was recorded in error.
    pub(crate) fn back(&self, reference: &str, by: &str) -> Result<(), StepError> {
        let (patient, reason) = (self.patient(reference), "another record was meant".to_owned());
        let second = Some("somebody".to_owned());
        let change = StatusChange { to: PatientStatus::Active, reason, until: None, confirmed_by: second };
        let stamp = Stamp { at: self.now(), actor: Actor::parse(by).unwrap() };
        self.app.store.write_blocking(stamp, move |tx| status::change(tx, &patient, &change))
    }

    /// Takes a status back that was set in error; a recorded death is undone by two people.
    pub(crate) fn take_back(&self, reference: &str) -> Result<(), StepError> {
        if self.patient(reference).status == PatientStatus::Deceased {
            self.back(reference, "cli:maria")?;
        }
        self.back(reference, "cli:jose")
    }

    /// Puts her on another protocol or anchor. What was applied is what a preview shows: asked again, no date changes.
    pub(crate) fn replan(&self, reference: &str, protocol: &str, anchor_on: Date) -> Result<(), StepError> {
        let (patient, app) = (self.patient(reference), self.app.clone());
        let course = self.course(protocol, anchor_on);
        let again = course.clone();
        let id = self.change(move |tx| {
            let old = tx.enrolments_of(patient.id)?.into_iter().find(|e| e.is_active);
            let Some(old) = old else { return Err(BookingError::NoFollowUp.into()) };
            replan::apply(tx, &old, &course, &app)
        })?;
        let now_on = self.app.store.read(|v| v.enrolment(id))?;
        if now_on.is_active {
            let shown = self.difference(PlanChange { old: &now_on, course: Some(again.content()) })?;
            assert_eq!(
                (shown.ahead, shown.booked),
                (vec![], vec![]),
                "{reference} on {protocol} from {anchor_on}"
            );
        }
        Ok(())
    }

    /// What a change of her plan would do.
    pub(crate) fn difference(&self, change: PlanChange<'_>) -> Result<Difference, StepError> {
        self.app.store.read(|v| replan::propose(v, change, self.now(), &self.app))
    }

    pub(crate) fn letters_to(&self, reference: &str) -> Vec<Accepted> {
        let to = self.patient(reference).email.map(|e| e.expose().to_owned()).unwrap_or_default();
        self.courier.accepted().into_iter().filter(|l| l.to == to).collect()
    }

    /// Each letter to her as its local time and steps.
    pub(crate) fn post_of(&self, reference: &str) -> Vec<(String, String)> {
        let zone = self.patient(reference).zone;
        self.letters_to(reference).iter().map(|l| (local(l.at, &zone), l.steps().join(" "))).collect()
    }

    pub(crate) fn ledger(&self) -> Vec<LedgerLine> {
        self.app.store.read(|v| v.ledger(&LedgerFilter::default())).unwrap()
    }

    /// Each letter's steps, state and reason.
    pub(crate) fn fates(&self) -> Vec<(String, &'static str, String)> {
        let fate = |l: LedgerLine| (l.steps, l.delivery.state.word(), l.delivery.reason.unwrap_or_default());
        self.ledger().into_iter().map(fate).collect()
    }

    pub(crate) fn tasks(&self) -> Vec<Task> {
        self.app.store.read(|v| v.tasks_open()).unwrap()
    }

    pub(crate) fn task_kinds(&self) -> Vec<TaskKind> {
        self.tasks().iter().map(|t| t.kind).collect()
    }

    pub(crate) fn close_task(&self, kind: TaskKind) {
        let id = self.tasks().iter().find(|t| t.kind == kind).unwrap().id;
        self.change(move |tx| aftercare::journey::operations::close_task::close(tx, id, "looked at"))
            .unwrap();
    }

    pub(crate) fn findings(&self) -> Vec<LedgerFinding> {
        self.app.store.read(|v| v.findings()).unwrap()
    }

    /// What every test ends with: nothing found, the chain whole.
    pub(crate) fn is_sound(&self) {
        assert_eq!(self.findings(), []);
        self.app.store.read(audit::verify).unwrap();
    }
}

type Booking = fn(
    &mut Tx<'_>,
    &Patient,
    &BookingRequest,
    &Deps,
) -> Result<aftercare::store::plan::follow_ups::FollowUp, StepError>;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn connect(
    dir: &tempfile::TempDir,
    policy: Policy,
    (plans, now): (&BTreeMap<String, Arc<Protocol>>, Timestamp),
) -> Deps {
    let store = empty_database::open(&dir.path().join("clinic.db"));
    let names: Vec<(String, String)> = plans.values().map(|p| (p.id.clone(), p.version.clone())).collect();
    let publish = move |tx: &mut Tx<'_>| -> Result<_, StepError> {
        for (id, version) in &names {
            tx.publish_protocol(id, version, version)?;
        }
        Ok(tx.keep_wording("0", "plain")?)
    };
    let wording = store.write_blocking(Stamp::daemon(now), publish).unwrap();
    let known = plans.clone();
    let read = move |name: &str, _: &str| {
        known.get(name).filter(|p| p.id != "unreadable").map(|p| Protocol::clone(p))
    };
    Deps {
        file_protocols: Arc::default(),
        store,
        protocol_cache: Arc::new(ProtocolCache::new(Box::new(read))),
        policy: Arc::new(policy),
        words: LetterWords::InForce(Arc::new(WordingInForce { wording, write: Box::new(write) })),
        key: Arc::new(LinkKey::new([7; 32])),
        care: Arc::new(journey::alert_policy::AnswerPolicy::closed(jiff::tz::TimeZone::UTC)),
        bells: journey::alert_policy::WakeSignals::default(),
        in_flight: aftercare::journey::in_flight::InFlight::default(),
    }
}
