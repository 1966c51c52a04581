//! Capture files of GSMTAP over UDP over IPv4, so that other programs read our pages and we read
//! theirs. Only what that needs: the classic format, not pcapng; no fragments, no IPv6.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use crate::wire::{Reader, Truncated};

/// Longest packet that is read, octets.
pub const MAX_PACKET_OCTETS: usize = 65_535;

const MAGIC_MICROSECONDS: u32 = 0xA1B2_C3D4;
const MAGIC_NANOSECONDS: u32 = 0xA1B2_3C4D;
const LINK_ETHERNET: u32 = 1;
const LINK_RAW: u32 = 101;
const LINK_IPV4: u32 = 228;
const ETHERNET_HEADER_OCTETS: usize = 14;
const ETHERTYPE_IPV4: u16 = 0x0800;
const IP_HEADER_OCTETS: usize = 20;
const UDP_HEADER_OCTETS: usize = 8;
const UDP: u8 = 17;
const TIME_TO_LIVE: u8 = 64;
const FRAGMENT_MASK: u16 = 0x3FFF;

/// A capture that cannot be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PcapError {
    /// A datagram that is too long for IPv4.
    #[error("a datagram of {octets} octets is too long for IPv4")]
    DatagramLength {
        /// Octets of its payload.
        octets: usize,
    },
    /// A link type other than Ethernet and raw IPv4.
    #[error("link type {link_type} is not supported")]
    LinkType {
        /// Link type.
        link_type: u32,
    },
    /// Not a classic capture file.
    #[error("0x{magic:08X} does not start a capture file")]
    Magic {
        /// First four octets.
        magic: u32,
    },
    /// A packet longer than any.
    #[error("a packet of {octets} octets is over 65535")]
    PacketLength {
        /// Length said.
        octets: u32,
    },
    /// The file ends inside something.
    #[error(transparent)]
    Truncated(#[from] Truncated),
}

/// A capture file under construction, raw IPv4.
#[derive(Debug, Clone)]
pub struct Writer {
    octets: Vec<u8>,
}

impl Default for Writer {
    fn default() -> Self {
        let mut octets = MAGIC_MICROSECONDS.to_le_bytes().to_vec();
        // Version 2.4, no time zone, no accuracy.
        octets.extend_from_slice(&[2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        octets.extend_from_slice(&(MAX_PACKET_OCTETS as u32).to_le_bytes());
        octets.extend_from_slice(&LINK_IPV4.to_le_bytes());
        Self { octets }
    }
}

impl Writer {
    /// Adds a UDP datagram at a time since 1970.
    pub fn datagram(
        &mut self,
        at: Duration,
        source: SocketAddrV4,
        destination: SocketAddrV4,
        payload: &[u8],
    ) -> Result<(), PcapError> {
        let udp_octets = UDP_HEADER_OCTETS + payload.len();
        let octets = payload.len();
        let total = u16::try_from(IP_HEADER_OCTETS + udp_octets)
            .map_err(|_| PcapError::DatagramLength { octets })?;
        let udp_octets = total - IP_HEADER_OCTETS as u16;
        for field in [
            at.as_secs() as u32,
            at.subsec_micros(),
            total.into(),
            total.into(),
        ] {
            self.octets.extend_from_slice(&field.to_le_bytes());
        }
        self.octets
            .extend_from_slice(&ip_header(total, *source.ip(), *destination.ip()));
        // A checksum of zero means none (RFC 768).
        for field in [source.port(), destination.port(), udp_octets, 0] {
            self.octets.extend_from_slice(&field.to_be_bytes());
        }
        self.octets.extend_from_slice(payload);
        Ok(())
    }

    /// The whole file.
    pub fn finish(self) -> Vec<u8> {
        self.octets
    }
}

fn ip_header(total: u16, source: Ipv4Addr, destination: Ipv4Addr) -> [u8; IP_HEADER_OCTETS] {
    let mut header = [0; IP_HEADER_OCTETS];
    header[0] = 0x45;
    header[2..4].copy_from_slice(&total.to_be_bytes());
    header[8] = TIME_TO_LIVE;
    header[9] = UDP;
    header[12..16].copy_from_slice(&source.octets());
    header[16..].copy_from_slice(&destination.octets());
    let words = header
        .chunks_exact(2)
        .map(|word| u32::from(word[0]) << 8 | u32::from(word[1]));
    let sum: u32 = words.sum();
    let folded = (sum & 0xFFFF) + (sum >> 16);
    let folded = (folded & 0xFFFF) + (folded >> 16);
    header[10..12].copy_from_slice(&(!(folded as u16)).to_be_bytes());
    header
}

/// The UDP datagrams of a capture file, in order; other packets are passed over.
#[derive(Debug, Clone)]
pub struct Datagrams<'a> {
    reader: Reader<'a>,
    order: Order,
    link_type: u32,
}

/// A datagram that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// Time since 1970, to the second.
    pub seconds: u32,
    /// Microseconds or nanoseconds, as the file counts.
    pub fraction: u32,
    /// UDP destination port.
    pub port: u16,
    /// Payload.
    pub payload: &'a [u8],
}

