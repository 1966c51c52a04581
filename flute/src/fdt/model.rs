//! What an FDT Instance says, apart from how it is written.

use crate::content::{Encoding, UnknownEncoding};
use crate::fec::{self, OtiError, Scheme, no_code, raptorq};
use crate::ids::Toi;
use crate::time::NtpSeconds;

/// Al where an FDT does not tell it, octets: what RFC 6330 4.3 recommends.
const DEFAULT_ALIGNMENT: u8 = 4;

/// The XML form an FDT is written in.
///
/// One form is sent today. The MBMS download profile (TS 26.346 L.4), FLUTE v2 (RFC 6726) and the
/// 3GPP form of 2022 (TS 26.346 L.6) are received now and sent later; each becomes a variant here
/// when it can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Profile {
    /// FLUTE v1 with the namespaces of TS 26.346 7.2.10, RaptorQ and gzip allowed, and both
    /// lengths on every file.
    #[default]
    GeneralV1,
}

/// One FDT Instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// When the instance stops being valid.
    pub expires: NtpSeconds,
    /// No file will be described in this session beyond those known by now (RFC 6726 3.4.2).
    pub complete: bool,
    /// The instance lists exactly the files of the session (TS 26.346 7.2.10).
    pub full_fdt: bool,
    /// The files, in document order.
    pub files: Vec<File>,
    /// Groups that the instance as a whole belongs to.
    pub groups: Vec<String>,
    /// File entries that could not be used or that repeated a TOI. Counted by the reader, never
    /// written.
    pub skipped_files: usize,
}

impl Instance {
    /// An instance without files.
    pub const fn new(expires: NtpSeconds) -> Self {
        Self {
            expires,
            complete: false,
            full_fdt: false,
            files: Vec::new(),
            groups: Vec::new(),
            skipped_files: 0,
        }
    }

    /// When the description of one of its files stops being valid: the file's own time where it
    /// has one, else that of the instance.
    pub fn expires_of(&self, file: &File) -> NtpSeconds {
        file.expires.unwrap_or(self.expires)
    }
}

/// How long a receiver may keep a file (TS 26.346 7.2.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheControl {
    /// Not beyond its use.
    NoCache,
    /// Indefinitely.
    MaxStale,
    /// Until this second.
    Expires(NtpSeconds),
}

/// The description of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Which transport object carries the file. Never 0.
    pub toi: Toi,
    /// The file's URI: an identity, never a path to write to.
    pub content_location: String,
    /// Length after content decoding, octets.
    pub content_length: Option<u64>,
    /// Length of the transport object, octets.
    pub transfer_length: Option<u64>,
    /// Media type.
    pub content_type: Option<String>,
    /// Content coding token as received; [`File::encoding`] interprets it.
    pub content_encoding: Option<String>,
    /// MD5 digest; senders disagree whether over the decoded or the transport octets.
    pub content_md5: Option<[u8; 16]>,
    /// FEC parameters.
    pub oti: OtiAttributes,
    /// Caching directive.
    pub cache_control: Option<CacheControl>,
    /// Expiry of this description in place of the instance's (TS 26.346 L.6); the general
    /// profile has no place for it and does not write it.
    pub expires: Option<NtpSeconds>,
    /// Entity tag for conditional requests during file repair (TS 26.346 7.2.10).
    pub etag: Option<String>,
    /// Groups the file belongs to.
    pub groups: Vec<String>,
}

impl File {
    /// A description of nothing but the identity.
    pub fn new(toi: Toi, content_location: impl Into<String>) -> Self {
        Self {
            toi,
            content_location: content_location.into(),
            content_length: None,
            transfer_length: None,
            content_type: None,
            content_encoding: None,
            content_md5: None,
            oti: OtiAttributes::default(),
            cache_control: None,
            expires: None,
            etag: None,
            groups: Vec::new(),
        }
    }

    /// The content encoding; identity where none is given, an error where it is not known here.
    pub fn encoding(&self) -> Result<Encoding, UnknownEncoding> {
        self.content_encoding.as_deref().unwrap_or_default().parse()
    }

    /// Length of the transport object, octets: Transfer-Length, or Content-Length where no
    /// encoding makes the two differ (RFC 3926 3.4.2). `None` leaves EXT_FTI to tell it.
    pub fn transport_length(&self) -> Option<u64> {
        self.transfer_length.or_else(|| match self.encoding() {
            Ok(Encoding::Identity) => self.content_length,
            Ok(Encoding::Deflate | Encoding::Gzip) | Err(_) => None,
        })
    }

