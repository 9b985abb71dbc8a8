//! Nothing leaves after a death is on record (P2), in ten thousand random interleavings of her death with everything that a
//! line, a reconnect, a recovered lease and a resend do; and no letter leaves more than twice (P3, P17).
//!
//! The server lets us wait at each numbered point of a dialogue; there the world moves: 1 while the line makes itself ready ·
//! 2 between the look and the envelope · 3 when the server waits for the body · 4 after it took the letter. A line may end
//! between two letters, its future may be dropped, and the wall clock may be set while a letter is in hand.

use aftercare::care::actor::Actor;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aftercare::care::patient::{PatientStatus, Reference};
use aftercare::care::task::TaskKind;
use aftercare::care::time::clock_trust::{ClockTrust, Trusted};
use aftercare::clock::{KernelClock, ManualClock};
use aftercare::journey::delivery::deliver::deliver;
use aftercare::journey::delivery::failure::recover_leases::{LostLeases, recover_leases, resend};
use aftercare::journey::deps::Deps as App;
use aftercare::journey::errors::step::StepError;
use aftercare::journey::operations::close_task;
use aftercare::journey::patients::status::change;
use aftercare::journey::plan::fall_due::fall_due;
use aftercare::journey::status_change::StatusChange;
use aftercare::ports::{BoxFuture, Clock};
use aftercare::store::db::transaction::{Stamp, Tx};
use jiff::{Timestamp, ToSpan};
use tokio::sync::Notify;

use crate::clinic::{Clinic, Person, at, sure};
use crate::courier::Reply;
use crate::doubles::Seeded;
use crate::plans::policy;

/// Patients a world; each of them is one interleaving.
const PATIENTS: usize = 50;
const WORLDS: u64 = 200;

/// What the world does, and what it must never see.
struct World {
    dice: Seeded,
    clock: Arc<ManualClock>,
    app: App,
    /// Who is recorded as deceased, since when the record was acknowledged.
    dead: Mutex<BTreeMap<String, Timestamp>>,
    /// Copies that arrived, by Message-ID.
    arrived: Mutex<BTreeMap<String, u32>>,
    wrong: Mutex<Vec<String>>,
    /// The line's future is dropped.
    death: Notify,
}

impl World {
    /// Something happens while the server lets us wait.
    async fn moves(&self) {
        // Nothing is waited for without time going by.
        self.clock.advance(Duration::from_millis(600));
        match self.dice.below(20) {
            0..=2 => self.somebody_dies().await,
            3 if self.dice.one_in(4) => {
                let hours = self.dice.up_to(8) - 2;
                self.clock.set_wall(self.clock.now().saturating_add(hours.hours()).unwrap());
                self.look_around().await;
            }
            4..=5 => self.look_around().await,
            6 if self.dice.one_in(6) => {
                self.death.notify_one();
                std::future::pending::<()>().await;
            }
            _ => {}
        }
    }

    async fn somebody_dies(&self) {
        let who = format!("A-{}", self.dice.below(PATIENTS));
        let reference = Reference::parse(&who).unwrap();
        let job = move |tx: &mut Tx<'_>| {
            let patient = tx.patient_by_reference(&reference)?;
            let to = PatientStatus::Deceased;
            let news = StatusChange { to, reason: "told".to_owned(), until: None, confirmed_by: None };
            change(tx, &patient, &news)
        };
        let stamp = Stamp { at: self.clock.now(), actor: Actor::Operator("nurse".to_owned()) };
        self.app.store.write::<_, StepError>(stamp, job).await.unwrap();
        self.dead.lock().unwrap().entry(who).or_insert(self.clock.now());
    }

    /// The plan loop takes a turn of its own.
    async fn look_around(&self) {
        // Whatever it shows is believed here: only the register of letters in hand stands before a lease is recovered.
        let now = sure(self.clock.now());
        recover_leases(&self.app, ClockTrust::Sure(now), LostLeases::Overdue).await.unwrap();
        resend(&self.app, now).await.unwrap();
    }
}

