//! What every letter promises: safety in its text, silence on its outside, nothing hidden let out.

use super::{composer, every, for_patients, wording, write};
use aftercare::letter::compose::Composer;
use aftercare::letter::content::{Inputs, LetterItem, Links};
use aftercare::letter::leaflet::neutral_name;
use aftercare::letter::proof::samples;

fn links() -> Links {
    samples::links()
}

#[test]
fn every_letter_to_a_patient_ends_with_the_warning_list_and_the_numbers() {
    for (name, inputs) in for_patients() {
        let letter = write(&inputs);
        let (sign, place) = match inputs.language.as_str() {
            "es" => ("le fallan las piernas", "Hospital Riverside, puerta principal"),
            _ => ("your legs give way", "Riverside Hospital, main door"),
        };
        for part in [&letter.text, &letter.html] {
            for words in [sign, "+34 600 100 300", "+34 600 100 200", "112", place] {
                assert!(part.contains(words), "{name}: {words}\n{part}");
            }
        }
        assert!(letter.html.contains("href=\"tel:+34600100300\""), "{name}");
    }
}

#[test]
fn whoever_lives_abroad_reads_the_number_of_her_country_in_every_letter_and_leaflet() {
    let mut wording = wording();
    wording.clinic.region = Some("ES".to_owned());
    wording.clinic.clock_zone = Some("Europe/Madrid".to_owned());
    let composer = Composer::new(&wording).unwrap();
    for (country, english, spanish, dials) in [
        ("US", "911", "911", "tel:911"),
        ("GB", "999", "999", "tel:999"),
        ("KE", "your local emergency number", "número de emergencias de su zona", ""),
        ("ES", "112", "112", "tel:112"),
    ] {
        for (name, inputs) in for_patients() {
            let number = if inputs.language == "es" { spanish } else { english };
            let there = Inputs { country: Some(country.to_owned()), ..inputs };
            let letter = composer.compose(&there, &links()).unwrap();
            assert!(letter.text.contains(number) && letter.html.contains(number), "{name}, {country}");
            assert!(country == "ES" || !letter.text.contains("112"), "{name}, {country}: {}", letter.text);
            assert!(letter.html.contains(dials), "{name}, {country}");
            // Words that name no number dial none.
            assert!(!dials.is_empty() || !letter.html.contains("tel:112"), "{name}, {country}");
            assert_eq!(letter.html.contains(&format!("in={country}")), country != "ES", "{name}");
        }
        let leaflet = composer.leaflet_in("en", Some(country), "late-effects").unwrap().html();
        assert!(leaflet.contains(english), "{leaflet}");
    }
}

#[test]
fn no_letter_says_of_the_clinic_what_is_meant_for_another_language() {
    for (name, inputs) in for_patients() {
        let other = match inputs.language.as_str() {
            "es" => ["Riverside Hospital, main door", "Mon-Fri 8-16"],
            _ => ["Hospital Riverside, puerta", "de lunes a viernes, de 8 a 16 h"],
        };
        let letter = write(&inputs);
        for words in other {
            assert!(!letter.text.contains(words) && !letter.html.contains(words), "{name}: {words}");
        }
    }
}

#[test]
fn a_letter_is_complete_without_any_link() {
    let composer = composer();
    for (name, inputs) in for_patients() {
        let letter = composer.compose(&inputs, &Links::default()).unwrap();
        assert!(!letter.text.contains("http") && !letter.html.contains("http"), "{name}\n{}", letter.text);
        assert!(letter.text.contains("+34 600 100 200") && letter.text.contains("112"), "{name}");
    }
}

#[test]
fn nothing_others_can_see_tells_anything() {
    let secret = [
        "ana",
        "visit",
        "visita",
        "test",
        "prueba",
        "mri",
        "resonancia",
        "cancer",
        "cáncer",
        "spine",
        "columna",
        "back",
        "espalda",
        "pain",
        "dolor",
        "check",
        "control",
    ];
    for (name, inputs) in for_patients() {
        let letter = write(&inputs);
        let preview: String =
            letter.html.split("class=\"preview\"").nth(1).unwrap().split('&').next().unwrap().into();
        let preview = preview.split_once('>').unwrap().1.to_owned();
        let ics = letter.calendar.map(|part| part.ics.to_lowercase()).unwrap_or_default();
        let summary = ics.lines().find(|line| line.starts_with("summary")).unwrap_or_default();
        for seen in [&letter.subject, &preview, summary] {
            let words: Vec<String> =
                seen.to_lowercase().split(|c: char| !c.is_alphabetic()).map(str::to_owned).collect();
            let told: Vec<_> = secret.iter().filter(|word| words.iter().any(|w| w == *word)).collect();
            assert!(told.is_empty(), "{name}: {told:?} in {seen}");
        }
        assert!(!letter.subject.is_empty(), "{name}");
        assert!(
            !ics.contains("mri") && !ics.contains("resonancia") && !ics.contains("description"),
            "{name}"
        );
    }
}

