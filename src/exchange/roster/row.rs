//! One row: every fault in it is found, each with its column.

pub mod refused_row;
mod name_cell;
mod preferences_cells;
mod proxy_cells;
mod row_reader;
mod row_remark;
pub(in crate::exchange::roster) mod unread_cell;
pub(crate) mod visit_cells;

use jiff::civil::Date;

use self::refused_row::{RefusedRow, StopNotice};
use self::row_reader::RowReader;
use self::visit_cells::RowVisits;
use super::cells;
use super::columns::Columns;
use crate::care::address::EmailAddress;
use crate::care::contact::{ContactFault, ContactField, PatientContact};
use crate::care::patient::{Detail, PatientStatus, PreferredName, Reference};
use crate::care::record::field_check;
use crate::exchange::roster::dates::Days;
use crate::exchange::roster::row_fault::{CellFault, RowFault};
use crate::exchange::roster::rules::RosterRules;
use crate::journey::plan::booking_request::AppointmentSlot;
use crate::journey::status_change::LetterPreferences;
use crate::store::people::patients::Newcomer;

/// A row without a fault.
#[derive(Debug, Clone)]
pub struct RosterRow {
    /// Its line in the file.
    pub line: u64,
    /// The patient as the row describes her.
    pub newcomer: Newcomer,
    /// On which protocols, add-ons included.
    pub protocols: Vec<String>,
    /// From when they count; without it nothing can be planned yet.
    pub anchor_on: Option<Date>,
    /// Which optional columns say something.
    pub stated: ColumnsGiven,
    /// The visit already booked, if any.
    pub next_visit: Option<AppointmentSlot>,
    /// Visits beside the plan that are booked already.
    pub extra_visits: Vec<AppointmentSlot>,
    /// When her pause ends, and which letters she does not want.
    pub preferences: LetterPreferences,
    /// What is sound and yet somebody should look at.
    pub remarks: Vec<RowFault>,
}

impl RosterRow {
    /// What the row says of somebody who may be on record, if that ends letters.
    #[must_use]
    pub fn stop_notice(&self) -> Option<StopNotice> {
        let new = &self.newcomer;
        (self.stated.status && new.status.ends_letters()).then(|| StopNotice {
            line: self.line,
            reference: new.reference.clone(),
            birth_on: new.birth_on,
            status: new.status,
        })
    }
}

/// Which optional columns of a row say something: what is left empty is not compared with the record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ColumnsGiven {
    /// Whether `status` says something.
    pub status: bool,
    /// Whether `detail` says something.
    pub detail: bool,
    /// Whether `shared_inbox` says something.
    pub shared_inbox: bool,
}

pub(in crate::exchange::roster) fn read(
    record: &csv::ByteRecord,
    line: u64,
    columns: &Columns,
    rules: &mut RosterRules,
) -> Result<RosterRow, RefusedRow> {
    width(record, line, columns)?;
    let mut unread = encoding(record, line, columns);
    unread.extend(unread_cell::faults(record, line, columns));
    let mut reader = RowReader { record, columns, line, faults: Vec::new() };
    let row = whole(&mut reader, rules);
    match row {
        Some(row) if reader.faults.is_empty() && unread.is_empty() => Ok(row),
        Some(_) | None => {
            let faults = std::mem::take(&mut reader.faults);
            let notice = stop_notice(&mut reader, &mut rules.days);
            // A cell that is no text reads as empty: what was said of that is no news.
            Err(RefusedRow { faults: if unread.is_empty() { faults } else { unread }, notice })
        }
    }
}

/// What a faulty row says all the same, where it names her by her code and her birth date.
fn stop_notice(reader: &mut RowReader<'_>, days: &mut Days) -> Option<StopNotice> {
    let status = reader.may("status", status).filter(|status| status.ends_letters())?;
    let reference = Reference::parse(reader.text("reference")).ok()?;
    let birth_on = days.date(reader.text("birth_date")).ok()?;
    Some(StopNotice { line: reader.line, reference, birth_on, status })
}

