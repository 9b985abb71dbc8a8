//! A link to a form: open until it was answered through. Its one legal move is a `match`; SQL's CHECK and `docs/flow.md` show
//! the same. Whether its owner lives is her status alone, and whether her forms are locked is asked of her.

/// Whether a form was submitted through a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkStatus {
    /// No form was submitted through it yet.
    Open,
    /// Its form was submitted; only a revision of that form is still taken.
    Used,
}

/// What can happen to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkEvent {
    /// The form behind it was submitted.
    Submit,
}

impl LinkStatus {
    /// Every state, in the order of a link's life.
    pub const ALL: [Self; 2] = [Self::Open, Self::Used];

    /// The word in SQL and docs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Used => "used",
        }
    }

    /// The state of that word in SQL; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// The state after `event`; `None` when the move is illegal.
    #[must_use]
    pub const fn after(self, event: LinkEvent) -> Option<Self> {
        match (self, event) {
            (Self::Open, LinkEvent::Submit) => Some(Self::Used),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_used_once() {
        let used = LinkStatus::Open.after(LinkEvent::Submit);
        assert_eq!(used, Some(LinkStatus::Used));
        assert_eq!(used.and_then(|used| used.after(LinkEvent::Submit)), None);
    }
}