#[derive(Debug, Clone, Copy)]
enum Order {
    Big,
    Little,
}

impl Order {
    fn u32(self, reader: &mut Reader<'_>) -> Result<u32, Truncated> {
        let octets = reader.array()?;
        Ok(match self {
            Self::Big => u32::from_be_bytes(octets),
            Self::Little => u32::from_le_bytes(octets),
        })
    }
}

impl<'a> Datagrams<'a> {
    /// Starts reading a file.
    pub fn new(file: &'a [u8]) -> Result<Self, PcapError> {
        let mut reader = Reader::new(file);
        let magic = reader.u32()?;
        let order = match (magic, magic.swap_bytes()) {
            (MAGIC_MICROSECONDS | MAGIC_NANOSECONDS, _) => Order::Big,
            (_, MAGIC_MICROSECONDS | MAGIC_NANOSECONDS) => Order::Little,
            _ => return Err(PcapError::Magic { magic }),
        };
        reader.take(16)?;
        let link_type = order.u32(&mut reader)?;
        match link_type {
            LINK_ETHERNET | LINK_RAW | LINK_IPV4 => Ok(Self {
                reader,
                order,
                link_type,
            }),
            _ => Err(PcapError::LinkType { link_type }),
        }
    }

    /// The next packet, and its datagram if it is one.
    fn packet(&mut self) -> Result<Option<Datagram<'a>>, PcapError> {
        let seconds = self.order.u32(&mut self.reader)?;
        let fraction = self.order.u32(&mut self.reader)?;
        let captured = self.order.u32(&mut self.reader)?;
        let _on_the_wire = self.order.u32(&mut self.reader)?;
        let octets = usize::try_from(captured).unwrap_or(usize::MAX);
        if octets > MAX_PACKET_OCTETS {
            return Err(PcapError::PacketLength { octets: captured });
        }
        let packet = self.reader.take(octets)?;
        let datagram = payload(self.link_type, packet).ok().flatten();
        Ok(datagram.map(|(port, payload)| Datagram {
            seconds,
            fraction,
            port,
            payload,
        }))
    }
}

