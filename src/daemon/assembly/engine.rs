//! Puts the modules together: configuration, files and database become the [`Deps`] that steps work
//! with and the [`Post`] that carries letters. `serve`, `drain` and every other command that acts
//! build the same engine (P11).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;
use tokio_util::sync::CancellationToken;

use super::alert_settings::ChecklistsInForce;
use super::dkim::DkimFault;
use super::{alert_settings, dkim, mail_account, preflight};
use crate::care::plan::protocol::Protocol;
use crate::config::file::fault::Fault;
use crate::config::protocols::protocol;
use crate::config::sections::mail::Transport;
use crate::config::sources::Sources;
use crate::config::{Config, credential};
use crate::daemon::assembly::protocol_files::library;
use crate::daemon::assembly::sending_settings::policy;
use crate::daemon::assembly::wording::{self, writer};
use crate::daemon::backup::second_place::SecondPlacePause;
use crate::daemon::files::key_file::{self, KeyFault};
use crate::exchange::webhook::client::WebhookClient;
use crate::journey::alert_policy::WakeSignals;
use crate::journey::authenticator_seal;
use crate::journey::delivery::liveness::Liveness;
use crate::journey::delivery::post::{Post, Recipients};
use crate::journey::delivery::rate_limit::RateLimit;
use crate::journey::deps::{Deps, LetterWords, WordingInForce};
use crate::journey::errors::step::StepError;
use crate::journey::file_protocols::{FileProtocol, ProtocolInForce, ProtocolsInForce};
use crate::journey::in_flight::InFlight;
use crate::journey::operations::clock_watch::ClockWatch;
use crate::journey::protocol_cache::ProtocolCache;
use crate::journey::protocols::in_force::{in_force, in_force_over};
use crate::letter::compose::Composer;
use crate::letter::own::layers::StandingWording;
use crate::mail::smtp::courier::SmtpCourier;
use crate::mail::smtp::settings::{SettingsFault, SmtpSettings};
use crate::mail::spool::{Durability, Spool};
use crate::ports::{Clock, Courier, Entropy};
use crate::store::database::Store;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;
use crate::store::plan::protocols::ProtocolVersionId;

