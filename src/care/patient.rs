//! Who is cared for: identity, wishes, and the status on which every letter depends (P2).

use jiff::civil::Date;

use super::address::EmailAddress;
use crate::care::one_line::is_turning;
use crate::care::record::suspected_death::SuspectedDeath;

/// Row identity of a patient. Never shown to a patient, never in a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatientId(pub i64);

/// Why a text about a patient was refused. Each names the fact and what would be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatientFault {
    /// The reference is empty, too long, or has a character outside the allowed set.
    #[error("reference must be 1 to 64 of A-Z a-z 0-9 . _ / -")]
    Reference,
    /// A part of the reference between slashes is empty, `.` or `..`: a browser takes it for a way to another page.
    #[error("reference may have no part that is empty, `.` or `..` between its slashes")]
    ReferencePart,
    /// The preferred name is empty, longer than 100 characters, or holds control or direction characters.
    #[error("preferred name must be 1 to 100 characters without line breaks, control or direction marks")]
    Name,
    /// The status word is unknown.
    #[error("unknown status `{0}`; one of: {list}", list = PatientStatus::WORDS.join(", "))]
    Status(String),
    /// The detail word is unknown.
    #[error("unknown detail level `{0}`; one of: minimal, standard, full")]
    Detail(String),
}

/// The clinic's own case code for a patient; safe in logs and alert mails.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference(String);

impl Reference {
    /// The case code of the patient who does not exist; no other may have it.
    pub const CANARY: &str = "aftercare-canary";

    /// Whether it is the canary's.
    #[must_use]
    pub fn is_canary(&self) -> bool {
        self.0 == Self::CANARY
    }

    /// Parses the case code of somebody new: her page must be reachable under it.
    ///
    /// # Errors
    /// As [`Reference::parse`]; [`PatientFault::ReferencePart`] for a code such as `../../E-9`.
    pub fn given(text: &str) -> Result<Self, PatientFault> {
        let reference = Self::parse(text)?;
        if reference.is_plain() { Ok(reference) } else { Err(PatientFault::ReferencePart) }
    }

    /// Whether no part of it means something else in an address.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.0.split('/').all(|part| !matches!(part, "" | "." | ".."))
    }

    /// The code as the end of an address. One that is not plain, from before such were refused, is written as one part.
    #[must_use]
    pub fn in_path(&self) -> String {
        if self.is_plain() { self.0.clone() } else { self.0.replace('/', "%2F") }
    }

    /// Parses a case code, also one on record from before some were refused.
    ///
    /// # Errors
    /// [`PatientFault::Reference`] when empty, over 64 characters, or outside `A-Za-z0-9._/-`.
    pub fn parse(text: &str) -> Result<Self, PatientFault> {
        let fits = !text.is_empty()
            && text.len() <= 64
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._/-".contains(&b));
        if fits { Ok(Self(text.to_owned())) } else { Err(PatientFault::Reference) }
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the patient wants to be called. Debug is redacted (P10).
#[derive(Clone, PartialEq, Eq)]
pub struct PreferredName(String);

impl PreferredName {
    /// Parses a name; outer white space goes, inner stays.
    ///
    /// # Errors
    /// [`PatientFault::Name`] when empty, over 100 characters, or with a control, line or direction character.
    pub fn parse(text: &str) -> Result<Self, PatientFault> {
        let name = text.trim();
        let hidden = |c: char| is_turning(c) || matches!(c, '\u{200B}'..='\u{200D}' | '\u{FEFF}');
        let fits = !name.is_empty() && name.chars().count() <= 100 && !name.chars().any(hidden);
        if fits { Ok(Self(name.to_owned())) } else { Err(PatientFault::Name) }
    }

    /// The name as text, for letters and the staff's own screens only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PreferredName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PreferredName(…)")
    }
}

/// How much a letter may say (clinical brief §5, privacy).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detail {
    /// Date and number to ring; no names, no kind of visit.
    Minimal,
    /// First name, kind of appointment in neutral words, place.
    Standard,
    /// Also the title of the follow-up and its preparation note.
    Full,
}

impl Detail {
    /// The word in files, SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }

    /// The value of that word in SQL, JSON and commands.
    ///
    /// # Errors
    /// [`PatientFault::Detail`] with the word that was found.
    pub fn parse(word: &str) -> Result<Self, PatientFault> {
        [Self::Minimal, Self::Standard, Self::Full]
            .into_iter()
            .find(|d| d.word() == word)
            .ok_or_else(|| PatientFault::Detail(word.to_owned()))
    }
}

