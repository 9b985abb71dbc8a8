//! Who had a task or an alert in hand on the page, or in the list, from which a person acts on it.

/// Who had it as whoever acts saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerSeen {
    /// Nobody looked: it is acted on whoever has it.
    Unasked,
    /// That account, or nobody.
    Was(Option<String>),
}

impl OwnerSeen {
    /// Whether it is by now in the hands of somebody whom the actor neither saw nor is.
    #[must_use]
    pub fn is_outdated(&self, owner: Option<&str>, actor: &str) -> bool {
        match (self, owner.filter(|owner| *owner != actor)) {
            (Self::Unasked, _) | (_, None) => false,
            (Self::Was(was), owner) => was.as_deref() != owner,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colleague_whom_nobody_saw_is_news_and_oneself_is_none() {
        let was = |name: &str| OwnerSeen::Was(Some(name.to_owned()));
        for (seen, owner, outdated) in [
            (OwnerSeen::Unasked, Some("nora"), false),
            (OwnerSeen::Was(None), Some("nora"), true),
            (OwnerSeen::Was(None), None, false),
            (was("nora"), Some("nora"), false),
            (was("nora"), None, false),
            (was("nora"), Some("dora"), true),
            (was("nora"), Some("lena"), false),
        ] {
            assert_eq!(seen.is_outdated(owner, "lena"), outdated, "{seen:?} {owner:?}");
        }
    }
}
