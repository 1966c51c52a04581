//! Part files while an object is collected; decoded, checked and named once it is complete.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};

use pushcast_flute::content::{ContentError, Decoder, Limits, UnknownEncoding};
use pushcast_flute::receiver::{Description, ObjectId};
use serde::Serialize;
use sha2::Digest;

use super::naming;
use super::shown::Shown;
use crate::content::message::{self, MEDIA_TYPE, MessageError};
use crate::content::wbxml::MAX_WBXML_BYTES;
use crate::model::Sha256;

/// Octets read and decoded at a time.
const COPY_BYTES: usize = 256 << 10;
/// Largest file written, octets.
const MAX_FILE_BYTES: u64 = 16 << 30;
/// Names remembered with the location they came from.
const MAX_NAMES: usize = 65_536;

/// A complete object that could not become a file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Its content encoding is wrong, or its length or digest is not as announced.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// Its content encoding is unknown.
    #[error(transparent)]
    Encoding(#[from] UnknownEncoding),
    /// The folder cannot be written.
    #[error("the file cannot be written")]
    Io(#[from] io::Error),
    /// It says that it is a push message, and is not.
    #[error(transparent)]
    Message(#[from] MessageError),
}

impl FileError {
    /// Collecting the object again may help.
    pub const fn is_content(&self) -> bool {
        matches!(self, Self::Content(_))
    }
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Name within the output folder.
    pub name: String,
    /// Length, octets.
    pub bytes: u64,
    /// Digest of the file.
    pub sha256: Sha256,
    /// Type of the file: that of the pushed body for push messages.
    pub content_type: String,
    /// Headers of a push message, also written beside the file.
    pub headers: Vec<(String, String)>,
    /// What it says, if it is an SI, SL or CO.
    pub push: Option<Box<Shown>>,
}

/// The line that is printed for a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReceivedFile {
    /// Path relative to the output folder.
    pub path: String,
    /// Length, octets.
    pub bytes: u64,
    /// Digest, hexadecimal.
    pub sha256: String,
    /// Content-Location of the FDT entry.
    pub content_location: String,
    /// Type of the file.
    pub content_type: String,
    /// Multicast group and port.
    pub group: String,
    /// Session.
    pub tsi: u64,
    /// Object.
    pub toi: u128,
    /// Different symbols received.
    pub symbols_received: u64,
    /// Source symbols.
    pub symbols_needed: u64,
    /// Octets that came by point-to-point repair.
    pub repaired_bytes: u64,
    /// From the first packet to the file.
    pub seconds: f64,
    /// What it says, if it is an SI, SL or CO.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push: Option<Box<Shown>>,
}

/// The output folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    parts: HashMap<ObjectId, (PathBuf, File)>,
    /// Which Content-Location a name was given to.
    names: HashMap<String, String>,
}

impl Folder {
    /// Opens the folder, making it if need be.
    pub fn open(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        Ok(Self {
            path: path.to_owned(),
            parts: HashMap::new(),
            names: HashMap::new(),
        })
    }

