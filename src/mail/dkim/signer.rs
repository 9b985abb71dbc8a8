//! The signer: domain, selector and key make the `DKIM-Signature` of a message.

use jiff::Timestamp;

use super::canonical::{self, Field, MessageParts};
use super::key::DkimKey;

/// The header fields that are signed. Each is named once more than it is there, so that a second one, which some programs show
/// instead of the first, breaks the signature (RFC 6376 §8.15). `List-Unsubscribe*` must be among them (RFC 8058 §4).
const SIGNED: [&str; 15] = [
    "From",
    "To",
    "Cc",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
];

/// So many names stand on a line of the signature.
const NAMES_A_LINE: usize = 3;
/// So many characters of base64 stand on a line of the signature.
const WIDTH: usize = 72;

/// Signs in a domain's name.
#[derive(Debug)]
pub struct DkimSigner {
    /// The domain that vouches (`d=`).
    pub domain: String,
    /// Which of its keys (`s=`).
    pub selector: String,
    /// The private key that signs.
    pub key: DkimKey,
}

impl DkimSigner {
    /// The `DKIM-Signature` field of a message, folded, with its line end, to stand before it. The same message, instant and key
    /// give the same field. Where the library fails it is empty: a letter that leaves unsigned may be read, one that stays is not.
    #[must_use]
    pub fn field(&self, message: &[u8], at: Timestamp) -> String {
        let message = String::from_utf8_lossy(message);
        let MessageParts { fields, body } = canonical::parts(&message);
        let (names, mut signed) = chosen(&fields);
        let value = self.unsigned_value(&names, &canonical::body_hash(body), at);
        signed.push_str(&canonical::relaxed(NAME, &value));
        match self.key.sign(signed.as_bytes()) {
            Ok(signature) => format!("{NAME}: {value}{}\r\n", folded(&signature)),
            Err(fault) => {
                tracing::error!(%fault, "a letter could not be signed and leaves without a signature");
                String::new()
            }
        }
    }

    /// The field's value but for the signature itself, which its last tag waits for.
    fn unsigned_value(&self, names: &[&str], body_hash: &[u8], at: Timestamp) -> String {
        let (algorithm, domain, selector) = (self.key.algorithm.word(), &self.domain, &self.selector);
        let names: Vec<String> = names.chunks(NAMES_A_LINE).map(|line| line.join(":")).collect();
        let (names, body_hash) = (names.join(":\r\n  "), data_encoding::BASE64.encode(body_hash));
        format!(
            "v=1; a={algorithm}; c=relaxed/relaxed;\r\n d={domain};\r\n s={selector}; t={};\r\n h={names};\r\n bh={body_hash};\r\n b=",
            at.as_second().max(0)
        )
    }
}

const NAME: &str = "DKIM-Signature";

/// The names for `h=`, and the fields they stand for as they are signed: of a name that is there twice, the last one first.
fn chosen(fields: &[Field<'_>]) -> (Vec<&'static str>, String) {
    let (mut names, mut signed) = (Vec::new(), String::new());
    for name in SIGNED {
        for field in fields.iter().rev().filter(|field| field.name.trim_end().eq_ignore_ascii_case(name)) {
            names.push(name);
            signed.push_str(&field.relaxed());
        }
        names.push(name);
    }
    (names, signed)
}

fn folded(base64: &str) -> String {
    let lines: Vec<_> = base64.as_bytes().chunks(WIDTH).map(String::from_utf8_lossy).collect();
    lines.join("\r\n  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::dkim::record::DkimRecord;
    use crate::mail::mime;
    use crate::mail::tests::letter;

    fn signer(key: &rcgen::KeyPair) -> DkimSigner {
        let key = DkimKey::from_pem(&key.serialize_pem().into()).unwrap();
        DkimSigner { domain: "clinic.example".to_owned(), selector: "a-1".to_owned(), key }
    }

    fn edwards() -> rcgen::KeyPair {
        rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap()
    }

    fn tag<'a>(field: &'a str, name: &str) -> &'a str {
        let mut tags = field.split(';').map(|tag| tag.trim_start().trim_start_matches("DKIM-Signature: "));
        tags.find_map(|tag| tag.strip_prefix(name)?.strip_prefix('=')).unwrap()
    }

    #[test]
    fn a_second_copy_is_signed_word_for_word_like_the_first_and_another_key_gives_another_signature() {
        let (one, other, message, at) =
            (signer(&edwards()), signer(&edwards()), mime::format(&letter()), letter().date);
        let field = one.field(&message, at);
        assert_eq!(field, one.field(&message, at));
        assert_ne!(field, other.field(&message, at));
        assert_eq!(tag(&field, "t"), at.as_second().to_string());
        assert_eq!((tag(&field, "d"), tag(&field, "s")), ("clinic.example", "a-1"));
        let is_folded = |line: &str| line.starts_with(' ') && line.len() <= 78;
        assert!(field.is_ascii() && field.trim_end().split("\r\n").skip(1).all(is_folded), "{field}");
    }

    #[test]
    fn each_header_is_signed_once_more_than_it_is_there() {
        let field = signer(&edwards()).field(&mime::format(&letter()), letter().date);
        let signed: String = tag(&field, "h").split_whitespace().collect();
        let times = |name: &str| signed.split(':').filter(|signed| *signed == name).count();
        for name in
            ["From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"]
        {
            assert_eq!(times(name), 2, "{name}: {signed}");
        }
        assert_eq!((times("Cc"), times("Reply-To"), times("Content-Transfer-Encoding")), (1, 1, 1));
    }

    #[test]
    fn the_record_publishes_the_bare_key_in_strings_that_dns_takes() {
        let key = edwards();
        let record = DkimRecord::of(&signer(&key));
        assert_eq!(record.name, "a-1._domainkey.clinic.example");
        let public = data_encoding::BASE64.encode(key.public_key_raw());
        assert_eq!(record.value, format!("v=DKIM1; k=ed25519; p={public}"));
        let long = DkimRecord { value: "x".repeat(511), ..record };
        let lengths: Vec<usize> = long.strings().iter().map(|string| string.len()).collect();
        assert_eq!(lengths, [255, 255, 1]);
    }
}
