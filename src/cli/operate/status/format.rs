//! Sizes and spans as people read them.

use jiff::SignedDuration;

/// A size as people read it.
pub(super) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    let mut unit = None;
    let mut tenths = count.saturating_mul(10);
    for next in UNITS {
        if tenths < 10_000 {
            break;
        }
        (tenths, unit) = (tenths / 1_000, Some(next));
    }
    unit.map_or_else(|| format!("{count} B"), |unit| format!("{}.{} {unit}", tenths / 10, tenths % 10))
}

/// A span as people say it.
pub(super) fn span(passed: SignedDuration) -> String {
    match passed.as_secs() {
        seconds @ ..120 => format!("{} s", seconds.max(0)),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_spans_are_told_as_people_read_them() {
        let told = [0, 999, 1_000, 1_540_000, 40_000_000_000].map(bytes);
        assert_eq!(told, ["0 B", "999 B", "1.0 kB", "1.5 MB", "40.0 GB"]);
        let told = [-3, 59, 600, 10_000, 200_000].map(|seconds| span(SignedDuration::from_secs(seconds)));
        assert_eq!(told, ["0 s", "59 s", "10 min", "2 h", "2 days"]);
    }
}
