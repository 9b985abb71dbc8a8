//! The binary from outside: exit codes, where words go, `init` and `check`.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::Path;

use assert_cmd::Command;

fn aftercare() -> Command {
    let mut command = Command::cargo_bin("aftercare").unwrap();
    command.env_remove("AFTERCARE_CONFIG").env_remove("CREDENTIALS_DIRECTORY").env_remove("RUST_LOG");
    command
}

fn init(directory: &Path) {
    aftercare().arg("init").arg(directory).assert().success();
}

/// Changes the written configuration.
fn with(directory: &Path, old: &str, new: &str) {
    let path = directory.join("aftercare.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "{old}");
    std::fs::write(path, text.replace(old, new)).unwrap();
}

fn check(directory: &Path) -> assert_cmd::assert::Assert {
    aftercare().arg("check").arg("--config").arg(directory.join("aftercare.toml")).assert()
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn what_init_writes_passes_check() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path());
    let said = check(dir.path()).success();
    assert!(words(&said.get_output().stderr).contains("made-up"));
}

/// What `check` says on stderr, which must be a fault.
fn faults(directory: &Path) -> String {
    words(&check(directory).code(78).get_output().stderr)
}

#[test]
fn a_slip_in_a_file_that_init_wrote_is_told_where_it_stands() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path());
    let changed = |file: &str, old: &str, new: &str| {
        let path = dir.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{old}");
        std::fs::write(&path, text.replacen(old, new, 1)).unwrap();
    };
    changed("letters/en/strings.toml", "dir = \"ltr\"", "dri = \"ltr\"");
    let said = faults(dir.path());
    assert!(said.contains("letters/en/strings.toml:3: `dri` is used nowhere"), "{said}");
    assert!(said.contains("error: there is a fault\n"), "{said}");
    changed("letters/en/strings.toml", "dri = \"ltr\"", "dir = \"ltr\"");

    std::fs::rename(dir.path().join("letters/en/book.txt.j2"), dir.path().join("letters/en/boook.txt.j2"))
        .unwrap();
    let said = faults(dir.path());
    assert!(said.contains(&format!("{}/letters/en/boook.txt.j2", dir.path().display())), "{said}");
    assert!(!said.contains("(shipped)") && said.contains("error: there is a fault\n"), "{said}");
    std::fs::remove_file(dir.path().join("letters/en/boook.txt.j2")).unwrap();

    let id = std::fs::read_to_string(dir.path().join("checklists/spine.toml")).unwrap();
    let id = id.lines().find(|line| line.starts_with("id")).unwrap().to_owned();
    changed("checklists/spine.toml", &id, "id = \"other\"");
    let said = faults(dir.path());
    assert!(said.contains("`id` is `other` but the file is named `spine.toml`"), "{said}");
}

#[test]
fn the_consoles_words_are_not_written_and_a_changed_copy_of_before_is_remarked() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path());
    assert!(!dir.path().join("console").exists());
    let own = dir.path().join("console/es");
    std::fs::create_dir_all(&own).unwrap();
    let text = aftercare::config::embedded::text("console/es/care.toml").unwrap();
    std::fs::write(own.join("care.toml"), &text).unwrap();
    let said = |says: bool| {
        let told = words(&check(dir.path()).success().get_output().stderr);
        assert_eq!(told.contains("the console's words come with the program alone"), says, "{told}");
    };
    said(false);
    std::fs::write(own.join("care.toml"), text.replace("la", "el")).unwrap();
    said(true);
}

#[test]
fn init_never_overwrites() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path());
    with(dir.path(), "Riverside Clinic", "Our Clinic");
    let again = aftercare().arg("init").arg(dir.path()).assert().code(65);
    assert!(words(&again.get_output().stderr).contains("is there already"));
    assert!(std::fs::read_to_string(dir.path().join("aftercare.toml")).unwrap().contains("Our Clinic"));
}

#[test]
fn init_puts_the_state_where_it_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (etc, state) = (dir.path().join("etc"), dir.path().join("state"));
    aftercare().arg("init").arg(&etc).arg("--state").arg(&state).assert().success();
    let config = aftercare::config::load::file(&etc.join("aftercare.toml")).unwrap();
    assert_eq!(config.database.path, state.join("aftercare.db"));
    assert_eq!(config.mail.spool_dir, state.join("spool"));
    assert_eq!(config.backup.directory, state.join("backups"));
}

