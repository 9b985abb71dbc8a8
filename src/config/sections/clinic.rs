//! `[clinic]`: who writes, and whom to ring. Every letter carries it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::care::phone::{self, Phone};
use crate::care::settings::emergency_number;
use crate::care::time::zone::NamedZone;
use crate::config::file::phone_numbers::{NumberAsPrinted, country, emergency_of, number};
use crate::config::file::reader::{Section, SpannedValue};
use crate::config::file::time_window::TimeWindow;
use crate::config::file::values::{dates, one_of, weekdays, window, words, zone};
use crate::letter::wording::EmergencyNumber;

/// Who writes, and whom to ring.
#[derive(Debug, Clone)]
pub struct Clinic {
    /// The clinic's full name.
    pub name: String,
    /// Short, neutral name for subjects and senders (P10).
    pub short_name: String,
    /// IANA name of the clinic's own zone.
    pub time_zone: String,
    /// The zone of that name.
    pub zone: TimeZone,
    /// Where it is (ISO 3166-1 alpha-2), for numbers without a country code and the way of dates;
    /// that of the zone unless written.
    pub country: Option<String>,
    /// As printed: answered in opening hours.
    pub phone_office: String,
    /// As printed: answered day and night.
    pub phone_24h: String,
    /// The country's emergency number.
    pub emergency_number: String,
    /// The emergency numbers of other countries (ISO 3166-1 alpha-2): those that are known, and the clinic's own above them.
    pub emergency_numbers: BTreeMap<String, EmergencyNumber>,
    /// The three numbers as a phone dials them.
    pub dial: PhoneNumbers,
    /// Which number a patient rings first in an emergency.
    pub emergency_first: EmergencyFirst,
    /// Where to go in an emergency, as a patient would say it.
    pub emergency_dept: String,
    /// Postal address, one line.
    pub address: String,
    /// When the office is open, in words.
    pub opening_hours: String,
    /// When people are there to answer; the window of letters unless written.
    pub staffed: Option<TimeWindow>,
    /// On which weekdays they are; those of letters unless written.
    pub staffed_weekdays: Option<Vec<Weekday>>,
    /// Dates on which no routine letter leaves.
    pub holidays: BTreeSet<Date>,
    /// `[clinic.in.es]`: what is said otherwise in another language, by its code.
    pub local: BTreeMap<String, LocalWords>,
}

/// The numbers to ring as a phone dials them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumbers {
    /// `phone_office`, answered in opening hours.
    pub office: Phone,
    /// `phone_24h`, answered day and night.
    pub day_and_night: Phone,
    /// `emergency_number`, the country's public one.
    pub emergency: Phone,
}

/// The clinic's own words in one further language; the plain ones are in the first of `sending.languages`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocalWords {
    /// Where to go in an emergency.
    pub emergency_dept: Option<String>,
    /// When the office is open.
    pub opening_hours: Option<String>,
}

/// Which number comes first in an emergency (a local choice).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmergencyFirst {
    /// The clinic's own line, day and night.
    Hotline,
    /// The country's emergency number.
    EmergencyNumber,
    /// Either of the two.
    Both,
}

const FIRST: [(&str, EmergencyFirst); 3] = [
    ("hotline", EmergencyFirst::Hotline),
    ("emergency_number", EmergencyFirst::EmergencyNumber),
    ("both", EmergencyFirst::Both),
];

impl Clinic {
    /// Reads the section; `None` when something it needs is missing or wrong, which has then been reported.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Option<Self> {
        let name = s.need("name", words(120));
        let short_name = s.need("short_name", words(60));
        let zone = s.need("time_zone", zone);
        let country = s.may("country", country);
        let country = country.or_else(|| crate::care::time::zone::country(&zone.as_ref()?.name));
        let numbers = Numbers::read(s, country.as_deref());
        let emergency_first = s.or("emergency_first", EmergencyFirst::Both, |v| one_of(v, &FIRST));
        let emergency_dept = s.need("emergency_dept", words(200));
        let postal = s.need("address", words(200));
        let opening_hours = s.need("opening_hours", words(200));
        let staffed = s.may("staffed", window);
        let staffed_weekdays = s.may("staffed_weekdays", weekdays);
        let holidays = s.or("holidays", BTreeSet::new(), dates);
        let local = s.section("in").each(LocalWords::read);
        let emergency_numbers = abroad(&s.section("emergency_numbers"));
        s.close();
        let NamedZone { name: time_zone, zone } = zone?;
        let Numbers { office, day_and_night, emergency } = numbers?;
        Some(Self {
            name: name?,
            short_name: short_name?,
            time_zone,
            zone,
            country,
            phone_office: office.printed,
            phone_24h: day_and_night.printed,
            emergency_number: emergency.printed,
            emergency_numbers,
            dial: PhoneNumbers {
                office: office.phone,
                day_and_night: day_and_night.phone,
                emergency: emergency.phone,
            },
            emergency_first,
            emergency_dept: emergency_dept?,
            address: postal?,
            opening_hours: opening_hours?,
            staffed,
            staffed_weekdays,
            holidays,
            local,
        })
    }

    /// When the office is open, in the words of that language; the plain ones where it has none of its own.
    #[must_use]
    pub fn opening_hours_in(&self, language: &str) -> &str {
        let own = self.local.get(language).and_then(|local| local.opening_hours.as_deref());
        own.unwrap_or(&self.opening_hours)
    }

    /// The keys (and their values) that are still the shipped example's made-up numbers.
    #[must_use]
    pub fn made_up_numbers(&self) -> Vec<(&'static str, &str)> {
        [
            ("phone_office", self.phone_office.as_str(), "+1 555 0100"),
            ("phone_24h", self.phone_24h.as_str(), "+1 555 0199"),
        ]
        .into_iter()
        .filter(|(_, number, example)| number == example)
        .map(|(key, number, _)| (key, number))
        .collect()
    }
}

impl LocalWords {
    fn read(s: &Section<'_, '_>) -> Self {
        let emergency_dept = s.may("emergency_dept", words(200));
        let opening_hours = s.may("opening_hours", words(200));
        s.close();
        Self { emergency_dept, opening_hours }
    }
}

/// The emergency numbers of other countries: what is known, and what the file says above it.
fn abroad(s: &Section<'_, '_>) -> BTreeMap<String, EmergencyNumber> {
    let known = emergency_number::known().map(|(country, number)| {
        let number = EmergencyNumber { printed: number.to_owned(), dial: number.to_owned() };
        (country.to_owned(), number)
    });
    known.chain(s.values(emergency_of)).collect()
}

/// The three numbers to ring, each as printed and as dialled.
struct Numbers {
    office: NumberAsPrinted,
    day_and_night: NumberAsPrinted,
    emergency: NumberAsPrinted,
}

impl Numbers {
    /// Reads them; `country` is where they are rung from.
    fn read(s: &Section<'_, '_>, country: Option<&str>) -> Option<Self> {
        let line = |value: &SpannedValue<'_>| number(value, country, phone::parse);
        let emergency = |value: &SpannedValue<'_>| number(value, country, phone::parse_emergency);
        let office = s.need("phone_office", line);
        let day_and_night = s.need("phone_24h", line);
        let emergency = s.need("emergency_number", emergency);
        Some(Self { office: office?, day_and_night: day_and_night?, emergency: emergency? })
    }
}
