//! `pushcast cbc`: a Cell Broadcast Centre to try things on.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use pushcast_cbs::cbch;
use pushcast_cbs::gsmtap::Packet;
use pushcast_cbs::page::Page;
use serde::Serialize;
use tokio::net::{TcpListener, UdpSocket};

use crate::cbc::simulator::{Answering, Centre, Network, Quirks, Shown};
use crate::clock::Clock;
use crate::http::cbc::{Happening, Setup, Simulated};
use crate::model::initiator::Network as Peers;

use super::{Ended, output, serve};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Address for ECBE requests, and for /simulator/state.
    #[arg(long, default_value = "127.0.0.1:12345")]
    listen: SocketAddr,
    /// Address of the command port, which tells about cells; without it there is none.
    #[arg(long)]
    command_port: Option<SocketAddr>,
    /// Cells of the network, 1 to 1000.
    #[arg(long, default_value_t = 3)]
    cells: u16,
    /// Air time goes by so many times faster.
    #[arg(long, default_value_t = 1)]
    speed: u32,
    /// Networks whose requests are looked at, such as 127.0.0.0/8; every one if none is named.
    #[arg(long)]
    allow: Vec<Peers>,
    /// How requests are answered.
    #[arg(long, value_parser = answering, default_value = "promptly", long_help = ANSWERING)]
    answering: Answering,
    /// Of so many requests one is carried out and never answered.
    #[arg(long, default_value_t = 0)]
    hang_every: u32,
    /// A DELETE of a message on the air is answered after so many milliseconds.
    #[arg(long, default_value_t = 0)]
    delete_ms: u64,
    /// Every cell refuses everything, and the answer is 201 all the same.
    #[arg(long)]
    cells_refuse: bool,
    /// No part of the network is connected: answers are 200 after so many milliseconds.
    #[arg(long)]
    no_peer_ms: Option<u64>,
    /// Sends what is on the air to this address as GSMTAP.
    #[arg(long)]
    gsmtap: Option<SocketAddr>,
    /// Print every page as it ends, not only whole messages.
    #[arg(long)]
    pages: bool,
    /// One JSON line for each thing that happens.
    #[arg(long)]
    json: bool,
}

const ANSWERING: &str = "How requests are answered: promptly; never (carried out, no answer); deaf \
     (neither); garbage (octets that mean nothing); half (answers break off); broken (503)";

fn answering(text: &str) -> Result<Answering, String> {
    let quoted = serde_json::Value::from(text);
    serde_json::from_value(quoted).map_err(|_| ANSWERING.to_owned())
}

/// A line of output.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Line<'a> {
    Listening {
        ecbe: SocketAddr,
        command_port: Option<SocketAddr>,
    },
    Page {
        broadcast: u16,
        message_id: u16,
        serial: String,
        page: u8,
        pages: u8,
    },
    Request {
        what: &'a str,
        status: Option<u16>,
    },
    Shown {
        #[serde(flatten)]
        shown: &'a Shown,
    },
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let ecbe = bind(arguments.listen).await?;
    let port = match arguments.command_port {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let gsmtap = match arguments.gsmtap {
        Some(address) => Some(towards(address).await?),
        None => None,
    };
    let command_port = port.as_ref().map(TcpListener::local_addr).transpose()?;
    let listening = Line::Listening {
        ecbe: ecbe.local_addr()?,
        command_port,
    };
    let setup = Setup {
        centre: Centre::new(Network::new(arguments.cells, arguments.speed)),
        quirks: Quirks {
            answering: arguments.answering,
            hang_every: arguments.hang_every,
            delete_ms: arguments.delete_ms,
            cells_refuse: arguments.cells_refuse,
            no_peer_ms: arguments.no_peer_ms,
        },
        allow: arguments.allow,
        clock: Clock::system(),
    };
    let (_simulated, mut happenings) = Simulated::start(setup, ecbe, port);
    let json = arguments.json;
    print(&listening, json);
    let watched = async {
        let mut frame = 0;
        while let Some(happening) = happenings.recv().await {
            if let (Happening::Heard(sent, _), Some(socket)) = (&happening, &gsmtap) {
                frame = on_air(socket, &sent.page, frame).await;
            }
            tell(&happening, arguments.pages, json);
        }
    };
    tokio::select! {
        () = watched => {}
        () = serve::interrupted() => {}
    }
    Ok(Ended::Done)
}

