//! The numbers to ring, as they are printed and as they are dialled.

use super::reader::Section;
use super::values::{text, words};
use crate::care::phone::{self, Phone, PhoneFault};
use crate::config::file::reader::{SpannedValue, ValueFault, ValueResult as Parsed};
use crate::config::sections::types::Dial;

/// The three numbers of `[clinic]`.
pub(in crate::config) struct ParsedNumbers {
    pub(in crate::config) phone_office: String,
    pub(in crate::config) phone_24h: String,
    pub(in crate::config) emergency_number: String,
    pub(in crate::config) dial: Dial,
}

/// Longer ones break the line they are printed on.
const LONGEST: usize = 60;

/// Reads them; `country` is where they are rung from.
pub(in crate::config) fn read(s: &Section<'_, '_>, country: Option<&str>) -> Option<ParsedNumbers> {
    let number = |value: &SpannedValue<'_>| printed(value, country, phone::parse);
    let emergency = |value: &SpannedValue<'_>| printed(value, country, phone::parse_emergency);
    let office = s.need("phone_office", number);
    let day_and_night = s.need("phone_24h", number);
    let emergency = s.need("emergency_number", emergency);
    let ((phone_office, office), (phone_24h, day_and_night)) = (office?, day_and_night?);
    let (emergency_number, emergency) = emergency?;
    Some(ParsedNumbers {
        phone_office,
        phone_24h,
        emergency_number,
        dial: Dial { office, day_and_night, emergency },
    })
}

type NumberParser = fn(&str, Option<&str>) -> Result<Phone, PhoneFault>;

fn printed(value: &SpannedValue<'_>, country: Option<&str>, read: NumberParser) -> Parsed<(String, Phone)> {
    let written = words(LONGEST)(value)?;
    let wrong = |fault: PhoneFault| ValueFault::new(value, format!("`{written}` {fault}"), fault.hint());
    let phone = read(&written, country).map_err(wrong)?;
    Ok((written, phone))
}

/// A country by its two letters (ISO 3166-1 alpha-2).
pub(in crate::config) fn country(value: &SpannedValue<'_>) -> Parsed<String> {
    let written = text(value)?;
    if phone::is_country(&written) {
        return Ok(written);
    }
    let hint = "write its two capital letters (ISO 3166-1), e.g. `US`, `GB` or `ES`";
    Err(ValueFault::new(value, format!("`{written}` is not a country"), hint))
}
