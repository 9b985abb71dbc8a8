//! How urgent an answer is, and the closed list of reasons why. Staff see every reason; patients see only the tier's page.

/// How soon a person must act. Ordered: a later variant is more urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    /// Nothing new; the next visit stands.
    Routine,
    /// Contact within three working days.
    Soon,
    /// Human contact within 24 hours, weekends included.
    Urgent,
    /// Human contact within the hour, day or night.
    Emergency,
}

impl Tier {
    /// Every tier, most urgent first.
    pub const ALL: [Self; 4] = [Self::Emergency, Self::Urgent, Self::Soon, Self::Routine];

    /// The word in SQL, JSON and files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Urgent => "urgent",
            Self::Soon => "soon",
            Self::Routine => "routine",
        }
    }

    /// What the word in SQL and JSON stands for; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.word() == word)
    }

    /// One step more urgent where known bone spread lifts it (K1): soon and urgent rise, routine stays.
    #[must_use]
    pub const fn lifted(self) -> Self {
        match self {
            Self::Routine => Self::Routine,
            Self::Soon => Self::Urgent,
            Self::Urgent | Self::Emergency => Self::Emergency,
        }
    }
}

macro_rules! codes {
    ($($code:ident $tier:expr, $basis:literal, $text:literal;)*) => {
        /// Why an answer got its tier (clinical brief, section 4). The word is the variant's name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $text] $code,)* }

        impl Code {
            /// Every code, most urgent first.
            pub const ALL: [Self; [$(stringify!($code)),*].len()] = [$(Self::$code),*];

            /// The word in SQL, JSON and files, e.g. `E1`.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$code => stringify!($code),)* }
            }

            /// The tier this reason asks for by itself; `None` for marks that only change another reason's effect.
            #[must_use]
            pub const fn tier(self) -> Option<Tier> {
                match self { $(Self::$code => $tier,)* }
            }

            /// Which guideline the rule comes from, or which caution; empty where neither has a name that a reader knows.
            #[must_use]
            pub const fn basis(self) -> &'static str {
                match self { $(Self::$code => $basis,)* }
            }

            /// One line for staff.
            #[must_use]
            pub const fn explain(self) -> &'static str {
                match self { $(Self::$code => $text,)* }
            }
        }
    };
}

const EMERGENCY: Option<Tier> = Some(Tier::Emergency);
const URGENT: Option<Tier> = Some(Tier::Urgent);
const SOON: Option<Tier> = Some(Tier::Soon);

codes! {
    E1 EMERGENCY, "NICE NG234; cauda equina card", "New or worse weakness, walking trouble, saddle numbness, bladder or bowel trouble.";
    E2 EMERGENCY, "NICE NG234; red flag card", "New odd feelings in both legs or the body, or together with back pain or a band of pain.";
    E3 EMERGENCY, "NICE NG234", "New band-like or shooting pain together with a nerve sign that is new or not sure.";
    U1 URGENT, "a rule of caution: not sure is not no", "Not sure about a nerve sign or band-like pain.";
    U2 URGENT, "red flag card; NG234 is stricter", "New odd feelings in one limb or in hands or feet, without pain.";
    U3 URGENT, "NICE patient template; NG234 is stricter", "New band-like or shooting pain without a nerve sign.";
    U4 URGENT, "NICE NG234: severe pain", "Severe pain that is new, or that no clinician has confirmed as known.";
    U5 URGENT, "NICE NG234: progressive pain; STAR-style change", "Pain has risen clearly since the last answer or the baseline.";
    U6 URGENT, "NICE CG75", "New pain in the neck or the middle of the back.";
    U7 URGENT, "NICE NG234; red flag card", "Back or neck pain that worsens, resists pain pills, comes at night or lying flat, or on straining.";
    U8 URGENT, "NICE NG234: mechanical pain", "New back or neck pain that is worse on moving.";
    U9 URGENT, "a rule of caution: known means confirmed", "Says a sign is known to the clinic, but no clinician has confirmed it, or looked since it was new.";
    U10 URGENT, "UKONS: two ambers", "Back pain together with weight loss or marked tiredness.";
    U11 URGENT, "a rule of caution: twice and unread", "The same reason as on the last form, which no clinician has reviewed yet.";
    S1 SOON, "about nine in ten with spinal spread have back pain", "New or different back or neck pain.";
    S2 SOON, "a rule of caution", "Back or neck pain of at least moderate strength.";
    S3 SOON, "NICE NG234: mechanical pain", "Known back or neck pain that is worse on moving.";
    S4 SOON, "a rule of caution", "Weight loss without trying.";
    S5 SOON, "a rule of caution; STAR-style change", "Marked tiredness, or clearly more than last time.";
    S6 SOON, "asked for", "Asked to be called.";
    S7 SOON, "a rule of caution: nobody has looked yet", "Back or neck pain as before, which was new on a form that no clinician has looked at since.";
    K1 None, "a rule of caution", "Bone spread is already known: the tier is lifted one step.";
    K2 SOON, "a rule of caution: blank is not no", "A required question was left blank: a sign counts as not sure, anything else as its worst answer.";
    M1 None, "a clinician's mark", "A clinician has marked this reason as known for now: shown, but it opens no new task.";
}

impl Code {
    /// What the word in SQL and JSON stands for; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.word() == word)
    }

    /// Whether a clinic may give this reason a more urgent tier of its own. Only for rules that stay true when any
    /// answer gets worse; raising another would let a worse answer lower the tier.
    #[must_use]
    pub const fn may_be_raised(self) -> bool {
        !matches!(
            self,
            Self::U1 | Self::U9 | Self::U11 | Self::S3 | Self::S6 | Self::S7 | Self::K1 | Self::K2 | Self::M1
        )
    }

    /// Whether a clinician may mark this reason as known for a while (M1).
    #[must_use]
    pub const fn may_be_known(self) -> bool {
        matches!(self, Self::S2 | Self::S3)
    }
}

/// The tier that stands while an alert is open: a later, better answer never lowers it.
#[must_use]
pub fn standing(open: Option<Tier>, new: Tier) -> Tier {
    open.map_or(new, |tier| tier.max(new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_a_guideline_or_a_plain_reason_and_no_name_of_our_papers() {
        for code in Code::ALL {
            let shown = format!("{} {}", code.basis(), code.explain());
            assert!(!shown.contains("brief") && !shown.contains("house rule"), "{shown}");
        }
    }

    #[test]
    fn words_and_values_agree_both_ways() {
        for tier in Tier::ALL {
            assert_eq!(Tier::parse(tier.word()), Some(tier));
        }
        for code in Code::ALL {
            assert_eq!(Code::parse(code.word()), Some(code));
            assert!(code.explain().ends_with('.'));
        }
        assert_eq!(Code::ALL.len(), 24);
    }

    #[test]
    fn a_better_answer_never_lowers_what_stands() {
        for open in Tier::ALL {
            for new in Tier::ALL {
                assert!(standing(Some(open), new) >= open);
                assert!(standing(Some(open), new) >= new);
            }
            assert_eq!(standing(None, open), open);
        }
    }

    #[test]
    fn a_code_starts_with_the_letter_of_its_tier() {
        for code in Code::ALL {
            let letter = match code.tier() {
                Some(Tier::Emergency) => "E",
                Some(Tier::Urgent) => "U",
                Some(Tier::Soon | Tier::Routine) => "SK",
                None => "KM",
            };
            assert!(code.word().starts_with(|c| letter.contains(c)), "{code:?}");
        }
    }
}
