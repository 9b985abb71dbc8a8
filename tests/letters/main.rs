//! Letters as patients get them: golden copies, and what must hold for every one of them.
//! `UPDATE_GOLDEN=1 cargo test --test letters` writes the golden copies anew; read the difference before you commit it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod appointments;
mod form;
mod promises;
mod signs;

use aftercare::letter::compose::Composer;
use aftercare::letter::content::{Inputs, Letter};
use aftercare::letter::proof::samples;
use aftercare::letter::wording::{ClinicFacts, EmergencyNumber, Files, LocalFacts, Wording};
use std::path::{Path, PathBuf};

fn clinic() -> ClinicFacts {
    ClinicFacts {
        name: "Riverside Follow-up Clinic".into(),
        short_name: "Riverside".into(),
        phone_office: "+34 600 100 200".into(),
        phone_24h: "+34 600 100 300".into(),
        emergency_number: "112".into(),
        emergency_first: "both".into(),
        emergency_dept: "Riverside Hospital, main door".into(),
        address: "River Street 1, Riverside".into(),
        opening_hours: "Mon-Fri 8-16".into(),
        region: None,
        tel: None,
        public_url: None,
        organizer: Some("letters@clinic.example".into()),
        organized_by: Some("desk@clinic.example".into()),
        sender: Some("Riverside".into()),
        reply_to: Some("desk@clinic.example".into()),
        page_language: Some("lang".into()),
        text_width: None,
        emergency_numbers: [("GB", "999"), ("US", "911")].map(abroad).into(),
        clock_zone: None,
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

fn files() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let mut files = Files::new();
    for path in ["letters", "leaflets"].iter().flat_map(|name| under(&root.join(name))) {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        files.insert(name, std::fs::read_to_string(&path).unwrap());
    }
    files
}

fn under(directory: &Path) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(directory).map(|e| e.map(|e| e.unwrap().path()).collect()).unwrap_or_default();
    let walk = |path: PathBuf| if path.is_dir() { under(&path) } else { vec![path] };
    Vec::into_iter(entries).flat_map(walk).collect()
}

fn wording() -> Wording {
    Wording::from_layers(clinic(), &[&files()]).unwrap()
}

fn composer() -> Composer {
    Composer::new(&wording()).unwrap()
}

/// Every sample there is: its name and its inputs.
fn every() -> Vec<(String, Inputs)> {
    let mut all = Vec::new();
    for language in ["en", "es"] {
        for (step, kinds) in samples::STEPS.iter().chain(&[("an-unknown-step", samples::KINDS.as_slice())]) {
            for kind in *kinds {
                let levels: &[&str] = if *kind == "staff" { &["full"] } else { &samples::DETAILS };
                for detail in levels {
                    let inputs = samples::inputs(language, detail, samples::item(language, step, kind));
                    all.push((format!("{step}.{kind}.{language}.{detail}"), inputs));
                }
            }
        }
        let covered = samples::inputs(language, "standard", samples::item(language, "invite", "checklist"));
        all.push((format!("no-cover.checklist.{language}.standard"), Inputs { no_cover: true, ..covered }));
        for detail in samples::DETAILS {
            let hers = samples::inputs(language, detail, samples::item(language, "invite", "checklist"));
            let (ana, marta) = (hers.name.clone(), Some("Marta".to_owned()));
            all.push((
                format!("proxy.checklist.{language}.{detail}"),
                Inputs { name: marta, acts_for: ana, ..hers },
            ));
        }
        for detail in samples::DETAILS {
            let mut two = samples::inputs(language, detail, samples::item(language, "book", "visit"));
            two.items.push(samples::item(language, "book", "test"));
            all.push((format!("two-appointments.{language}.{detail}"), two));
        }
        let mut several = samples::inputs(language, "full", samples::item(language, "week-before", "test"));
        several.items.push(samples::item(language, "invite", "checklist"));
        all.push((format!("several.{language}.full"), several));
    }
    all
}

fn for_patients() -> impl Iterator<Item = (String, Inputs)> {
    every().into_iter().filter(|(_, inputs)| inputs.items[0].kind != "staff")
}

fn write(inputs: &Inputs) -> Letter {
    composer().compose(inputs, &samples::links()).unwrap()
}
