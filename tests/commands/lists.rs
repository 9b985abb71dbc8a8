//! Lists a page at a time, and what is missing before the first letter.

use super::{Clinic, HEAD, day, has};

/// Without a day to count from: a task waits for it.
fn row(number: usize) -> String {
    format!("R-{number},Ana{number},1980-05-17,r{number}@mail.example,en,Europe/Madrid,nccn,")
}

#[test]
fn tasks_are_listed_a_page_at_a_time_and_by_kind_owner_and_lateness() {
    let clinic = Clinic::new();
    let rows: Vec<String> = (1..=7).map(row).collect();
    clinic.does(&["import", &clinic.roster("p.csv", format!("{HEAD}\n{}\n", rows.join("\n")))]);
    let whole = clinic.json(&["tasks", "list"]);
    let whole = whole.as_array().unwrap();
    assert!(whole.len() > 4, "{whole:?}");
    let (mut seen, mut after) = (Vec::new(), None::<String>);
    loop {
        let mut args = vec!["tasks", "list", "--limit", "3", "--json"];
        args.extend(after.as_deref().map(|id| ["--after", id]).into_iter().flatten());
        let said = clinic.run(&args);
        assert_eq!(said.code, 0, "{}", said.err);
        let page = said.json();
        let page = page.as_array().unwrap();
        assert!(page.len() <= 3);
        seen.extend(page.iter().map(|task| task["id"].clone()));
        let Some(next) = said.err.split("`--after ").nth(1) else { break };
        after = Some(next.split('`').next().unwrap().to_owned());
    }
    assert_eq!(seen, whole.iter().map(|task| task["id"].clone()).collect::<Vec<_>>());
    let kind = whole[0]["kind"].as_str().unwrap();
    let of_kind = clinic.json(&["tasks", "list", "--kind", kind]);
    assert!(of_kind.as_array().unwrap().iter().all(|task| task["kind"] == kind));
    let nobodys = clinic.json(&["tasks", "list", "--owner", "nobody"]);
    assert_eq!(nobodys.as_array().unwrap().len(), whole.len());
    assert_eq!(clinic.json(&["tasks", "list", "--owner", "maria"]).as_array().unwrap().len(), 0);
    clinic.json(&["tasks", "list", "--overdue"]);
    has(
        &clinic.refuses(64, &["tasks", "list", "--kind", "nonsense"]),
        &["a kind of task is one of", "not-booked"],
    );
    clinic.refuses(64, &["tasks", "list", "--all", "--limit", "3"]);
    assert_eq!(clinic.json(&["alerts", "list", "--limit", "3"]).as_array().unwrap().len(), 0);
    has(&clinic.refuses(65, &["alerts", "list", "--after", "x"]), &["letter by letter"]);
}

#[test]
fn the_start_list_says_what_is_missing_and_how_it_is_done() {
    let clinic = Clinic::new();
    let step = |name: &str| {
        let all = clinic.json(&["start-list"]);
        all.as_array().unwrap().iter().find(|step| step["step"] == name).unwrap().clone()
    };
    clinic.ana();
    assert_eq!(step("patient")["done"], true);
    let open = step("colleagues");
    assert_eq!((&open["done"], &open["how"]), (&false.into(), &"aftercare staff add".into()));
    clinic.does(&["staff", "add", "lena", "--role", "lead", "--email", "lena@clinic.example"]);
    assert_eq!(step("colleagues")["stands"], "lena");
    has(
        &clinic.does(&["start-list"]),
        &["OPEN  A signed schedule", "how: verified = true", "done  First patient"],
    );
}

#[test]
fn several_tasks_of_which_one_stays_open_are_told_in_one_document() {
    let clinic = Clinic::new();
    let plain =
        ["patient", "add", "R-2", "--name", "Berta", "--birth-date", "1980-05-17", "--protocol", "nccn"];
    clinic.does(&[&plain[..], &["--anchor", &day(-100)]].concat());
    let id = clinic.json(&["tasks", "list"])[0]["id"].to_string();
    let said = clinic.run(&["tasks", "done", &id, "9999", "--note", "rang her", "--json"]);
    let document = said.json();
    assert_eq!((said.code, &document["error"]), (65, &"1 of 2 stay open".into()), "{document:#}");
    assert_eq!((&document["tasks"][0]["done"], &document["tasks"][1]["done"]), (&true.into(), &false.into()));
}
