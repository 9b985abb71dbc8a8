//! The key beside the database that makes tokens and Message-IDs: only digests are stored, yet a letter can be written
//! again byte for byte.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::care::patient::PatientId;
use crate::ports::Entropy;
use crate::store::answers::links::{Link, LinkPurpose};
use crate::store::db::encryption::key::keyed;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;
use crate::store::restored_ids::RestoredId;

/// So many bytes of a nonce are the moment at which its form was shown, in milliseconds since 1970 UTC: enough for 8 900 years.
const MOMENT: usize = 6;
/// No form stays on a screen for longer; what seems to have is a nonce that tells no moment.
const OPEN_AT_MOST: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 60);

/// 256 secret bits, set up once for all marks. Whoever has them can make every link: the file is as
/// secret as the database. It has no Debug.
pub struct LinkKey {
    mac: Hmac<Sha256>,
    restored_ids: Vec<RestoredId>,
}

/// What only we can have made. It is compared in one way, whose time tells nothing of how much of a guess is right: there is
/// no `==`.
pub struct NoticeSeal(String);

impl NoticeSeal {
    /// Whether somebody brought this one.
    #[must_use]
    pub fn is(&self, brought: &str) -> bool {
        self.0.as_bytes().ct_eq(brought.as_bytes()).into()
    }
}

