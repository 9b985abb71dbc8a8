//! A configuration that is read again: taken, refused, and never in the way of an end.

use std::process::Command;
use std::time::Duration;

use aftercare::daemon::wake_socket;

use crate::daemon::{Daemon, SOON, quiet};
use crate::sandbox::{Ground, references, until};
use crate::sink::header;

#[test]
fn sighup_brings_the_new_configuration_into_force_and_keeps_the_old_when_it_is_faulty() {
    let sink = quiet();
    let sandbox = Ground::new(sink.port);
    let daemon = Daemon::ready(&sandbox);
    sandbox.set("Riverside Clinic <care@", "Harbour Clinic <care@");
    daemon.signal("-HUP");
    assert!(daemon.hears("RELOADING=1").contains("MONOTONIC_USEC="));
    assert!(!daemon.hears("READY=1").contains("faulty"));

    sandbox.set("keep = 14", "kepe = 14");
    daemon.signal("-HUP");
    daemon.hears("RELOADING=1");
    assert!(daemon.hears("READY=1").contains("faulty"));
    assert!(sandbox.log().contains("did you mean `keep`?"));
    sandbox.set("kepe = 14", "keep = 14");

    sandbox.admit(&references(1), None);
    wake_socket::ring(&sandbox.database());
    until("a letter arrives", SOON, || sink.to_patients().len() == 1);
    assert!(header(&sink.to_patients()[0].letter, "From:").contains("Harbour Clinic"));
}

#[test]
fn a_reload_that_is_refused_is_seen_to_fail_and_says_why() {
    let sandbox = Ground::new(quiet().port);
    let (nobody, _, said) = sandbox.run(&["reload"]);
    assert_eq!(nobody, 69, "{said}");
    let _daemon = Daemon::ready(&sandbox);
    assert_eq!(sandbox.run(&["reload"]).0, 0);
    let good = std::fs::read_to_string(sandbox.config()).unwrap();
    for (old, new, why) in [
        ("daily_cap = 2", "daily_cap = 0", "daily_cap"),
        ("directory = \"backups\"", "directory = \"/dev/null/x\"", "`backup.directory`"),
        (
            "console_listen = \"127.0.0.1:",
            "console_listen = \"127.0.0.2:",
            "`web.console_listen` has changed",
        ),
    ] {
        sandbox.set(old, new);
        let (code, _, said) = sandbox.run(&["reload"]);
        assert_eq!(code, 78, "{said}");
        assert!(said.contains(why) && said.contains("hint: "), "{said}");
        std::fs::write(sandbox.config(), &good).unwrap();
    }
    assert_eq!(sandbox.run(&["reload"]).0, 0, "the old file is taken again");
}

#[test]
fn a_reload_and_a_start_refuse_what_tells_a_stranger_why_a_letter_comes() {
    let sandbox = Ground::new(quiet().port);
    let daemon = Daemon::ready(&sandbox);
    let good = std::fs::read_to_string(sandbox.config()).unwrap();
    for (old, new) in [
        ("short_name = \"Riverside", "short_name = \"Cancer"),
        ("from = \"Riverside", "from = \"Cancer"),
        ("reply_to = \"desk@", "reply_to = \"cancer@"),
        ("message_id_domain = \"riverside", "message_id_domain = \"cancer.riverside"),
        ("public_url = \"https://care.", "public_url = \"https://cancer."),
    ] {
        std::fs::write(sandbox.config(), &good).unwrap();
        sandbox.set(old, new);
        let (code, _, said) = sandbox.run(&["reload"]);
        let key = old.split(' ').next().unwrap();
        assert!(code == 78 && said.contains(key) && said.contains("cancer"), "{new}: {code} {said}");
    }
    daemon.signal("-TERM");
    assert_eq!(daemon.ends().0, Some(0));
    assert_eq!(sandbox.run(&["serve"]).0, 78, "no start either");
}

#[test]
fn another_database_and_other_listeners_need_a_restart() {
    let sink = quiet();
    let sandbox = Ground::new(sink.port);
    let daemon = Daemon::ready(&sandbox);
    for (old, new) in [
        ("path = \"aftercare.db\"", "path = \"other.db\""),
        ("listen = \"127.0.0.1:", "listen = \"127.0.0.2:"),
        ("console_listen = \"127.0.0.1:", "console_listen = \"127.0.0.2:"),
    ] {
        sandbox.set(old, new);
        daemon.signal("-HUP");
        daemon.hears("RELOADING=1");
        assert!(daemon.hears("READY=1").contains("the new one needs a restart"), "{new}");
        sandbox.set(new, old);
    }
    assert!(sandbox.log().contains("`web.console_listen` has changed"), "{}", sandbox.log());
    assert!(!sandbox.dir.path().join("other.db").exists());
    daemon.signal("-HUP");
    daemon.hears("RELOADING=1");
    assert!(!daemon.hears("READY=1").contains("restart"));
}

#[test]
fn an_end_is_heard_while_a_configuration_is_read_from_a_disk_that_does_not_answer() {
    let sandbox = Ground::new(quiet().port);
    let daemon = Daemon::ready(&sandbox);
    // Nobody writes into the pipe: whoever reads it waits.
    std::fs::remove_file(sandbox.config()).unwrap();
    assert!(Command::new("mkfifo").arg(sandbox.config()).status().unwrap().success());
    daemon.signal("-HUP");
    daemon.hears("RELOADING=1");
    daemon.signal("-TERM");
    let (code, took) = daemon.ends();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(10), "{took:?}");
}
