//! A clinic where much has happened, so that every page of the console has something on it, and the addresses of those pages:
//! each row of the table of routes with every example of its parts, and what is asked of lists.

use aftercare::care::delivery::DeliveryState;
use aftercare::care::permission::StaffRole;
use aftercare::care::settings::setting::Setting;
use aftercare::care::task::TaskKind;
use aftercare::journey::delivery::deliver::deliver;
use aftercare::letter::proof::samples;
use aftercare::web::console::route::{Access, Route, RouteMethod};
use aftercare::web::console::routes;

use crate::fixture::{CODE, Fixture, PEOPLE, now};
use crate::{bookings, imports, people, protocols, settings, test_alert};

/// What is asked of the pages that take a question.
const ASKED: [(&str, &[&str]); 13] = [
    ("/", &["?kind=missed", "?put_off=yes"]),
    ("/alerts", &["?only=mine", "?only=taken", "?only=ringing"]),
    ("/audit", &["?what=alerts", "?code=C-100", "?from=2026-01-01&until=2026-12-31"]),
    ("/checklists/spine", &["?language=es"]),
    ("/checklists/spine/try", &["?language=es"]),
    ("/leaving", &["?kind=reminders", "?kind=notice", "?kind=alert", "?kind=digest"]),
    ("/ledger", &["?code=C-100&state=sent&since=2026-01-01", "?state=failed"]),
    ("/letters/kinds/book", &["?language=es&kind=test&detail=full", "?cover=none"]),
    ("/patients", &["?code=C-1", "?show=silent"]),
    ("/protocols/compare", &["?a=1&b=2", "?a=1&b=draft-2"]),
    ("/protocols/drafts/2", &["?anchor=2026-01-31"]),
    ("/tasks", &["?whose=nobody&due=overdue", "?whose=mine", "?kind=silent&put_off=yes", "?kind=not-booked"]),
    ("/views", &["?by=lena", "?code=C-100"]),
];

/// A page that is nothing unless it is asked for something.
const ONLY_ASKED: &str = "/protocols/compare";

/// What nobody but whoever typed it a moment ago can read; tests/console/wordings.rs reads it.
const ITS_AUTHORS: &str = "/letters/kinds/{name}/wording/looks/{token}";

/// The way to a provider and back, which this clinic has not; tests/openid.rs goes it.
const THROUGH_A_PROVIDER: &str = "/sign-in/openid";

/// The clinic, and what its records are called in addresses.
pub(crate) struct Site {
    pub(crate) fixture: Fixture,
    /// Sessions of the two who between them may see every page, as cookies.
    readers: [(StaffRole, String); 2],
    /// The beginning of a path, up to a part that is filled in, and what stands for it.
    examples: Vec<(&'static str, Vec<String>)>,
}

/// A page of the clinic.
pub(crate) struct SitePage {
    /// Its address.
    pub(crate) path: String,
    /// The path of its row in the table of routes.
    pub(crate) row: String,
    /// Who may see it.
    pub(crate) needs: Access,
}

/// What a part of a path may be: so many numbers.
fn numbered(path: &str, ids: impl IntoIterator<Item = i64>) -> Vec<String> {
    named(path, ids.into_iter().map(|id| id.to_string()))
}

fn named(path: &str, names: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
    names.into_iter().map(|name| format!("{path}{}", name.as_ref())).collect()
}

impl Site {
    /// Opens the clinic and lets it all happen.
    pub(crate) async fn open() -> Self {
        let fixture =
            settings::clinic(&["phone_office", "[[alerts.ladder]]"], &[settings::OFFICE, settings::LADDER])
                .await;
        fixture.worried(&[("SP08", "new"), ("SP09", "unsure")]).await;
        let (nora, lena, adam) =
            (fixture.sign_in("nora").await, fixture.sign_in("lena").await, fixture.sign_in("adam").await);
        work_of_a_day(&fixture, &nora).await;
        deliver(&fixture.engine.clinic, &fixture.engine.post).await.unwrap();
        let code = test_alert::code_in(&fixture.spooled(), "n@clinic.example");
        bookings::import(&fixture, 2).await;
        much_has_happened(&fixture);
        let (published, draft) = drafts(&fixture, &lena).await;
        let (staged, import) = rosters(&fixture, &lena).await;
        let link = people::invited(&fixture, &adam).await;
        assert_eq!(
            fixture.act("/what-if", &lena, &[("years", "1"), ("from", ""), ("to", "")]).await.status,
            303
        );
        fixture.settled("/what-if", &lena).await;
        fixture.act("/checklists/spine/count", &lena, &[("for", "sign")]).await;
        fixture.settled("/checklists/spine/count", &lena).await;

        let tasks = ids(&fixture, "SELECT id FROM task");
        let letters = ids(&fixture, "SELECT id FROM delivery");
        let versions = ids(&fixture, "SELECT id FROM protocol_version");
        let written = ids(&fixture, "SELECT delivery_id FROM sealed");
        let written = written.into_iter().map(|id| format!("/letters/{id}/html")).collect();
        let kinds = samples::STEPS.iter().map(|(step, _)| *step);
        let examples = vec![
            ("/alerts/{id}", numbered("/alerts/", [1])),
            ("/answers/{id}", numbered("/answers/", [1])),
            ("/checklists/{checklist}", named("/checklists/", ["spine"])),
            ("/correct/{*reference}", named("/correct/", [CODE])),
            ("/erase/{*reference}", named("/erase/", [CODE])),
            ("/export/{*reference}", named("/export/", [CODE])),
            ("/import/{id}", vec![staged]),
            ("/imports/{id}", vec![import]),
            ("/join/{token}", vec![link]),
            ("/letters/{id}", numbered("/letters/", letters)),
            ("/letters/{id}/html", written),
            ("/letters/kinds/{name}", named("/letters/kinds/", kinds)),
            ("/patients/{*reference}", named("/patients/", [CODE])),
            ("/people/{account}", named("/people/", PEOPLE.map(|(name, _)| name))),
            ("/plan/{*reference}", named("/plan/", [CODE])),
            ("/protocols/{id}", numbered("/protocols/", versions)),
            ("/protocols/drafts/{id}", vec![published, draft.clone()]),
            ("/protocols/drafts/{id}/series/{number}", numbered(&format!("{draft}/series/"), 0..2)),
            ("/protocols/publications/{id}", numbered("/protocols/publications/", [1])),
            ("/proxy/{*reference}", named("/proxy/", [CODE])),
            ("/reports/{file}", named("/reports/", ["answers.csv", "load.csv", "overdue.csv"])),
            ("/settings/{setting}", named("/settings/", Setting::ALL.map(Setting::word))),
            ("/story/{*reference}", named("/story/", [CODE])),
            ("/tasks/{id}", numbered("/tasks/", tasks)),
            ("/test-alert/{code}", named("/test-alert/", [code])),
        ];
        Self { fixture, readers: [(StaffRole::Lead, lena), (StaffRole::Admin, adam)], examples }
    }

