//! A seeded clinic lives through years of everything: outages, every refusal, crashes in the middle of a dialogue, clocks
//! that jump, staff who change their minds, deaths while a letter is in hand. After every chapter the promises are checked.
//!
//! A failing seed is printed; `AFTERCARE_SEED=n` lives it again, `AFTERCARE_SEEDS=n` and `AFTERCARE_LARGE_SEEDS=n` set how many are
//! lived. A small clinic takes six seconds of a processor, a large one forty: the default keeps a whole run of the tests
//! under half an hour on two; live 1,000 and 10 before a release.

mod acts;
mod checks;
mod logs;
mod model;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use aftercare::daemon::rehearsal::{SimulatedClinic, live};
use aftercare::journey::errors::step::StepError;
use aftercare::ports::BoxFuture;
use jiff::{Timestamp, ToSpan};

use crate::clinic::{Clinic, at};
use crate::doubles::Seeded;
use model::Model;

/// How large a life is.
#[derive(Debug, Clone, Copy)]
struct Size {
    patients: usize,
    chapters: usize,
    days: i64,
}

const SMALL: Size = Size { patients: 6, chapters: 20, days: 30 };
const LARGE: Size = Size { patients: 200, chapters: 24, days: 60 };

/// A clinic, what the world knows about it, and the dice.
struct Life {
    clinic: Clinic,
    model: Arc<Model>,
    dice: Arc<Seeded>,
    lines: usize,
}

impl Life {
    fn begin(seed: u64, size: Size) -> Self {
        let dice = Arc::new(Seeded::new(seed));
        let lines = 1 + dice.below(5);
        let start = at("2025-01-01T00:00").saturating_add((24 * 7 * dice.up_to(200)).hours()).unwrap();
        let mut policy = crate::plans::policy();
        policy.weekly_cap = 1 + u32::try_from(dice.below(7)).unwrap();
        let clinic = Clinic::seeded(start, (seed, lines), policy);
        let model = Arc::new(Model::default());
        let mut life = Self { clinic, model, dice, lines };
        life.hooks();
        for number in 0..size.patients {
            life.admit(number);
        }
        life
    }

    /// Lives until `until`; a fuse that burns down on the way kills the process and starts another.
    fn live(&mut self, until: Timestamp) {
        while self.clinic.now() < until {
            let model = Arc::clone(&self.model);
            let killed = self.clinic.run(async |c| {
                let stage = SimulatedClinic { clinic: &c.app, post: &c.post, clock: &c.clock };
                tokio::select! {
                    biased;
                    () = model.killed() => true,
                    lived = live(&stage, until, |_, _| Ok::<_, StepError>(())) => { lived.unwrap(); false }
                }
            });
            if killed {
                self.crash();
            }
        }
    }

    fn crash(&mut self) {
        self.clinic.halt();
        self.check_twins();
        self.model.disarm();
        self.clinic.restart();
    }

    /// Death may be recorded, and the process may die, at any point of a dialogue.
    fn hooks(&self) {
        let model = Arc::clone(&self.model);
        self.clinic.courier.witness(move |letter| model.witness(letter));
        for is_before in [true, false] {
            let (model, dice) = (Arc::clone(&self.model), Arc::clone(&self.dice));
            let (store, clock) = (self.clinic.shared_store(), Arc::clone(&self.clinic.clock));
            let hook = move || -> BoxFuture<'static, ()> {
                let (model, dice, store) = (Arc::clone(&model), Arc::clone(&dice), store.current());
                let clock = Arc::clone(&clock);
                Box::pin(async move {
                    if is_before && dice.one_in(60) {
                        acts::die(&model, &dice, &store, aftercare::ports::Clock::now(&*clock)).await;
                    }
                    if model.burns() {
                        drop(store);
                        std::future::pending::<()>().await;
                    }
                })
            };
            if is_before {
                self.clinic.courier.before_ready(hook);
            } else {
                self.clinic.courier.after_accept(hook);
            }
        }
    }
}

fn lived(seed: u64, size: Size) {
    let mut life = Life::begin(seed, size);
    for _ in 0..size.chapters {
        life.act();
        let minutes = life.dice.up_to(size.days * 1440);
        let until = life.clinic.now().saturating_add(minutes.minutes()).unwrap();
        life.live(until);
        life.check();
    }
    life.settle();
    life.check();
    life.check_history();
}

/// Lives the seeds on two threads and names the first that breaks a promise.
fn all(seeds: Range<u64>, size: Size) {
    logs::listen();
    let (next, broken) = (AtomicU64::new(seeds.start), Mutex::new(None));
    let work = || {
        while broken.lock().unwrap().is_none() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            if catch_unwind(AssertUnwindSafe(|| lived(seed, size))).is_err() {
                *broken.lock().unwrap() = Some(seed);
            }
        }
    };
    std::thread::scope(|scope| drop([scope.spawn(work), scope.spawn(work)]));
    let broken = broken.into_inner().unwrap();
    assert!(matches!(logs::heard(), (1.., false)), "P10: the log names somebody, or nothing was logged");
    assert_eq!(
        broken, None,
        "this seed broke a promise; live it again: AFTERCARE_SEED=n cargo test --test it simulation"
    );
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|n| n.parse().ok())
}

#[test]
fn small_clinics_keep_every_promise_whatever_happens() {
    match number("AFTERCARE_SEED") {
        Some(seed) => lived(seed, SMALL),
        None => all(0..number("AFTERCARE_SEEDS").unwrap_or(30), SMALL),
    }
}

#[test]
fn a_large_clinic_keeps_every_promise_whatever_happens() {
    all(1_000..1_000 + number("AFTERCARE_LARGE_SEEDS").unwrap_or(1), LARGE);
}
