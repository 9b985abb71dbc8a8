//! What only people with an account do, each signed in on the command line.

use aftercare::journey::operations::accounts::shown_code;
use aftercare::ports::Clock;
use serde_json::Value;

use super::{Clinic, Said, day, has};

/// An account as its owner got it.
pub(super) struct Account {
    name: &'static str,
    password: String,
    secret: String,
}

impl Account {
    pub(super) fn open(clinic: &Clinic, (name, role): (&'static str, &str)) -> Self {
        let email = format!("{name}@clinic.example");
        let issued = clinic.json(&["staff", "add", name, "--role", role, "--email", &email]);
        let word = |key: &str| issued[key].as_str().unwrap().to_owned();
        Self { name, password: word("password"), secret: word("totp_secret") }
    }

    /// A command with `--as`, password and code given on stdin.
    pub(super) fn gives(&self, clinic: &Clinic, args: &[&str]) -> Said {
        let code = shown_code(&self.secret, aftercare::clock::SystemClock.now()).unwrap();
        clinic.hears(&[args, &["--as", self.name]].concat(), &format!("{}\n{code}\n", self.password))
    }
}

fn status(clinic: &Clinic) -> Value {
    clinic.json(&["patient", "show", "R-1"])["status"].clone()
}

fn tasks(clinic: &Clinic, kind: &str) -> Vec<String> {
    let all = clinic.json(&["tasks", "list"]);
    let of_kind = all.as_array().unwrap().iter().filter(|task| task["kind"] == kind);
    of_kind.map(|task| task["id"].to_string()).collect()
}

#[test]
fn undoing_a_death_takes_two_people_who_each_sign_in() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["visit", "book", "R-1", "--on", &day(20), "--at", "10:30"]);
    clinic.does(&["patient", "set", "R-1", "--status", "deceased", "--reason", "the family called"]);
    assert_eq!(clinic.json(&["ledger", "--patient", "R-1"])[0]["reason"], "deceased");
    let (maria, jose) =
        (Account::open(&clinic, ("maria", "nurse")), Account::open(&clinic, ("jose", "lead")));
    let back = ["patient", "set", "R-1", "--status", "active", "--reason", "mixed up"];
    let named = [&back[..], &["--confirmed-by", "maria"]].concat();
    has(&clinic.refuses(65, &named), &["signed-in", "--as NAME"]);
    let asked = maria.gives(&clinic, &named);
    assert_eq!((asked.code, status(&clinic)), (0, "deceased".into()), "{}", asked.err);
    has(&asked.out, &["stays recorded as deceased until a second person agrees"]);
    assert_eq!(tasks(&clinic, "death-in-question").len(), 1);
    let agreed = jose.gives(&clinic, &back);
    assert_eq!((agreed.code, status(&clinic)), (0, "active".into()), "{}", agreed.err);
    assert!(tasks(&clinic, "death-in-question").is_empty());
    clinic.does(&["doctor"]);
}

#[test]
fn whoever_asked_for_a_death_to_be_undone_does_not_agree_with_herself() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["patient", "set", "R-1", "--status", "deceased", "--reason", "the family called"]);
    let back = ["patient", "set", "R-1", "--status", "active", "--reason", "mixed up"];
    // Nobody has an account: the users of the machine are the people, and there is one.
    clinic.does(&back);
    has(&clinic.refuses(65, &back), &["second person", "signs in"]);
    assert_eq!(status(&clinic), "deceased");
    let task = tasks(&clinic, "death-in-question").remove(0);
    clinic.does(&["tasks", "done", &task, "--note", "the record is right"]);
    clinic.does(&["doctor"]);
}

#[test]
fn test_alerts_are_not_sent_one_after_the_other() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["alerts", "test"]);
    has(&clinic.refuses(75, &["alerts", "test"]), &["a short while ago", "can leave at"]);
}

#[test]
fn known_bone_spread_is_noted_and_withdrawn_with_a_reason() {
    let clinic = Clinic::new();
    clinic.ana();
    let shown = clinic.json(&["patient", "bone-spread", "R-1"]);
    assert_eq!((&shown["noted"], &shown["effect"]), (&false.into(), &serde_json::json!([])));
    let maria = Account::open(&clinic, ("maria", "nurse"));
    let refused = maria.gives(&clinic, &["patient", "bone-spread", "R-1", "--note"]);
    assert_eq!(refused.code, 65);
    let dana = Account::open(&clinic, ("dana", "doctor"));
    let noted = dana.gives(&clinic, &["patient", "bone-spread", "R-1", "--note"]);
    assert_eq!(noted.code, 0, "{}", noted.err);
    has(&noted.out, &["noted by staff:dana"]);
    has(&clinic.refuses(64, &["patient", "bone-spread", "R-1", "--withdraw", "--as", "dana"]), &["--reason"]);
    let lena = Account::open(&clinic, ("lena", "lead"));
    let withdraw = ["patient", "bone-spread", "R-1", "--withdraw", "--reason", "another record was meant"];
    let back = lena.gives(&clinic, &withdraw);
    assert_eq!(back.code, 0, "{}", back.err);
    assert_eq!(clinic.json(&["patient", "bone-spread", "R-1"])["noted"], false);
}

