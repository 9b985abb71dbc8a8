//! One filled-in form as staff read it: question by question in the words the patient saw, beside her last answers and her
//! baseline; the reasons of the rules with what each means. Nothing here sorts or judges anew.

mod changed_answers;
mod form_wording;
mod page_advice;
mod respondent;

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::ToSpan;
use minijinja::{Value, context};

use self::form_wording::wording;
use crate::care::checklist::answer::{Answers, BaselineChoice, Known, Mark};
use crate::care::checklist::item::{Item, Part};
use crate::care::patient::Patient;
use crate::care::permission::Act as Permission;
use crate::care::time::zone::country;
use crate::care::triage::judging::JudgingMode;
use crate::care::triage::tier::Code;
use crate::config::checklists::checklist::{self, WordedChecklist};
use crate::config::checklists::wording::ChecklistWording;
use crate::journey::answers::baseline;
use crate::journey::commands::clinical_record::{self, MarkRequest};
use crate::journey::errors::step::StepError;
use crate::store::accounts::record_views::ViewedPage;
use crate::store::answers::responses::{Response as Answered, ResponseId};
use crate::store::db::transaction::View;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::layout::{machine_words, page, step_words};
use crate::web::console::worklist::lines::tier;
use crate::web::locale::reader::ReaderWords;

/// Answers by field, in the words that are stored.
type AnswerWords = BTreeMap<String, String>;

/// The page of one form.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| {
        shown(signed_in, ResponseId(id), StatusCode::OK, &RefusedForm::default())
    })
    .await
}

