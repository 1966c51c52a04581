//! gzip members, made with tables that serve again and again.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// A gzip header without name and time: deflate, no flags, no time, the usual level, unknown
/// system (RFC 1952 2.3.1). It does not tell where it was made.
const HEADER: [u8; 10] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255];
/// CRC and length.
const TRAILER_BYTES: usize = 8;
/// Room for what does not shrink, octets: first a guess, then by how much more.
const ROOM_BYTES: usize = 256;

/// Compresses to gzip members. Its tables take some 300 kB whatever the data, so who compresses
/// often keeps one. Equal data gives equal octets, whatever was compressed before.
#[derive(Debug)]
pub struct Gzip {
    deflate: Compress,
}

impl Default for Gzip {
    fn default() -> Self {
        Self {
            deflate: Compress::new(Compression::default(), false),
        }
    }
}

impl Gzip {
    /// One member that holds `data`.
    pub fn compress(&mut self, data: &[u8]) -> Vec<u8> {
        self.deflate.reset();
        let mut member = Vec::with_capacity(HEADER.len() + data.len() / 2 + ROOM_BYTES);
        member.extend_from_slice(&HEADER);
        loop {
            // As much was taken from a slice, so it fits a usize.
            let rest = &data[self.deflate.total_in() as usize..];
            let status = self
                .deflate
                .compress_vec(rest, &mut member, FlushCompress::Finish)
                .expect("without a dictionary deflate takes any data");
            if status == Status::StreamEnd {
                break;
            }
            member.reserve(rest.len() / 2 + ROOM_BYTES);
        }
        let mut crc = Crc::new();
        crc.update(data);
        member.reserve_exact(TRAILER_BYTES);
        member.extend_from_slice(&crc.sum().to_le_bytes());
        member.extend_from_slice(&crc.amount().to_le_bytes());
        member
    }
}
