//! The receive side: inflates, counts, digests.

use super::Encoding;
use flate2::{Decompress, FlushDecompress, Status};
use md5::{Digest as _, Md5};

/// Most octets handed on at once, and the size of the only buffer.
pub const BUFFER_BYTES: usize = 64 << 10;
/// Growth allowed by default. Text compresses some 10 to 50 times, repeated records up to 100;
/// deflate itself ends at 1032.
pub const DEFAULT_MAX_RATIO: u32 = 200;
/// Decoded octets up to which growth does not matter: small files, and a file that merely begins
/// with a long run of equal octets, pass.
pub const RATIO_FLOOR_BYTES: u64 = 1 << 20;
/// Gzip members of one object: block-compressed files have one per 64 KiB. Each costs an inflate
/// state but only 20 transport octets.
pub const MAX_MEMBERS: u32 = 1 << 16;

const WINDOW_BITS: u8 = 15;
const GZIP_MAGIC: u8 = 0x1F;

/// How far a transport object may grow when it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most decoded octets.
    pub max_bytes: u64,
    /// Most decoded octets for each transport octet, above [`RATIO_FLOOR_BYTES`].
    pub max_ratio: u32,
}

impl Default for Limits {
    /// 4 GiB, growing [`DEFAULT_MAX_RATIO`] times.
    fn default() -> Self {
        Self {
            max_bytes: 4 << 30,
            max_ratio: DEFAULT_MAX_RATIO,
        }
    }
}

/// The transport object does not give the file that was described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// The file does not have the length that the FDT gives. Where it is too long, decoding ended
    /// at the first octet too many or soon after.
    #[error("content of {got_bytes} octets, {expected_bytes} announced")]
    ContentLength {
        /// Content-Length.
        expected_bytes: u64,
        /// Octets decoded until then.
        got_bytes: u64,
    },
    /// The encoded data breaks its format, or its own checksum or length.
    #[error("encoded content is corrupt at transport offset {offset}")]
    Corrupt {
        /// Transport octets accepted before.
        offset: u64,
    },
    /// More gzip members than accepted.
    #[error("more than {max} gzip members")]
    Members {
        /// The limit.
        max: u32,
    },
    /// The digest fits neither the decoded nor the transport octets.
    #[error("Content-MD5 does not match")]
    Md5,
    /// The content grows faster than accepted.
    #[error("content grows more than {max_ratio} times")]
    Ratio {
        /// The limit.
        max_ratio: u32,
    },
    /// The content is longer than accepted.
    #[error("content exceeds {max_bytes} octets")]
    TooLong {
        /// The limit.
        max_bytes: u64,
    },
    /// Something follows the end of the encoded data that is neither padding nor a gzip member.
    #[error("unexpected octets behind the encoded content, at transport offset {offset}")]
    TrailingData {
        /// Where they start.
        offset: u64,
    },
    /// The encoded data lacks its end.
    #[error("encoded content ends early, after {transport_bytes} transport octets")]
    Truncated {
        /// Transport octets seen.
        transport_bytes: u64,
    },
}

/// A file has been decoded and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished {
    /// Length of the file, octets.
    pub bytes: u64,
}

/// Turns the octets of one transport object, in order, into those of the file.
///
/// Which of gzip, zlib and bare deflate it is, is told from the data: senders mislabel, and no
/// stream of one kind that a real compressor writes starts like another. Several gzip members
/// make one file (RFC 1952 2.2). Zero octets behind the encoded data are taken for symbol padding
/// and ignored, anything else is an error.
#[derive(Debug)]
pub struct Decoder {
    stage: Stage,
    counted: Counted,
    transport_bytes: u64,
    transport_md5: Option<Md5>,
    members: u32,
    buffer: Box<[u8]>,
    failed: Option<ContentError>,
}

#[derive(Debug)]
enum Stage {
    Identity,
    /// Waiting for the octets that tell the format; the first may be known.
    Start(Option<u8>),
    Inflate(Box<Decompress>, Format),
    /// Between two gzip members or at the end of the last.
    AfterMember,
    Padding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Deflate,
    Gzip,
    Zlib,
}

