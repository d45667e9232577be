//! Contents by their digest.

use super::{atomic, Digest};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

const BUFFER: usize = 256 * 1024;

/// A folder of blobs, each in a file named by its digest.
#[derive(Debug, Clone)]
pub(super) struct Blobs {
    folder: PathBuf,
}

impl Blobs {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn path(&self, digest: &Digest) -> PathBuf {
        let name = digest.to_string();
        self.folder.join(&name[..2]).join(name)
    }

    /// Keeps these bytes.
    pub fn put(&self, bytes: &[u8]) -> io::Result<Digest> {
        let digest = Digest::of(bytes);
        if !self.has(&digest, bytes.len() as u64) {
            atomic::write(&self.path(&digest), bytes)?;
        }
        Ok(digest)
    }

    /// Keeps a file that should have this digest.
    ///
    /// # Errors
    /// Also where the file has another digest by now.
    pub fn put_file(&self, from: &Path, digest: &Digest, size: u64) -> io::Result<()> {
        if self.has(digest, size) {
            return Ok(());
        }
        let path = self.path(digest);
        let mut copy = atomic::beside(&path)?;
        if copy_hashing(&mut File::open(from)?, &mut copy)? != *digest {
            return Err(io::Error::other(format!("{} changes while it is stored", from.display())));
        }
        atomic::persist(copy, &path)
    }

    /// The bytes of a blob; an error where they are not what its name says.
    pub fn get(&self, digest: &Digest) -> io::Result<Vec<u8>> {
        let bytes = fs::read(self.path(digest))?;
        if Digest::of(&bytes) == *digest {
            Ok(bytes)
        } else {
            Err(damaged(digest))
        }
    }

    /// A copy of a blob beside `path`, checked and not yet in place.
    pub fn copy_beside(&self, digest: &Digest, path: &Path) -> io::Result<NamedTempFile> {
        let mut blob = File::open(self.path(digest))?;
        let mut copy = atomic::beside(path)?;
        if copy_hashing(&mut blob, &mut copy)? == *digest {
            Ok(copy)
        } else {
            Err(damaged(digest))
        }
    }

    /// Whether the blob is there and unhurt. One that is not is written again.
    fn has(&self, digest: &Digest, size: u64) -> bool {
        let path = self.path(digest);
        fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file() && metadata.len() == size)
            && super::content::read(&path).is_ok_and(|content| content.digest == *digest)
    }
}

fn damaged(digest: &Digest) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the blob {digest} is damaged"))
}

fn copy_hashing(from: &mut impl Read, to: &mut impl Write) -> io::Result<Digest> {
    let mut buffer = vec![0; BUFFER];
    let mut hasher = blake3::Hasher::new();
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finalize().into()),
            Ok(length) => {
                hasher.update(&buffer[..length]);
                to.write_all(&buffer[..length])?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
