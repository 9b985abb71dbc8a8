//! The clinic's own words of a letter: proved and looked at before they are saved, kept as versions, never mixed with another
//! language, and never lost to a colleague who was quicker.

use aftercare::care::settings::own_wording::OwnWording;
use aftercare::config;
use aftercare::config::embedded;
use aftercare::store::db::transaction::Stamp;
use aftercare::store::own_wordings::NewOwnWording;

use crate::fixture::{Fixture, now};
use crate::http::Answer;

const BOOK: &str = "/letters/kinds/book/wording";
const BOOKED: &str = "/letters/kinds/booked/wording";
/// As a browser sends what stands in a field of several lines.
const SPANISH: &str = "Ya toca su próxima cita. 🌷\r\n\r\nEs alrededor del {{ due }}. Llámenos, por favor, y buscamos un día.\r\n\r\n\
                       => tel:{{ clinic.tel_office }} Llámenos: {{ clinic.phone_office }}\r\n";

/// Two wordings that say all that a letter of this step must.
const ENGLISH: &str =
    "Please call us on {{ clinic.phone_office }} by {{ due }}. We find a day that suits you.\r\n";
const OTHER: &str = "It is time for a visit by {{ due }}. Please call us on {{ clinic.phone_office }}.\r\n";

fn preview<'a>(language: &'a str, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("act", "preview"), ("language", language)], fields].concat()
}

/// Looks at it, then saves what was looked at.
async fn word(fixture: &Fixture, at: &str, who: &str, fields: &[(&str, &str)]) -> Answer {
    let shown = fixture.act(at, who, fields).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let (mark, seen) = (shown.hidden("looked_at").unwrap(), shown.hidden("seen").unwrap());
    let save = [("act", "save"), ("looked_at", mark.as_str()), ("seen", seen.as_str())];
    let rest = fields.iter().copied().filter(|(name, _)| *name != "act");
    fixture.act(at, who, &save.into_iter().chain(rest).collect::<Vec<_>>()).await
}

