//! A small clinic over a real database, for the journey's tests: two people on the ladder, a
//! checklist of five questions, a protocol that asks it monthly, words that say nothing. Needs the
//! multi-threaded runtime: it waits for the writer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday, date, time};
use jiff::tz::TimeZone;
use tokio::task::block_in_place;

use crate::care::actor::Actor;
use crate::care::address::EmailAddress;
use crate::care::alert::escalation::{Ladder, PatientLetter, Rung};
use crate::care::alert::lifecycle::WorkingDays;
use crate::care::contact::PatientContact;
use crate::care::patient::{Detail, Patient, PatientId, PatientStatus, PreferredName, Reference};
use crate::care::permission::StaffRole as Job;
use crate::care::record::retention::RetentionPeriods;
use crate::care::time::calendar::{OpenDays, SendingHours};
use crate::care::time::clock_trust::{ClockEvidence, Trusted, judge};
use crate::care::triage::case::FormStage;
use crate::care::triage::sign_off::SignOff;
use crate::journey::alert_policy::{
    AnswerPolicy, BirthCheck, ChecklistCache, Contact, TriageMode, WakeSignals,
};
use crate::journey::answers::respond::{Saved, SavedPage, SentPage, respond};
use crate::journey::deps::{Deps, LetterWords, WordingInForce};
use crate::journey::errors::step::StepError;
use crate::journey::fixture::form::{checklist, protocol};
use crate::journey::in_flight::InFlight;
use crate::journey::link_key::{LinkKey, digest};
use crate::journey::plan::enrol;
use crate::journey::protocol_cache::ProtocolCache;
use crate::journey::sending_policy::Policy;
use crate::letter::content::Letter;
use crate::store::answers::checklists::ChecklistVersionId;
use crate::store::answers::links::LinkPurpose;
use crate::store::answers::responses::Respondent;
use crate::store::database::tests::fresh_at;
use crate::store::database::{OpenMode, Store};
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;
use crate::store::people::patients::Newcomer;
use crate::store::people::staff::NewStaff;
use crate::store::plan::follow_ups::FollowUp;
use crate::store::plan::protocols::WordingId;

pub(in crate::journey) mod world;
pub(super) mod form;

/// A clinic, its only patient, and the directory its database lies in.
pub(super) struct Fixture {
    _dir: tempfile::TempDir,
    pub(super) clinic: Deps,
    pub(super) patient: PatientId,
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The day her first checklist is due, at the hour letters leave; a Tuesday.
pub(super) fn due() -> Timestamp {
    at("2026-03-03T09:00:00Z")
}

/// That instant by a clock that nothing speaks against.
pub(super) fn sure(at: Timestamp) -> Trusted {
    judge(&ClockEvidence::none_against(at)).sure().unwrap()
}

pub(super) fn minutes(n: i64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_mins(n)
}

pub(super) fn triage() -> TriageMode {
    TriageMode::Triage(SignOff {
        name: "Dr A".into(),
        role: "doctor".into(),
        date: date(2026, 1, 1),
        version: "new".into(),
    })
}

pub(super) fn fixture(mode: TriageMode) -> Fixture {
    fixture_where(mode, |_| {})
}

pub(super) fn fixture_where(mode: TriageMode, change: impl FnOnce(&mut AnswerPolicy)) -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    let store = fresh_at(&dir.path().join("a.db"));
    let stamp = Stamp::daemon(at("2026-02-10T09:00:00Z"));
    let publish = |store: &Store| {
        store.write_blocking(stamp.clone(), |tx| -> Result<_, StoreError> {
            let old = tx.publish_checklist("spine", "old", "old")?;
            let new = tx.publish_checklist("spine", "new", "new")?;
            Ok(((old, new), tx.keep_wording("w", "w")?))
        })
    };
    let (versions, wording) = block_in_place(|| publish(&store)).unwrap();
    let mut care = care(mode, versions.1);
    change(&mut care);
    let clinic = assemble(store, wording, care);
    let fixture = clinic.clone();
    let admit = || clinic.store.write_blocking(stamp.clone(), move |tx| admit(tx, &fixture));
    let patient = block_in_place(admit).unwrap();
    Fixture { _dir: dir, clinic, patient }
}

