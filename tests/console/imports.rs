//! A roster comes in on screen: sent, matched, mended, taken in, undone; by those who may, and by nobody else.

use aftercare::care::patient::Reference;

use crate::fixture::Fixture;
use crate::http::{Answer, send};

pub(crate) const HEAD: &str =
    "reference,preferred_name,birth_date,email,language,time_zone,protocol,anchor_on";

pub(crate) fn row(reference: &str, born: &str) -> String {
    format!("{reference},Ana,{born},{reference}@mail.example,en,America/New_York,sgo2017-high,2026-01-31")
}

/// Sends a file as a browser does.
pub(crate) async fn upload(fixture: &Fixture, cookie: &str, content: &str) -> Answer {
    let mark = fixture.get("/", cookie).await.csrf_token();
    let part = |name: &str, text: &str| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let file = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"Ana.csv\"\r\nContent-Type: text/csv\r\n\r\n{content}\r\n"
    );
    let fields = [part("mark", &mark), part("dates", ""), part("sheet", ""), part("a_day", "20")];
    let body = format!("{}{file}--edge--\r\n", fields.concat());
    let host = fixture.host();
    let headers = [
        ("Host", host.as_str()),
        ("Cookie", cookie),
        ("Sec-Fetch-Site", "same-origin"),
        ("Content-Type", "multipart/form-data; boundary=edge"),
    ];
    send(fixture.at, "POST /import", &headers, &body).await
}

/// Follows where a form led until the work behind it is over.
pub(crate) async fn follow(fixture: &Fixture, cookie: &str, answer: Answer) -> (String, Answer) {
    assert_eq!(answer.status, 303, "{}", answer.body);
    fixture.settled(answer.header("location").unwrap(), cookie).await
}

fn is_on_record(fixture: &Fixture, code: &str) -> bool {
    fixture.engine.clinic.store.read(|v| v.is_known(&Reference::parse(code).unwrap())).unwrap()
}

#[tokio::test]
async fn faults_are_mended_in_place_and_then_everybody_is_taken_in_at_once() {
    let fixture = Fixture::open().await;
    let lead = fixture.sign_in("lena").await;
    let file = format!("{HEAD}\n{}\n{}\n", row("R-1", "1980-05-17"), row("R-2", "1981-02-30"));
    let (to, page) = follow(&fixture, &lead, upload(&fixture, &lead, &file).await).await;
    for words in
        ["Rows with a fault: 1", "There is no such day.", "name=\"cell.3.2\" value=\"1981-02-30\"", "line 3"]
    {
        assert!(page.body.contains(words), "{words}\n{}", page.body);
    }
    assert!(!is_on_record(&fixture, "R-1"), "a look records nobody");
    let faults = fixture.get(&format!("{to}/faults.csv"), &lead).await;
    assert!(faults.header("content-disposition").unwrap().contains("faults.csv"));
    assert!(faults.body.contains("3,R-2,birth_date,There is no such day."), "{}", faults.body);

    let mended = fixture.act(&format!("{to}/mend"), &lead, &[("cell.3.2", "1981-02-28")]).await;
    let (_, page) = follow(&fixture, &lead, mended).await;
    assert!(
        page.body.contains("Import 2 patients") && page.body.contains("Rows with a fault</a>: 0"),
        "{}",
        page.body
    );
    let (to, page) = follow(&fixture, &lead, fixture.act(&format!("{to}/take"), &lead, &[]).await).await;
    assert!(to.starts_with("/imports/") && page.body.contains("<dd>2</dd>"), "{to}\n{}", page.body);
    assert!(is_on_record(&fixture, "R-1") && is_on_record(&fixture, "R-2"));
    let rows = fixture.rows();
    assert!(!rows.iter().any(|row| row.starts_with("staged_")), "what was read is deleted");
    // Not sought in `rows`: a hash may hold any digits.
    let events = fixture.engine.clinic.store.read(|view| view.last_events(1_000)).unwrap();
    assert!(events.iter().any(|event| event.action.starts_with("import")), "{events:?}");
    for event in events {
        let told = format!("{} {} {}", event.action, event.subject, event.detail);
        assert!(!told.contains("Ana") && !told.contains("1981"), "{told}");
    }
}

