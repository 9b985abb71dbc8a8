//! The time of day behind a date, as spreadsheets write it.

use jiff::civil::Time;

/// The day, and the time of day behind it.
pub(super) fn cut(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    let at = text.find(['T', ' ']);
    at.map_or((text, None), |at| (&text[..at], Some(text[at + 1..].trim())))
}

/// Midnight, in whatever zone: it is the day that was written.
pub(super) fn is_empty_time(time: &str) -> bool {
    let local = time.strip_suffix('Z').unwrap_or(time);
    let local = local.find(['+', '-']).map_or(local, |at| &local[..at]);
    clock(local.trim()) == Some(Time::midnight())
}

/// Hours and minutes, of 24 or of twice twelve; seconds only if they are none.
pub(super) fn clock(text: &str) -> Option<Time> {
    let upper = text.to_ascii_uppercase();
    let (digits, half) = match upper.strip_suffix('M').and_then(|rest| rest.strip_suffix(['A', 'P'])) {
        Some(rest) => (rest.trim(), upper.chars().rev().nth(1)),
        None => (upper.as_str(), None),
    };
    let mut parts = digits.split(':');
    let number = |part: &str| -> Option<i8> {
        let fits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if fits { part.parse().ok() } else { None }
    };
    let (hour, minute) = (number(parts.next()?)?, parts.next()?);
    let minute = if minute.len() == 2 { number(minute)? } else { return None };
    let seconds = parts.next().is_none_or(|seconds| seconds.bytes().all(|b| matches!(b, b'0' | b'.')));
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some('P') => hour % 12 + 12,
        Some(_) => hour % 12,
        None => hour,
    };
    if seconds && parts.next().is_none() { Time::new(hour, minute, 0, 0).ok() } else { None }
}

/// Whether what stands behind a day could be a time of it at all.
pub(super) fn is_like_time(text: &str) -> bool {
    text.contains(':') || text.starts_with(|c: char| c.is_ascii_digit())
}
