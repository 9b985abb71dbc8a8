//! The page of one setting: what counts and who decided it, the form with the effect shown before anything is saved, what is
//! proposed, and its history. A refused form comes back with what was typed.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::permission::Act;
use crate::care::settings::setting::{Setting, SettingProof};
use crate::config::file::fault::Fault;
use crate::config::{load, setting_text};
use crate::journey::commands::settings;
use crate::journey::errors::setting::SettingError;
use crate::journey::errors::step::StepError;
use crate::journey::settings::change::SettingChange;
use crate::store::settings::{NewSetting, SettingVersion};
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::settings::current::{CurrentSettings, proposal};
use crate::web::console::settings::{effect, form, history};

const OVERTAKEN: &str = "Somebody else has changed this setting in the meantime. Above stands what is there now, in the form \
                         what you typed. Look at the effect again, then save to put yours in its place.";
const SAME: &str = "Nothing is different from what counts now. Please change a value, or leave it as it is.";
const NOT_LOOKED: &str = "The effect below is that of what stands in the form now. Look at it, then save.";

/// What the page shows beside what stands there.
#[derive(Default)]
struct SettingDraft {
    /// A form that was not taken.
    refused: RefusedForm,
    /// What was typed, once it was judged.
    text: Option<String>,
    /// The version it is taken from.
    again_of: Option<i64>,
    /// What to say of it.
    remark: Option<&'static str>,
}

/// From which version on the history goes.
#[derive(Debug, Deserialize)]
pub(in crate::web::console) struct HistoryQuery {
    before: Option<i64>,
}

