//! The provider program while a test needs it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The client secret that the program knows.
pub(crate) const SECRET: &str = "a secret of this test";
/// Where the console that the program knows takes people back.
pub(crate) const RETURN: &str = "http://127.0.0.1:8481/sign-in/openid/return";

/// A running provider; dropping it ends it.
pub(crate) struct Provider {
    child: Child,
    pub(crate) at: SocketAddr,
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where `./test tools` puts the program.
fn modules() -> PathBuf {
    let place = root().join("target/openid");
    assert!(
        place.join("node_modules/oidc-provider/package.json").exists(),
        "the provider program of this test is not there: run `./test tools`"
    );
    place
}

impl Provider {
    /// Starts it on a free port.
    pub(crate) fn start() -> Self {
        Self::start_on(0)
    }

    /// Starts it on that port, with new keys.
    pub(crate) fn start_on(port: u16) -> Self {
        let mut child = Command::new("node")
            .arg(root().join("tests/openid/provider.mjs"))
            .args([modules().as_os_str(), port.to_string().as_ref(), RETURN.as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node is there: `./test tools` installs it");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.find_map(|line| line.unwrap().strip_prefix("ready ")?.parse::<u16>().ok());
        let port = ready.expect("the provider program ended before it listened");
        Self { child, at: SocketAddr::from(([127, 0, 0, 1], port)) }
    }

    pub(crate) fn issuer(&self) -> String {
        format!("http://{}", self.at)
    }

    /// Ends it and starts it anew, in the same place, with other keys.
    pub(crate) fn with_new_keys(self) -> Self {
        let port = self.at.port();
        drop(self);
        Self::start_on(port)
    }
}
