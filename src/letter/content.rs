//! What goes into a letter, and the letter that comes out.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

/// The fact under which an item says which form it asks for.
pub const FORM: &str = "follow_up";

/// A letter ready for the courier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The subject, which tells others nothing (P10).
    pub subject: String,
    /// The plain text part; complete by itself.
    pub text: String,
    /// The HTML part; no remote content.
    pub html: String,
    /// The calendar part of a booked visit.
    pub calendar: Option<CalendarPart>,
    /// BCP 47 language of the words.
    pub language: String,
}

/// An iTIP message (RFC 5546) about one appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarPart {
    /// The iTIP method (RFC 5546): `REQUEST` or `CANCEL`.
    pub method: String,
    /// The iCalendar stream (RFC 5545).
    pub ics: String,
}

/// Everything besides the wording and the link key that decides a letter's words. Stored with the delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// BCP 47 primary language.
    pub language: String,
    /// `minimal`, `standard` or `full`.
    pub detail: String,
    /// What she wants to be called; `None` for letters to staff.
    pub name: Option<String>,
    /// The patient's name, where the reader acts for her.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts_for: Option<String>,
    /// The country she lives in (ISO 3166-1 alpha-2), whose emergency number it names. Absent from letters sealed before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The local day it is written for.
    pub written_on: Date,
    /// What the letter says, most pressing first.
    pub items: Vec<LetterItem>,
    /// Whether nobody on the alert ladder is reachable, so that a checklist must not be offered.
    #[serde(default)]
    pub no_cover: bool,
}

/// One thing a letter says: a promise kept, or news about an appointment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterItem {
    /// Names the fragment, e.g. `book`, `week-before`, `invite`, `changed`; the step's name.
    pub template: String,
    /// `visit`, `test`, `checklist` or `leaflet`; `staff` for letters to staff.
    pub kind: String,
    /// The follow-up's title in the letter's language.
    pub title: String,
    /// How to prepare, in the letter's language.
    #[serde(default)]
    pub prepare: Option<String>,
    /// The day it is due.
    #[serde(default)]
    pub due_on: Option<Date>,
    /// The appointment, if one is booked or was cancelled.
    #[serde(default)]
    pub appointment: Option<Appointment>,
    /// Name of the leaflet, for leaflets.
    #[serde(default)]
    pub leaflet: Option<String>,
    /// Further facts a fragment may name (letters to staff: case code, tier, counts).
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
}

/// A concrete date at the clinic, in the clinic's own zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// Civil date in `zone`.
    pub on: Date,
    /// Civil time in `zone`.
    pub at: Time,
    /// IANA zone of the clinic.
    pub zone: String,
    /// Where, as the clinic words it; may be empty.
    pub place: String,
    /// iCalendar UID; survives a move.
    pub uid: String,
    /// How often it was moved.
    pub sequence: u32,
    /// Whether it was called off.
    pub cancelled: bool,
}

/// The addresses of her pages, made from the link key at the moment of writing; never stored.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// The first checklist this letter asks for.
    pub checklist: Option<String>,
    /// Every checklist it asks for, by the fact [`FORM`] of its item: a letter that asks for two forms leads to both.
    pub forms: BTreeMap<String, String>,
    /// The page on which she stops letters.
    pub opt_out: Option<String>,
    /// Always open: "something changed".
    pub changed: Option<String>,
    /// The public page of leaflets.
    pub learn: Option<String>,
    /// The public warning list.
    pub help: Option<String>,
    /// The staff's own page a letter to staff points to.
    pub console: Option<String>,
    /// The code by which the reader of a test alert shows that it reached her.
    pub code: Option<String>,
    /// The mailbox this letter goes to, for the calendar part's ATTENDEE; without it some calendars only show the date.
    pub attendee: Option<String>,
}
