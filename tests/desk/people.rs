//! What only people with an account do, each signed in on the command line.

use aftercare::journey::operations::accounts::shown_code;
use aftercare::ports::Clock;
use serde_json::Value;

use super::{Desk, Said, day, has};

/// An account as its owner got it.
struct Account {
    name: &'static str,
    password: String,
    secret: String,
}

impl Account {
    fn open(desk: &Desk, (name, role): (&'static str, &str)) -> Self {
        let email = format!("{name}@clinic.example");
        let issued = desk.json(&["staff", "add", name, "--role", role, "--email", &email]);
        let word = |key: &str| issued[key].as_str().unwrap().to_owned();
        Self { name, password: word("password"), secret: word("totp_secret") }
    }

    /// A command with `--as`, password and code given on stdin.
    fn gives(&self, desk: &Desk, args: &[&str]) -> Said {
        let code = shown_code(&self.secret, aftercare::clock::SystemClock.now()).unwrap();
        desk.hears(&[args, &["--as", self.name]].concat(), &format!("{}\n{code}\n", self.password))
    }
}

fn status(desk: &Desk) -> Value {
    desk.json(&["patient", "show", "R-1"])["status"].clone()
}

fn tasks(desk: &Desk, kind: &str) -> Vec<String> {
    let all = desk.json(&["tasks", "list"]);
    let of_kind = all.as_array().unwrap().iter().filter(|task| task["kind"] == kind);
    of_kind.map(|task| task["id"].to_string()).collect()
}

#[test]
fn undoing_a_death_takes_two_people_who_each_sign_in() {
    let desk = Desk::new();
    desk.ana();
    desk.does(&["visit", "book", "R-1", "--on", &day(20), "--at", "10:30"]);
    desk.does(&["patient", "set", "R-1", "--status", "deceased", "--reason", "the family called"]);
    assert_eq!(desk.json(&["ledger", "--patient", "R-1"])[0]["reason"], "deceased");
    let (maria, jose) = (Account::open(&desk, ("maria", "nurse")), Account::open(&desk, ("jose", "lead")));
    let back = ["patient", "set", "R-1", "--status", "active", "--reason", "mixed up"];
    let named = [&back[..], &["--confirmed-by", "maria"]].concat();
    has(&desk.refuses(65, &named), &["signed-in", "--as NAME"]);
    let asked = maria.gives(&desk, &named);
    assert_eq!((asked.code, status(&desk)), (0, "deceased".into()), "{}", asked.err);
    has(&asked.out, &["stays recorded as deceased until a second person agrees"]);
    assert_eq!(tasks(&desk, "death-in-question").len(), 1);
    let agreed = jose.gives(&desk, &back);
    assert_eq!((agreed.code, status(&desk)), (0, "active".into()), "{}", agreed.err);
    assert!(tasks(&desk, "death-in-question").is_empty());
    desk.does(&["doctor"]);
}

#[test]
fn whoever_asked_for_a_death_to_be_undone_does_not_agree_with_herself() {
    let desk = Desk::new();
    desk.ana();
    desk.does(&["patient", "set", "R-1", "--status", "deceased", "--reason", "the family called"]);
    let back = ["patient", "set", "R-1", "--status", "active", "--reason", "mixed up"];
    // Nobody has an account: the users of the machine are the people, and there is one.
    desk.does(&back);
    has(&desk.refuses(65, &back), &["second person", "signs in"]);
    assert_eq!(status(&desk), "deceased");
    let task = tasks(&desk, "death-in-question").remove(0);
    desk.does(&["tasks", "done", &task, "--note", "the record is right"]);
    desk.does(&["doctor"]);
}

#[test]
fn test_alerts_are_not_sent_one_after_the_other() {
    let desk = Desk::new();
    desk.ana();
    desk.does(&["alerts", "test"]);
    has(&desk.refuses(75, &["alerts", "test"]), &["a short while ago", "can leave at"]);
}
