//! The gateway as a whole: puts the parts together, listens, and ends in order.

mod entrance;
pub(crate) mod seeding;

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use crate::access::Access;
use crate::audit::Audit;
use crate::cbc::{LinkSpecError, Links};
use crate::clock::Clock;
use crate::config::{Config, SecretError};
use crate::gateway::console::FileDefinitions;
use crate::gateway::{self, Console, Gateway, Identity};
use crate::http::auth::NoEntropy;
use crate::http::auth::passwords::HashError;
use crate::http::front::Front;
use crate::http::listener::{self, ConnectionLimits, Doors};
use crate::http::router::{self, Admin, Sources};
use crate::http::tls::TlsError;
use crate::metrics::Metrics;
use crate::model::{Initiator, InitiatorName};
use crate::ota::{Event, Fleet, FleetError, LaneSpec};
use crate::pap::endpoint::Endpoint;
use crate::pap::notify::{Notifier, NotifierError};
use crate::report::outbox::{Outbox, Sender};
use crate::routing::Directory;
use crate::scheduler::{self, Fatal, Scheduler, Signals};
use crate::store::{FileError, Files, Store, StoreError};
use entrance::{authenticator, cleartext, doors};
use seeding::seeded;

/// Lane events on their way to the store.
const EVENTS_LEN: usize = 8192;
/// Requests and notifications under way get so long to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections to the admin listener at a time: some who watch, and a person or two.
const ADMIN_CONNECTIONS: u32 = 64;

/// Where the gateway listens.
pub struct Listeners {
    /// PAP, session descriptions, console.
    pub main: TcpListener,
    /// Health and metrics.
    pub admin: TcpListener,
}

