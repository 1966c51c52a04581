//! `pushcast demo`: gateway, receiver, a centre with a handset behind it, a PI and two examples on
//! this machine: a push to a multicast group, and an alert that goes out over Cell Broadcast too.
//! Then it says where the console is, and shows whatever arrives from then on.

mod arrivals;
mod notified;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use axum::Router;
use sha2::Digest as _;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};

use crate::cbc::simulator::{Centre, Network, Quirks};
use crate::client::pap::PapClient;
use crate::client::receive::Notice;
use crate::client::{Listen, Receive, ReceivedFile};
use crate::clock::Clock;
use crate::config::{Config, Overrides};
use crate::gateway::Gateway;
use crate::http::cbc::{Happening, Setup, Simulated};
use crate::model::{Address, Channel, MessageState, Sha256};
use crate::ota::Interface;
use crate::ota::socket::Ingress;
use crate::pap::Response;
use crate::pap::message::{PushMessage, ResultNotification};
use crate::pap::mime::Entity;

use super::{Ended, cbc, output, serve};
use notified::notified;

/// Every step must be over by then.
const PATIENCE: Duration = Duration::from_secs(30);
/// Cells behind the centre.
const CELLS: u16 = 3;
/// Air time of the cells goes by so much faster: nobody wants to wait 1.9 s for a page.
const AIR_SPEED: u32 = 10;
/// The alert: of the characters that phones have.
const ALERT: &str = "Flood warning: the river Aln rises. Go to high ground now, 10 m above it.\n";
/// The example.
const TEXT: &str = "Flood warning: the river Aln rises. Leave low ground now.\n";

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// End after the example.
    #[arg(long)]
    once: bool,
    /// Address for PAP and the console; any free port if absent.
    #[arg(long)]
    listen: Option<SocketAddr>,
}

pub(super) async fn run(
    arguments: Arguments,
    console: fn(Gateway) -> Router,
) -> anyhow::Result<Ended> {
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (centre, mut handset) = centre().await?;
    let config = Config::lab().with_centre(&centre.url, Some(centre.command_port));
    let config = config.with_overrides(Overrides {
        listen: Some(arguments.listen.unwrap_or(any)),
        admin_listen: Some(any),
        data_dir: Some(folder.path().join("data")),
        ..Overrides::default()
    });
    let listeners = serve::bind(&config).await?;
    let main = listeners.main.local_addr()?;
    let admin = listeners.admin.local_addr()?;
    output::line(&format!(
        "gateway    submissions at http://{main}/pap, health at http://{admin}/readyz"
    ));
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        let _ = stopped.await;
    };
    let mut received = Folder::receiving(&config, &folder.path().join("received"))?;
    let (welcome, welcomed) = watch::channel(None);
    let welcome = move |link: &str| _ = welcome.send(Some(link.to_owned()));
    let running = crate::serve::run_welcoming(config, listeners, console, shutdown, welcome);
    let mut gateway = tokio::spawn(running);
    let example = async {
        let examples = examples(main, &mut received, &mut handset);
        let result = tokio::time::timeout(PATIENCE, examples).await;
        result
            .unwrap_or_else(|_| bail!("the examples were not over after {} s", PATIENCE.as_secs()))
    };
    tokio::select! {
        result = example => result?,
        ended = &mut gateway => {
            ended??;
            bail!("the gateway ended by itself");
        }
    }
    if !arguments.once {
        let link = welcomed.borrow().clone();
        invite(main, link.as_deref());
        tokio::select! {
            () = serve::interrupted() => {}
            () = arrivals::shown(&mut received, &mut handset) => {}
            ended = &mut gateway => ended??,
        }
    }
    let _ = stop.send(());
    if !gateway.is_finished() {
        gateway.await??;
    }
    Ok(Ended::Done)
}

/// Says what to do next.
fn invite(main: SocketAddr, link: Option<&str>) {
    if let Some(link) = link {
        output::line(&format!("console    open {link}"));
        output::line("           choose a name and send the example alert: it arrives below");
    }
    output::line(&format!(
        "running    or try: pushcast submit --ppg http://{main}/pap --to group/lab --file FILE --wait"
    ));
    output::line("           Ctrl-C ends it");
}

/// A receiver on its thread.
struct Folder {
    path: std::path::PathBuf,
    files: mpsc::Receiver<ReceivedFile>,
    stop: Arc<AtomicBool>,
}

