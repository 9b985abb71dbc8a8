//! The form page by page: start, questions, review. Only words and what was answered; nothing of who she is.

use minijinja::{Value, context};

use crate::care::checklist::answer::{Answers, Baseline};
use crate::care::checklist::definition::Checklist;
use crate::care::checklist::item::{AnswerKind, AnswerValue, Item, Need, Part};
use crate::config::checklists::wording::ChecklistWording;
use crate::journey::alerts::cover;
use crate::store::answers::links::LinkPurpose;
use crate::store::answers::responses::Respondent;
use crate::web::html::PageFault;
use crate::web::public::form_state::{Blanks, FormStep};
use crate::web::public::reader_pages::ReaderPages;

/// What a form asks, and what is known so far.
#[derive(Clone, Copy)]
pub(super) struct FormContent<'a> {
    pub(super) checklist: &'a Checklist,
    pub(super) answers: &'a Answers,
    pub(super) baseline: Option<&'a Baseline>,
    /// What the link was written for.
    pub(super) purpose: LinkPurpose,
    /// Whether somebody acts for her, who may fill it in.
    pub(super) acted_for: bool,
}

/// An open form as a page shows it.
pub(super) struct FormView<'a> {
    pub(super) app: &'a ReaderPages,
    pub(super) token: &'a str,
    /// The language of the whole page.
    pub(super) language: &'a str,
    pub(super) words: &'a ChecklistWording,
    pub(super) content: FormContent<'a>,
    pub(super) step: &'a FormStep,
}

/// The choice of whoever does not know.
const UNSURE: &str = "unsure";

/// The errors of a page: where to go, and what is wrong.
pub(super) fn errors(list: &[(String, String)]) -> Value {
    Value::from_iter(list.iter().map(|(at, text)| context! { at, text }))
}

