//! The files that `checklist try` reads: answers, the last form, the baseline.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::care::checklist::answer::{Answers, Baseline, Last, Mark};
use crate::care::checklist::definition::Checklist;
use crate::care::triage::case::{Case, FormStage, History};
use crate::care::triage::judge::judge;
use crate::care::triage::tier::Code;
use crate::cli::named_file;
use crate::cli::work::checklist::args::{TryArgs, TryError};

type AnswerText = BTreeMap<String, Word>;

/// An answer as people write it in TOML.
#[derive(Deserialize)]
#[serde(untagged)]
enum Word {
    Text(String),
    Number(u32),
    Yes(bool),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LastFile {
    answered_on: Date,
    #[serde(default)]
    reviewed: bool,
    /// Taken from judging the answers when left out.
    reasons: Option<Vec<String>>,
    #[serde(default)]
    answers: AnswerText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BaselineFile {
    confirmed_by: String,
    confirmed_on: Date,
    #[serde(default)]
    marks: BTreeMap<String, MarkWord>,
    #[serde(default)]
    answers: AnswerText,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum MarkWord {
    Known,
    NotApplicable,
}

impl Word {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Yes(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        }
    }
}

/// The answers to judge: what was asked for on the line, over the file, over the mildest if she is well.
pub(super) fn answers(args: &TryArgs, checklist: &Checklist) -> Result<Answers, TryError> {
    let mut fields = BTreeMap::new();
    if let Some(path) = &args.answers {
        fields.extend(texts(&read::<AnswerText>(path)?));
    }
    let mut wrong = Vec::new();
    for pair in &args.words {
        match pair.split_once('=') {
            Some((field, word)) => drop(fields.insert(field.to_owned(), word.to_owned())),
            None => wrong.push(format!("{pair}: write FIELD=WORD, such as SP08=new")),
        }
    }
    let given = accepted(checklist, &fields);
    if let (Ok(given), true) = (&given, args.well) {
        for part in checklist.parts().filter(|part| !fields_of(given).contains(&part.field)) {
            let hidden = checklist.field(&part.field).is_some_and(|(item, _)| {
                item.skip.as_ref().is_some_and(|skip| fields.get(&skip.field).is_none_or(|w| *w == skip.word))
            });
            if let (false, Some(word)) = (hidden, part.kind.mildest()) {
                fields.insert(part.field.clone(), word);
            }
        }
    }
    match (accepted(checklist, &fields), wrong.is_empty()) {
        (Ok(answers), true) => Ok(answers),
        (found, _) => {
            wrong.extend(found.err().unwrap_or_default());
            Err(TryError::Answers(wrong))
        }
    }
}

/// The last form as a file tells it.
pub(super) fn last(path: &Path, checklist: &Checklist) -> Result<Last, TryError> {
    let file: LastFile = read(path)?;
    let answers = named(path, accepted(checklist, &texts(&file.answers)))?;
    let history = History::default();
    let case =
        Case { answers: &answers, stage: FormStage::Saved, answered_on: file.answered_on, history: &history };
    let reasons = match &file.reasons {
        None => judge(checklist, &case).codes(),
        Some(words) => {
            let code = |word: &String| Code::parse(word).ok_or_else(|| vec![format!("no reason `{word}`")]);
            named(path, words.iter().map(code).collect())?
        }
    };
    Ok(Last { answered_on: file.answered_on, answers, reasons, reviewed: file.reviewed })
}

/// The baseline as a file tells it: known is what the file marks as known.
pub(super) fn baseline(path: &Path, checklist: &Checklist) -> Result<Baseline, TryError> {
    let file: BaselineFile = read(path)?;
    let answers = named(path, accepted(checklist, &texts(&file.answers)))?;
    let strangers = file.marks.keys().filter(|id| checklist.item(id).is_none());
    let strangers: Vec<String> = strangers.map(|id| format!("no item `{id}` to mark")).collect();
    named(path, if strangers.is_empty() { Ok(()) } else { Err(strangers) })?;
    let marks = file.marks.into_iter().map(|(id, mark)| match mark {
        MarkWord::Known => (id, Mark::Known),
        MarkWord::NotApplicable => (id, Mark::NotApplicable),
    });
    Ok(Baseline {
        confirmed_by: file.confirmed_by,
        confirmed_on: file.confirmed_on,
        marks: marks.collect(),
        answers,
    })
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, TryError> {
    let refused = |problem: String| TryError::Answers(vec![format!("{}: {problem}", path.display())]);
    let text = named_file::text(path).map_err(|error| refused(error.to_string()))?;
    let told = |error: toml::de::Error| refused(error.to_string().trim_end().to_owned());
    let table: toml::Table = toml::from_str(&text).map_err(told)?;
    if !table.values().any(toml::Value::is_datetime) {
        return toml::from_str(&text).map_err(told);
    }
    // A date without quotes is TOML's own kind of value, and says the same.
    let quoted = |(key, value)| match value {
        toml::Value::Datetime(on) => (key, toml::Value::String(on.to_string())),
        other => (key, other),
    };
    table.into_iter().map(quoted).collect::<toml::Table>().try_into().map_err(told)
}

fn accepted(checklist: &Checklist, fields: &BTreeMap<String, String>) -> Result<Answers, Vec<String>> {
    let reading = Answers::read(checklist, fields.iter().map(|(f, w)| (f.as_str(), w.as_str())));
    let faults: Vec<String> = reading.faults.iter().map(ToString::to_string).collect();
    if faults.is_empty() { Ok(reading.answers) } else { Err(faults) }
}

fn named<T>(path: &Path, result: Result<T, Vec<String>>) -> Result<T, TryError> {
    let name = path.display();
    result.map_err(|lines| TryError::Answers(lines.iter().map(|line| format!("{name}: {line}")).collect()))
}

fn texts(words: &AnswerText) -> BTreeMap<String, String> {
    words.iter().map(|(field, word)| (field.clone(), word.text())).collect()
}

fn fields_of(answers: &Answers) -> Vec<String> {
    answers.words().map(|(field, _)| field.to_owned()).collect()
}