impl Format {
    /// The zlib header has deflate as method, a window of at most 32 KiB, no preset dictionary,
    /// and as a number is a multiple of 31 (RFC 1950 2.2).
    fn of(first: u8, second: u8) -> Self {
        if first == GZIP_MAGIC {
            return Self::Gzip;
        }
        let number = u16::from_be_bytes([first, second]);
        let zlib = first & 0x0F == 8 && first >> 4 <= 7 && second & 0x20 == 0;
        if zlib && number.is_multiple_of(31) {
            Self::Zlib
        } else {
            Self::Deflate
        }
    }

    fn inflate(self) -> Stage {
        let state = match self {
            Self::Deflate => Decompress::new(false),
            Self::Gzip => Decompress::new_gzip(WINDOW_BITS),
            Self::Zlib => Decompress::new(true),
        };
        Stage::Inflate(Box::new(state), self)
    }
}

/// What has been decoded so far, and how much of it there may be.
#[derive(Debug)]
struct Counted {
    bytes: u64,
    content_length: Option<u64>,
    limits: Limits,
    expected_md5: Option<[u8; 16]>,
    md5: Option<Md5>,
}

impl Counted {
    /// Counts a piece before it is handed on.
    fn add(&mut self, piece: &[u8], transport_bytes: u64) -> Result<(), ContentError> {
        let bytes = self.bytes.saturating_add(piece.len() as u64);
        let Limits {
            max_bytes,
            max_ratio,
        } = self.limits;
        if let Some(expected_bytes) = self.content_length
            && bytes > expected_bytes
        {
            return Err(ContentError::ContentLength {
                expected_bytes,
                got_bytes: bytes,
            });
        }
        if bytes > max_bytes {
            return Err(ContentError::TooLong { max_bytes });
        }
        let grown = transport_bytes.saturating_mul(u64::from(max_ratio));
        if bytes > grown.max(RATIO_FLOOR_BYTES) {
            return Err(ContentError::Ratio { max_ratio });
        }
        self.bytes = bytes;
        if let Some(md5) = &mut self.md5 {
            md5.update(piece);
        }
        Ok(())
    }
}

impl Decoder {
    /// A decoder for one file. Without a Content-Length its length is not checked, without an MD5
    /// nothing is hashed.
    pub fn new(
        encoding: Encoding,
        content_length: Option<u64>,
        content_md5: Option<[u8; 16]>,
        limits: Limits,
    ) -> Self {
        let (stage, buffer_bytes) = match encoding {
            Encoding::Identity => (Stage::Identity, 0),
            Encoding::Deflate | Encoding::Gzip => (Stage::Start(None), BUFFER_BYTES),
        };
        let hasher = content_md5.map(|_| Md5::new());
        Self {
            // Without encoding the decoded octets are the transport octets: one hash serves.
            transport_md5: hasher.clone().filter(|_| encoding != Encoding::Identity),
            stage,
            counted: Counted {
                bytes: 0,
                content_length,
                limits,
                expected_md5: content_md5,
                md5: hasher,
            },
            transport_bytes: 0,
            members: 0,
            buffer: vec![0; buffer_bytes].into_boxed_slice(),
            failed: None,
        }
    }

