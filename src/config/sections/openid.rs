//! `[openid]`: the hospital's OpenID Connect provider, through which staff may sign in at the console.

use std::path::{Path, PathBuf};

use crate::config::file::addresses::issuer;
use crate::config::file::reader::{Section, SpannedValue, ValueFault, ValueResult};
use crate::config::file::values::{LONGEST_PATH, list, one_of, path, text, words};

/// The provider and what we are called there. The client secret is no part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenId {
    /// The provider's name for itself, letter by letter as in its discovery document.
    pub issuer: String,
    /// What staff call it: "Sign in with St. Example".
    pub name: String,
    /// The id under which the provider knows this console.
    pub client_id: String,
    /// Name of the credential, or absolute path of the file, that holds the client secret.
    pub client_secret_credential: String,
    /// Further roots to trust (PEM), beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Scopes asked for beside `openid`.
    pub scopes: Vec<String>,
    /// What the provider is asked to show to whoever signs in.
    pub prompt: OpenIdPrompt,
    /// Where there are any, the `acr` of a sign-in must be one of these.
    pub require_acr: Vec<String>,
    /// Where there are any, the `amr` of a sign-in must hold one of these.
    pub require_amr: Vec<String>,
}

/// What the provider is asked to show, though somebody may be signed in there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenIdPrompt {
    /// Its sign-in, each time: on a ward, the browser may be somebody else's.
    Login,
    /// The choice of an account.
    SelectAccount,
    /// Whatever it shows by itself, which may be nothing.
    Provider,
}

impl OpenId {
    /// Reads the section; `None` where there is none, and when something it needs is missing or wrong, which has then been
    /// reported.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Option<Self> {
        if !s.is_there() {
            return None;
        }
        let issuer = s.need("issuer", issuer);
        let name = s.need("name", words(40));
        let client_id = s.need("client_id", words(255));
        let client_secret_credential = s.need("client_secret_credential", words(LONGEST_PATH));
        let ca_file = s.may("ca_file", path);
        let scopes = s.or("scopes", Vec::new(), |v| list(v, token));
        let prompts = [
            ("login", OpenIdPrompt::Login),
            ("select_account", OpenIdPrompt::SelectAccount),
            ("provider", OpenIdPrompt::Provider),
        ];
        let prompt = s.or("prompt", OpenIdPrompt::Login, |v| one_of(v, &prompts));
        let require_acr = s.or("require_acr", Vec::new(), |v| list(v, token));
        let require_amr = s.or("require_amr", Vec::new(), |v| list(v, token));
        s.close();
        Some(Self {
            issuer: issuer?,
            name: name?,
            client_id: client_id?,
            client_secret_credential: client_secret_credential?,
            ca_file,
            scopes,
            prompt,
            require_acr,
            require_amr,
        })
    }

    /// Makes a relative path count from `base`.
    pub(in crate::config) fn settle(&mut self, base: &Path) {
        self.ca_file.iter_mut().for_each(|path| *path = base.join(&*path));
    }
}

/// One word that the provider knows: a scope, an `acr`, an `amr` (RFC 6749, appendix A.4).
fn token(value: &SpannedValue<'_>) -> ValueResult<String> {
    let word = text(value)?;
    let fits = word.len() <= 200 && word.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
    let problem = format!("`{word}` is not one word");
    let hint = "write each word as the provider's manual has it, in quotes of its own";
    if fits { Ok(word) } else { Err(ValueFault::new(value, problem, hint)) }
}