/// Everything but the store: what a new process would build.
fn assemble(store: Store, wording: WordingId, care: AnswerPolicy) -> Deps {
    let letter = || Letter {
        subject: String::new(),
        text: String::new(),
        html: String::new(),
        calendar: None,
        language: "en".into(),
    };
    Deps {
        store,
        protocol_cache: Arc::new(ProtocolCache::new(Box::new(|_, _| Some(protocol())))),
        file_protocols: Arc::default(),
        policy: Arc::new(policy()),
        words: LetterWords::InForce(Arc::new(WordingInForce {
            wording,
            write: Box::new(move |_, _| Ok(letter())),
        })),
        key: Arc::new(LinkKey::new([7; 32])),
        care: Arc::new(care),
        bells: WakeSignals::default(),
        in_flight: InFlight::default(),
    }
}

impl Fixture {
    /// The same database, opened anew.
    pub(super) fn restarted(self) -> Self {
        let care = care(triage(), self.clinic.care.current["spine"]);
        let (path, wording) = (self.clinic.store.path().to_owned(), self.clinic.words.id().unwrap());
        drop(self.clinic);
        let clinic = assemble(Store::open(&path, OpenMode::Existing).unwrap(), wording, care);
        Self { _dir: self._dir, clinic, patient: self.patient }
    }

    /// The same clinic once somebody else judges answers.
    pub(super) fn judged_by(self, mode: TriageMode) -> Self {
        let care = care(mode, self.clinic.care.current["spine"]);
        Self { clinic: Deps { care: Arc::new(care), ..self.clinic.clone() }, ..self }
    }

    /// The same clinic after the clinic gave its ladder other rungs: id, name, address.
    pub(super) fn with_ladder(self, rungs: &[(Option<&str>, &str, &str)]) -> Self {
        let mut care = care(triage(), self.clinic.care.current["spine"]);
        climb(&mut care, rungs);
        Self { clinic: Deps { care: Arc::new(care), ..self.clinic.clone() }, ..self }
    }

    pub(super) fn write<T: Send + 'static>(
        &self,
        who: (&str, Timestamp),
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, StepError> + Send + 'static,
    ) -> Result<T, StepError> {
        let stamp = Stamp { at: who.1, actor: Actor::parse(who.0).unwrap() };
        block_in_place(|| self.clinic.store.write_blocking(stamp, job))
    }

    pub(super) fn her(&self) -> Patient {
        self.clinic.store.read(|v| v.patient(self.patient)).unwrap()
    }

    pub(super) fn follow_up(&self, number: u32) -> FollowUp {
        let all = self.clinic.store.read(|v| v.follow_ups_of(self.patient)).unwrap();
        all.into_iter().find(|f| f.owed.number == number).unwrap()
    }

    /// The token of a link, as her letter would name it.
    pub(super) fn token(&self, purpose: LinkPurpose) -> String {
        let (token, id) = (self.clinic.key.token(self.patient, purpose, 0), self.patient);
        let kept = digest(&token);
        let end = at("2027-04-01T00:00:00Z");
        self.write(("daemon", due()), move |tx| Ok(tx.keep_links(id, &[(purpose, 0, kept)], end)?)).unwrap();
        token
    }

    pub(super) fn form(&self) -> String {
        self.token(LinkPurpose::Checklist(self.follow_up(1).id))
    }

    pub(super) async fn send(&self, now: Timestamp, page: SentPage) -> Saved {
        respond(&self.clinic, now, page).await.unwrap()
    }

    pub(super) async fn kept(&self, now: Timestamp, page: SentPage) -> SavedPage {
        match self.send(now, page).await {
            Saved::Kept(kept) => *kept,
            _ => panic!("the page was not kept"),
        }
    }
}

/// A submitted form; change what differs.
pub(super) fn page(token: &str, nonce: &str, fields: &[(&str, &str)]) -> SentPage {
    let all = ["walk=no", "grip=no", "pain=no", "weight=no", "call=no"].map(|f| f.split_once('=').unwrap());
    let said = |field: &str| fields.iter().find(|(f, _)| *f == field).map(|(_, word)| *word);
    let fields = all.iter().map(|(f, word)| ((*f).to_owned(), said(f).unwrap_or(word).to_owned()));
    SentPage {
        token: token.to_owned(),
        pass: None,
        nonce: format!("{nonce:0>16}"),
        version: "new".to_owned(),
        who: Respondent::Myself,
        fields: fields.collect(),
        number: 1,
        stage: FormStage::Submitted,
    }
}

