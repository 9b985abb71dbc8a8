//! A reload while letters leave: the letter that is written next is written under the new configuration.

use std::path::Path;
use std::sync::{Arc, Mutex};

use aftercare::care::contact::PatientContact;
use aftercare::care::delivery::AttemptVerdict;
use aftercare::care::patient::{Detail, PatientStatus, PreferredName, Reference};
use aftercare::care::refusal::receipt::Receipt;
use aftercare::clock::{ManualClock, SystemEntropy};
use aftercare::config::sources::Sources;
use aftercare::config::{Config, load};
use aftercare::daemon::assembly::engine::{Engine, World};
use aftercare::daemon::listeners::Listeners;
use aftercare::daemon::serve::{Signals, serve_at};
use aftercare::daemon::systemd::InheritedSockets;
use aftercare::journey::commands::patient_record;
use aftercare::journey::plan::enrol::{Admission, Course};
use aftercare::ports::{BoxFuture, Courier, CourierConnection, LastLook, Outgoing, Readiness, Transfer};
use aftercare::store::database::{OpenMode, Store};
use aftercare::store::db::transaction::Stamp;
use aftercare::store::people::patients::Newcomer;
use jiff::civil::date;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

const LETTERS: usize = 4;

/// A signal reaches every daemon of this process.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// For how long the server thinks about the first letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thinks {
    /// Until the configuration is read.
    UntilRead,
    /// Until all others have been taken.
    UntilTheLast,
}

/// Keeps the senders' names; at the first letter the daemon is told to read its configuration again.
#[derive(Clone)]
struct Slow {
    thinks: Thinks,
    senders: Arc<Mutex<Vec<String>>>,
    superseded: Arc<Mutex<Option<CancellationToken>>>,
    done: Arc<Notify>,
}

fn accepted() -> Receipt {
    let reply = "2.0.0 Ok".to_owned();
    Receipt { code: Some(250), ..Receipt::unsaid(AttemptVerdict::Accepted, reply) }
}

impl Courier for Slow {
    fn connections(&self) -> usize {
        1
    }

    fn connection(&self) -> Box<dyn CourierConnection> {
        Box::new(self.clone())
    }
}