fn letter(page: &str) -> &str {
    page.rsplit("<pre class=\"paper\"").next().unwrap().split("</pre>").next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_worded_looked_at_and_saved_and_the_other_language_stays() {
    let fixture = Fixture::open().await;
    let lena = fixture.sign_in("lena").await;
    let page = fixture.get(&format!("{BOOK}?language=es"), &lena).await;
    assert!(
        page.body.contains("Nobody has worded it here yet") && page.body.contains("INFLESZ"),
        "{}",
        page.body
    );
    assert!(page.header("content-security-policy").unwrap().contains("frame-src 'self'"));
    let before = fixture.rows();
    let shown = fixture.act(BOOK, &lena, &preview("es", &[("text-book", SPANISH)])).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.body.contains("🌷") && shown.body.contains("Save these words"), "{}", shown.body);
    assert_eq!(shown.body.matches("<iframe").count(), 3);
    assert_eq!(fixture.rows(), before, "looking changes nothing");
    let frame = shown.body.split("src=\"").find(|part| part.contains("/looks/")).unwrap();
    let frame = frame.split('"').next().unwrap();
    let light = fixture.get(frame, &lena).await;
    assert!(light.body.contains("🌷") && light.body.contains("@media not all"), "{}", light.body);
    assert!(light.header("content-security-policy").unwrap().contains("sandbox"));
    assert!(fixture.get(&format!("{frame}?look=dark"), &lena).await.body.contains("@media all"));
    let adam = fixture.sign_in("adam").await;
    assert_eq!(fixture.get(frame, &adam).await.status, 404, "what one types nobody else reads");
    // What was not looked at is not saved.
    let blind = [("act", "save"), ("language", "es"), ("seen", ""), ("text-book", SPANISH)];
    let blind = fixture.act(BOOK, &lena, &blind).await;
    assert!(blind.status == 200 && blind.body.contains("Look at it, then save."), "{}", blind.body);
    let saved = word(&fixture, BOOK, &lena, &preview("es", &[("text-book", SPANISH)])).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let page = fixture.get(saved.header("location").unwrap(), &lena).await.body;
    assert!(
        page.contains("These words count") && page.contains("by lena") && page.contains("counts now"),
        "{page}"
    );
    assert!(page.contains("has not taken on yet"), "{page}");
    let renewed = fixture.renew().await;
    assert_eq!(renewed.standing.set_aside, []);
    let (spanish, english) = (
        fixture.get("/letters/kinds/book?language=es", &lena).await.body,
        fixture.get("/letters/kinds/book?language=en", &lena).await.body,
    );
    assert!(letter(&spanish).contains("Ya toca su próxima cita. 🌷"), "{spanish}");
    assert!(letter(&english).contains("It is time to plan your next visit"), "{english}");
    assert!(fixture.get("/letters", &lena).await.body.contains("own words: Spanish"));
    let test = "/letters/kinds/book/test?language=es&detail=standard&kind=visit&look=light";
    assert_eq!(fixture.act(test, &lena, &[("address", "test@riverside.example")]).await.status, 303);
    let sent = fixture.spooled();
    assert!(sent.len() == 1 && !sent[0].contains("es el momento"), "{}", sent[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_compared_and_put_back_and_so_are_the_shipped_words() {
    let fixture = Fixture::open().await;
    let lena = fixture.sign_in("lena").await;
    let saved = word(&fixture, BOOK, &lena, &preview("es", &[("text-book", SPANISH)])).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let back = [("act", "again"), ("language", "es"), ("version", "0")];
    let saved = word(&fixture, BOOK, &lena, &back).await;
    assert_eq!(
        saved.status, 200,
        "the form holds what was put back; saving sends its fields: {}",
        saved.body
    );
    let saved = word(&fixture, BOOK, &lena, &preview("es", &[("text-book", "")])).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let renewed = fixture.renew().await;
    assert_eq!(renewed.config.origin.wordings, []);
    let again = [("act", "again"), ("language", "es"), ("version", "1")];
    let again = fixture.act(BOOK, &lena, &again).await;
    assert_eq!(again.hidden("again_of").as_deref(), Some("1"));
    assert!(again.body.contains("🌷"), "{}", again.body);
    let compared = fixture.get(&format!("{BOOK}/compare?language=es&a=0&b=1"), &lena).await.body;
    assert!(
        compared.contains("<mark>Ya toca su próxima cita. 🌷</mark>") && compared.contains("as shipped"),
        "{compared}"
    );
    assert_eq!(fixture.get("/letters/kinds/no-such/wording", &lena).await.status, 404);
    let events = fixture.engine.clinic.store.read(|view| view.last_events(50)).unwrap();
    assert_eq!(events.iter().filter(|event| event.action == "own-wording.set").count(), 2);
    assert!(events.iter().all(|event| !format!("{event:?}").contains("próxima")), "no text in the audit");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_prove_is_refused_beside_its_field_and_what_was_typed_stays() {
    let fixture = Fixture::open().await;
    let lena = fixture.sign_in("lena").await;
    let before = fixture.rows();
    let long = "word".repeat(2_100);
    for (text, says) in [
        (
            "Hello {{ patient_name }}",
            "no name that this text can fill in. Take it out, or write one of these in its place: clinic, detail",
        ),
        ("Hello {{ ", "syntax error"),
        ("Your date is made. We wait for you.", "{{ day }}"),
        ("<b>Your date</b> {% include \"details\" %}", "looks like HTML"),
        ("</textarea><script>alert(1)</script>", "looks like HTML"),
        ("Your d\u{202e}ate {% include \"details\" %}", "a sign that nobody sees"),
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "come to an end"),
        (long.as_str(), "characters are too many"),
    ] {
        let typed = [("act", "save"), ("language", "en"), ("seen", ""), ("text-booked", text)];
        let refused = fixture.act(BOOKED, &lena, &typed).await;
        assert_eq!(refused.status, 422, "{text}: {}", refused.body);
        let plain = refused.body.replace("&#x27;", "'").replace("&quot;", "\"").replace("&lt;", "<");
        assert!(plain.contains(says), "{text}: {}", refused.body);
        assert!(
            refused.body.contains("id=\"text-booked-fault\"") && refused.body.contains("Nothing was saved")
        );
        assert!(
            !refused.body.contains("<script>alert") && !refused.body.contains("<b>Your"),
            "{}",
            refused.body
        );
        let kept =
            text.split(|c: char| !c.is_ascii_alphabetic()).find(|word| word.len() > 3).unwrap_or("for");
        assert!(plain.contains(kept) && !refused.body.contains("Save these words"), "{text}");
    }
    let telling = [("act", "preview"), ("language", "en"), ("text-subjects.booked", "Your MRI at {clinic}")];
    let telling = fixture.act(BOOKED, &lena, &telling).await;
    assert!(telling.body.contains("id=\"text-subjects.booked-fault\""), "{}", telling.body);
    assert!(telling.body.contains("value=\"Your MRI at {clinic}\""), "{}", telling.body);
    assert_eq!(fixture.rows(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_saves_second_is_shown_the_first_and_loses_nothing() {
    let fixture = Fixture::open().await;
    let (lena, adam) = (fixture.sign_in("lena").await, fixture.sign_in("adam").await);
    let first = preview("en", &[("text-book", ENGLISH)]);
    let second = preview("en", &[("text-book", OTHER)]);
    let shown = fixture.act(BOOK, &adam, &second).await;
    assert_eq!(word(&fixture, BOOK, &lena, &first).await.status, 303);
    let (mark, seen) = (shown.hidden("looked_at").unwrap(), shown.hidden("seen").unwrap());
    let save = [("act", "save"), ("language", "en"), ("looked_at", &mark), ("seen", &seen), second[2]];
    let late = fixture.act(BOOK, &adam, &save).await;
    assert_eq!(late.status, 409, "{}", late.body);
    assert!(late.body.contains("As lena saved it") && late.body.contains("We find a day that suits you."));
    assert!(late.body.contains("It is time for a visit by"), "{}", late.body);
    // What he saw now is what counts; he may put his in its place.
    let (mark, seen) = (late.hidden("looked_at").unwrap(), late.hidden("seen").unwrap());
    let save = [("act", "save"), ("language", "en"), ("looked_at", &mark), ("seen", &seen), second[2]];
    assert_eq!(fixture.act(BOOK, &adam, &save).await.status, 303);
    let same = fixture
        .act(
            BOOK,
            &adam,
            &[("act", "save"), ("language", "en"), ("looked_at", &mark), ("seen", "2"), second[2]],
        )
        .await;
    assert!(same.status == 422 && same.body.contains("Nothing is different"), "{}", same.body);
    let nora = fixture.sign_in("nora").await;
    assert_eq!(fixture.act(BOOK, &nora, &second).await.status, 403);
    let looks = fixture.get(BOOK, &nora).await.body;
    assert!(looks.contains("You can look at it") && !looks.contains("<textarea"), "{looks}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_types_while_a_colleague_saves_is_told_when_she_looks() {
    let fixture = Fixture::open().await;
    let (lena, adam) = (fixture.sign_in("lena").await, fixture.sign_in("adam").await);
    let begun = fixture.get(&format!("{BOOK}?language=en"), &adam).await.hidden("seen").unwrap();
    let first = preview("en", &[("text-book", ENGLISH)]);
    assert_eq!(word(&fixture, BOOK, &lena, &first).await.status, 303);
    let mine = ("text-book", OTHER);
    let looks = fixture.act(BOOK, &adam, &preview("en", &[mine, ("seen", &begun)])).await;
    assert_eq!(looks.status, 409, "{}", looks.body);
    assert!(looks.body.contains("As lena saved it") && looks.body.contains("It is time for a visit by"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_operators_is_fixed_and_a_wording_that_proves_no_more_is_told_and_left_out() {
    let fixture = Fixture::configured(|dir, store| {
        let letters = dir.join("letters");
        std::fs::create_dir_all(letters.join("en")).unwrap();
        std::fs::write(letters.join("en/book.txt.j2"), "Call us for a day. {{ clinic.phone_office }}\n")
            .unwrap();
        // A copy of what ships, as `init` writes it, decides nothing.
        let shipped = embedded::text("letters/en/again.txt.j2").unwrap();
        std::fs::write(letters.join("en/again.txt.j2"), shipped).unwrap();
        let broken = OwnWording {
            letter: "booked".to_owned(),
            language: "en".to_owned(),
            version: 0,
            texts: [
                ("booked".to_owned(), "{{ a_name_that_is_gone }}\n".to_owned()),
                ("subjects.booked".to_owned(), "Hello from {clinic}".to_owned()),
            ]
            .into(),
        };
        let new = NewOwnWording { own: broken, again_of: None };
        store.write_blocking(Stamp::daemon(now()), move |tx| tx.write_own_wording(&new)).unwrap();
        let mut config = config::load::shipped(dir).unwrap();
        config.paths.letters = Some(letters);
        let origin = config::origin::ConfigOrigin::clone(&config.origin)
            .worded(store.read(|view| view.own_wordings_in_force()).unwrap());
        config.origin = std::sync::Arc::new(origin);
        config
    })
    .await;
    let lena = fixture.sign_in("lena").await;
    let fixed = fixture.get(BOOK, &lena).await.body;
    assert!(fixed.contains("letters/en/book.txt.j2 and cannot be changed here"), "{fixed}");
    assert!(!fixed.contains("name=\"text-book\""), "{fixed}");
    let ours = fixture.get("/letters/kinds/again/wording", &lena).await.body;
    assert!(ours.contains("name=\"text-again\""), "{ours}");
    assert_eq!(fixture.engine.standing.set_aside.len(), 1);
    let page = fixture.get(BOOKED, &lena).await.body;
    assert!(page.contains("are not used") && page.contains("a_name_that_is_gone"), "{page}");
    let look = fixture.get("/letters/kinds/booked", &lena).await.body;
    assert!(look.contains("Your appointment at") && !look.contains("Hello from"), "shipped whole: {look}");
    let today = fixture.get("/", &lena).await.body;
    assert!(today.contains("own words of 1 do not prove"), "{today}");
    let list = fixture.get("/letters", &lena).await.body;
    assert!(list.contains("do not prove, so these letters leave as shipped"), "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_letter_can_be_worded_in_every_language() {
    let fixture = Fixture::open().await;
    let lena = fixture.sign_in("lena").await;
    for letter in aftercare::letter::own::letter_texts::letters() {
        for language in ["en", "es"] {
            let page =
                fixture.get(&format!("/letters/kinds/{letter}/wording?language={language}"), &lena).await;
            assert_eq!(page.status, 200, "{letter} {language}");
            assert!(page.body.contains("<textarea") && !page.body.contains("name=\"text-\""), "{letter}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_that_wait_are_named_by_their_numbers() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("A1", "yes")]).await;
    let lena = fixture.sign_in("lena").await;
    let at = "/letters/kinds/every-letter/wording";
    let shown = fixture.act(at, &lena, &preview("es", &[("text-lines.sign_off", "Un saludo,")])).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let staff = "/letters/kinds/staff-alert/wording";
    let store = &fixture.engine.clinic.store;
    let waiting = store.read(|view| view.waiting_of("en", Some("staff-alert"))).unwrap();
    let typed = ["text-subjects.staff-alert"].map(|name| (name, "Alert: {tier}, case {code}"));
    let alert = fixture.act(staff, &lena, &preview("en", &typed)).await.body;
    for id in &waiting {
        assert!(alert.contains(&format!("<a href=\"/letters/{}\">", id.0)), "{alert}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_blame_are_pointed_at_and_what_she_must_read_cannot_be_left_out() {
    let fixture = Fixture::open().await;
    let lena = fixture.sign_in("lena").await;
    let blunt = "You missed us again. Call us on {{ clinic.phone_office }} by {{ due }}.\r\n";
    let shown = fixture.act(BOOK, &lena, &preview("en", &[("text-book", blunt)])).await;
    assert!(shown.status == 200 && shown.body.contains("“missed us” may sound like blame"), "{}", shown.body);
    let kind = fixture.act(BOOK, &lena, &preview("en", &[("text-book", ENGLISH)])).await;
    assert!(kind.status == 200 && !kind.body.contains("may sound like blame"), "{}", kind.body);
    for (text, lost) in [
        ("Please call us by {{ due }}.\r\n", "clinic.phone_office"),
        ("Call {{ clinic.phone_office }}.\r\n", "{{ due }}"),
    ] {
        let shown = fixture.act(BOOK, &lena, &preview("en", &[("text-book", text)])).await;
        assert!(shown.body.contains("id=\"text-book-fault\"") && shown.body.contains(lost), "{}", shown.body);
        assert!(!shown.body.contains("Save these words"), "{}", shown.body);
    }
}
