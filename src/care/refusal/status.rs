//! The enhanced status code in a server's words (RFC 3463 §2). In a reply it opens a line, any line (RFC 2034 §4), or stands marked
//! behind the words, as qmail and its heirs say it; in a notice it stands anywhere.

/// An enhanced status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnhancedStatus {
    /// Whether it succeeded (2), waits (4) or failed (5).
    pub class: u16,
    /// What it is about, e.g. 1 for addresses.
    pub subject: u16,
    /// What of that, more closely.
    pub detail: u16,
}

impl std::fmt::Display for EnhancedStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl EnhancedStatus {
    /// Reads a code such as `5.1.1`; `None` unless it is three numbers of one to three digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number = |part: &str| {
            let fits = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            if fits { part.parse::<u16>().ok() } else { None }
        };
        let mut parts = text.split('.').map(number);
        let status = Self { class: parts.next()??, subject: parts.next()??, detail: parts.next()?? };
        parts.next().is_none().then_some(status)
    }

    /// Whether it says more than that something is wrong (X.0.0, or Microsoft's X.0.350 before what another server said).
    #[must_use]
    pub const fn is_plain(self) -> bool {
        self.subject != 0
    }

    /// Whether a reply of this basic code can carry it. A permanent one may call itself temporary: that is doubt, and heard.
    #[must_use]
    pub const fn fits(self, code: u16) -> bool {
        self.class == code / 100 || (self.class == 4 && code / 100 == 5)
    }
}

/// The enhanced status code in a reply of that basic code, its lines apart; of several the first that says anything.
#[must_use]
pub fn find(code: u16, lines: &str) -> Option<&str> {
    let fits = |word: &&str| EnhancedStatus::parse(word).is_some_and(|status| status.fits(code));
    let opening =
        lines.lines().filter_map(|line| Some(line.split_whitespace().next()?.trim_end_matches(':')));
    let marked = lines
        .split('#')
        .skip(1)
        .map(|tail| tail.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default());
    let all: Vec<&str> = opening.chain(marked).filter(fits).collect();
    let says = |word: &&&str| EnhancedStatus::parse(word).is_some_and(EnhancedStatus::is_plain);
    all.iter().find(says).or_else(|| all.first()).copied()
}

/// Every enhanced status code in a server's words, wherever it stands; numbers of another class are none (RFC 3463 §3.1).
pub fn stated(words: &str) -> impl Iterator<Item = EnhancedStatus> {
    let is_border = |c: char| c.is_whitespace() || "()[]#;:,<>\"'-".contains(c);
    let pieces = words.split(is_border).map(|word| word.trim_end_matches('.'));
    pieces.filter_map(EnhancedStatus::parse).filter(|status| matches!(status.class, 2 | 4 | 5))
}

/// The one of a reply for good that a server quotes in its own words (`(her address:550 5.1.1 …)`), the code in front of it.
#[must_use]
pub fn quoted(words: &str) -> Option<EnhancedStatus> {
    let borders = |c: char| c.is_whitespace() || "()[]#;:,<>\"'-".contains(c);
    let pieces: Vec<&str> = words.split(borders).filter(|piece| !piece.is_empty()).collect();
    let is_code =
        |piece: &str| piece.len() == 3 && piece.starts_with('5') && piece.bytes().all(|b| b.is_ascii_digit());
    let quotes = pieces.windows(2).filter_map(|pair| {
        let [code, status] = pair else { return None };
        EnhancedStatus::parse(status).filter(|status| is_code(code) && status.class == 5)
    });
    quotes.into_iter().find(|status| status.is_plain())
}

/// The first one of a refusal.
#[must_use]
pub fn refusing(words: &str) -> Option<EnhancedStatus> {
    stated(words).find(|status| status.class >= 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_notice_a_status_stands_anywhere() {
        for (words, want) in [
            ("smtp; 550 5.1.1 <a@b.example>: Recipient", Some("5.1.1")),
            ("smtp; 550-5.1.10 no", Some("5.1.10")),
            ("2.0.0 taken, then 5.2.2", Some("5.2.2")),
            ("it failed: 5.1.1.", Some("5.1.1")),
            ("gone (#5.1.1)", Some("5.1.1")),
            ("no such user at 10.1.1.5", None),
            ("The number 511, 5 1 1 or 9.1.1", None),
        ] {
            assert_eq!(refusing(words).map(|status| status.to_string()).as_deref(), want, "{words}");
        }
    }

    #[test]
    fn a_status_opens_any_line_or_is_marked() {
        for (code, lines, want) in [
            (550, "5.1.1 x", Some("5.1.1")),
            (550, "Sorry\n5.1.1 unknown", Some("5.1.1")),
            (554, "mx.home.example\n5.7.26 unauthenticated", Some("5.7.26")),
            (550, "5.0.0 Sorry\n5.1.1 unknown", Some("5.1.1")),
            (550, "5.0.0 Sorry\n5.0.0 again", Some("5.0.0")),
            (554, "4.3.0 temporary failure", Some("4.3.0")),
            (450, "5.1.1 unknown", None),
            (250, "2.0.0 queued", Some("2.0.0")),
            (550, "gone (#5.1.1)", Some("5.1.1")),
            (550, "seen 5.1.1 times", None),
            (550, "192.0.2.9 is listed", None),
            (550, "", None),
        ] {
            assert_eq!(find(code, lines), want, "{code} {lines}");
        }
    }
}
