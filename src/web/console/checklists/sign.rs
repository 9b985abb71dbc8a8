//! Who judges answers: what changes for patients once the rules do, the signature that lets them, and the end of it with a
//! reason. Signed is the very version that the page showed; a page of before is told so.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use crate::care::permission::Act;
use crate::care::settings::setting::Setting;
use crate::care::triage::judging::JudgingMode;
use crate::care::triage::sign_off::SignOff;
use crate::config::checklists::checklist::WordedChecklist;
use crate::config::setting_text;
use crate::journey::commands::settings;
use crate::journey::errors::setting::SettingError;
use crate::journey::errors::step::StepError;
use crate::journey::settings::rules_signature::{RulesSignature, RulesStop};
use crate::store::error::StoreError;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::checklists::count::CountedEffect;
use crate::web::console::checklists::count_words::CountedRules;
use crate::web::console::checklists::in_force;
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::settings::current::CurrentSettings;
use crate::web::console::settings::history;
use crate::web::locale::reader::ReaderWords;

const OTHER_RULES: &str = "Other rules are in force than those you looked at. Nothing was signed. Read what is in force now, then sign that.";
const OVERTAKEN: &str = "Somebody else has decided who judges answers in the meantime. Nothing was changed. Look at what counts now.";
const SAME: &str = "That counts already. Nothing was changed.";
const NOT_COUNTED: &str =
    "First count what these rules would have raised, and look at it. Nothing was signed.";
const FIXED: &str = "Who judges answers is decided by whoever runs the program. Nothing was changed.";
/// The longest name or role, in characters.
const LONGEST: usize = 120;

/// What the page says beside what stands.
#[derive(Default)]
struct SignRemark {
    refused: RefusedForm,
    said: Option<&'static str>,
}

impl From<RefusedForm> for SignRemark {
    fn from(refused: RefusedForm) -> Self {
        Self { refused, said: None }
    }
}

/// Shows who judges answers, and what signing changes.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(name): Path<String>) -> Response {
    page::blocking(signed_in, move |signed_in| {
        shown(signed_in, &name, StatusCode::OK, &SignRemark::default())
    })
    .await
}

/// A doctor signs the rules that the page showed.
pub(in crate::web::console) async fn sign(
    Path(name): Path<String>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let asked = name.clone();
    let ask = page::off_thread(&signed_in, move |signed_in| signature(signed_in, &asked, &fields)).await;
    let ask = match ask {
        Ok(Ok(Ok(ask))) => ask,
        Ok(Ok(Err((status, remark)))) => {
            return page::blocking(signed_in, move |signed_in| shown(signed_in, &name, status, &remark))
                .await;
        }
        Ok(Err(fault)) => return page::failed(&signed_in, &fault),
        Err(page) => return page,
    };
    let done = settings::sign_rules(signed_in.clinic(), signed_in.stamp(), ask).await;
    finished(signed_in, name, done.map(|_| Notice::RulesSigned)).await
}

/// The rules judge no more.
pub(in crate::web::console) async fn stop(
    Path(name): Path<String>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    if fields.get("reason").trim().is_empty() {
        let fault = FieldFault::new("reason", "Say why in a few words.");
        let remark = SignRemark::from(RefusedForm::new(&fields, vec![fault]));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page::blocking(signed_in, move |signed_in| shown(signed_in, &name, status, &remark)).await;
    }
    let asked = name.clone();
    match page::off_thread(&signed_in, is_fixed).await {
        Ok(Ok(false)) => {}
        Ok(Ok(true)) => {
            let remark = SignRemark { said: Some(FIXED), ..SignRemark::default() };
            let status = StatusCode::CONFLICT;
            return page::blocking(signed_in, move |signed_in| shown(signed_in, &asked, status, &remark))
                .await;
        }
        Ok(Err(fault)) => return page::failed(&signed_in, &fault),
        Err(page) => return page,
    }
    let reason: String = fields.get("reason").chars().take(500).collect();
    let ask = RulesStop { text: setting_text::of_reading(), reason, seen: fields.get("seen").parse().ok() };
    let done = settings::stop_rules(signed_in.clinic(), signed_in.stamp(), ask).await;
    finished(signed_in, name, done.map(|_| Notice::RulesStopped)).await
}

/// Leads on, or shows the page as it is now where something else was decided or is in force meanwhile.
async fn finished(signed_in: SignedIn, name: String, done: Result<Notice, StepError>) -> Response {
    let said = match done {
        Ok(notice) => return page::saved(&signed_in, &address(&name), notice),
        Err(StepError::Setting(SettingError::OtherRules)) => OTHER_RULES,
        Err(StepError::Setting(SettingError::Overtaken)) => OVERTAKEN,
        Err(StepError::Setting(SettingError::Same)) => SAME,
        Err(fault) => return page::failed(&signed_in, &fault),
    };
    let remark = SignRemark { said: Some(said), ..SignRemark::default() };
    page::blocking(signed_in, move |signed_in| shown(signed_in, &name, StatusCode::CONFLICT, &remark)).await
}

fn is_fixed(signed_in: &SignedIn) -> Result<bool, StepError> {
    Ok(!CurrentSettings::read(signed_in)?.fixed(Setting::Judging).is_empty())
}

