//! Why a patient's whole record is given out, and as what: two closed lists, so that no words about her stand in the audit.

/// Why it is given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportReason {
    /// She, or who acts for her, asked for it.
    Asked,
    /// It goes to whoever treats her too, or next.
    Treatment,
    /// A court or an authority asked for it.
    Authority,
    /// It is kept elsewhere before it is erased here.
    BeforeErasing,
}

/// As what it is given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportForm {
    /// A page to print.
    Print,
    /// A JSON document with everything.
    Json,
    /// A FHIR R4 bundle: what FHIR has resources for.
    Fhir,
}

impl ExportReason {
    /// Every reason that a person may give.
    pub const ALL: [Self; 4] = [Self::Asked, Self::Treatment, Self::Authority, Self::BeforeErasing];

    /// The word in commands, forms and the audit.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Treatment => "treatment",
            Self::Authority => "authority",
            Self::BeforeErasing => "before-erasing",
        }
    }

    /// The reason of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }
}

impl ExportForm {
    /// Every form in which a record is given out.
    pub const ALL: [Self; 3] = [Self::Print, Self::Json, Self::Fhir];

    /// The word in commands, forms and the audit.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Print => "print",
            Self::Json => "json",
            Self::Fhir => "fhir",
        }
    }

    /// The form of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_comes_back() {
        for reason in ExportReason::ALL {
            assert_eq!(ExportReason::parse(reason.word()), Some(reason));
        }
        for form in ExportForm::ALL {
            assert_eq!(ExportForm::parse(form.word()), Some(form));
        }
    }
}
