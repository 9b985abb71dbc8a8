//! `aftercare patient add`: one patient, with her plan.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;

use crate::care::contact::PatientContact;
use crate::care::patient::PatientStatus;
use crate::care::record::field_check;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::args::{PatientAddArgs, fits};
use crate::daemon::assembly::engine::PublishedProtocol;
use crate::journey::commands::patient_record;
use crate::journey::plan::enrol::{Admission, Course};
use crate::journey::sending_policy::{day, zone};
use crate::store::database::OpenMode;
use crate::store::people::patients::Newcomer;

pub(super) fn run(args: &PatientAddArgs, ctx: &Context) -> Result<(), Failure> {
    let config = ctx.config()?;
    let (clinic, published) = ctx.clinic(OpenMode::Create)?;
    let stamp = ctx.stamp();
    let today = day(stamp.at, &zone(&config.clinic.time_zone)?);
    let languages = &config.sending.languages;
    let language = match &args.language {
        Some(language) => fits("--language", field_check::written(language, languages))?,
        None => languages.first().cloned().unwrap_or_default(),
    };
    let birth_on = fits("--birth-date", field_check::born(args.birth_date, today))?;
    let courses: Vec<Course> = match args.anchor {
        Some(anchor) => {
            let anchor_on = fits("--anchor", field_check::anchored(anchor, today, Some(birth_on)))?;
            let joined = args.protocol.iter().flat_map(|names| names.split('+'));
            let names = joined.chain(args.add_ons.iter().map(String::as_str));
            names.map(|name| course(name.trim(), anchor_on, &published)).collect::<Result<_, _>>()?
        }
        None => Vec::new(),
    };
    let known = published.values().map(|(_, protocol)| protocol.as_ref());
    fits("--protocol", field_check::beside(courses.iter().map(|course| course.protocol.as_ref()), known))?;
    let contact = args.contact.over(&PatientContact::default(), config.clinic.country.as_deref())?;
    let proxy = args.proxy.given(&language, languages)?;
    let newcomer = Newcomer {
        reference: args.reference.clone(),
        name: args.name.clone(),
        birth_on,
        email: args.email.clone(),
        language,
        zone: known_zone(args.time_zone.as_deref().unwrap_or(&config.clinic.time_zone))?,
        detail: args.detail.unwrap_or(config.sending.detail),
        detail_follows: args.detail.is_none(),
        proxy: proxy.map(Box::new),
        shared_inbox: args.shared_inbox,
        status: PatientStatus::Active,
        contact: contact.unwrap_or_default(),
    };
    patient_record::admit(
        &clinic,
        stamp,
        Admission { newcomer, courses, waiting: Vec::new(), next_visit: None },
    )?;
    ctx.changed()?;
    let reference = args.reference.as_str();
    ctx.show(&json!({ "reference": reference, "added": true }), |out| {
        writeln!(out, "`{reference}` is taken in; see `aftercare patient plan {reference}`")
    })
}

pub(super) fn known_zone(name: &str) -> Result<String, Failure> {
    Ok(crate::care::time::zone::resolve(name)?.name)
}

/// The version in force of a protocol, counted from a date.
pub(super) fn course(name: &str, anchor_on: Date, published: &PublishedProtocol) -> Result<Course, Failure> {
    let (version, protocol) = published.get(name).ok_or_else(|| {
        let known: Vec<&str> = published.keys().map(String::as_str).collect();
        Failure::bad_input(format!("there is no protocol `{name}`"))
            .hint(format!("known are {}", known.join(", ")))
    })?;
    Ok(Course { version: *version, protocol: Arc::clone(protocol), anchor_on })
}
