//! SIGHUP: configuration and protocols are read again. What is faulty, or can only be taken at a start, is refused as a
//! whole, and the old configuration stays in force. What is taken reaches the letter that is written next.

use std::sync::Arc;

use tokio::sync::watch;

use super::{config_diff, listeners, systemd};
use crate::config::Config;
use crate::daemon::assembly::engine::{Engine, EngineFault};
use crate::daemon::assembly::settings;
use crate::daemon::config_diff::FIXED;
use crate::daemon::loops::LoopHandles;
use crate::journey::delivery::failure::server_refusal;
use crate::web::app_state::AppState;

/// Reads the configuration again and builds a new engine on the same database.
pub type Reload = dyn Fn() -> Result<Engine, ReloadFault> + Send + Sync;

/// Why the new configuration is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReloadFault {
    /// It, or a file it names, is faulty; for the log.
    #[error("{0}")]
    Faulty(String),
    /// A key has changed that is read at the start only.
    #[error("{0} changed, which needs a restart; hint: `systemctl restart aftercare`, or change it back")]
    Fixed(String),
}

impl ReloadFault {
    fn status(&self) -> &'static str {
        match self {
            Self::Faulty(_) => "keeping promises under the old configuration: the new one is faulty",
            Self::Fixed(_) => "keeping promises under the old configuration: the new one needs a restart",
        }
    }
}

impl From<EngineFault> for ReloadFault {
    fn from(fault: EngineFault) -> Self {
        match fault {
            EngineFault::Faults(faults) => Self::Faulty(settings::list(&faults)),
            other => Self::Faulty(other.to_string()),
        }
    }
}

/// Refuses another database and other listeners: the daemon holds those it began with until it ends, while every other
/// command would go to the new ones. Gives the other keys that changed; all of them are taken.
///
/// # Errors
/// [`ReloadFault::Fixed`] with every such key.
pub fn keeps(old: &Config, new: &Config) -> Result<Vec<&'static str>, ReloadFault> {
    let (fixed, taken): (Vec<&str>, Vec<&str>) =
        config_diff::keys(old, new).into_iter().partition(|key| FIXED.contains(key));
    if fixed.is_empty() {
        return Ok(taken);
    }
    let verb = if fixed.len() == 1 { "has" } else { "have" };
    Err(ReloadFault::Fixed(format!("`{}` {verb}", fixed.join("`, `"))))
}

/// What is in force, and who looks at once when that changes.
#[derive(Clone, Copy)]
pub(super) struct InForce<'a> {
    pub(super) engine: &'a watch::Sender<Arc<Engine>>,
    /// What the pages are made of.
    pub(super) pages: &'a watch::Sender<Arc<AppState>>,
    pub(super) handles: &'a LoopHandles,
}

/// Takes on what staff decided since, under the file that is in force: a half-edited one changes nothing.
pub(super) async fn renew_settings(in_force: InForce<'_>) {
    let old = Arc::clone(&in_force.engine.borrow());
    let asked = Arc::clone(&old);
    let stale = tokio::task::spawn_blocking(move || settings::are_stale(&asked)).await;
    match stale {
        Ok(Ok(true)) => {
            let build = move || settings::renewed(&old).map_err(ReloadFault::from);
            let build: Arc<Reload> = Arc::new(build);
            // The log has said why not.
            drop(renew(in_force, &build).await);
        }
        Ok(Ok(false)) => {}
        Ok(Err(fault)) => tracing::error!(%fault, "the settings could not be read"),
        Err(fault) => tracing::error!(%fault, "the settings were not looked at"),
    }
}

/// Takes the new configuration. Every loop looks at once, whatever became of it.
///
/// # Errors
/// Why it is not taken; logged here.
pub(super) async fn renew(in_force: InForce<'_>, reload: &Arc<Reload>) -> Result<(), String> {
    systemd::reloading();
    // The loops listen to the bells they began with.
    let (read, old) = (Arc::clone(reload), Arc::clone(&in_force.engine.borrow()));
    let superseded = old.post.superseded.clone();
    let build = move || -> Result<(Engine, Arc<AppState>, Vec<&'static str>), ReloadFault> {
        let mut engine = read()?;
        let changed = keeps(&old.config, &engine.config)?;
        keep_running(&old, &mut engine);
        let app = listeners::app(&engine).map_err(|fault| ReloadFault::Faulty(fault.to_string()))?;
        keep_server(&old, &engine, &changed);
        Ok((engine, app, changed))
    };
    let renewed = tokio::task::spawn_blocking(build).await;
    let renewed = renewed.unwrap_or_else(|fault| Err(ReloadFault::Faulty(fault.to_string())));
    let (status, outcome) = match renewed {
        Ok((engine, app, changed)) => {
            let (clinic, now) = (engine.clinic.clone(), engine.post.clock.now());
            in_force.engine.send_replace(Arc::new(engine));
            // Perhaps just what the mail server refused us for was mended.
            if let Err(fault) = server_refusal::ask_at_once(&clinic, now).await {
                tracing::error!(%fault, "a letter could not be told to ask the mail server again");
            }
            in_force.pages.send_replace(app);
            // A pass under the old configuration takes no further letter in hand and finishes what is on the wire; the next one
            // begins at once, beside it.
            superseded.cancel();
            tracing::info!(changed = changed.join(", "), "configuration and protocols read again");
            ("keeping promises", Ok(()))
        }
        Err(fault) => {
            tracing::error!(%fault, "the new configuration is not taken; the old one stays in force");
            (fault.status(), Err(fault.to_string()))
        }
    };
    in_force.handles.ring();
    systemd::ready(status);
    outcome
}

