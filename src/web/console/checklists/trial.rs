//! The rules tried on answers that nobody gave: which speak, why, and what would happen. Nothing is stored, and it is about no
//! patient; the form keeps what was chosen.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use crate::care::checklist::answer::AnswerFault;
use crate::care::triage::case::BoneSpread;
use crate::config::checklists::checklist::WordedChecklist;
use crate::journey::answers::trial::{TrialForm, judge_trial};
use crate::journey::errors::step::StepError;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::checklists::checklist::QuestionLanguage;
use crate::web::console::checklists::filled_trial::FilledTrial;
use crate::web::console::checklists::{in_force, trial_words};
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::TimeFormat;

/// The form, filled in as somebody would who is well.
pub(in crate::web::console) async fn show(
    signed_in: SignedIn,
    Path(name): Path<String>,
    Query(asked): Query<QuestionLanguage>,
) -> Response {
    page::blocking(signed_in, move |signed_in| {
        let words = in_force::read(signed_in, &name)
            .and_then(|form| filled(signed_in, &form, &FilledTrial::well(&form.checklist, asked.language)));
        match words {
            Ok(words) => page::render(signed_in, "checklist-trial", words),
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

/// The same with the verdict on what was chosen.
pub(in crate::web::console) async fn judge(
    Path(name): Path<String>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    page::blocking(signed_in, move |signed_in| match judged(signed_in, &name, &fields) {
        Ok(words) => page::render(signed_in, "checklist-trial", words),
        Err(TrialRefusal::Answers(words)) => {
            page::with_status(signed_in, StatusCode::UNPROCESSABLE_ENTITY, "checklist-trial", words)
        }
        Err(TrialRefusal::Step(fault)) => page::failed(signed_in, &fault),
    })
    .await
}

/// Why nothing was judged.
enum TrialRefusal {
    /// Answers that the checklist does not take: the page that says which.
    Answers(Value),
    Step(StepError),
}

impl From<StepError> for TrialRefusal {
    fn from(fault: StepError) -> Self {
        Self::Step(fault)
    }
}

fn judged(signed_in: &SignedIn, name: &str, fields: &FormFields) -> Result<Value, TrialRefusal> {
    let form = in_force::read(signed_in, name)?;
    let mut trial = FilledTrial::typed(&form.checklist, fields);
    let reading = trial.read(&form.checklist);
    let faults = reading.faults.iter().filter_map(|fault| match fault {
        AnswerFault::Range { field, .. } => Some(FieldFault::new(field, "Choose one of the answers.")),
        _ => None,
    });
    let faults: Vec<FieldFault> = faults.collect();
    if !faults.is_empty() {
        trial.refused = RefusedForm::new(fields, faults);
        return Err(TrialRefusal::Answers(filled(signed_in, &form, &trial)?));
    }
    let times = TimeFormat::from(signed_in);
    let history = trial.history(&times);
    let answers = &reading.answers;
    let made_up = TrialForm { checklist: &form.checklist, answers, history: &history, at: times.now };
    let found = judge_trial(&made_up, &signed_in.clinic().care);
    let left_out = reading.faults.iter().filter_map(|fault| match fault {
        AnswerFault::Hidden(field) => Some(field.clone()),
        _ => None,
    });
    let wording = in_force::wording(signed_in, &form, &trial.language);
    Ok(context! {
        verdict => wording.map(|wording| trial_words::verdict(signed_in, &made_up, &found, wording)),
        left_out => left_out.collect::<Vec<_>>(),
        ..filled(signed_in, &form, &trial)?
    })
}

fn filled(signed_in: &SignedIn, form: &WordedChecklist, trial: &FilledTrial) -> Result<Value, StepError> {
    let wording = in_force::wording(signed_in, form, &trial.language);
    let shown = wording.map_or("", |wording| wording.language.as_str());
    Ok(context! {
        title => wording.map(|wording| wording.title.clone()),
        asked_in => shown,
        languages => in_force::languages(signed_in, form, shown),
        asked => wording.map(|wording| trial_words::fields(&form.checklist, wording, trial)),
        signs => wording.map(|wording| trial_words::signs(&form.checklist, wording, trial)),
        bone => trial.bone == BoneSpread::Known,
        refused => trial.refused.words(),
        verdict => (),
        left_out => Vec::<String>::new(),
        ..in_force::facts(signed_in, form)
    })
}