/// Where the patient stands; only [`PatientStatus::Active`] receives letters (P2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PatientStatus {
    /// In follow-up; letters go out.
    Active,
    /// For a while no letters (admission, holiday, distress).
    Paused,
    /// A recurrence is being looked into.
    RecurrenceSuspected,
    /// The cancer is back; a clinician chooses the new plan.
    RecurrenceConfirmed,
    /// She is in palliative care.
    Palliative,
    /// Another clinic has taken over.
    Transferred,
    /// Wants no letters; another route must be agreed by a person.
    OptedOutEmail,
    /// The address was refused for good.
    AddressBad,
    /// Died. Terminal: undone only by two staff members.
    Deceased,
}

impl PatientStatus {
    /// Every status, in the order of the clinical brief.
    pub const ALL: [Self; 9] = [
        Self::Active,
        Self::Paused,
        Self::RecurrenceSuspected,
        Self::RecurrenceConfirmed,
        Self::Palliative,
        Self::Transferred,
        Self::OptedOutEmail,
        Self::AddressBad,
        Self::Deceased,
    ];

    /// The words of [`PatientStatus::ALL`], same order; SQL's CHECK lists the same.
    pub const WORDS: [&'static str; 9] = [
        "active",
        "paused",
        "recurrence_suspected",
        "recurrence_confirmed",
        "palliative",
        "transferred",
        "opted_out_email",
        "address_bad",
        "deceased",
    ];

    /// The word in files, SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// The value of that word in SQL, JSON and commands.
    ///
    /// # Errors
    /// [`PatientFault::Status`] with the word that was found.
    pub fn parse(word: &str) -> Result<Self, PatientFault> {
        Self::ALL.into_iter().find(|s| s.word() == word).ok_or_else(|| PatientFault::Status(word.to_owned()))
    }

    /// Whether a letter may leave to someone in this status.
    #[must_use]
    pub const fn may_receive(self) -> bool {
        matches!(self, Self::Active)
    }

    /// Whether a letter may answer her who wrote to us in this status: she asked, and needs the numbers to ring.
    #[must_use]
    pub const fn may_be_answered(self) -> bool {
        !matches!(self, Self::OptedOutEmail | Self::AddressBad | Self::Deceased)
    }

    /// Whether a roster may say so of somebody on record: it only stops letters, and is hers or her death's to say.
    #[must_use]
    pub const fn ends_letters(self) -> bool {
        matches!(self, Self::Deceased | Self::OptedOutEmail)
    }

    /// Whether her plan goes on in this status. Where letters only cannot leave (she wants none, her address is dead) visits and forms are
    /// owed all the same: opting out of mail never ends follow-up (clinical brief §5), only another plan, another clinic or a death does.
    #[must_use]
    pub const fn keeps_plan(self) -> bool {
        matches!(self, Self::Active | Self::Paused | Self::OptedOutEmail | Self::AddressBad)
    }

    /// Whether the clinic cares for her: she lives, and no other clinic does.
    #[must_use]
    pub const fn is_in_care(self) -> bool {
        !matches!(self, Self::Transferred | Self::Deceased)
    }

    /// Whether letters ask for what her plan owes: now, or again once a pause is over.
    #[must_use]
    pub const fn is_asked_by_letter(self) -> bool {
        matches!(self, Self::Active | Self::Paused)
    }
}

/// Row identity of a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProxyId(pub i64);

/// Whoever acts for a patient now, as far as letters need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// The row that says who it is.
    pub id: ProxyId,
    /// How letters greet the proxy.
    pub name: PreferredName,
    /// Where letters about the patient go, and nowhere else.
    pub email: EmailAddress,
    /// BCP 47 primary language of those letters and their pages.
    pub language: String,
    /// The last day on which letters go there; `None` until somebody ends it.
    pub until: Option<Date>,
    /// Whether a mail server refused the address for good: no letter leaves then.
    pub is_refused: bool,
}

impl Proxy {
    /// Whether the last agreed day has passed.
    #[must_use]
    pub fn is_over(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }
}

/// A patient as the modules above the store see her.
#[derive(Debug, Clone)]
pub struct Patient {
    /// Her row in the database.
    pub id: PatientId,
    /// The clinic's case code.
    pub reference: Reference,
    /// What she wants to be called.
    pub name: PreferredName,
    /// Second factor on her pages.
    pub birth_on: Date,
    /// Where letters go; `None` for someone reached by paper or phone only.
    pub email: Option<EmailAddress>,
    /// BCP 47 primary language of letters and pages, e.g. `en`, `es`.
    pub language: String,
    /// IANA zone name, kept as written; offsets are never stored.
    pub zone: String,
    /// How much a letter may say.
    pub detail: Detail,
    /// Whether that is the clinic's level, and goes with it: nobody chose one for her.
    pub detail_follows: bool,
    /// Whether others read the same mailbox.
    pub shared_inbox: bool,
    /// Which letters she gets, and why no others.
    pub status: PatientStatus,
    /// The day a pause ends by itself.
    pub paused_until: Option<Date>,
    /// Why she may have died, while that is why letters to her wait.
    pub suspected_death: Option<SuspectedDeath>,
    /// Who acts for her and gets her letters in her place.
    pub proxy: Option<Proxy>,
}