#[test]
fn a_test_alert_is_confirmed_by_the_code_of_its_letter_and_by_nothing_else() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["drain"]);
    let maria = Account::open(&clinic, ("maria", "nurse"));
    let wrong = maria.gives(&clinic, &["alerts", "confirm", "--code", "AAAA-BBBB-CCCC"]);
    assert_eq!(wrong.code, 65);
    has(&wrong.err, &["no test alert of the last seven days has that code"]);
    let rosa = Account::open(&clinic, ("rosa", "nurse"));
    let bare = rosa.gives(&clinic, &["alerts", "confirm"]);
    assert_eq!(bare.code, 65);
    has(&bare.err, &["a code or a note is needed"]);
    let jose = Account::open(&clinic, ("jose", "nurse"));
    let noted = jose.gives(&clinic, &["alerts", "confirm", "--note", "no letter came"]);
    assert_eq!(noted.code, 0, "{}", noted.err);
    has(&noted.out, &["proves nothing"]);
    let ledger = clinic.json(&["ledger"]);
    let letters = ledger.as_array().unwrap().iter().filter(|one| one["purpose"] == "alert");
    let text = letters.map(|one| clinic.does(&["replay", &one["id"].to_string()])).next().unwrap();
    let (_, rest) = text.split_once("/test-alert/").unwrap();
    let ines = Account::open(&clinic, ("ines", "nurse"));
    let proved = ines.gives(&clinic, &["alerts", "confirm", "--code", &rest[..14]]);
    assert_eq!(proved.code, 0, "{}", proved.err);
    has(&proved.out, &["test alert confirmed for:"]);
    assert!(tasks(&clinic, "no-cover").is_empty());
}

#[test]
fn a_task_is_claimed_put_off_and_written_about_on_the_command_line() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["patient", "set", "R-1", "--status", "transferred", "--reason", "moved"]);
    let maria = Account::open(&clinic, ("maria", "nurse"));
    let id = tasks(&clinic, "hand-over").remove(0);
    assert_eq!(maria.gives(&clinic, &["tasks", "claim", &id]).code, 0);
    // A code is used once: the next command waits for another person's.
    let jose = Account::open(&clinic, ("jose", "nurse"));
    let note = ["tasks", "note", &id, "--kind", "handed-over", "--to", "maria", "--note", "she knows her"];
    let said = jose.gives(&clinic, &note);
    assert_eq!(said.code, 0, "{}", said.err);
    let shown = clinic.json(&["tasks", "show", &id]);
    assert_eq!((&shown["owner"], &shown["log"][0]["kind"]), (&"maria".into(), &"handed-over".into()));
    assert_eq!(shown["log"][0]["note"], "she knows her");
    let ines = Account::open(&clinic, ("ines", "nurse"));
    let snooze = ["tasks", "snooze", &id, "--until", &day(5), "--reason", "on holiday"];
    let said = ines.gives(&clinic, &snooze);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(tasks(&clinic, "hand-over").is_empty());
    has(&clinic.does(&["tasks", "list", "--snoozed"]), &["maria works on it", "put off until"]);
    has(&clinic.refuses(65, &["tasks", "claim", &id, "--as", "maria"]), &["no password"]);
}

#[test]
fn the_list_is_narrowed_and_a_name_is_looked_for_without_standing_in_an_argument() {
    let clinic = Clinic::new();
    clinic.ana();
    let codes = |said: &str| -> Vec<String> {
        let listed: Value = serde_json::from_str(said).unwrap();
        listed.as_array().unwrap().iter().map(|p| p["reference"].as_str().unwrap().to_owned()).collect()
    };
    let list = |args: &[&str]| {
        let args = [&["patient", "list", "--json"][..], args].concat();
        codes(&clinic.does(&args))
    };
    assert_eq!(list(&[]), ["R-1"]);
    assert_eq!(list(&["--group", "unreachable"]), [] as [&str; 0]);
    assert_eq!(list(&["--protocol", "no-such"]), [] as [&str; 0]);
    clinic.does(&["patient", "set", "R-1", "--status", "paused", "--reason", "on holiday"]);
    assert_eq!((list(&["--status", "paused"]).len(), list(&["--status", "active"]).len()), (1, 0));
    let found = clinic.hears(&["patient", "list", "--json", "--find"], "an\n");
    assert_eq!((found.code, codes(&found.out)), (0, vec!["R-1".to_owned()]), "{}", found.err);
    assert_eq!(codes(&clinic.hears(&["patient", "list", "--json", "--find"], "zoe\n").out), [] as [&str; 0]);
    has(&clinic.hears(&["patient", "list", "--find"], "\n").err, &["nothing to look for was given"]);
    has(&clinic.refuses(64, &["patient", "list", "--group", "odd"]), &["silent, unreachable, paused"]);
}