/// Shows the page of one setting; there is none for a name that is no setting's.
pub(in crate::web::console) async fn show(
    signed_in: SignedIn,
    Path(name): Path<String>,
    Query(from): Query<HistoryQuery>,
) -> Response {
    let Some(setting) = Setting::parse(&name) else { return StatusCode::NOT_FOUND.into_response() };
    page::blocking(signed_in, move |signed_in| {
        match words(signed_in, setting, &SettingDraft::default(), from.before) {
            Ok(words) => page::render(signed_in, "setting", words),
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

/// Does what one of the page's forms asks.
pub(in crate::web::console) async fn submit(
    Path(name): Path<String>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let Some(setting) = Setting::parse(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let done = match fields.get("act") {
        "preview" | "save" => return save(signed_in, setting, fields).await,
        "again" => {
            return page::blocking(signed_in, move |signed_in| again(signed_in, setting, &fields)).await;
        }
        "confirm" if fields.get("sure") != "yes" => {
            let fault = FieldFault::new("sure", "Tick the box once you have done it.");
            let form = RefusedForm::new(&fields, vec![fault]);
            return page::blocking(signed_in, move |signed_in| refused(signed_in, setting, form)).await;
        }
        "confirm" => decide(&signed_in, setting, &fields, Notice::SettingCounts).await,
        "withdraw" => decide(&signed_in, setting, &fields, Notice::SettingWithdrawn).await,
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    match done {
        Ok(notice) => page::saved(&signed_in, &address(setting), notice),
        Err(fault) => page::failed(&signed_in, &fault),
    }
}

fn address(setting: Setting) -> String {
    format!("/settings/{}", setting.word())
}

async fn decide(
    signed_in: &SignedIn,
    setting: Setting,
    fields: &FormFields,
    notice: Notice,
) -> Result<Notice, StepError> {
    let id = fields.get("version").parse().unwrap_or_default();
    let (clinic, stamp) = (signed_in.clinic(), signed_in.stamp());
    match notice {
        Notice::SettingCounts => settings::confirm(clinic, stamp, setting, id).await?,
        _ => settings::withdraw(clinic, stamp, setting, id).await?,
    }
    Ok(notice)
}

/// Saves what was typed, if it can stand and its effect was looked at.
async fn save(signed_in: SignedIn, setting: Setting, fields: FormFields) -> Response {
    let ask = match page::off_thread(&signed_in, move |signed_in| typed(signed_in, setting, &fields)).await {
        Ok(TypedSetting::Sound(ask)) => ask,
        Ok(TypedSetting::Shown(page)) | Err(page) => return page,
    };
    let (text, again_of) = (Some(ask.new.value.clone()), ask.new.again_of);
    let remark = match settings::change(signed_in.clinic(), signed_in.stamp(), ask).await {
        Ok(_) if setting.proof() == SettingProof::None => {
            return page::saved(&signed_in, &address(setting), Notice::SettingSaved);
        }
        Ok(_) => return page::saved(&signed_in, &address(setting), Notice::SettingProposed),
        Err(StepError::Setting(SettingError::Overtaken)) => OVERTAKEN,
        Err(StepError::Setting(SettingError::Same)) => SAME,
        Err(fault) => return page::failed(&signed_in, &fault),
    };
    let draft = SettingDraft { text, again_of, remark: Some(remark), ..SettingDraft::default() };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    page::blocking(signed_in, move |signed_in| drafted(signed_in, setting, status, &draft)).await
}

/// What becomes of what was typed.
enum TypedSetting {
    /// It can stand, and its effect was looked at.
    Sound(SettingChange),
    /// The page that says what cannot stand, or shows the effect.
    Shown(Response),
}

fn typed(signed_in: &SignedIn, setting: Setting, fields: &FormFields) -> TypedSetting {
    let text = match judged(signed_in, setting, fields) {
        Ok(Ok(text)) => text,
        Ok(Err(faults)) => {
            return TypedSetting::Shown(refused(signed_in, setting, RefusedForm::new(fields, faults)));
        }
        Err(fault) => return TypedSetting::Shown(page::failed(signed_in, &fault)),
    };
    let again_of = fields.get("again_of").parse().ok();
    let looked_at = fields.get("looked_at") == text.trim();
    if fields.get("act") == "preview" || !looked_at {
        let remark = (fields.get("act") == "save").then_some(NOT_LOOKED);
        let draft = SettingDraft { text: Some(text), again_of, remark, ..SettingDraft::default() };
        return TypedSetting::Shown(drafted(signed_in, setting, StatusCode::OK, &draft));
    }
    let new = NewSetting { setting, value: text, again_of, reason: None };
    TypedSetting::Sound(SettingChange { new, seen: fields.get("seen").parse().ok() })
}

/// What was typed as the setting's text, if it can stand.
fn judged(
    signed_in: &SignedIn,
    setting: Setting,
    fields: &FormFields,
) -> Result<Result<String, Vec<FieldFault>>, StepError> {
    let current = CurrentSettings::read(signed_in)?;
    Ok(form::read(setting, fields, &current.origin).and_then(|text| {
        let judged = setting_text::judge(&current.origin, setting, &text);
        let beside = |faults: Vec<Fault>| {
            faults.iter().map(|fault| form::beside(setting, fault, fields, &current.origin)).collect()
        };
        judged.map(|_| text).map_err(beside)
    }))
}

/// A version of the history in the form, with its effect: it is saved like anything else.
fn again(signed_in: &SignedIn, setting: Setting, fields: &FormFields) -> Response {
    let id = fields.get("version").parse().unwrap_or_default();
    match signed_in.clinic().store.read(|view| view.setting_version(setting, id)) {
        Ok(version) => {
            let draft =
                SettingDraft { text: Some(version.new.value), again_of: Some(id), ..SettingDraft::default() };
            drafted(signed_in, setting, StatusCode::OK, &draft)
        }
        Err(fault) => page::failed(signed_in, &fault.into()),
    }
}

fn refused(signed_in: &SignedIn, setting: Setting, refused: RefusedForm) -> Response {
    let draft = SettingDraft { refused, ..SettingDraft::default() };
    drafted(signed_in, setting, StatusCode::UNPROCESSABLE_ENTITY, &draft)
}

fn drafted(signed_in: &SignedIn, setting: Setting, status: StatusCode, draft: &SettingDraft) -> Response {
    match words(signed_in, setting, draft, None) {
        Ok(words) => page::with_status(signed_in, status, "setting", words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn words(
    signed_in: &SignedIn,
    setting: Setting,
    draft: &SettingDraft,
    before: Option<i64>,
) -> Result<Value, StepError> {
    let current = CurrentSettings::read(signed_in)?;
    let newest = signed_in.clinic().store.read(|view| view.setting_newest(setting))?;
    let seen = newest.as_ref().map(|version| version.id);
    let proposed = newest.filter(SettingVersion::is_proposed);
    let judged = draft.text.as_ref().map(|text| load::config(current.origin.proposing(setting, text)));
    let (effect, fields) = match judged {
        Some(Ok(config)) => {
            let effect = effect::words(signed_in, setting, &current, &config)?;
            (Some(effect), form::fields(signed_in, setting, &config))
        }
        Some(Err(_)) | None => (None, form::fields(signed_in, setting, &current.config)),
    };
    let says = form::says(signed_in, setting, &current.config);
    Ok(context! {
        name => setting.word(),
        title => setting.title(),
        is_typed => form::is_typed(setting, &says),
        says,
        decided => current.source(signed_in, setting)?,
        waits => current.is_waiting,
        whose => Act::ChangeSettings.whose(),
        fields,
        effect,
        text => draft.text.clone(),
        again_of => draft.again_of,
        remark => draft.remark,
        refused => draft.refused.words(),
        seen,
        rules => signed_in.clinic().care.standard.clone(),
        proves => setting.proof() != SettingProof::None,
        proposed => proposed.map(|version| proposal(signed_in, &version)),
        history => history::words(signed_in, setting, before)?,
    })
}
