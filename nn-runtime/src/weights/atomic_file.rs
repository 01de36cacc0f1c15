//! Replacing a file so that it is always whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes a new file beside `path`, brings it to the disk, and then puts it in the place of `path` in one step. If
/// anything fails, `path` is what it was and the new file is removed.
///
/// A link is followed: what it points to is replaced. Whatever exists and is no file, a folder or a device, is left.
pub(crate) fn replace(path: &Path, write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if path.exists() && !path.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it exists and is not a file"));
    }
    let temporary = Temporary::beside(&path)?;
    let mut writer = BufWriter::new(&temporary.file);
    write(&mut writer)?;
    writer.flush()?;
    drop(writer);
    temporary.file.sync_all()?;
    temporary.rename(&path)
}

/// A file that is removed unless it has been renamed.
struct Temporary {
    file: File,
    path: PathBuf,
    renamed: bool,
}

impl Temporary {
    /// `.{process}-{number}-{name}.tmp` in the folder of `path`: a rename is one step only within a file system.
    fn beside(path: &Path) -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = path
            .file_name()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it has no file name"))?
            .to_string_lossy();
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = path.with_file_name(format!(".{}-{number}-{name}.tmp", process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                // Left behind by a process of the same number that was killed.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                opened => return Ok(Self { file: opened?, path, renamed: false }),
            }
        }
    }

    fn rename(mut self, path: &Path) -> io::Result<()> {
        fs::rename(&self.path, path)?;
        self.renamed = true;
        sync_folder(path);
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // The error that led here is the one to report.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Brings the rename to the disk where the system can: the file is whole either way.
fn sync_folder(path: &Path) {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    #[cfg(not(unix))]
    let _ = path;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("net");
        for content in [&b"old and long"[..], b"new"] {
            replace(&path, |file| file.write_all(content)).unwrap();
            assert_eq!(fs::read(&path).unwrap(), content);
            assert_eq!(names(folder.path()), ["net"]);
        }
    }

    #[test]
    fn the_old_file_stays_until_the_new_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("net");
        fs::write(&path, "old").unwrap();
        replace(&path, |file| {
            file.write_all(b"new")?;
            file.flush()?;
            assert_eq!(fs::read(&path)?, b"old");
            Ok(())
        })
        .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_failure_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("net");
        fs::write(&path, "old").unwrap();
        let error = replace(&path, |file| {
            file.write_all(&vec![7; 100_000])?;
            Err(io::Error::other("the disk is full"))
        });
        assert_eq!(error.unwrap_err().to_string(), "the disk is full");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["net"]);
    }

    #[test]
    fn a_panic_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("net");
        fs::write(&path, "old").unwrap();
        let panic = std::panic::catch_unwind(|| replace(&path, |_| panic!("a bug")));
        assert!(panic.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["net"]);
    }

    /// The path becomes a folder while the file is written, so that the last step is the one that fails.
    #[test]
    fn a_failed_rename_removes_the_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("net");
        let result = replace(&path, |_| {
            fs::create_dir(&path)?;
            fs::write(path.join("inside"), "kept")
        });
        assert!(result.is_err());
        assert_eq!(names(folder.path()), ["net"]);
        assert_eq!(fs::read(path.join("inside")).unwrap(), b"kept");
    }

    #[test]
    fn what_is_no_file_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |path: &Path| replace(path, |_| unreachable!()).unwrap_err().to_string();
        assert_eq!(refused(folder.path()), "it exists and is not a file");
        assert_eq!(refused(Path::new("/")), "it exists and is not a file");
        assert_eq!(refused(Path::new("")), "it has no file name");
        assert!(replace(&folder.path().join("no/where"), |_| unreachable!()).is_err());
        assert!(names(folder.path()).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link] = ["file", "link"].map(|name| folder.path().join(name));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        replace(&link, |writer| writer.write_all(b"new")).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
    }
}
