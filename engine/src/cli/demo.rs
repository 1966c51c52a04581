//! `pushcast demo`: gateway, receiver, a PI and one example push on this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use axum::Router;
use axum::routing::post;
use sha2::Digest as _;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use crate::client::pap::PapClient;
use crate::client::receive::Notice;
use crate::client::{Listen, Receive, ReceivedFile};
use crate::config::{Config, Overrides};
use crate::gateway::Gateway;
use crate::model::{Address, MessageState, Sha256};
use crate::ota::Interface;
use crate::ota::socket::Ingress;
use crate::pap::Response;
use crate::pap::message::{Operation, PushMessage, Request, ResultNotification};
use crate::pap::mime::Entity;
use crate::pap::response::ResultNotificationResponse;

use super::{Ended, output, serve};

/// Every step must be over by then.
const PATIENCE: Duration = Duration::from_secs(30);
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
    let config = Config::lab().with_overrides(Overrides {
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
    let received = Folder::receiving(&config, &folder.path().join("received"))?;
    let mut gateway = tokio::spawn(crate::serve::run(config, listeners, console, shutdown));
    let example = async {
        let result = tokio::time::timeout(PATIENCE, example(main, received)).await;
        result.unwrap_or_else(|_| bail!("the example was not over after {} s", PATIENCE.as_secs()))
    };
    tokio::select! {
        result = example => result?,
        ended = &mut gateway => {
            ended??;
            bail!("the gateway ended by itself");
        }
    }
    if !arguments.once {
        output::line(&format!(
            "running    try: pushcast submit --ppg http://{main}/pap --to group/lab --file FILE --wait"
        ));
        output::line("           Ctrl-C ends it");
        tokio::select! {
            () = serve::interrupted() => {}
            ended = &mut gateway => ended??,
        }
    }
    let _ = stop.send(());
    if !gateway.is_finished() {
        gateway.await??;
    }
    Ok(Ended::Done)
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
            .first()
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

/// Submits, and follows the push to its end.
async fn example(main: SocketAddr, mut received: Folder) -> anyhow::Result<()> {
    let (notify_url, mut notifications) = notified().await?;
    let push_id = format!("{}@demo", uuid::Uuid::now_v7());
    let push = PushMessage {
        push_id: push_id.parse()?,
        replaces: None,
        deliver_before_ms: None,
        deliver_after_ms: None,
        source_reference: None,
        notify_url: Some(notify_url),
        progress_notes: false,
        addresses: vec![Address::group(&"lab".parse()?, "ppg")?.into()],
        quality_of_service: None,
    };
    let content_type = "text/plain; charset=utf-8".to_owned();
    let entity = Entity {
        content_type,
        headers: Vec::new(),
        body: TEXT.as_bytes().to_vec(),
    };
    let client = PapClient::new(&format!("http://{main}/pap"), None)?;
    let began = std::time::Instant::now();
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
    let file = received.files.recv().await.context("the receiver ended")?;
    output::line(&format!(
        "on the air {} tsi {} toi {}",
        file.group, file.tsi, file.toi
    ));
    let octets = std::fs::read(received.path.join(&file.path))?;
    ensure!(
        octets == TEXT.as_bytes(),
        "the file differs from what was submitted"
    );
    ensure!(
        file.sha256 == Sha256(sha2::Sha256::digest(TEXT).into()).to_hex(),
        "the digest is wrong"
    );
    let took = began.elapsed().as_millis();
    output::line(&format!(
        "received   {} byte-exact, {} octets, sha256 {} ({took} ms)",
        file.path, file.bytes, file.sha256
    ));
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

/// A PI's server for result notifications.
async fn notified() -> anyhow::Result<(String, mpsc::Receiver<ResultNotification>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}/results", listener.local_addr()?);
    let (found, notifications) = mpsc::channel(16);
    let take = move |body: axum::body::Bytes| {
        let found = found.clone();
        async move { acknowledged(&body, &found).await }
    };
    let router = Router::new().route("/results", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((url, notifications))
}

async fn acknowledged(
    body: &[u8],
    found: &mpsc::Sender<ResultNotification>,
) -> (axum::http::StatusCode, String) {
    let Ok(request) = Request::read(body) else {
        return (axum::http::StatusCode::BAD_REQUEST, String::new());
    };
    let envelope = request.envelope();
    let Operation::ResultNotification(notification) = request.operation else {
        return (axum::http::StatusCode::BAD_REQUEST, String::new());
    };
    let answer = Response::ResultNotification(ResultNotificationResponse {
        push_id: notification.push_id.clone(),
        code: crate::model::StatusCode::Ok.into(),
        desc: None,
        address: notification.address.clone(),
    });
    let _ = found.send(notification).await;
    (axum::http::StatusCode::ACCEPTED, answer.to_xml(envelope))
}
