//! The provers of `check`: each looks at one thing and gives what it found. A new one is one line in [`PROVERS`].

mod words;
mod key;
mod local;
pub(in crate::cli) mod place;
mod clinic;
mod signature;
mod post;
mod mailbox;
mod dkim;
mod openid;
mod online;
mod open_config;
pub mod finding;

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::MetadataExt;

use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::config::sections::mail::Transport;
use crate::daemon::files::missing_database::{VANISHED, not_vanished};
use crate::store::db::health;

/// One question `check` asks, and the findings it has.
pub type Prover = fn(&CheckContext) -> Vec<CheckFinding>;

/// Every look `check` takes, in the order of its report.
pub const PROVERS: &[Prover] = &[
    files,
    open_config::writable,
    words::protocols,
    words::unsigned,
    words::checklists,
    words::pages,
    signature::signature,
    words::letters,
    words::outside,
    words::console,
    words::centres,
    words::leaflets,
    words::steps,
    languages,
    local::words,
    post::settings,
    post::replies,
    database,
    names,
    key::key,
    key::encryption,
    place::directories,
    ports,
    secrets,
    clinic::numbers,
    clinic::zone,
    cover,
    post::online,
    mailbox::online,
    dkim::key,
    dkim::alignment,
    openid::settings,
    openid::online,
];

fn files(context: &CheckContext) -> Vec<CheckFinding> {
    context.sources.faults().into_iter().map(CheckFinding::Fault).collect()
}

fn languages(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = &context.config else { return Vec::new() };
    let letters = context.sources.list("letters/");
    let known: BTreeSet<&str> =
        letters.iter().filter_map(|path| Some(path.strip_prefix("letters/")?.split_once('/')?.0)).collect();
    let wanted = config.sending.languages.iter().filter(|l| !known.contains(l.as_str()));
    let hint = "take it out of the list, or write its letters into the directory of `paths.letters`";
    wanted
        .map(|l| context.fault_at("sending.languages", &format!("there are no letters in `{l}`"), hint))
        .collect()
}

fn database(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(path) = &context.database else { return Vec::new() };
    let fault = |problem: &str, hint: &str| {
        let named = problem.contains(&*path.to_string_lossy());
        let problem = if named { problem.to_owned() } else { format!("`{}`: {problem}", path.display()) };
        context.fault_at("database.path", &problem, hint)
    };
    match health::look(path) {
        Err(error) => vec![fault(&error.to_string(), error.hint())],
        Ok(None) => {
            let vanished = not_vanished(path).err();
            vanished.map(|vanished| fault(&vanished.to_string(), VANISHED)).into_iter().collect()
        }
        Ok(Some(health)) => {
            let hint = "stop the daemon and restore the last backup: `aftercare restore FILE`";
            let altered =
                "somebody changed it without aftercare: find out who, and restore a backup from before";
            let complaints = health.complaints.iter().map(|complaint| fault(complaint, hint));
            complaints.chain(health.schema_diff.iter().map(|diff| fault(diff, altered))).collect()
        }
    }
}

/// Lock, log and bell of a daemon go by the database's path: under another name of the same file nobody sees them.
fn names(context: &CheckContext) -> Vec<CheckFinding> {
    let file = context.database.as_deref().and_then(|path| std::fs::metadata(path).ok());
    let Some(names) = file.map(|file| file.nlink()).filter(|names| *names > 1) else { return Vec::new() };
    let problem = format!(
        "the file has {names} names (hard links): a second daemon under another would not see the first"
    );
    let hint = "take the other names away, `find / -xdev -samefile DATABASE` shows them; a backup is made by `aftercare backup`";
    vec![context.remark_at("database.path", &problem, hint)]
}

fn ports(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = &context.config else { return Vec::new() };
    let both = [("web.listen", config.web.listen), ("web.console_listen", config.web.console_listen)];
    both.into_iter().filter_map(|(key, address)| port(context, key, address)).collect()
}

fn port(context: &CheckContext, key: &str, address: SocketAddr) -> Option<CheckFinding> {
    let error = TcpListener::bind(address).err()?;
    Some(match error.kind() {
        ErrorKind::AddrInUse => {
            let hint = "fine if it is a running aftercare; otherwise choose another port";
            context.remark_at(key, &format!("{address} is in use"), hint)
        }
        _ => {
            let hint = "use an address of this machine and a port its user may open (1024 or above)";
            context.fault_at(key, &format!("cannot listen on {address}: {error}"), hint)
        }
    })
}

