//! Where a patient is in a form: what travels from page to page, in hidden fields and in the address. No answer does, nor what
//! proves her birth date.

use axum::http::Uri;

use crate::journey::link_key::LinkKey;
use crate::letter::wording::PAGE_LANGUAGE;
use crate::store::answers::responses::Respondent;

/// Fields and words, as a form or an address brings them.
pub(super) type FieldWords = Vec<(String, String)>;

/// Where in a form she is, and what goes along.
#[derive(Clone, Default)]
pub(super) struct FormStep {
    /// The page: 0 is what to do now, 1 the first of the checklist, one past the last the review; `None` is the start.
    pub(super) page: Option<usize>,
    /// Who fills it in.
    pub(super) who: Option<Respondent>,
    /// Makes a form sent twice one response. Only we can make one, and only for its link.
    pub(super) nonce: Option<String>,
    /// The token of a birth-date check that was passed: it comes by cookie, and travels no other way.
    pub(super) birth_date_token: Option<String>,
    /// Whether this page follows a birth date that was right; a browser that kept no cookie comes back without the token.
    pub(super) proved: bool,
    /// The language she chose on a page, in place of that of her record.
    pub(super) language: Option<String>,
    /// Whether the page points at questions left open.
    pub(super) blanks: Blanks,
    /// Whether she was sent for help already, and goes on with the form all the same.
    pub(super) told: bool,
}

/// Whether open questions are pointed at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Blanks {
    /// They are left as they are.
    #[default]
    Quiet,
    /// The page names them, once.
    Named,
}

impl FormStep {
    /// Reads what came; anything that is not ours is as if it had not come.
    pub(super) fn read(fields: &FieldWords, key: &LinkKey, token: &str) -> Self {
        let get = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, word)| word.as_str());
        Self {
            page: get("p").and_then(|p| p.parse().ok()).filter(|p| *p < 100),
            who: get("w")
                .and_then(Respondent::parse)
                .filter(|who| matches!(who, Respondent::Myself | Respondent::Carer)),
            nonce: get("n").filter(|nonce| key.made(token, nonce)).map(str::to_owned),
            birth_date_token: None,
            proved: get("d").is_some(),
            language: get(PAGE_LANGUAGE).filter(|code| is_code(code)).map(str::to_owned),
            blanks: if get("b").is_some() { Blanks::Named } else { Blanks::Quiet },
            told: get("s").is_some(),
        }
    }

    /// The same step with a nonce, a new one if there is none.
    pub(super) fn with_nonce(self, new: impl FnOnce() -> String) -> Self {
        Self { nonce: Some(self.nonce.unwrap_or_else(new)), ..self }
    }

    /// The same step at another page.
    pub(super) fn at(&self, page: Option<usize>) -> Self {
        Self { page, blanks: Blanks::Quiet, ..self.clone() }
    }

    /// The same step in another language.
    pub(super) fn in_language(&self, code: &str) -> Self {
        Self { language: Some(code.to_owned()), ..self.clone() }
    }

    /// As hidden fields of a form.
    pub(super) fn hidden(&self) -> Vec<(&'static str, String)> {
        let page = self.page.map(|page| page.to_string());
        let who = self.who.map(|who| who.word().to_owned());
        let told = self.told.then(|| "1".to_owned());
        let all = [
            ("p", page),
            ("w", who),
            ("n", self.nonce.clone()),
            ("d", self.proved.then(|| "1".to_owned())),
            ("s", told),
            (PAGE_LANGUAGE, self.language.clone()),
        ];
        all.into_iter().filter_map(|(name, word)| Some((name, word?))).collect()
    }

    /// As an address. Every word in it is letters, digits, dots, dashes.
    pub(super) fn address(&self, token: &str) -> String {
        let mut fields = self.hidden();
        if self.blanks == Blanks::Named {
            fields.push(("b", "1".to_owned()));
        }
        let query: Vec<String> = fields.iter().map(|(name, word)| format!("{name}={word}")).collect();
        if query.is_empty() { format!("/c/{token}") } else { format!("/c/{token}?{}", query.join("&")) }
    }
}

/// Whether a token may stand in an address of ours.
pub(super) fn is_token_text(word: &str) -> bool {
    (1..=80).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Whether a word may be the code of a language.
fn is_code(word: &str) -> bool {
    (2..=8).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase())
}

/// Whether a field of a sent form is ours, not an answer. `k` held the birth-date check in forms that were open at an update.
pub(super) fn is_reserved_field(name: &str) -> bool {
    matches!(name, "p" | "w" | "n" | "d" | "k" | "s" | "b" | "v" | "go" | PAGE_LANGUAGE)
}

/// The fields of an address's query; nothing for one that cannot be read.
pub(super) fn query_fields(uri: &Uri) -> FieldWords {
    axum::extract::Query::<FieldWords>::try_from_uri(uri).map(|query| query.0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> LinkKey {
        LinkKey::new([3; 32])
    }

    #[test]
    fn what_travels_comes_back() {
        let nonce = key().nonce("token", &[1; 16]);
        let step = FormStep {
            page: Some(2),
            who: Some(Respondent::Carer),
            nonce: Some(nonce.clone()),
            birth_date_token: Some("99.ab-c".to_owned()),
            proved: true,
            language: Some("es".to_owned()),
            blanks: Blanks::Named,
            told: true,
        };
        let uri: Uri = step.address("token").parse().unwrap();
        assert!(!step.address("token").contains("99.ab-c"), "what proves the date stands in no address");
        let back = FormStep::read(&query_fields(&uri), &key(), "token");
        assert_eq!((back.page, back.who, back.nonce), (Some(2), Some(Respondent::Carer), Some(nonce)));
        assert_eq!(
            (back.birth_date_token, back.blanks, back.told, back.proved, back.language.as_deref()),
            (None, Blanks::Named, true, true, Some("es"))
        );
    }

    #[test]
    fn a_nonce_of_another_link_is_no_nonce() {
        let fields = vec![("n".to_owned(), key().nonce("one", &[1; 16]))];
        assert!(FormStep::read(&fields, &key(), "one").nonce.is_some());
        assert!(FormStep::read(&fields, &key(), "two").nonce.is_none());
    }

    proptest! {
        #[test]
        fn no_fields_break_the_address(name in "[pwndkbs]|lang", word in "\\PC{0,60}") {
            let step = FormStep::read(&vec![(name, word)], &key(), "token");
            let address = step.address("token");
            prop_assert!(address.parse::<Uri>().is_ok());
        }
    }
}
