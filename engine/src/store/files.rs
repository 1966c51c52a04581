//! Content-addressed files: large bodies and transport objects, each named by its SHA-256.
//!
//! A file is complete and on stable storage before its name appears, and its name is on stable
//! storage before a row names it. Everything here blocks; call it from `spawn_blocking`.
//!
//! A file can be written again while a purge finds that no row names it. Therefore
//! [`FileWriter::finish`] always makes the file young, and [`Files::remove`] spares young ones.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use sha2::Digest as _;
use tempfile::NamedTempFile;
use tokio::sync::watch;

use crate::model::Sha256;

/// A file operation that failed.
#[derive(Debug, thiserror::Error)]
#[error("{}", path.display())]
pub struct FileError {
    /// Which file or folder.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl From<FileError> for io::Error {
    /// Of the same kind, with the file named.
    fn from(error: FileError) -> Self {
        Self::new(error.source.kind(), error)
    }
}

/// The folder `objects` of a data folder: `objects/a5/a5…` and, while they are written, files
/// in `objects/tmp`.
#[derive(Debug, Clone)]
pub struct Files {
    objects: PathBuf,
    /// Taken by whoever gives a name or takes one away.
    names: Arc<Mutex<()>>,
    /// Whether the disk refused to put something on stable storage.
    failed: watch::Sender<bool>,
}

impl Files {
    /// Makes the folders, and removes what a crash left half-written.
    pub fn open(data_dir: &Path) -> Result<Self, FileError> {
        let objects = data_dir.join("objects");
        let tmp = objects.join("tmp");
        if tmp.exists() {
            fs::remove_dir_all(&tmp).map_err(at(&tmp))?;
        }
        fs::create_dir_all(&tmp).map_err(at(&tmp))?;
        for folder in [data_dir, &objects] {
            sync_folder(folder)?;
        }
        Ok(Self {
            objects,
            names: Arc::default(),
            failed: watch::Sender::new(false),
        })
    }

    /// Begins a file.
    pub fn create(&self) -> Result<FileWriter, FileError> {
        let tmp = self.objects.join("tmp");
        Ok(FileWriter {
            temporary: NamedTempFile::new_in(&tmp).map_err(at(&tmp))?,
            hasher: sha2::Sha256::new(),
            bytes: 0,
            files: self.clone(),
        })
    }

    /// Opens a file for reading.
    pub fn open_file(&self, sha256: Sha256) -> Result<File, FileError> {
        let path = self.path(sha256);
        File::open(&path).map_err(at(&path))
    }

    /// Room that is left for files, octets.
    pub fn free_bytes(&self) -> Result<u64, FileError> {
        let room = rustix::fs::statvfs(&self.objects);
        let room = room.map_err(|errno| at(&self.objects)(errno.into()))?;
        Ok(room.f_bavail.saturating_mul(room.f_frsize))
    }

    /// Where a file is, or would be.
    pub fn path(&self, sha256: Sha256) -> PathBuf {
        let name = sha256.to_hex();
        self.objects.join(&name[..2]).join(name)
    }

    /// Removes a file last written before `written_before`. False if it is younger or not there.
    pub fn remove(&self, sha256: Sha256, written_before: SystemTime) -> Result<bool, FileError> {
        let path = self.path(sha256);
        let _names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        match is_older(&path, written_before) {
            Ok(true) => fs::remove_file(&path).map_err(at(&path))?,
            Ok(false) => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(at(&path)(error)),
        }
        Ok(true)
    }

    /// Every file last written before `written_before`: with [`super::Store::unnamed`], the
    /// leftovers of crashes.
    pub fn older_than(&self, written_before: SystemTime) -> Result<Vec<Sha256>, FileError> {
        let mut found = Vec::new();
        for folder in entries(&self.objects)? {
            if !folder.is_dir() {
                continue;
            }
            for path in entries(&folder)? {
                let name = path.file_name().and_then(|name| name.to_str());
                let Some(sha256) = name.and_then(Sha256::from_hex) else {
                    continue;
                };
                if is_older(&path, written_before).map_err(at(&path))? {
                    found.push(sha256);
                }
            }
        }
        Ok(found)
    }

