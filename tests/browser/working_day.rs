//! An hour of an administrator and a day of a nurse in a real browser, with script and without: from an empty clinic to a schedule
//! of its own, 200 patients, a red alert, a moved visit, a second version and a death that was none. Nobody opens a shell but for
//! the first account.

use std::process::Child;

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;

use crate::clinic_facts::{SOON, arrived, count, link};
use crate::colleague::{Account, Colleague};
use crate::driver::Look;
use crate::sandbox::{Ground, free_port, until};
use crate::sink::Sink;

const PATIENTS: usize = 200;

/// An empty clinic, its daemon, its mail server and the first account.
struct Clinic {
    sandbox: Ground,
    sink: Sink,
    console: String,
    admin: Account,
    daemon: Child,
}

impl Drop for Clinic {
    fn drop(&mut self) {
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}

impl Clinic {
    fn open() -> Self {
        let sink = Sink::open(|_, _| ());
        let sandbox = Ground::new(sink.port);
        let public = format!("127.0.0.1:{}", free_port());
        let written = std::fs::read_to_string(sandbox.config()).unwrap();
        // What staff own is theirs: the ladder is none of the operator's file.
        let (before, ladder) = written.split_once("[[alerts.ladder]]").unwrap();
        let after = ladder.split_once("# Who of them is away").unwrap().1;
        let nobody_yet = "alerts.ladder = [ { name = \"Whoever runs it\", email = \"ops@riverside.example\", after = \"0m\" } ]";
        let mut lines: Vec<String> = format!("{before}{after}").lines().map(str::to_owned).collect();
        for line in &mut lines {
            match line.split(" = ").next().unwrap_or_default() {
                "listen" => *line = format!("listen = \"{public}\""),
                "public_url" => *line = format!("public_url = \"http://{public}\""),
                _ => {}
            }
        }
        std::fs::write(sandbox.config(), lines.join("\n")).unwrap();
        let file = sandbox.dir.path().join("ladder.toml");
        std::fs::write(&file, nobody_yet).unwrap();
        let (code, _, err) = sandbox.run(&["settings", "set", "ladder", "--file", file.to_str().unwrap()]);
        assert_eq!(code, 0, "{err}");
        let (code, out, err) = sandbox.run(&[
            "staff",
            "add",
            "ana",
            "--role",
            "admin",
            "--email",
            "ana@riverside.example",
            "--json",
        ]);
        assert_eq!(code, 0, "{err}");
        let told: Value = serde_json::from_str(&out).unwrap();
        let text = |key: &str| told[key].as_str().unwrap().to_owned();
        let admin = Account {
            name: "ana".to_owned(),
            password: text("password"),
            secret: text("totp_secret"),
            recovery: None,
        };
        let daemon = sandbox.start(&["serve"]);
        let console = format!("http://{}", sandbox.console());
        until("the console answers", SOON, || std::net::TcpStream::connect(sandbox.console()).is_ok());
        Self { sandbox, sink, console, admin, daemon }
    }

    fn letter(&self, to: &str, holds: &str) -> String {
        arrived(&self.sink, to, holds)
    }

    fn count(&self, ask: &str) -> i64 {
        count(&self.sandbox, ask)
    }

    fn until_counted(&self, ask: &str, count: i64) {
        until(&format!("{count} from {ask}"), SOON, || self.count(ask) == count);
    }

    /// A list as the ward keeps it: three rows in it are wrong.
    fn roster(&self) -> String {
        let anchor = self.anchor();
        let mut rows = vec!["MRN,name,born,e-mail,language,time zone,protocol,anchor,mobile,ward".to_owned()];
        for number in 1..=PATIENTS {
            let (birth, email) = match number {
                20 => ("1966-13-04".to_owned(), format!("p-{number:04}@patients.example")),
                77 => ("1970-05-17".to_owned(), "rosa at patients.example".to_owned()),
                _ => ("1970-05-17".to_owned(), format!("p-{number:04}@patients.example")),
            };
            let on = if number == 150 { "yesterday".to_owned() } else { anchor.to_string() };
            rows.push(format!(
                "P-{number:04},Rosa,{birth},{email},en,{},riverside,{on},+1 212 736 50{:02},4 B",
                self.zone(),
                number % 100
            ));
        }
        rows.join("\n") + "\n"
    }

