//! `pushcast cbs encode`: how a text becomes pages.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use pushcast_cbs::capacity::PAGE_AIR_TIME;
use pushcast_cbs::cbch;
use pushcast_cbs::gsmtap::{Packet, UDP_PORT};
use pushcast_cbs::language::Language;
use pushcast_cbs::message::Message;
use pushcast_cbs::message_id::MessageId;
use pushcast_cbs::pcap::Writer;
use pushcast_cbs::serial::{GeographicalScope, MessageCode, SerialNumber, UpdateNumber};
use pushcast_cbs::text::{self, Folding, Options, Place};
use serde::Serialize;

use super::{Ended, output};

/// Characters that are named on a terminal.
const MAX_NAMED: usize = 8;

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Show charset, pages, data coding scheme and air time of a text.
    Encode(Encode),
}

#[derive(clap::Args)]
struct Encode {
    /// The text.
    text: String,
    /// Its language, two letters.
    #[arg(long)]
    language: Option<Language>,
    /// Make typographic quotes, dashes and spaces plain where that spares UCS2.
    #[arg(long)]
    fold_typography: bool,
    /// Message identifier in the capture.
    #[arg(long, default_value_t = 919)]
    message_id: u16,
    /// Write the pages to a capture file as GSMTAP, for tshark.
    #[arg(long)]
    pcap: Option<PathBuf>,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Described {
    charset: String,
    dcs: u8,
    pages: usize,
    units: usize,
    page_units: usize,
    room: usize,
    air_time_ms: u128,
    forcing_ucs2: Vec<(char, usize)>,
    folded: Vec<(char, usize)>,
    /// Content of each page, hexadecimal, and octets used.
    content: Vec<(String, u8)>,
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let Command::Encode(encode) = arguments.command;
    let options = Options {
        language: encode.language,
        folding: match encode.fold_typography {
            true => Folding::Typography,
            false => Folding::Keep,
        },
        ..Options::default()
    };
    let measure = match text::measure(&encode.text, &options) {
        Ok(measure) => measure,
        Err(error) => {
            output::note(&error.to_string());
            return Ok(Ended::Failed);
        }
    };
    let encoded = match text::encode(&encode.text, &options) {
        Ok(encoded) => encoded,
        Err(error) => {
            output::note(&error.to_string());
            return Ok(Ended::Failed);
        }
    };
    let serial = SerialNumber::new(
        GeographicalScope::Plmn,
        MessageCode::new(1)?,
        UpdateNumber::default(),
    );
    let message = Message {
        serial,
        message_id: MessageId(encode.message_id),
        dcs: encoded.dcs,
        contents: encoded.contents,
    };
    if let Some(path) = &encode.pcap {
        let octets = capture(&message)?;
        std::fs::write(path, octets).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let place = |place: &Place| (place.character, place.index);
    let described = Described {
        charset: format!("{:?}", encoded.charset).to_ascii_lowercase(),
        dcs: message.dcs.0,
        pages: measure.pages,
        units: measure.units,
        page_units: measure.page_units,
        room: measure.room,
        air_time_ms: measure.air_time.as_millis(),
        forcing_ucs2: measure.forcing_ucs2.iter().map(place).collect(),
        folded: measure.folded.iter().map(place).collect(),
        content: message
            .contents
            .pages()
            .iter()
            .map(|page| {
                let digits = page.octets().iter().map(|octet| format!("{octet:02x}"));
                (digits.collect(), page.used())
            })
            .collect(),
    };
    show(&described, measure.forcing_ucs2_count, encode.json);
    Ok(Ended::Done)
}

fn show(described: &Described, forcing: usize, json: bool) {
    if json {
        output::line(&serde_json::to_string(described).unwrap_or_default());
        return;
    }
    let seconds = described.air_time_ms as f64 / 1000.0;
    output::line(&format!("charset   {}", described.charset));
    if forcing > 0 {
        let named: Vec<String> = described
            .forcing_ucs2
            .iter()
            .take(MAX_NAMED)
            .map(|(character, index)| format!("{character:?} (character {})", index + 1))
            .collect();
        output::line(&format!(
            "because   {forcing} characters are outside the GSM alphabet: {}",
            named.join(", ")
        ));
    }
    output::line(&format!("scheme    0x{:02X}", described.dcs));
    output::line(&format!(
        "pages     {} of 15, {} units of {} a page, room for {} more",
        described.pages, described.units, described.page_units, described.room
    ));
    output::line(&format!(
        "air time  {seconds:.1} s for one broadcast on GSM"
    ));
    for (number, (content, used)) in (1..).zip(&described.content) {
        output::line(&format!("page {number:<4} {content} ({used} used)"));
    }
}

/// The pages as they would be on the air, one after the other.
fn capture(message: &Message) -> anyhow::Result<Vec<u8>> {
    let mut writer = Writer::default();
    let local = |port| SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut frame = 0;
    for (number, page) in (0..).zip(message.pages()) {
        let block_time = PAGE_AIR_TIME / 8;
        let start = now + PAGE_AIR_TIME * number;
        for (position, block) in (0..).zip(cbch::blocks(&page)) {
            let packet = Packet {
                arfcn: 871,
                block,
                frame,
                timeslot: 0,
            };
            frame += 1;
            let at: Duration = start + block_time * position;
            writer.datagram(at, local(UDP_PORT), local(UDP_PORT), &packet.encode())?;
        }
    }
    Ok(writer.finish())
}
