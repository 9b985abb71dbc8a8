//! The folder a demo is played in, its configuration, and what can go wrong there.

use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::{Timestamp, ToSpan};
use toml::{Table, Value};

use crate::config::checklists::checklist;
use crate::config::file::fault::Fault;
use crate::config::{Config, embedded, load};
use crate::daemon::assembly::engine::EngineFault;
use crate::journey::errors::step::StepError;

const DATABASE: &str = "demo.db";
const LETTERS: &str = "letters";

/// What stands above the keys of the demo's configuration.
const HEADING: &str = "# The configuration of a demo: its clinic and patients are made up. \
                       `aftercare init` writes one with every key explained.\n\n";

/// Why the demo could not be played.
#[derive(Debug, thiserror::Error)]
pub enum DemoFault {
    /// The system refused a file or directory.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The engine could not be built.
    #[error(transparent)]
    Engine(#[from] EngineFault),
    /// A step of the journey failed.
    #[error(transparent)]
    Step(#[from] StepError),
}

impl From<Vec<Fault>> for DemoFault {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Engine(EngineFault::Faults(faults))
    }
}

/// Where a demo is played.
#[derive(Debug, Clone)]
pub struct DemoFolder {
    /// Holds the database, the letters and the configuration.
    pub directory: PathBuf,
    /// Seed of all chance.
    pub seed: u64,
    /// The last instant of the story.
    pub until: Timestamp,
    /// Where the pages are going to stand: patients' and staff's.
    pub listeners: Option<(SocketAddr, SocketAddr)>,
}

impl DemoFolder {
    /// Where the letters lie.
    #[must_use]
    pub fn letters(&self) -> PathBuf {
        self.directory.join(LETTERS)
    }

    /// Where the database lies.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.directory.join(DATABASE)
    }

    /// Where the configuration lies that the other commands need to look at this clinic.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.directory.join("aftercare.toml")
    }
}

/// Its password. The demo listens on this machine only, and its patients are made up.
pub const PASSWORD: &str = "made-up clinic";

/// The sign-in name of the demo's staff account.
pub const STAFF: &str = "demo";

/// The address that does not exist.
pub const DEAD: &str = "nobody-here@patients.example";

/// The sample clinic's decisions: what [`text`] says, but letters leave as fast as they can.
///
/// # Errors
/// [`DemoFault`] when the shipped configuration is faulty, which a test excludes.
pub fn config(place: &DemoFolder) -> Result<Config, DemoFault> {
    let mut config = load::settled("aftercare.toml", &text(place)?, &place.directory)?;
    config.sending.max_per_minute = 0;
    Ok(config)
}

/// The configuration file that lies beside the database: the shipped one with the demo's decisions. Its places count from
/// the folder, and what the program carries within itself is not named, so that it works wherever the folder lies.
///
/// # Errors
/// As [`config`].
pub fn text(place: &DemoFolder) -> Result<String, DemoFault> {
    let shipped = embedded::text("aftercare.toml").unwrap_or_default();
    let mut file: Table = shipped.parse().map_err(std::io::Error::other)?;
    file.remove("paths");
    let mut set = |section: &str, key: &str, value: Value| {
        let section = file.entry(section).or_insert_with(|| Value::Table(Table::new())).as_table_mut();
        section.map(|keys| keys.insert(key.to_owned(), value));
    };
    set("database", "path", DATABASE.into());
    set("mail", "transport", "spool".into());
    set("mail", "spool_dir", LETTERS.into());
    set("learn", "leaflets", Value::from(vec!["warning-signs", "late-effects", "bone-health"]));
    set("learn", "centres", true.into());
    set("checklists", "mode", "triage".into());
    set("checklists", "sign_off", sign_off(place)?.into());
    if let Some((public, console)) = place.listeners {
        set("web", "public_url", format!("http://{public}").into());
        set("web", "listen", public.to_string().into());
        set("web", "console_listen", console.to_string().into());
    }
    let keys = toml::to_string(&file).map_err(std::io::Error::other)?;
    Ok(format!("{HEADING}{keys}"))
}

fn sign_off(place: &DemoFolder) -> Result<Table, DemoFault> {
    let on = place.until.to_zoned(jiff::tz::TimeZone::UTC).date().saturating_sub(25.months());
    Ok(Table::from_iter([
        ("name".to_owned(), "nobody: a sample for the demo".into()),
        ("role".to_owned(), "no clinician".into()),
        ("date".to_owned(), on.to_string().into()),
        ("version".to_owned(), checklist::shipped()?.checklist.version.into()),
    ]))
}

/// Removes a folder, with all that lies in it, when it goes out of scope.
#[derive(Debug)]
pub struct Cleanup {
    directory: PathBuf,
}

impl Cleanup {
    /// Of this folder, which must hold nothing of anybody else's.
    #[must_use]
    pub fn of(directory: PathBuf) -> Self {
        Self { directory }
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        // What cannot be removed stays for the system to clear away; its patients are made up.
        drop(std::fs::remove_dir_all(&self.directory));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::triage::judging::JudgingMode;

    fn place(directory: &std::path::Path) -> DemoFolder {
        let listeners = Some(("127.0.0.1:4000".parse().unwrap(), "127.0.0.1:4001".parse().unwrap()));
        let until = "2026-11-26T12:00:00Z".parse().unwrap();
        DemoFolder { directory: directory.to_owned(), seed: 1, until, listeners }
    }

    #[test]
    fn the_file_beside_the_database_says_what_the_demo_lived_by() {
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path());
        std::fs::write(place.config(), text(&place).unwrap()).unwrap();
        let mut read = load::file(&place.config()).unwrap();
        assert_eq!(read.sending.max_per_minute, 600);
        read.sending.max_per_minute = 0;
        assert_eq!(format!("{read:?}"), format!("{:?}", config(&place).unwrap()));
        assert_eq!((read.database.path, read.mail.spool_dir), (place.database(), place.letters()));
        assert_eq!(read.checklists.mode, JudgingMode::Triage);
        assert_eq!(read.web.public_url, "http://127.0.0.1:4000");
    }

    #[test]
    fn a_folder_that_is_left_is_removed_with_all_that_lies_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let own = dir.path().join("own");
        std::fs::create_dir_all(own.join("letters")).unwrap();
        std::fs::write(own.join("letters/a.eml"), "a").unwrap();
        drop(Cleanup::of(own.clone()));
        assert!(!own.exists() && dir.path().exists());
    }
}