/// The hidden fields of a form.
pub(super) fn hidden(fields: Vec<(&'static str, String)>) -> Value {
    Value::from_iter(
        fields.into_iter().map(|(name, word)| Value::from_iter([Value::from(name), Value::from(word)])),
    )
}

/// The links to a page in the other languages, with all that its address holds.
pub(super) fn languages(app: &ReaderPages, language: &str, token: &str, step: &FormStep) -> Value {
    let others = app.languages_beside(&app.words(language).language);
    let link = |(code, name): (&str, &str)| {
        context! { code, name, address => step.in_language(code).address(token) }
    };
    Value::from_iter(others.map(link))
}

/// The form that asks for a new link: only a page of ours has its nonce.
pub(super) fn renewal(token: &str, step: &FormStep) -> Value {
    let step = FormStep { nonce: step.nonce.clone(), language: step.language.clone(), ..FormStep::default() };
    context! { action => format!("/c/{token}"), state => hidden(step.hidden()) }
}

/// The warning list in two: the worst signs with the numbers, and the rest.
pub(super) fn halves(warning: &str) -> (&str, &str) {
    let second = warning.match_indices("<h2>").nth(1).map_or(warning.len(), |(at, _)| at);
    warning.split_at(second)
}

impl FormView<'_> {
    /// Where the form begins: the worst signs first, then who fills it in.
    pub(super) fn start(&self, mistakes: &[(String, String)]) -> Result<String, PageFault> {
        let warning = self.app.warning(self.language);
        let (first, rest) = halves(&warning);
        let texts = self.app.words(self.language);
        let (heading, lead) = match self.content.purpose {
            LinkPurpose::Changed => (texts.text("changed.title"), texts.text("changed.lead")),
            LinkPurpose::Checklist(_) | LinkPurpose::OptOut => {
                (self.words.title.as_str(), self.words.intro.as_str())
            }
        };
        let words = context! {
            heading => heading,
            acted_for => self.content.acted_for,
            lead => lead,
            first, rest,
            uncovered => cover::is_missing(&self.app.deps.clinic),
            action => self.action(),
            state => hidden(self.fields(&FormStep { who: None, ..self.step.clone() })),
            who => self.step.who.map(|who| who.word()),
            errors => errors(mistakes),
            others => self.app.other_languages(self.language),
        };
        self.app.render("start.html", self.language, words)
    }

    /// One page of questions, from 1.
    pub(super) fn questions(&self, page: usize) -> Result<String, PageFault> {
        let named = self.step.blanks == Blanks::Named;
        let (open, odd) = match named {
            true => (self.open(page), self.contradicted(page)),
            false => (Vec::new(), Vec::new()),
        };
        let told = |list: &[(&Item, &Part)], key: &str| -> Vec<(String, String)> {
            list.iter().map(|(item, part)| (first_choice(part), self.about(item, part, key))).collect()
        };
        let mistakes = [told(&open, "form.blank"), told(&odd, "form.odd")].concat();
        let wrong = |part: &Part| {
            let is_in = |list: &[(&Item, &Part)]| list.iter().any(|(_, p)| p.field == part.field);
            if is_in(&open) { Some("form.blank") } else { is_in(&odd).then_some("form.odd") }
        };
        let items = self.asked(page).into_iter().map(|item| self.item(item, &wrong));
        let words = context! {
            heading => self.words.pages.get(page - 1),
            step => self.steps(page),
            action => self.action(),
            state => hidden(self.fields(self.step)),
            items => Value::from_iter(items),
            errors => errors(&mistakes),
            blanks => !open.is_empty(),
            unsure => open.iter().any(|(_, part)| part.kind.words().iter().any(|word| word == UNSURE)),
            odd => !odd.is_empty(),
            carer => self.step.who == Some(Respondent::Carer),
            last => self.after(page) > self.content.checklist.pages.len(),
            others => self.app.other_languages(self.language),
        };
        self.app.render("questions.html", self.language, words)
    }

    /// Everything answered, to be looked at before it is sent.
    pub(super) fn review(&self) -> Result<String, PageFault> {
        let pages = (1..=self.content.checklist.pages.len()).filter(|page| !self.asked(*page).is_empty());
        let pages = pages.map(|page| {
            let parts =
                self.asked(page).into_iter().flat_map(|item| item.parts.iter().map(move |part| (item, part)));
            let lines = parts.filter_map(|(item, part)| self.line(item, part));
            context! {
                heading => self.words.pages.get(page - 1),
                edit => self.step.at(Some(page)).address(self.token),
                lines => Value::from_iter(lines),
            }
        });
        let words = context! {
            step => self.steps(self.content.checklist.pages.len() + 1),
            action => self.action(),
            state => hidden(self.fields(self.step)),
            pages => Value::from_iter(pages),
            others => languages(self.app, self.language, self.token, self.step),
        };
        self.app.render("review.html", self.language, words)
    }

    /// The next page that asks something, or the review.
    pub(super) fn after(&self, page: usize) -> usize {
        let last = self.content.checklist.pages.len();
        (page + 1..=last).find(|page| !self.asked(*page).is_empty()).unwrap_or(last + 1)
    }

    /// The page before that asks something; `None` is the start.
    pub(super) fn before(&self, page: usize) -> Option<usize> {
        (1..page).rev().find(|page| !self.asked(*page).is_empty())
    }

    /// Questions of a page that are required and blank.
    pub(super) fn open(&self, page: usize) -> Vec<(&Item, &Part)> {
        let blank = self.content.checklist.blanks(self.content.answers, self.content.baseline);
        let parts =
            self.asked(page).into_iter().flat_map(|item| item.parts.iter().map(move |part| (item, part)));
        parts.filter(|(_, part)| blank.contains(&part.field.as_str())).collect()
    }

    /// Questions of a page that are answered with "no" and yet filled in, each with the part that says no.
    pub(super) fn contradicted(&self, page: usize) -> Vec<(&Item, &Part)> {
        let items = self.asked(page).into_iter();
        let odd = items.filter(|item| self.content.checklist.contradicts(item, self.content.answers));
        odd.filter_map(|item| Some((item, item.parts.first()?))).collect()
    }

    /// Whether a page, from 1, asks anything after the answers so far.
    pub(super) fn asks(&self, page: usize) -> bool {
        page > 0 && !self.asked(page).is_empty()
    }

    fn asked(&self, page: usize) -> Vec<&Item> {
        self.content.checklist.page(page.saturating_sub(1), self.content.answers, self.content.baseline)
    }

    fn action(&self) -> String {
        format!("/c/{}", self.token)
    }

    fn fields(&self, step: &FormStep) -> Vec<(&'static str, String)> {
        let mut fields = step.hidden();
        fields.push(("v", self.content.checklist.version.clone()));
        fields
    }

    /// Which page of how many she looks at: those that ask nothing of her are no pages to her. The last one is the review.
    fn steps(&self, page: usize) -> String {
        let asked_before = |page| (1..page).filter(|page| self.asks(*page)).count();
        let all = asked_before(self.content.checklist.pages.len() + 1);
        let (n, m) = ((asked_before(page) + 1).to_string(), (all + 1).to_string());
        self.app.words(self.language).filled("form.step", &[("page", &n), ("pages", &m)])
    }

    /// The question, and what is to be looked at again.
    fn about(&self, item: &Item, part: &Part, key: &str) -> String {
        format!("{} {}", self.ask(item, part), self.app.words(self.language).text(key))
    }

    /// The question of a part: its own, or its item's.
    fn ask(&self, item: &Item, part: &Part) -> &str {
        let words = self.words.items.get(&item.id);
        let own = words.and_then(|w| w.parts.get(&part.field)?.ask.as_deref());
        own.or_else(|| words.map(|w| w.ask.as_str())).unwrap_or_default()
    }

    fn line(&self, item: &Item, part: &Part) -> Option<Value> {
        let answer = self.content.answers.get(&part.field);
        // A blank where an answer is needed is judged as "not sure", and no other one. Where it is felt is asked only if it is
        // new; a blank there is no gap.
        let unsure = self
            .content
            .checklist
            .blanks(self.content.answers, self.content.baseline)
            .contains(&part.field.as_str());
        if answer.is_none() && !unsure && part.need == Need::WhenNew {
            return None;
        }
        let shown = answer.and_then(|value| {
            let word = value.word();
            let text = self.words.choice(&item.id, &part.field, &word)?.to_owned();
            Some(match part.kind {
                AnswerKind::Score { max } if text == word => format!("{text} / {max}"),
                _ => text,
            })
        });
        let offered = part.kind.words().iter().any(|word| word == UNSURE);
        Some(context! { ask => self.ask(item, part), answer => shown, unsure, offered })
    }

    fn item(&self, item: &Item, wrong: &dyn Fn(&Part) -> Option<&'static str>) -> Value {
        let words = self.words.items.get(&item.id);
        let parts = item.parts.iter().map(|part| {
            let own = words.and_then(|w| w.parts.get(&part.field));
            let picked = self.content.answers.get(&part.field).map(AnswerValue::word);
            let choices = own.map(|w| w.choices.as_slice()).unwrap_or_default().iter().map(|(word, text)| {
                context! { id => id(&part.field, word), word, text, checked => picked.as_ref() == Some(word) }
            });
            context! {
                id => anchor(&part.field),
                field => part.field.clone(),
                ask => own.and_then(|w| w.ask.clone()),
                help => own.and_then(|w| w.help.clone()),
                scale => matches!(part.kind, AnswerKind::Score { max } if max > 5),
                wrong => wrong(part).map(|key| self.app.words(self.language).text(key)),
                choices => Value::from_iter(choices),
            }
        });
        context! {
            id => format!("item-{}", item.id),
            ask => words.map(|w| w.ask.clone()),
            help => words.and_then(|w| w.help.clone()),
            wrong => item.parts.iter().any(|part| part.field == item.id && wrong(part).is_some()),
            parts => Value::from_iter(parts),
        }
    }
}

fn anchor(field: &str) -> String {
    field.replace('.', "-")
}

fn id(field: &str, word: &str) -> String {
    format!("{}-{word}", anchor(field))
}

/// Where the error summary leads: the first choice of the question, so that the keyboard lands on it.
fn first_choice(part: &Part) -> String {
    id(&part.field, part.kind.words().first().map_or("", String::as_str))
}