/// What goes on whatever the configuration says: what was told, what is under way, and how much was spent.
fn keep_running(old: &Engine, engine: &mut Engine) {
    engine.clinic.bells = old.clinic.bells.clone();
    // Lines of before the reload may hold letters still.
    engine.clinic.in_flight = old.clinic.in_flight.clone();
    engine.post.watch = old.post.watch.clone();
    // Neither the minute nor a rest that the server asked for begins anew with each setting that staff change.
    engine.post.rate_limit = Arc::clone(&old.post.rate_limit);
}

/// The mail server sees one clinic, whichever settings opened a connection: those open still count. Another server has seen none,
/// and has asked for no rest.
fn keep_server(old: &Engine, engine: &Engine, changed: &[&'static str]) {
    if changed.iter().any(|key| OF_THE_SERVER.contains(key)) {
        engine.post.rate_limit.other_server();
    } else {
        engine.post.courier.succeed(&*old.post.courier);
    }
}

/// Keys behind which another mail server stands.
const OF_THE_SERVER: [&str; 3] = ["mail.transport", "mail.smtp.host", "mail.smtp.port"];

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::clock::{ManualClock, SeededEntropy};
    use crate::config::file::fault::Fault;
    use crate::config::load;
    use crate::config::sources::Sources;
    use crate::daemon::assembly::engine::World;
    use crate::daemon::demo::folder::{self, DemoFolder};
    use crate::ports::{Courier, CourierConnection};
    use crate::store::database::{OpenMode, Store};

    /// Counts whose place it took.
    #[derive(Default)]
    struct Heir(AtomicUsize);

    impl Courier for Heir {
        fn connections(&self) -> usize {
            1
        }
        fn connection(&self) -> Box<dyn CourierConnection> {
            unreachable!("nothing is sent here")
        }
        fn succeed(&self, _: &(dyn Courier + 'static)) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn what_was_sent_this_minute_and_the_rest_a_server_asked_for_outlast_a_reload() {
        let dir = tempfile::tempdir().unwrap();
        let until: jiff::Timestamp = "2027-01-15T09:00:00Z".parse().unwrap();
        let place = DemoFolder { directory: dir.path().to_owned(), seed: 7, until, listeners: None };
        let store = Store::open(&place.database(), OpenMode::Create).unwrap();
        let world =
            World { clock: Arc::new(ManualClock::at(until)), entropy: Arc::new(SeededEntropy::new(1)) };
        let engine =
            || Engine::open(&store, folder::config(&place).unwrap(), &Sources::shipped(), &world).unwrap();
        let (old, mut new, at) = (engine(), engine(), Duration::from_secs);
        let heir = Arc::new(Heir::default());
        new.post.courier = Arc::clone(&heir) as _;
        old.post.rate_limit.spend(at(0), 5);
        old.post.rate_limit.rest(at(0));
        keep_running(&old, &mut new);
        keep_server(&old, &new, &["sending.max_per_minute"]);
        assert!(new.post.rate_limit.is_resting(at(59)));
        let left = |most| new.post.rate_limit.allowance(at(59), most, 10);
        assert_eq!((left(5), left(7)), (0, 2), "a new limit counts at once, with what was spent");
        keep_server(&old, &new, &["mail.smtp.host"]);
        assert!(!new.post.rate_limit.is_resting(at(59)), "another server asked for none");
        assert_eq!(heir.0.load(Ordering::Relaxed), 1, "and counts no connection to the one before");
    }

    #[test]
    fn each_fault_of_a_new_configuration_stands_on_a_line_of_its_own() {
        let fault = |line| Fault {
            file: "a.toml".to_owned(),
            line,
            problem: "is wrong".to_owned(),
            hint: "mend it".to_owned(),
        };
        let told = ReloadFault::from(EngineFault::Faults(vec![fault(3), fault(7)])).to_string();
        assert_eq!(told, "a.toml:3: is wrong\n  hint: mend it\na.toml:7: is wrong\n  hint: mend it");
    }

    #[test]
    fn what_the_daemon_holds_until_it_ends_is_not_changed_by_a_reload() {
        let shipped = || load::shipped(std::path::Path::new("/srv")).unwrap();
        let refused = |change: &dyn Fn(&mut Config)| {
            let mut new = shipped();
            change(&mut new);
            keeps(&shipped(), &new).err().map(|fault| fault.to_string()).unwrap_or_default()
        };
        assert_eq!(refused(&|new| new.backup.keep.daily += 1), "");
        let both = refused(&|new| {
            new.database.path.push("x");
            new.web.listen.set_port(9);
        });
        assert!(both.contains("`database.path`, `web.listen` have changed"), "{both}");
        assert!(refused(&|new| new.database.path.push("x")).contains("`database.path` has changed"));
        assert!(refused(&|new| new.web.listen.set_port(9)).contains("`web.listen` has changed"));
        assert!(refused(&|new| new.web.console_listen.set_port(9)).contains("needs a restart"));
    }
}
