//! The signature that goes before a letter, on the wire.

use std::sync::Arc;

use super::{carry, courier, letter, plain, send};
use crate::mail::dkim::key::DkimKey;
use crate::mail::dkim::signer::DkimSigner;
use crate::mail::mime;
use crate::mail::smtp::settings::SmtpSettings;
use crate::mail::test_server::Fake;
use crate::ports::Courier;

fn signer() -> Arc<DkimSigner> {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
    let key = DkimKey::from_pem(&key.into()).unwrap();
    Arc::new(DkimSigner { domain: "clinic.example".to_owned(), selector: "a".to_owned(), key })
}

#[tokio::test]
async fn a_signed_letter_leaves_with_its_signature_before_it_and_keeps_the_digest_of_its_words() {
    let fake = Fake::start().await;
    fake.tell(|story| story.offers = vec!["PIPELINING", "SIZE 100000"]);
    let signer = signer();
    let courier = courier(SmtpSettings { signer: Some(Arc::clone(&signer)), ..plain(&fake) });
    let mut connection = courier.connection();
    let message = mime::format(&letter());
    let signed = signer.field(&message, letter().date) + std::str::from_utf8(&message).unwrap();
    let receipt = send(&mut *connection, &letter()).await;
    assert_eq!(receipt.digest, Some(mime::digest(&message)));
    // Its twin, which was written ahead, is signed word for word as it was.
    let twin = letter();
    courier.write(&twin);
    carry(&mut *connection, &twin).await;
    assert_eq!(fake.tell(|story| story.letters.clone()), [signed.clone(), signed.clone()]);
    let mail = fake.tell(|story| story.heard.iter().find(|line| line.starts_with("MAIL")).cloned()).unwrap();
    assert!(mail.ends_with(&format!("SIZE={}", signed.len())), "{mail}");
}