/// The gateway cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data folder cannot be used.
    #[error("the data folder cannot be used")]
    Files(#[from] FileError),
    /// The disk refused to put a file on stable storage.
    #[error("the disk fails: what is on it is not known any more")]
    Disk,
    /// A link to a CBC cannot be set up.
    #[error("a CBC cannot be spoken to")]
    Link(#[from] LinkSpecError),
    /// The lanes cannot be set up.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// The console cannot hash passwords.
    #[error("the console cannot be set up")]
    Console(#[source] HashError),
    /// A listener failed.
    #[error("listening failed")]
    Listen(#[from] std::io::Error),
    /// There is no randomness to remember credentials with.
    #[error(transparent)]
    Authenticator(#[from] NoEntropy),
    /// The HTTP client for notifications cannot be made.
    #[error(transparent)]
    Notifier(#[from] NotifierError),
    /// The digests of an initiator cannot be read.
    #[error("initiator {name} cannot be let in by Digest")]
    Digest {
        /// The initiator.
        name: InitiatorName,
        /// Why.
        source: SecretError,
    },
    /// The scheduler cannot go on.
    #[error(transparent)]
    Scheduler(#[from] Fatal),
    /// The store cannot be opened or used.
    #[error("the store cannot be used")]
    Store(#[from] StoreError),
    /// The certificates of the main listener cannot be used.
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
}

/// Runs the gateway until `shutdown` completes or something fatal happens. `console` adds the
/// console's routes to the main listener.
pub async fn run(
    config: Config,
    listeners: Listeners,
    console: fn(Gateway) -> Router,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    // It lets somebody in, so it goes to whoever has started this and not into the log.
    let welcome = |link: &str| {
        crate::cli::output::note(&format!("nobody can sign in yet: open {link} within a day"));
    };
    run_welcoming(config, listeners, console, shutdown, welcome).await
}

/// Runs the gateway like [`run`]; `welcome` gets the link for the first person, where there is
/// nobody yet, before anything is listened to.
pub(crate) async fn run_welcoming(
    config: Config,
    listeners: Listeners,
    console: fn(Gateway) -> Router,
    shutdown: impl Future<Output = ()> + Send,
    welcome: impl Fn(&str) + Send,
) -> Result<(), ServeError> {
    let files = Files::open(&config.server().data_dir)?;
    let owner = format!("{}-{}", std::process::id(), uuid::Uuid::now_v7());
    let store = Store::open(&config.server().database_url(), &owner).await?;
    let result = async {
        let identity = identity(&config, &listeners);
        let assembled = Assembled::from(&config, identity, store.clone(), files).await?;
        if let Ok(Some(word)) = assembled.gateway.first_link().await {
            let url = assembled.gateway.identity().url.trim_end_matches("/pap");
            welcome(&format!("{url}/set-up/{word}"));
        }
        assembled.run(listeners, console, shutdown).await
    };
    let result = result.await;
    store.close().await?;
    result
}

/// The parts, put together and recovered, not yet reachable.
struct Assembled {
    scheduler: Scheduler,
    outbox: Outbox,
    gateway: Gateway,
    endpoint: Endpoint,
    metrics: Arc<Metrics>,
    sources: Arc<Sources>,
    doors: Doors,
    audit: Audit,
}

impl Assembled {
    async fn from(
        config: &Config,
        identity: Identity,
        store: Store,
        files: Files,
    ) -> Result<Self, ServeError> {
        let clock = Clock::system();
        let directory = Arc::new(seeded(config, &store, clock.unix_ms()).await?);
        let initiators = store.initiators().await?;
        let outbox = outbox(&store, &clock, &identity, &initiators)?;
        let signals = Arc::new(Signals {
            outcome: outbox.wake(),
            ..Signals::default()
        });
        let (specs, fleet, events) = fleet(config, &directory, &clock)?;
        let (cbc_sender, cbc_events) = mpsc::channel(EVENTS_LEN);
        let links = Links::start(config.cbcs(), directory.cbs_channels(), &clock, &cbc_sender)?;
        let sources = Arc::new(Sources::of(&directory, &specs));
        let scheduler = Scheduler::start(scheduler::Parts {
            store: store.clone(),
            files: files.clone(),
            clock: clock.clone(),
            directory: Arc::clone(&directory),
            initiators: with_console(&initiators),
            fleet,
            events,
            links,
            cbc_events,
            ppg_name: config.server().ppg_name.clone(),
            signals: Arc::clone(&signals),
            finished_ms: millis(config.retention().finished),
        })
        .await?;
        let authenticator = Arc::new(authenticator(config, initiators)?);
        let metrics = Metrics::new();
        let audit = Audit::new(clock.clone());
        let lifetime_ms = millis(config.limits().default_lifetime);
        let console = console(config, clock.unix_ms())?;
        let gateway = Gateway::new(gateway::Parts {
            store,
            files,
            clock,
            directory,
            access: Access::new(audit.clone(), Arc::clone(&metrics)),
            signals,
            core: scheduler.core(),
            identity,
            lifetime_ms,
            console,
            approvals: gateway::Approvals::default(),
        });
        let body_bytes = config.limits().body_bytes;
        let endpoint = Endpoint::new(
            gateway.clone(),
            authenticator,
            Arc::clone(&metrics),
            body_bytes,
        );
        Ok(Self {
            scheduler,
            outbox,
            gateway,
            endpoint,
            metrics,
            sources,
            doors: doors(config)?,
            audit,
        })
    }

    async fn run(
        self,
        listeners: Listeners,
        console: fn(Gateway) -> Router,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), ServeError> {
        let Self {
            scheduler,
            outbox,
            gateway,
            endpoint,
            metrics,
            sources,
            doors,
            audit,
        } = self;
        let core = scheduler.core();
        let store = gateway.store().clone();
        let endpoint = Arc::new(endpoint);
        let main = router::main(Arc::clone(&endpoint), gateway.clone(), sources);
        let main = main.merge(console(gateway.clone()));
        let main = router::measured(main, Arc::clone(&metrics));
        let main = Front::new(main, endpoint, Arc::clone(&metrics));
        let admin = router::admin(Admin {
            metrics: Arc::clone(&metrics),
            gateway: gateway.clone(),
            core,
            outbox: outbox.stats(),
        });
        let (stop, stopped) = watch::channel(false);
        let serving = async {
            let admin_doors = Doors {
                limits: ConnectionLimits {
                    all: ADMIN_CONNECTIONS,
                    per_address: ADMIN_CONNECTIONS,
                },
                tls: None,
            };
            let counted = || Arc::clone(&metrics);
            let stop = || told(stopped.clone());
            let main = listener::serve(listeners.main, main, doors.clone(), counted(), stop());
            let admin = listener::serve(listeners.admin, admin, admin_doors, counted(), stop());
            tokio::try_join!(main, admin)
        };
        if let Some(tls) = &doors.tls {
            tokio::spawn(Arc::clone(tls).watch(told(stopped.clone())));
        }
        let follower = tokio::spawn(gateway.clone().follow(told(stopped.clone())));
        let audit = tokio::spawn(audit.run(store.clone(), told(stopped.clone())));
        tokio::pin!(shutdown, serving);
        let outbox = tokio::spawn(outbox.run(told(stopped.clone())));
        let result = tokio::select! {
            () = &mut shutdown => Ok(()),
            fatal = scheduler.run() => Err(fatal.into()),
            () = store.failure() => Err(StoreError::Failed.into()),
            () = gateway.files().failure() => Err(ServeError::Disk),
            served = &mut serving => served.map(|_| ()).map_err(ServeError::from),
        };
        tracing::info!("shutting down");
        let _ = stop.send(true);
        if result.is_ok() {
            let _ = tokio::time::timeout(PATIENCE, serving).await;
        }
        let _ = tokio::time::timeout(PATIENCE, outbox).await;
        let _ = tokio::time::timeout(PATIENCE, audit).await;
        let _ = tokio::time::timeout(PATIENCE, follower).await;
        result
    }
}

/// What the console needs besides the store.
fn console(config: &Config, now_ms: u64) -> Result<Console, ServeError> {
    let file = FileDefinitions {
        channels: config.channels().to_vec(),
        groups: config.alias_groups().to_vec(),
        areas: config.areas().to_vec(),
        initiators: config.initiators().to_vec(),
    };
    let console = Console::new(config.console().clone(), file, now_ms);
    let console = console.map_err(ServeError::Console)?;
    Ok(console.with_cleartext(cleartext(config)))
}

/// What comes from the console is planned like what initiators send.
fn with_console(initiators: &[Initiator]) -> Vec<Initiator> {
    let mut all = initiators.to_vec();
    all.push(Initiator::console());
    all
}

/// Starts the lanes.
fn fleet(
    config: &Config,
    directory: &Directory,
    clock: &Clock,
) -> Result<(Vec<LaneSpec>, Fleet, mpsc::Receiver<Event>), FleetError> {
    let (sender, events) = mpsc::channel(EVENTS_LEN);
    let specs: Vec<LaneSpec> = config.lanes().iter().map(lane_spec).collect();
    let fleet = Fleet::start(&specs, directory.flute_channels(), clock, &sender)?;
    Ok((specs, fleet, events))
}

/// Makes the poster of result notifications.
fn outbox(
    store: &Store,
    clock: &Clock,
    identity: &Identity,
    initiators: &[Initiator],
) -> Result<Outbox, NotifierError> {
    let hosts = initiators
        .iter()
        .map(|initiator| (initiator.name.clone(), initiator.notify_hosts.clone()));
    let hosts: HashMap<InitiatorName, Vec<String>> = hosts.collect();
    let named = move |initiator: &InitiatorName| hosts.get(initiator).cloned().unwrap_or_default();
    let sender = Sender {
        address: Some(identity.url.clone()),
        name: Some(identity.name.clone()),
    };
    Ok(Outbox::new(
        store.clone(),
        clock.clone(),
        Notifier::new()?,
        sender,
        Box::new(named),
    ))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Completes once the gateway is to stop.
async fn told(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

fn lane_spec(lane: &crate::config::Lane) -> LaneSpec {
    LaneSpec {
        name: lane.name.clone(),
        interface: lane.interface.clone(),
        backend: lane.backend.wanted(),
    }
}

fn identity(config: &Config, listeners: &Listeners) -> Identity {
    let listen = listeners
        .main
        .local_addr()
        .unwrap_or(config.server().listen);
    let scheme = config.tls().map_or("http", |_| "https");
    Identity {
        name: config.server().ppg_name.clone(),
        url: format!("{scheme}://{listen}/pap"),
    }
}