#[test]
fn a_detail_level_hides_what_it_should() {
    for (name, inputs) in for_patients() {
        let letter = write(&inputs);
        let both =
            format!("{}{}{}", letter.text, letter.html, letter.calendar.map(|p| p.ics).unwrap_or_default());
        let title = &inputs.items[0].title;
        let level = inputs.detail.as_str();
        if level != "full" {
            assert!(!both.contains(title.as_str()), "{name} tells the title");
        }
        if level == "minimal" {
            assert!(!both.contains("Ana") && !both.contains("River House"), "{name} tells a name or place");
            assert!(!both.contains("Follow-up Clinic"), "{name} tells the clinic's full name");
        }
    }
    let full = write(&samples::inputs("en", "full", samples::item("en", "week-before", "test")));
    for words in ["Dear Ana,", "MRI of the spine", "Leave metal things at home.", "River House, door 2"] {
        assert!(full.text.contains(words) && full.html.contains(words), "{words}");
    }
    assert!(full.text.contains("Tuesday 3 March 2026, 10:30 (clinic time, Madrid)"));
}

#[test]
fn a_note_that_tells_nothing_stands_in_letters_of_the_middle_level_too() {
    for (language, note) in
        [("en", "Leave metal things at home."), ("es", "Deje en casa lo que sea de metal.")]
    {
        for (detail, shown) in [("minimal", false), ("standard", true), ("full", true)] {
            let letter =
                write(&samples::inputs(language, detail, samples::item(language, "week-before", "test")));
            for part in [&letter.text, &letter.html] {
                assert_eq!(part.contains(note), shown, "{language} {detail}");
            }
        }
    }
}

#[test]
fn nobody_is_told_that_they_have_or_have_not_an_illness() {
    let told = ["cancer", "cáncer", "metasta", "metásta", "tumor", "tumour"];
    for (name, inputs) in every() {
        let letter = write(&inputs);
        let said = ["I have had cancer.", "Tuve cáncer."];
        let both = format!("{}{}", letter.text, letter.html);
        let both = said.iter().fold(both, |both, words| both.replace(words, "")).to_lowercase();
        assert!(told.iter().all(|word| !both.contains(word)), "{name}");
    }
}

#[test]
fn the_way_to_tell_of_a_sign_stands_below_the_list_and_not_beside_an_appointment() {
    for (language, list_ends) in [("en", "You are worried."), ("es", "Algo le preocupa.")] {
        for step in ["booked", "changed", "cancelled", "week-before", "book"] {
            let letter =
                write(&samples::inputs(language, "standard", samples::item(language, step, "visit")));
            for part in [&letter.text, &letter.html] {
                let (way, end) = (part.find("/c/").unwrap(), part.find(list_ends).unwrap());
                assert!(way > end, "{language} {step}");
            }
        }
    }
}

#[test]
fn a_test_may_be_made_elsewhere_so_no_letter_says_that_it_is_with_us() {
    for (name, inputs) in for_patients().filter(|(_, inputs)| inputs.items[0].kind == "test") {
        let text = write(&inputs).text;
        let own = text.split("\n\n").take(3).collect::<Vec<_>>().join(" ");
        assert!(!own.contains("with us") && !own.contains("con nosotros"), "{name}: {own}");
    }
}

#[test]
fn one_spanish_and_one_word_for_the_form() {
    let elsewhere = [
        "hoja",
        "cuestionario",
        "rellen",
        "llen",
        "echarse",
        "échese",
        "tripa",
        "flojo",
        "floja",
        "andar ",
        "fármaco",
        "ordenador",
        "móvil",
        "vídeo",
        "enseñe",
        "va a peor",
        "va a más",
        "le despierta",
        "anulad",
    ];
    for (name, inputs) in every().into_iter().filter(|(_, inputs)| inputs.language == "es") {
        let text = write(&inputs).text.to_lowercase();
        let found: Vec<_> = elsewhere.iter().filter(|word| text.contains(**word)).collect();
        assert!(found.is_empty(), "{name}: {found:?}");
    }
}