#[test]
fn check_shows_every_fault_with_its_line_and_exits_78() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path());
    with(dir.path(), "America/New_York", "America/New_Yrok");
    with(dir.path(), "keep = 14", "keep = 0");
    std::fs::write(dir.path().join("aftercare.db"), "no database ".repeat(200)).unwrap();
    let said = words(&check(dir.path()).code(78).get_output().stderr);
    assert!(said.contains("did you mean `America/New_York`?"), "{said}");
    assert!(said.contains("`backup.keep` must be 1 or more"), "{said}");
    assert!(said.contains("aftercare.db`: file is not a database"), "{said}");
    assert!(said.contains("error: there are 3 faults\n"), "{said}");
}

#[test]
fn check_names_a_home_that_is_not_there_and_a_database_that_vanished() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path());
    let told = || words(&check(dir.path()).code(78).get_output().stderr);
    with(dir.path(), "path = \"aftercare.db\"", "path = \"no/such/a.db\"");
    assert!(told().contains("no/such` is not there"), "{}", told());
    with(dir.path(), "path = \"no/such/a.db\"", "path = \"aftercare.db\"");
    std::fs::write(dir.path().join("aftercare.db"), "").unwrap();
    assert!(told().contains("is an empty file"), "{}", told());
    std::fs::remove_file(dir.path().join("aftercare.db")).unwrap();
    std::fs::write(dir.path().join("aftercare.db.key"), [7; 32]).unwrap();
    assert!(told().contains("but its key is there"), "{}", told());
    std::fs::remove_file(dir.path().join("aftercare.db.key")).unwrap();
    check(dir.path()).success();
}

#[test]
fn faults_as_json_are_one_document_on_stdout() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path());
    with(dir.path(), "keep = 14", "kepe = 14");
    let path = dir.path().join("aftercare.toml");
    let said = aftercare().args(["--json", "check", "--config"]).arg(&path).assert().code(78);
    let document: serde_json::Value = serde_json::from_slice(&said.get_output().stdout).unwrap();
    let line =
        1 + std::fs::read_to_string(&path).unwrap().lines().position(|l| l.starts_with("kepe")).unwrap();
    assert_eq!(document["faults"][0]["line"], line);
    assert_eq!(document["faults"][0]["hint"], "did you mean `keep`?");
    assert_eq!((&document["ok"], document["remarks"].is_array()), (&false.into(), true));
}

#[test]
fn a_signature_under_another_version_does_not_count() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path());
    let signed = "mode = \"triage\"\n[checklists.sign_off]\nname = \"Dr A. Example\"\nrole = \"Consultant\"\n\
                  date = \"2027-01-15\"\nversion = \"0123456789ab\"\n";
    with(dir.path(), "# mode = \"education\"\n\n", signed);
    let said = words(&check(dir.path()).code(78).get_output().stderr);
    let version = said.split("but version `").nth(1).unwrap().split('`').next().unwrap().to_owned();
    with(dir.path(), "0123456789ab", &version);
    check(dir.path()).success();
}

#[test]
fn check_proves_what_the_clinic_wrote_itself() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path());
    let change = |file: &str, old: &str, new: &str| {
        let path = dir.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file}");
        std::fs::write(path, text.replacen(old, new, 1)).unwrap();
    };
    change("protocols/nccn.toml", "source", "sauce");
    change("checklists/spine.en.toml", "\nlanguage =", "\nlangauge =");
    change("letters/es/book.txt.j2", "{{", "{{ stranger }} {{");
    let said = words(&check(dir.path()).code(78).get_output().stderr);
    for file in ["protocols/nccn.toml:", "checklists/spine.en.toml:", "letters/es/book.txt.j2:"] {
        let whole = dir.path().join(file);
        assert!(said.contains(&*whole.to_string_lossy()), "{file}\n{said}");
    }
}

