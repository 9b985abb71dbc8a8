//! Secrets: from systemd's credentials or a file of their own, never from the configuration.
//!
//! systemd hands credentials to the service alone. A command typed by root (`check --online`, `send-test`) finds the same
//! files in the directory that the unit loads them from, and reads them before it steps down to the service's user. Those that
//! `systemd-creds encrypt` wrote (NAME.cred) it lets systemd open, which the machine's security chip or its host key can.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use secrecy::SecretString;

/// Why a secret could not be had.
#[derive(Debug, thiserror::Error)]
pub enum CredentialFault {
    /// A name was given, but systemd handed no credentials over, and we may not read the directory it loads them from.
    #[error("credential `{0}` is not there: $CREDENTIALS_DIRECTORY is not set")]
    NoDirectory(String),
    /// The name leads out of the credentials directory.
    #[error("`{0}` is neither a credential's name nor an absolute path")]
    Name(String),
    /// The file cannot be read.
    #[error("credential `{name}` cannot be read: {reason}")]
    Unreadable {
        /// As written in the configuration.
        name: String,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Systemd does not open it, for this reason.
    #[error("credential `{0}` cannot be opened: {1}")]
    Sealed(String, String),
    /// Others than its owner may read the file of a key.
    #[error("credential `{0}` can be read by others than its owner (mode {1:o})")]
    Public(String, u32),
    /// The file is there and holds nothing.
    #[error("credential `{0}` is empty")]
    Empty(String),
}

impl CredentialFault {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoDirectory(_) => {
                "run the command as root with the file in `credentials` beside the configuration, add `LoadCredential=NAME:/path` \
                 to the unit, or write the absolute path of the file instead of a name"
            }
            Self::Name(_) => "use a plain name such as `smtp-password`",
            Self::Unreadable { reason, .. } if reason.kind() == ErrorKind::NotFound => {
                "the file is gone, or was never there: put it back, as the clinic keeps it in its safe or beside its backups, or name \
                 the right one; a new secret in its place opens nothing that the old one closed"
            }
            Self::Unreadable { .. } => "make the file readable for the service's user, and for nobody else",
            Self::Sealed(..) => {
                "run the command as root on the machine that the credential was made for; on a new machine make it anew from the \
                 secret that the clinic keeps: `systemd-creds encrypt`"
            }
            Self::Public(..) => {
                "take the rights of group and others away: `chmod 600 FILE`; if others may have read it, change the key"
            }
            Self::Empty(_) => "write the secret into the file",
        }
    }
}

/// What could be read before the program stepped down; never changed afterwards.
static REMEMBERED: OnceLock<BTreeMap<String, Remembered>> = OnceLock::new();

/// A file of the directory that the unit loads credentials from.
enum Remembered {
    /// What stands in it, where, and the mode of the file.
    Read(SecretString, PathBuf, u32),
    /// Why systemd does not open it.
    Sealed(String),
}

/// What ends the name of a file that `systemd-creds encrypt` wrote.
const SEALED: &str = ".cred";
/// The rights of group and others.
const OTHERS: u32 = 0o077;

/// Where systemd put the service's credentials.
const HANDED_OVER: &str = "CREDENTIALS_DIRECTORY";

/// Reads what lies in the directory that the unit loads credentials from, for [`secret`] to give later, when the right to
/// read it is gone. Under systemd, and for whoever may not read it, nothing happens.
pub fn remember(directory: &Path) {
    if std::env::var_os(HANDED_OVER).is_some() {
        return;
    }
    let Ok(files) = std::fs::read_dir(directory) else { return };
    let names = files.flatten().filter_map(|file| file.file_name().into_string().ok());
    let held = names.filter_map(|name| match name.strip_suffix(SEALED) {
        Some(sealed) => Some((sealed.to_owned(), unsealed(sealed, &directory.join(&name)))),
        None => {
            let secret = secret_in(Some(directory), &name).ok()?;
            let path = directory.join(&name);
            let mode = mode(&path);
            Some((name, Remembered::Read(secret, path, mode)))
        }
    });
    // The first command line's directory counts; there is no second.
    drop(REMEMBERED.set(held.collect()));
}

/// Reads the secret that the configuration calls `name`: a file of `$CREDENTIALS_DIRECTORY`, one that was remembered, or an
/// absolute path.
///
/// # Errors
/// [`CredentialFault`].
pub fn secret(name: &str) -> Result<SecretString, CredentialFault> {
    let directory = std::env::var_os(HANDED_OVER).map(PathBuf::from);
    if directory.is_none()
        && let Some(held) = REMEMBERED.get().and_then(|held| held.get(name))
    {
        return match held {
            Remembered::Read(secret, ..) => Ok(secret.clone()),
            Remembered::Sealed(why) => Err(CredentialFault::Sealed(name.to_owned(), why.clone())),
        };
    }
    secret_in(directory.as_deref(), name)
}

/// [`secret`] for a key that opens what is encrypted: its file must be its owner's alone.
///
/// # Errors
/// [`CredentialFault`].
pub fn key(name: &str) -> Result<SecretString, CredentialFault> {
    let secret = secret(name)?;
    match open_to_others(name) {
        None => Ok(secret),
        Some(open) => Err(CredentialFault::Public(name.to_owned(), open.mode)),
    }
}

