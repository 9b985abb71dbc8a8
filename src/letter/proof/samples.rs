//! Made-up letters: what `check` renders before a patient could get it, and what tests and previews show.

use std::collections::BTreeMap;

use jiff::civil::{date, time};

use crate::care::triage::tier::Tier;
use crate::letter::content::{Appointment, Inputs, LetterItem, Links};

/// Every step name that has words of its own, with the kinds it is written for.
pub const STEPS: &[(&str, &[&str])] = &[
    ("book", &["visit", "test"]),
    ("book-again", &["visit", "test"]),
    ("week-before", &["visit", "test"]),
    ("day-before", &["visit", "test"]),
    ("sorry-we-missed-you", &["visit", "test"]),
    ("again", &["visit", "test"]),
    ("booked", &["visit", "test"]),
    ("changed", &["visit", "test"]),
    ("cancelled", &["visit", "test"]),
    ("invite", &["checklist"]),
    ("nudge", &["checklist"]),
    ("nudge-again", &["checklist"]),
    ("baseline", &["checklist"]),
    ("new-link", &["checklist"]),
    ("leaflet", &["leaflet"]),
    ("send", &["leaflet"]),
    ("closing", &["notice"]),
    ("opt-out-done", &["notice"]),
    ("go-now", &["notice"]),
    ("message-received", &["notice"]),
    ("staff-alert", &["staff"]),
    ("staff-answer", &["staff"]),
    ("staff-overdue", &["staff"]),
    ("staff-test-alert", &["staff"]),
    ("ops-digest", &["staff"]),
];

/// Every kind an item can be of.
pub const KINDS: [&str; 6] = ["visit", "test", "checklist", "leaflet", "notice", "staff"];

/// Every detail level; the proof writes each sample in all of them.
pub const DETAILS: [&str; 3] = ["minimal", "standard", "full"];

/// Shared parts have no life of their own: they are proved where they are included.
pub(super) const PARTS: [&str; 5] = ["warning", "footer", "numbers", "details", "form"];

/// The kinds of item that a text of that step and variant may speak for.
pub(super) fn kinds_of(step: &str, variant: &str) -> Vec<&'static str> {
    if let Some(kind) = KINDS.into_iter().find(|kind| *kind == variant) {
        return vec![kind];
    }
    let named = STEPS.iter().find(|(name, _)| *name == step);
    named.map_or_else(|| KINDS.to_vec(), |(_, kinds)| kinds.to_vec())
}

/// A letter of one item to somebody who does not exist.
#[must_use]
pub fn inputs(language: &str, detail: &str, item: LetterItem) -> Inputs {
    Inputs {
        language: language.to_owned(),
        detail: detail.to_owned(),
        name: (item.kind != "staff").then(|| "Ana".to_owned()),
        written_on: date(2026, 2, 24),
        items: vec![item],
        no_cover: false,
        acts_for: None,
        country: None,
    }
}

/// One item of that step and kind.
#[must_use]
pub fn item(language: &str, template: &str, kind: &str) -> LetterItem {
    let word = |english: &str, spanish: &str| if language == "es" { spanish } else { english }.to_owned();
    let bookable = matches!(kind, "visit" | "test");
    let planned = matches!(template, "book" | "book-again") || !bookable;
    let title = match kind {
        "test" => word("MRI of the spine", "Resonancia de la columna"),
        "checklist" => word("Questions about your back", "Preguntas sobre su espalda"),
        "leaflet" => word("Signs to know", "Señales que conviene conocer"),
        _ => word("Follow-up visit", "Visita de control"),
    };
    LetterItem {
        template: template.to_owned(),
        kind: kind.to_owned(),
        title,
        prepare: (kind == "test")
            .then(|| word("Leave metal things at home.", "Deje en casa lo que sea de metal.")),
        due_on: bookable.then(|| date(2026, 3, 3)),
        appointment: (!planned).then(|| appointment(template)),
        leaflet: (kind == "leaflet").then(|| "warning-signs".to_owned()),
        facts: facts(),
    }
}

fn appointment(template: &str) -> Appointment {
    let missed = matches!(template, "sorry-we-missed-you" | "again");
    Appointment {
        on: if missed { date(2026, 2, 23) } else { date(2026, 3, 3) },
        at: time(10, 30, 0, 0),
        zone: "Europe/Madrid".to_owned(),
        place: "River House, door 2".to_owned(),
        uid: "visit-1@letters.clinic.example".to_owned(),
        sequence: u32::from(matches!(template, "changed" | "cancelled")),
        cancelled: template == "cancelled",
    }
}

