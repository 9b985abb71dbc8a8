//! `aftercare check` with a provider: what is to be registered, and with `--online` whether it is there and is the one.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use crate::hospital::configuration;
use crate::provider::{Provider, RETURN};

/// Runs a command: exit code, and everything it says.
pub(crate) fn aftercare(args: &[&OsStr]) -> (Option<i32>, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_aftercare")).args(args).output().unwrap();
    (done.status.code(), String::from_utf8([done.stdout, done.stderr].concat()).unwrap())
}

/// Exit code and everything that `check --online` says in a clinic's directory.
fn check(clinic: &Path, issuer: &str) -> (Option<i32>, String) {
    let file = clinic.join("aftercare.toml");
    std::fs::write(&file, configuration(clinic, issuer, "")).unwrap();
    aftercare(&["--config".as_ref(), file.as_os_str(), "check".as_ref(), "--online".as_ref()])
}

#[test]
fn check_names_the_redirect_uri_and_finds_a_provider_that_is_away_or_another() {
    let (place, provider) = (tempfile::tempdir().unwrap(), Provider::start());
    let dir = place.path().join("clinic");
    let (code, told) = aftercare(&["init".as_ref(), dir.as_os_str()]);
    assert_eq!(code, Some(0), "{told}");
    let (code, told) = check(&dir, &provider.issuer());
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains(&format!("the redirect URI of this console is {RETURN}")), "{told}");
    // By another name it is another: issuers are compared letter by letter.
    let (code, told) = check(&dir, &provider.issuer().replace("127.0.0.1", "localhost"));
    assert_eq!(code, Some(78), "{told}");
    assert!(
        told.contains("the provider is not what `[openid]` says") && told.contains("unexpected issuer"),
        "{told}"
    );
    let issuer = provider.issuer();
    drop(provider);
    let (code, told) = check(&dir, &issuer);
    assert_eq!(code, Some(78), "{told}");
    assert!(told.contains("`openid.issuer`: the provider cannot be reached"), "{told}");
}
