//! What opens the clinic's account with its mail provider: a password that lies somewhere, or access tokens that are fetched.

use std::fmt::{Debug, Formatter};
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

/// Reads the password or token; the error says where it was looked for, never what was found.
pub type ReadPassword = dyn Fn() -> Result<SecretString, String> + Send + Sync;

/// Why there is nothing to sign in with; the words say what to do next and hold no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// It cannot be read on this machine.
    #[error("{0}")]
    Unreadable(String),
    /// Who issues tokens is away; nobody has refused us.
    #[error("{0}")]
    IssuerAway(String),
    /// Who issues tokens gives us none until somebody mends something.
    #[error("{0}")]
    IssuerRefuses(String),
}

/// Who issues access tokens. Both calls block, for some seconds at worst.
pub trait TokenIssuer: Send + Sync {
    /// A token that is good now.
    ///
    /// # Errors
    /// [`PasswordFault`].
    fn token(&self) -> Result<SecretString, PasswordFault>;

    /// A server did not take this token: whether the next one may be another.
    fn drop_refused(&self, refused: &SecretString) -> bool;
}

/// Where the password or token comes from. Asked again for each connection, so that a rotated one works at once.
#[derive(Clone)]
pub struct PasswordSource(PasswordOrigin);

#[derive(Clone)]
enum PasswordOrigin {
    Kept(Arc<ReadPassword>),
    Issued(Arc<dyn TokenIssuer>),
}

impl PasswordSource {
    /// Wraps a reader, e.g. of a file under `$CREDENTIALS_DIRECTORY`.
    pub fn new(read: impl Fn() -> Result<SecretString, String> + Send + Sync + 'static) -> Self {
        Self(PasswordOrigin::Kept(Arc::new(read)))
    }

    /// Tokens of an issuer.
    #[must_use]
    pub fn issued(by: Arc<dyn TokenIssuer>) -> Self {
        Self(PasswordOrigin::Issued(by))
    }

    /// The content of a file, e.g. a systemd credential, without the line end after it.
    #[must_use]
    pub fn file(path: PathBuf) -> Self {
        Self::new(move || {
            let words =
                std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            match words.trim_end_matches(['\r', '\n']) {
                "" => Err(format!("{} is empty", path.display())),
                words => Ok(words.into()),
            }
        })
    }

    /// Reads the password from where it is kept, or gets a token.
    ///
    /// # Errors
    /// What the reader or the issuer said.
    pub async fn read(&self) -> Result<SecretString, PasswordFault> {
        match &self.0 {
            PasswordOrigin::Kept(read) => read().map_err(PasswordFault::Unreadable),
            PasswordOrigin::Issued(issuer) => {
                let issuer = Arc::clone(issuer);
                let asked = tokio::task::spawn_blocking(move || issuer.token()).await;
                let broken = |_| Err(PasswordFault::IssuerAway("the call broke off".to_owned()));
                asked.unwrap_or_else(broken)
            }
        }
    }

    /// A server did not take what was read: whether reading again may give something else.
    pub async fn drop_refused(&self, refused: &SecretString) -> bool {
        match &self.0 {
            PasswordOrigin::Kept(_) => false,
            PasswordOrigin::Issued(issuer) => {
                let (issuer, refused) = (Arc::clone(issuer), refused.clone());
                // Another connection may be fetching one just now.
                tokio::task::spawn_blocking(move || issuer.drop_refused(&refused)).await.unwrap_or(false)
            }
        }
    }
}

impl Debug for PasswordSource {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordSource(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_file_is_read_anew_without_its_line_end() {
        use secrecy::ExposeSecret;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("smtp");
        let source = PasswordSource::file(path.clone());
        assert!(source.read().await.unwrap_err().to_string().starts_with(&path.display().to_string()));
        for (words, want) in [("one\n", Some("one")), (" two \r\n", Some(" two ")), ("\n", None)] {
            std::fs::write(&path, words).unwrap();
            assert_eq!(
                source.read().await.ok().map(|secret| secret.expose_secret().to_owned()).as_deref(),
                want
            );
        }
    }
}
