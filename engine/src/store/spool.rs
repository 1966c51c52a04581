//! Content on its way to the store: in memory while it is short, then in a file.
//!
//! What is written can be dropped at any time and leaves nothing behind; only [`Spool::finish`]
//! gives a file its name. Called by the endpoint, which writes, and the gateway, which finishes
//! what it takes in. A spool that holds a file blocks; write it from `spawn_blocking`.

use std::io::{self, Write};

use crate::model::Body;

use super::{FileError, FileWriter, Files};

/// Content beyond this goes to a file instead of the row, octets.
pub const MAX_INLINE_BYTES: usize = 64 << 10;

/// Octets written so far and where they are.
#[derive(Debug)]
pub struct Spool {
    files: Files,
    held: Held,
}

#[derive(Debug)]
enum Held {
    File(Box<FileWriter>),
    /// At most [`MAX_INLINE_BYTES`].
    Memory(Vec<u8>),
}

impl Spool {
    /// Nothing so far; a file will be one of these.
    pub const fn new(files: Files) -> Self {
        Self {
            files,
            held: Held::Memory(Vec::new()),
        }
    }

    /// Whether the octets are in a file, so that finishing blocks.
    pub const fn is_file(&self) -> bool {
        matches!(self.held, Held::File(_))
    }

    /// The octets, while they are in memory.
    pub fn in_memory(&self) -> Option<&[u8]> {
        match &self.held {
            Held::File(_) => None,
            Held::Memory(octets) => Some(octets),
        }
    }

    /// Octets written.
    pub fn bytes(&self) -> u64 {
        match &self.held {
            Held::File(writer) => writer.bytes(),
            Held::Memory(octets) => octets.len() as u64,
        }
    }

    /// The content; a file is on stable storage under its name.
    pub fn finish(self) -> Result<Body, FileError> {
        match self.held {
            Held::File(writer) => {
                let (sha256, bytes) = writer.finish()?;
                Ok(Body::File { sha256, bytes })
            }
            Held::Memory(octets) => Ok(Body::Inline(octets)),
        }
    }
}

impl Write for Spool {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match &mut self.held {
            Held::File(writer) => writer.write(octets),
            Held::Memory(held) if held.len() + octets.len() <= MAX_INLINE_BYTES => {
                held.write(octets)
            }
            Held::Memory(held) => {
                let mut writer = self.files.create()?;
                writer.write_all(held)?;
                let written = writer.write(octets)?;
                self.held = Held::File(Box::new(writer));
                Ok(written)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.held {
            Held::File(writer) => writer.flush(),
            Held::Memory(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use super::*;

    fn spool(folder: &Path, octets: &[u8]) -> (Files, Spool) {
        let files = Files::open(folder).unwrap();
        let mut spool = Spool::new(files.clone());
        for chunk in octets.chunks(999) {
            spool.write_all(chunk).unwrap();
        }
        (files, spool)
    }

    fn temporaries(folder: &Path) -> usize {
        std::fs::read_dir(folder.join("objects/tmp"))
            .unwrap()
            .count()
    }

    #[test]
    fn short_content_stays_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        for octets in [vec![], vec![7; MAX_INLINE_BYTES]] {
            let (_, spool) = spool(folder.path(), &octets);
            assert!(!spool.is_file());
            assert_eq!(temporaries(folder.path()), 0);
            assert_eq!(spool.finish().unwrap(), Body::Inline(octets));
        }
    }

    #[test]
    fn long_content_is_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let octets: Vec<u8> = (0..=MAX_INLINE_BYTES).map(|index| index as u8).collect();
        let (files, spool) = spool(folder.path(), &octets);
        assert!(spool.is_file());
        let Body::File { sha256, bytes } = spool.finish().unwrap() else {
            panic!("not a file");
        };
        assert_eq!(bytes, octets.len() as u64);
        let mut read = Vec::new();
        let mut file = files.open_file(sha256).unwrap();
        file.read_to_end(&mut read).unwrap();
        assert_eq!(read, octets);
    }

    #[test]
    fn dropped_content_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (files, spool) = spool(folder.path(), &[7; 2 * MAX_INLINE_BYTES]);
        assert_eq!(temporaries(folder.path()), 1);
        drop(spool);
        assert_eq!(temporaries(folder.path()), 0);
        let later = SystemTime::now() + Duration::from_secs(60);
        assert!(files.older_than(later).unwrap().is_empty());
    }
}