impl Folder {
    /// Joins the lab channel's group before anything is sent.
    fn receiving(config: &Config, path: &Path) -> anyhow::Result<Self> {
        let channel = config
            .channels()
            .iter()
            .find_map(Channel::as_flute)
            .context("the lab set-up has no channel")?;
        let ingress = Ingress {
            group: channel.group,
            port: channel.port,
            source: channel.source,
            interface: Interface::find("lo")?,
        };
        let listen = Listen {
            ingress,
            tsi: Some(channel.tsi.into()),
        };
        let receive = Receive {
            listen,
            out: path.to_owned(),
            count: None,
            timeout: None,
        };
        let (found, files) = mpsc::channel(16);
        let stop = Arc::new(AtomicBool::new(false));
        let stopping = Arc::clone(&stop);
        std::thread::Builder::new()
            .name("demo-receiver".to_owned())
            .spawn(move || {
                let result = receive.run(&stopping, &mut |notice| {
                    if let Notice::File(file, _) = notice {
                        let _ = found.blocking_send(file);
                    }
                });
                if let Err(error) = result {
                    output::error(&error.into());
                }
            })?;
        Ok(Self {
            path: path.to_owned(),
            files,
            stop,
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// A centre that runs.
struct Cbc {
    url: String,
    command_port: String,
}

/// Starts a centre with three cells, and what its handset shows.
async fn centre() -> anyhow::Result<(Cbc, mpsc::Receiver<Happening>)> {
    let any = (Ipv4Addr::LOCALHOST, 0);
    let (ecbe, port) = (TcpListener::bind(any).await?, TcpListener::bind(any).await?);
    let cbc = Cbc {
        url: format!("http://{}", ecbe.local_addr()?),
        command_port: port.local_addr()?.to_string(),
    };
    let setup = Setup {
        centre: Centre::new(Network::new(CELLS, AIR_SPEED)),
        quirks: Quirks::default(),
        allow: Vec::new(),
        clock: Clock::system(),
    };
    let (_, happenings) = Simulated::start(setup, ecbe, Some(port));
    output::line(&format!(
        "centre     Cell Broadcast Centre with {CELLS} cells at {}/api/ecbe/v1",
        cbc.url
    ));
    Ok((cbc, happenings))
}

/// A push to the multicast group, then an alert to multicast and cells together.
async fn examples(
    main: SocketAddr,
    received: &mut Folder,
    handset: &mut mpsc::Receiver<Happening>,
) -> anyhow::Result<()> {
    let (notify_url, mut notifications) = notified().await?;
    let mut followed = Followed {
        main,
        notify_url,
        received,
    };
    let began = followed.submitted("multicast", TEXT).await?;
    followed.received(TEXT, began).await?;
    followed.notified(&mut notifications, began).await?;
    let began = followed.submitted("lab", ALERT).await?;
    followed.received(ALERT, began).await?;
    let shown = loop {
        match handset.recv().await.context("the centre ended")? {
            Happening::Heard(_, Some(shown)) => break shown,
            Happening::Heard(_, None) | Happening::Request { .. } => {}
        }
    };
    output::line(&cbc::described(&shown));
    ensure!(
        shown.text.as_deref() == Some(ALERT.trim_end()),
        "the handset shows another text"
    );
    followed.notified(&mut notifications, began).await
}

/// The way of a push.
struct Followed<'a> {
    main: SocketAddr,
    notify_url: String,
    received: &'a mut Folder,
}

impl Followed<'_> {
    /// Submits to a group.
    async fn submitted(&mut self, group: &str, text: &str) -> anyhow::Result<Instant> {
        let (main, notify_url) = (self.main, self.notify_url.clone());
        let push_id = format!("example-{group}@demo");
        let push = PushMessage {
            push_id: push_id.parse()?,
            replaces: None,
            deliver_before_ms: None,
            deliver_after_ms: None,
            source_reference: None,
            notify_url: Some(notify_url),
            progress_notes: false,
            addresses: vec![Address::group(&group.parse()?, "ppg")?.into()],
            quality_of_service: None,
        };
        let content_type = "text/plain; charset=utf-8".to_owned();
        let entity = Entity {
            content_type,
            headers: Vec::new(),
            body: text.as_bytes().to_vec(),
        };
        let client = PapClient::new(&format!("http://{main}/pap"), None)?;
        let began = Instant::now();
        match client.submit(push, &entity).await? {
            Response::Push(answer) if answer.code.is_success() => {
                let desc = answer.desc.unwrap_or_default();
                output::line(&format!(
                    "accepted   {push_id}: {} {desc} ({} ms)",
                    answer.code.number(),
                    began.elapsed().as_millis()
                ));
            }
            other => bail!("the gateway refused: {other:?}"),
        }
        Ok(began)
    }

    /// Waits for the file at the receiver, and compares it.
    async fn received(&mut self, text: &str, began: Instant) -> anyhow::Result<()> {
        let received = &mut *self.received;
        let file = received.files.recv().await.context("the receiver ended")?;
        output::line(&format!(
            "on the air {} tsi {} toi {}",
            file.group, file.tsi, file.toi
        ));
        let octets = std::fs::read(received.path.join(&file.path))?;
        ensure!(
            octets == text.as_bytes(),
            "the file differs from what was submitted"
        );
        ensure!(
            file.sha256 == Sha256(sha2::Sha256::digest(text).into()).to_hex(),
            "the digest is wrong"
        );
        let took = began.elapsed().as_millis();
        output::line(&format!(
            "received   {} byte-exact, {} octets, sha256 {} ({took} ms)",
            file.path, file.bytes, file.sha256
        ));
        Ok(())
    }

    /// Waits for the result notification.
    async fn notified(
        &mut self,
        notifications: &mut mpsc::Receiver<ResultNotification>,
        began: Instant,
    ) -> anyhow::Result<()> {
        let notification = notifications
            .recv()
            .await
            .context("no result notification came")?;
        ensure!(
            notification.state == MessageState::Delivered,
            "the outcome is {}",
            notification.state.as_str()
        );
        let (state, code) = (notification.state.as_str(), notification.code.number());
        output::line(&format!(
            "notified   {state} {code} {} ({} ms)",
            notification.desc.unwrap_or_default(),
            began.elapsed().as_millis()
        ));
        Ok(())
    }
}