fn facts() -> BTreeMap<String, String> {
    let pairs = [
        ("code", "C-1042"),
        ("tier", "urgent"),
        ("raised_at", "2026-02-24 08:15"),
        ("due_at", "2026-02-25 08:15"),
        ("sent", "31"),
        ("form", "yes"),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The sets of facts that real letters of that name have: a text that needs another cannot be written when it must leave.
#[must_use]
pub fn facts_as_sent(template: &str) -> Vec<BTreeMap<String, String>> {
    let of = |names: &[&str]| -> BTreeMap<String, String> {
        facts().into_iter().filter(|(name, _)| names.contains(&name.as_str())).collect()
    };
    let alert = of(&["code", "raised_at", "due_at"]);
    let tiers = Tier::ALL.into_iter().filter(|tier| *tier != Tier::Routine);
    let with_tier = tiers.map(|tier| {
        let tier = ("tier".to_owned(), tier.word().to_owned());
        alert.clone().into_iter().chain([tier]).collect()
    });
    match template {
        "staff-alert" => with_tier.collect(),
        "staff-overdue" => with_tier.chain([alert.clone()]).collect(),
        "staff-answer" => vec![alert],
        "closing" => vec![of(&["form"]), BTreeMap::new()],
        _ => vec![BTreeMap::new()],
    }
}

/// All the addresses a letter can have.
#[must_use]
pub fn links() -> Links {
    let page = |path: &str| Some(format!("https://letters.clinic.example{path}"));
    let token = "5Jk2xqvN7pZr8wTt3mYc1s";
    Links {
        forms: std::collections::BTreeMap::new(),
        checklist: page(&format!("/c/{token}")),
        opt_out: page(&format!("/o/{token}")),
        changed: page(&format!("/c/{token}x")),
        learn: page("/learn"),
        help: page("/help"),
        console: Some("https://console.clinic.example/alerts".to_owned()),
        code: Some("K7QD-M2XW-3RTA".to_owned()),
        attendee: Some("ana@mail.example".to_owned()),
    }
}

#[cfg(test)]
pub(in crate::letter) use shipped::shipped_files;
#[cfg(test)]
pub(crate) use shipped::{clinic, wording};

#[cfg(test)]
mod shipped {
    use crate::letter::wording::{ClinicFacts, EmergencyNumber, Files, LocalFacts, Wording};
    use std::path::Path;

    pub(crate) fn clinic() -> ClinicFacts {
        ClinicFacts {
            name: "Riverside Follow-up Clinic".into(),
            short_name: "Riverside".into(),
            phone_office: "+34 600 100 200".into(),
            phone_24h: "+34 600 100 300".into(),
            emergency_number: "112".into(),
            tel: None,
            emergency_first: "both".into(),
            emergency_dept: "Riverside Hospital, main door".into(),
            address: "River Street 1, Riverside".into(),
            opening_hours: "Mon-Fri 8-16".into(),
            region: None,
            public_url: Some("https://letters.clinic.example".into()),
            organizer: Some("letters@clinic.example".into()),
            organized_by: Some("desk@clinic.example".into()),
            sender: Some("Riverside".into()),
            reply_to: Some("desk@clinic.example".into()),
            page_language: Some("lang".into()),
            text_width: None,
            emergency_numbers: [("PT", "112"), ("US", "911")].map(abroad).into(),
            clock_zone: Some("Europe/Madrid".into()),
            local: [("es".to_owned(), spanish())].into(),
        }
    }

    fn abroad((country, number): (&str, &str)) -> (String, EmergencyNumber) {
        (country.to_owned(), EmergencyNumber { printed: number.to_owned(), dial: number.to_owned() })
    }

    fn spanish() -> LocalFacts {
        LocalFacts {
            emergency_dept: Some("Hospital Riverside, puerta principal".into()),
            opening_hours: Some("de lunes a viernes, de 8 a 16 h".into()),
        }
    }

    pub(in crate::letter) fn shipped_files() -> Files {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let mut files = Files::new();
        let mut open = vec![root.join("letters"), root.join("leaflets")];
        while let Some(directory) = open.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                    files.insert(name, std::fs::read_to_string(&path).unwrap());
                }
            }
        }
        files
    }

    pub(crate) fn wording() -> Wording {
        Wording::from_layers(clinic(), &[&shipped_files()]).unwrap()
    }
}
