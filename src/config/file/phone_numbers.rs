//! Parsers of numbers to ring, as they are printed and as they are dialled, and of the country they are rung from.

use super::values::{text, words};
use crate::care::phone::{self, Phone, PhoneFault};
use crate::config::file::reader::{SpannedValue, ValueFault, ValueResult};
use crate::letter::wording::EmergencyNumber;

/// A number to ring, as it is printed and as it is dialled.
pub(in crate::config) struct NumberAsPrinted {
    /// As the clinic writes it.
    pub(in crate::config) printed: String,
    /// As a phone dials it.
    pub(in crate::config) phone: Phone,
}

/// Longer ones break the line they are printed on.
const LONGEST: usize = 60;

type NumberParser = fn(&str, Option<&str>) -> Result<Phone, PhoneFault>;

/// A number that `parse` takes; `country` is where it is rung from.
pub(in crate::config) fn number(
    value: &SpannedValue<'_>,
    country: Option<&str>,
    parse: NumberParser,
) -> ValueResult<NumberAsPrinted> {
    let printed = words(LONGEST)(value)?;
    let wrong = |fault: PhoneFault| ValueFault::new(value, format!("`{printed}` {fault}"), fault.hint());
    let phone = parse(&printed, country).map_err(wrong)?;
    Ok(NumberAsPrinted { printed, phone })
}

/// A country by its two letters (ISO 3166-1 alpha-2).
pub(in crate::config) fn country(value: &SpannedValue<'_>) -> ValueResult<String> {
    let written = text(value)?;
    if phone::is_country(&written) {
        return Ok(written);
    }
    Err(ValueFault::new(value, format!("`{written}` is not a country"), COUNTRY_HINT))
}

const COUNTRY_HINT: &str = "write its two capital letters (ISO 3166-1), e.g. `US`, `GB` or `ES`";

/// The emergency number of a country, which its key names.
pub(in crate::config) fn emergency_of(
    country: &str,
    value: &SpannedValue<'_>,
) -> ValueResult<EmergencyNumber> {
    if !phone::is_country(country) {
        return Err(ValueFault::new(value, "is not a country", COUNTRY_HINT));
    }
    let NumberAsPrinted { printed, phone } = number(value, Some(country), phone::parse_emergency)?;
    Ok(EmergencyNumber { printed, dial: phone.dial })
}