fn secrets(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = &context.config else { return Vec::new() };
    let named = config.secrets();
    let mut findings: Vec<_> =
        named.iter().filter_map(|secret| context.secret_at(secret.key, secret.name)).collect();
    let Transport::Smtp(smtp) = &config.mail.transport else { return findings };
    if let Some((ca, error)) = smtp.ca_file.as_ref().and_then(|ca| Some((ca, std::fs::read(ca).err()?))) {
        let problem = format!("`{}` cannot be read: {error}", ca.display());
        findings.push(context.fault_at(
            "mail.smtp.ca_file",
            &problem,
            "make it readable for the service's user",
        ));
    }
    findings
}

/// P6: an alert at night must reach somebody.
fn cover(context: &CheckContext) -> Vec<CheckFinding> {
    let Some(config) = &context.config else { return Vec::new() };
    let mut findings = Vec::new();
    if config.alerts.ladder.iter().all(|rung| rung.hours.is_some() || rung.days.is_some()) {
        let hint = "give one rung neither `hours` nor `days`";
        findings.push(context.remark_at("alerts.ladder", "nobody is told at all hours", hint));
    }
    if !config.web.console_listen.ip().is_loopback() {
        let hint = "make sure that a firewall lets only the clinic in";
        findings.push(context.remark_at(
            "web.console_listen",
            "the console listens beyond this machine",
            hint,
        ));
    }
    findings
}

#[cfg(test)]
pub(in crate::cli) mod tests {
    use super::*;

    /// A clinic's directory with the shipped configuration, changed.
    pub(in crate::cli) fn context(
        edits: &[(&str, &str)],
    ) -> (tempfile::TempDir, CheckContext, Vec<CheckFinding>) {
        let dir = tempfile::tempdir().unwrap();
        let shipped = crate::config::embedded::text("aftercare.toml").unwrap();
        let text = edits.iter().fold(shipped, |text, (old, new)| {
            assert!(text.contains(old), "{old}");
            text.replace(old, new)
        });
        let path = dir.path().join("aftercare.toml");
        std::fs::write(&path, text).unwrap();
        let (context, findings) = CheckContext::survey(&path);
        (dir, context, findings)
    }

    fn told(findings: &[CheckFinding]) -> String {
        format!("{findings:?}")
    }

    #[test]
    fn a_finding_names_the_line_of_its_key() {
        let (_dir, context, none) = context(&[]);
        assert_eq!(none, []);
        let line = |key| context.text.lines().position(|l| l.starts_with(key)).map(|l| l + 1).unwrap();
        for (key, start) in
            [("backup.keep", "keep ="), ("mail.smtp.host", "host ="), ("web.listen", "listen =")]
        {
            let CheckFinding::Fault(fault) = context.fault_at(key, "x", "y") else { panic!("{key}") };
            assert_eq!(fault.line, line(start), "{key}");
        }
    }

    #[test]
    fn protocols_nobody_signed_are_one_remark_and_only_the_clinics_own() {
        let (dir, context, _) = context(&[]);
        std::fs::create_dir(dir.path().join("protocols")).unwrap();
        assert_eq!(crate::cli::operate::prove::words::unsigned(&context), []);
        for (name, signed) in [("nccn", false), ("figo", false), ("cco2016", true)] {
            let text = crate::config::embedded::text(&format!("protocols/{name}.toml")).unwrap();
            let text = if signed { text.replace("verified = false", "verified = true") } else { text };
            std::fs::write(dir.path().join(format!("protocols/{name}.toml")), text).unwrap();
        }
        let (context, _) = CheckContext::survey(&dir.path().join("aftercare.toml"));
        let found = crate::cli::operate::prove::words::unsigned(&context);
        let [CheckFinding::Remark(remark)] = &found[..] else { panic!("{found:?}") };
        assert!(remark.problem.ends_with("has signed figo, nccn"), "{}", remark.problem);
        assert!(context.text.lines().nth(remark.line - 1).unwrap().starts_with("protocols ="));
    }

    #[test]
    fn a_database_of_two_names_is_remarked() {
        let (dir, context, _) = context(&[]);
        let file = dir.path().join("aftercare.db");
        std::fs::write(&file, "").unwrap();
        assert_eq!(names(&context), []);
        std::fs::hard_link(&file, dir.path().join("other.db")).unwrap();
        assert!(
            matches!(&names(&context)[..], [CheckFinding::Remark(f)] if f.problem.contains("has 2 names"))
        );
    }

