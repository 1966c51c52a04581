//! LCT header extensions (RFC 5651 5.2, RFC 6726 3.4, RFC 3926 3.4).
//!
//! ```text
//!  HET < 128   | HET (8) | HEL (8) | HEL x 32 - 16 bits of content |
//!  HET >= 128  | HET (8) | 24 bits of content                      |
//!  EXT_FDT     | 192 (8) | V (4) | FDT Instance ID (20)            |
//!  EXT_CENC    | 193 (8) | CENC (8) | reserved (16)                |
//!  EXT_TIME    | 2 (8) | HEL (8) | Use (16) | a word for each flag |
//! ```

use super::DecodeError;
use crate::fec::Oti;
use crate::ids::FdtInstanceId;
use crate::time::NtpSeconds;
use crate::wire::put_uint;

const HET_TIME: u8 = 2;
const HET_FTI: u8 = 64;
const HET_FDT: u8 = 192;
const HET_CENC: u8 = 193;

/// EXT_FDT: which FDT Instance a TOI 0 packet belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExtFdt {
    /// FLUTE version, 1 or 2.
    pub version: u8,
    /// The instance.
    pub instance_id: FdtInstanceId,
}

/// EXT_TIME: what the sender's clock says. Only what receivers can use is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExtTime {
    /// Sender current time, NTP seconds.
    pub sender_time: Option<NtpSeconds>,
    /// Expected residual transmission time, seconds.
    pub residual_seconds: Option<u32>,
}

impl ExtTime {
    /// `content` starts with the Use field; words are in flag order (RFC 5651 5.2.2).
    fn decode(content: &[u8]) -> Self {
        let Some((&[high, _], words)) = content.split_first_chunk::<2>() else {
            return Self::default();
        };
        let mut words = words
            .as_chunks::<4>()
            .0
            .iter()
            .map(|word| u32::from_be_bytes(*word));
        let mut word_if = |flag: u8| if high & flag != 0 { words.next() } else { None };
        let sender_time = word_if(0x80).map(NtpSeconds);
        let _fraction = word_if(0x40);
        let residual_seconds = word_if(0x20);
        Self {
            sender_time,
            residual_seconds,
        }
    }
}

/// An extension to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extension<'a> {
    /// EXT_FDT.
    Fdt(ExtFdt),
    /// EXT_FTI.
    Fti(&'a Oti),
}

impl Extension<'_> {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Fdt(ext) => {
                out.push(HET_FDT);
                let content = u128::from(ext.version) << 20 | u128::from(ext.instance_id.value());
                put_uint(out, content, 3);
            }
            Self::Fti(oti) => {
                let start = out.len();
                out.extend_from_slice(&[HET_FTI, 0]);
                oti.encode_ext_fti(out);
                out[start + 1] = ((out.len() - start) / 4) as u8;
            }
        }
    }
}

/// The extensions of a received header that mean something here. Unknown ones, EXT_NOP and
/// EXT_AUTH are skipped; of duplicates the first counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extensions<'a> {
    /// EXT_FDT.
    pub fdt: Option<ExtFdt>,
    /// Content of EXT_FTI, after HET and HEL.
    pub fti: Option<&'a [u8]>,
    /// Code of EXT_CENC: content encoding of the FDT Instance.
    pub cenc: Option<u8>,
    /// EXT_TIME.
    pub time: Option<ExtTime>,
}

impl<'a> Extensions<'a> {
    /// Walks the extensions between `start` and the end of `header`.
    pub(super) fn decode(header: &'a [u8], start: usize) -> Result<Self, DecodeError> {
        let mut found = Self::default();
        let mut offset = start;
        while let Some(&[het, second, third, fourth]) =
            header.get(offset..).and_then(<[u8]>::first_chunk)
        {
            let bytes = if het < 128 {
                4 * usize::from(second)
            } else {
                4
            };
            // A length of zero would never advance.
            let Some(content) = header.get(offset + 2..offset + bytes).filter(|_| bytes > 0) else {
                return Err(DecodeError::ExtensionLength { het, offset });
            };
            match het {
                HET_FDT => {
                    let instance_id = FdtInstanceId::from_low_bits(u32::from_be_bytes([
                        0, second, third, fourth,
                    ]));
                    found.fdt.get_or_insert(ExtFdt {
                        version: second >> 4,
                        instance_id,
                    });
                }
                HET_FTI => {
                    found.fti.get_or_insert(content);
                }
                HET_CENC => {
                    found.cenc.get_or_insert(second);
                }
                HET_TIME => {
                    found.time.get_or_insert_with(|| ExtTime::decode(content));
                }
                _ => {}
            }
            offset += bytes;
        }
        Ok(found)
    }
}
