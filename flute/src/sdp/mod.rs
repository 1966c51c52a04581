//! Session description: the SDP that tells a receiver how to join one FLUTE session.
//!
//! [`Session`] is one FLUTE session on one channel; [`Display`] writes its SDP
//! (TS 26.346 7.3, RFC 4566, RFC 4570) and [`Session::read`] reads the SDP of others. The service
//! announcement that carries an SDP, and joining the group, are not here.
//!
//! Invariants: a session that was read has one media line over FLUTE/UDP, one destination group,
//! a TSI, and a source of the same address family if it has one.
//!
//! Not implemented: several channels, QoE metrics, alternative TMGIs, FEC redundancy levels, the
//! repeat times and time zones of `r=` and `z=`.

mod read;

#[cfg(test)]
mod tests;

use crate::fec::{OtiError, Scheme};
use crate::ids::{TooLarge, Tsi};
use crate::time::NtpSeconds;
use std::fmt::{self, Display, Write as _};
use std::net::IpAddr;

pub use read::{MAX_LINES, MAX_SDP_BYTES, SdpError};

/// The `o=` line: who described the session, and which version of the description it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// User name, without white space; `-` for none.
    pub username: String,
    /// Identifies the session together with user and address; 0 where it was not a number.
    pub session_id: u64,
    /// Rises with every change of the description.
    pub session_version: u64,
    /// Where the description was made.
    pub address: IpAddr,
}

/// Temporary Mobile Group Identity: six octets as one number, MBMS service ID first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tmgi(u64);

impl Tmgi {
    /// A TMGI, or an error beyond 48 bits.
    pub fn new(value: u64) -> Result<Self, TooLarge> {
        const BITS: u32 = 48;
        if value >> BITS == 0 {
            return Ok(Self(value));
        }
        Err(TooLarge {
            field: "TMGI",
            value: u128::from(value),
            bits: BITS,
        })
    }

    /// The number itself.
    pub const fn value(self) -> u64 {
        self.0
    }
}

/// How an MBMS bearer transmits the session (TS 26.346 7.3.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MbmsMode {
    /// Broadcast mode.
    Broadcast {
        /// The bearer.
        tmgi: Tmgi,
        /// Receivers may be counted.
        counting: bool,
    },
    /// Broadcast mode over MBSFN.
    BroadcastMbsfn {
        /// The bearer.
        tmgi: Tmgi,
    },
}

/// One FLUTE session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who described it.
    pub origin: Origin,
    /// Name for people.
    pub name: String,
    /// When it starts; `None` is "already running" (`0` in `t=`).
    pub start: Option<NtpSeconds>,
    /// When it stops; `None` is "permanent" (`0` in `t=`).
    pub stop: Option<NtpSeconds>,
    /// Address of the FLUTE sender; `None` accepts any.
    pub source: Option<IpAddr>,
    /// Destination group.
    pub group: IpAddr,
    /// IPv4 time to live; IPv6 has none in SDP.
    pub ttl: Option<u8>,
    /// Destination UDP port, never 0.
    pub port: u16,
    /// Transport Session Identifier.
    pub tsi: Tsi,
    /// FEC Encoding ID of the files, known here or not; [`Session::scheme`] interprets it.
    pub fec_encoding_id: u8,
    /// Peak bandwidth with all headers, kbit/s.
    pub bandwidth_kbps: Option<u64>,
    /// Language tag of the content.
    pub lang: Option<String>,
    /// The MBMS bearer.
    pub mbms_mode: Option<MbmsMode>,
}

impl Session {
    /// The FEC scheme of the files, or an error naming one that is not implemented.
    pub fn scheme(&self) -> Result<Scheme, OtiError> {
        Scheme::try_from(self.fec_encoding_id)
    }

    fn fmt_session_level(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin {
            username,
            session_id,
            session_version,
            address,
        } = &self.origin;
        write!(f, "v=0\r\no={} ", Token(username))?;
        let family = Family(*address);
        write!(f, "{session_id} {session_version} {family} {address}\r\n")?;
        write!(f, "s={}\r\n", FreeText(&self.name))?;
        write!(f, "t={} {}\r\n", time(self.start), time(self.stop))?;
        match self.mbms_mode {
            Some(MbmsMode::Broadcast { tmgi, counting }) => {
                let counting = u8::from(counting);
                write!(f, "a=mbms-mode:broadcast {} {counting}\r\n", tmgi.value())?;
            }
            Some(MbmsMode::BroadcastMbsfn { tmgi }) => {
                write!(f, "a=mbms-mode:broadcast-mbsfn {}\r\n", tmgi.value())?;
            }
            None => {}
        }
        if let Some(source) = self.source {
            let family = Family(source);
            write!(f, "a=source-filter: incl {family} * {source}\r\n")?;
        }
        write!(f, "a=flute-tsi:{}\r\n", self.tsi)?;
        let encoding_id = self.fec_encoding_id;
        write!(f, "a=FEC-declaration:0 encoding-id={encoding_id}\r\n")
    }

    fn fmt_media_level(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m=application {} FLUTE/UDP 0\r\n", self.port)?;
        write!(f, "c={} {}", Family(self.group), self.group)?;
        if let (IpAddr::V4(_), Some(ttl)) = (self.group, self.ttl) {
            write!(f, "/{ttl}")?;
        }
        f.write_str("\r\n")?;
        if let Some(kbps) = self.bandwidth_kbps {
            write!(f, "b=AS:{kbps}\r\n")?;
        }
        if let Some(lang) = &self.lang {
            write!(f, "a=lang:{}\r\n", Token(lang))?;
        }
        f.write_str("a=FEC:0\r\n")
    }
}

/// The SDP with CRLF line ends, of type `application/sdp`. Characters that would break a line
/// apart are left out.
impl Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_session_level(f)?;
        self.fmt_media_level(f)
    }
}

/// 0 has a meaning of its own, so the first second of an era is written as that of the next.
fn time(at: Option<NtpSeconds>) -> u64 {
    match at {
        None => 0,
        Some(NtpSeconds(0)) => 1 << 32,
        Some(NtpSeconds(seconds)) => u64::from(seconds),
    }
}

/// Network and address type.
struct Family(IpAddr);

impl Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            IpAddr::V4(_) => "IN IP4",
            IpAddr::V6(_) => "IN IP6",
        })
    }
}

/// The rest of a line; `-` if nothing remains of it.
struct FreeText<'a>(&'a str);

impl Display for FreeText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_allowed(f, self.0, |character| !character.is_control())
    }
}

/// One word of a line; `-` if nothing remains of it.
struct Token<'a>(&'a str);

impl Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_allowed(f, self.0, |character| {
            !character.is_control() && !character.is_whitespace()
        })
    }
}

fn write_allowed(
    f: &mut fmt::Formatter<'_>,
    text: &str,
    allowed: impl Fn(char) -> bool,
) -> fmt::Result {
    if !text.chars().any(&allowed) {
        return f.write_char('-');
    }
    text.chars()
        .filter(|character| allowed(*character))
        .try_for_each(|character| f.write_char(character))
}