    fn zone(&self) -> &str {
        &self.sandbox.zone
    }

    fn anchor(&self) -> Date {
        self.sandbox.today().saturating_sub(40.days())
    }
}

/// The administrator invites a lead, who opens her account herself.
async fn invites(clinic: &Clinic, admin: &Colleague, lead: &Colleague) -> Account {
    admin.goto("/people").await;
    admin.write("name", "lea").await;
    admin.write("email", "lea@riverside.example").await;
    admin.tick("role", "lead").await;
    admin.press("Make the link").await;
    admin.inspect("people").await;
    let shown = admin.text("main").await;
    lead.goto(&link(&shown, "http://")).await;
    let (secret, password) =
        (lead.text("main strong.code").await.replace(' ', ""), "a long enough password".to_owned());
    lead.write("new", &password).await;
    lead.write("again", &password).await;
    lead.write("code", &crate::colleague::code(&secret)).await;
    lead.press("Open the account").await;
    let recovery = Some(lead.text("main li.code").await);
    let account = Account { name: "lea".to_owned(), password, secret, recovery };
    lead.sign_in(&account).await;
    assert_eq!(lead.browser.heading().await, "Today");
    assert_eq!(clinic.count("SELECT count(*) FROM staff"), 2);
    account
}

/// The lead stands on the ladder, and proves that alerts reach her.
async fn covers(clinic: &Clinic, admin: &Colleague, lead: &Colleague) {
    admin.goto("/settings/ladder").await;
    for (field, words) in
        [("rung0-name", "Lea, lead nurse"), ("rung0-email", "lea@riverside.example"), ("rung0-after", "0")]
    {
        admin.write(field, words).await;
    }
    admin.press("Show what this changes").await;
    admin.press("Save").await;
    admin.inspect("ladder").await;
    admin.reads("Lea, lead nurse").await;
    // The program takes a setting up within a second of its saving.
    admin.goto_until("/test-alert", "Lea, lead nurse").await;
    // One left for the old ladder when the program started. Whoever is new on it is asked at once all the same.
    admin.press("Send a test alert down the ladder").await;
    let letter = clinic.letter("lea@riverside.example", "/test-alert/");
    lead.goto(&link(&letter, "http://")).await;
    lead.press("I am here").await;
    lead.inspect("test-alert").await;
    lead.reads("proved until").await;
}

/// The lead signs the rules, and from then on they judge answers.
async fn signs(lead: &Colleague) {
    lead.goto("/checklists/spine/sign").await;
    let version = lead.text("main dl code").await;
    lead.write("name", "Dr Lea Roe").await;
    lead.write("role", "Lead clinician").await;
    lead.write("confirm", &version).await;
    lead.inspect("sign").await;
    lead.press("Sign: the rules judge from now on").await;
    lead.goto_until("/checklists/spine/sign", "The rules judge answers").await;
}

/// A schedule of the clinic's own from a template, put in force by two people.
async fn plans(admin: &Colleague, lead: &Colleague, clinic: &Clinic) {
    admin.goto("/protocols/drafts").await;
    let template: i64 = clinic.count("SELECT max(id) FROM protocol_version WHERE protocol = 'sgo2017-high'");
    admin.tick("begin", "version").await;
    admin.choose("version", &template.to_string()).await;
    admin.press("Begin the draft").await;
    admin.press("What the protocol is").await;
    for (field, words) in
        [("id", "riverside"), ("title", "Follow-up at Riverside"), ("source", "Dr Lea, tumour board")]
    {
        admin.write(field, words).await;
    }
    admin.press("Save the draft").await;
    admin.press("Back").await;
    admin.press("Publish it: see first what changes").await;
    admin.reads("it is for new patients").await;
    admin.press_beginning("Ask to publish version").await;
    let publication = admin.path().await;
    lead.goto(&publication).await;
    lead.inspect("publication").await;
    lead.press("Sign and publish").await;
    clinic.until_counted("SELECT count(*) FROM protocol_version WHERE protocol = 'riverside'", 1);
}

/// 200 patients from a list with three faults, mended in place.
async fn imports(admin: &Colleague, clinic: &Clinic) {
    let file = clinic.sandbox.dir.path().join("ward.csv");
    std::fs::write(&file, clinic.roster()).unwrap();
    admin.goto("/import").await;
    admin.write("file", file.to_str().unwrap()).await;
    admin.press("Look through the file").await;
    assert_eq!(admin.browser.heading().await, "What do the columns stand for?");
    admin.press("Look through the rows").await;
    looked(admin, "What this file would do").await;
    admin.reads("3 rows have a fault").await;
    admin.inspect("import").await;
    for (line, words) in
        [(21, "1966-12-04"), (78, "p-0077@patients.example"), (151, clinic.anchor().to_string().as_str())]
    {
        let css = format!("//label[contains(., '(line {line})')]");
        let label = admin.client().find(thirtyfour::By::XPath(css.as_str())).await.unwrap();
        let field = label.attr("for").await.unwrap().unwrap();
        admin.write(&field, words).await;
    }
    admin.press("Save and look again").await;
    looked(admin, "What this file would do").await;
    admin.press(&format!("Import {PATIENTS} patients")).await;
    clinic.until_counted(
        "SELECT count(*) FROM patient WHERE reference LIKE 'P-%'",
        i64::try_from(PATIENTS).unwrap(),
    );
}

/// Waits until the page that renews itself has become this one.
async fn looked(admin: &Colleague, heading: &str) {
    let mut looks = 0;
    while admin.browser.heading().await != heading {
        looks += 1;
        assert!(looks < 2_000, "still `{}`", admin.browser.heading().await);
    }
}

/// A visit is booked and moved; the letter about it brings the patient to her form, and her answer rings.
async fn books_and_moves(lead: &Colleague, clinic: &Clinic) {
    let day = |days: i32| clinic.sandbox.today().saturating_add(days.days()).to_string();
    for (act, on) in [("book", day(50)), ("move", day(52))] {
        lead.goto("/patients/P-0001").await;
        lead.tick("act", act).await;
        lead.write("on", &on).await;
        lead.write("at", "10:30").await;
        lead.write("place", "Room 4").await;
        lead.press("Check, and show what it does").await;
        lead.inspect("check").await;
        lead.press("Do it").await;
    }
    assert_eq!(clinic.count("SELECT count(*) FROM appointment WHERE state = 'booked'"), 1);
}

/// She follows the letter's link, and says that her legs have grown weak.
async fn worries(patient: &Colleague, clinic: &Clinic) {
    let letter = clinic.letter("p-0001@patients.example", "/c/");
    patient.goto(&link(&letter, "http://127.0.0.1")).await;
    patient.browser.click("label[for='who-self']").await;
    patient.browser.press("button[value='start']").await;
    patient.browser.answer(&[("SP08", "new"), ("SP09", "no"), ("SP10", "no")]).await;
    assert_eq!(patient.browser.heading().await, "Get help now");
}

/// The alert is taken on and closed with an MRI and what it was; what follows is done with it.
async fn ends(lead: &Colleague, clinic: &Clinic) {
    let letter = clinic.letter("lea@riverside.example", "/alerts/");
    lead.goto(&link(&letter, &clinic.console)).await;
    lead.press("Take it on").await;
    lead.tick("done", "called").await;
    lead.tick("done", "mri").await;
    lead.write("mri_on", &clinic.sandbox.today().to_string()).await;
    lead.tick("outcome", "spinal-spread").await;
    lead.tick("follow", "pause").await;
    lead.write("note", "Seen today; cord compression treated within hours.").await;
    lead.inspect("alert").await;
    lead.press("Close the alert").await;
    lead.reads("What followed").await;
    assert_eq!(clinic.count("SELECT count(*) FROM alert WHERE state = 'closed' AND outcome IS NOT NULL"), 1);
}

/// A second version, and half of the patients move to it.
async fn publishes_again(admin: &Colleague, lead: &Colleague, clinic: &Clinic) {
    admin.goto("/protocols/drafts").await;
    let first: i64 = clinic.count("SELECT id FROM protocol_version WHERE protocol = 'riverside'");
    admin.tick("begin", "version").await;
    admin.choose("version", &first.to_string()).await;
    admin.press("Begin the draft").await;
    admin.press("Follow-up visit").await;
    admin.write("phases.0.every", "4").await;
    admin.press("Save the draft").await;
    admin.press("Back to the draft, with the picture").await;
    admin.press("Publish it: see first what changes").await;
    admin.reads("patients are on riverside").await;
    admin.tick("move", "some").await;
    admin.inspect("publish").await;
    let codes: Vec<String> = (2..=101).map(|number| format!("P-{number:04}")).collect();
    admin.write("codes", &codes.join(" ")).await;
    admin.press_beginning("Ask to publish version").await;
    let publication = admin.path().await;
    lead.goto(&publication).await;
    lead.inspect("publication").await;
    lead.press("Sign and publish").await;
    let on_second = "SELECT count(*) FROM enrolment e JOIN protocol_version v ON v.id = e.protocol_version_id \
                     WHERE v.id = (SELECT max(id) FROM protocol_version WHERE protocol = 'riverside') AND e.state = 'active'";
    clinic.until_counted(on_second, 100);
}

/// A death is recorded of the wrong patient, and undone by two people.
async fn takes_back(admin: &Colleague, lead: &Colleague, clinic: &Clinic) {
    let status = |word: &str| {
        clinic
            .count(&format!("SELECT count(*) FROM patient WHERE reference = 'P-0005' AND status = '{word}'"))
    };
    for (to, reason) in [("deceased", "told by her family"), ("active", "it was another patient")] {
        lead.goto("/patients/P-0005").await;
        lead.choose("to", to).await;
        lead.write("reason", reason).await;
        lead.write("sure", "P-0005").await;
        lead.send_with("sure", "Check, and show what it does").await;
        lead.press("Do it").await;
        assert_eq!(status("deceased"), 1, "one person alone brings nobody back");
    }
    admin.goto("/patients/P-0005").await;
    admin.press("The record is wrong: undo it").await;
    assert_eq!(status("active"), 1);
}

/// The lead would rather read Spanish; her colleagues go on in English.
async fn reads_spanish(lead: &Colleague) {
    lead.goto("/account").await;
    lead.choose("language", "es").await;
    lead.press("Choose").await;
    for (path, heading) in
        [("/", "Hoy"), ("/patients/P-0001", "P-0001 Rosa"), ("/alerts/1", "P-0001 emergencia")]
    {
        lead.goto(path).await;
        assert_eq!(lead.browser.heading().await.to_lowercase(), heading.to_lowercase());
        lead.inspect(&format!("es{}", path.replace('/', "-"))).await;
    }
}

async fn working_day(look: Look) {
    let clinic = tokio::task::spawn_blocking(Clinic::open).await.unwrap();
    let (admin, lead) =
        (Colleague::at(&clinic.console, look).await, Colleague::at(&clinic.console, look).await);
    let patient = Colleague::at(&clinic.console, look).await;
    admin.sign_in(&clinic.admin).await;
    admin.goto("/start").await;
    admin.reads("steps are open").await;
    admin.inspect("start").await;
    invites(&clinic, &admin, &lead).await;
    covers(&clinic, &admin, &lead).await;
    signs(&lead).await;
    plans(&admin, &lead, &clinic).await;
    imports(&admin, &clinic).await;
    books_and_moves(&lead, &clinic).await;
    worries(&patient, &clinic).await;
    ends(&lead, &clinic).await;
    publishes_again(&admin, &lead, &clinic).await;
    takes_back(&admin, &lead, &clinic).await;
    reads_spanish(&lead).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_hour_of_an_administrator_and_a_day_of_a_nurse() {
    working_day(Look::Desktop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_without_script() {
    working_day(Look::NoScript).await;
}
