//! `[mail.oauth]`: who issues the access tokens of an account that signs in by XOAUTH2, and how they are asked for.

use std::path::{Path, PathBuf};

use crate::config::file::addresses::url;
use crate::config::file::reader::Section;
use crate::config::file::values::{LONGEST_PATH, one_of, path, words};

/// Where access tokens come from. No secret is a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oauth {
    /// The token endpoint (RFC 6749 §3.2): https, or this very machine.
    pub token_url: String,
    /// The scopes asked for, separated by spaces; the provider's own choice when absent.
    pub scope: Option<String>,
    /// What is handed in for a token.
    pub grant: OauthGrant,
    /// Further roots to trust (PEM), beside those of the system.
    pub ca_file: Option<PathBuf>,
}

/// What is handed in for an access token. Secrets are named by credential, or by the absolute path of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OauthGrant {
    /// The client's own id and secret (RFC 6749 §4.4): Microsoft 365.
    ClientCredentials {
        /// The id under which the provider knows this program.
        client_id: String,
        /// Where the client secret is.
        client_secret_credential: String,
    },
    /// A refresh token that somebody consented to once (RFC 6749 §6): Google, an account of its own.
    RefreshToken {
        /// The id under which the provider knows this program.
        client_id: String,
        /// Where the client secret is; a public client has none.
        client_secret_credential: Option<String>,
        /// Where the refresh token is.
        refresh_token_credential: String,
    },
    /// An assertion signed with a service account's key (RFC 7523 §2.1): Google Workspace, for the mailbox that signs in.
    ServiceAccount {
        /// Where the key file (JSON) is.
        key_credential: String,
    },
}

impl OauthGrant {
    /// The secrets it needs: the key in the file, and the credential's name.
    #[must_use]
    pub fn credentials(&self) -> Vec<GrantCredential<'_>> {
        let named = |key, name| GrantCredential { key, name };
        match self {
            Self::ClientCredentials { client_secret_credential, .. } => {
                vec![named("mail.oauth.client_secret_credential", client_secret_credential)]
            }
            Self::RefreshToken { client_secret_credential, refresh_token_credential, .. } => {
                let secret = client_secret_credential.as_ref();
                let secret = secret.map(|name| named("mail.oauth.client_secret_credential", name));
                let token = named("mail.oauth.refresh_token_credential", refresh_token_credential);
                secret.into_iter().chain([token]).collect()
            }
            Self::ServiceAccount { key_credential } => {
                vec![named("mail.oauth.key_credential", key_credential)]
            }
        }
    }
}

/// A secret that a grant needs.
pub struct GrantCredential<'a> {
    /// The key of the configuration that names it.
    pub key: &'static str,
    /// Name of the credential, or absolute path of the file.
    pub name: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GrantKind {
    ClientCredentials,
    RefreshToken,
    ServiceAccount,
}

impl Oauth {
    /// Reads the section; `None` where there is none, and when something it needs is missing or wrong, which has then been
    /// reported.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Option<Self> {
        if !s.is_there() {
            return None;
        }
        let kinds = [
            ("client-credentials", GrantKind::ClientCredentials),
            ("refresh-token", GrantKind::RefreshToken),
            ("service-account", GrantKind::ServiceAccount),
        ];
        let kind = s.need("grant", |v| one_of(v, &kinds));
        let token_url = s.need("token_url", url);
        let scope = s.may("scope", words(1000));
        let ca_file = s.may("ca_file", path);
        // Without a kind nobody knows which of them belong.
        let grant = kind.map(|kind| grant(s, kind));
        if grant.is_some() {
            s.close();
        }
        Some(Self { token_url: token_url?, scope, grant: grant??, ca_file })
    }

    /// Makes a relative path count from `base`.
    pub(in crate::config) fn settle(&mut self, base: &Path) {
        self.ca_file.iter_mut().for_each(|path| *path = base.join(&*path));
    }
}

fn grant(s: &Section<'_, '_>, kind: GrantKind) -> Option<OauthGrant> {
    let credential = words(LONGEST_PATH);
    Some(match kind {
        GrantKind::ClientCredentials => {
            let client_id = s.need("client_id", words(255));
            let secret = s.need("client_secret_credential", credential);
            OauthGrant::ClientCredentials { client_id: client_id?, client_secret_credential: secret? }
        }
        GrantKind::RefreshToken => {
            let client_id = s.need("client_id", words(255));
            let client_secret_credential = s.may("client_secret_credential", &credential);
            let token = s.need("refresh_token_credential", credential);
            OauthGrant::RefreshToken {
                client_id: client_id?,
                client_secret_credential,
                refresh_token_credential: token?,
            }
        }
        GrantKind::ServiceAccount => {
            OauthGrant::ServiceAccount { key_credential: s.need("key_credential", credential)? }
        }
    })
}