#[tokio::test]
async fn of_a_file_with_faults_the_others_are_taken_in_only_if_that_is_chosen() {
    let fixture = Fixture::open().await;
    let lead = fixture.sign_in("adam").await;
    let file = format!("{HEAD}\n{}\n{}\n", row("R-1", "1980-05-17"), row("R-2", "soon"));
    let (to, _) = follow(&fixture, &lead, upload(&fixture, &lead, &file).await).await;
    let (_, whole) = follow(&fixture, &lead, fixture.act(&format!("{to}/take"), &lead, &[]).await).await;
    assert!(whole.body.contains("Nobody was taken in") && !is_on_record(&fixture, "R-1"), "{}", whole.body);
    let taken = fixture.act(&format!("{to}/take"), &lead, &[("partial", "yes")]).await;
    follow(&fixture, &lead, taken).await;
    assert!(is_on_record(&fixture, "R-1") && !is_on_record(&fixture, "R-2"));
}

#[tokio::test]
async fn columns_of_other_names_are_matched_by_hand_and_a_choice_that_cannot_be_is_told() {
    let fixture = Fixture::open().await;
    let lead = fixture.sign_in("lena").await;
    let head = "MRN;Given name;DOB;E-Mail;Language;Zone;Schedule;End of treatment;Stage";
    let file = format!("{head}\n{};IB\n", row("R-1", "1980-05-17").replace(',', ";"));
    let (to, page) = follow(&fixture, &lead, upload(&fixture, &lead, &file).await).await;
    assert!(page.body.contains("What do the columns stand for?"), "{}", page.body);
    assert!(page.body.contains("<option value=\"birth_date\" selected>Birth date"), "{}", page.body);
    let mut chosen = vec![
        ("column.0", "reference"),
        ("column.1", "preferred_name"),
        ("column.2", "birth_date"),
        ("column.3", "email"),
        ("column.4", "language"),
        ("column.5", "time_zone"),
        ("column.6", "protocol"),
        ("column.7", "protocol"),
        ("column.8", ""),
    ];
    let refused = fixture.act(&format!("{to}/columns"), &lead, &chosen).await;
    assert_eq!(refused.status, 422);
    for words in ["Another column stands for", "Choose a column for: Date the protocol counts from."] {
        assert!(refused.body.contains(words), "{words}\n{}", refused.body);
    }
    chosen[7].1 = "anchor_on";
    let (_, page) =
        follow(&fixture, &lead, fixture.act(&format!("{to}/columns"), &lead, &chosen).await).await;
    assert!(page.body.contains("Import 1 patient</button>"), "{}", page.body);
}

#[tokio::test]
async fn an_import_is_undone_for_those_to_whom_nothing_was_sent_and_the_others_stay_with_why() {
    let fixture = Fixture::open().await;
    let lead = fixture.sign_in("lena").await;
    let file = format!("{HEAD}\n{}\n{}\n", row("R-1", "1980-05-17"), row("R-2", "1981-02-28"));
    let (to, _) = follow(&fixture, &lead, upload(&fixture, &lead, &file).await).await;
    let (to, _) = follow(&fixture, &lead, fixture.act(&format!("{to}/take"), &lead, &[]).await).await;
    fixture.pass_time(1);
    let moved = [("act", "status"), ("to", "transferred"), ("reason", "moved"), ("sure", "R-2")];
    assert_eq!(fixture.act("/patients/R-2", &lead, &moved).await.status, 303);
    let page = fixture.get(&to, &lead).await.body;
    for words in ["Remove 1 patient<", "1 would stay", "her record, status, plan or dates were changed since"]
    {
        assert!(page.contains(words), "{words}\n{page}");
    }
    let undone = fixture.act(&format!("{to}/undo"), &lead, &[]).await;
    assert_eq!(undone.status, 303, "{}", undone.body);
    assert!(!is_on_record(&fixture, "R-1") && is_on_record(&fixture, "R-2"));
    // The same form once more is no failure; from another page it is told.
    assert_eq!(fixture.act(&format!("{to}/undo"), &lead, &[]).await.status, 303);
    fixture.pass_time(1);
    let other = fixture.sign_in("lena").await;
    let again = fixture.act(&format!("{to}/undo"), &other, &[]).await;
    assert!(again.status == 422 && again.body.contains("That import was undone already"), "{}", again.body);
}