fn address(name: &str) -> String {
    format!("/checklists/{name}/sign")
}

fn shown(signed_in: &SignedIn, name: &str, status: StatusCode, remark: &SignRemark) -> Response {
    match words(signed_in, name, remark) {
        Ok(words) => page::with_status(signed_in, status, "checklist-sign", words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

/// The rules that a clinician signs: those of the one checklist that everybody is asked by.
fn rules(signed_in: &SignedIn, name: &str) -> Result<Arc<WordedChecklist>, StepError> {
    if name != signed_in.clinic().care.standard {
        return Err(StoreError::not_found("checklist whose rules are signed").into());
    }
    in_force::read(signed_in, name)
}

/// What is asked for, or the page that says why not.
type AskedSignature = Result<RulesSignature, (StatusCode, SignRemark)>;

fn signature(signed_in: &SignedIn, name: &str, fields: &FormFields) -> Result<AskedSignature, StepError> {
    let form = rules(signed_in, name)?;
    let version = &form.checklist.version;
    if fields.get("version") != version {
        let remark = SignRemark { said: Some(OTHER_RULES), ..SignRemark::default() };
        return Ok(Err((StatusCode::CONFLICT, remark)));
    }
    if !CountedEffect::read(signed_in, &form.checklist)?.is_ready() {
        let remark = SignRemark { said: Some(NOT_COUNTED), ..SignRemark::default() };
        return Ok(Err((StatusCode::UNPROCESSABLE_ENTITY, remark)));
    }
    let faults = faults(version, fields);
    if !faults.is_empty() {
        let remark = SignRemark::from(RefusedForm::new(fields, faults));
        return Ok(Err((StatusCode::UNPROCESSABLE_ENTITY, remark)));
    }
    let signed = SignOff {
        name: fields.get("name").trim().to_owned(),
        role: fields.get("role").trim().to_owned(),
        date: TimeFormat::from(signed_in).today(),
        version: version.clone(),
    };
    let text = setting_text::of_signature(&signed);
    let current = CurrentSettings::read(signed_in)?;
    if let Err(found) = setting_text::judge(&current.origin, Setting::Judging, &text) {
        let said = found.first().map(|fault| fault.problem.replace('`', "")).unwrap_or_default();
        let remark = SignRemark::from(RefusedForm::new(fields, vec![FieldFault::new("name", said)]));
        return Ok(Err((StatusCode::UNPROCESSABLE_ENTITY, remark)));
    }
    Ok(Ok(RulesSignature { text, version: version.clone(), seen: fields.get("seen").parse().ok() }))
}

fn faults(version: &str, fields: &FormFields) -> Vec<FieldFault> {
    let mut faults = Vec::new();
    let is_one_line = |words: &str| {
        let words = words.trim();
        !words.is_empty() && words.chars().count() <= LONGEST && !words.chars().any(char::is_control)
    };
    if !is_one_line(fields.get("name")) {
        faults.push(FieldFault::new("name", "Give your name, on one line of at most 120 characters."));
    }
    if !is_one_line(fields.get("role")) {
        faults.push(FieldFault::new("role", "Give your role, on one line of at most 120 characters."));
    }
    if fields.get("confirm").trim() != version {
        faults.push(FieldFault::new("confirm", format!("Type the version as it stands above: {version}.")));
    }
    faults
}

fn words(signed_in: &SignedIn, name: &str, remark: &SignRemark) -> Result<Value, StepError> {
    let form = rules(signed_in, name)?;
    let current = CurrentSettings::read(signed_in)?;
    let newest = signed_in.clinic().store.read(|view| view.setting_newest(Setting::Judging))?;
    let lists = &current.config.checklists;
    let signed = lists.sign_off.clone().filter(|_| lists.mode == JudgingMode::Triage);
    let stands = signed.clone().map(|signed| signed.stands(&form.checklist.version).is_ok());
    let fixed = current.fixed(Setting::Judging);
    let by = |by: SignOff| {
        context! { name => by.name, role => by.role, on => day(by.date), version => by.version }
    };
    let wording = in_force::wording(signed_in, &form, "");
    let names = in_force::choice_names(wording);
    let counted_by =
        CountedRules { rules: &form.checklist, names: &names, reader: &ReaderWords::of(&signed_in.language) };
    let effect = CountedEffect::read(signed_in, &form.checklist)?.words(&counted_by);
    Ok(context! {
        title => wording.map(|wording| wording.title.clone()),
        version => form.checklist.version.clone(),
        counts => signed.map(by),
        runs => effect.get_attr("runs").is_ok_and(|runs| runs.is_true()),
        effect,
        judges => stands == Some(true),
        lapsed => stands == Some(false),
        waits => current.is_waiting,
        fixed => (!fixed.is_empty()).then(|| context! {
            file => current.origin.file.clone(),
            lines => fixed.iter().map(|(_, line)| *line).collect::<Vec<_>>(),
        }),
        seen => newest.map(|version| version.id),
        today => day(TimeFormat::from(signed_in).today()),
        whose_sign => Act::SignRules.whose(),
        whose_stop => Act::StopRules.whose(),
        remark => remark.said,
        refused => remark.refused.words(),
        history => history::words(signed_in, Setting::Judging, None)?,
        ..in_force::facts(signed_in, &form)
    })
}