    /// Takes the next transport octets and hands `out` what they decode to, in pieces; an
    /// unencoded piece is passed through as it is. After an error every further call repeats it.
    pub fn write(
        &mut self,
        transport: &[u8],
        mut out: impl FnMut(&[u8]),
    ) -> Result<(), ContentError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if let Some(md5) = &mut self.transport_md5 {
            md5.update(transport);
        }
        let written = self.decode(transport, &mut out);
        self.failed = written.err();
        written
    }

    /// Checks that nothing is missing: the end of the encoded data, Content-Length, Content-MD5
    /// over the decoded or the transport octets.
    pub fn finish(self) -> Result<Finished, ContentError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let bytes = self.counted.bytes;
        let expected_bytes = self.counted.content_length;
        let ended = match self.stage {
            Stage::Identity | Stage::AfterMember | Stage::Padding => true,
            // An empty file may go unencoded whatever its label says.
            Stage::Start(None) => expected_bytes == Some(0),
            Stage::Start(Some(_)) | Stage::Inflate(..) => false,
        };
        if !ended {
            return Err(ContentError::Truncated {
                transport_bytes: self.transport_bytes,
            });
        }
        if let Some(expected_bytes) = expected_bytes
            && bytes != expected_bytes
        {
            return Err(ContentError::ContentLength {
                expected_bytes,
                got_bytes: bytes,
            });
        }
        let fits = |md5: Option<Md5>| {
            md5.map(|md5| <[u8; 16]>::from(md5.finalize())) == self.counted.expected_md5
        };
        let Some(_) = self.counted.expected_md5 else {
            return Ok(Finished { bytes });
        };
        if fits(self.counted.md5) || fits(self.transport_md5) {
            Ok(Finished { bytes })
        } else {
            Err(ContentError::Md5)
        }
    }

    fn decode(
        &mut self,
        mut transport: &[u8],
        out: &mut impl FnMut(&[u8]),
    ) -> Result<(), ContentError> {
        while let Some(&first) = transport.first() {
            match &mut self.stage {
                Stage::Identity => {
                    self.transport_bytes += transport.len() as u64;
                    self.counted.add(transport, self.transport_bytes)?;
                    out(transport);
                    return Ok(());
                }
                Stage::Start(known @ None) => {
                    *known = Some(first);
                    transport = &transport[1..];
                }
                Stage::Start(Some(known)) => {
                    let known = *known;
                    self.stage = Format::of(known, first).inflate();
                    self.members = 1;
                    self.inflate(&[known], out)?;
                }
                Stage::Inflate(..) => transport = self.inflate(transport, out)?,
                Stage::AfterMember if first == GZIP_MAGIC => self.next_member()?,
                Stage::AfterMember => self.stage = Stage::Padding,
                Stage::Padding => return self.padding(transport),
            }
        }
        Ok(())
    }

    fn next_member(&mut self) -> Result<(), ContentError> {
        if self.members == MAX_MEMBERS {
            return Err(ContentError::Members { max: MAX_MEMBERS });
        }
        self.members += 1;
        self.stage = Format::Gzip.inflate();
        Ok(())
    }

    fn padding(&mut self, transport: &[u8]) -> Result<(), ContentError> {
        let zeros = transport.iter().take_while(|octet| **octet == 0).count();
        self.transport_bytes += zeros as u64;
        if zeros == transport.len() {
            return Ok(());
        }
        Err(ContentError::TrailingData {
            offset: self.transport_bytes,
        })
    }

    /// Inflates until the input or the stream ends and returns what was not consumed.
    fn inflate<'a>(
        &mut self,
        mut transport: &'a [u8],
        out: &mut impl FnMut(&[u8]),
    ) -> Result<&'a [u8], ContentError> {
        let Stage::Inflate(state, format) = &mut self.stage else {
            return Ok(transport);
        };
        loop {
            let (before_in, before_out) = (state.total_in(), state.total_out());
            let status = state.decompress(transport, &mut self.buffer, FlushDecompress::None);
            let corrupt = ContentError::Corrupt {
                offset: self.transport_bytes,
            };
            let status = status.map_err(|_| corrupt)?;
            let consumed = (state.total_in() - before_in) as usize;
            let produced = (state.total_out() - before_out) as usize;
            self.transport_bytes += consumed as u64;
            transport = &transport[consumed..];
            if produced > 0 {
                let piece = &self.buffer[..produced];
                self.counted.add(piece, self.transport_bytes)?;
                out(piece);
            }
            if status == Status::StreamEnd {
                self.stage = match format {
                    Format::Gzip => Stage::AfterMember,
                    Format::Deflate | Format::Zlib => Stage::Padding,
                };
                return Ok(transport);
            }
            if transport.is_empty() && produced < self.buffer.len() {
                return Ok(transport);
            }
            if consumed == 0 && produced == 0 {
                return Err(corrupt);
            }
        }
    }
}
