//! What a letter must go on telling its reader whoever words it: the way to the form, when and where the date is, when it is due,
//! whom to ring, which case it is about. Whatever of it the shipped letter says in its own words, the clinic's must say too; what
//! ends every letter says it for no letter.

use super::letter_texts::{self, EVERY_LETTER, NO_COVER, OTHER_LETTERS};
use crate::care::settings::own_wording::OwnWording;
use crate::letter::compose::{Composer, Draft};
use crate::letter::content::{Inputs, Links};
use crate::letter::fault::LetterFault;
use crate::letter::locale::{self, Locale};
use crate::letter::markup;
use crate::letter::proof::samples;

/// A name of a template, and what it stands for in a made-up letter.
struct SampleFact {
    name: &'static str,
    says: String,
}

/// Faults of a letter that lost something.
pub(super) fn faults(shipped: &Composer, worded: &Composer, own: &OwnWording) -> Vec<LetterFault> {
    let mut faults: Vec<LetterFault> = Vec::new();
    for inputs in made_up(own) {
        let links = samples::links();
        let (Some(was), Some(is)) = (body(shipped, &inputs, &links), body(worded, &inputs, &links)) else {
            continue;
        };
        let Ok(locale) = shipped.locale(&own.language) else { continue };
        let lost = facts(locale, &inputs, &links).into_iter().chain(numbers(shipped));
        for fact in lost.filter(|fact| was.contains(&fact.says) && !is.contains(&fact.says)) {
            let fault = fault(own, fact.name);
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
    }
    faults
}

/// What a letter says above the list that ends every letter.
fn body(composer: &Composer, inputs: &Inputs, links: &Links) -> Option<String> {
    let locale = composer.locale(&inputs.language).ok()?;
    let blocks = Draft::open(composer, locale, inputs, links).ok()?.body().ok()?;
    Some(locale::text(&blocks))
}

/// The numbers to ring, as letters print them.
fn numbers(composer: &Composer) -> [SampleFact; 3] {
    let clinic = &composer.clinic;
    [
        ("clinic.phone_office", &clinic.phone_office),
        ("clinic.phone_24h", &clinic.phone_24h),
        ("clinic.emergency_number", &clinic.emergency_number),
    ]
    .map(|(name, number)| SampleFact { name, says: markup::one_line(number) })
}

fn fault(own: &OwnWording, name: &str) -> LetterFault {
    let of_letter = own.texts.keys().find(|text| **text == own.letter);
    let text = of_letter.or_else(|| own.texts.keys().find(|text| !letter_texts::is_short(text)));
    let text = text.or_else(|| own.texts.keys().next()).map_or(own.letter.as_str(), String::as_str);
    let hint = match name {
        "links.checklist" => {
            "the letter asks for a form and must lead to it: put `{% include \"form\" %}` where the shipped text has it"
        }
        "day" | "hour" => {
            "she must read when it is: put `{% include \"details\" %}` or `{{ when }}` where the shipped text has it"
        }
        "due" => "she must read when it is due: put `{{ due }}` where the shipped text has it",
        "place" => {
            "she must read where it is: put `{% include \"details\" %}` or `{{ place }}` where the shipped text has it"
        }
        "clinic.phone_office" | "clinic.phone_24h" | "clinic.emergency_number" => {
            "she must read whom to ring without looking further down: put the number where the shipped text has it"
        }
        _ => "put it where the shipped text has it",
    };
    LetterFault::new(
        &letter_texts::file(&own.language, text),
        format!("`{text}`: the shipped letter says `{{{{ {name} }}}}`, and yours does not"),
        hint,
    )
}

/// Letters to somebody who does not exist in which the clinic's texts stand.
fn made_up(own: &OwnWording) -> Vec<Inputs> {
    let mut all = Vec::new();
    let mut write = |step: &str, kind: &str, no_cover: bool| {
        for detail in samples::DETAILS {
            let inputs = samples::inputs(&own.language, detail, samples::item(&own.language, step, kind));
            all.push(Inputs { no_cover, ..inputs });
        }
    };
    match own.letter.as_str() {
        NO_COVER => write("invite", "checklist", true),
        OTHER_LETTERS => samples::KINDS.into_iter().for_each(|kind| write("default", kind, false)),
        letter => {
            let steps = samples::STEPS.iter().filter(|(step, _)| letter == EVERY_LETTER || *step == letter);
            steps.for_each(|(step, kinds)| kinds.iter().for_each(|kind| write(step, kind, false)));
        }
    }
    all
}

fn facts(locale: &Locale, inputs: &Inputs, links: &Links) -> Vec<SampleFact> {
    let mut facts = Vec::new();
    let mut add = |name: &'static str, says: Option<String>| {
        facts.extend(says.filter(|says| !says.is_empty()).map(|says| SampleFact { name, says }));
    };
    add("links.checklist", links.checklist.clone());
    add("links.console", links.console.clone());
    add("links.code", links.code.clone());
    for item in &inputs.items {
        let appointment = item.appointment.as_ref();
        add("day", appointment.map(|a| locale.dates.day(a.on)));
        add("hour", appointment.map(|a| locale.dates.hour(a.at)));
        add("place", appointment.map(|a| markup::one_line(&a.place)));
        add("due", item.due_on.map(|on| locale.dates.day(on)));
        add("facts.code", item.facts.get("code").cloned().filter(|_| item.kind == "staff"));
    }
    facts
}