/// The page of an import once so many of it stay; a look is noted beside the page that it was at.
async fn once_stay(fixture: &Fixture, (path, cookie): (&str, &str), many: u32) -> String {
    for _ in 0..500 {
        let page = fixture.get(path, cookie).await.body;
        if page.contains(&format!("{many} would stay")) {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{many} never stay")
}

#[tokio::test]
async fn whoever_was_looked_at_since_stays_and_the_page_says_so_before() {
    let fixture = Fixture::open().await;
    let lead = fixture.sign_in("lena").await;
    let file = format!("{HEAD}\n{}\n{}\n", row("R-1", "1980-05-17"), row("R-2", "1981-02-28"));
    let (to, _) = follow(&fixture, &lead, upload(&fixture, &lead, &file).await).await;
    let (to, _) = follow(&fixture, &lead, fixture.act(&format!("{to}/take"), &lead, &[]).await).await;
    assert_eq!(fixture.get("/patients/R-2", &lead).await.status, 200);
    let page = once_stay(&fixture, (&to, &lead), 1).await;
    for words in ["Remove 1 patient<", "1 would stay", "somebody has looked at her record"] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    assert_eq!(fixture.get("/patients/R-1", &lead).await.status, 200);
    let page = once_stay(&fixture, (&to, &lead), 2).await;
    assert!(page.contains("2 would stay") && !page.contains("/undo\""), "{page}");
    // The page was open before the second look.
    let late = fixture.act(&format!("{to}/undo"), &lead, &[]).await;
    assert!(late.status == 422 && late.body.contains("looked at"), "{}", late.body);
    assert!(is_on_record(&fixture, "R-1") && is_on_record(&fixture, "R-2"));
}

#[tokio::test]
async fn a_file_that_is_no_roster_is_refused_beside_its_field_and_nothing_is_kept() {
    let fixture = Fixture::open().await;
    let lead = fixture.sign_in("lena").await;
    let empty = upload(&fixture, &lead, "").await;
    assert!(empty.status == 422 && empty.body.contains("Choose a file"), "{}", empty.body);
    let torn = upload(&fixture, &lead, &format!("{HEAD}\nR-1,Ana\n")).await;
    assert!(torn.status == 422 && torn.body.contains("Line 2: The row has 2 fields"), "{}", torn.body);
    assert!(!fixture.rows().iter().any(|row| row.starts_with("staged_")));
    let nurse = fixture.sign_in("nora").await;
    assert_eq!(upload(&fixture, &nurse, HEAD).await.status, 403);
}

#[tokio::test]
async fn the_address_of_somebody_on_call_is_nobodys_in_a_file() {
    let fixture = Fixture::open().await;
    let lead = fixture.sign_in("lena").await;
    let rung = fixture.engine.clinic.care.contacts[0].email.expose().to_owned();
    let hers = row("R-1", "1980-05-17").replace("R-1@mail.example", &rung);
    let file = format!("{HEAD}\n{hers}\n");
    let (_, page) = follow(&fixture, &lead, upload(&fixture, &lead, &file).await).await;
    assert!(page.body.contains("Rows with a fault: 1"), "{}", page.body);
    assert!(page.body.contains("the clinic") && !is_on_record(&fixture, "R-1"), "{}", page.body);
}