impl std::fmt::Display for NoticeSeal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl LinkKey {
    /// A key from its bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self { mac: keyed(&bytes), restored_ids: Vec::new() }
    }

    /// The same key in a database that was restored: row numbers above a fence were given out before, to rows that are
    /// lost, and what was made for those must open nothing of somebody else's.
    #[must_use]
    pub fn behind(self, restored_ids: Vec<RestoredId>) -> Self {
        Self { restored_ids, ..self }
    }

    /// What tells this key from another, in 16 hexadecimal digits; it gives nothing of the key away.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.mark("fingerprint", "")[..8])
    }

    /// Marks the rows that were made since the last restore they stand behind; empty for all others.
    fn era(&self, is_since: impl Fn(&RestoredId) -> bool) -> String {
        let last = self.restored_ids.iter().rfind(|restored_id| is_since(restored_id));
        last.map(|restored_id| format!("|since {}", restored_id.at)).unwrap_or_default()
    }

    fn letter(&self, delivery: DeliveryId) -> String {
        format!("{}{}", delivery.0, self.era(|restored_id| delivery.0 > restored_id.delivery))
    }

    /// The token of a link in URL-safe letters: 144 bits that only we can make, and whose link it is, veiled. It ends in a
    /// letter or digit: mail programs leave a hyphen or underscore at the end out of the link they make.
    #[must_use]
    pub fn token(&self, patient: PatientId, purpose: LinkPurpose, generation: u32) -> String {
        let follow_up = purpose.follow_up().unwrap_or(0);
        let era =
            self.era(|restored_id| patient.0 > restored_id.patient || follow_up > restored_id.follow_up);
        let subject = format!("{}|{}|{follow_up}|{generation}{era}", purpose.word(), patient.0);
        let mut token =
            data_encoding::BASE64URL_NOPAD.encode(&self.veiled::<24>("link", &subject, patient.0));
        if token.ends_with(['-', '_']) {
            token.push(END);
        }
        token
    }

    /// Whose link a token is, if it is ours. The store still says whether there is such a link.
    #[must_use]
    pub fn read_token(&self, token: &str) -> Option<PatientId> {
        let bytes = data_encoding::BASE64URL_NOPAD.decode(bare(token).as_bytes()).ok()?;
        self.unveiled("link", &<[u8; 24]>::try_from(bytes).ok()?).map(PatientId)
    }

    /// The left side of a letter's Message-ID: unguessable, and which letter it is, veiled.
    #[must_use]
    pub fn message_id(&self, delivery: DeliveryId) -> String {
        data_encoding::HEXLOWER.encode(&self.veiled::<22>("message-id", &self.letter(delivery), delivery.0))
    }

    /// The left side of the Message-ID that a letter had before this restore, in milliseconds since 1970 UTC.
    #[must_use]
    pub fn message_id_before(&self, delivery: DeliveryId, restored_at: i64) -> String {
        let earlier = self.restored_ids.iter().filter(|one| one.at < restored_at).copied().collect();
        Self { mac: self.mac.clone(), restored_ids: earlier }.message_id(delivery)
    }

    /// Whether we made that left side of a Message-ID, for a letter of ours or for one that a restore lost.
    #[must_use]
    pub fn made_message_id(&self, left: &str) -> bool {
        let bytes = data_encoding::HEXLOWER.decode(left.as_bytes()).ok();
        let bytes = bytes.and_then(|bytes| <[u8; 22]>::try_from(bytes).ok());
        let Some(id) = bytes.and_then(|bytes| self.unveiled("message-id", &bytes)).map(DeliveryId) else {
            return false;
        };
        let before = self.restored_ids.iter().map(|one| self.message_id_before(id, one.at));
        before.chain([self.message_id(id)]).any(|made| made == left)
    }

    /// The letter that the left side of a Message-ID names, if we made it.
    #[must_use]
    pub fn read_message_id(&self, left: &str) -> Option<DeliveryId> {
        let bytes = data_encoding::HEXLOWER.decode(left.as_bytes()).ok()?;
        let id = self.unveiled("message-id", &<[u8; 22]>::try_from(bytes).ok()?).map(DeliveryId)?;
        (self.message_id(id) == left).then_some(id)
    }

    /// The tag of a letter's return path: the delivery and a mark that only we can make.
    #[must_use]
    pub fn return_tag(&self, delivery: DeliveryId) -> String {
        let mark = self.mark("return-path", &self.letter(delivery));
        format!("{}-{}", delivery.0, data_encoding::HEXLOWER.encode(&mark[..5]))
    }

    /// The delivery a returned tag names, if we made it.
    #[must_use]
    pub fn read_return_tag(&self, tag: &str) -> Option<DeliveryId> {
        let delivery = DeliveryId(tag.split_once('-')?.0.parse().ok()?);
        (self.return_tag(delivery) == tag).then_some(delivery)
    }

    /// The nonce of a form: random, and bound to the link it was shown for.
    #[must_use]
    pub fn nonce(&self, token: &str, random: &[u8; 16]) -> String {
        let random = data_encoding::BASE64URL_NOPAD.encode(random);
        let mark = self.mark("nonce", &format!("{token}|{random}"));
        random + &data_encoding::BASE64URL_NOPAD.encode(&mark[..12])
    }

    /// The nonce of a form that is shown at that instant: it tells when, to us, and is random all the same.
    #[must_use]
    pub fn nonce_at(&self, token: &str, shown_at: jiff::Timestamp, entropy: &dyn Entropy) -> String {
        let mut random = [0; 16];
        entropy.fill(&mut random);
        let millis = shown_at.as_millisecond().to_be_bytes();
        random[..MOMENT].copy_from_slice(&millis[8 - MOMENT..]);
        self.nonce(token, &random)
    }

    /// When the form with a nonce was shown; `None` for one that tells no moment of the last weeks, as those made before
    /// nonces told it.
    #[must_use]
    pub fn shown_at(nonce: &str, now: jiff::Timestamp) -> Option<jiff::Timestamp> {
        let random = data_encoding::BASE64URL_NOPAD.decode(nonce.get(..22)?.as_bytes()).ok()?;
        let mut millis = [0; 8];
        millis[8 - MOMENT..].copy_from_slice(random.get(..MOMENT)?);
        let shown = jiff::Timestamp::from_millisecond(i64::from_be_bytes(millis)).ok()?;
        (now.duration_since(shown).abs() < OPEN_AT_MOST).then_some(shown)
    }

    /// Whether a nonce was made here, for that link.
    #[must_use]
    pub fn made(&self, token: &str, nonce: &str) -> bool {
        let random = nonce.get(..22).and_then(|r| data_encoding::BASE64URL_NOPAD.decode(r.as_bytes()).ok());
        let random = random.and_then(|r| <[u8; 16]>::try_from(r).ok());
        random.is_some_and(|r| self.nonce(token, &r).as_bytes().ct_eq(nonce.as_bytes()).into())
    }

    /// What proves for a while that the birth-date check of a link was passed: the last second and a mark.
    #[must_use]
    pub fn pass(&self, link: i64, until: jiff::Timestamp) -> String {
        let until = until.as_second();
        let mark = self.mark("pass", &format!("{link}|{until}"));
        format!("{until}.{}", data_encoding::BASE64URL_NOPAD.encode(&mark[..24]))
    }

    /// Whether a pass is ours, for that link, and not over.
    #[must_use]
    pub fn accepts(&self, pass: &str, link: i64, now: jiff::Timestamp) -> bool {
        let until = pass.split_once('.').and_then(|(until, _)| until.parse::<i64>().ok());
        let until = until.and_then(|s| jiff::Timestamp::from_second(s).ok()).filter(|u| *u > now);
        until.is_some_and(|u| self.pass(link, u).as_bytes().ct_eq(pass.as_bytes()).into())
    }

    /// What a console form must bring back: only pages of that session know it.
    #[must_use]
    pub fn csrf_token(&self, session: &str) -> String {
        data_encoding::BASE64URL_NOPAD.encode(&self.mark("console-form", session))
    }

    /// The base32 secret for a new authenticator that goes with a link or a session: shown alike at every look, kept nowhere,
    /// and nobody else's to make.
    #[must_use]
    pub fn authenticator_seed(&self, token: &str) -> String {
        data_encoding::BASE32_NOPAD.encode(&self.mark("authenticator", token)[..20])
    }

    /// What seals the secrets of authenticators; nothing else is made with it.
    pub(in crate::journey) fn authenticator_key(&self) -> [u8; 32] {
        self.mark("authenticator-key", "")
    }

    /// What goes with that seal: another for every secret.
    pub(in crate::journey) fn authenticator_nonce(&self, account: &str, secret: &str) -> [u8; 12] {
        let mark = self.mark("authenticator-nonce", &format!("{account}|{secret}"));
        std::array::from_fn(|at| mark[at])
    }

    /// What shows that a session saved what a notice says, at that moment.
    #[must_use]
    pub fn notice_seal(&self, session: &str, what: &str) -> NoticeSeal {
        let mark = self.mark("console-notice", &format!("{session}.{what}"));
        NoticeSeal(data_encoding::HEXLOWER.encode(&mark[..12]))
    }

    /// The code that a test alert brings to one rung: twelve letters and digits in groups of four, which only we can make.
    #[must_use]
    pub fn test_code(&self, asked: &str) -> String {
        let code = data_encoding::BASE32_NOPAD.encode(&self.mark("test-alert", asked)[..8]);
        format!("{}-{}-{}", &code[..4], &code[4..8], &code[8..12])
    }

    /// What tells the accounts of one browser apart in the names of its cookies; nobody else can read it.
    #[must_use]
    pub fn device_tag(&self, account: &str) -> String {
        data_encoding::HEXLOWER.encode(&self.mark("device-tag", &account.to_ascii_lowercase())[..4])
    }

    /// What a browser keeps that has signed in as an account: random, and bound to the account's name.
    #[must_use]
    pub fn device_token(&self, account: &str, random: &[u8; 16]) -> String {
        let random = data_encoding::BASE64URL_NOPAD.encode(random);
        let mark = self.mark("device", &format!("{}|{random}", account.to_ascii_lowercase()));
        random + &data_encoding::BASE64URL_NOPAD.encode(&mark[..24])
    }

    /// Whether a browser's mark was made here, for that account.
    #[must_use]
    pub fn knows_device(&self, account: &str, mark: &str) -> bool {
        let random = mark.get(..22).and_then(|r| data_encoding::BASE64URL_NOPAD.decode(r.as_bytes()).ok());
        let random = random.and_then(|r| <[u8; 16]>::try_from(r).ok());
        random.is_some_and(|r| self.device_token(account, &r).as_bytes().ct_eq(mark.as_bytes()).into())
    }

    /// What goes to the provider and back while somebody signs in there, one secret for each use: only the browser that holds
    /// what it is made of can bring it back. 43 URL-safe letters.
    #[must_use]
    pub fn openid_secret(&self, part: &str, browser: &str) -> String {
        data_encoding::BASE64URL_NOPAD.encode(&self.mark("openid", &format!("{part}|{browser}")))
    }

    /// A mark with a row number behind it that only we can read. The row is found by its number, so that no index over
    /// random bytes has to be kept: each letter would touch a page of it that no other letter touches.
    fn veiled<const N: usize>(&self, use_: &str, subject: &str, id: i64) -> [u8; N] {
        let mut bytes = [0; N];
        let (mark, place) = bytes.split_at_mut(N - PLACE);
        mark.copy_from_slice(&self.mark(use_, subject)[..N - PLACE]);
        for ((byte, veil), digit) in
            place.iter_mut().zip(self.veil(use_, mark)).zip(&id.to_be_bytes()[8 - PLACE..])
        {
            *byte = veil ^ digit;
        }
        bytes
    }

    /// The row number behind a veiled mark; rubbish for a mark that is not ours.
    fn unveiled<const N: usize>(&self, use_: &str, bytes: &[u8; N]) -> Option<i64> {
        let (mark, place) = bytes.split_at(N - PLACE);
        let mut digits = [0; 8];
        for ((digit, veil), byte) in digits[8 - PLACE..].iter_mut().zip(self.veil(use_, mark)).zip(place) {
            *digit = veil ^ byte;
        }
        Some(i64::from_be_bytes(digits)).filter(|id| *id > 0)
    }

    fn veil(&self, use_: &str, mark: &[u8]) -> [u8; 32] {
        self.mark("veil", &format!("{use_}|{}", data_encoding::HEXLOWER.encode(mark)))
    }

    fn mark(&self, use_: &str, subject: &str) -> [u8; 32] {
        let mac = self.mac.clone().chain_update(use_).chain_update("|").chain_update(subject);
        mac.finalize().into_bytes().into()
    }
}