    /// The session of somebody who may see most.
    pub(crate) fn lead(&self) -> &str {
        &self.readers[0].1
    }

    /// The sessions of those who may see a page.
    pub(crate) fn readers_of(&self, page: &SitePage) -> Vec<&str> {
        let may = self.readers.iter().filter(|(role, _)| page.needs.check(*role).is_ok());
        let cookies = may.map(|(_, cookie)| cookie.as_str()).collect::<Vec<_>>();
        assert!(!cookies.is_empty(), "somebody in tests/console/site.rs must be able to see {}", page.row);
        cookies
    }

    /// The sessions of those two.
    pub(crate) fn readers(&self) -> impl Iterator<Item = &str> {
        self.readers.iter().map(|(_, cookie)| cookie.as_str())
    }

    /// Every form that can be sent, about one example each; 1 for a number of which there is no page.
    pub(crate) fn forms(&self) -> Vec<SitePage> {
        let rows = routes::all().into_iter().filter(|row| row.method != RouteMethod::Get);
        let path = |row: &Route| match self.examples_of(row) {
            Some((part, examples)) => row.path.replacen(part, &examples[0], 1),
            None => row.path.clone(),
        };
        let number = |path: String| match path.split_once('{').zip(path.split_once('}')) {
            Some(((before, _), (_, after))) => format!("{before}1{after}"),
            None => path,
        };
        rows.map(|row| SitePage { path: number(path(&row)), row: row.path.clone(), needs: row.needs })
            .collect()
    }

    /// Every page, and every page of a list that is asked for something.
    pub(crate) fn pages(&self) -> Vec<SitePage> {
        let rows = routes::all().into_iter();
        let elsewhere = |path: &str| path == ITS_AUTHORS || path.starts_with(THROUGH_A_PROVIDER);
        let rows = rows.filter(|row| row.method == RouteMethod::Get && !elsewhere(&row.path));
        let mut pages = Vec::new();
        for row in rows {
            let plain = self.addresses(&row);
            let asked = ASKED.iter().filter(|(path, _)| plain.iter().any(|own| own == path));
            let asked = asked.flat_map(|(path, asks)| asks.iter().map(move |ask| format!("{path}{ask}")));
            let paths = plain.iter().filter(|path| *path != ONLY_ASKED).cloned().chain(asked);
            pages.extend(paths.map(|path| SitePage { path, row: row.path.clone(), needs: row.needs }));
        }
        for (path, _) in ASKED {
            let asked = format!("{path}?");
            assert!(
                pages.iter().any(|page| page.path.starts_with(&asked)),
                "{path} is gone: ask nothing of it"
            );
        }
        pages
    }

    fn addresses(&self, row: &Route) -> Vec<String> {
        if !row.path.contains('{') {
            return vec![row.path.clone()];
        }
        let (part, examples) = self
            .examples_of(row)
            .unwrap_or_else(|| panic!("give an example for {} in tests/console/site.rs", row.path));
        assert!(!examples.is_empty(), "nothing of {} happened in tests/console/site.rs", row.path);
        examples.iter().map(|example| row.path.replacen(part, example, 1)).collect()
    }