#[test]
fn every_fault_of_what_the_clinic_wrote_has_its_file_line_and_hint() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path());
    let change = |file: &str, old: &str, new: &str| {
        let path = dir.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file}");
        std::fs::write(path, text.replacen(old, new, 1)).unwrap();
    };
    change("protocols/nccn.toml", "step = \"book\"", "step = \"bok\"");
    change("protocols/sgo2017-high.toml", "checklist = \"spine\"", "checklist = \"spin\"");
    let config = std::fs::read_to_string(dir.path().join("aftercare.toml")).unwrap();
    let short = config.lines().find(|line| line.starts_with("short_name")).unwrap();
    with(dir.path(), short, "short_name = \"Cancer Care\"");
    let path = dir.path().join("aftercare.toml");
    let ended = aftercare().args(["--json", "check", "--config"]).arg(path).assert().code(78);
    let document: serde_json::Value = serde_json::from_slice(&ended.get_output().stdout).unwrap();
    let faults = document["faults"].as_array().unwrap();
    for (file, named) in
        [("nccn.toml", "`bok`"), ("sgo2017-high.toml", "`spin`"), ("aftercare.toml", "short_name")]
    {
        let at = |fault: &&serde_json::Value| fault["problem"].as_str().unwrap().contains(named);
        let fault = faults.iter().find(at).unwrap_or_else(|| panic!("{named}: {document}"));
        let (place, line) = (fault["file"].as_str().unwrap(), fault["line"].as_u64().unwrap_or(0));
        let text = std::fs::read_to_string(place).unwrap();
        let told = text.lines().nth(usize::try_from(line).unwrap().wrapping_sub(1)).unwrap_or_default();
        assert!(place.ends_with(file) && told.contains(named.trim_matches('`')), "{fault}: {told}");
        assert!(!fault["hint"].as_str().unwrap().is_empty(), "{fault}");
    }
}

#[test]
fn without_a_configuration_a_plan_is_laid_in_utc_as_its_help_says() {
    let bare = ["plan", "sgo2017-high", "--anchor", "2026-01-31", "--until", "2026-08-01", "--json"];
    let ended = aftercare().env_remove("AFTERCARE_CONFIG").args(bare).assert();
    // Where a configuration is installed its zone counts.
    if std::path::Path::new("/etc/aftercare/aftercare.toml").exists() {
        return;
    }
    let ended = ended.success();
    let document: serde_json::Value = serde_json::from_slice(&ended.get_output().stdout).unwrap();
    assert_eq!(document["zone"], "UTC");
}

#[test]
fn a_mark_does_not_hide_what_bone_spread_makes_urgent_and_dates_of_a_form_need_no_quotes() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("before.toml");
    std::fs::write(&file, "answered_on = 2026-11-01\nreviewed = true\n[answers]\nSP01 = \"no\"\n").unwrap();
    let tried = |more: &[&str]| -> serde_json::Value {
        let form = [
            "--json",
            "checklist",
            "try",
            "spine",
            "--well",
            "SP01=same",
            "SP02=low",
            "SP03=5",
            "--on",
            "2026-12-01",
        ];
        let ended = aftercare().args(form).args(more).assert().success();
        serde_json::from_slice(&ended.get_output().stdout).unwrap()
    };
    let known = ["--known", "S2=2027-03-01"];
    assert_eq!(tried(&known)["tier"], "routine");
    assert_eq!(tried(&["--known", "S2=2027-03-01", "--bone-spread"])["tier"], "urgent");
    assert_eq!(
        tried(&["--previous", file.to_str().unwrap()])["tier"],
        "urgent",
        "no pain a month ago is none"
    );
}

#[test]
fn online_says_when_nobody_answers() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path());
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    with(dir.path(), "transport = \"spool\"", "transport = \"smtp\"");
    with(dir.path(), "host = \"smtp.riverside.example\"", "host = \"127.0.0.1\"");
    with(dir.path(), "port = 587", &format!("port = {free}"));
    with(dir.path(), "tls = \"starttls\"", "tls = \"none\"");
    with(dir.path(), "username = ", "# username = ");
    with(dir.path(), "password_credential = ", "# password_credential = ");
    check(dir.path()).success();
    let path = dir.path().join("aftercare.toml");
    let ended = aftercare().args(["check", "--online", "--config"]).arg(path).assert().code(69);
    assert!(words(&ended.get_output().stderr).contains(&format!("127.0.0.1:{free}")));
    with(dir.path(), "[clinic]", "[clinic]\ncolour = \"blue\"");
    aftercare()
        .args(["check", "--online", "--config"])
        .arg(dir.path().join("aftercare.toml"))
        .assert()
        .code(78);
}

#[test]
fn check_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path());
    let count = || std::fs::read_dir(dir.path()).unwrap().count();
    let before = count();
    check(dir.path()).success();
    assert_eq!(count(), before);
}

#[test]
fn a_port_in_use_is_a_remark_and_no_fault() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    with(dir.path(), "127.0.0.1:8480", &taken.local_addr().unwrap().to_string());
    let said = check(dir.path()).success();
    assert!(words(&said.get_output().stderr).contains("is in use"));
}

