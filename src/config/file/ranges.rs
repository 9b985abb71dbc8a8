//! Parsers of quantities. Each has its range, and what lies outside is a fault that names it: nothing is clamped.

use std::time::Duration;

use super::values::text;
use crate::config::file::reader::{SpannedValue, ValueFault, ValueResult};

/// A stretch of time between two, both included, such as `span("30s", "3d")`.
pub(in crate::config) fn span(
    from: &'static str,
    to: &'static str,
) -> impl Fn(&SpannedValue<'_>) -> ValueResult<Duration> {
    move |value| {
        let written = text(value)?;
        let hint = || {
            format!(
                "write a number and a unit: `30s`, `15m` (minutes), `2h` or `3d`; from `{from}` to `{to}`"
            )
        };
        let Some(span) = duration(&written) else {
            return Err(ValueFault::new(value, format!("`{written}` is not a stretch of time"), hint()));
        };
        let [least, most] = [from, to].map(|end| duration(end).unwrap_or_default());
        if span < least {
            let problem = match span {
                Duration::ZERO => "must be longer than nothing".to_owned(),
                _ => format!("cannot be as short as `{written}`"),
            };
            return Err(ValueFault::new(value, problem, hint()));
        }
        if span > most {
            return Err(ValueFault::new(value, format!("cannot be as long as `{written}`"), hint()));
        }
        Ok(span)
    }
}

fn duration(written: &str) -> Option<Duration> {
    let digits = written.len() - written.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (count, unit) = written.split_at(digits);
    let seconds = match unit.trim() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    count.parse::<u64>().ok()?.checked_mul(seconds).map(Duration::from_secs)
}

/// A whole number from `from` to `to`.
pub(in crate::config) fn count(from: u32, to: u32) -> impl Fn(&SpannedValue<'_>) -> ValueResult<u32> {
    move |value| {
        let hint = format!("write a whole number from {from} to {to}");
        let Some(written) = value.get_ref().as_integer() else {
            let hint = format!("{hint}, without quotes, e.g. `4`");
            return Err(ValueFault::new(value, "is not a whole number", hint));
        };
        let number = i64::from_str_radix(written.as_str(), written.radix()).ok();
        match number.and_then(|number| u32::try_from(number).ok()) {
            Some(number) if (from..=to).contains(&number) => Ok(number),
            Some(number) if number > to => Err(ValueFault::new(value, format!("is more than {to}"), hint)),
            Some(_) => Err(ValueFault::new(value, format!("must be {from} or more"), hint)),
            None if number.is_some_and(|number| number < 0) => {
                Err(ValueFault::new(value, format!("must be {from} or more"), hint))
            }
            None => Err(ValueFault::new(value, format!("is more than {to}"), hint)),
        }
    }
}