/// Whether a row fits the header and is text.
pub(in crate::exchange::roster) fn shape(
    record: &csv::ByteRecord,
    line: u64,
    columns: &Columns,
) -> Result<(), Vec<RowFault>> {
    width(record, line, columns)?;
    let faults = encoding(record, line, columns);
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn width(record: &csv::ByteRecord, line: u64, columns: &Columns) -> Result<(), Vec<RowFault>> {
    // What stands behind the last named column, or is left out at the end, may only be nothing.
    let is_over = record.iter().skip(columns.count).any(|field| !field.trim_ascii().is_empty());
    if is_over || (record.len() < columns.count && !columns.may_end_at(record.len())) {
        let problem = format!("the row has {} fields, the header {}", record.len(), columns.count);
        let hint = "look for a separator or a quotation mark too many or too few";
        return Err(vec![RowFault::whole(line, problem, hint)]);
    }
    Ok(())
}

fn encoding(record: &csv::ByteRecord, line: u64, columns: &Columns) -> Vec<RowFault> {
    let strange = record.iter().enumerate().filter(|(_, field)| std::str::from_utf8(field).is_err());
    let hint = "save the file as `CSV UTF-8` in your spreadsheet";
    let fault = |(at, _)| RowFault {
        line,
        column: columns.name(at),
        problem: "is not UTF-8".to_owned(),
        hint: hint.to_owned(),
    };
    strange.map(fault).collect()
}

fn detail(text: &str) -> Result<Detail, CellFault> {
    Detail::parse(&cells::word(text))
        .map_err(|e| CellFault::new(e.to_string(), "leave it empty for what the clinic decided"))
}

/// Where she stands; a word that is none is never read as `active`.
fn status(text: &str) -> Result<PatientStatus, CellFault> {
    if cells::is_death(text) {
        return Ok(PatientStatus::Deceased);
    }
    if cells::is_life(text) {
        return Ok(PatientStatus::Active);
    }
    PatientStatus::parse(&cells::word(text)).map_err(|e| {
        let words = PatientStatus::ALL.map(PatientStatus::word).join(", ");
        CellFault::new(e.to_string(), format!("write one of {words}; empty is `active`"))
    })
}

fn name(reader: &mut RowReader<'_>) -> Option<PreferredName> {
    // Where the status says so already, the same beside her name is no news.
    let is_news =
        name_cell::tells_death(reader.text("preferred_name")) && !cells::is_death(reader.text("status"));
    let is_unsaid = matches!(cells::word(reader.text("status")).as_str(), "" | "active");
    reader.need("preferred_name", |t| {
        if is_news {
            return Err(name_cell::death());
        }
        name_cell::refuse(t)?;
        if is_unsaid {
            name_cell::refuse_state(t)?;
        }
        PreferredName::parse(t)
            .map_err(|e| CellFault::new(e.to_string(), "write what she wants to be called"))
    })
}

fn whole(reader: &mut RowReader<'_>, rules: &mut RosterRules) -> Option<RosterRow> {
    let reference = reader.need("reference", |t| {
        Reference::given(t).map_err(|e| {
            CellFault::new(e.to_string(), "give each patient the clinic's own code, never a name")
        })
    });
    let name = name(reader);
    let birth_on = reader.need("birth_date", |t| birth(t, &mut rules.days, rules.today));
    let email = reader.may("email", |t| {
        let email = EmailAddress::parse(t)
            .map_err(|e| CellFault::new(e.to_string(), "write one address, or leave it empty"))?;
        rules.address(email)
    });
    let language = reader.need("language", |t| rules.language(t));
    let (zone, remarks) = zone(reader, rules);
    let has_anchor = !reader.text("anchor_on").is_empty();
    let protocols = reader.need("protocol", |t| match t {
        "" if has_anchor => Err(CellFault::new("is empty", "name one, or leave `anchor_on` empty too")),
        "" => Ok(rules.add_ons.clone()),
        names => protocols(names, rules),
    });
    let anchor_on = reader.may("anchor_on", |t| anchor(t, &mut rules.days, rules.today, birth_on));
    let status = reader.may("status", status);
    let preferences = preferences_cells::read(reader, rules, status);
    let detail = reader.may("detail", detail);
    let shared = reader.may("shared_inbox", switch);
    let contact = contact(reader, rules);
    let proxy = proxy_cells::read(reader, rules, email.as_ref());
    let visits = RowVisits::read(reader, rules);
    if !(has_anchor && protocols.as_ref().is_none_or(|names| !names.is_empty())) {
        visits.refuse_without_plan(reader);
    }
    let stated =
        ColumnsGiven { status: status.is_some(), detail: detail.is_some(), shared_inbox: shared.is_some() };
    let newcomer = Newcomer {
        reference: reference?,
        name: name?,
        birth_on: birth_on?,
        email,
        language: language?,
        zone: zone?,
        detail: detail.unwrap_or(rules.detail),
        detail_follows: detail.is_none(),
        proxy: proxy.map(Box::new),
        shared_inbox: shared.unwrap_or(false),
        status: status.unwrap_or(PatientStatus::Active),
        contact,
    };
    let remarks = [remarks, row_remark::of(&newcomer, reader.line, rules.today)].concat();
    Some(RosterRow {
        line: reader.line,
        newcomer,
        protocols: protocols?,
        anchor_on,
        stated,
        next_visit: visits.next,
        extra_visits: visits.extra,
        preferences,
        remarks,
    })
}

/// How she is reached by telephone; every field has its own fault.
fn contact(reader: &mut RowReader<'_>, rules: &mut RosterRules) -> PatientContact {
    let country = rules.country.clone();
    let mut details = PatientContact::default();
    let wrong = |fault: ContactFault| CellFault::new(fault.to_string(), fault.hint());
    for field in ContactField::ALL {
        reader.may(field.word(), |t| {
            if cells::names_death(t) {
                return Err(name_cell::death());
            }
            match field {
                ContactField::MailConsent => {
                    let on = rules.days.date(t)?;
                    details.write(field, &on.to_string(), None).map_err(wrong)
                }
                _ => details.write(field, t, country.as_deref()).map_err(wrong),
            }
        });
    }
    if let Err(fault) = details.check_on(rules.today) {
        let column = match fault {
            ContactFault::Ahead => ContactField::MailConsent,
            _ => ContactField::OtherPhone,
        };
        reader.faults.push(RowFault::at(reader.line, column.word(), wrong(fault)));
    }
    details
}

/// Her zone, and a remark where it is a mere offset.
fn zone(reader: &mut RowReader<'_>, rules: &mut RosterRules) -> (Option<String>, Vec<RowFault>) {
    let is_empty = reader.text("time_zone").is_empty();
    if let Some(home) = is_empty.then(|| rules.home(reader.line)).flatten() {
        return (Some(home), Vec::new());
    }
    let found = reader.need("time_zone", |t| rules.zone(t));
    let remark = found.as_ref().and_then(|(_, remark)| remark.clone());
    let remarks = remark.map(|remark| RowFault::at(reader.line, "time_zone", remark)).into_iter().collect();
    (found.map(|(name, _)| name), remarks)
}

fn birth(text: &str, days: &mut Days, today: Date) -> Result<Date, CellFault> {
    days.date(text).and_then(|on| Ok(field_check::born(on, today)?))
}

fn anchor(text: &str, days: &mut Days, today: Date, birth_on: Option<Date>) -> Result<Date, CellFault> {
    days.date(text).and_then(|on| Ok(field_check::anchored(on, today, birth_on)?))
}

/// Several are joined by `+`: a protocol and its add-ons.
fn protocols(text: &str, rules: &RosterRules) -> Result<Vec<String>, CellFault> {
    let mut found: Vec<String> = Vec::new();
    for name in text.split('+').map(str::trim).chain(rules.add_ons.iter().map(String::as_str)) {
        if !rules.protocols.contains_key(name) {
            let near = rules
                .protocols
                .keys()
                .map(|k| (strsim::osa_distance(name, k), k))
                .min()
                .filter(|(far, _)| *far <= 3);
            let all = || rules.protocols.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            let hint =
                near.map_or_else(|| format!("known are {}", all()), |(_, k)| format!("did you mean `{k}`?"));
            let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
            return Err(CellFault::new(format!("there is no protocol `{shown}`"), hint));
        }
        if !found.iter().any(|f| f == name) {
            found.push(name.to_owned());
        }
    }
    let known = || rules.protocols.values().map(AsRef::as_ref);
    field_check::beside(
        found.iter().filter_map(|name| rules.protocols.get(name)).map(AsRef::as_ref),
        known(),
    )?;
    Ok(found)
}

fn switch(text: &str) -> Result<bool, CellFault> {
    cells::switch(text)
        .ok_or_else(|| CellFault::new("is neither yes nor no", "write `true` or `false`, or leave it empty"))
}
