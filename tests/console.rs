//! The staff console over real sockets: who gets in, what a GET leaves alone, how an alert ends with a person.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "empty_database/mod.rs"]
mod empty_database;
#[path = "console/fixture.rs"]
mod fixture;
#[path = "console/http.rs"]
mod http;
#[path = "console/site.rs"]
mod site;
#[path = "console/sign_in.rs"]
mod sign_in;
#[path = "console/overtaken.rs"]
mod overtaken;
#[path = "console/shared_form.rs"]
mod shared_form;
#[path = "console/unsaved.rs"]
mod unsaved;
#[path = "console/actions.rs"]
mod actions;
#[path = "console/contacts.rs"]
mod contacts;
#[path = "console/telephone.rs"]
mod telephone;
#[path = "console/letters.rs"]
mod letters;
#[path = "console/pages.rs"]
mod pages;
#[path = "console/patients.rs"]
mod patients;
#[path = "console/plans.rs"]
mod plans;
#[path = "console/words.rs"]
mod words;
#[path = "console/today.rs"]
mod today;
#[path = "console/forms.rs"]
mod forms;
#[path = "console/looks.rs"]
mod looks;
#[path = "console/protocols.rs"]
mod protocols;
#[path = "console/alike.rs"]
mod alike;
#[path = "console/closing.rs"]
mod closing;
#[path = "console/test_alert.rs"]
mod test_alert;
#[path = "console/bookings.rs"]
mod bookings;
#[path = "console/imports.rs"]
mod imports;
#[path = "console/alert_counts.rs"]
mod alert_counts;
#[path = "console/settings.rs"]
mod settings;
#[path = "console/signing.rs"]
mod signing;
#[path = "console/role_matrix.rs"]
mod role_matrix;
#[path = "console/audit.rs"]
mod audit;
#[path = "console/whole_record.rs"]
mod whole_record;
#[path = "console/erasure.rs"]
mod erasure;
#[path = "console/merging.rs"]
mod merging;
#[path = "console/forecast.rs"]
mod forecast;
#[path = "console/wordings.rs"]
mod wordings;
#[path = "console/letter_kinds.rs"]
mod letter_kinds;
#[path = "console/stops.rs"]
mod stops;
#[path = "console/people.rs"]
mod people;
#[path = "console/record_views.rs"]
mod record_views;
#[path = "console/reports.rs"]
mod reports;
#[path = "console/checklists.rs"]
mod checklists;
#[path = "console/restored.rs"]
mod restored;
#[path = "console/spanish.rs"]
mod spanish;
#[path = "console/changed_answers.rs"]
mod changed_answers;
