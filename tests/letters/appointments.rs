//! Letters about visits and tests: when, where, how to get ready, and what became of a date.

use super::{every, write};
use aftercare::letter::content::{Appointment, LetterItem};
use aftercare::letter::proof::samples;
use jiff::civil::{date, time};

/// Steps whose letters name a date that is set.
const SET: [&str; 5] = ["booked", "changed", "week-before", "day-before", "a-step-of-theirs"];

#[test]
fn who_has_a_test_learns_how_to_get_ready_without_its_name() {
    for (language, words) in [
        ("en", "How to get ready: Call us on +34 600 100 200"),
        ("es", "Cómo prepararse: Llame al +34 600 100 200"),
    ] {
        let said = |step: &str, kind: &str, detail: &str| {
            let mut item = samples::item(language, step, kind);
            item.prepare = item.prepare.map(|_| "Your MRI takes half an hour. Su resonancia.".to_owned());
            write(&samples::inputs(language, detail, item)).text.contains(words)
        };
        for step in SET {
            assert!(said(step, "test", "standard"), "{step}: the note would tell");
            assert!(!said(step, "visit", "standard"), "{step}");
            assert!(!said(step, "test", "full"), "{step}: the note itself stands there");
        }
        assert!(!said("cancelled", "test", "standard"));
    }
}

#[test]
fn a_letter_that_hides_the_place_says_where_to_ask_and_visits_and_tests_alike() {
    for (language, words) in [
        ("en", "Where, and how to get ready: Call us on +34 600 100 200 to ask."),
        ("es", "Dónde, y cómo prepararse: Llame al +34 600 100 200 y pregunte."),
    ] {
        for step in SET {
            for kind in ["visit", "test"] {
                let said = |detail: &str| {
                    write(&samples::inputs(language, detail, samples::item(language, step, kind))).text
                };
                assert!(said("minimal").contains(words), "{step} {kind}: {}", said("minimal"));
                assert!(!said("standard").contains(words) && !said("full").contains(words), "{step} {kind}");
            }
        }
    }
}

#[test]
fn how_to_get_ready_is_told_once_there_is_a_day_to_get_ready_for() {
    for (language, later) in
        [("en", "We will tell you once the day is set."), ("es", "Se lo diremos cuando haya un día.")]
    {
        for step in ["book", "book-again"] {
            for detail in samples::DETAILS {
                let item = samples::item(language, step, "test");
                let (note, text) =
                    (item.prepare.clone().unwrap(), write(&samples::inputs(language, detail, item)).text);
                assert!(!text.contains(&note), "{language} {detail}: {text}");
                assert_eq!(text.contains(later), detail != "minimal", "{language} {detail}: {text}");
            }
            let mut bare = samples::item(language, step, "test");
            bare.prepare = None;
            let text = write(&samples::inputs(language, "full", bare)).text;
            assert!(!text.contains(later), "there is nothing to tell: {text}");
        }
    }
}

#[test]
fn what_a_note_says_the_letter_does_not_say_again() {
    for (language, note, words) in [
        (
            "en",
            "Write down what has changed and what you want to ask. You may bring someone with you.",
            "Write down",
        ),
        (
            "es",
            "Anote lo que ha cambiado y lo que quiere preguntar. Puede venir con otra persona.",
            "Anote lo que",
        ),
    ] {
        for detail in samples::DETAILS {
            let mut item = samples::item(language, "week-before", "visit");
            item.prepare = Some(note.to_owned());
            let letter = write(&samples::inputs(language, detail, item));
            for part in [letter.text, letter.html] {
                assert_eq!(part.matches(words).count(), 1, "{language} {detail}: {part}");
            }
        }
    }
}

#[test]
fn a_date_that_moved_is_called_changed_whether_day_hour_or_place_is_new() {
    for (language, subject, [look, where_]) in [
        (
            "en",
            "Your appointment at Riverside has changed",
            ["the day, the time and the place.", "Call us to ask where."],
        ),
        (
            "es",
            "Su cita en Riverside ha cambiado",
            ["el día, la hora y el lugar.", "Llame para saber dónde."],
        ),
    ] {
        for kind in ["visit", "test"] {
            for detail in samples::DETAILS {
                let letter =
                    write(&samples::inputs(language, detail, samples::item(language, "changed", kind)));
                assert_eq!(letter.subject, subject);
                for part in [&letter.text, &letter.html] {
                    assert_eq!(part.contains(look), detail != "minimal", "{language} {detail}: {part}");
                    assert_eq!(part.contains(where_), detail == "minimal", "{language} {detail}: {part}");
                    for untrue in ["new time", "old time", "nueva hora", "hora anterior"] {
                        assert!(!part.contains(untrue), "{untrue}: {part}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_date_called_off_keeps_nobody_from_another_of_that_day() {
    for (name, inputs) in every().into_iter().filter(|(name, _)| name.starts_with("cancelled.")) {
        let text = write(&inputs).text;
        let (hour, other) = match inputs.language.as_str() {
            "es" => ("no venga a esa hora", "no cambia ninguna otra cita"),
            _ => ("do not come at that time", "does not change any other appointment"),
        };
        assert!(text.contains(hour) && text.contains(other) && !text.contains("ese día"), "{name}: {text}");
    }
}

/// A scan and a blood test that one letter is about.
fn two(language: &str, step: &str) -> Vec<LetterItem> {
    let one = |title: &str, hour| {
        let item = samples::item(language, step, "test");
        let appointment = item.appointment.clone();
        let appointment =
            appointment.map(|a| Appointment { on: date(2026, 3, 3), at: time(hour, 0, 0, 0), ..a });
        LetterItem { title: title.to_owned(), prepare: None, appointment, ..item }
    };
    vec![one("One", 9), one("Two", 11)]
}

#[test]
fn of_several_appointments_in_one_letter_each_has_its_number_at_every_detail_level() {
    for (language, opening, numbers) in [
        ("en", "This letter is about 2 appointments.", ["Appointment 1 of 2", "Appointment 2 of 2"]),
        ("es", "Esta carta trata de 2 citas.", ["Cita 1 de 2", "Cita 2 de 2"]),
    ] {
        for step in ["book", "week-before", "again"] {
            for detail in samples::DETAILS {
                let mut inputs =
                    samples::inputs(language, detail, samples::item(language, "invite", "checklist"));
                inputs.items.extend(two(language, step));
                let letter = write(&inputs);
                for part in [&letter.text, &letter.html] {
                    let at: Vec<usize> = [&[opening], &numbers[..]]
                        .concat()
                        .iter()
                        .map(|words| part.find(words).unwrap())
                        .collect();
                    assert!(at.is_sorted(), "{language} {step} {detail}: {part}");
                }
            }
        }
        let alone = write(&samples::inputs(language, "full", samples::item(language, "book", "test")));
        assert!(!alone.text.contains(opening) && !alone.text.contains(" 1 "), "{}", alone.text);
    }
}

#[test]
fn a_letter_of_words_from_before_appointments_had_numbers_comes_out_as_it_left() {
    let mut kept = super::wording();
    let pack = kept.languages.get_mut("en").unwrap();
    pack.strings.retain(|key, _| !matches!(key.as_str(), "lines.several" | "lines.each"));
    let composer = aftercare::letter::compose::Composer::new(&kept).unwrap();
    let mut inputs = samples::inputs("en", "minimal", samples::item("en", "book", "test"));
    inputs.items = two("en", "book");
    let text = composer.compose(&inputs, &samples::links()).unwrap().text;
    assert!(text.contains("We also have this for you") && !text.contains("This letter is about"), "{text}");
}
