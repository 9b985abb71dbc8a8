//! What became of one attempt: what the server said and where, or in whose words it is known that it said nothing.

use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::classify::DialogueStage;

/// What became of one attempt, as the server, a lease that ran out or a notice tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What it means for the letter.
    pub verdict: AttemptVerdict,
    /// The stage at which the server said it; `None` where it said nothing.
    pub at: Option<DialogueStage>,
    /// The reply code (RFC 5321); `None` if none came, 550 for a notice that names none.
    pub code: Option<u16>,
    /// The enhanced status code (RFC 3463), e.g. `5.1.1`, if one came.
    pub enhanced: Option<String>,
    /// The reply's words, or what went wrong; no address in it.
    pub reply: String,
    /// SHA-256 over the message as it left, but for its signature, for `replay`; `None` where none was handed over.
    pub digest: Option<[u8; 32]>,
}

impl Receipt {
    /// What no server said: a line that broke, a letter that cannot be written, a worker that died.
    #[must_use]
    pub const fn unsaid(verdict: AttemptVerdict, reply: String) -> Self {
        Self { verdict, at: None, code: None, enhanced: None, reply, digest: None }
    }
}