fn shown(signed_in: &SignedIn, id: ResponseId, status: StatusCode, refused: &RefusedForm) -> Response {
    let times = TimeFormat::from(signed_in);
    let words = signed_in.clinic().store.read(|view| {
        let response = view.response(id)?;
        let owner = view.patient(response.patient)?;
        signed_in.saw(ViewedPage::Answers, owner.reference.as_str());
        let read = ReadForm::of(view, &response)?;
        let form = form(view, &read, signed_in)?;
        let confirms = signed_in.who.role.may(Permission::ConfirmBaseline) && response.is_sent();
        // With bone spread every soon reason weighs as urgent, and none is marked.
        let marks = !view.has_bone_spread(owner.id)?;
        let may_be_known = response.reasons.iter().filter(|code| marks && code.may_be_known());
        let may_be_known: Vec<_> = may_be_known.map(|code| code.word()).collect();
        let days =
            (times.today().to_string(), times.today().saturating_add(Known::MONTHS.months()).to_string());
        let signs =
            read.asked.map(|asked| signs(&asked, &signed_in.language, &self::words(&response.answers)));
        Ok::<_, StepError>(
            context! { form, patient => patient(&owner), id => id.0, confirms, may_be_known, days, signs,
            refused => refused.words() },
        )
    });
    match words {
        Ok(words) => page::with_status(signed_in, status, "answers", words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

/// A clinician says what is known: these answers as how things stand, so that present signs count as known from now on, or
/// one reason for a while (M1).
pub(in crate::web::console) async fn confirm(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let (clinic, stamp, form) = (signed_in.clinic(), signed_in.stamp(), ResponseId(id));
    let done = match (fields.get("act"), Code::parse(fields.get("code")), fields.get("until").parse()) {
        ("known", Some(code), Ok(until)) => {
            clinical_record::mark_known(clinic, stamp, MarkRequest { form, code, until }).await
        }
        ("known", code, _) => {
            let fault = match code {
                None => FieldFault::new("code", "Choose the reason that is known."),
                Some(_) => FieldFault::new("until", "Give the day until which it is known."),
            };
            let refused = RefusedForm::new(&fields, vec![fault]);
            return again(signed_in, form, StatusCode::BAD_REQUEST, refused).await;
        }
        _ => clinical_record::confirm_baseline(clinic, stamp, form, choices(&fields)).await,
    };
    match done {
        Ok(()) => {
            let known = fields.get("act") == "known";
            let notice = if known { Notice::MarkedKnown } else { Notice::BaselineConfirmed };
            page::saved(&signed_in, &format!("/answers/{id}"), notice)
        }
        Err(fault @ StepError::Store(_)) => page::failed(&signed_in, &fault),
        Err(fault) => {
            let refused = RefusedForm::new(&fields, faults(&fault));
            again(signed_in, form, StatusCode::UNPROCESSABLE_ENTITY, refused).await
        }
    }
}

/// The answers again, with what was typed and why it was refused.
async fn again(signed_in: SignedIn, id: ResponseId, status: StatusCode, refused: RefusedForm) -> Response {
    page::blocking(signed_in, move |signed_in| shown(signed_in, id, status, &refused)).await
}

/// A refused step beside each field that it is about.
fn faults(step: &StepError) -> Vec<FieldFault> {
    let unsaid = step_words::unsaid(step);
    if !unsaid.is_empty() {
        let text = |sign: &String| format!("Say of {sign} whether it was known before.");
        return unsaid.iter().map(|sign| FieldFault::new(format!("sign.{sign}"), text(sign))).collect();
    }
    vec![step_words::beside(step_words::field(step).unwrap_or("base"), step)]
}

/// What was chosen for each sign (`sign.SP08`), and the other questions that cannot be asked.
fn choices(fields: &FormFields) -> BTreeMap<String, BaselineChoice> {
    let off = fields
        .all("not-applicable")
        .map(|item| (item.to_owned(), BaselineChoice::Marked(Mark::NotApplicable)));
    let signs = fields.starting("sign.").filter_map(|(item, word)| {
        let choice = match word {
            "not-known" => BaselineChoice::NotKnown,
            "known" => BaselineChoice::Marked(Mark::Known),
            "not-applicable" => BaselineChoice::Marked(Mark::NotApplicable),
            _ => return None,
        };
        Some((item.to_owned(), choice))
    });
    off.chain(signs).collect()
}

/// The signs of a form as the page that confirms a baseline lists them: what was answered, and a
/// choice for each. None is set beforehand.
fn signs(form: &WordedChecklist, language: &str, answered: &AnswerWords) -> Vec<Value> {
    let wording = wording(form, language);
    let given = answered.iter().map(|(field, word)| (field.as_str(), word.as_str()));
    let given = Answers::read(&form.checklist, given).answers;
    let present: BTreeSet<&str> = form.checklist.present(&given).collect();
    let sign = |item: &Item| {
        let ask = wording.and_then(|w| w.items.get(&item.id)).map(|w| w.ask.clone());
        let lines = wording.map(|wording| {
            let shown = |part: &Part| {
                let word = answered.get(&part.field)?;
                Some(wording.choice(&item.id, &part.field, word).unwrap_or(word).to_owned())
            };
            item.parts.iter().filter_map(shown).collect::<Vec<_>>()
        });
        context! { id => item.id.clone(), ask, lines, present => present.contains(item.id.as_str()) }
    };
    form.checklist.signs().map(sign).collect()
}

/// What staff need of a patient to ring her and know that it is she.
pub(in crate::web::console) fn patient(patient: &Patient) -> Value {
    context! {
        code => patient.reference.as_str(),
        name => patient.name.expose(),
        born => day(patient.birth_on),
        language => machine_words::language(&patient.language),
        status => machine_words::status_name(patient.status),
    }
}

fn words(stored: &str) -> AnswerWords {
    serde_json::from_str(stored).unwrap_or_default()
}

/// A form, and the questions that it answers.
pub(in crate::web::console) struct ReadForm<'r> {
    response: &'r Answered,
    /// The checklist's version, as it is named.
    version: String,
    /// The questions in their words; `None` where they cannot be read any more.
    asked: Option<WordedChecklist>,
}

impl<'r> ReadForm<'r> {
    /// Reads the questions of a form.
    ///
    /// # Errors
    /// [`StepError`] when the store fails.
    pub(in crate::web::console) fn of(view: &View<'_>, response: &'r Answered) -> Result<Self, StepError> {
        let (checklist, version, bundle) = view.checklist_content(response.version)?;
        Ok(Self { response, version, asked: checklist::unbundle(&checklist, &bundle) })
    }
}

/// A form for the template.
pub(in crate::web::console) fn form(
    view: &View<'_>,
    read: &ReadForm<'_>,
    signed_in: &SignedIn,
) -> Result<Value, StepError> {
    let (language, times) = (&signed_in.language, TimeFormat::from(signed_in));
    let reader = ReaderWords::of(language);
    let ReadForm { response, version, asked } = read;
    let last = view.response_before(response)?;
    let base = baseline::on_record(view, response.patient)?;
    let columns = [
        Some(words(&response.answers)),
        last.as_ref().map(|last| words(&last.answers)),
        base.as_ref().map(|base| words(&base.answers)),
    ];
    let marks = base.as_ref().map(|base| base.marks.clone()).unwrap_or_default();
    let pages = match asked {
        Some(form) => pages(form, language, &columns, &marks),
        None => raw(&columns),
    };
    let lives_in = country(&view.patient(response.patient)?.zone);
    let reasons = response.reasons.iter().map(|code| {
        context! { code => code.word(), explain => code.explain(), basis => code.basis() }
    });
    Ok(context! {
        id => response.id.0,
        at => times.moment(response.answered_at),
        ago => times.ago(response.answered_at),
        who => respondent::who(response),
        proxy => respondent::proxy(view, response)?,
        submitted => response.is_sent(),
        saved => response.pages,
        hurried => response.hurried,
        rang => response.alert.is_some(),
        mode => response.mode.word(),
        version,
        tier => tier(response.tier),
        told => page_advice::words(response, signed_in, lives_in.as_deref()),
        judged => response.mode == JudgingMode::Triage,
        reasons => reasons.collect::<Vec<_>>(),
        torn => serde_json::from_str::<AnswerWords>(&response.answers).is_err().then(|| response.answers.clone()),
        replaced => changed_answers::lines(response, asked.as_ref(), language, &times),
        pages,
        last_at => last.as_ref().map(|last| times.moment(last.answered_at)),
        baseline => base.as_ref().map(|base| {
            let by = base.confirmed_by.clone();
            context! { by => reader.person(&by), on => day(base.confirmed_on) }
        }),
        changed_link => response.follow_up.is_none(),
    })
}

fn pages(
    form: &WordedChecklist,
    language: &str,
    columns: &[Option<AnswerWords>; 3],
    marks: &BTreeMap<String, Mark>,
) -> Vec<Value> {
    let Some(wording) = wording(form, language) else { return raw(columns) };
    let page = |(number, ids): (usize, &Vec<String>)| {
        let items = ids.iter().filter_map(|id| form.checklist.item(id));
        let items = items.map(|item| {
            context! { ..standing(item, form, columns), ..question(item, wording, columns, marks) }
        });
        let items: Vec<Value> = items.collect();
        context! { heading => wording.pages.get(number).cloned().unwrap_or_default(), items }
    };
    form.checklist.pages.iter().enumerate().map(page).collect()
}

/// How an item stands beside last time.
fn standing(item: &Item, form: &WordedChecklist, columns: &[Option<AnswerWords>; 3]) -> Value {
    let read = |column: &Option<AnswerWords>| {
        let fields = column.iter().flatten().map(|(field, word)| (field.as_str(), word.as_str()));
        Answers::read(&form.checklist, fields).answers
    };
    let (now, last) = (read(&columns[0]), read(&columns[1]));
    let given = |part: &Part| columns[0].as_ref().and_then(|words| words.get(&part.field));
    let worse = |part: &Part| match (now.get(&part.field), last.get(&part.field)) {
        (Some(now), Some(last)) => now > last,
        (Some(_), None) => given(part).is_some_and(|word| is_worth(word)),
        (None, _) => false,
    };
    let odd = form.checklist.contradicts(item, &now);
    let is_stray =
        !form.checklist.is_asked(item, &now) && item.parts.iter().any(|part| given(part).is_some());
    context! {
        asked => form.checklist.is_asked(item, &now),
        worse => item.parts.iter().any(worse),
        blank => item.parts.iter().all(|part| given(part).is_none()),
        odd => odd || is_stray,
    }
}

/// An answer that says that something is there.
fn is_worth(word: &str) -> bool {
    !matches!(word, "no" | "0")
}

fn question(
    item: &Item,
    wording: &ChecklistWording,
    columns: &[Option<AnswerWords>; 3],
    marks: &BTreeMap<String, Mark>,
) -> Value {
    let words = wording.items.get(&item.id);
    let lines = item.parts.iter().map(|part| {
        let shown = |column: &Option<AnswerWords>| {
            let word = column.as_ref()?.get(&part.field)?;
            Some(wording.choice(&item.id, &part.field, word).unwrap_or(word).to_owned())
        };
        let [now, last, base] = [shown(&columns[0]), shown(&columns[1]), shown(&columns[2])];
        let ask = words.and_then(|w| w.parts.get(&part.field)).and_then(|p| p.ask.clone());
        let word = columns[0].as_ref().and_then(|words| words.get(&part.field));
        let worth = word.is_some_and(|word| is_worth(word));
        let changed = columns[1].is_some() && now.is_some() && now != last;
        context! { ask, now, last, base, worth, changed }
    });
    let mark = marks.get(&item.id).map(|mark| match mark {
        Mark::Known => "known since the baseline",
        Mark::NotApplicable => "cannot be asked (baseline)",
    });
    context! {
        id => item.id.clone(),
        ask => words.map(|w| w.ask.clone()).unwrap_or_default(),
        lines => lines.collect::<Vec<_>>(),
        mark,
    }
}

/// Fields and words as stored, when the checklist's own words cannot be read any more.
fn raw(columns: &[Option<AnswerWords>; 3]) -> Vec<Value> {
    let fields: BTreeSet<&String> = columns.iter().flatten().flat_map(BTreeMap::keys).collect();
    let items = fields.into_iter().map(|field| {
        let shown =
            |column: &Option<AnswerWords>| column.as_ref().and_then(|words| words.get(field).cloned());
        let [now, last, base] = [shown(&columns[0]), shown(&columns[1]), shown(&columns[2])];
        let changed = columns[1].is_some() && now != last;
        let blank = now.is_none();
        let lines = vec![context! { ask => (), now, last, base, worth => false, changed }];
        context! { id => field.clone(), ask => field.clone(), lines, mark => (), asked => true,
        worse => false, odd => false, blank }
    });
    vec![context! { heading => (), items => items.collect::<Vec<_>>() }]
}
