//! The listener in a process of its own, so that it can be killed and its memory read.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use aftercare::web::ListenerLimits;
use aftercare::web::listener::Bounds;
use aftercare::web::middleware::Rate;

use crate::fixture::{Fixture, Judge};

/// Serves as many patients as asked; says where, then one token a line.
pub(crate) async fn serve(patients: usize) {
    let much = NonZeroU32::new(10_000_000).unwrap();
    // All load comes from one address here, so the limits by address are lifted; everything else stands.
    let bounds = Bounds { per_client: 400, connections: 500, ..Bounds::default() };
    let limits = ListenerLimits { bounds, rate: Rate { burst: much, per_second: much } };
    let fixture = std::sync::Arc::new(Fixture::with(Judge::Rules, limits).await);
    let mut tokens = Vec::new();
    let all: Vec<usize> = (0..patients).collect();
    for some in all.chunks(200) {
        let taken = some.iter().map(|n| {
            let fixture = std::sync::Arc::clone(&fixture);
            let reference = format!("P-{n}");
            tokio::spawn(async move { fixture.patient(&reference, "en").await.checklist })
        });
        for task in taken.collect::<Vec<_>>() {
            tokens.push(task.await.unwrap());
        }
    }
    println!("{} {}", fixture.at, fixture.clinic.store.path().display());
    tokens.iter().for_each(|token| println!("{token}"));
    println!("ready");
    std::future::pending::<()>().await;
}

/// A server that runs.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) at: SocketAddr,
    pub(crate) database: PathBuf,
    pub(crate) tokens: Vec<String>,
}

impl Server {
    /// Starts one.
    pub(crate) fn start(patients: u64) -> Self {
        let own = std::env::current_exe().unwrap();
        let mut child =
            Command::new(own).args(["serve", &patients.to_string()]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let first = lines.next().unwrap();
        let (at, database) = first.split_once(' ').unwrap();
        let (at, database) = (at.parse().unwrap(), PathBuf::from(database));
        let tokens = lines.take_while(|line| line != "ready").collect();
        Self { child, at, database, tokens }
    }

    /// Resident memory in KiB.
    pub(crate) fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// One number the database knows.
    pub(crate) fn count(&self, ask: &str) -> i64 {
        let sql = rusqlite::Connection::open(&self.database).unwrap();
        sql.query_row(ask, [], |row| row.get(0)).unwrap()
    }

    /// Ends it at once, as a power cut would end the process.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some(directory) = self.database.parent() {
            drop(std::fs::remove_dir_all(directory));
        }
    }
}