fn care(mode: TriageMode, current: ChecklistVersionId) -> AnswerPolicy {
    let zone = TimeZone::UTC;
    let mut care = AnswerPolicy::closed(zone.clone());
    care.mode = mode;
    care.checklists = ChecklistCache::new(Box::new(|_, content| Some(checklist(content))));
    care.current = BTreeMap::from([("spine".to_owned(), current)]);
    care.birth_check = BirthCheck::SharedInboxes;
    let after = Duration::from_secs(30 * 60);
    care.ladder = Ladder {
        rungs: vec![Rung::default(), Rung { after, ..Rung::default() }],
        repeat_every: Duration::from_secs(15 * 60),
        patient_letter: PatientLetter::On,
        zone: zone.clone(),
        holidays: BTreeSet::new(),
    };
    let contact = |name: &str, webhook: Option<&str>| Contact {
        id: None,
        name: name.to_owned(),
        email: EmailAddress::parse(&format!("{name}@clinic.example")).unwrap(),
        webhook: webhook.map(str::to_owned),
    };
    care.contacts = vec![contact("nurse", None), contact("doctor", Some("https://pager.example/x"))];
    for (rung, contact) in care.ladder.rungs.iter_mut().zip(&care.contacts) {
        rung.who = contact.who();
    }
    care.days = WorkingDays { zone, weekdays: Vec::new(), holidays: BTreeSet::new() };
    care.console_url = "https://console.clinic.example".to_owned();
    care
}

/// Puts these rungs on the ladder, half an hour apart.
pub(super) fn climb(care: &mut AnswerPolicy, rungs: &[(Option<&str>, &str, &str)]) {
    care.contacts = rungs
        .iter()
        .map(|(id, name, address)| Contact {
            id: id.map(str::to_owned),
            name: (*name).to_owned(),
            email: EmailAddress::parse(address).unwrap(),
            webhook: None,
        })
        .collect();
    let rung = |(place, contact): (u64, &Contact)| Rung {
        who: contact.who(),
        after: Duration::from_secs(place * 30 * 60),
        ..Rung::default()
    };
    care.ladder.rungs = (0..).zip(&care.contacts).map(rung).collect();
}

fn policy() -> Policy {
    let weekdays =
        vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
    let hour = |h| time(h, 0, 0, 0);
    Policy {
        hours: SendingHours {
            days: OpenDays { weekdays, holidays: BTreeSet::new() },
            at: hour(9),
            opens: hour(8),
            closes: hour(20),
        },
        zone: "Etc/UTC".to_owned(),
        detail: Detail::Standard,
        weekly_cap: 5,
        daily_cap: 2,
        max_per_minute: 0,
        unusual_volume: crate::care::guards::volume::UnusualVolume::Waits,
        retry: vec![Duration::from_secs(300)],
        give_up_after: Duration::from_secs(3 * 86_400),
        lease: Duration::from_secs(300),
        doubt_rests: Duration::from_secs(300),
        from: ("Clinic".to_owned(), EmailAddress::parse("care@clinic.example").unwrap()),
        reply_to: None,
        own_addresses: vec![EmailAddress::parse("care@clinic.example").unwrap()],
        leaflets: ["warning-signs", "late-effects", "bone-health", "dilator", "treatment-options"]
            .map(str::to_owned)
            .into(),
        retention: RetentionPeriods::default(),
        message_id_domain: "clinic.example".to_owned(),
        public_url: Some("https://care.clinic.example".to_owned()),
    }
}

fn admit(tx: &mut Tx<'_>, clinic: &Deps) -> Result<PatientId, StepError> {
    for (name, role) in [("nora", Job::Nurse), ("dana", Job::Doctor)] {
        tx.insert_staff(&NewStaff {
            name: name.into(),
            email: EmailAddress::parse(&format!("{name}@clinic.example")).unwrap(),
            role,
            password: String::new(),
            totp_secret: String::new(),
        })?;
    }
    let protocol = Arc::new(protocol());
    let version = tx.publish_protocol("sample", &protocol.version, "")?;
    let newcomer = newcomer("C-1", "ana@home.example");
    let anchor_on = date(2026, 2, 3);
    let courses = vec![enrol::Course { version, protocol, anchor_on }];
    enrol::admit(
        tx,
        &enrol::Admission { newcomer, courses, waiting: Vec::new(), next_visit: None },
        &clinic.policy,
    )
}

fn newcomer(reference: &str, email: &str) -> Newcomer {
    Newcomer {
        reference: Reference::parse(reference).unwrap(),
        name: PreferredName::parse("Ana").unwrap(),
        birth_on: birth_on(),
        email: Some(EmailAddress::parse(email).unwrap()),
        language: "en".to_owned(),
        zone: "Etc/UTC".to_owned(),
        detail: Detail::Standard,
        detail_follows: false,
        proxy: None,
        shared_inbox: false,
        status: PatientStatus::Active,
        contact: PatientContact::default(),
    }
}

pub(super) fn birth_on() -> Date {
    date(1980, 5, 17)
}
