//! What everybody sees of a letter must not tell what it is about (P10): subjects, who it comes from, where its links lead.

use crate::care::address::EmailAddress;
use crate::config::Config;
use crate::config::file::fault::Fault;
use crate::config::file::mailbox::Mailbox;
use crate::letter::proof::forbidden::Forbidden;
use crate::letter::wording::Wording;

/// What to do about it.
pub const HINT: &str = "choose one that does not tell a stranger what the letter is about";

/// A key of the configuration that tells, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForbiddenKey {
    /// Its name, such as `mail.from`.
    pub key: &'static str,
    /// What it says, in a sentence.
    pub problem: String,
}

impl ForbiddenKey {
    /// The same without its line.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let problem = format!("`{}`: {}", self.key, self.problem);
        Fault { file: "aftercare.toml".to_owned(), line: 0, problem, hint: HINT.to_owned() }
    }
}

/// The keys beside the words of letters that tell: sender, where answers go, the domain of each letter's number, the pages.
#[must_use]
pub fn found(config: &Config, wording: &Wording) -> Vec<ForbiddenKey> {
    let words = Forbidden::everywhere(wording);
    let Mailbox { name, address } = &config.mail.from;
    let reply_to = config.mail.reply_to.as_ref().map_or("", EmailAddress::expose);
    let seen = [
        ("mail.from", words.told_by(name).or_else(|| words.told_by_address(address.expose()))),
        ("mail.reply_to", words.told_by_address(reply_to)),
        ("mail.message_id_domain", words.told_by_address(&config.mail.message_id_domain)),
        ("web.public_url", words.told_by_address(&config.web.public_url)),
    ];
    let told = |(key, word): (&'static str, Option<&str>)| {
        let problem = format!("it says \"{}\", and others can see it in every letter", word?);
        Some(ForbiddenKey { key, problem })
    };
    seen.into_iter().filter_map(told).collect()
}
