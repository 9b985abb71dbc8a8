//! Provers of the signature under letters: its key, and whether receivers count it for the sender.

use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::config::credential::CredentialFault;
use crate::daemon::assembly::dkim::{DkimFault, signer};

/// The key that `serve` would sign with is there, its owner's alone, and of a kind that signs.
pub(super) fn key(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = &context.config else { return Vec::new() };
    let Err(fault) = signer(&config.mail) else { return Vec::new() };
    let (key, told) = ("mail.dkim.key_credential", fault.to_string());
    vec![match &fault {
        // Outside the unit systemd hands nothing over; the daemon itself will see it.
        DkimFault::Credential(CredentialFault::NoDirectory(_)) => context.remark_at(key, &told, fault.hint()),
        _ => context.fault_at(key, &told, fault.hint()),
    }]
}

/// A signature in another domain's name is valid, and counts for nothing where the sender's domain has a DMARC policy.
pub(super) fn alignment(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(mail) = context.config.as_ref().map(|config| &config.mail) else { return Vec::new() };
    let Some(dkim) = mail.dkim.as_ref().filter(|dkim| !dkim.is_aligned(&mail.from.address)) else {
        return Vec::new();
    };
    let problem = format!(
        "`{}` is neither the domain of `mail.from` nor above or below it, so DMARC counts no signature (RFC 7489 §3.1.1) unless \
         both lie under one registered domain",
        dkim.domain
    );
    vec![context.remark_at("mail.dkim.domain", &problem, "sign in the name of the domain of `mail.from`")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::operate::prove::tests::context;

    fn signing(extra: &str) -> (tempfile::TempDir, CheckContext) {
        let section = format!("[mail.dkim]\nselector = \"a\"\n{extra}\n[sending]");
        let (dir, context, faults) = context(&[("[sending]", &section)]);
        assert_eq!(faults, []);
        (dir, context)
    }

    #[test]
    fn another_domain_is_remarked_and_a_key_that_is_none_is_a_fault() {
        let (dir, mut tried) = signing("key_credential = \"/nonexistent\"\ndomain = \"provider.example\"");
        assert!(matches!(&alignment(&tried)[..], [CheckFinding::Remark(f)] if f.problem.contains("DMARC")));
        let file = dir.path().join("key.pem");
        let mut faulted = |text: &str| {
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            let dkim = tried.config.as_mut().and_then(|config| config.mail.dkim.as_mut()).unwrap();
            dkim.key_credential = file.to_string_lossy().into_owned();
            key(&tried)
        };
        let found = faulted("no key");
        let [CheckFinding::Fault(fault)] = &found[..] else { panic!("{found:?}") };
        assert!(fault.problem.contains("no private key in PEM") && fault.line > 0, "{fault:?}");
        let elliptic = rcgen::KeyPair::generate().unwrap().serialize_pem();
        let found = faulted(&elliptic);
        assert!(
            matches!(&found[..], [CheckFinding::Fault(f)] if f.problem.contains("neither RSA")),
            "{found:?}"
        );
        let edwards = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
        assert_eq!(faulted(&edwards), []);
        let (_dir, own) = signing("key_credential = \"/nonexistent\"");
        assert_eq!(alignment(&own), []);
    }
}