#[test]
fn a_wrong_command_line_exits_64() {
    for args in [
        &["nonsense"][..],
        &["check", "--frobnicate"],
        &["init"],
        &[],
        &["rehearse", "--until", "31.12.2027"],
    ] {
        let ended = aftercare().args(args).assert().code(64);
        assert!(ended.get_output().stdout.is_empty(), "{args:?}");
    }
    let ended = aftercare().args(["--json", "nonsense"]).assert().code(64);
    let document: serde_json::Value = serde_json::from_slice(&ended.get_output().stdout).unwrap();
    assert!(document["error"].as_str().unwrap().contains("nonsense"), "{document}");
    let ended = aftercare().args(["--json", "plan"]).assert().code(64);
    let document: serde_json::Value = serde_json::from_slice(&ended.get_output().stdout).unwrap();
    assert!(document["error"].as_str().unwrap().contains("--anchor <DATE>"), "{document}");
    assert!(document["hint"].as_str().unwrap().starts_with("Usage: aftercare plan"), "{document}");
}

#[test]
fn help_and_version_are_answers() {
    aftercare().arg("--help").assert().success();
    let version = aftercare().arg("--version").assert().success();
    assert!(words(&version.get_output().stdout).starts_with("aftercare "));
}

#[test]
fn a_configuration_that_is_not_there_exits_78_with_a_hint() {
    let ended = aftercare().args(["check", "--config", "/nonexistent/aftercare.toml"]).assert().code(78);
    assert!(words(&ended.get_output().stderr).contains("aftercare init DIR"));
}

#[test]
fn the_configuration_is_found_by_its_variable() {
    let dir = tempfile::tempdir().unwrap();
    init(dir.path());
    aftercare().arg("check").env("AFTERCARE_CONFIG", dir.path().join("aftercare.toml")).assert().success();
}

fn leaves(command: &clap::Command, found: &mut Vec<(String, String)>, path: &str) {
    let path = format!("{path} {}", command.get_name());
    let example = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    found.push((path.trim().to_owned(), example));
    command.get_subcommands().for_each(|sub| leaves(sub, found, &path));
}

#[test]
fn every_command_explains_itself_with_an_example_that_parses() {
    let mut found = Vec::new();
    leaves(&aftercare::cli::tree(), &mut found, "");
    assert!(found.len() > 40, "{}", found.len());
    for (path, example) in found {
        assert!(example.starts_with("Example"), "{path}");
        let line = example.lines().find(|l| l.trim_start().starts_with("aftercare")).unwrap().trim();
        assert!(line.starts_with(&path), "{path}: {line}");
        let given = line.split("  ").next().unwrap().split(" > ").next().unwrap();
        let args: Vec<String> = given
            .split('\'')
            .enumerate()
            .flat_map(|(i, part)| match i % 2 {
                0 => part.split_whitespace().map(str::to_owned).collect(),
                _ => vec![part.to_owned()],
            })
            .collect();
        // A file of options stands in their place: it is read before they are.
        let file = args.iter().position(|one| one == "--from").filter(|_| path.contains(" patient "));
        let args: Vec<String> = match file {
            Some(at) if path.ends_with(" add") => {
                let told = ["--name=Ana", "--birth-date=1970-02-02"].map(str::to_owned);
                args[..at].iter().cloned().chain(told).collect()
            }
            Some(at) => args[..at].to_vec(),
            None => args,
        };
        let read = aftercare::cli::tree().try_get_matches_from(&args);
        assert!(read.is_ok(), "{line}: {}", read.unwrap_err());
    }
}

#[test]
fn every_command_has_words_about_itself() {
    fn look(command: &clap::Command) {
        assert!(command.get_about().is_some_and(|a| !a.to_string().is_empty()), "{}", command.get_name());
        command.get_subcommands().for_each(look);
    }
    look(&aftercare::cli::tree());
    aftercare::cli::tree().debug_assert();
}

#[test]
fn manual_pages_and_completions_can_be_made() {
    let dir = tempfile::tempdir().unwrap();
    aftercare().arg("man").arg(dir.path()).assert().success();
    assert!(dir.path().join("aftercare-check.1").exists());
    let script = aftercare().args(["completions", "bash"]).assert().success();
    assert!(words(&script.get_output().stdout).contains("aftercare"));
}

/// Needs root, as CI and the package's own build have it: only root can take on another identity.
#[test]
fn as_root_a_command_becomes_the_owner_of_the_database() {
    use std::os::unix::fs::{PermissionsExt, chown};
    let dir = tempfile::tempdir().unwrap();
    init(dir.path());
    if chown(dir.path(), Some(1), Some(1)).is_err() {
        return;
    }
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    check(dir.path()).success();
    // Root may write here; the owner may not. So the fault shows who looked.
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o555)).unwrap();
    let said = check(dir.path()).code(78);
    assert!(words(&said.get_output().stderr).contains("is not writable"));
}
