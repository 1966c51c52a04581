//! `pushcast receive`

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use indicatif::{HumanBytes, ProgressBar};
use pushcast_flute::Tsi;
use pushcast_flute::sdp::Session;

use crate::client::receive::Notice;
use crate::client::{Listen, Outcome, Progress, Receive, ReceivedFile};
use crate::ota::Interface;
use crate::ota::socket::Ingress;

use super::{Ended, duration, gsmtap, output, serve};

/// Longest session description fetched, octets.
const MAX_SDP_BYTES: usize = 64 << 10;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Session description: a file, or a URL such as http://127.0.0.1:8080/sessions/lab.sdp.
    #[arg(long, conflicts_with_all = ["group", "port"], required_unless_present_any = ["group", "gsmtap"])]
    session: Option<String>,
    /// Multicast group.
    #[arg(long, requires = "port")]
    group: Option<IpAddr>,
    /// UDP port.
    #[arg(long)]
    port: Option<u16>,
    /// Only this transport session.
    #[arg(long)]
    tsi: Option<u64>,
    /// Only this sender.
    #[arg(long)]
    source: Option<IpAddr>,
    /// Interface name or address; the first that has the source's network, or loopback.
    #[arg(long)]
    interface: Option<String>,
    /// Instead: Cell Broadcast messages from GSMTAP datagrams sent to ADDRESS:PORT, or in a capture
    /// file.
    #[arg(
        long, value_name = "ADDRESS:PORT|FILE", num_args = 0..=1,
        default_missing_value = "127.0.0.1:4729", conflicts_with_all = ["session", "group", "out"]
    )]
    gsmtap: Option<String>,
    /// Folder for what arrives.
    #[arg(long, required_unless_present = "gsmtap")]
    out: Option<PathBuf>,
    /// Stop after so many distinct objects.
    #[arg(long)]
    count: Option<usize>,
    /// Stop when nothing new came for so long.
    #[arg(long, default_value = "30s", value_parser = duration::parse)]
    timeout: Duration,
    /// One JSON line for each object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    if let Some(place) = &arguments.gsmtap {
        let wanted = gsmtap::Wanted {
            count: arguments.count,
            timeout: arguments.timeout,
            json: arguments.json,
        };
        return gsmtap::run(place, &wanted).await;
    }
    let listen = listen(&arguments).await?;
    let out = arguments.out.clone().context("--out is needed")?;
    let receive = Receive {
        listen,
        out,
        count: arguments.count,
        timeout: Some(arguments.timeout),
    };
    let stop = Arc::new(AtomicBool::new(false));
    let stopper = Arc::clone(&stop);
    tokio::spawn(async move {
        serve::interrupted().await;
        stopper.store(true, Ordering::Relaxed);
    });
    let json = arguments.json;
    let counted = arguments.count.is_some();
    let (outcome, files) = tokio::task::spawn_blocking(move || {
        let bar = output::progress("{spinner} {msg}");
        let mut files = 0;
        let outcome = receive.run(&stop, &mut |notice| {
            files += usize::from(matches!(notice, Notice::File(..)));
            show(&bar, notice, json);
        });
        bar.finish_and_clear();
        outcome.map(|outcome| (outcome, files))
    })
    .await
    .context("receiving was interrupted")??;
    Ok(match outcome {
        Outcome::Complete | Outcome::Stopped => Ended::Done,
        Outcome::TimedOut if counted || files == 0 => Ended::TimedOut,
        Outcome::TimedOut => Ended::Done,
    })
}

fn show(bar: &ProgressBar, notice: Notice, json: bool) {
    match notice {
        Notice::File(file, _) => bar.suspend(|| output::line(&described(&file, json))),
        Notice::Refused {
            content_location,
            reason,
        } => {
            bar.suspend(|| output::note(&format!("refused {content_location}: {reason}")));
        }
        Notice::Progress(progress) => {
            bar.set_message(under_way(&progress));
            bar.tick();
        }
    }
}

/// The line printed for a file, and another one for what it says.
pub(super) fn described(file: &ReceivedFile, json: bool) -> String {
    if json {
        return serde_json::to_string(file).unwrap_or_default();
    }
    let line = format!(
        "{}  {}  {} octets  sha256 {}  {} of {} symbols  {:.2} s",
        file.path,
        file.content_type,
        file.bytes,
        file.sha256,
        file.symbols_received,
        file.symbols_needed,
        file.seconds
    );
    match &file.push {
        Some(push) => format!("{line}\n  {push}"),
        None => line,
    }
}

fn under_way(progress: &Progress) -> String {
    let rate = progress.bytes as f64 / progress.elapsed.as_secs_f64().max(0.001);
    let symbols = &progress.symbols;
    let mut text = format!(
        "{} complete, {}/s",
        progress.complete,
        HumanBytes(rate as u64)
    );
    if let Some(percent) = (100 * symbols.symbols_received).checked_div(symbols.symbols_needed) {
        text.push_str(&format!(", {percent} % of what is under way"));
    }
    text
}

async fn listen(arguments: &Arguments) -> anyhow::Result<Listen> {
    let session = match &arguments.session {
        Some(place) => Some(description(place).await?),
        None => None,
    };
    let of = session.as_ref();
    let group = arguments.group.or_else(|| of.map(|session| session.group));
    let port = arguments.port.or_else(|| of.map(|session| session.port));
    let (Some(group), Some(port)) = (group, port) else {
        bail!("--session, or --group and --port, are needed")
    };
    if !group.is_multicast() {
        bail!("{group} is not a multicast address");
    }
    let tsi = match arguments.tsi {
        Some(tsi) => Some(Tsi::new(tsi)?),
        None => of.map(|session| session.tsi),
    };
    let source = arguments
        .source
        .or_else(|| of.and_then(|session| session.source));
    let interface = match &arguments.interface {
        Some(interface) => Interface::find(interface)?,
        None => default_interface(source)?,
    };
    Ok(Listen {
        ingress: Ingress {
            group,
            port,
            source,
            interface,
        },
        tsi,
    })
}

/// Loopback for a sender on this machine; else there must be one other interface.
fn default_interface(source: Option<IpAddr>) -> anyhow::Result<Interface> {
    if source.is_none_or(|source| source.is_loopback()) {
        return Ok(Interface::find("lo")?);
    }
    let mut others = Interface::all()?.into_iter().filter(|interface| {
        interface.name != "lo" && !(interface.v4.is_empty() && interface.v6.is_empty())
    });
    match (others.next(), others.next()) {
        (Some(only), None) => Ok(only),
        _ => bail!("which interface? name it with --interface"),
    }
}

async fn description(place: &str) -> anyhow::Result<Session> {
    let text = if place.starts_with("http://") || place.starts_with("https://") {
        fetch(place)
            .await
            .with_context(|| format!("cannot fetch {place}"))?
    } else {
        std::fs::read_to_string(place).with_context(|| format!("cannot read {place}"))?
    };
    Session::read(&text).with_context(|| format!("{place} is not a session description"))
}

async fn fetch(url: &str) -> anyhow::Result<String> {
    let mut response = crate::pap::notify::transport::client(|options| options)?
        .get(url)
        .send()
        .await?
        .error_for_status()?;
    let mut text = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        text.extend_from_slice(&chunk);
        if text.len() > MAX_SDP_BYTES {
            bail!("more than {MAX_SDP_BYTES} octets");
        }
    }
    Ok(String::from_utf8(text)?)
}
