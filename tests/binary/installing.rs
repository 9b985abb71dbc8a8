//! The first day as docs/operating.md has it, typed by root; and a place for copies that takes none.

use std::process::Command;
use std::time::Duration;

use crate::sandbox::{Ground, until};
use crate::sink::Sink;

/// Root installs by hand, in a namespace whose /etc and /var/lib go with it. The daemon's user is `aftercare`.
const BY_HAND: &str = r##"
        cp -a /etc "$home/etc" && mount --bind "$home/etc" /etc || exit 90
        mount -t tmpfs tmpfs /var/lib || exit 91
        rm -rf /etc/aftercare
        sed -i '/^aftercare:/d' /etc/passwd /etc/group
        echo 'aftercare:x:64321:64321::/var/lib/aftercare:/usr/sbin/nologin' >> /etc/passwd
        echo 'aftercare:x:64321:' >> /etc/group
        install -d -m 700 -o root /etc/aftercare/credentials
        install -d -m 700 -o aftercare -g aftercare /var/lib/aftercare
        cd /etc && "$binary" init aftercare > /dev/null || exit 92
        "$binary" check > "$home/check" 2>&1
        echo "check $?"
        "$binary" staff add maria --role admin --email maria@clinic.example > /dev/null 2>&1
        echo "staff $? $(stat -c %U /var/lib/aftercare/aftercare.db)"
        rm -rf /var/lib/aftercare/aftercare.*
        # What `init` wrote elsewhere, copied here: its places are those of that directory.
        sed -i 's#"/var/lib/aftercare/#"#' /etc/aftercare/aftercare.toml
        "$binary" check > "$home/relative" 2>&1
        echo "relative $?"
    "##;

#[test]
fn what_root_installs_by_hand_is_the_services_and_check_says_what_is_not() {
    if !nix::unistd::geteuid().is_root() {
        // Only root can become another user, and has a service to install.
        return;
    }
    let home = tempfile::tempdir().unwrap();
    // Whoever the program becomes must come in.
    std::fs::set_permissions(home.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", BY_HAND]).env("home", home.path());
    command.env("binary", env!("CARGO_BIN_EXE_aftercare")).env_remove("AFTERCARE_CONFIG");
    let ended = command.output().unwrap();
    let told = |name: &str| std::fs::read_to_string(home.path().join(name)).unwrap_or_default();
    let codes = String::from_utf8_lossy(&ended.stdout);
    let said =
        format!("{codes}{}\n{}\n{}", String::from_utf8_lossy(&ended.stderr), told("check"), told("relative"));
    assert!(ended.status.success() && codes.contains("check 0\nstaff 0 aftercare\nrelative 78\n"), "{said}");
    for words in
        ["`/etc/aftercare` is not writable", "(looked at as `aftercare`)", "/var/lib/aftercare/aftercare.db"]
    {
        assert!(told("relative").contains(words), "{words}: {said}");
    }
}

#[test]
fn a_place_that_takes_no_copies_is_named_by_check_status_and_doctor_alike() {
    let sandbox = Ground::new(Sink::open(|_, _| ()).port);
    // Below a file nobody, root neither, makes a directory.
    sandbox.set("directory = \"backups\"", "directory = \"aftercare.toml/backups\"");
    let place = format!("`{}", sandbox.config().display());
    let (code, _, said) = sandbox.run(&["check"]);
    assert!(code == 78 && said.contains(&format!("`backup.directory`: {place}")), "{code}: {said}");
    let mut daemon = sandbox.start(&["serve"]);
    let is_told = || sandbox.run(&["doctor"]).1.contains("The nightly copy failed");
    until("the failed copy is a task", Duration::from_secs(30), is_told);
    let (code, shown, _) = sandbox.run(&["doctor"]);
    let (_, screen, _) = sandbox.run(&["status"]);
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    assert!(code == 1 && !shown.contains("all is well"), "{shown}");
    assert!(shown.contains("backup: The nightly copy failed: "), "{shown}");
    assert!(
        screen.contains(&format!("no copy can be made: {place}")) && !screen.contains("only 0 B"),
        "{screen}"
    );
}
