//! The versions under which forms were asked, each with the rules that judge it now: on the questions that it had.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::care::checklist::definition::Checklist;
use crate::journey::alert_policy::ChecklistCache;
use crate::store::answers::checklists::ChecklistVersionId;
use crate::store::answers::past_answers::PastAnswers;
use crate::store::db::transaction::View;

/// The checklists under which forms were asked, and the rules that judge each.
pub(in crate::journey::forecast) struct AskedVersions {
    judge: Arc<Checklist>,
    known: HashMap<ChecklistVersionId, AskedVersion>,
    lost: HashSet<ChecklistVersionId>,
}

/// A version under which forms were asked.
pub(in crate::journey::forecast) struct AskedVersion {
    /// The rules that judge it: the asked ones, on its own questions; its own where it is another checklist.
    pub(in crate::journey::forecast) rules: Arc<Checklist>,
    /// Whether its forms count.
    pub(in crate::journey::forecast) counts: bool,
    /// What was asked, by which a baseline is read.
    asked: Arc<Checklist>,
    /// Whether it lacks a question that the rules look at.
    pub(in crate::journey::forecast) is_partly: bool,
}

impl AskedVersions {
    /// None yet, for these rules.
    pub(in crate::journey::forecast) fn judged_by(judge: Arc<Checklist>) -> Self {
        Self { judge, known: HashMap::new(), lost: HashSet::new() }
    }

    pub(in crate::journey::forecast) fn of(&self, version: ChecklistVersionId) -> Option<&AskedVersion> {
        self.known.get(&version)
    }

    /// What was asked under that version.
    pub(in crate::journey::forecast) fn asked(&self, version: ChecklistVersionId) -> Option<&Checklist> {
        self.of(version).map(|one| &*one.asked)
    }

    /// Reads the versions of a batch that are not known yet.
    pub(in crate::journey::forecast) fn read(
        &mut self,
        view: &View<'_>,
        checklists: &ChecklistCache,
        past: &PastAnswers,
    ) {
        let rules = Arc::clone(&self.judge);
        let forms = past.forms.iter().map(|form| form.version);
        let all: HashSet<ChecklistVersionId> =
            forms.chain(past.baselines.iter().map(|one| one.row.version)).collect();
        for version in all {
            if self.known.contains_key(&version) || self.lost.contains(&version) {
                continue;
            }
            let Ok(asked) = checklists.get(view, version) else {
                self.lost.insert(version);
                continue;
            };
            let counts = asked.id == rules.id;
            let judged_by = if counts { Arc::new(rules.asked_under(&asked)) } else { Arc::clone(&asked) };
            let is_partly = counts && judged_by.parts().count() < rules.parts().count();
            self.known.insert(version, AskedVersion { rules: judged_by, asked, counts, is_partly });
        }
    }
}
