//! `aftercare checklist show spine`: what patients are asked and when each rule speaks, as on the console's page of it.

use std::io::Write;

use serde_json::{Value, json};

use crate::care::triage::rule_text::{condition, looks_at};
use crate::care::triage::sign_off::SignOff;
use crate::care::triage::tier::{Code, Tier};
use crate::config::checklists::checklist::WordedChecklist;

/// A checklist as it is written for people or scripts.
pub(super) struct ChecklistReport<'a> {
    /// What is asked, with its words.
    pub(super) form: &'a WordedChecklist,
    /// Who signed the rules that judge answers.
    pub(super) signed: Option<&'a SignOff>,
    /// The language of the questions.
    pub(super) language: &'a str,
}

impl ChecklistReport<'_> {
    pub(super) fn words(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let checklist = &self.form.checklist;
        writeln!(out, "{} version {}", checklist.id, checklist.version)?;
        match self.signed {
            Some(by) => {
                let SignOff { name, role, date, version } = by;
                writeln!(
                    out,
                    "rules: version {version} signed by {name} ({role}) on {date}; they judge answers"
                )?;
            }
            None => writeln!(out, "rules: nobody has signed them; staff read every answer")?,
        }
        writeln!(out, "\nquestions:")?;
        for item in &checklist.items {
            writeln!(out, "  {} {}", item.id, self.ask(&item.id))?;
            for part in &item.parts {
                writeln!(out, "      {}: {}", part.field, part.kind.words().join(", "))?;
            }
        }
        writeln!(out, "\nrules:")?;
        let names = |field: &str, word: &str| self.name(field, word);
        for code in Code::ALL {
            let asks = checklist.tier_of(code).map_or("changes the others", Tier::word);
            writeln!(
                out,
                "  {:<3} {} ({asks}; {})",
                code.word(),
                condition(code, checklist, &names),
                code.basis()
            )?;
        }
        Ok(())
    }

    pub(super) fn json(&self) -> Value {
        let checklist = &self.form.checklist;
        let question = checklist.items.iter().map(|item| {
            let parts = item.parts.iter();
            let fields = parts.map(|part| json!({ "field": part.field, "accepts": part.kind.words() }));
            json!({ "item": item.id, "ask": self.ask(&item.id), "fields": fields.collect::<Vec<_>>() })
        });
        let names = |field: &str, word: &str| self.name(field, word);
        let rules = Code::ALL.into_iter().map(|code| {
            json!({
                "code": code.word(),
                "tier": checklist.tier_of(code).map(Tier::word),
                "condition": condition(code, checklist, &names),
                "explanation": code.explain(),
                "basis": code.basis(),
                "items": looks_at(code, checklist),
            })
        });
        let signed = self.signed.map(|by| {
            json!({ "name": by.name, "role": by.role, "date": by.date.to_string(), "version": by.version })
        });
        json!({
            "checklist": checklist.id,
            "version": checklist.version,
            "languages": self.form.wording.keys().collect::<Vec<_>>(),
            "signed": signed,
            "questions": question.collect::<Vec<_>>(),
            "rules": rules.collect::<Vec<_>>(),
        })
    }

    /// What a choice is called in the language asked for.
    fn name(&self, field: &str, word: &str) -> String {
        self.form.words(self.language).map_or_else(|| word.to_owned(), |words| words.choice_name(field, word))
    }

    /// The question in the language asked for; nothing where the checklist has no words in it.
    fn ask(&self, item: &str) -> &str {
        let words = self.form.words(self.language).and_then(|words| words.items.get(item));
        words.map_or("", |words| words.ask.as_str())
    }
}
