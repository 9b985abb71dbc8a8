//! The form that enrols, read into what a step takes: the fields of `aftercare patient add`, add-ons with dates of their own,
//! and the next visit if it is known.

use std::sync::Arc;

use jiff::civil::Date;

use crate::care::patient::{Detail, PatientStatus};
use crate::care::plan::protocol::Protocol;
use crate::care::record::field_check::{self, EntryFault};
use crate::journey::errors::step::StepError;
use crate::journey::plan::booking_request::AppointmentSlot;
use crate::journey::plan::enrol::{Admission, Course};
use crate::journey::protocols::in_force::in_force;
use crate::store::people::patients::Newcomer;
use crate::store::plan::protocols::ProtocolVersionId;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::patients::field_reader::{self, FieldReader};
use crate::web::console::patients::proxy::form::{self as proxy_form, ProxyRules};
use crate::web::console::protocols::list::title_for;

/// A protocol in force.
pub(in crate::web::console::patients) struct KnownProtocol {
    pub(in crate::web::console::patients) version: ProtocolVersionId,
    pub(in crate::web::console::patients) protocol: Arc<Protocol>,
    /// What it is called in the reader's language.
    pub(in crate::web::console::patients) title: String,
}

/// The protocols in force.
pub(in crate::web::console::patients) fn known(
    signed_in: &SignedIn,
) -> Result<Vec<KnownProtocol>, StepError> {
    let clinic = signed_in.clinic();
    clinic.store.read(|view| {
        let known = in_force(view, clinic)?.into_values();
        let titled = known.map(|one| {
            let title = title_for(signed_in, &one.protocol.title, Some(one.origin));
            KnownProtocol { version: one.version, protocol: one.protocol, title }
        });
        Ok(titled.collect())
    })
}

/// What the clinic says of every record.
pub(in crate::web::console::patients) struct EntryRules<'a> {
    /// The languages it writes in.
    pub(in crate::web::console::patients) languages: &'a [String],
    /// Where numbers without a country code are rung from.
    pub(in crate::web::console::patients) country: Option<&'a str>,
    /// How much letters say where nobody chose it for her.
    pub(in crate::web::console::patients) detail: Detail,
    /// Today's date at the clinic.
    pub(in crate::web::console::patients) today: Date,
}

/// Reads the form; `None` when a field is faulty.
pub(in crate::web::console::patients) fn read(
    reader: &mut FieldReader<'_>,
    known: &[KnownProtocol],
    clinic: &EntryRules<'_>,
) -> Option<Admission> {
    let newcomer = newcomer(reader, clinic);
    let birth_on = newcomer.as_ref().map(|newcomer| newcomer.birth_on);
    let courses = courses(reader, known, birth_on, clinic.today);
    let next_visit = next_visit(reader);
    if next_visit.is_some() && courses.is_empty() {
        let fault =
            EntryFault::new("stands there without a plan", "choose a protocol, or leave the visit empty");
        reader.fault("visit_on", &fault);
    }
    let newcomer = newcomer.filter(|_| reader.is_sound())?;
    Some(Admission { newcomer, courses, waiting: Vec::new(), next_visit })
}

fn newcomer(reader: &mut FieldReader<'_>, clinic: &EntryRules<'_>) -> Option<Newcomer> {
    let reference = reader.need("reference", field_reader::reference);
    let name = reader.need("name", field_reader::name);
    let birth_on = reader.need("birth_date", |text| field_reader::birth_date(text, clinic.today));
    let contact = reader.contact(clinic.country, clinic.today);
    let email = reader.may("email", field_reader::address);
    let language = reader.need("language", |text| field_check::written(text, clinic.languages));
    let zone = reader.need("time_zone", field_reader::time_zone);
    let detail = reader.may("detail", field_reader::detail);
    let rules = ProxyRules { languages: clinic.languages, own: email.as_ref(), today: clinic.today };
    let proxy = proxy_form::read(reader, &rules);
    let shared_inbox = reader.fields.get("shared_inbox") == "yes";
    Some(Newcomer {
        reference: reference?,
        name: name?,
        birth_on: birth_on?,
        email,
        language: language?,
        zone: zone?,
        detail: detail.unwrap_or(clinic.detail),
        detail_follows: detail.is_none(),
        proxy: proxy.map(Box::new),
        shared_inbox,
        status: PatientStatus::Active,
        contact,
    })
}

/// Her protocol and its add-ons; an add-on without a date of its own counts from that of the protocol.
fn courses(
    reader: &mut FieldReader<'_>,
    known: &[KnownProtocol],
    birth_on: Option<Date>,
    today: Date,
) -> Vec<Course> {
    let anchor =
        |text: &str| field_reader::date(text).and_then(|on| field_check::anchored(on, today, birth_on));
    let main = reader.fields.get("protocol").to_owned();
    let main_anchor = reader.may("anchor", anchor);
    let mut courses = Vec::new();
    for one in known {
        let id = &one.protocol.id;
        let (field, anchor_on) = if *id == main {
            ("anchor".to_owned(), main_anchor)
        } else if one.protocol.add_on && reader.fields.all("add_on").any(|name| name == id) {
            let field = format!("anchor.{id}");
            let own = reader.may(&field, anchor);
            (field, own.or(main_anchor))
        } else {
            continue;
        };
        match anchor_on {
            Some(anchor_on) => {
                let protocol = Arc::clone(&one.protocol);
                courses.push(Course { version: one.version, protocol, anchor_on });
            }
            None => {
                reader.fault(&field, &EntryFault::new("is empty", "give the date the protocol counts from"));
            }
        }
    }
    if main_anchor.is_some() && main.is_empty() && courses.is_empty() {
        reader.fault("protocol", &EntryFault::new("is empty", "choose one, or leave the date empty too"));
    }
    // The visit that is booked belongs to her main protocol.
    courses.sort_by_key(|course| course.protocol.add_on);
    courses
}

fn next_visit(reader: &mut FieldReader<'_>) -> Option<AppointmentSlot> {
    let on = reader.may("visit_on", field_reader::date);
    let at = reader.may("visit_at", field_reader::time);
    let place = reader.may("place", field_reader::place);
    if on.is_some() && reader.fields.get("visit_at").is_empty() {
        reader.fault("visit_at", &EntryFault::new("is empty", "give the hour too"));
    }
    if reader.fields.get("visit_on").is_empty() && (at.is_some() || place.is_some()) {
        let fault = EntryFault::new("is empty", "give the day, or leave time and place empty too");
        reader.fault("visit_on", &fault);
    }
    Some(AppointmentSlot { on: on?, at: at?, place: place.unwrap_or_default() })
}