#[test]
fn names_bring_no_markup_and_no_template() {
    for evil in [
        "<script>alert(1)</script>",
        "{{ clinic.name }}",
        "{% for x in y %}",
        "# Ana\n=> https://evil.example x",
        "O'Neil & \"🙂\"",
    ] {
        let mut item = samples::item("en", "week-before", "visit");
        let place = item.appointment.as_mut().unwrap();
        place.place = evil.to_owned();
        item.title = evil.to_owned();
        item.prepare = Some(evil.to_owned());
        let mut inputs = samples::inputs("en", "full", item);
        inputs.name = Some(evil.to_owned());
        let letter = write(&inputs);
        assert!(
            !letter.html.contains("<script") && !letter.html.contains("href=\"https://evil"),
            "{}",
            letter.html
        );
        let line = evil.replace('\n', " ");
        assert!(letter.text.contains(&format!("Dear {line},")), "{}", letter.text);
        assert!(!letter.subject.contains(['\n', '\r']));
        assert_eq!(letter.calendar.unwrap().ics.matches("BEGIN:").count(), 2);
    }
}

#[test]
fn without_cover_a_form_is_not_offered() {
    for language in ["en", "es"] {
        let item = samples::item(language, "nudge", "checklist");
        let inputs = Inputs { no_cover: true, ..samples::inputs(language, "full", item) };
        let letter = write(&inputs);
        assert!(letter.text.contains("+34 600 100 300"));
        assert!(!letter.text.contains("/c/") && !letter.html.contains("/c/"), "{}", letter.text);
    }
}

#[test]
fn the_clinic_decides_which_number_comes_first() {
    let at = |first: &str| {
        let mut wording = wording();
        wording.clinic.emergency_first = first.into();
        let inputs = samples::inputs("en", "standard", samples::item("en", "go-now", "notice"));
        let text = Composer::new(&wording).unwrap().compose(&inputs, &Links::default()).unwrap().text;
        (text.find("112").unwrap(), text.find("+34 600 100 300").unwrap())
    };
    let (emergency, hotline) = at("hotline");
    assert!(hotline < emergency);
    for first in ["emergency_number", "both"] {
        let (emergency, hotline) = at(first);
        assert!(emergency < hotline, "{first}");
    }
}

#[test]
fn appointments_that_lie_ahead_bring_a_calendar_part_whose_uid_survives_a_move() {
    let part =
        |step: &str| write(&samples::inputs("en", "full", samples::item("en", step, "visit"))).calendar;
    let (booked, moved, gone) =
        (part("booked").unwrap(), part("changed").unwrap(), part("cancelled").unwrap());
    let line = |ics: &str, name: &str| ics.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert_eq!(line(&booked.ics, "UID:"), line(&moved.ics, "UID:"));
    assert_eq!(line(&booked.ics, "UID:"), line(&gone.ics, "UID:"));
    assert_ne!(line(&booked.ics, "SEQUENCE:"), line(&moved.ics, "SEQUENCE:"));
    assert_eq!(
        (booked.method.as_str(), moved.method.as_str(), gone.method.as_str()),
        ("REQUEST", "REQUEST", "CANCEL")
    );
    assert_eq!(part("sorry-we-missed-you"), None);
    assert_eq!(part("book"), None);
}

#[test]
fn a_calendar_says_where_only_if_the_letter_does_and_the_place_tells_nothing() {
    let ics = |step: &str, detail: &str, place: &str| {
        let mut item = samples::item("en", step, "visit");
        item.appointment.as_mut().unwrap().place = place.to_owned();
        let letter = write(&samples::inputs("en", detail, item));
        assert_eq!(letter.text.contains(place), detail != "minimal" && step != "cancelled");
        letter.calendar.unwrap().ics
    };
    assert!(ics("booked", "standard", "River House").contains("LOCATION:River House"));
    for (step, detail, place) in [
        ("booked", "full", "Gynae-Oncology ward"),
        ("booked", "standard", "Unidad de Ginecología"),
        ("booked", "minimal", "River House"),
        ("cancelled", "full", "River House"),
    ] {
        assert!(!ics(step, detail, place).contains("LOCATION"), "{step} {detail} {place}");
    }
}

