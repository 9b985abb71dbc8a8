//! One checklist: its questions as patients see them, language by language, and its rules, tier by tier.

use axum::extract::{Path, Query};
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::checklist::definition::Checklist;
use crate::care::checklist::item::{AnswerKind, Item};
use crate::care::triage::rule_text::{clock, condition, looks_at};
use crate::care::triage::tier::{Code, Tier};
use crate::config::checklists::checklist::WordedChecklist;
use crate::config::checklists::wording::ChecklistWording;
use crate::journey::errors::step::StepError;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::checklists::in_force;
use crate::web::console::layout::page;

/// In which language the questions are shown.
#[derive(Debug, Deserialize)]
pub(in crate::web::console) struct QuestionLanguage {
    /// A code such as `es`; the reader's own where it is left out or unknown.
    #[serde(default)]
    pub(in crate::web::console) language: String,
}

/// The page of one checklist.
pub(in crate::web::console) async fn show(
    signed_in: SignedIn,
    Path(name): Path<String>,
    Query(asked): Query<QuestionLanguage>,
) -> Response {
    page::blocking(signed_in, move |signed_in| match words(signed_in, &name, &asked.language) {
        Ok(words) => page::render(signed_in, "checklist", words),
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

fn words(signed_in: &SignedIn, name: &str, language: &str) -> Result<Value, StepError> {
    let form = in_force::read(signed_in, name)?;
    let wording = in_force::wording(signed_in, &form, language);
    let shown = wording.map_or("", |wording| wording.language.as_str());
    let tiers = [Some(Tier::Emergency), Some(Tier::Urgent), Some(Tier::Soon), None];
    Ok(context! {
        title => wording.map(|wording| wording.title.clone()),
        intro => wording.map(|wording| wording.intro.clone()),
        asked_in => shown,
        languages => in_force::languages(signed_in, &form, shown),
        asked => wording.map(|wording| questions(&form.checklist, wording)),
        rules => tiers.map(|tier| rules(&form, wording, tier)),
        ..in_force::facts(signed_in, &form)
    })
}

fn questions(checklist: &Checklist, wording: &ChecklistWording) -> Vec<Value> {
    let page = |(number, ids): (usize, &Vec<String>)| {
        let items = ids.iter().filter_map(|id| checklist.item(id)).map(|item| question(item, wording));
        let heading = wording.pages.get(number).cloned().unwrap_or_default();
        context! { heading, questions => items.collect::<Vec<_>>() }
    };
    checklist.pages.iter().enumerate().map(page).collect()
}

fn question(item: &Item, wording: &ChecklistWording) -> Value {
    let words = wording.items.get(&item.id);
    let parts = item.parts.iter().map(|part| {
        let own = words.and_then(|words| words.parts.get(&part.field));
        let choices = own.map(|own| own.choices.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>());
        let scale = match part.kind {
            AnswerKind::Score { max } => Some(max),
            _ => None,
        };
        context! {
            ask => own.and_then(|own| own.ask.clone()),
            help => own.and_then(|own| own.help.clone()),
            choices => choices.filter(|_| scale.is_none()),
            scale,
        }
    });
    let skip = item.skip.as_ref().map(|skip| {
        let first = skip.field.split('.').next().unwrap_or_default();
        let said = wording.choice(first, &skip.field, &skip.word).unwrap_or(&skip.word);
        context! { item => first, said }
    });
    context! {
        id => item.id.clone(),
        ask => words.map(|words| words.ask.clone()),
        help => words.and_then(|words| words.help.clone()),
        parts => parts.collect::<Vec<_>>(),
        skip,
    }
}

/// The rules that ask for that tier; `None` for those that only change what others do.
fn rules(form: &WordedChecklist, wording: Option<&ChecklistWording>, of: Option<Tier>) -> Value {
    let checklist = &form.checklist;
    let names = in_force::choice_names(wording);
    let own = Code::ALL.into_iter().filter(|code| checklist.tier_of(*code) == of);
    let rule = |code: Code| {
        context! {
            code => code.word(),
            condition => condition(code, checklist, &names),
            means => code.explain(),
            basis => code.basis(),
            looks_at => looks_at(code, checklist).into_iter().map(str::to_owned).collect::<Vec<_>>(),
            is_raised => checklist.tier_of(code) != code.tier(),
        }
    };
    context! {
        tier => of.map(Tier::word),
        clock => of.map(clock),
        rules => own.map(rule).collect::<Vec<_>>(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::checklists::checklist::shipped;
    use crate::web::locale::reader::ReaderWords;

    #[test]
    fn every_rule_is_said_whole_in_spanish_whatever_places_it_names() {
        let form = shipped().unwrap();
        let (names, reader) = (in_force::choice_names(form.words("es")), ReaderWords::of("es"));
        for code in Code::ALL {
            let english = condition(code, &form.checklist, &names);
            let said = reader.said(&english);
            let count = |mark: char| said.matches(mark).count();
            assert!(said != english && !said.contains(" or ") && !said.contains(", or"), "{code:?}: {said}");
            assert_eq!((count('«'), count('“')), (count('»'), 0), "{code:?}: {said}");
            assert_eq!(said.matches('«').count(), english.matches('“').count(), "{code:?}: {said}");
        }
    }
}
