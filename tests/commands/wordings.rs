//! What the clinic words itself, on the command line.

use super::{Clinic, has};

#[test]
fn a_letter_is_shown_worded_proved_and_put_back() {
    let clinic = Clinic::new();
    clinic.does(&["staff", "add", "nora", "--role", "nurse", "--email", "nora@clinic.example"]);
    let shown = clinic.does(&["letters", "wording", "show", "book", "--language", "es"]);
    has(&shown, &["# shipped", "book = "]);
    has(&clinic.does(&["letters", "wording", "list"]), &["every letter is as shipped"]);
    let file = clinic.path("book.toml");
    let set = ["letters", "wording", "set", "book", "--language", "es", "--file", file.to_str().unwrap()];
    std::fs::write(&file, &shown).unwrap();
    has(&clinic.refuses(65, &set), &["nothing is different"]);
    std::fs::write(&file, "book = \"\"\"\r\nLlame, por favor. {{ nombre }}\r\n\"\"\"\r\n").unwrap();
    has(&clinic.refuses(78, &set), &["letters/es/book.txt.j2", "`nombre` is no name that this text"]);
    std::fs::write(&file, "buk = \"Llame.\"\n").unwrap();
    has(&clinic.refuses(78, &set), &["`buk` is no text of the letter `book`"]);
    std::fs::write(
        &file,
        "book = \"Llame al {{ clinic.phone_office }}, por favor.\\r\\nToca alrededor del {{ due }}. 🌷\"\n",
    )
    .unwrap();
    has(&clinic.does(&[&set[..], &["--dry-run"]].concat()), &["it proves; no letter that waits says it"]);
    has(&clinic.does(&set), &["saved as version 1: it counts from now on"]);
    let listed = clinic.json(&["letters", "wording", "list"]);
    assert_eq!((&listed[0]["letter"], &listed[0]["state"]), (&"book".into(), &"counts".into()));
    clinic.does(&["check"]);
    clinic.does(&["drain"]);
    clinic.does(&["letters", "wording", "revert", "book", "--language", "es"]);
    clinic.does(&["letters", "wording", "revert", "book", "--language", "es", "--to", "1"]);
    let history = clinic.json(&["letters", "wording", "history", "book", "--language", "es"]);
    assert_eq!((&history[0]["state"], &history[0]["again_of"]), (&"counts".into(), &1.into()));
    assert_eq!(
        history[0]["texts"]["book"],
        "Llame al {{ clinic.phone_office }}, por favor.\nToca alrededor del {{ due }}. 🌷\n"
    );
    assert_eq!(history[1]["texts"], serde_json::json!({}));
    clinic.does(&["audit", "verify"]);
    // The operator's file wins, and says so.
    std::fs::write(clinic.path("letters/es/book.txt.j2"), "Llame hoy, por favor.\n").unwrap();
    has(&clinic.refuses(78, &set), &["is the operator's: it stands in", "letters/es/book.txt.j2"]);
    has(&clinic.does(&["letters", "wording", "show", "book", "--language", "es"]), &["# book stands in"]);
    clinic.does(&["staff", "add", "lena", "--role", "lead", "--email", "lena@clinic.example"]);
    let again = ["letters", "wording", "revert", "book", "--language", "es"];
    has(&clinic.refuses(65, &again), &["only a signed-in person may do that", "--as NAME"]);
    clinic.refuses(65, &["letters", "wording", "show", "book", "--language", "fr"]);
}
