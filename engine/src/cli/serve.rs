//! `pushcast serve`

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use axum::Router;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{BackendChoice, Config, Overrides};
use crate::gateway::Gateway;
use crate::serve::{Listeners, run as serve};

use super::{Ended, output};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Configuration file; without one a lab set-up on loopback runs.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Folder of everything that is kept.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Address for PAP and the console.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Address for health and metrics.
    #[arg(long)]
    admin_listen: Option<SocketAddr>,
    /// Back-end of every lane.
    #[arg(long, value_parser = ["auto", "uring", "gso", "plain"])]
    lane: Option<String>,
}

pub(super) async fn run(
    arguments: Arguments,
    console: fn(Gateway) -> Router,
) -> anyhow::Result<Ended> {
    let config = match &arguments.config {
        Some(path) => match Config::read(path) {
            Ok(config) => config,
            Err(errors) => {
                output::note(&errors.to_string());
                return Ok(Ended::Misused);
            }
        },
        None => Config::lab(),
    };
    let lane_backend = arguments.lane.as_deref().map(backend).transpose()?;
    let Arguments {
        data_dir,
        listen,
        admin_listen,
        ..
    } = arguments;
    let config = config.with_overrides(Overrides {
        listen,
        admin_listen,
        data_dir,
        lane_backend,
    });
    raise_descriptors(config.limits().connections);
    let listeners = bind(&config).await?;
    let scheme = config.tls().map_or("http", |_| "https");
    tracing::info!(
        listen = %listeners.main.local_addr()?,
        admin_listen = %listeners.admin.local_addr()?,
        "submissions at {scheme}://{}/pap, health at http://{}/readyz",
        listeners.main.local_addr()?,
        listeners.admin.local_addr()?
    );
    serve(config, listeners, console, interrupted()).await?;
    Ok(Ended::Done)
}

/// Connections need descriptors: takes as many as the process may have, and says if they are too
/// few.
fn raise_descriptors(connections: u32) {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
    let open_files = getrlimit(Resource::Nofile).current;
    if open_files.is_some_and(|open_files| open_files <= u64::from(connections)) {
        tracing::warn!(
            open_files,
            connections,
            "fewer files may be open than connections are allowed"
        );
    }
}

fn backend(name: &str) -> anyhow::Result<BackendChoice> {
    Ok(match name {
        "auto" => BackendChoice::Auto,
        other => BackendChoice::Only(other.parse()?),
    })
}

/// Opens both listeners, and says which address is taken.
pub(super) async fn bind(config: &Config) -> anyhow::Result<Listeners> {
    let (main, admin) = (config.server().listen, config.server().admin_listen);
    Ok(Listeners {
        main: TcpListener::bind(main)
            .await
            .with_context(|| format!("cannot listen on {main} (--listen)"))?,
        admin: TcpListener::bind(admin)
            .await
            .with_context(|| format!("cannot listen on {admin} (--admin-listen)"))?,
    })
}

/// Completes at Ctrl-C or SIGTERM.
pub(super) async fn interrupted() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
