//! Every key of the configuration with values that nobody means: each is taken because it means something, or is a fault at
//! its line. Nothing is clamped in silence.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::Path;

use aftercare::config::file::fault::Fault;
use aftercare::config::load;
use aftercare::daemon::config_diff::{self, FIXED};
use aftercare::daemon::reload::keeps;

/// The fullest good file, with the keys it leaves out.
fn whole() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/good/02-everything/aftercare.toml");
    let text = std::fs::read_to_string(file).unwrap();
    text.replace("time_zone =", "country = \"US\"\ntime_zone =")
        .replace("give_up_after =", "unknown_rests = \"10m\"\ngive_up_after =")
}

/// A key, the line it stands on, and the text with another value there.
fn keys(text: &str) -> Vec<(String, usize)> {
    let mut section = String::new();
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_matches(['[', ']']).to_owned();
        } else if let Some((key, _)) = line.split_once(" = ") {
            found.push((format!("{section}.{key}"), number + 1));
        }
    }
    found
}

fn with(text: &str, line: usize, value: &str) -> String {
    let change = |(number, old): (usize, &str)| match old.split_once(" = ") {
        Some((key, _)) if number + 1 == line => format!("{key} = {value}"),
        _ => old.to_owned(),
    };
    text.lines().enumerate().map(change).collect::<Vec<_>>().join("\n")
}

fn faults(text: &str) -> Vec<Fault> {
    load::parse("aftercare.toml", text).err().unwrap_or_default()
}

/// What is odd for some key, and means something for another.
fn odd() -> Vec<String> {
    let long = format!("\"{}\"", "x".repeat(5_000));
    let plain = [
        "0",
        "1",
        "-1",
        "4294967295",
        "99999999999999999999",
        "1.5",
        "true",
        "[]",
        "\"\"",
        "\" \"",
        "\"\\t\"",
        "\"0\"",
        "\"1\"",
        "\"-1\"",
        "\"0s\"",
        "\"1s\"",
        "\"-1d\"",
        "\"100000d\"",
        "\"99999999999999999999d\"",
        "\"9999-12-31\"",
        "[\"9999-12-31\"]",
        "[\"0001-01-01\"]",
        "[\"1s\"]",
        "[\"0s\"]",
        "[\"100000d\"]",
        "[\"\"]",
        "[\" \"]",
    ];
    plain.into_iter().map(str::to_owned).chain([long]).collect()
}

/// Those that a name in DNS may be made of.
const LABELS: &[&str] =
    &["\"0\"", "\"1\"", "\"0s\"", "\"1s\"", "\"100000d\"", "\"99999999999999999999d\"", "\"9999-12-31\""];

/// Which of them mean something, key by key. A word in brackets of another kind of value is no value at all.
fn meant(key: &str) -> &'static [&'static str] {
    let short_text: &[&str] = &[
        "\"0\"",
        "\"1\"",
        "\"-1\"",
        "\"0s\"",
        "\"1s\"",
        "\"-1d\"",
        "\"100000d\"",
        "\"99999999999999999999d\"",
        "\"9999-12-31\"",
    ];
    match key {
        "clinic.name"
        | "clinic.short_name"
        | "clinic.emergency_dept"
        | "clinic.address"
        | "clinic.opening_hours"
        | "clinic.in.es.emergency_dept"
        | "clinic.in.es.opening_hours"
        | "mail.smtp.username"
        | "mail.smtp.password_credential"
        | "mail.dkim.key_credential"
        | "checklists.sign_off.name"
        | "checklists.sign_off.role"
        | "checklists.sign_off.version"
        | "openid.client_id"
        | "openid.client_secret_credential"
        | "openid.name"
        | "alerts.ladder.name"
        | "alerts.webhook.secret_credential" => short_text,
        "database.path" | "mail.spool_dir" | "mail.smtp.ca_file" | "openid.ca_file" | "backup.directory"
        | "paths.protocols" | "paths.checklists" | "paths.letters" | "paths.leaflets" | "paths.centres" => {
            short_text
        }
        "openid.scopes" | "openid.require_acr" | "openid.require_amr" => {
            &["[]", "[\"9999-12-31\"]", "[\"0001-01-01\"]", "[\"1s\"]", "[\"0s\"]", "[\"100000d\"]"]
        }
        "retention.after_last_contact" | "retention.after_death" => &["1"],
        "clinic.holidays" | "web.trusted_proxies" | "test.allow" | "heartbeat.digest_to" => &["[]"],
        "mail.dkim.selector" => LABELS,
        "mail.smtp.host" => {
            &["\"9999-12-31\"", "\"0s\"", "\"1s\"", "\"100000d\"", "\"99999999999999999999d\""]
        }
        // Ports, counts and switches.
        "mail.smtp.port"
        | "mail.smtp.connections"
        | "sending.max_per_minute"
        | "alerts.test_every_days"
        | "backup.keep" => &["1"],
        "sending.daily_cap" => &["1"],
        "alerts.patient_letter" => &["true"],
        // Stretches of time.
        "mail.smtp.timeout" | "sending.unknown_rests" => &["\"1s\""],
        "sending.retry" => &["[\"1s\"]"],
        "alerts.ladder.after" => &["\"0s\"", "\"1s\""],
        _ => &[],
    }
}

