//! What a rehearsal says of the months to come: lived letter by letter, for a sample, or only counted.

use serde_json::Value;

use super::{Clinic, HEAD, day, has, letters};

/// Patients on several protocols, some in mid-course, one with a date, one who has left, one without an address.
fn clinic() -> Clinic {
    let clinic = Clinic::new();
    let plans = [
        ("sgo2017-high", -80, "Europe/Madrid"),
        ("sgo2017-low", -500, "America/Los_Angeles"),
        ("nccn", -40, "Asia/Kolkata"),
        ("bgcs-pifu", -700, "Europe/London"),
        ("seom2024-high", -1200, "Europe/Madrid"),
    ];
    let mut roster = format!("{HEAD}\r\n");
    for (at, (protocol, anchor, zone)) in plans.into_iter().cycle().take(10).enumerate() {
        let anchor = day(anchor - i64::try_from(at).unwrap() * 9);
        let row = format!("R-1{at},Ana,1980-05-17,r{at}@mail.example,en,{zone},{protocol},{anchor}\r\n");
        roster.push_str(&row);
    }
    let file = clinic.roster("p.csv", roster);
    assert_eq!(clinic.json(&["import", &file])["added"], 10);
    clinic.does(&["patient", "set", "R-11", "--status", "deceased", "--reason", "the family called"]);
    let plain =
        ["patient", "add", "R-2", "--name", "Berta", "--birth-date", "1980-05-17", "--protocol", "nccn"];
    clinic.does(&[&plain[..], &["--anchor", &day(-100)]].concat());
    clinic.does(&["visit", "book", "R-10", "--on", &day(20), "--at", "10:30", "--anyway"]);
    clinic
}

/// Everybody on the ladder has just given the code of a test alert.
fn cover(clinic: &Clinic) {
    clinic.does(&["alerts", "test"]);
    let sql = rusqlite::Connection::open(clinic.path("aftercare.db")).unwrap();
    let proved = sql.execute(
        "UPDATE test_alert_rung SET confirmed_at = unixepoch() * 1000 - 1000, confirmed_by = 'nora'",
        [],
    );
    assert!(proved.unwrap() > 0);
}

fn sums(months: &Value) -> [u64; 3] {
    ["letters", "calls", "visits"]
        .map(|what| months.as_array().unwrap().iter().map(|m| m[what].as_u64().unwrap()).sum())
}

#[test]
fn without_cover_a_rehearsal_writes_and_counts_what_the_daemon_would_send() {
    let clinic = clinic();
    let until = day(150);
    let lived = |name: &str| {
        let out = clinic.path(name);
        let told = clinic.json(&["rehearse", "--until", &until, "--out", out.to_str().unwrap()]);
        let counted = clinic.json(&["rehearse", "--until", &until, "--letters", "none"]);
        assert_eq!(counted["months"], told["months"], "{counted:#}\n{told:#}");
        let written =
            letters(&out.join("letters")).into_iter().map(|at| std::fs::read_to_string(at).unwrap());
        let asks = |letter: &String| letter.replace("=\r\n", "").contains("We have a short form for you");
        (written.filter(asks).count(), sums(&told["months"]))
    };
    let (asked, [few, ..]) = lived("uncovered");
    assert_eq!(asked, 0, "nobody on the ladder has given a code: no letter asks for a form");
    cover(&clinic);
    let (asked, [many, ..]) = lived("covered");
    assert!(asked > 5 && many > few, "{asked} forms, {few} letters without cover, {many} with it");
}