fn world(seed: u64) -> (Clinic, Arc<World>) {
    let dice = Seeded::new(seed);
    let lines = 1 + dice.below(4);
    let clinic = Clinic::seeded(at("2026-01-07T10:00"), (seed, lines), policy());
    for number in 0..PATIENTS {
        clinic.enrol(&Person::new(&format!("A-{number}")).on("high", "2026-01-07"));
    }
    clinic.sleep_until("2026-03-10T09:00");
    // A clock that is set ahead is believed, so that letters go on leaving under it.
    clinic.clock.vouch(KernelClock::Yes);
    let world = Arc::new(World {
        dice,
        clock: Arc::clone(&clinic.clock),
        app: clinic.app.clone(),
        dead: Mutex::default(),
        arrived: Mutex::default(),
        wrong: Mutex::default(),
        death: Notify::new(),
    });
    listen(&clinic, &world);
    (clinic, world)
}

/// Hangs the world into the courier's points.
fn listen(clinic: &Clinic, world: &Arc<World>) {
    let hook = |world: &Arc<World>| {
        let world = Arc::clone(world);
        move || -> BoxFuture<'static, ()> {
            let world = Arc::clone(&world);
            Box::pin(async move { world.moves().await })
        }
    };
    clinic.courier.before_ready(hook(world));
    clinic.courier.before_transfer(hook(world));
    clinic.courier.before_body(hook(world));
    clinic.courier.after_accept(hook(world));
    let seen = Arc::clone(world);
    clinic.courier.witness(move |letter| {
        let who = letter.to.split('@').next().unwrap().to_uppercase();
        if seen.dead.lock().unwrap().contains_key(&who) {
            seen.wrong.lock().unwrap().push(format!("{who}: {}", letter.message_id));
        }
        *seen.arrived.lock().unwrap().entry(letter.message_id.clone()).or_default() += 1;
    });
    let sky = Arc::clone(world);
    clinic.courier.weather(move |_, _| {
        *sky.dice.pick(&[
            Reply::Accept,
            Reply::Accept,
            Reply::LineGone,
            Reply::LostAfter,
            Reply::LostBefore,
            Reply::Later,
        ])
    });
}

/// Between two rounds somebody looks at the clock, and says that it is right.
async fn believed(clinic: &Clinic) -> Trusted {
    let watch = &clinic.post.watch;
    if let Some(now) = watch.look(&clinic.app, &*clinic.clock).await.unwrap().sure() {
        return now;
    }
    let stamp = Stamp { at: clinic.now(), actor: Actor::Operator("root".to_owned()) };
    let holds =
        clinic.app.store.read(|v| v.tasks_open()).unwrap().into_iter().filter(|t| t.kind == TaskKind::Hold);
    for hold in holds {
        let job = move |tx: &mut Tx<'_>| close_task::close(tx, hold.id, "the clock is right");
        clinic.app.store.write::<_, StepError>(stamp.clone(), job).await.unwrap();
    }
    watch.look(&clinic.app, &*clinic.clock).await.unwrap().sure().unwrap()
}

/// Carries letters until the line's future is dropped or none is left, a few times over.
fn live(clinic: &mut Clinic, world: &Arc<World>) {
    for _ in 0..8 {
        let (world, pause) = (Arc::clone(world), Arc::clone(world));
        clinic.run(async move |c| {
            let now = believed(c).await;
            fall_due(&c.app, now).await.unwrap();
            world.look_around().await;
            tokio::select! {
                biased;
                () = world.death.notified() => {}
                done = deliver(&c.app, &c.post) => drop(done.unwrap()),
            }
        });
        let minutes = 5 + u64::try_from(pause.dice.below(30)).unwrap();
        clinic.clock.advance(Duration::from_secs(60 * minutes));
    }
}

#[test]
fn no_letter_leaves_after_a_death_in_ten_thousand_random_interleavings() {
    let (mut interleavings, mut deaths, mut copies) = (0, 0, 0);
    for seed in 0..WORLDS {
        let (mut clinic, world) = self::world(seed);
        live(&mut clinic, &world);
        let wrong = world.wrong.lock().unwrap().clone();
        assert!(wrong.is_empty(), "P2, world {seed}: left after a death was on record: {wrong:?}");
        let most = world.arrived.lock().unwrap().values().copied().max().unwrap_or(0);
        assert!(most <= 2, "P17, world {seed}: {most} copies");
        copies += world.arrived.lock().unwrap().values().sum::<u32>();
        deaths += world.dead.lock().unwrap().len();
        interleavings += PATIENTS;
    }
    assert_eq!(interleavings, 10_000);
    println!("{interleavings} interleavings: {deaths} deaths, {copies} letters left");
    assert!(deaths > 2_000 && copies > 2_000, "{deaths} deaths, {copies} letters: too quiet a world");
}
