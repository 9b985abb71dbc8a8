//! What no daemon starts with, and no reload takes: files that cannot be read, rules that nobody signed, words that cannot be
//! written, and what would tell a stranger why a letter comes (P10). `check` looks at far more; this is what would fail patients one
//! by one.

use std::collections::BTreeSet;

use crate::care::triage::judging::JudgingMode;
use crate::config::checklists::checklist;
use crate::config::file::fault::Fault;
use crate::config::sources::Sources;
use crate::config::{Config, embedded};
use crate::daemon::assembly::alert_settings::STANDARD;
use crate::daemon::assembly::forbidden_keys::{self, ForbiddenKey};
use crate::daemon::assembly::wording::{layers, named_faults};
use crate::letter::compose::Composer;
use crate::letter::proof::forbidden::told_outside;
use crate::letter::proof::prove::dry_run;
use crate::letter::sources::is_ours;
use crate::letter::wording::Wording;

/// Every reason to refuse.
///
/// # Errors
/// The faults, each with what to do.
pub fn prove(config: &Config, sources: &Sources) -> Result<(), Vec<Fault>> {
    // What the clinic signed itself and changed since is judged by nobody: no start is refused for it.
    let unsigned = unsigned(config, sources).filter(|_| is_operators(config));
    let mut faults: Vec<Fault> = unsigned.map(|unsigned| unsigned.fault()).into_iter().collect();
    faults.extend(sources.faults());
    faults.extend(of_words(config, sources));
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// A signature that does not stand under the rules in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    /// The version that was signed.
    pub signed: String,
    /// The version that would judge.
    pub in_force: String,
}

impl Unsigned {
    /// What to do about it.
    pub const HINT: &str = "let a clinician read this version (`aftercare checklist` shows it), sign it, and write it here; \
                            until then use `education`";

    fn fault(&self) -> Fault {
        Fault {
            file: "aftercare.toml".to_owned(),
            line: 0,
            problem: format!("`checklists.sign_off.version`: {self}"),
            hint: Self::HINT.to_owned(),
        }
    }
}