impl CourierConnection for Slow {
    fn ready(&mut self) -> BoxFuture<'_, Result<Readiness, Receipt>> {
        Box::pin(async { Ok(Readiness::AtOnce) })
    }

    fn transfer<'a>(&'a mut self, letter: &'a Outgoing, _: &'a dyn LastLook) -> BoxFuture<'a, Transfer> {
        Box::pin(async move {
            if !letter.to.expose().ends_with("@mail.example") {
                return Transfer::Over(accepted());
            }
            let first = {
                let mut senders = self.senders.lock().unwrap();
                senders.push(letter.from.0.clone());
                senders.len() == 1
            };
            if first {
                let pid = std::process::id().to_string();
                assert!(std::process::Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
                let superseded = self.superseded.lock().unwrap().clone().unwrap();
                superseded.cancelled().await;
                while self.thinks == Thinks::UntilTheLast && self.senders.lock().unwrap().len() < LETTERS {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            }
            if self.senders.lock().unwrap().len() == LETTERS && first == (self.thinks == Thinks::UntilTheLast)
            {
                self.done.notify_one();
            }
            Transfer::Over(accepted())
        })
    }

    fn abandoned(&mut self) -> Option<Receipt> {
        None
    }

    fn rest(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

fn config(base: &Path, name: &str) -> Config {
    let mut config = load::shipped(base).unwrap();
    name.clone_into(&mut config.mail.from.name);
    config
}

fn admit(engine: &Engine, clock: &ManualClock, number: usize) {
    let (version, protocol) = engine.published["nccn"].clone();
    let newcomer = Newcomer {
        reference: Reference::parse(&format!("R-{number}")).unwrap(),
        name: PreferredName::parse(&format!("Ana{number}")).unwrap(),
        birth_on: date(1970, 2, 3),
        email: Some(
            aftercare::care::address::EmailAddress::parse(&format!("a{number}@mail.example")).unwrap(),
        ),
        language: "en".to_owned(),
        zone: "America/New_York".to_owned(),
        detail: Detail::Standard,
        detail_follows: false,
        proxy: None,
        shared_inbox: false,
        status: PatientStatus::Active,
        contact: PatientContact::default(),
    };
    let courses = vec![Course { version, protocol, anchor_on: date(2026, 1, 5) }];
    let admission = Admission { newcomer, courses, waiting: Vec::new(), next_visit: None };
    let stamp = Stamp::daemon(aftercare::ports::Clock::now(clock));
    patient_record::admit(&engine.clinic, stamp, admission).unwrap();
}

/// A daemon that reads its configuration again while its first letter is on the wire. The senders in their order, and how the
/// letters stand when the last was taken and all is on record.
async fn reloaded(thinks: Thinks) -> (Vec<String>, Vec<(String, i64)>) {
    let _alone = ALONE.lock().await;
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().to_owned();
    let clock = Arc::new(ManualClock::at("2026-03-01T14:00:00Z".parse().unwrap()));
    let world = World { clock: Arc::clone(&clock) as _, entropy: Arc::new(SystemEntropy) };
    let slow = Slow { thinks, senders: Arc::default(), superseded: Arc::default(), done: Arc::default() };
    let in_flight = slow.clone();
    let build = move || {
        let store = Store::open(&base.join("a.db"), OpenMode::Create).unwrap();
        let made = |name: &str| {
            let engine = Engine::open(&store, config(&base, name), &Sources::shipped(), &world);
            let mut engine = engine.unwrap_or_else(|fault| panic!("{fault}"));
            engine.post.courier = Arc::new(in_flight.clone());
            engine
        };
        let engine = made("Old name");
        (1..=LETTERS).for_each(|number| admit(&engine, &clock, number));
        // Four weeks before the first visit is due she is asked to book it.
        clock.advance_to("2026-03-09T13:00:30Z".parse().unwrap());
        let new = Mutex::new(Some(made("New name")));
        (engine, new)
    };
    let (engine, new) = tokio::task::spawn_blocking(build).await.unwrap();
    let store = engine.clinic.store.clone();
    *slow.superseded.lock().unwrap() = Some(engine.post.superseded.clone());
    let free = "127.0.0.1:0".parse().unwrap();
    let listeners = Listeners::open(free, free, InheritedSockets::default()).await.unwrap();
    let reload = Arc::new(move || Ok(new.lock().unwrap().take().expect("one reload")));
    let daemon = serve_at(listeners, engine, reload, Signals::hear().unwrap());
    let recorded = async {
        slow.done.notified().await;
        while store
            .read(|v| v.balance())
            .unwrap()
            .iter()
            .any(|(state, count)| state == "claimed" && *count > 0)
        {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        ended = daemon => panic!("{ended:?}"),
        () = recorded => {}
        () = tokio::time::sleep(std::time::Duration::from_secs(60)) => panic!("{:?}", slow.senders.lock().unwrap()),
    }
    let states = store.read(|v| v.balance()).unwrap();
    (slow.senders.lock().unwrap().clone(), states)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_letter_written_next_is_written_under_the_new_configuration() {
    let (senders, _) = reloaded(Thinks::UntilRead).await;
    assert_eq!(senders[0], "Old name");
    assert!(senders[1..].iter().all(|name| name == "New name"), "{senders:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_whose_server_thinks_keeps_no_other_waiting_and_is_sent_once() {
    let (senders, states) = reloaded(Thinks::UntilTheLast).await;
    assert_eq!(senders.len(), LETTERS, "{senders:?}");
    assert!(senders[1..].iter().all(|name| name == "New name"), "{senders:?}");
    let in_doubt: Vec<_> = states.iter().filter(|(state, _)| state != "sent").collect();
    assert!(in_doubt.is_empty(), "those to staff left too: {states:?}");
}