    fn examples_of(&self, row: &Route) -> Option<&(&'static str, Vec<String>)> {
        let fits = self.examples.iter().filter(|(part, _)| row.path.starts_with(part));
        fits.max_by_key(|(part, _)| part.len())
    }
}

/// A nurse rings, takes the alert on, sets the patient's status and tests the ladder.
async fn work_of_a_day(fixture: &Fixture, nurse: &str) {
    for (path, fields) in [
        ("/alerts/1/contact", &[("kind", "no-answer"), ("log_note", "rang")][..]),
        ("/alerts/1/acknowledge", &[]),
        (
            "/patients/C-100",
            &[("act", "status"), ("to", "recurrence_suspected"), ("reason", "x"), ("sure", "C-100")],
        ),
        ("/test-alert", &[("act", "send")]),
    ] {
        assert!(fixture.act(path, nurse, fields).await.status < 400, "{path}");
    }
}

/// The numbers of records that a question finds.
fn ids(fixture: &Fixture, question: &str) -> Vec<i64> {
    let sql = rusqlite::Connection::open(fixture.engine.clinic.store.path()).unwrap();
    let mut rows = sql.prepare(question).unwrap();
    let ids = rows.query_map([], |row| row.get(0)).unwrap();
    ids.map(Result::unwrap).collect()
}

/// A draft that is published and waits for its second signature, and one that is still written.
async fn drafts(fixture: &Fixture, lead: &str) -> (String, String) {
    let published = protocols::begun(fixture, lead, "sgo2017-high").await;
    let (text, revision) = protocols::changed(fixture, "Salani 2017", "Salani 2017, read by us");
    let save = [("text", text.as_str()), ("revision", revision.as_str())];
    assert_eq!(fixture.act(&format!("{published}/text"), lead, &save).await.status, 303);
    let ask = [("revision", "2"), ("move", "none")];
    let asked = fixture.act(&format!("{published}/publish"), lead, &ask).await;
    assert_eq!(asked.status, 303, "{}", asked.body);
    (published, protocols::begun(fixture, lead, "figo").await)
}

/// A roster with a fault that waits to be mended, and one that was taken in.
async fn rosters(fixture: &Fixture, lead: &str) -> (String, String) {
    let file = |rows: [String; 2]| format!("{}\n{}\n{}\n", imports::HEAD, rows[0], rows[1]);
    let sound = file([imports::row("R-1", "1980-05-17"), imports::row("R-2", "1981-02-28")]);
    let (to, _) = imports::follow(fixture, lead, imports::upload(fixture, lead, &sound).await).await;
    let (taken, _) =
        imports::follow(fixture, lead, fixture.act(&format!("{to}/take"), lead, &[]).await).await;
    let faulty = file([imports::row("R-3", "1980-05-17"), imports::row("R-4", "1981-02-30")]);
    let (staged, _) = imports::follow(fixture, lead, imports::upload(fixture, lead, &faulty).await).await;
    (staged, taken.split('?').next().unwrap().to_owned())
}

/// Tasks of every kind with reasons as the steps write them, letters in every state, an event of every kind.
fn much_has_happened(fixture: &Fixture) {
    let sql = rusqlite::Connection::open(fixture.engine.clinic.store.path()).unwrap();
    let at = now().as_millisecond();
    for (number, kind) in TaskKind::ALL.iter().enumerate() {
        let reason = "spine-check due on 2026-02-24: the letter `nudge-again` could not leave in time.";
        let insert = "INSERT INTO task (kind, cause, patient_id, reason, opened_at, due_at, state) VALUES (?, ?, 1, ?, ?, ?, 'open')";
        sql.execute(insert, rusqlite::params![kind.word(), format!("made/{number}"), reason, at, at])
            .unwrap();
    }
    for (number, state) in DeliveryState::ALL.iter().enumerate() {
        let waits = matches!(state, DeliveryState::Pending);
        let is_over = !matches!(state, DeliveryState::Pending | DeliveryState::Claimed);
        let frees = matches!(state, DeliveryState::Skipped | DeliveryState::Lapsed | DeliveryState::Failed);
        let insert = "INSERT INTO delivery (audience, purpose, patient_id, local_on, priority, state, frees_day, reason, next_at, \
                      lease_until, expires_at, created_at, ended_at, attempt, message_id) \
                      VALUES ('patient', 'notice', 1, '2026-02-24', 2, ?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, 1, ?8)";
        let values = rusqlite::params![
            state.word(),
            frees,
            is_over.then_some("address_bad"),
            waits.then_some(at),
            matches!(state, DeliveryState::Claimed).then_some(at),
            at,
            is_over.then_some(at),
            format!("<{number}@clinic.example>"),
        ];
        sql.execute(insert, values).unwrap();
    }
}