/// Why no engine could be built.
#[derive(Debug, thiserror::Error)]
pub enum EngineFault {
    /// Files or configuration are faulty.
    #[error("the configuration has faults")]
    Faults(Vec<Fault>),
    /// The database could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A step of the journey failed.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The key beside the database cannot be used.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// There is a key without its database.
    #[error("there is no database at `{database}`, but its key is there: `{key}`")]
    Vanished {
        /// Where the database should lie.
        database: PathBuf,
        /// The key beside it.
        key: PathBuf,
    },
    /// There is a sent journal without its database.
    #[error("there is no database at `{database}`, but its sent journal is there: `{journal}`")]
    JournalAlone {
        /// Where the database should lie.
        database: PathBuf,
        /// The directory that holds events of one.
        journal: PathBuf,
    },
    /// The key that signs calls cannot be read.
    #[error("the key of [alerts.webhook] cannot be read: {0}")]
    Webhook(#[from] credential::CredentialFault),
    /// The key that signs letters cannot be used.
    #[error("the key of [mail.dkim] cannot be used: {0}")]
    Dkim(#[from] DkimFault),
    /// The mail settings cannot work.
    #[error("the mail settings cannot work: {0}")]
    Mail(#[from] SettingsFault),
}

/// The clock and randomness of this run.
#[derive(Clone)]
pub struct World {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where random bytes come from.
    pub entropy: Arc<dyn Entropy>,
}

/// Everything a daemon runs on.
pub struct Engine {
    /// What steps work with.
    pub clinic: Deps,
    /// What carries letters out of the outbox.
    pub post: Post,
    /// Who makes signed calls, if the clinic wants any.
    pub caller: Option<Arc<WebhookClient>>,
    /// Protocols in force, by name.
    pub published: PublishedProtocol,
    /// The decisions in force.
    pub config: Config,
    /// The files in force.
    pub sources: Sources,
    /// The clock and randomness of this run.
    pub world: World,
    /// The clinic's day when it was put together.
    pub day: Date,
    /// The words in force, and which wordings of staff had to be left out of them.
    pub standing: StandingWording,
    /// What writes with the words in force: letters, and the pages that show parts of them.
    pub composer: Arc<Composer>,
    /// When the second place of the copies was tried last.
    pub second_rest: SecondPlacePause,
}

impl Engine {
    /// Builds an engine on an open database.
    ///
    /// # Errors
    /// [`EngineFault`]; nothing is half-built.
    pub fn open(
        store: &Store,
        config: Config,
        sources: &Sources,
        world: &World,
    ) -> Result<Self, EngineFault> {
        preflight::prove(&config, sources).map_err(EngineFault::Faults)?;
        let post = post(&config, world)?;
        let Assembled { clinic, published, standing, composer } = assemble(store, &config, sources, world)?;
        wording::tell(&standing.set_aside);
        alert_settings::tell(clinic.care.lapsed.as_ref());
        let caller = alert_settings::caller(&config)?;
        let (sources, world, day) = (sources.clone(), world.clone(), today(&config, world));
        let second_rest = SecondPlacePause::default();
        Ok(Self {
            clinic,
            post,
            caller,
            published,
            config,
            sources,
            world,
            day,
            standing,
            composer,
            second_rest,
        })
    }
}

/// A protocol as published: its row and its content.
pub type PublishedProtocol = BTreeMap<String, (ProtocolVersionId, Arc<Protocol>)>;

/// Builds what steps work with: publishes the protocols in force, keeps the words in force, reads the key.
///
/// # Errors
/// [`EngineFault`]; nothing is half-built.
pub fn clinic(
    store: &Store,
    config: &Config,
    sources: &Sources,
    world: &World,
) -> Result<(Deps, PublishedProtocol), EngineFault> {
    assemble(store, config, sources, world).map(|assembled| (assembled.clinic, assembled.published))
}

/// What is built of files and database.
struct Assembled {
    clinic: Deps,
    published: PublishedProtocol,
    standing: StandingWording,
    composer: Arc<Composer>,
}

fn assemble(
    store: &Store,
    config: &Config,
    sources: &Sources,
    world: &World,
) -> Result<Assembled, EngineFault> {
    let library = library(config, sources).map_err(EngineFault::Faults)?;
    let standing = wording::standing(config, sources).map_err(EngineFault::Faults)?;
    let composer = Composer::new(&standing.wording);
    let composer =
        Arc::new(composer.map_err(|found| EngineFault::Faults(wording::named_faults(found, sources)))?);
    let (hash, words) = (standing.wording.hash(), standing.wording.canonical());
    let forms = alert_settings::read(sources).map_err(EngineFault::Faults)?;
    let clinic = deps(store, config, world)?;
    let stamp = Stamp::daemon(world.clock.now());
    let level = config.sending.detail;
    let publish = move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
        tx.follow_detail(level)?;
        let mut files = ProtocolsInForce::new();
        for (name, (FileProtocol { protocol, origin }, text)) in library {
            let version = tx.publish_protocol(&name, &protocol.version, &text)?;
            files.insert(name, ProtocolInForce { version, protocol, origin });
        }
        let wording = tx.keep_wording(&hash, &words)?;
        Ok((files, wording, alert_settings::publish(tx, forms)?))
    };
    let (files, wording, current) = store.write_blocking(stamp, publish)?;
    let words =
        LetterWords::InForce(Arc::new(WordingInForce { wording, write: writer(Arc::clone(&composer)) }));
    let care = Arc::new(alert_settings::policy(config, current, today(config, world)));
    let protocol_cache = Arc::new(protocol_cache(sources));
    let clinic = Deps { words, care, file_protocols: Arc::new(files), protocol_cache, ..clinic };
    let in_force = store.read(|view| in_force(view, &clinic))?;
    let published = in_force.into_iter().map(|(name, one)| (name, (one.version, one.protocol))).collect();
    Ok(Assembled { clinic, published, standing, composer })
}

/// What the protocols ask for that new patients would be put on now: those of the files, and those that staff published in
/// the database, where there is one. Nothing is published.
///
/// # Errors
/// [`EngineFault`] for faulty files, or the store's.
pub fn in_force_unpublished(
    store: Option<&Store>,
    config: &Config,
    sources: &Sources,
) -> Result<BTreeMap<String, Arc<Protocol>>, EngineFault> {
    let library = library(config, sources).map_err(EngineFault::Faults)?;
    let files = library.into_iter().map(|(name, (file, _))| (name, file)).collect();
    let found = match store {
        Some(store) => store.read(|view| in_force_over(view, &protocol_cache(sources), files))?,
        None => files,
    };
    Ok(found.into_iter().map(|(name, one)| (name, one.protocol)).collect())
}

/// What looks at protocols work with where nothing can be published: those of the files in so far as they were before.
///
/// # Errors
/// [`EngineFault`] for faulty files, or the store's.
pub fn published_before(
    store: &Store,
    config: &Config,
    sources: &Sources,
    world: &World,
) -> Result<Deps, EngineFault> {
    let mut files = ProtocolsInForce::new();
    let library = library(config, sources).map_err(EngineFault::Faults)?;
    for (name, (FileProtocol { protocol, origin }, _)) in library {
        let version = store.read(|view| view.protocol_version_id(&name, &protocol.version))?;
        files.extend(version.map(|version| (name, ProtocolInForce { version, protocol, origin })));
    }
    let protocol_cache = Arc::new(protocol_cache(sources));
    Ok(Deps { file_protocols: Arc::new(files), protocol_cache, ..deps(store, config, world)? })
}

/// What steps work with that write no letter and put nobody on a protocol: the configuration and the key, none of the
/// clinic's files. So a death, a bounce or an alert is recorded while somebody still edits a wording.
///
/// # Errors
/// [`EngineFault::Key`], or the memory's.
pub fn deps(store: &Store, config: &Config, world: &World) -> Result<Deps, EngineFault> {
    store.work_in(config.office_hours());
    let key = key_file::open(store, &*world.entropy, world.clock.now())?;
    authenticator_seal::seal_all(store, &key, world.clock.now())?;
    Ok(Deps {
        store: store.clone(),
        protocol_cache: Arc::new(protocol_cache(&Sources::shipped())),
        file_protocols: Arc::default(),
        policy: Arc::new(policy(config)),
        words: LetterWords::Unread,
        key: Arc::new(key),
        care: Arc::new(alert_settings::policy(config, ChecklistsInForce::default(), today(config, world))),
        bells: WakeSignals::default(),
        in_flight: InFlight::default(),
    })
}

/// The clinic's day, by which it is settled who on the ladder is away.
#[must_use]
pub fn today(config: &Config, world: &World) -> Date {
    config.clinic.zone.to_datetime(world.clock.now()).date()
}

/// Builds what carries letters.
///
/// # Errors
/// [`EngineFault::Mail`] when the settings contradict each other.
pub fn post(config: &Config, world: &World) -> Result<Post, EngineFault> {
    Ok(Post {
        readers: Recipients::Everyone,
        courier: courier(config, world)?,
        clock: Arc::clone(&world.clock),
        entropy: Arc::clone(&world.entropy),
        rate_limit: Arc::new(RateLimit::default()),
        liveness: Liveness::default(),
        watch: ClockWatch::default(),
        stop: CancellationToken::new(),
        superseded: CancellationToken::new(),
    })
}

fn courier(config: &Config, world: &World) -> Result<Arc<dyn Courier>, EngineFault> {
    let signer = dkim::signer(&config.mail)?;
    Ok(match &config.mail.transport {
        Transport::Spool => Arc::new(Spool::new(&config.mail.spool_dir, Durability::Synced).signed(signer)),
        Transport::Smtp(smtp) => {
            let settings = mail_account::smtp_settings(&config.mail, smtp, &world.clock);
            Arc::new(SmtpCourier::new(SmtpSettings { signer, ..settings }, Arc::clone(&world.clock))?)
        }
    })
}

/// Published protocols. Reads stored protocols without asking for today's languages: a language
/// shipped later must not make old versions unreadable. The checklists of these sources lend their titles.
#[must_use]
pub fn protocol_cache(sources: &Sources) -> ProtocolCache {
    let sources = sources.clone();
    ProtocolCache::new(Box::new(move |name, text| {
        let read = protocol::read(&format!("{name}.toml"), text, &[]).ok()?;
        Some(protocol::titled(read, &sources))
    }))
}

#[cfg(test)]
mod tests {
    use crate::daemon::assembly::sending_settings::LEASE;
    use std::path::Path;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_lease_outlasts_the_dialogues_of_all_letters_that_a_line_holds() {
        let config = crate::config::load::shipped(Path::new("/srv")).unwrap();
        let timeout = match &config.mail.transport {
            Transport::Smtp(smtp) => smtp.timeout,
            Transport::Spool => Duration::from_secs(30),
        };
        let (to_open, to_carry) = (timeout * 5, timeout * 5 + crate::mail::smtp::settings::DOT_TIMEOUT);
        assert!(LEASE > (to_open + to_carry) * 3);
    }
}