#[test]
fn a_viewer_signs_in_and_changes_nothing() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["patient", "set", "R-1", "--status", "transferred", "--reason", "she moved"]);
    let vera = Account::open(&clinic, ("vera", "viewer"));
    let task = clinic.json(&["tasks", "list"])[0]["id"].to_string();
    let refused = vera.gives(&clinic, &["tasks", "done", &task, "--note", "done"]);
    assert_ne!(refused.code, 0, "{}", refused.out);
    has(&refused.err, &["only a nurse, doctor, lead or administrator may close a task"]);
    assert_eq!(clinic.json(&["tasks", "list"])[0]["id"].to_string(), task);
    let roles = clinic.json(&["staff", "roles"]);
    assert_eq!(
        (roles[0]["role"].as_str(), roles[0]["may"].as_array().map(Vec::len)),
        (Some("viewer"), Some(0))
    );
    has(&clinic.does(&["staff", "roles"]), &["doctor: ", "close an emergency or urgent alert"]);
}

#[test]
fn what_is_recorded_of_a_patient_can_be_given_in_a_file_and_stands_on_no_command_line() {
    let clinic = Clinic::new();
    let her = "reference = \"R-7\"\nname = \"Ana\"\nbirth_date = 1980-05-17\nemail = \"ana@mail.example\"\nphone = \"+1 212 736 5000\"\n";
    let file = clinic.roster("her.toml", her);
    clinic.does(&["patient", "add", "--from", &file]);
    has(&clinic.does(&["patient", "show", "R-7"]), &["R-7 (Ana)", "ana@mail.example", "736"]);
    let set = clinic.hears(&["patient", "set", "R-7", "--from", "-"], "email = \"new@mail.example\"\n");
    assert_eq!(set.code, 0, "{}", set.err);
    has(&clinic.does(&["patient", "show", "R-7"]), &["new@mail.example"]);
    let wrong = clinic.hears(&["patient", "set", "R-7", "--from", "-"], "e_mail = \"x@mail.example\"\n");
    assert_eq!(wrong.code, 65);
    has(&wrong.err, &["`-`: there is no key `e_mail`", "known are reference,", "birth_date"]);
    let none = clinic.refuses(65, &["patient", "add", "--from", "/nowhere.toml"]);
    has(&none, &["`/nowhere.toml` cannot be read"]);
    let help = clinic.does(&["patient", "add", "--help"]);
    let place = |word| help.find(word).unwrap();
    assert!(place("\n      --from <FILE>") < place("\n      --name <NAME>"), "{help}");
}

#[test]
fn an_address_that_is_taken_away_leaves_a_task_and_one_that_is_given_ends_it() {
    let clinic = Clinic::new();
    clinic.ana();
    let is_asked = || {
        let tasks = clinic.json(&["tasks", "list"]);
        tasks.as_array().unwrap().iter().any(|task| task["kind"] == "unreachable")
    };
    assert!(!is_asked());
    clinic.does(&["patient", "set", "R-1", "--email", ""]);
    assert!(is_asked() && clinic.json(&["patient", "show", "R-1"])["email"].is_null());
    clinic.does(&["patient", "set", "R-1", "--email", "new@mail.example"]);
    assert!(!is_asked());
}

#[test]
fn a_case_code_that_means_another_page_is_refused_and_told_of_where_it_is_on_record() {
    let clinic = Clinic::new();
    clinic.ana();
    let told =
        clinic.refuses(64, &["patient", "add", "../../E-9", "--name", "Eve", "--birth-date", "1980-05-17"]);
    has(&told, &["no part that is empty, `.` or `..` between its slashes"]);
    assert!(!clinic.run(&["doctor"]).out.contains("codes:"));
    let database = rusqlite::Connection::open(clinic.path("aftercare.db")).unwrap();
    database.execute("UPDATE patient SET reference = '../../E-9'", []).unwrap();
    drop(database);
    has(&clinic.run(&["doctor"]).out, &["codes:    ../../E-9: may lead a proxy to another page"]);
}

#[test]
fn no_command_takes_an_address_of_the_clinics_own() {
    let clinic = Clinic::new();
    clinic.ana();
    // From, Reply-To and a rung, as `init` writes them.
    for own in ["care@riverside.example", "Desk@riverside.example", "oncall@riverside.example"] {
        let add = ["patient", "add", "R-2", "--name", "Eva", "--birth-date", "1980-05-17", "--email", own];
        has(&clinic.refuses(65, &add), &["the e-mail address is the clinic's own"]);
        let set = ["patient", "set", "R-1", "--email", own];
        has(&clinic.refuses(65, &set), &["the clinic's own", "write hers"]);
    }
}