/// Bytes of a veiled row number: room for 2^48 rows.
const PLACE: usize = 6;

/// The link a token names, if there is one. A token of a key that was replaced names a link that is too old.
///
/// # Errors
/// [`StoreError`] when the store fails.
pub fn find(view: &View<'_>, key: &LinkKey, token: &str) -> Result<Option<Link>, StoreError> {
    let digest = digest(token);
    let found = key.read_token(token).map(|patient| view.link(patient, &digest)).transpose()?;
    let found = match found.flatten() {
        Some(link) => Some(link),
        None => {
            let replaced = view.replaced_link(&digest)?;
            replaced.map(|link| Link { expires_at: jiff::Timestamp::MIN, ..link })
        }
    };
    // Whoever still has a letter of hers finds the numbers to ring, and nothing that was hers.
    match &found {
        Some(link) if view.erased(link.patient)?.is_some() => Ok(None),
        _ => Ok(found),
    }
}

/// SHA-256 of some bytes, as 64 hexadecimal digits.
#[must_use]
pub fn digest_of(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

/// What is stored of a token: the same for the form with an ending and for the one without, which older letters hold.
#[must_use]
pub fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(bare(token).as_bytes()).into()
}

/// What ends a token that would end in a sign.
const END: char = 'x';

/// The token without the ending that was put behind a sign.
fn bare(token: &str) -> &str {
    token.strip_suffix(END).filter(|bare| bare.len() == 32 && bare.ends_with(['-', '_'])).unwrap_or(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::plan::follow_ups::FollowUpId;

    #[test]
    fn a_return_path_has_room_for_a_trillion_letters() {
        // `mail.from` is held to 64 - 24 characters before the @ (config/cross).
        assert!(LinkKey::new([1; 32]).return_tag(DeliveryId(999_999_999_999)).len() < 24);
    }

    #[test]
    fn tokens_differ_by_purpose_patient_and_generation_and_repeat_exactly() {
        let key = LinkKey::new([7; 32]);
        let token = |p, purpose, g| key.token(PatientId(p), purpose, g);
        let one = token(1, LinkPurpose::OptOut, 0);
        assert!((32..=33).contains(&one.len()));
        assert_eq!(one, token(1, LinkPurpose::OptOut, 0));
        for other in [
            token(2, LinkPurpose::OptOut, 0),
            token(1, LinkPurpose::Changed, 0),
            token(1, LinkPurpose::OptOut, 1),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_token_ends_in_a_letter_or_digit_and_the_form_of_older_letters_opens_the_same() {
        let (key, mut with_ending) = (LinkKey::new([7; 32]), 0);
        for id in 1..2_000 {
            let token = key.token(PatientId(id), LinkPurpose::OptOut, 0);
            assert!(token.ends_with(|c: char| c.is_ascii_alphanumeric()), "{token}");
            assert_eq!(key.read_token(&token), Some(PatientId(id)));
            let older = &token[..32];
            assert_eq!((key.read_token(older), digest(older)), (Some(PatientId(id)), digest(&token)));
            with_ending += u32::from(token.len() == 33);
        }
        assert!((20..120).contains(&with_ending), "{with_ending}");
        assert_ne!(digest("x"), digest(""), "only our own ending is taken off");
    }

    #[test]
    fn the_number_behind_a_mark_is_read_by_its_own_key_only() {
        let (key, other) = (LinkKey::new([7; 32]), LinkKey::new([8; 32]));
        for id in [1, 255, 70_000, (1 << 48) - 1] {
            let token = key.token(PatientId(id), LinkPurpose::Changed, 3);
            assert_eq!(key.read_token(&token), Some(PatientId(id)));
            assert_ne!(other.read_token(&token), Some(PatientId(id)));
            let left = key.message_id(DeliveryId(id));
            assert_eq!(key.read_message_id(&left), Some(DeliveryId(id)));
            assert_eq!(other.read_message_id(&left), None);
        }
        assert_eq!(key.read_token("x"), None);
        assert_eq!(key.read_message_id("00"), None);
    }

    #[test]
    fn what_was_made_for_a_row_that_a_restore_lost_opens_nothing_of_its_successors() {
        let key = || LinkKey::new([7; 32]);
        let restored_id = |at| RestoredId { at, patient: 5, follow_up: 40, delivery: 9 };
        let (lost, now, again) =
            (key(), key().behind(vec![restored_id(1)]), key().behind(vec![restored_id(1), restored_id(2)]));
        let kept = |key: &LinkKey| {
            let checklist = LinkPurpose::Checklist(FollowUpId(40));
            (
                key.token(PatientId(5), checklist, 0),
                key.message_id(DeliveryId(9)),
                key.return_tag(DeliveryId(9)),
            )
        };
        assert!(kept(&lost) == kept(&now) && kept(&now) == kept(&again), "what the copy knew stays good");
        for (patient, purpose) in [(6, LinkPurpose::OptOut), (5, LinkPurpose::Checklist(FollowUpId(41)))] {
            let tokens = [&lost, &now, &again].map(|key| key.token(PatientId(patient), purpose, 0));
            assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2], "{patient}");
        }
        assert_eq!(now.read_message_id(&lost.message_id(DeliveryId(10))), None);
        assert_eq!(now.read_return_tag(&lost.return_tag(DeliveryId(10))), None);
        assert_eq!(now.read_return_tag(&now.return_tag(DeliveryId(10))), Some(DeliveryId(10)));
    }

    #[test]
    fn neighbours_share_no_visible_digit() {
        let key = LinkKey::new([7; 32]);
        let ends: std::collections::BTreeSet<String> =
            (1..200).map(|id| key.message_id(DeliveryId(id))[32..].to_owned()).collect();
        assert_eq!(ends.len(), 199);
    }

    #[test]
    fn a_pass_opens_its_own_link_until_its_end() {
        let (key, now) = (LinkKey::new([1; 32]), jiff::Timestamp::from_second(1_000).unwrap());
        let pass = key.pass(7, jiff::Timestamp::from_second(2_000).unwrap());
        assert!(key.accepts(&pass, 7, now));
        assert!(!key.accepts(&pass, 8, now));
        assert!(!key.accepts(&pass, 7, jiff::Timestamp::from_second(2_000).unwrap()));
        assert!(!LinkKey::new([2; 32]).accepts(&pass, 7, now));
        assert!(!key.accepts("9999.x", 7, now));
    }

    #[test]
    fn a_return_tag_of_another_key_is_nobodys() {
        let tag = LinkKey::new([1; 32]).return_tag(DeliveryId(9));
        assert_eq!(LinkKey::new([1; 32]).read_return_tag(&tag), Some(DeliveryId(9)));
        assert_eq!(LinkKey::new([2; 32]).read_return_tag(&tag), None);
        assert_eq!(LinkKey::new([1; 32]).read_return_tag("9"), None);
    }
}
