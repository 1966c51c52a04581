//! From a push to a transport object, and from a transmission row to a lane's object.

mod zippers;

use std::io::{self, Read, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use md5::{Digest, Md5};
use pushcast_flute::fdt;
use pushcast_flute::fec::{Oti, OtiError, Scheme, no_code, raptorq};
use pushcast_flute::ids::Toi;
use pushcast_flute::sender::{self, Object, ObjectKey};
use pushcast_flute::time::NtpSeconds;

use crate::content::message::{self, MEDIA_TYPE};
use crate::content::{self, Outgoing, TransformError};
use crate::model::channel::Fec;
use crate::model::transmission::StoredObject;
use crate::model::{Body, FluteChannel, Priority, Sha256, Submission, Transform, Transmission};
use crate::store::{FileError, FileWriter, Files};

/// Source symbols of a block: short enough that encoding one takes a few milliseconds, long enough
/// that repair symbols serve many losses.
const BLOCK_SYMBOLS: u32 = 1024;
/// Repair symbols of a block at least, whatever the percentage says.
const MIN_REPAIR_SYMBOLS: u32 = 3;
/// Repair ESIs set aside for each epoch, so that a successor sends other symbols.
const ESIS_PER_EPOCH: u64 = 1 << 16;
/// Objects up to this are put together in memory, octets.
const IN_MEMORY_BYTES: u64 = 256 << 10;
/// Objects up to this stand in the database: to sync a file costs more than to store so little, and
/// thousands of them may be on the air.
const INLINE_BYTES: usize = 16 << 10;
/// Octets copied at a time.
const COPY_BYTES: usize = 256 << 10;

/// A push that could not become a transport object.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// A file could not be read or written.
    #[error("the transport object could not be stored")]
    File(#[from] FileError),
    /// The pushed content could not be read.
    #[error("the content could not be read")]
    Io(#[from] io::Error),
    /// The object does not fit the FEC scheme of the channel.
    #[error(transparent)]
    Oti(#[from] OtiError),
    /// The content cannot take the form that the channel needs.
    #[error(transparent)]
    Transform(#[from] TransformError),
}

/// A transport object as octets, before it is cut for a channel.
#[derive(Debug, Clone)]
pub struct Encoded {
    sha256: Sha256,
    transfer_bytes: u64,
    content_bytes: u64,
    gzip: bool,
    content_md5: [u8; 16],
    octets: Option<Arc<[u8]>>,
}

/// Whether a submission is so short that encoding it neither reads a file nor takes long.
pub fn is_short(submission: &Submission) -> bool {
    matches!(&submission.content.body, Body::Inline(octets) if octets.len() <= INLINE_BYTES)
}

/// Puts headers and body together as the channel wishes, gzipped where that is shorter, on stable
/// storage; what is short comes back with its octets instead. Blocks unless [`is_short`].
pub fn encode(
    files: &Files,
    submission: &Submission,
    application_id: Option<&str>,
    transform: Transform,
) -> Result<Encoded, PrepareError> {
    let Outgoing {
        headers,
        body: other,
    } = content::transform(submission, application_id, transform)?;
    let head = message::write_head(&headers);
    if let Some(octets) = other {
        return encode_in_memory(files, &[head, octets].concat());
    }
    let content_bytes = head.len() as u64 + submission.content.body.len();
    if content_bytes <= IN_MEMORY_BYTES {
        let mut plain = head;
        body(files, submission)?.read_to_end(&mut plain)?;
        return encode_in_memory(files, &plain);
    }
    let mut digest = Md5::new();
    let zipped = GzEncoder::new(files.create()?, Compression::default());
    let mut zipped = copy(&head, body(files, submission)?, zipped, |octets| {
        digest.update(octets)
    })?;
    zipped.try_finish()?;
    let zipped = zipped.finish()?;
    let gzip = zipped.bytes() < content_bytes;
    let chosen = if gzip {
        zipped
    } else {
        drop(zipped);
        copy(&head, body(files, submission)?, files.create()?, |_| {})?
    };
    finish(chosen, content_bytes, gzip, digest.finalize().into())
}

fn encode_in_memory(files: &Files, plain: &[u8]) -> Result<Encoded, PrepareError> {
    let zipped = zippers::gzip(plain);
    let gzip = zipped.len() < plain.len();
    let octets = if gzip { &zipped } else { plain };
    let content_md5 = pushcast_flute::content::md5(plain);
    let content_bytes = plain.len() as u64;
    if octets.len() > INLINE_BYTES {
        let mut writer = files.create()?;
        writer.write_all(octets)?;
        return finish(writer, content_bytes, gzip, content_md5);
    }
    Ok(Encoded {
        sha256: Sha256(sha2::Sha256::digest(octets).into()),
        transfer_bytes: octets.len() as u64,
        content_bytes,
        gzip,
        content_md5,
        octets: Some(octets.into()),
    })
}

fn finish(
    writer: FileWriter,
    content_bytes: u64,
    gzip: bool,
    content_md5: [u8; 16],
) -> Result<Encoded, PrepareError> {
    let (sha256, transfer_bytes) = writer.finish()?;
    Ok(Encoded {
        sha256,
        transfer_bytes,
        content_bytes,
        gzip,
        content_md5,
        octets: None,
    })
}

fn body<'a>(files: &Files, submission: &'a Submission) -> Result<Box<dyn Read + 'a>, PrepareError> {
    Ok(match &submission.content.body {
        Body::Inline(octets) => Box::new(octets.as_slice()),
        Body::File { sha256, .. } => Box::new(files.open_file(*sha256)?),
    })
}

fn copy<W: Write>(
    head: &[u8],
    mut body: impl Read,
    mut to: W,
    mut see: impl FnMut(&[u8]),
) -> io::Result<W> {
    see(head);
    to.write_all(head)?;
    let mut buffer = vec![0; COPY_BYTES];
    loop {
        let len = body.read(&mut buffer)?;
        if len == 0 {
            return Ok(to);
        }
        see(&buffer[..len]);
        to.write_all(&buffer[..len])?;
    }
}

/// Content-Location of a push: the same along a chain of replacements, so that receivers take the
/// next one for a new version of the same file, and silent about the PI.
pub fn content_location(ppg_name: &str, submission: &Submission) -> String {
    use sha2::Digest as _;
    let mut hash = sha2::Sha256::new();
    hash.update(submission.initiator.as_str());
    hash.update([0]);
    hash.update(submission.lineage.origin.as_str());
    let digest = Sha256(hash.finalize().into()).to_hex();
    format!("urn:pushcast:{ppg_name}:{}", &digest[..32])
}

impl Encoded {
    /// Cuts the object for a channel.
    pub fn for_channel(
        &self,
        channel: &FluteChannel,
        content_location: String,
    ) -> Result<StoredObject, PrepareError> {
        let oti = match channel.fec {
            Fec::NoCode => Oti::NoCode(no_code::Oti::new(
                self.transfer_bytes,
                channel.symbol_bytes,
                BLOCK_SYMBOLS,
            )?),
            Fec::RaptorQ => Oti::RaptorQ(raptorq::Oti::for_object(
                self.transfer_bytes,
                channel.symbol_bytes,
                BLOCK_SYMBOLS,
            )?),
        };
        let mut stored = Vec::new();
        oti.encode_ext_fti(&mut stored);
        Ok(StoredObject {
            sha256: self.sha256,
            transfer_bytes: self.transfer_bytes,
            content_bytes: self.content_bytes,
            gzip: self.gzip,
            content_md5: self.content_md5,
            fec_encoding_id: oti.scheme().encoding_id(),
            oti: stored,
            content_location,
            content_type: MEDIA_TYPE.to_owned(),
            octets: self.octets.clone(),
        })
    }
}

/// The stored object transmission information, checked again.
pub fn stored_oti(object: &StoredObject) -> Result<Oti, OtiError> {
    Oti::decode_ext_fti(Scheme::try_from(object.fec_encoding_id)?, &object.oti)
}

/// The FDT Instance of a stored object alone, as a lane would write it now: what else is on the
/// channel stands in the one on the air too, which may expire earlier.
pub fn instance(stored: &StoredObject, toi: u32, until_ms: u64) -> Result<String, OtiError> {
    let toi = Toi::from(toi);
    let file = sender::entry(&file(stored, toi, until_ms), toi, &stored_oti(stored)?);
    let instance = fdt::Instance {
        files: vec![file],
        ..fdt::Instance::new(NtpSeconds::from_unix_ms(until_ms))
    };
    Ok(instance.write(fdt::Profile::GeneralV1))
}

/// What the FDT says of an object besides its object transmission information.
fn file(stored: &StoredObject, toi: Toi, until_ms: u64) -> fdt::File {
    let expires = NtpSeconds::from_unix_ms(until_ms);
    fdt::File {
        content_length: Some(stored.content_bytes),
        content_type: Some(stored.content_type.clone()),
        content_encoding: stored.gzip.then(|| "gzip".to_owned()),
        content_md5: Some(stored.content_md5),
        cache_control: Some(fdt::CacheControl::Expires(expires)),
        ..fdt::File::new(toi, stored.content_location.clone())
    }
}

/// A transmission as its lane wants it.
pub fn lane_object(
    transmission: &Transmission,
    key: ObjectKey,
    epoch: i64,
) -> Result<Object, OtiError> {
    let stored = &transmission.object;
    let toi = Toi::from(transmission.toi);
    let plan = &transmission.plan;
    Ok(Object {
        key,
        toi,
        oti: stored_oti(stored)?,
        file: file(stored, toi, plan.until_ms),
        priority: match transmission.priority {
            Priority::High => sender::Priority::High,
            Priority::Low => sender::Priority::Low,
            Priority::Medium => sender::Priority::Medium,
        },
        carousel: sender::Carousel {
            passes: plan.passes,
            passes_done: transmission.passes_done,
            delay_ms: plan.delay_ms,
            interval_ms: plan.interval_ms,
            until_unix_ms: plan.until_ms,
        },
        repair: sender::Repair {
            percent: plan.repair_percent,
            at_least: MIN_REPAIR_SYMBOLS,
            source_passes: None,
            offset: repair_offset(epoch),
        },
    })
}

/// Where the repair symbols of an epoch start, within the 24 bits of an ESI.
fn repair_offset(epoch: i64) -> u32 {
    ((epoch.unsigned_abs() * ESIS_PER_EPOCH) % u64::from(raptorq::ESI_END)) as u32
}

#[cfg(test)]
mod tests;
