//! The form of letters: golden copies, the same bytes each time, size and HTML.

use super::{composer, every, for_patients, under, wording, write};
use aftercare::letter::compose::Composer;
use aftercare::letter::content::{Inputs, Links};
use aftercare::letter::proof::prove::prove;
use aftercare::letter::proof::samples;
use aftercare::letter::wording::{TEXT_WIDTH, Wording};
use std::collections::BTreeSet;
use std::path::Path;

/// One page a kind stands for all: the words of the others are the same as in their text.
const PAGES: [&str; 7] = [
    "week-before.visit",
    "week-before.test",
    "invite.checklist",
    "leaflet.leaflet",
    "go-now.notice",
    "staff-alert.staff",
    "several",
];

#[test]
fn letters_are_their_golden_copies_and_no_copy_is_left_over() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/letters");
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    // As they leave: with their lines broken.
    let composer = broken();
    let mut wanted = BTreeSet::new();
    let mut different = Vec::new();
    for (name, inputs) in every() {
        let letter = composer.compose(&inputs, &samples::links()).unwrap();
        let text =
            format!("Subject: {}\nContent-Language: {}\n\n{}", letter.subject, letter.language, letter.text);
        let mut parts = vec![("txt", text)];
        if PAGES.iter().any(|page| name.starts_with(page)) {
            parts.push(("html", letter.html));
        }
        parts.extend(letter.calendar.map(|part| ("ics", part.ics)));
        for (ending, content) in parts {
            let path = root.join(format!("{name}.{ending}"));
            if update {
                std::fs::create_dir_all(&root).unwrap();
                std::fs::write(&path, &content).unwrap();
            } else if std::fs::read_to_string(&path).ok().as_deref() != Some(&content) {
                different.push(path.clone());
            }
            wanted.insert(path);
        }
    }
    assert!(different.is_empty(), "differ from their golden copy: {different:#?}");
    let left_over: Vec<_> = under(&root).into_iter().filter(|path| !wanted.contains(path)).collect();
    assert!(left_over.is_empty(), "golden copies of nothing: {left_over:#?}");
}

fn broken() -> Composer {
    let mut wording = wording();
    wording.clinic.text_width = Some(TEXT_WIDTH);
    Composer::new(&wording).unwrap()
}

#[test]
fn lines_are_broken_at_78_and_no_address_is() {
    let (broken, whole) = (broken(), composer());
    for (name, inputs) in every() {
        let (text, before) = (
            broken.compose(&inputs, &samples::links()).unwrap().text,
            whole.compose(&inputs, &samples::links()).unwrap().text,
        );
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&text), words(&before), "{name}");
        let long = text.lines().find(|line| line.chars().count() > 78 && line.trim().contains(' '));
        assert_eq!(long, None, "{name}");
        for address in before.lines().filter(|line| line.starts_with("https://")) {
            assert!(text.lines().any(|line| line == address), "{name}: {address}");
        }
    }
}

#[test]
fn the_shipped_words_are_proved() {
    assert_eq!(prove(&wording()), []);
}

#[test]
fn the_same_inputs_give_the_same_bytes_from_a_stored_wording() {
    let stored = Wording::from_canonical(&wording().canonical()).unwrap();
    let (first, second) = (composer(), Composer::new(&stored).unwrap());
    for (name, inputs) in every() {
        let kept: Inputs = serde_json::from_str(&serde_json::to_string(&inputs).unwrap()).unwrap();
        let links = samples::links();
        assert_eq!(first.compose(&inputs, &links), second.compose(&kept, &links), "{name}");
    }
}

#[test]
fn html_is_whole_readable_and_fetches_nothing() {
    for (name, inputs) in every() {
        let letter = write(&inputs);
        let html = letter.html;
        assert!(html.contains(&format!("<html lang=\"{}\" dir=\"ltr\"", inputs.language)), "{name}");
        for needle in
            ["prefers-color-scheme: dark", "name=\"color-scheme\"", "name=\"viewport\"", "font-size: 17px"]
        {
            assert!(html.contains(needle), "{name}: {needle}");
        }
        for never in ["<img", "src=", "url(", "@import", "<link", "<script", "javascript:"] {
            assert!(!html.contains(never), "{name}: {never}");
        }
        assert!(!letter.text.contains("<p") && !letter.text.contains("{{"), "{name}");
    }
}

#[test]
fn letters_are_of_a_sane_size() {
    for (name, inputs) in for_patients() {
        let letter = write(&inputs);
        let size = letter.text.len() + letter.html.len();
        assert!((8_000..40_000).contains(&size), "{name}: {size}");
        assert!(letter.text.lines().all(|line| line.len() < 900), "{name}");
    }
}

#[test]
fn one_composer_serves_many_workers() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&composer());
}

#[test]
fn a_letter_that_asks_for_two_forms_leads_to_both() {
    let form = |id: &str| {
        let mut item = samples::item("en", "invite", "checklist");
        item.facts.insert(aftercare::letter::content::FORM.to_owned(), id.to_owned());
        item
    };
    let mut inputs = samples::inputs("en", "standard", form("7"));
    inputs.items.push(form("9"));
    let address = |id: &str| format!("https://letters.clinic.example/c/form-{id}");
    let forms = ["7", "9"].map(|id| (id.to_owned(), address(id))).into();
    let links = Links { forms, checklist: Some(address("7")), ..samples::links() };
    let letter = composer().compose(&inputs, &links).unwrap();
    for id in ["7", "9"] {
        assert_eq!(letter.text.matches(&address(id)).count(), 1, "{}", letter.text);
        assert!(letter.html.contains(&format!("href=\"{}\"", address(id))));
    }
}
