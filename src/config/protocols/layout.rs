//! Writes the fields of a form as a protocol file, a line for each key and for each row, and tells which field a fault is
//! about.

use std::collections::BTreeMap;

use super::form::{PhaseForm, ProtocolForm, SeriesForm, StepForm};
use crate::config::file::fault::Fault;

/// A protocol file and where its fields stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaidOut {
    /// The text of the whole file.
    pub text: String,
    /// For each line, the part of the form it was written from: empty, `s0`, `s0.phases` or `s0.phases.1`.
    places: Vec<String>,
}

/// Writes a form as a file.
#[must_use]
pub fn write(form: &ProtocolForm) -> LaidOut {
    let mut file = LaidOut { text: String::new(), places: Vec::new() };
    form.notes.iter().for_each(|note| file.line("", &format!("# {note}")));
    for (key, word) in
        [("id", &form.id), ("title", &form.title), ("source", &form.source), ("anchor", &form.anchor)]
    {
        file.word("", key, word);
    }
    if form.add_on {
        file.line("", "add_on = true");
    }
    for (at, series) in form.series.iter().enumerate() {
        file.series(&format!("s{at}"), series);
    }
    file
}

/// The keys of a series and of its rows.
const KEYS: [&str; 18] = [
    "id",
    "kind",
    "checklist",
    "leaflet",
    "title",
    "prepare",
    "phases",
    "at",
    "window",
    "rebase",
    "on_unknown",
    "remind",
    "booked",
    "missed",
    "after",
    "until",
    "every",
    "step",
];

impl LaidOut {
    fn line(&mut self, place: &str, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.places.push(place.to_owned());
    }

    fn word(&mut self, place: &str, key: &str, word: &str) {
        if !word.is_empty() {
            self.line(place, &format!("{key} = {}", quoted(word)));
        }
    }

    fn series(&mut self, place: &str, series: &SeriesForm) {
        self.line(place, "");
        series.notes.iter().for_each(|note| self.line(place, &format!("# {note}")));
        self.line(place, "[[series]]");
        for (key, word) in [
            ("id", &series.id),
            ("kind", &series.kind),
            ("checklist", &series.checklist),
            ("leaflet", &series.leaflet),
        ] {
            self.word(place, key, word);
        }
        self.languages(place, "title", &series.title);
        self.languages(place, "prepare", &series.prepare);
        self.rows(&format!("{place}.phases"), "phases", series.phases.iter().map(phase));
        let dates: Vec<String> = series.at.iter().map(|at| quoted(at)).collect();
        if !dates.is_empty() {
            self.line(place, &format!("at = [{}]", dates.join(", ")));
        }
        if !series.before.is_empty() || !series.after.is_empty() {
            self.line(place, &format!("window = [{}, {}]", quoted(&series.before), quoted(&series.after)));
        }
        if series.rebase {
            self.line(place, "rebase = true");
        }
        self.word(place, "on_unknown", &series.on_unknown);
        for (key, steps) in
            [("remind", &series.remind), ("booked", &series.booked), ("missed", &series.missed)]
        {
            self.rows(&format!("{place}.{key}"), key, steps.iter().map(step));
        }
    }

    fn languages(&mut self, place: &str, key: &str, words: &BTreeMap<String, String>) {
        let said: Vec<String> = words
            .iter()
            .filter(|(_, words)| !words.is_empty())
            .map(|(language, words)| format!("{language} = {}", quoted(words)))
            .collect();
        if !said.is_empty() {
            self.line(place, &format!("{key} = {{ {} }}", said.join(", ")));
        }
    }

    fn rows(&mut self, place: &str, key: &str, rows: impl Iterator<Item = String>) {
        let rows: Vec<String> = rows.collect();
        if rows.is_empty() {
            return;
        }
        self.line(place, &format!("{key} = ["));
        for (at, row) in rows.iter().enumerate() {
            self.line(&format!("{place}.{at}"), &format!("  {row},"));
        }
        self.line(place, "]");
    }