impl<'a> Iterator for Datagrams<'a> {
    type Item = Result<Datagram<'a>, PcapError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.reader.rest().is_empty() {
            match self.packet() {
                Ok(None) => {}
                Ok(Some(datagram)) => return Some(Ok(datagram)),
                Err(error) => {
                    self.reader = Reader::new(&[]);
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

/// Destination port and payload of a UDP datagram over IPv4.
fn payload(link_type: u32, packet: &[u8]) -> Result<Option<(u16, &[u8])>, Truncated> {
    let mut reader = Reader::new(packet);
    if link_type == LINK_ETHERNET {
        reader.take(ETHERNET_HEADER_OCTETS - 2)?;
        if reader.u16()? != ETHERTYPE_IPV4 {
            return Ok(None);
        }
    }
    let version_and_length = reader.u8()?;
    let options = (usize::from(version_and_length & 0x0F) * 4).checked_sub(IP_HEADER_OCTETS);
    let (4, Some(options)) = (version_and_length >> 4, options) else {
        return Ok(None);
    };
    reader.take(5)?;
    let is_fragment = reader.u16()? & FRAGMENT_MASK != 0;
    reader.take(1)?;
    let protocol = reader.u8()?;
    reader.take(10 + options)?;
    if is_fragment || protocol != UDP {
        return Ok(None);
    }
    let _source_port = reader.u16()?;
    let port = reader.u16()?;
    let octets = usize::from(reader.u16()?).saturating_sub(UDP_HEADER_OCTETS);
    let _checksum = reader.u16()?;
    Ok(Some((port, reader.take(octets)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 4729);

    fn file(payloads: &[&[u8]]) -> Vec<u8> {
        let mut writer = Writer::default();
        for (second, payload) in (1..).zip(payloads) {
            let at = Duration::from_millis(second * 1500);
            writer.datagram(at, HERE, HERE, payload).unwrap();
        }
        writer.finish()
    }

    #[test]
    fn datagrams_come_back() {
        let file = file(&[b"one", b"", b"three"]);
        let found: Result<Vec<_>, _> = Datagrams::new(&file).unwrap().collect();
        let found = found.unwrap();
        let payloads: Vec<_> = found.iter().map(|datagram| datagram.payload).collect();
        assert_eq!(payloads, [&b"one"[..], b"", b"three"]);
        assert_eq!((found[0].seconds, found[0].fraction), (1, 500_000));
        assert_eq!(found[0].port, 4729);
    }

    #[test]
    fn datagrams_beyond_ipv4_are_refused() {
        let mut writer = Writer::default();
        assert!(
            writer
                .datagram(Duration::ZERO, HERE, HERE, &[0; 65_507])
                .is_ok()
        );
        assert_eq!(
            writer.datagram(Duration::ZERO, HERE, HERE, &[0; 65_508]),
            Err(PcapError::DatagramLength { octets: 65_508 })
        );
    }

    #[test]
    fn checksums_of_our_headers_add_up() {
        let header = ip_header(
            67,
            Ipv4Addr::new(192, 0, 2, 2),
            Ipv4Addr::new(239, 193, 23, 1),
        );
        let words = header
            .chunks_exact(2)
            .map(|word| u32::from(u16::from_be_bytes([word[0], word[1]])));
        let sum: u32 = words.sum();
        assert_eq!((sum & 0xFFFF) + (sum >> 16), 0xFFFF);
    }

    #[test]
    fn files_that_end_early_give_an_error_once() {
        let file = file(&[b"one", b"two"]);
        for len in 0..24 {
            assert!(Datagrams::new(&file[..len]).is_err());
        }
        for len in 25..file.len() {
            let errors = Datagrams::new(&file[..len]).unwrap().filter(Result::is_err);
            let whole = 24 + 16 + 31;
            assert_eq!(errors.count(), usize::from(len != whole), "{len}");
        }
    }

    #[test]
    fn other_files_are_refused() {
        let mut other = file(&[]);
        other[20] = 147;
        assert_eq!(
            Datagrams::new(&other).unwrap_err(),
            PcapError::LinkType { link_type: 147 }
        );
        other[0] = 0;
        assert!(matches!(
            Datagrams::new(&other),
            Err(PcapError::Magic { .. })
        ));
        let mut long = file(&[b"one"]);
        long[24 + 8 + 2] = 1;
        assert!(matches!(
            Datagrams::new(&long).unwrap().next(),
            Some(Err(PcapError::PacketLength { .. }))
        ));
    }
}