#[test]
fn opening_hours_name_the_clock_they_count_by_in_every_letter() {
    let mut wording = wording();
    wording.clinic.clock_zone = Some("America/New_York".to_owned());
    let composer = Composer::new(&wording).unwrap();
    for (name, inputs) in for_patients() {
        let letter = composer.compose(&inputs, &links()).unwrap();
        let (hours, clock) = match inputs.language.as_str() {
            "es" => ("de 8 a 16 h", "(hora de la clínica, New York)"),
            _ => ("Mon-Fri 8-16", "(clinic time, New York)"),
        };
        for part in [letter.text.replace('\n', " "), letter.html] {
            let (all, clocked) =
                (part.matches(hours).count(), part.matches(&format!("{hours} {clock}")).count());
            assert!(all > 0 && all == clocked, "{name}: {part}");
        }
    }
}

#[test]
fn the_address_of_a_leaflet_tells_no_more_than_the_letter() {
    let (name, neutral) = ("/learn/warning-signs", format!("/learn/{}", neutral_name("warning-signs")));
    for (detail, leads) in
        [("minimal", "/learn?"), ("standard", neutral.as_str()), ("full", "/learn/warning-signs")]
    {
        let letter = write(&samples::inputs("en", detail, samples::item("en", "leaflet", "leaflet")));
        for part in [&letter.text, &letter.html] {
            assert!(part.contains(&format!("https://letters.clinic.example{leads}")), "{detail}: {part}");
            assert_eq!(part.contains(name), detail == "full", "{detail}");
        }
    }
}

#[test]
fn two_short_texts_are_told_apart_and_nothing_is_said_twice() {
    for (language, once, each) in [
        ("en", "We have 2 short texts for you.", "Read text 2 of 2 on our page"),
        ("es", "Tenemos 2 textos cortos para usted.", "Leer el texto 2 de 2 en nuestra página"),
    ] {
        for detail in ["minimal", "standard"] {
            let mut inputs = samples::inputs(language, detail, samples::item(language, "leaflet", "leaflet"));
            let other = LetterItem { leaflet: Some("late-effects".to_owned()), ..inputs.items[0].clone() };
            inputs.items.push(other);
            let mut wording = wording();
            wording.clinic.clock_zone = Some("Europe/Madrid".to_owned());
            let letter = Composer::new(&wording).unwrap().compose(&inputs, &links()).unwrap();
            assert_eq!(letter.text.matches(once).count(), 1, "{}", letter.text);
            let is_standard = detail == "standard";
            assert_eq!(letter.text.contains(each), is_standard, "{}", letter.text);
            for leaflet in ["warning-signs", "late-effects"] {
                let link = format!("/learn/{}", neutral_name(leaflet));
                assert_eq!(letter.text.contains(&link), is_standard, "{}", letter.text);
                assert!(!letter.html.contains(&format!("/learn/{leaflet}")), "{language}");
            }
        }
    }
}

#[test]
fn a_page_is_opened_in_the_language_of_the_letter_that_leads_there() {
    for (name, inputs) in for_patients() {
        let letter = write(&inputs);
        let asks = format!("?lang={}", inputs.language);
        for part in [&letter.text, &letter.html] {
            for page in ["/help", "/learn"] {
                for (at, _) in part.match_indices(&format!("letters.clinic.example{page}")) {
                    let address = part[at..].split(['"', '\n']).next().unwrap();
                    assert!(address.ends_with(&asks), "{name}: {address}");
                }
            }
        }
        assert!(letter.text.contains("/help?lang="), "{name}");
    }
    let mut kept = wording();
    kept.clinic.page_language = None;
    let inputs = samples::inputs("es", "full", samples::item("es", "leaflet", "leaflet"));
    let letter = Composer::new(&kept).unwrap().compose(&inputs, &links()).unwrap();
    assert!(!letter.text.contains("?lang="), "a letter kept from before comes out as it left");
}

