//! What is sound in a row and yet somebody should look at: what spreadsheets and tired hands make of a cell.

use jiff::Span;
use jiff::civil::Date;

use crate::care::address::EmailAddress;
use crate::exchange::roster::cells;
use crate::exchange::roster::row_fault::{CellFault, RowFault};
use crate::store::people::patients::Newcomer;

/// Providers that many have a mailbox with, and names that look like a slip in one of them and are none.
const PROVIDERS: [&str; 10] = [
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "outlook.com",
    "yahoo.com",
    "icloud.com",
    "live.com",
    "aol.com",
    "gmx.net",
    "web.de",
];
const OTHERS: [&str; 4] = ["mail.com", "email.com", "ymail.com", "live.ca"];

/// Every remark about one row.
pub(super) fn of(new: &Newcomer, line: u64, today: Date) -> Vec<RowFault> {
    let at = |column, problem: String, hint| RowFault::at(line, column, CellFault::new(problem, hint));
    let mut found = Vec::new();
    if is_like_a_date(new.reference.as_str()) {
        let hint = "a spreadsheet may have made a date of her code: give the column the format of a text";
        found.push(at("reference", "looks like a date".to_owned(), hint));
    }
    if today.saturating_sub(Span::new().years(16)) < new.birth_on {
        let hint = "check it: her pages ask for this date";
        found.push(at("birth_date", "would make her younger than 16".to_owned(), hint));
    }
    if let Some(slip) = new.email.as_ref().and_then(slip) {
        found.push(at("email", slip, "check it: a letter to a stranger tells of her"));
    }
    found
}

/// What looks like a slip of the hand in an address. It does not repeat the address.
fn slip(email: &EmailAddress) -> Option<String> {
    let (local, domain) = email.expose().split_once('@')?;
    if local.to_ascii_lowercase().starts_with("www.") {
        return Some("begins like a page of the web".to_owned());
    }
    let is_real = PROVIDERS.contains(&domain) || OTHERS.contains(&domain);
    // The lengths are asked first: a million rows have a host each.
    let is_slip =
        |known: &&&str| known.len().abs_diff(domain.len()) <= 1 && strsim::osa_distance(known, domain) == 1;
    let near = PROVIDERS.iter().filter(|_| !is_real).find(is_slip)?;
    Some(format!("differs from `{near}` by one letter"))
}

/// `01-Feb`, `12/05/2026`: codes of this kind that a spreadsheet took for days.
fn is_like_a_date(code: &str) -> bool {
    let parts: Vec<&str> = code.split(['-', '/', '.']).collect();
    let is_number = |text: &&str| (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let is_month = |text: &&str| cells::is_month(&text.to_ascii_lowercase());
    let (numbers, months) =
        (parts.iter().filter(|t| is_number(t)).count(), parts.iter().filter(|t| is_month(t)).count());
    let is_day = |text: &str| text.parse::<u32>().is_ok_and(|n| (1..=31).contains(&n));
    match (parts.len(), numbers, months) {
        (2, 1, 1) | (3, 2, 1) => true,
        (3, 3, 0) => {
            [(0, 2), (2, 0)].iter().any(|(day, year)| is_day(parts[*day]) && parts[*year].len() == 4)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_a_spreadsheet_took_for_a_day_is_told_from_codes() {
        for day in ["01-Feb", "Feb-26", "12/05/2026", "2026-05-12", "1-dic-26"] {
            assert!(is_like_a_date(day), "{day}");
        }
        for code in ["R1", "2026-0001", "12-345-67", "A-1-2026", "77/2026", "0012", "MAR", "1.2.3"] {
            assert!(!is_like_a_date(code), "{code}");
        }
    }

    #[test]
    fn a_slip_in_the_name_of_a_provider_is_told_and_another_provider_is_not() {
        let slip = |text: &str| slip(&EmailAddress::parse(text).unwrap());
        for odd in
            ["ana@gmial.com", "ana@gmail.con", "ana@hotmal.com", "ana@yaho.com", "www.ana@home.example"]
        {
            assert!(slip(odd).is_some_and(|said| !said.contains("ana")), "{odd}");
        }
        for sound in ["ana@gmail.com", "ana@ymail.com", "ana@mail.com", "ana@clinic.example", "ana@gmx.de"] {
            assert_eq!(slip(sound), None, "{sound}");
        }
    }
}
