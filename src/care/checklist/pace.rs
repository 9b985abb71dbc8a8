//! How fast a form came back. Programs that look for danger in mail open links and send what stands behind them, all pages
//! within a second or two; a person has at least to read, to choose and to press.

use jiff::{SignedDuration, Timestamp};

/// What each page takes at the least, of whoever taps as fast as anybody can. Nobody honest is held up by it: all it does
/// is that she is shown her answers once more before they count.
const PAGE_TAKES: SignedDuration = SignedDuration::from_secs(1);

/// Whether so many pages came back at `now` sooner than a person can read them, of a form that was first shown at `shown_at`.
/// Where that is not known, or the clock was set back meanwhile, nobody is suspected.
#[must_use]
pub fn is_hurried(shown_at: Option<Timestamp>, now: Timestamp, pages: u32) -> bool {
    let Some(shown_at) = shown_at.filter(|shown| *shown <= now) else { return false };
    now.duration_since(shown_at) < PAGE_TAKES * i32::try_from(pages).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_comes_faster_than_a_second_a_page_is_hurried() {
        let shown: Timestamp = "2026-02-24T09:00:00Z".parse().unwrap();
        let after = |millis| shown + SignedDuration::from_millis(millis);
        for (millis, pages, hurried) in [
            (0, 1, true),
            (800, 6, true),
            (5_999, 6, true),
            (6_000, 6, false),
            (1_000, 1, false),
            (60_000, 6, false),
        ] {
            assert_eq!(is_hurried(Some(shown), after(millis), pages), hurried, "{millis} ms, {pages} pages");
        }
        assert!(!is_hurried(None, shown, 6), "of a form that tells no moment nobody is suspected");
        assert!(!is_hurried(Some(after(1_000)), shown, 6), "nor where the clock was set back");
    }
}