/// A socket for GSMTAP to an address.
async fn towards(address: SocketAddr) -> anyhow::Result<UdpSocket> {
    let any: IpAddr = match address.is_ipv4() {
        true => Ipv4Addr::UNSPECIFIED.into(),
        false => std::net::Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(address).await?;
    Ok(socket)
}

fn tell(happening: &Happening, pages: bool, json: bool) {
    match happening {
        Happening::Request { what, status, .. } => {
            let status = *status;
            print(&Line::Request { what, status }, json);
        }
        Happening::Heard(sent, shown) => {
            let page = &sent.page;
            if pages {
                let line = Line::Page {
                    broadcast: sent.broadcast,
                    message_id: page.message_id.0,
                    serial: page.serial.to_string(),
                    page: page.parameter.number(),
                    pages: page.parameter.total(),
                };
                print(&line, json);
            }
            if let Some(shown) = shown {
                print(&Line::Shown { shown }, json);
            }
        }
    }
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.with_context(|| format!("cannot listen on {address}"))
}

/// Sends a page as its four blocks; returns the next frame number.
async fn on_air(socket: &UdpSocket, page: &Page, frame: u32) -> u32 {
    let blocks = cbch::blocks(page);
    for (number, block) in (frame..).zip(blocks) {
        let packet = Packet {
            arfcn: 871,
            block,
            frame: number,
            timeslot: 0,
        };
        // Nobody has to listen.
        let _ = socket.send(&packet.encode()).await;
    }
    frame.wrapping_add(cbch::PAGE_BLOCKS as u32)
}

fn print(line: &Line<'_>, json: bool) {
    if json {
        output::line(&serde_json::to_string(line).unwrap_or_default());
        return;
    }
    output::line(&match line {
        Line::Listening { ecbe, command_port } => match command_port {
            Some(port) => format!("listening  http://{ecbe}/api/ecbe/v1, command port {port}"),
            None => format!("listening  http://{ecbe}/api/ecbe/v1"),
        },
        Line::Page {
            broadcast,
            message_id,
            serial,
            page,
            pages,
        } => format!(
            "on the air {message_id}/{serial} page {page} of {pages}, broadcast {broadcast}"
        ),
        Line::Request { what, status } => match status {
            Some(status) => format!("request    {what}: {status}"),
            None => format!("request    {what}: no answer"),
        },
        Line::Shown { shown } => described(shown),
    });
}

/// What a handset shows, for people.
pub(super) fn described(shown: &Shown) -> String {
    let Shown {
        message_id,
        name,
        serial,
        pages,
        charset,
        ..
    } = shown;
    let language = shown
        .language
        .as_deref()
        .map_or(String::new(), |language| format!(", {language}"));
    let head =
        format!("handset    {message_id}/{serial} {name}, {pages} pages {charset}{language}");
    match (&shown.text, &shown.push) {
        (Some(_), _) => {
            let numbered = (1..).zip(&shown.text_by_page);
            let lines = numbered.flat_map(|(number, text)| page_lines(number, text));
            lines.fold(head, |told, line| told + "\n" + &line)
        }
        (None, Some(push)) => format!(
            "{head}\n           push of {}, {} octets",
            push.content_type, push.bytes
        ),
        (None, None) => head,
    }
}

/// The lines of a page; its number stands before the first.
fn page_lines(number: u8, text: &str) -> impl Iterator<Item = String> + '_ {
    let margin = (0..).map(move |line: usize| match line {
        0 => format!("{number:>10} | "),
        _ => format!("{:>10} | ", ""),
    });
    margin.zip(text.lines()).map(|(margin, line)| margin + line)
}
