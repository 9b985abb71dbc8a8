//! What staff may decide for themselves, beside the operator's file: its names, the keys of `aftercare.toml` it stands for, and
//! whether it counts at once.

/// Something that staff decide. A key of it that stands in `aftercare.toml` is the operator's and wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Setting {
    /// The number answered in opening hours.
    OfficePhone,
    /// The number answered day and night.
    DayAndNightPhone,
    /// The country's emergency number.
    EmergencyNumber,
    /// Who is told of an alert, and when.
    Ladder,
    /// Who of them is away, and who is told in the place.
    Absences,
    /// Days on which no routine letter leaves.
    Holidays,
    /// Hour, window and weekdays of letters, and how many of them one patient gets.
    SendingHours,
    /// When people are there to answer: in words for patients, and as hours for what staff are asked to do.
    OpeningHours,
    /// How much letters say where a patient's record does not say it.
    DetailDefault,
    /// The leaflets that patients may read, and whether they may read the list of centres.
    Reading,
    /// Whether staff read answers, or rules that a clinician signed judge them. Changed by a signature only.
    Judging,
    /// The list of centres itself: a file of its own.
    Centres,
    /// For how many years records are kept.
    Retention,
}

/// What has to happen before a new version counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingProof {
    /// Nothing: it counts as soon as it is saved.
    None,
    /// Somebody rang the number, and the clinic answered.
    Rung,
    /// Somebody compared it with what the country publishes: nobody rings an emergency number to try it.
    Compared,
}

/// A version of a setting that counts, as configuration reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingInForce {
    /// Which setting it is a version of.
    pub setting: Setting,
    /// The row of the version, by which its history names it.
    pub version: i64,
    /// Its keys and values, as they would stand in `aftercare.toml`.
    pub text: String,
}

/// Keys that are tables: whoever decides one decides each key in it.
const TABLES: [&str; 1] = ["checklists.sign_off"];

impl Setting {
    /// Every setting there is, in the order in which staff read them.
    pub const ALL: [Self; 13] = [
        Self::OfficePhone,
        Self::DayAndNightPhone,
        Self::EmergencyNumber,
        Self::OpeningHours,
        Self::Ladder,
        Self::Absences,
        Self::Holidays,
        Self::SendingHours,
        Self::DetailDefault,
        Self::Reading,
        Self::Judging,
        Self::Centres,
        Self::Retention,
    ];

    /// The word in SQL, JSON, commands and addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::OfficePhone => "office-phone",
            Self::DayAndNightPhone => "day-and-night-phone",
            Self::EmergencyNumber => "emergency-number",
            Self::Ladder => "ladder",
            Self::Absences => "absences",
            Self::Holidays => "holidays",
            Self::SendingHours => "sending-hours",
            Self::OpeningHours => "opening-hours",
            Self::DetailDefault => "detail-default",
            Self::Reading => "reading",
            Self::Judging => "judging",
            Self::Centres => "centres",
            Self::Retention => "retention",
        }
    }

    /// The setting of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.word() == word)
    }

    /// What staff call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::OfficePhone => "Telephone in opening hours",
            Self::DayAndNightPhone => "Telephone day and night",
            Self::EmergencyNumber => "Emergency number of the country",
            Self::Ladder => "Alert ladder",
            Self::Absences => "Who is away",
            Self::Holidays => "Holidays",
            Self::SendingHours => "Hours and number of letters",
            Self::OpeningHours => "Opening hours",
            Self::DetailDefault => "How much letters say",
            Self::Reading => "Leaflets and centres",
            Self::Judging => "Who judges answers",
            Self::Centres => "List of centres",
            Self::Retention => "How long records are kept",
        }
    }

    /// Under which heading staff look for it.
    #[must_use]
    pub const fn group(self) -> &'static str {
        match self {
            Self::OfficePhone | Self::DayAndNightPhone | Self::EmergencyNumber => "Numbers to ring",
            Self::Ladder | Self::Absences => "Who is told of an alert",
            Self::Holidays | Self::SendingHours => "When letters leave",
            Self::OpeningHours => "When the clinic is open",
            Self::DetailDefault => "What letters say",
            Self::Reading | Self::Centres => "What patients may read",
            Self::Retention => "What is kept",
            Self::Judging => "What becomes of answers",
        }
    }

    /// The keys of `aftercare.toml` that it decides.
    #[must_use]
    pub const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::OfficePhone => &["clinic.phone_office"],
            Self::DayAndNightPhone => &["clinic.phone_24h"],
            Self::EmergencyNumber => &["clinic.emergency_number"],
            Self::Ladder => &["alerts.ladder"],
            Self::Absences => &["alerts.absence"],
            Self::Holidays => &["clinic.holidays"],
            Self::SendingHours => &[
                "sending.at",
                "sending.window",
                "sending.weekdays",
                "sending.daily_cap",
                "sending.weekly_cap",
            ],
            Self::OpeningHours => &[
                "clinic.opening_hours",
                "clinic.in.*.opening_hours",
                "clinic.staffed",
                "clinic.staffed_weekdays",
            ],
            Self::DetailDefault => &["sending.detail"],
            Self::Reading => &["learn.leaflets", "learn.centres"],
            Self::Judging => &["checklists.mode", "checklists.sign_off"],
            Self::Centres => &["paths.centres"],
            Self::Retention => &["retention.after_last_contact", "retention.after_death"],
        }
    }

    /// The file that its text stands for; `None` where it stands for keys of `aftercare.toml`.
    #[must_use]
    pub const fn file(self) -> Option<&'static str> {
        match self {
            Self::Centres => Some("centres.toml"),
            _ => None,
        }
    }

    /// Whether it decides this key, or the table that the key stands in; a `*` among its keys stands for any one name.
    #[must_use]
    pub fn decides(self, key: &str) -> bool {
        let fits = |pattern: &&str| {
            let (wanted, given) = (pattern.split('.'), key.split('.'));
            let is_within = TABLES.contains(pattern) && wanted.clone().count() < given.clone().count();
            (is_within || wanted.clone().count() == given.clone().count())
                && wanted.zip(given).all(|(part, name)| part == "*" || part == name)
        };
        self.keys().iter().any(fits)
    }

    /// The setting that decides a key; `None` for a key that is the operator's alone.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.decides(key))
    }

    /// What has to happen before a new version counts.
    #[must_use]
    pub const fn proof(self) -> SettingProof {
        match self {
            Self::OfficePhone | Self::DayAndNightPhone => SettingProof::Rung,
            Self::EmergencyNumber => SettingProof::Compared,
            _ => SettingProof::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_one_word_and_no_key_has_two_settings() {
        for setting in Setting::ALL {
            assert_eq!(Setting::parse(setting.word()), Some(setting));
            for key in setting.keys() {
                assert_eq!(Setting::of_key(key), Some(setting), "{key}");
            }
        }
        assert_eq!(Setting::of_key("clinic.in.es.opening_hours"), Some(Setting::OpeningHours));
        for key in ["mail.from", "clinic.in.es.emergency_dept", "clinic.in.es", "clinic.opening_hours.x"] {
            assert_eq!(Setting::of_key(key), None, "{key}");
        }
    }
}