impl std::fmt::Display for Unsigned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` was signed, but version `{}` is in force", self.signed, self.in_force)
    }
}

/// Whether the operator decides who judges answers, and not the clinic.
#[must_use]
pub fn is_operators(config: &Config) -> bool {
    config.origin.fixed("checklists.mode").is_some()
}

/// Who signed one version has not signed another. A checklist with faults of its own has no version
/// to compare; they are told elsewhere.
#[must_use]
pub fn unsigned(config: &Config, sources: &Sources) -> Option<Unsigned> {
    let lists = &config.checklists;
    let signed = lists.sign_off.as_ref().filter(|_| lists.mode == JudgingMode::Triage)?.version.clone();
    let in_force = checklist::load(STANDARD, sources).ok()?.checklist.version;
    (signed != in_force).then_some(Unsigned { signed, in_force })
}

/// Faults of what the operator's files say. Those that keep the words from being read at all are told elsewhere.
fn of_words(config: &Config, sources: &Sources) -> Vec<Fault> {
    // What staff word themselves is proved where it is laid on, and refuses no start.
    let Ok(wording) = layers(config, sources).map(|layers| layers.files) else { return Vec::new() };
    let mut faults = named_faults(told_outside(&wording), sources);
    faults.extend(forbidden_keys::found(config, &wording).iter().map(ForbiddenKey::fault));
    faults.extend(unwritable(&wording, &altered(config, sources), sources));
    faults
}

/// Letters that would fail when they are due, in the languages the clinic's own files change.
fn unwritable(wording: &Wording, languages: &BTreeSet<String>, sources: &Sources) -> Vec<Fault> {
    if languages.is_empty() {
        return Vec::new();
    }
    let Ok(composer) = Composer::new(wording) else { return Vec::new() };
    named_faults(dry_run(&composer, wording, languages), sources)
}

/// The languages in which a file of the clinic's own says something else than the shipped one.
fn altered(config: &Config, sources: &Sources) -> BTreeSet<String> {
    let paths = ["letters/", "leaflets/"].into_iter().flat_map(|folder| sources.list(folder));
    let own = paths.filter(|path| is_ours(path) && sources.text(path) != embedded::text(path));
    let mut languages = BTreeSet::new();
    for path in own {
        match path.split('/').collect::<Vec<_>>()[..] {
            [_, language, _] => drop(languages.insert(language.to_owned())),
            // The page every letter stands on.
            _ => languages.extend(config.sending.languages.iter().cloned()),
        }
    }
    languages
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::care::address::EmailAddress;
    use crate::config::load;
    use crate::config::sections::paths::Paths;

    use crate::daemon::demo::folder::DemoFolder;

    fn ground(file: &str, text: impl AsRef<[u8]>) -> (tempfile::TempDir, Config, Sources) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        let config = load::shipped(dir.path()).unwrap();
        let sources = Sources::of(&Paths { letters: Some(dir.path().join("letters")), ..Paths::default() });
        (dir, config, sources)
    }

    #[test]
    fn a_template_without_end_is_refused_by_its_name() {
        let endless = "x\n{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
        let (_dir, config, sources) = ground("letters/en/book.txt.j2", endless);
        let faults = prove(&config, &sources).unwrap_err();
        assert!(faults[0].file.ends_with("letters/en/book.txt.j2"), "{faults:?}");
        assert!(faults[0].problem.contains("does not come to an end"), "{faults:?}");
    }

    #[test]
    fn only_languages_the_clinic_writes_otherwise_are_tried() {
        let shipped = embedded::text("letters/es/book.txt.j2").unwrap();
        let (_dir, config, sources) = ground("letters/es/book.txt.j2", &shipped);
        assert!(altered(&config, &sources).is_empty() && prove(&config, &sources).is_ok());
        let (_dir, config, sources) = ground("letters/es/book.txt.j2", format!("{shipped}\nGracias."));
        assert_eq!(altered(&config, &sources), BTreeSet::from(["es".to_owned()]));
        assert_eq!(prove(&config, &sources), Ok(()));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_refused_and_the_shipped_one_does_not_take_its_place() {
        let (_dir, config, sources) = ground("letters/en/book.txt.j2", b"ma\xf1ana");
        let faults = prove(&config, &sources).unwrap_err();
        assert!(faults[0].file.ends_with("letters/en/book.txt.j2"), "{faults:?}");
        assert!(faults[0].problem.contains("is not UTF-8"), "{faults:?}");
    }

    #[test]
    fn what_tells_a_stranger_why_a_letter_comes_is_refused_although_no_letter_is_changed() {
        type Change = fn(&mut Config);
        let clean = load::shipped(Path::new("/srv")).unwrap();
        assert_eq!(prove(&clean, &Sources::shipped()), Ok(()));
        let with = |change: Change| {
            let mut config = clean.clone();
            change(&mut config);
            prove(&config, &Sources::shipped()).unwrap_err()
        };
        let changes: [(&str, Change); 5] = [
            ("clinic.short_name", |config| config.clinic.short_name = "Cancer Clinic".to_owned()),
            ("mail.from", |config| config.mail.from.name = "Cancer Clinic".to_owned()),
            ("mail.reply_to", |config| {
                config.mail.reply_to = EmailAddress::parse("cancer@riverside.example").ok();
            }),
            ("mail.message_id_domain", |config| {
                config.mail.message_id_domain = "cancer.riverside.example".to_owned();
            }),
            ("web.public_url", |config| {
                config.web.public_url = "https://cancer.riverside.example".to_owned();
            }),
        ];
        for (key, change) in changes {
            let faults = with(change);
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert!(
                faults[0].problem.contains(&format!("`{key}`")) && !faults[0].hint.is_empty(),
                "{faults:?}"
            );
        }
    }

    #[test]
    fn rules_that_nobody_signed_are_refused() {
        let place = DemoFolder {
            directory: "x".into(),
            seed: 1,
            until: "2027-01-15T09:00:00Z".parse().unwrap(),
            listeners: None,
        };
        let mut config = crate::daemon::demo::folder::config(&place).unwrap();
        assert_eq!(prove(&config, &Sources::shipped()), Ok(()));
        config.checklists.sign_off.iter_mut().for_each(|signed| signed.version = "0123456789ab".to_owned());
        let faults = prove(&config, &Sources::shipped()).unwrap_err();
        assert!(faults[0].hint.contains("aftercare checklist"), "{faults:?}");
        // What the clinic signed refuses no start: nothing is judged by it then.
        let mut clinics = load::shipped(Path::new("/srv")).unwrap();
        clinics.checklists = config.checklists.clone();
        assert!(unsigned(&clinics, &Sources::shipped()).is_some());
        assert_eq!(prove(&clinics, &Sources::shipped()), Ok(()));
        config.checklists.mode = JudgingMode::Education;
        assert_eq!(prove(&config, &Sources::shipped()), Ok(()));
    }
}