    /// The field of the form that a fault of this file is about, e.g. `s0.phases.1.every`.
    #[must_use]
    pub fn field(&self, fault: &Fault) -> String {
        let place = fault.line.checked_sub(1).and_then(|at| self.places.get(at)).map_or("", String::as_str);
        let path = fault.problem.split('`').nth(1).unwrap_or_default();
        let mut keys: Vec<&str> = path.split('.').collect();
        let series = place.split('.').next().unwrap_or_default();
        if keys.first() == Some(&"series") && keys.len() > 1 {
            keys.remove(0);
        } else if series.is_empty() {
            return path.to_owned();
        }
        // Where the words name another thing than a key, the key of the line is meant.
        let written = fault.line.checked_sub(1).and_then(|at| self.text.lines().nth(at));
        let written = written.and_then(|line| line.split_once(" = ")).map(|(key, _)| key.trim());
        let named = keys.last().copied().unwrap_or_default();
        let last = if KEYS.contains(&named) { named } else { written.unwrap_or(named) };
        let is_row = place.split('.').count() == 3;
        match (is_row, language(&fault.problem)) {
            (true, _) if keys.len() > 1 => format!("{place}.{last}"),
            (true, _) => place.to_owned(),
            (false, Some(language)) => format!("{series}.{last}.{language}"),
            (false, None) => format!("{series}.{last}"),
        }
    }
}

/// The language that a fault of words names.
fn language(problem: &str) -> Option<&str> {
    let (_, rest) = problem.split_once(" in `")?;
    rest.split('`').next().filter(|word| word.len() <= 3)
}

fn phase(phase: &PhaseForm) -> String {
    row(&[("after", &phase.after), ("until", &phase.until), ("every", &phase.every)])
}

fn step(step: &StepForm) -> String {
    row(&[("step", &step.step), ("at", &step.at), ("useful", &step.useful)])
}

fn row(fields: &[(&str, &String)]) -> String {
    let said = fields.iter().filter(|(_, word)| !word.is_empty());
    let said: Vec<String> = said.map(|(key, word)| format!("{key} = {}", quoted(word))).collect();
    if said.is_empty() { "{ }".to_owned() } else { format!("{{ {} }}", said.join(", ")) }
}

/// A text on one line, in quotes.
fn quoted(word: &str) -> String {
    let mut quoted = String::from("\"");
    for c in word.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::protocols::protocol;
    use crate::config::sources::Sources;

    const LANGUAGES: [&str; 2] = ["en", "es"];

    #[test]
    fn every_shipped_protocol_goes_through_the_form_unchanged() {
        for (id, found) in protocol::library(&Sources::shipped(), &LANGUAGES).unwrap() {
            let form = ProtocolForm::read(&found.text).unwrap();
            let written = write(&form);
            let again = protocol::read(&id, &written.text, &LANGUAGES).unwrap();
            let unversioned = |p| crate::care::plan::protocol::Protocol { version: String::new(), ..p };
            assert_eq!(unversioned(again), unversioned(found.protocol), "{id}");
            assert_eq!(ProtocolForm::read(&written.text), Some(form), "{id}: comments stay");
        }
    }

    #[test]
    fn each_fault_finds_its_field() {
        let text = crate::config::embedded::text("protocols/sgo2017-high.toml").unwrap();
        let sound = ProtocolForm::read(&text).unwrap();
        let told = |change: &dyn Fn(&mut ProtocolForm)| {
            let mut form = sound.clone();
            change(&mut form);
            let file = write(&form);
            let faults = protocol::read("draft", &file.text, &LANGUAGES).unwrap_err();
            faults.iter().map(|fault| file.field(fault)).collect::<Vec<_>>()
        };
        assert_eq!(told(&|form| form.source.clear()), ["source"]);
        assert_eq!(told(&|form| form.series.clear()), ["series"]);
        assert_eq!(told(&|form| form.series[1].id = "visit".to_owned()), ["s1.id"]);
        assert_eq!(told(&|form| form.series[0].phases[1].every = "soon".to_owned()), ["s0.phases.1.every"]);
        assert_eq!(told(&|form| form.series[0].phases[2].after.clear()), ["s0.phases.2.after"]);
        assert_eq!(told(&|form| form.series[0].remind[1].at = "-40d".to_owned()), ["s0.remind.1.at"]);
        assert_eq!(told(&|form| form.series[0].missed[0].step = "Sorry".to_owned()), ["s0.missed.0.step"]);
        assert_eq!(told(&|form| drop(form.series[0].title.remove("es"))), ["s0.title.es"]);
        assert_eq!(told(&|form| form.series[1].checklist.clear()), ["s1.checklist"]);
        assert_eq!(told(&|form| form.series[0].after = "later".to_owned()), ["s0.window"]);
        assert_eq!(told(&|form| form.series[0].phases.clear()), ["s0.phases"]);
        assert_eq!(told(&|form| form.series[0].remind.clear()), ["s0.remind"]);
    }

    #[test]
    fn no_word_breaks_out_of_its_quotes() {
        let title = "a \"quoted\" \\ title\nverified = true";
        let form = ProtocolForm { title: title.to_owned(), ..ProtocolForm::default() };
        let read = ProtocolForm::read(&write(&form).text).unwrap();
        assert_eq!(read.title, title.replace('\n', " "));
    }
}
