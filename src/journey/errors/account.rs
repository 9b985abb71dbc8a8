//! Why a console account cannot be made or changed.

/// A console account that cannot be made or changed as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The sign-in name holds other characters, none, or too many.
    #[error("a sign-in name is 1 to 40 of A-Z a-z 0-9 . _ -")]
    InvalidName,
    /// Another account has that sign-in name.
    #[error("that sign-in name is taken")]
    NameTaken,
    /// No account has that sign-in name.
    #[error("there is no account of that name")]
    Unknown,
    /// The password has fewer than 12 characters.
    #[error("a password has at least 12 characters")]
    ShortPassword,
    /// The password has more characters than anybody types.
    #[error("a password has at most 1024 characters")]
    LongPassword,
    /// The password is one key after the other, or a few of them over and over.
    #[error("that password is a few characters over and over, or a row of keys; anybody guesses it")]
    RepeatedPassword,
    /// The password stands on every list of those that are tried first, but for a few characters.
    #[error("that password is a common one with little more; it is tried first")]
    CommonPassword,
    /// The password is a name that many know, but for a few characters.
    #[error("that password is your name or the clinic's with little more; it is tried first")]
    NamedPassword,
    /// Argon2 refused the password.
    #[error("the password could not be hashed")]
    NotHashed,
    /// The password that was typed once more is not the account's.
    #[error("that is not your password")]
    WrongPassword,
    /// The code is not what the new authenticator shows.
    #[error("that code does not fit; type the one that is shown now")]
    WrongCode,
    /// Too many wrong passwords in one session.
    #[error("too many tries; wait a few minutes")]
    TooManyTries,
    /// Nobody administers her own account.
    #[error("this is your own account: another administrator changes its role and state")]
    Own,
    /// An invitation was used, taken back, or has ended.
    #[error("that invitation is over")]
    InvitationOver,
    /// The sign-in at the provider belongs to another account.
    #[error("that sign-in is connected with another account")]
    ConnectedElsewhere,
    /// The account has no connection that could end.
    #[error("that account is not connected")]
    NotConnected,
    /// The authenticator's secret, or its `otpauth://` address, could not be made.
    #[error("the authenticator's secret could not be made")]
    NoSecret,
}

impl AccountError {
    /// What to do next, for a person.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::ShortPassword | Self::RepeatedPassword | Self::CommonPassword | Self::NamedPassword => {
                "take a few words that nobody puts together: longer beats odder"
            }
            _ => "see the accounts: `aftercare staff list`",
        }
    }
}