#[test]
fn abroad_the_emergency_number_of_that_place_is_named_beside_ours() {
    for first in ["hotline", "emergency_number", "both"] {
        let mut wording = wording();
        wording.clinic.emergency_first = first.to_owned();
        let composer = Composer::new(&wording).unwrap();
        for (language, words) in [
            ("en", "In another country, call the emergency number there."),
            ("es", "En otro país, llame al número de emergencia de allí."),
        ] {
            for step in ["book", "go-now", "message-received"] {
                let inputs = samples::inputs(language, "full", samples::item(language, step, "notice"));
                let text = composer.compose(&inputs, &links()).unwrap().text;
                let (number, abroad) = (text.find("112").unwrap(), text.find(words).unwrap());
                let signs = text[number..].find("\n- ").map_or(text.len(), |at| number + at);
                assert!(number < abroad && abroad < signs, "{first} {language} {step}: {text}");
            }
        }
    }
}

#[test]
fn staff_read_how_soon_in_their_own_language() {
    for (tier, spanish) in
        [("emergency", "emergencia"), ("urgent", "urgente"), ("soon", "pronto"), ("routine", "rutina")]
    {
        for (step, says) in [("staff-alert", "Nivel: "), ("staff-overdue", "Nivel: ")] {
            let mut item = samples::item("es", step, "staff");
            item.facts.insert("tier".to_owned(), tier.to_owned());
            let letter = write(&samples::inputs("es", "minimal", item));
            assert!(letter.text.contains(&format!("{says}{spanish}\n")), "{step}: {}", letter.text);
            let both = format!("{}\n{}", letter.subject, letter.text);
            assert!(!both.contains(&format!("{tier}\n")) && !both.contains(&format!("{tier}:")), "{both}");
        }
    }
}

#[test]
fn an_alert_of_a_woman_who_has_died_says_so_and_asks_nobody_to_ring() {
    for step in ["staff-alert", "staff-overdue", "staff-answer"] {
        for (language, died, hurry) in [
            ("en", "says that she has died", ["comes again until", "Is she safe"]),
            ("es", "dice que ella ha fallecido", ["se repite hasta", "está a salvo"]),
        ] {
            let mut item = samples::item(language, step, "staff");
            let before = write(&samples::inputs(language, "minimal", item.clone()));
            assert!(!before.text.contains(died), "{step}");
            item.facts.insert("died".to_owned(), "yes".to_owned());
            let letter = write(&samples::inputs(language, "minimal", item));
            assert!(letter.text.contains(died) && letter.html.contains(died), "{step}: {}", letter.text);
            assert!(hurry.iter().all(|words| !letter.text.contains(words)), "{step}: {}", letter.text);
        }
    }
}