#[test]
fn every_key_takes_what_means_something_and_refuses_the_rest_at_its_line() {
    let text = whole();
    assert_eq!(faults(&text), []);
    let mut wrong = Vec::new();
    let keys = keys(&text);
    assert!(keys.len() > 75, "{}", keys.len());
    for (key, line) in keys {
        for odd in odd() {
            let found = faults(&with(&text, line, &odd));
            let told = found.iter().any(|fault| fault.line == line && !fault.hint.is_empty());
            let shown: String = odd.chars().take(30).collect();
            match (meant(&key).contains(&odd.as_str()), found.is_empty()) {
                (true, true) => {}
                (false, false) if told => {}
                // A ladder in another order than by time is told at the list.
                (true, false) if key == "alerts.ladder.after" => {}
                (_, is_taken) => wrong.push(format!("{key} = {shown}: taken: {is_taken}, told: {found:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_quantity_out_of_range_is_told_its_range() {
    let text = whole();
    for (key, value, range) in [
        ("connections", "65", "from 1 to 64"),
        ("timeout", "\"3m\"", "from `1s` to `2m`"),
        ("daily_cap", "21", "from 1 to 20"),
        ("weekly_cap", "141", "from 1 to 140"),
        ("max_per_minute", "100000001", "from 1 to 100000000"),
        ("retry", "[\"8d\"]", "from `1s` to `7d`"),
        ("give_up_after", "\"59m\"", "from `1h` to `30d`"),
        ("give_up_after", "\"31d\"", "from `1h` to `30d`"),
        ("give_up_after", "\"100000d\"", "from `1h` to `30d`"),
        ("unknown_rests", "\"25h\"", "from `1s` to `1d`"),
        ("repeat_every", "\"59s\"", "from `1m` to `1d`"),
        ("repeat_every", "\"25h\"", "from `1m` to `1d`"),
        ("test_every_days", "4294967295", "from 1 to 366"),
        ("keep", "3651", "from 1 to 3650"),
        ("after", "\"61m\"", "from `0m` to `1h`"),
        ("port", "65536", "from 1 to 65535"),
        ("holidays", "[\"9999-01-01\"]", "2000 to 2100"),
        (
            "short_name",
            "\"An exceedingly long name that no subject line of any mail program shows\"",
            "1 to 60",
        ),
    ] {
        let (_, line) =
            keys(&text).into_iter().find(|(full, _)| full.rsplit('.').next() == Some(key)).unwrap();
        let found = faults(&with(&text, line, value));
        let told = found.iter().any(|fault| fault.line == line && fault.hint.contains(range));
        assert!(told, "{key} = {value}: {found:?}");
    }
}

#[test]
fn copies_go_into_no_file_system_of_the_kernels() {
    let text = whole();
    let (_, line) = keys(&text).into_iter().find(|(full, _)| full == "backup.directory").unwrap();
    for (place, is_refused) in
        [("/proc/x", true), ("/sys/x", true), ("/dev/x", true), ("/dev/shm/x", false), ("/processed", false)]
    {
        let found = faults(&with(&text, line, &format!("\"{place}\"")));
        let told = found.iter().any(|fault| fault.line == line && fault.hint.contains("on a disk"));
        assert_eq!(told, is_refused, "{place}: {found:?}");
    }
}

#[test]
fn an_address_says_where_and_nothing_else() {
    let text = whole();
    let told = |key: &str, value: &str| {
        let (_, line) = keys(&text).into_iter().find(|(full, _)| full.ends_with(key)).unwrap();
        faults(&with(&text, line, &format!("\"{value}\"")))
    };
    for url in [
        "https://care.example",
        "https://care.example:8443",
        "http://127.0.0.1:8480",
        "http://[::1]:80",
        "https://care.example/",
    ] {
        assert_eq!(told("web.public_url", url), [], "{url}");
    }
    for url in [
        "https://care.example/forms",
        "https://care.example?x=1",
        "https://care.example:99999",
        "https://care.example:0",
        "https://care.example:",
        "https://care.example:x",
        "https://",
        "https://:443",
        "https://a b.example",
        "https://-.example",
        "https://[::1",
        "https://user@care.example",
        "https://care.example#x",
        "http://care.example",
        "ftp://care.example",
        "https://10.0.0.300",
        "care.example",
    ] {
        for key in ["web.public_url", "web.console_url"] {
            assert_eq!(told(key, url).len(), 1, "{key} {url}");
        }
    }
    assert_eq!(told("heartbeat.url", "https://watch.example/a/b?c=1"), []);
    assert_eq!(told("heartbeat.url", "https://watch.example:70000/a").len(), 1);
    for host in [
        "smtp.example:587",
        "smtp.example/",
        "https://smtp.example",
        "smtp example",
        "10.0.0.300",
        "[::1]:25",
    ] {
        assert_eq!(told("smtp.host", host).len(), 1, "{host}");
    }
    for host in ["smtp.example", "10.0.0.3", "::1", "localhost", "mail_relay"] {
        assert_eq!(told("smtp.host", host), [], "{host}");
    }
}

#[test]
fn a_console_that_listens_everywhere_says_where_staff_reach_it() {
    let text = whole();
    let everywhere = text.replace("console_listen = \"127.0.0.1:8481\"", "console_listen = \"0.0.0.0:8481\"");
    assert_eq!(faults(&everywhere), []);
    let unsaid = everywhere.replace("console_url = \"https://console.riverside.example/\"", "");
    let found = faults(&unsaid);
    // Whoever lets staff sign in through a provider is told at both places.
    assert!(found.len() == 2 && found.iter().all(|fault| fault.hint.contains("`console_url`")), "{found:?}");
    let one_port = text.replace("console_listen = \"127.0.0.1:8481\"", "console_listen = \"0.0.0.0:8480\"");
    assert!(faults(&one_port)[0].problem.contains("has the port of `web.listen`"));
}

/// Another value that means something, key by key.
fn another(key: &str) -> &'static str {
    match key.rsplit('.').next().unwrap() {
        "time_zone" => "\"America/Chicago\"",
        "country" => "\"CA\"",
        "phone_office" | "phone_24h" => "\"+1 212 736 5000\"",
        "emergency_number" => "\"112\"",
        "emergency_first" => "\"hotline\"",
        "holidays" => "[\"2028-01-01\"]",
        "from" => "\"Another <other@riverside.example>\"",
        "reply_to" | "mail_to" | "email" => "\"other@riverside.example\"",
        "transport" => "\"spool\"",
        "tls" => "\"implicit\"",
        "auth" => "\"login\"",
        "port" => "465",
        "daily_cap" => "3",
        "connections" | "weekly_cap" | "max_per_minute" | "test_every_days" | "keep" => "7",
        "timeout" => "\"31s\"",
        "at" | "digest_at" => "\"10:00\"",
        "window" | "hours" => "[\"09:00\", \"19:00\"]",
        "weekdays" | "days" => "[\"mon\"]",
        "retry" => "[\"6m\"]",
        "give_up_after" => "\"4d\"",
        "unknown_rests" | "repeat_every" => "\"11m\"",
        "languages" => "[\"es\"]",
        "mode" => "\"education\"",
        "read" => "\"everything\"",
        "date" => "\"2027-02-15\"",
        "patient_letter" => "true",
        "after" => "\"1m\"",
        "listen" => "\"127.0.0.1:9480\"",
        "console_listen" => "\"127.0.0.1:9481\"",
        "issuer" => "\"https://other.hospital.example\"",
        "prompt" => "\"provider\"",
        "scopes" | "require_acr" | "require_amr" => "[\"other\"]",
        "after_last_contact" | "after_death" => "12",
        "public_url" | "console_url" | "url" | "webhook" => "\"https://other.riverside.example\"",
        "trusted_proxies" => "[\"127.0.0.2\"]",
        "allow" | "digest_to" => "[\"other@riverside.example\"]",
        "host" | "domain" | "message_id_domain" => "\"other.riverside.example\"",
        _ => "\"other\"",
    }
}

/// The name a reload says for a key: lists and tables are told as a whole.
fn said(key: &str) -> &str {
    let wholes = ["clinic.in", "checklists.sign_off", "alerts.ladder", "alerts.webhook"];
    wholes.into_iter().find(|whole| key.starts_with(&format!("{whole}."))).unwrap_or(key)
}

#[test]
fn a_reload_takes_every_key_or_names_it_as_one_that_needs_a_restart() {
    let text = whole();
    let old = load::parse("aftercare.toml", &text).unwrap();
    let mut met = 0;
    for (key, line) in keys(&text) {
        let changed = with(&text, line, another(&key));
        let new = match load::parse("aftercare.toml", &changed) {
            Ok(new) => new,
            // The rungs stand in the order of time.
            Err(faults) if key == "alerts.ladder.after" => {
                assert!(faults.iter().all(|fault| fault.problem.contains("order")), "{faults:?}");
                continue;
            }
            Err(faults) => panic!("{key}: {faults:?}"),
        };
        let told = config_diff::keys(&old, &new);
        assert!(told.contains(&said(&key)), "{key}: {told:?}");
        match keeps(&old, &new) {
            Ok(taken) => assert!(taken.contains(&said(&key)) && !FIXED.contains(&key.as_str()), "{key}"),
            Err(fault) => {
                assert!(FIXED.contains(&key.as_str()), "{key}");
                assert!(
                    fault.to_string().contains(&format!("`{key}` has changed, which needs a restart")),
                    "{fault}"
                );
            }
        }
        met += 1;
    }
    assert!(met > 70, "{met}");
    assert_eq!(config_diff::keys(&old, &old), [] as [&str; 0]);
}