    /// The FEC parameters of the file's object. `codepoint` is that of its packets, which stands
    /// in for a missing FEC-OTI-FEC-Encoding-ID.
    ///
    /// RaptorQ objects are partitioned by Z of the scheme-specific information. Only where that is
    /// absent do the blocks follow from FEC-OTI-Maximum-Source-Block-Length, with N = 1, Al = 4.
    pub fn oti(&self, codepoint: Option<u8>) -> Result<fec::Oti, OtiError> {
        let encoding_id = self.oti.encoding_id.or(codepoint);
        let scheme = Scheme::try_from(required("FEC-OTI-FEC-Encoding-ID", encoding_id)?)?;
        let length = required("Transfer-Length", self.transport_length())?;
        let symbol_bytes = required(
            "FEC-OTI-Encoding-Symbol-Length",
            self.oti.encoding_symbol_length,
        )?;
        // E and T are 16-bit fields: a longer symbol cannot exist.
        let symbol_bytes = u16::try_from(symbol_bytes).map_err(|_| OtiError::SymbolLength)?;
        let max_block = self.oti.max_source_block_length;
        match (scheme, &self.oti.scheme_specific) {
            (Scheme::NoCode, _) => {
                let max_block = required("FEC-OTI-Maximum-Source-Block-Length", max_block)?;
                let max_block = u32::try_from(max_block).unwrap_or(u32::MAX);
                no_code::Oti::new(length, symbol_bytes, max_block).map(fec::Oti::NoCode)
            }
            (Scheme::RaptorQ, Some(info)) => {
                raptorq::Oti::from_scheme_specific(length, symbol_bytes, info)
                    .map(fec::Oti::RaptorQ)
            }
            (Scheme::RaptorQ, None) => {
                let max_block = required("FEC-OTI-Scheme-Specific-Info", max_block)?;
                raptorq_by_block_length(length, symbol_bytes, max_block).map(fec::Oti::RaptorQ)
            }
        }
    }
}

fn required<T>(field: &'static str, value: Option<T>) -> Result<T, OtiError> {
    value.ok_or(OtiError::Missing { field })
}

fn raptorq_by_block_length(
    length: u64,
    symbol_bytes: u16,
    max_block: u64,
) -> Result<raptorq::Oti, OtiError> {
    if symbol_bytes == 0 {
        return Err(OtiError::SymbolLength);
    }
    if max_block == 0 {
        return Err(OtiError::BlockLength {
            symbols: 0,
            max: u64::from(raptorq::MAX_BLOCK_SYMBOLS),
        });
    }
    let symbols = length.div_ceil(u64::from(symbol_bytes)).max(1);
    let blocks = symbols.div_ceil(max_block);
    let z = u8::try_from(blocks).map_err(|_| OtiError::Blocks {
        blocks,
        max: raptorq::MAX_BLOCKS,
    })?;
    raptorq::Oti::new(length, symbol_bytes, z, 1, DEFAULT_ALIGNMENT)
}

/// The FEC-OTI attributes as they stand in an FDT, unchecked; [`File::oti`] makes sense of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OtiAttributes {
    /// FEC-OTI-FEC-Encoding-ID.
    pub encoding_id: Option<u8>,
    /// FEC-OTI-FEC-Instance-ID, only of under-specified schemes (128 and above).
    pub instance_id: Option<u64>,
    /// FEC-OTI-Maximum-Source-Block-Length, symbols.
    pub max_source_block_length: Option<u64>,
    /// FEC-OTI-Encoding-Symbol-Length, octets.
    pub encoding_symbol_length: Option<u64>,
    /// FEC-OTI-Max-Number-of-Encoding-Symbols.
    pub max_number_of_encoding_symbols: Option<u64>,
    /// FEC-OTI-Scheme-Specific-Info, decoded from base64.
    pub scheme_specific: Option<Vec<u8>>,
}

impl OtiAttributes {
    /// Fills what is absent from the attributes of the FDT-Instance element.
    pub(super) fn or_defaults(self, defaults: &Self) -> Self {
        Self {
            encoding_id: self.encoding_id.or(defaults.encoding_id),
            instance_id: self.instance_id.or(defaults.instance_id),
            max_source_block_length: self
                .max_source_block_length
                .or(defaults.max_source_block_length),
            encoding_symbol_length: self
                .encoding_symbol_length
                .or(defaults.encoding_symbol_length),
            max_number_of_encoding_symbols: self
                .max_number_of_encoding_symbols
                .or(defaults.max_number_of_encoding_symbols),
            scheme_specific: self
                .scheme_specific
                .or_else(|| defaults.scheme_specific.clone()),
        }
    }
}

/// The attributes that describe an object to a receiver, the longest block included also where
/// Z would do: some receivers partition RaptorQ objects by it.
impl From<&fec::Oti> for OtiAttributes {
    fn from(oti: &fec::Oti) -> Self {
        Self {
            encoding_id: Some(oti.scheme().encoding_id()),
            instance_id: None,
            // An empty RaptorQ object has no block, and receivers take 0 for absent.
            max_source_block_length: Some(u64::from(oti.max_block_symbols().max(1))),
            encoding_symbol_length: Some(u64::from(oti.symbol_bytes())),
            max_number_of_encoding_symbols: None,
            scheme_specific: oti.scheme_specific().map(Vec::from),
        }
    }
}