#[test]
fn a_letter_names_what_the_console_shows() {
    let spanish = ["common", "alerts"].map(|name| {
        let path = format!("{}/config/console/es/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap().parse::<toml::Table>().unwrap()
    });
    let said = |english: &str| {
        let tables = spanish
            .iter()
            .flat_map(|file| std::iter::once(file).chain(file.values().filter_map(|v| v.as_table())));
        tables.filter_map(|table| table.get(english)?.as_str()).next().unwrap().to_owned()
    };
    for (language, menu, button) in [
        ("en", "\"Test alert\"".to_owned(), "\"I am here\"".to_owned()),
        ("es", format!("«{}»", said("Test alert")), format!("«{}»", said("I am here"))),
    ] {
        let item = || samples::item(language, "staff-test-alert", "staff");
        let letter = write(&samples::inputs(language, "minimal", item()));
        assert!(letter.text.contains(&menu) && letter.text.contains(&button), "{}", letter.text);
        let bare = composer().compose(&samples::inputs(language, "minimal", item()), &Links::default());
        assert!(bare.unwrap().text.contains(&menu));
    }
}

#[test]
fn a_page_speaks_of_itself_and_a_letter_of_the_letter() {
    for (language, letter, page) in [
        ("en", "Show them this letter.", "Show them this page."),
        ("es", "Muestre esta carta.", "Muestre esta página."),
    ] {
        let shown = composer().warning_html(language).unwrap();
        assert!(shown.contains(page) && !shown.contains(letter), "{shown}");
        for detail in samples::DETAILS {
            let text =
                write(&samples::inputs(language, detail, samples::item(language, "book", "visit"))).text;
            assert!(text.contains(letter) && !text.contains(page), "{language} {detail}");
        }
    }
}

#[test]
fn several_promises_share_one_neutral_subject() {
    let mut inputs = samples::inputs("en", "standard", samples::item("en", "week-before", "visit"));
    assert_eq!(write(&inputs).subject, "Appointment reminder from Riverside");
    inputs.items.push(samples::item("en", "book", "test"));
    assert_eq!(write(&inputs).subject, "Appointment reminder from Riverside");
    inputs.items.push(samples::item("en", "invite", "checklist"));
    let letter = write(&inputs);
    assert_eq!(letter.subject, "A message from Riverside");
    assert_eq!(letter.text.matches("your legs give way").count(), 1);
}

#[test]
fn letters_to_staff_hold_a_code_a_tier_and_a_link_only() {
    let letter = write(&samples::inputs("en", "full", samples::item("en", "staff-alert", "staff")));
    assert_eq!(letter.subject, "Alert, urgent: case C-1042");
    assert!(
        !letter.text.contains("give way") && letter.text.contains("https://console.clinic.example/alerts")
    );
    let mut bare: LetterItem = samples::item("en", "staff-alert", "staff");
    bare.facts.clear();
    assert!(composer().compose(&samples::inputs("en", "full", bare), &Links::default()).is_ok());
}

#[test]
fn an_unsorted_answer_is_told_with_its_code_its_clock_and_no_tier() {
    for (language, subject) in
        [("en", "An answer to read: case C-1042"), ("es", "Una respuesta por leer: caso C-1042")]
    {
        let letter =
            write(&samples::inputs(language, "minimal", samples::item(language, "staff-answer", "staff")));
        assert_eq!(letter.subject, subject);
        for words in ["C-1042", "2026-02-25 08:15", "https://console.clinic.example/alerts"] {
            assert!(letter.text.contains(words) && letter.html.contains(words), "{words}");
        }
        assert!(
            ["Tier", "Nivel", "give way", "fallan"].iter().all(|words| !letter.text.contains(words)),
            "{}",
            letter.text
        );
    }
}

#[test]
fn an_unknown_language_gets_one_whole_language() {
    let letter = write(&samples::inputs("fr", "standard", samples::item("en", "book", "visit")));
    assert_eq!(letter.language, "en");
    assert_eq!(
        write(&samples::inputs("es-MX", "standard", samples::item("es", "book", "visit"))).language,
        "es"
    );
}

#[test]
fn inputs_that_say_nothing_are_refused() {
    let mut inputs = samples::inputs("en", "standard", samples::item("en", "book", "visit"));
    inputs.detail = "everything".into();
    assert!(composer().compose(&inputs, &Links::default()).is_err());
    inputs = samples::inputs("en", "standard", samples::item("en", "book", "visit"));
    inputs.items.clear();
    assert!(composer().compose(&inputs, &Links::default()).is_err());
}

#[test]
fn a_letter_says_that_somebody_reads_what_is_written_back_only_where_somebody_does() {
    let mut nobody = wording();
    nobody.clinic.reply_to = None;
    let (read, unread) = (composer(), Composer::new(&nobody).unwrap());
    for (name, inputs) in for_patients() {
        let [yes, no] = [&read, &unread].map(|composer| composer.compose(&inputs, &links()).unwrap());
        let [says, denies] = match inputs.language.as_str() {
            "es" => ["Puede contestar esta carta", "Nadie lee este buzón"],
            _ => ["You can write back to this letter", "No one reads this mailbox"],
        };
        for (with, without) in [(&yes.text, &no.text), (&yes.html, &no.html)] {
            assert!(with.contains(says) && !with.contains(denies), "{name}");
            assert!(without.contains(denies) && !without.contains(says), "{name}");
        }
    }
}

#[test]
fn a_calendar_answers_where_people_read() {
    let inputs = samples::inputs("en", "standard", samples::item("en", "booked", "visit"));
    let organizer = |change: fn(&mut aftercare::letter::wording::ClinicFacts)| {
        let mut wording = wording();
        change(&mut wording.clinic);
        let letter = Composer::new(&wording).unwrap().compose(&inputs, &links()).unwrap();
        letter
            .calendar
            .unwrap()
            .ics
            .lines()
            .find_map(|line| line.strip_prefix("ORGANIZER:").map(str::to_owned))
            .unwrap()
    };
    assert_eq!(organizer(|_| {}), "mailto:desk@clinic.example");
    // A letter of the days before is given back as it was sent.
    assert_eq!(organizer(|clinic| clinic.organized_by = None), "mailto:letters@clinic.example");
}