    /// Completes once the disk has refused to put a file on stable storage: the process has to
    /// end, as nobody knows what is on the disk.
    pub async fn failure(&self) {
        let mut failed = self.failed.subscribe();
        // The sender is ours, so it is still there.
        let _ = failed.wait_for(|failed| *failed).await;
    }

    /// Notes a refusal of stable storage. A full disk is one that leaves everything as it was.
    fn synced(&self, outcome: Result<(), FileError>) -> Result<(), FileError> {
        outcome.inspect_err(|error| {
            if error.source.kind() != io::ErrorKind::StorageFull {
                self.failed.send_replace(true);
            }
        })
    }
}

/// A file being written. Dropped before [`FileWriter::finish`] it leaves nothing behind.
#[derive(Debug)]
pub struct FileWriter {
    temporary: NamedTempFile,
    hasher: sha2::Sha256,
    bytes: u64,
    files: Files,
}

impl FileWriter {
    /// Octets written so far.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Puts the file on stable storage under its name. Returns the name and the length.
    pub fn finish(self) -> Result<(Sha256, u64), FileError> {
        let temporary = self.temporary.path().to_owned();
        let sha256 = Sha256(self.hasher.finalize().into());
        let path = self.files.path(sha256);
        let file = self.temporary.as_file();
        file.set_modified(SystemTime::now())
            .map_err(at(&temporary))?;
        self.files.synced(file.sync_all().map_err(at(&temporary)))?;
        let folder = self.files.objects.join(&sha256.to_hex()[..2]);
        if !folder.exists() {
            fs::create_dir_all(&folder).map_err(at(&folder))?;
            self.files.synced(sync_folder(&self.files.objects))?;
        }
        let names = self
            .files
            .names
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.temporary
            .persist(&path)
            .map_err(|error| at(&path)(error.error))?;
        drop(names);
        self.files.synced(sync_folder(&folder))?;
        Ok((sha256, self.bytes))
    }
}

impl Write for FileWriter {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let written = self.temporary.write(octets)?;
        self.hasher.update(&octets[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError {
        path: path.clone(),
        source,
    }
}

fn sync_folder(folder: &Path) -> Result<(), FileError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(at(folder))
}

fn is_older(path: &Path, than: SystemTime) -> io::Result<bool> {
    Ok(fs::metadata(path)?.modified()? < than)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    fs::read_dir(folder)
        .map_err(at(folder))?
        .map(|entry| Ok(entry.map_err(at(folder))?.path()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::time::Duration;

    use super::*;

    fn write(files: &Files, octets: &[u8]) -> (Sha256, u64) {
        let mut writer = files.create().unwrap();
        for chunk in octets.chunks(7) {
            writer.write_all(chunk).unwrap();
        }
        writer.finish().unwrap()
    }

    fn later() -> SystemTime {
        SystemTime::now() + Duration::from_secs(60)
    }

    #[test]
    fn files_are_named_by_their_content() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path()).unwrap();
        let (sha256, bytes) = write(&files, b"abc");
        assert_eq!(bytes, 3);
        assert_eq!(
            sha256.to_hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let mut read = String::new();
        files
            .open_file(sha256)
            .unwrap()
            .read_to_string(&mut read)
            .unwrap();
        assert_eq!(read, "abc");
        assert_eq!(write(&files, b"abc").0, sha256);
        assert_eq!(files.older_than(later()).unwrap(), [sha256]);
    }

    #[test]
    fn young_files_are_spared() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path()).unwrap();
        let (sha256, _) = write(&files, b"abc");
        let before = SystemTime::now() - Duration::from_secs(60);
        assert!(!files.remove(sha256, before).unwrap());
        assert!(files.older_than(before).unwrap().is_empty());
        assert!(files.remove(sha256, later()).unwrap());
        assert!(!files.remove(sha256, later()).unwrap());
        assert!(files.open_file(sha256).is_err());
    }

    #[test]
    fn half_written_files_vanish() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path()).unwrap();
        let mut writer = files.create().unwrap();
        writer.write_all(b"half").unwrap();
        let left = writer.temporary.path().to_owned();
        std::mem::forget(writer);
        assert!(left.exists());
        Files::open(folder.path()).unwrap();
        assert!(!left.exists());
    }
}