/// The file of a secret that others than its owner may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCredential {
    /// The file that can be read by others, as an absolute path.
    pub path: PathBuf,
    /// Its mode, without its kind.
    pub mode: u32,
}

impl OpenCredential {
    /// Which file can be read by whom, in one sentence without the secret.
    #[must_use]
    pub fn problem(&self) -> String {
        format!("`{}` can be read by others than its owner (mode {:o})", self.path.display(), self.mode)
    }

    /// The command that closes it, and what else to think of.
    #[must_use]
    pub fn hint(&self) -> String {
        format!("`chmod 600 {}`; if others may have read it, change the secret", self.path.display())
    }
}

/// The file of the secret that the configuration calls `name`, where others than its owner may read it.
#[must_use]
pub fn open_to_others(name: &str) -> Option<OpenCredential> {
    let is_handed_over = std::env::var_os(HANDED_OVER).is_some();
    let (path, mode) = match REMEMBERED.get().and_then(|held| held.get(name)) {
        _ if Path::new(name).is_absolute() => (PathBuf::from(name), mode(Path::new(name))),
        // Systemd keeps what it hands over from everybody but the service, by means that a mode does not show.
        _ if is_handed_over => return None,
        Some(Remembered::Read(_, path, mode)) => (path.clone(), *mode),
        Some(Remembered::Sealed(_)) | None => return None,
    };
    (mode & OTHERS != 0).then_some(OpenCredential { path, mode })
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).map_or(0, |file| file.permissions().mode() & 0o777)
}

/// What systemd opens; only root may ask it to.
fn unsealed(name: &str, file: &Path) -> Remembered {
    let asked = Command::new("systemd-creds")
        .arg("decrypt")
        .arg(format!("--name={name}"))
        .arg(file)
        .arg("-")
        .stdin(Stdio::null())
        .output();
    match asked {
        Ok(told) if told.status.success() => match String::from_utf8(told.stdout) {
            Ok(text) => {
                let secret = SecretString::from(text.trim_end_matches(['\r', '\n']));
                Remembered::Read(secret, file.to_owned(), 0)
            }
            Err(_) => Remembered::Sealed("it is no text".to_owned()),
        },
        Ok(told) => Remembered::Sealed(String::from_utf8_lossy(&told.stderr).trim().to_owned()),
        Err(error) => Remembered::Sealed(format!("`systemd-creds` cannot be run: {error}")),
    }
}

/// [`secret`] with the credentials directory given.
///
/// # Errors
/// [`CredentialFault`].
pub fn secret_in(directory: Option<&Path>, name: &str) -> Result<SecretString, CredentialFault> {
    let path = locate(directory, name)?;
    let text = std::fs::read_to_string(path)
        .map_err(|reason| CredentialFault::Unreadable { name: name.to_owned(), reason })?;
    // Editors end files with a line break; no password does.
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        Err(CredentialFault::Empty(name.to_owned()))
    } else {
        Ok(SecretString::from(secret))
    }
}

fn locate(directory: Option<&Path>, name: &str) -> Result<PathBuf, CredentialFault> {
    let path = Path::new(name);
    if path.is_absolute() {
        return Ok(path.to_owned());
    }
    if name.contains('/') || name.starts_with('.') || name.is_empty() {
        return Err(CredentialFault::Name(name.to_owned()));
    }
    directory.map(|d| d.join(name)).ok_or_else(|| CredentialFault::NoDirectory(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_secret_loses_its_last_line_break_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("smtp-password"), " pass word \n").unwrap();
        let secret = secret_in(Some(dir.path()), "smtp-password").unwrap();
        assert_eq!(secret.expose_secret(), " pass word ");
    }

    #[test]
    fn the_file_of_a_key_is_its_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("database-key");
        std::fs::write(&path, "secret\n").unwrap();
        let tried = |mode| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            key(path.to_str().unwrap())
        };
        assert_eq!(tried(0o600).unwrap().expose_secret(), "secret");
        for mode in [0o640, 0o604, 0o644] {
            let fault = tried(mode).unwrap_err();
            assert!(matches!(fault, CredentialFault::Public(_, found) if found == mode), "{fault}");
            assert!(fault.hint().contains("chmod 600"));
        }
    }

    #[test]
    fn a_name_cannot_lead_out_of_the_directory() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["../shadow", "a/b", ".hidden", ""] {
            assert!(matches!(secret_in(Some(dir.path()), name), Err(CredentialFault::Name(_))), "{name}");
        }
    }

    #[test]
    fn an_empty_or_absent_secret_is_a_fault_with_a_hint() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("empty"), "\n").unwrap();
        assert!(matches!(secret_in(Some(dir.path()), "empty"), Err(CredentialFault::Empty(_))));
        assert!(matches!(secret_in(Some(dir.path()), "absent"), Err(CredentialFault::Unreadable { .. })));
        assert!(secret_in(Some(dir.path()), "absent").unwrap_err().hint().contains("put it back"));
        let directory = std::fs::create_dir(dir.path().join("closed"));
        assert!(directory.is_ok());
        assert!(secret_in(Some(dir.path()), "closed").unwrap_err().hint().contains("readable"));
        assert!(secret_in(None, "absent").unwrap_err().hint().contains("LoadCredential"));
    }
}
