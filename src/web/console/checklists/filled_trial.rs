//! What stands in the form that tries the rules: what was chosen, and what is taken as known.

use std::collections::BTreeMap;

use crate::care::checklist::answer::{Answers, Baseline, Mark, PartialAnswers};
use crate::care::checklist::definition::Checklist;
use crate::care::checklist::item::Need;
use crate::care::triage::case::{BoneSpread, History};
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::layout::refused_form::RefusedForm;
use crate::web::console::layout::time_format::TimeFormat;

/// What stands in the form.
pub(super) struct FilledTrial {
    /// The language of the questions, and of what the patient would read.
    pub(super) language: String,
    /// The chosen word of each field; nothing chosen is blank.
    pub(super) chosen: BTreeMap<String, String>,
    /// The signs that a clinician has confirmed as known.
    pub(super) known: Vec<String>,
    /// Whether spread to bone is on record.
    pub(super) bone: BoneSpread,
    /// What cannot be judged.
    pub(super) refused: RefusedForm,
}

impl FilledTrial {
    /// As somebody would fill it in who is well, so that one only changes what one wants to see.
    pub(super) fn well(checklist: &Checklist, language: String) -> Self {
        let needed = checklist.parts().filter(|part| part.need == Need::Always);
        let chosen = needed.filter_map(|part| Some((part.field.clone(), part.kind.mildest()?)));
        let (chosen, known) = (chosen.collect(), Vec::new());
        Self { language, chosen, known, bone: BoneSpread::NotKnown, refused: RefusedForm::default() }
    }

    pub(super) fn typed(checklist: &Checklist, fields: &FormFields) -> Self {
        let given = |field: &str| Some(fields.get(field)).filter(|word| !word.is_empty()).map(str::to_owned);
        let chosen = checklist.parts().filter_map(|part| Some((part.field.clone(), given(&part.field)?)));
        let is_known = |id: &&str| fields.get(&format!("known.{id}")) == "yes";
        let known = checklist.signs().map(|item| item.id.as_str()).filter(is_known).map(str::to_owned);
        let bone = if fields.get("bone") == "yes" { BoneSpread::Known } else { BoneSpread::NotKnown };
        let (chosen, known) = (chosen.collect(), known.collect());
        let language = fields.get("language").to_owned();
        Self { language, chosen, known, bone, refused: RefusedForm::default() }
    }

    pub(super) fn read(&self, checklist: &Checklist) -> PartialAnswers {
        Answers::read(checklist, self.chosen.iter().map(|(field, word)| (field.as_str(), word.as_str())))
    }

    pub(super) fn history(&self, at: &TimeFormat) -> History {
        let marks: BTreeMap<String, Mark> = self.known.iter().map(|id| (id.clone(), Mark::Known)).collect();
        let baseline = (!marks.is_empty()).then(|| Baseline {
            confirmed_by: String::new(),
            confirmed_on: at.today(),
            marks,
            answers: Answers::default(),
        });
        History { baseline, bone: self.bone, ..History::default() }
    }
}