impl Patient {
    /// Whether she may have died, and nobody has found out yet.
    #[must_use]
    pub const fn may_have_died(&self) -> bool {
        self.suspected_death.is_some()
    }

    /// Where letters about her go: to whoever acts for her, else to herself. `None` where they can go nowhere: one that was
    /// promised to a proxy never goes to another mailbox because the proxy's is dead.
    #[must_use]
    pub fn letters_to(&self) -> Option<&EmailAddress> {
        match &self.proxy {
            Some(proxy) => Some(&proxy.email).filter(|_| !proxy.is_refused),
            None => self.email.as_ref(),
        }
    }

    /// Whether a letter can go to her, or to whoever acts for her, now.
    #[must_use]
    pub fn gets_letters(&self) -> bool {
        self.status.may_receive() && self.letters_to().is_some()
    }

    /// The language of those letters, and of the pages they lead to.
    #[must_use]
    pub fn letter_language(&self) -> &str {
        self.proxy.as_ref().map_or(&self.language, |proxy| &proxy.language)
    }

    /// Whether a message from there comes from herself or from whoever acts for her.
    #[must_use]
    pub fn writes_from(&self, from: &EmailAddress) -> bool {
        let proxy = self.proxy.as_ref().map(|proxy| &proxy.email);
        let mut own = self.email.iter().chain(proxy);
        own.any(|own| own.expose().eq_ignore_ascii_case(from.expose()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_statuses_agree_both_ways() {
        for status in PatientStatus::ALL {
            assert_eq!(PatientStatus::parse(status.word()), Ok(status));
        }
        assert!(PatientStatus::parse("dead").unwrap_err().to_string().contains("deceased"));
    }

    #[test]
    fn a_code_that_would_lead_to_another_page_is_refused_and_stays_reachable_where_it_is_on_record() {
        for code in ["../../E-9", "E/../9", "E/./9", "/E-9", "E-9/", "E//9", "..", "."] {
            assert_eq!(Reference::given(code), Err(PatientFault::ReferencePart), "{code}");
        }
        let on_record = Reference::parse("../../E-9").unwrap();
        assert_eq!(on_record.in_path(), "..%2F..%2FE-9");
        for code in ["E-9", "2026/E-9", "E..9", ".E/9.", "...", "a/b/c"] {
            assert_eq!(Reference::given(code).unwrap().in_path(), code);
        }
    }

    #[test]
    fn names_refuse_what_could_forge_a_header_or_hide_text() {
        for bad in [
            "",
            "  ",
            "Eve\r\nBcc: x@y.z",
            "a\u{202E}b",
            "a\u{61C}b",
            "a\u{2028}b",
            "a\u{0}b",
            &"x".repeat(101),
        ] {
            assert_eq!(PreferredName::parse(bad), Err(PatientFault::Name), "{bad:?}");
        }
        for good in ["Ana", " María José ", "李", "O'Neil <3", "🙂"] {
            assert!(PreferredName::parse(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn only_active_receives() {
        assert_eq!(PatientStatus::ALL.iter().filter(|s| s.may_receive()).count(), 1);
    }

    #[test]
    fn whoever_letters_ask_has_a_plan_and_so_has_whoever_wants_or_gets_none() {
        for status in PatientStatus::ALL {
            assert!(!status.is_asked_by_letter() || status.keeps_plan(), "{status:?}");
        }
        let by_people = PatientStatus::ALL.into_iter().filter(|s| s.keeps_plan() && !s.is_asked_by_letter());
        let expected = [PatientStatus::OptedOutEmail, PatientStatus::AddressBad];
        assert_eq!(by_people.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn debug_shows_no_name() {
        assert!(!format!("{:?}", PreferredName::parse("Ana").unwrap()).contains("Ana"));
    }

    #[test]
    fn the_last_day_still_counts() {
        let proxy = Proxy {
            id: ProxyId(1),
            name: PreferredName::parse("Marta").unwrap(),
            email: EmailAddress::parse("marta@mail.example").unwrap(),
            language: "en".to_owned(),
            until: Some(jiff::civil::date(2026, 3, 2)),
            is_refused: false,
        };
        assert!(
            !proxy.is_over(jiff::civil::date(2026, 3, 2)) && proxy.is_over(jiff::civil::date(2026, 3, 3))
        );
        assert!(!Proxy { until: None, ..proxy }.is_over(jiff::civil::date(9999, 1, 1)));
    }
}
