//! An event of the audit as a reader who has never seen the code understands it: who, what, about what, and the further facts.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use crate::care::patient::PatientId;
use crate::care::settings::setting::Setting;
use crate::care::task::TaskKind;
use crate::config::pages::wording::FALLBACK;
use crate::store::audit::AuditEvent;
use crate::store::db::columns::instant;
use crate::store::db::transaction::View;
use crate::web::console::layout::machine_words;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::time_format::{TimeFormat, plain};
use crate::web::console::worklist::task_words;
use crate::web::locale::reader::ReaderWords;

/// Facts that only a program has a use for.
const LEFT_OUT: [&str; 5] = ["cause", "message_id", "patient", "sha256", "version"];

/// Facts that somebody wrote: they stand as they are.
const WRITTEN: [&str; 3] = ["by", "name", "note"];

/// What facts are called, where their own names say too little.
const FACTS: [(&str, &str); 13] = [
    ("to", "now"),
    ("from", "before"),
    ("until", "until"),
    ("fields", "what was changed"),
    ("follow_up", "planned follow-up"),
    ("deliveries", "letters"),
    ("delivery", "letter"),
    ("anchor_on", "counted from"),
    ("steps", "carries"),
    ("dispositions", "what was done"),
    ("took_ms", "took"),
    ("ok", "went well"),
    ("has_note", "with a note"),
];

/// One event as a line of the list.
pub(in crate::web::console::records) fn line(
    view: &View<'_>,
    event: &AuditEvent,
    times: &TimeFormat,
    reader: &ReaderWords,
) -> Value {
    let code = case_code(view, &event.subject);
    context! {
        id => event.id,
        code,
        at => times.moment(instant(event.at)),
        actor => reader.person(&event.actor),
        what => machine_words::event(&event.action),
        about => about(&event.subject, reader),
        link => link(&event.subject),
        facts => facts(event, &FactWords { times, reader }),
    }
}

/// The case code of the patient whom an event is about.
fn case_code(view: &View<'_>, subject: &str) -> Option<String> {
    let id = subject.strip_prefix("patient/")?.parse().ok()?;
    view.patient(PatientId(id)).ok().map(|patient| patient.reference.as_str().to_owned())
}

/// What an event is about, in words.
fn about(subject: &str, reader: &ReaderWords) -> String {
    match subject.split_once('/') {
        Some(("setting", word)) => Setting::parse(word).map_or_else(
            || machine_words::subject(subject),
            |setting| reader.said(&format!("setting “{}”", setting.title())),
        ),
        // A hash says nothing to a reader.
        Some(("wording", _)) => reader.said("wording of letters"),
        Some((kind, which)) => format!("{} {which}", reader.said(&machine_words::subject(kind))),
        None => reader.said(&machine_words::subject(subject)),
    }
}

/// The page of what an event is about, where there is one.
fn link(subject: &str) -> Option<String> {
    let (kind, which) = subject.split_once('/')?;
    let page = match kind {
        "alert" => "alerts",
        "task" => "tasks",
        "delivery" => "letters",
        "response" => "answers",
        "import" => "imports",
        "setting" => return Setting::parse(which).map(|setting| format!("/settings/{}", setting.word())),
        _ => return None,
    };
    which.parse::<i64>().ok().map(|id| format!("/{page}/{id}"))
}

/// What facts are told with.
#[derive(Clone, Copy)]
struct FactWords<'a> {
    times: &'a TimeFormat,
    reader: &'a ReaderWords,
}

/// The further facts of an event, one line each.
fn facts(event: &AuditEvent, words: &FactWords<'_>) -> Vec<String> {
    let known: BTreeMap<String, serde_json::Value> = serde_json::from_str(&event.detail).unwrap_or_default();
    let fact = |(name, value): (String, serde_json::Value)| {
        let is_empty =
            value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value.as_str() == Some("");
        if is_empty || LEFT_OUT.contains(&name.as_str()) {
            return None;
        }
        let said = said(&name, &value, words);
        // Where somebody signed in, "from" is a place.
        let is_place = name == "from" && event.subject.starts_with("staff/") && event.action != "staff.role";
        let called = if is_place { "from".to_owned() } else { fact_name(&name) };
        Some(format!("{}: {said}", words.reader.said(&called)))
    };
    known.into_iter().filter_map(fact).collect()
}

fn fact_name(name: &str) -> String {
    let known = FACTS.iter().find(|(known, _)| *known == name);
    known.map_or_else(|| plain(name), |(_, words)| (*words).to_owned())
}

/// A value of a fact in words: lists and what belongs together with commas.
fn said(name: &str, value: &serde_json::Value, words: &FactWords<'_>) -> String {
    match value {
        serde_json::Value::String(text) if WRITTEN.contains(&name) => {
            word(text, &FactWords { reader: &ReaderWords::of(FALLBACK), ..*words })
        }
        serde_json::Value::String(text) => word(text, words),
        serde_json::Value::Bool(true) => words.reader.said("yes"),
        serde_json::Value::Bool(false) => words.reader.said("no"),
        serde_json::Value::Null => words.reader.said("nothing"),
        serde_json::Value::Number(number) if name.ends_with("_ms") => format!("{number}\u{a0}ms"),
        serde_json::Value::Number(number) => number.to_string(),
        serde_json::Value::Array(all) => {
            all.iter().map(|one| said(name, one, words)).collect::<Vec<_>>().join(", ")
        }
        serde_json::Value::Object(parts) => {
            let part = |(name, value): (&String, &serde_json::Value)| {
                format!("{} {}", words.reader.said(&fact_name(name)), said(name, value, words))
            };
            parts.iter().map(part).collect::<Vec<_>>().join(", ")
        }
    }
}

/// Whether a fact names what another event is about, e.g. `patient/1`.
fn is_subject(text: &str) -> bool {
    text.split_once('/').is_some_and(|(kind, id)| {
        id.parse::<i64>().is_ok() && kind.chars().all(|c| c.is_ascii_lowercase() || c == '-')
    })
}

fn word(text: &str, words: &FactWords<'_>) -> String {
    let FactWords { times, reader } = words;
    if let Ok(at) = text.parse() {
        return reader.said(&times.moment(at));
    }
    if let Some(kind) = TaskKind::parse(text) {
        return reader.said(&format!("“{}”", task_words::title(kind)));
    }
    if is_subject(text) {
        return about(text, reader);
    }
    reader.said(&match text {
        "preferred_name" => "name she goes by".to_owned(),
        "birth_on" => "birth date".to_owned(),
        "email" => "e-mail".to_owned(),
        "shared_inbox" => "whether others read her mail".to_owned(),
        _ => prose(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_to_read_a_word_of_the_program() {
        let english = ReaderWords::of("en");
        assert_eq!(about("setting/office-phone", &english), "setting “Telephone in opening hours”");
        assert_eq!(about("wording/0f3a", &english), "wording of letters");
        assert_eq!(link("setting/ladder").as_deref(), Some("/settings/ladder"));
        assert_eq!(link("delivery/7").as_deref(), Some("/letters/7"));
        assert_eq!(link("wording/0f3a"), None);
        let spanish = ReaderWords::of("es");
        for fact in
            ["took_ms", "ok", "has_note", "asked_by", "decision", "export", "level", "proxy", "records"]
        {
            let name = fact_name(fact);
            assert!(!name.contains(" ms") && spanish.said(&name) != name, "{fact}: {name}");
        }
        assert_eq!((fact_name("to"), fact_name("until_on")), ("now".to_owned(), "until on".to_owned()));
    }
}
