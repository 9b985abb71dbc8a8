//! A letter to try the way out: about nobody, marked in every part, on a connection of its own. Whoever asks for one has
//! looked whether the operator allows the address.

use jiff::Timestamp;

use crate::care::address::EmailAddress;
use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::receipt::Receipt;
use crate::journey::sending_policy::Policy;
use crate::letter::content::Letter;
use crate::ports::{Courier, Entropy, LastLook, MessageBytes, Outgoing, Transfer};

/// The header that marks a test.
const MARK: &str = "X-Aftercare-Test";

/// A letter that is to be tried.
#[derive(Debug, Clone)]
pub struct TestLetter {
    /// The address that it goes to.
    pub to: EmailAddress,
    /// The kind of letter, e.g. `book`.
    pub name: String,
    /// What it says, as a patient would get it.
    pub letter: Letter,
    /// When it is sent.
    pub at: Timestamp,
}

impl TestLetter {
    /// The letter as it leaves: marked, and with an envelope of its own.
    #[must_use]
    pub fn outgoing(self, policy: &Policy, entropy: &dyn Entropy) -> Outgoing {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        Outgoing {
            message_id: format!(
                "test-{}@{}",
                data_encoding::HEXLOWER.encode(&bytes),
                policy.message_id_domain
            ),
            date: self.at,
            return_path: policy.from.1.clone(),
            from: policy.from.clone(),
            reply_to: policy.reply_to.clone(),
            to: self.to,
            unsubscribe: None,
            headers: vec![(MARK, self.name)],
            letter: marked(self.letter),
            wire: MessageBytes::default(),
        }
    }
}

/// Carries it on a new connection, and says what the server replied.
pub async fn carry(courier: &dyn Courier, outgoing: &Outgoing) -> Receipt {
    let mut connection = courier.connection();
    let receipt = match connection.ready().await {
        Ok(_) => match connection.transfer(outgoing, &Meant).await {
            Transfer::Over(receipt) | Transfer::LineGone(receipt) => receipt,
            Transfer::Stopped => not_sent(),
        },
        Err(receipt) => receipt,
    };
    connection.rest().await;
    receipt
}

/// Whoever asks for a test means it: it is about nobody.
struct Meant;

impl LastLook for Meant {
    fn may_leave(&self) -> bool {
        true
    }
}

fn not_sent() -> Receipt {
    Receipt::unsaid(AttemptVerdict::Later, "nothing was sent".to_owned())
}

fn marked(mut letter: Letter) -> Letter {
    const NOTE: &str = "TEST: this letter was written to try the way out. It is about nobody.";
    letter.subject = format!("[TEST] {}", letter.subject);
    letter.text = format!("{NOTE}\n\n{}", letter.text);
    let body = letter.html.find("<body").and_then(|at| Some(at + letter.html[at..].find('>')? + 1));
    letter.html.insert_str(body.unwrap_or(0), &format!("<p>{NOTE}</p>"));
    // An invitation that is only tried must not land in a calendar.
    letter.calendar = None;
    letter
}