    #[test]
    fn a_damaged_database_is_a_fault_even_when_the_configuration_has_faults() {
        let (dir, context, faults) = context(&[("keep = 14", "keep = 0")]);
        assert_eq!(faults.len(), 1);
        std::fs::write(dir.path().join("aftercare.db"), "no database ".repeat(99)).unwrap();
        assert!(told(&database(&context)).contains("not a database"));
    }

    #[test]
    fn a_secret_that_is_not_there_is_a_fault() {
        let absent = ("\"smtp-password\"", "\"/nonexistent/password\"");
        let own = [("+1 555 0100", "+1 212 555 7000"), ("+1 555 0199", "+1 212 555 7001")];
        let (_dir, context, _) =
            context(&[("= \"spool\"\n# The sender", "= \"smtp\"\n# The sender"), absent, own[0], own[1]]);
        assert!(
            matches!(&secrets(&context)[..], [CheckFinding::Fault(f)] if f.problem.contains("cannot be read"))
        );
    }

    #[test]
    fn a_secret_that_others_may_read_is_remarked_with_the_command_that_closes_it() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("smtp");
        std::fs::write(&file, "secret\n").unwrap();
        let named = format!("\"{}\"", file.display());
        let own = [("+1 555 0100", "+1 212 555 7000"), ("+1 555 0199", "+1 212 555 7001")];
        let smtp = [("= \"spool\"\n# The sender", "= \"smtp\"\n# The sender"), ("\"smtp-password\"", &named)];
        let (_dir, context, _) = context(&[smtp[0], smtp[1], own[0], own[1]]);
        let tried = |mode| {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            secrets(&context)
        };
        assert_eq!(tried(0o600), []);
        let found = tried(0o644);
        let [CheckFinding::Remark(remark)] = &found[..] else { panic!("{found:?}") };
        assert!(remark.problem.contains("(mode 644)"), "{remark:?}");
        assert!(remark.hint.starts_with(&format!("`chmod 600 {}`", file.display())), "{remark:?}");
    }

    #[test]
    fn letters_nobody_reads_an_answer_to_are_remarked() {
        let (_dir, context, _) = context(&[("reply_to = ", "# reply_to = ")]);
        let found = crate::cli::operate::prove::post::replies(&context);
        assert!(
            matches!(&found[..], [CheckFinding::Remark(f)] if f.problem.contains("`mail.reply_to`")),
            "{found:?}"
        );
        assert!(crate::cli::operate::prove::post::replies(&self::context(&[]).1).is_empty());
    }

    #[test]
    fn a_ladder_that_sleeps_at_night_is_remarked() {
        let awake = "name = \"Doctor on call\"\n";
        let asleep = "name = \"Doctor on call\"\ndays = [\"mon\"]\n";
        let head = ("name = \"Head of clinic\"\n", "name = \"Head of clinic\"\ndays = [\"tue\"]\n");
        let (_dir, context, _) = context(&[(awake, asleep), head]);
        assert!(
            matches!(&cover(&context)[..], [CheckFinding::Remark(f)] if f.problem.contains("at all hours"))
        );
    }

    #[test]
    fn what_strangers_see_of_a_letter_must_not_tell() {
        let edits = [
            ("Riverside Clinic <care@riverside.example>", "Gynae-Oncology <care@riverside.example>"),
            ("\"desk@riverside.example\"", "\"cancer@riverside.example\""),
            ("\"riverside.example\"", "\"cervical-cancer.example\""),
            ("public_url = \"https://", "public_url = \"https://cervical-cancer."),
        ];
        for (edit, key) in
            edits.into_iter().zip(["mail.from", "mail.reply_to", "mail.message_id_domain", "web.public_url"])
        {
            let (_dir, context, none) = context(&[edit]);
            assert_eq!(none, []);
            let found = crate::cli::operate::prove::words::outside(&context);
            assert!(
                matches!(&found[..], [CheckFinding::Fault(f)] if f.problem.contains(key)),
                "{key}: {found:?}"
            );
        }
        let (_dir, context, _) = context(&[]);
        assert_eq!(crate::cli::operate::prove::words::outside(&context), []);
    }

    #[test]
    fn a_language_without_letters_is_a_fault() {
        let (_dir, context, _) = context(&[("\"en\", \"es\"]", "\"en\", \"es\", \"xx\"]")]);
        assert!(
            matches!(&languages(&context)[..], [CheckFinding::Fault(f)] if f.problem.contains("no letters in `xx`"))
        );
    }
}