#[test]
fn what_is_counted_is_what_is_lived_month_by_month() {
    let clinic = clinic();
    cover(&clinic);
    let before = clinic.json(&["ledger"]).as_array().unwrap().len();
    let (until, out) = (day(420), clinic.path("rehearsal"));
    let counted = clinic.json(&["rehearse", "--until", &until, "--letters", "none"]);
    let lived = clinic.json(&["rehearse", "--until", &until, "--out", out.to_str().unwrap()]);
    assert_eq!(counted["months"], lived["months"], "{counted:#}\n{lived:#}");
    let [sent, calls, visits] = sums(&lived["months"]);
    assert!(sent > 100 && calls > 5 && visits > 5, "{lived:#}");
    assert_eq!((&counted["patients"], &counted["followed"]), (&11.into(), &10.into()));
    let ledger = clinic.json(&["ledger"]);
    assert_eq!(ledger.as_array().unwrap().len(), before, "nothing is written in earnest: {ledger}");
}

#[test]
fn a_sample_writes_the_letters_of_a_few_and_counts_those_of_all() {
    let clinic = clinic();
    let (until, out) = (day(60), clinic.path("sample"));
    let counted = clinic.json(&["rehearse", "--until", &until, "--letters", "none"]);
    let rows: String = (0..6)
        .map(|at| {
            format!(
                "R-3{at},Carla,1980-05-17,s{at}@mail.example,en,Europe/Madrid,sgo2017-high,{}\r\n",
                day(-80)
            )
        })
        .collect();
    clinic.does(&["import", &clinic.roster("more.csv", format!("{HEAD}\r\n{rows}"))]);
    let all = clinic.json(&["rehearse", "--until", &until, "--letters", "none"]);
    assert!(sums(&all["months"])[0] > sums(&counted["months"])[0]);
    let sample =
        clinic.json(&["rehearse", "--until", &until, "--letters", "sample", "--out", out.to_str().unwrap()]);
    assert_eq!(sample["months"], all["months"]);
    let written = letters(&out.join("letters"));
    let to = |who: &str| {
        written.iter().filter(|path| std::fs::read_to_string(path).unwrap().contains(who)).count()
    };
    assert!(to("To: r0@") > 0 && to("To: s5@") == 0, "three on each protocol, and no others");
}

#[test]
fn a_move_is_tried_out_before_anybody_is_moved() {
    let clinic = clinic();
    let until = day(730);
    let count = |change: &str| {
        let args = ["rehearse", "--until", &until, "--letters", "none", "--move", change];
        clinic.json(&args)
    };
    let same = count("nccn=nccn");
    assert_eq!(same["moved"], 3);
    for month in same["months"].as_array().unwrap() {
        for what in ["letters", "calls", "visits"] {
            assert_eq!(month[what], month["after"][what], "her own plan again changes nothing: {month}");
        }
    }
    let fewer = count("sgo2017-high=bgcs-pifu");
    assert_eq!(fewer["moved"], 2);
    let visits =
        |of: &dyn Fn(&Value) -> u64| -> u64 { fewer["months"].as_array().unwrap().iter().map(of).sum() };
    let (now, then) =
        (visits(&|m| m["visits"].as_u64().unwrap()), visits(&|m| m["after"]["visits"].as_u64().unwrap()));
    assert!(then < now, "follow-up that she starts herself has fewer visits: {now} → {then}");
    let out = clinic.path("counts");
    let said = clinic.does(&[
        "rehearse",
        "--until",
        &until,
        "--letters",
        "none",
        "--move",
        "sgo2017-high=bgcs-pifu",
        "--out",
        out.to_str().unwrap(),
    ]);
    has(&said, &["The change would move 2 of them", "letters", "Nothing was"]);
    let csv = std::fs::read_to_string(out.join("months.csv")).unwrap();
    has(&csv, &["month,letters,calls,visits,letters_then,calls_then,visits_then\n"]);
    has(
        &clinic.refuses(65, &["rehearse", "--until", &until, "--letters", "none", "--move", "x=nccn"]),
        &["there is no protocol `x`", "known are"],
    );
    has(&clinic.refuses(64, &["rehearse", "--until", &until]), &["--out", "--letters none"]);
    let both = ["rehearse", "--until", &until, "--move", "nccn=nccn", "--out", "/tmp/never"];
    has(&clinic.refuses(64, &both), &["counted, not written"]);
}