    /// Begins a part file. Its name holds the process, so that receivers can share a folder.
    pub fn begin(&mut self, object: ObjectId) -> io::Result<()> {
        let path = self.path.join(format!(
            ".pushcast-{}-{}.part",
            std::process::id(),
            object.0
        ));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)?;
        self.parts.insert(object, (path, file));
        Ok(())
    }

    /// Writes octets where they belong.
    pub fn write(&self, object: ObjectId, offset: u64, octets: &[u8]) -> io::Result<()> {
        match self.parts.get(&object) {
            Some((_, file)) => file.write_all_at(octets, offset),
            None => Ok(()),
        }
    }

    /// Drops a part file.
    pub fn abandon(&mut self, object: ObjectId) {
        if let Some((path, _)) = self.parts.remove(&object) {
            let _ = std::fs::remove_file(path);
        }
    }

    /// Decodes and checks a complete part file, and gives it its name.
    pub fn finish(
        &mut self,
        object: ObjectId,
        description: &Description,
    ) -> Result<Received, FileError> {
        let Some((part_path, part)) = self.parts.remove(&object) else {
            return Err(io::Error::from(io::ErrorKind::NotFound).into());
        };
        let result = self.decode(part, description);
        let _ = std::fs::remove_file(part_path);
        let (decoded, temporary) = result?;
        Ok(self.publish(decoded, temporary, description)?)
    }

    fn decode(
        &self,
        mut part: File,
        description: &Description,
    ) -> Result<(Decoded, tempfile::NamedTempFile), FileError> {
        io::Seek::rewind(&mut part)?;
        let file = &description.file;
        let limits = Limits {
            max_bytes: MAX_FILE_BYTES,
            ..Limits::default()
        };
        let mut decoder = Decoder::new(
            file.encoding()?,
            file.content_length,
            file.content_md5,
            limits,
        );
        let temporary = self.temporary()?;
        let mut output = Output::new(temporary, is_push_message(file.content_type.as_deref()));
        let mut buffer = vec![0; COPY_BYTES];
        loop {
            let len = part.read(&mut buffer)?;
            if len == 0 {
                break;
            }
            let mut failure = None;
            decoder.write(&buffer[..len], |octets| {
                if failure.is_none() {
                    failure = output.write(octets).err();
                }
            })?;
            failure.map_or(Ok(()), Err)?;
        }
        decoder.finish()?;
        output.finish()
    }

    /// A file that appears under its name only when it is whole. Others may read it, as far as the
    /// user's mask allows: what was broadcast is no secret.
    fn temporary(&self) -> io::Result<tempfile::NamedTempFile> {
        let permissions = std::fs::Permissions::from_mode(0o666);
        tempfile::Builder::new()
            .prefix(".pushcast-")
            .suffix(".tmp")
            .permissions(permissions)
            .tempfile_in(&self.path)
    }

    /// Renames the file into place, atomically, with its headers beside it.
    fn publish(
        &mut self,
        decoded: Decoded,
        temporary: tempfile::NamedTempFile,
        description: &Description,
    ) -> io::Result<Received> {
        let file = &description.file;
        let header = |name: &str| {
            let found = decoded
                .headers
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.clone())
        };
        let of_push = header("Content-Type").filter(|_| decoded.is_message);
        let content_type = of_push.or_else(|| file.content_type.clone());
        let content_type = content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
        let name = naming::file_name(
            header("Content-Disposition").as_deref(),
            &file.content_location,
            &content_type,
        );
        let name = self.claim(name, &file.content_location, decoded.sha256);
        if decoded.is_message {
            let mut head = self.temporary()?;
            head.write_all(&message::write_head(&decoded.headers))?;
            head.persist(self.path.join(format!("{name}.headers")))
                .map_err(|error| error.error)?;
        }
        let is_plain = header("Content-Encoding").is_none();
        let push = match Shown::is_shown(&content_type) && is_plain {
            true => {
                let octets = beginning(temporary.as_file())?;
                Some(Box::new(Shown::read(&content_type, &octets)))
            }
            false => None,
        };
        temporary
            .persist(self.path.join(&name))
            .map_err(|error| error.error)?;
        let Decoded {
            bytes,
            sha256,
            headers,
            ..
        } = decoded;
        Ok(Received {
            name,
            bytes,
            sha256,
            content_type,
            headers,
            push,
        })
    }

    /// The name, or one made different where it belongs to another location or an older file.
    fn claim(&mut self, name: String, location: &str, sha256: Sha256) -> String {
        let is_free = match self.names.get(&name) {
            Some(owner) => owner == location,
            None => !self.path.join(&name).exists(),
        };
        let name = if is_free {
            name
        } else {
            naming::with_digest(&name, sha256)
        };
        if self.names.len() >= MAX_NAMES {
            self.names.clear();
        }
        self.names.insert(name.clone(), location.to_owned());
        name
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        for (path, _) in self.parts.values() {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// As much of a file as can be shown, and an octet more where there is more.
fn beginning(file: &File) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    let mut file = file;
    io::Seek::rewind(&mut file)?;
    file.take(MAX_WBXML_BYTES as u64 + 1)
        .read_to_end(&mut octets)?;
    Ok(octets)
}

fn is_push_message(content_type: Option<&str>) -> bool {
    let media_type = content_type.and_then(|content_type| content_type.split(';').next());
    media_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case(MEDIA_TYPE))
}

/// What was written to a temporary file.
struct Decoded {
    bytes: u64,
    sha256: Sha256,
    is_message: bool,
    headers: Vec<(String, String)>,
}

/// Writes and hashes decoded octets, after taking off the headers of a push message.
struct Output {
    temporary: tempfile::NamedTempFile,
    hash: sha2::Sha256,
    bytes: u64,
    /// Octets of a head that is not yet complete.
    head: Option<Vec<u8>>,
    is_message: bool,
    headers: Vec<(String, String)>,
}

impl Output {
    fn new(temporary: tempfile::NamedTempFile, is_message: bool) -> Self {
        let head = is_message.then(Vec::new);
        Self {
            temporary,
            hash: sha2::Sha256::new(),
            bytes: 0,
            head,
            is_message,
            headers: Vec::new(),
        }
    }

    fn write(&mut self, octets: &[u8]) -> Result<(), FileError> {
        let Some(mut head) = self.head.take() else {
            return Ok(self.body(octets)?);
        };
        head.extend_from_slice(octets);
        match message::head_len(&head)? {
            Some(len) => {
                self.headers = message::read_head(&head[..len])?;
                Ok(self.body(&head[len..])?)
            }
            None => {
                self.head = Some(head);
                Ok(())
            }
        }
    }

    fn body(&mut self, octets: &[u8]) -> io::Result<()> {
        self.hash.update(octets);
        self.bytes += octets.len() as u64;
        self.temporary.write_all(octets)
    }

    fn finish(self) -> Result<(Decoded, tempfile::NamedTempFile), FileError> {
        if self.head.is_some() {
            return Err(MessageError::NoEnd.into());
        }
        let sha256 = Sha256(self.hash.finalize().into());
        let Self {
            bytes,
            is_message,
            headers,
            temporary,
            ..
        } = self;
        Ok((
            Decoded {
                bytes,
                sha256,
                is_message,
                headers,
            },
            temporary,
        ))
    }
}
