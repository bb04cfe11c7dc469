//! Core's [`Storage`] on a disk: a folder. What is written appears under its name only when it is whole.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    ops::Range,
    path::{Component, Path, PathBuf},
};

use async_trait::async_trait;
use signal_studio_core::storage::{FileEntry, FileWriter, Storage, StorageError};
use tempfile::NamedTempFile;

/// Starts the names of files that are the program's own business, and not listed.
pub const HIDDEN_PREFIX: &str = ".signal-studio-";

/// Starts the names of files that are being written.
const UNFINISHED_PREFIX: &str = ".signal-studio-part-";

/// A folder.
#[derive(Debug, Clone)]
pub struct DiskStorage {
    root: PathBuf,
    survives_power_cut: bool,
}

impl DiskStorage {
    /// A folder whose content can be made again: a power cut may cost the files written last.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), survives_power_cut: false }
    }

    /// A folder whose files are on the disk, not only on their way to it, once they are written. That takes
    /// milliseconds a file.
    pub fn durable(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), survives_power_cut: true }
    }

    /// The place of a path on the disk; only places within the folder are given.
    fn place(&self, action: &'static str, path: &str) -> Result<PathBuf, StorageError> {
        let plain = |component| matches!(component, Component::Normal(_) | Component::CurDir);
        if Path::new(path).components().all(plain) {
            Ok(self.root.join(path))
        } else {
            let reason = format!("the path does not stay within {}", self.root.display());
            Err(StorageError::Failed { action, reason, path: path.to_owned() })
        }
    }
}

/// A file that gets its name when it is whole.
struct NewFile {
    file: NamedTempFile,
    size: u64,
    place: PathBuf,
    survives_power_cut: bool,
}

impl NewFile {
    fn new(place: PathBuf, survives_power_cut: bool) -> io::Result<Self> {
        let folder = folder_of(&place);
        fs::create_dir_all(folder)?;
        Ok(Self { file: temporary_in(folder)?, size: 0, place, survives_power_cut })
    }

    fn put_in_place(file: NamedTempFile, place: &Path, survives_power_cut: bool) -> io::Result<()> {
        if survives_power_cut {
            file.as_file().sync_all()?;
        }
        file.persist(place).map_err(|error| error.error)?;
        // The new name is in the folder, which has to reach the disk as well.
        if survives_power_cut && cfg!(unix) {
            File::open(folder_of(place))?.sync_all()?;
        }
        Ok(())
    }
}

#[async_trait(?Send)]
impl FileWriter for NewFile {
    async fn add(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        // Straight to the file, whose errors do not name the temporary path.
        let file = self.file.as_file_mut();
        let added = file.write_all(bytes);
        if added.is_err() {
            // The first failure is the one to tell; a part that cannot be cut off is written over.
            let _ = file.set_len(self.size).and_then(|()| file.seek(SeekFrom::Start(self.size)));
        } else {
            self.size += bytes.len() as u64;
        }
        added.map_err(|error| failed("write", &self.place, &error))
    }

    async fn finish(self: Box<Self>) -> Result<(), StorageError> {
        let Self { file, place, survives_power_cut, .. } = *self;
        Self::put_in_place(file, &place, survives_power_cut).map_err(|error| failed("write", &place, &error))
    }
}

/// Where a file lies: every place of a storage is below its root.
fn folder_of(place: &Path) -> &Path {
    place.parent().unwrap_or(place)
}

/// Removes what a program that was killed had begun to write below a folder. Nothing else may be writing there.
pub fn remove_unfinished(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            remove_unfinished(&entry.path())?;
        } else if entry.file_name().to_string_lossy().starts_with(UNFINISHED_PREFIX) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A file without a proper name yet, removed again unless it gets one; with the permissions that any new file would have.
fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED_PREFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

fn failed(action: &'static str, place: &Path, error: &io::Error) -> StorageError {
    let path = place.display().to_string();
    match error.kind() {
        // Below a file there is nothing, either.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory if action != "write" => StorageError::NotFound { path },
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StorageError::Full { path },
        _ => StorageError::Failed { action, reason: error.to_string(), path },
    }
}

#[async_trait(?Send)]
impl Storage for DiskStorage {
    async fn list(&self, folder: &str) -> Result<Vec<FileEntry>, StorageError> {
        let place = self.place("list", folder)?;
        let mut entries = Vec::new();
        let mut ancestors = BTreeSet::new();
        list_into(&mut entries, &mut ancestors, &self.root, &place)?;
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(entries)
    }

    async fn size(&self, path: &str) -> Result<u64, StorageError> {
        let place = self.place("read", path)?;
        match fs::metadata(&place) {
            Ok(metadata) if metadata.is_file() => Ok(metadata.len()),
            Ok(_) => Err(StorageError::NotFound { path: place.display().to_string() }),
            Err(error) => Err(failed("read", &place, &error)),
        }
    }

    async fn read_range(&self, path: &str, range: Range<u64>) -> Result<Vec<u8>, StorageError> {
        let place = self.place("read", path)?;
        let read = || {
            let mut file = File::open(&place)?;
            let size = file.metadata()?.len();
            if range.end > size || range.start > range.end {
                let problem = format!("bytes {}..{} of {size}", range.start, range.end);
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, problem));
            }
            file.seek(SeekFrom::Start(range.start))?;
            let length = range.end - range.start;
            let mut bytes = Vec::new();
            bytes.try_reserve_exact(usize::try_from(length).map_err(io::Error::other)?)?;
            file.take(length).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map_err(|error| failed("read", &place, &error))
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let mut file = self.begin(path).await?;
        file.add(bytes).await?;
        file.finish().await
    }

    async fn begin<'a>(&'a self, path: &str) -> Result<Box<dyn FileWriter + 'a>, StorageError> {
        let place = self.place("write", path)?;
        let file = NewFile::new(place.clone(), self.survives_power_cut);
        Ok(Box::new(file.map_err(|error| failed("write", &place, &error))?))
    }

    async fn remove(&self, path: &str) -> Result<(), StorageError> {
        let place = self.place("remove", path)?;
        fs::remove_file(&place).map_err(|error| failed("remove", &place, &error))
    }
}

/// Adds the files below a folder. Links are followed, since archives of recordings are made of them, but not in circles;
/// a link that leads nowhere is listed as an empty file, so that reading it says so.
fn list_into(
    entries: &mut Vec<FileEntry>,
    ancestors: &mut BTreeSet<PathBuf>,
    root: &Path,
    folder: &Path,
) -> Result<(), StorageError> {
    let fail = |error: io::Error| failed("list", folder, &error);
    let real = folder.canonicalize().map_err(fail)?;
    if !ancestors.insert(real.clone()) {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let place = entry.path();
        let metadata = fs::metadata(&place).ok();
        if metadata.as_ref().is_some_and(fs::Metadata::is_dir) {
            list_into(entries, ancestors, root, &place)?;
        } else if !entry.file_name().to_string_lossy().starts_with(HIDDEN_PREFIX) {
            let path = relative(root, &place);
            entries.push(FileEntry { path, size: metadata.map_or(0, |metadata| metadata.len()) });
        }
    }
    ancestors.remove(&real);
    Ok(())
}

/// A place within the root as core names it, with `/`.
fn relative(root: &Path, place: &Path) -> String {
    let parts = place.strip_prefix(root).unwrap_or(place).components();
    parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<T>(future: impl Future<Output = T>) -> T {
        pollster::block_on(future)
    }

    fn storage() -> (tempfile::TempDir, DiskStorage) {
        let folder = tempfile::tempdir().unwrap();
        let storage = DiskStorage::durable(folder.path().join("run"));
        (folder, storage)
    }

    #[test]
    fn what_is_written_is_read_back_in_whole_and_in_part() {
        let (_folder, storage) = storage();
        run(storage.write("checkpoints/last.bin", b"0123456789")).unwrap();
        assert_eq!(run(storage.read("checkpoints/last.bin")).unwrap(), b"0123456789");
        assert_eq!(run(storage.read_range("checkpoints/last.bin", 3..5)).unwrap(), b"34");
        assert_eq!(run(storage.size("checkpoints/last.bin")).unwrap(), 10);
        run(storage.write("checkpoints/last.bin", b"new")).unwrap();
        assert_eq!(run(storage.read("checkpoints/last.bin")).unwrap(), b"new");
        let listed = run(storage.list("")).unwrap();
        assert_eq!(listed, [FileEntry { path: "checkpoints/last.bin".to_owned(), size: 3 }]);
        run(storage.remove("checkpoints/last.bin")).unwrap();
        assert_eq!(run(storage.list("checkpoints")).unwrap(), []);
    }

    #[test]
    fn a_range_past_the_end_is_an_error_that_names_the_file() {
        let (_folder, storage) = storage();
        run(storage.write("a", b"0123")).unwrap();
        let error = run(storage.read_range("a", 2..5)).unwrap_err().to_string();
        assert!(error.contains("bytes 2..5 of 4") && error.ends_with("run/a"), "{error}");
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        let (_folder, storage) = storage();
        let is_missing = |error| matches!(error, StorageError::NotFound { .. });
        assert!(is_missing(run(storage.list("")).unwrap_err()));
        run(storage.write("folder/file", b"")).unwrap();
        assert!(is_missing(run(storage.read("folder/other")).unwrap_err()));
        assert!(is_missing(run(storage.size("folder")).unwrap_err()), "a folder is no file");
        assert!(is_missing(run(storage.remove("folder/other")).unwrap_err()));
        assert!(is_missing(run(storage.list("other")).unwrap_err()));
    }

    #[test]
    fn a_path_cannot_leave_the_folder() {
        let (folder, storage) = storage();
        fs::write(folder.path().join("secret"), "x").unwrap();
        let absolute = folder.path().join("secret").display().to_string();
        for path in ["../secret", "a/../../secret", absolute.as_str()] {
            for error in [
                run(storage.read(path)).unwrap_err(),
                run(storage.write(path, b"y")).unwrap_err(),
                run(storage.remove(path)).unwrap_err(),
                run(storage.list(path)).unwrap_err(),
            ] {
                assert!(error.to_string().contains("does not stay within"), "{error}");
            }
        }
        assert_eq!(fs::read(folder.path().join("secret")).unwrap(), b"x");
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let (_folder, storage) = storage();
        run(storage.write("history.json", b"old")).unwrap();
        run(storage.write("file/below", b"")).unwrap();
        // A folder stands where the file should go, so the last step, giving it its name, fails.
        let error = run(storage.write("file", b"new")).unwrap_err();
        assert!(matches!(error, StorageError::Failed { action: "write", .. }), "{error}");
        // And here the folder itself cannot be made.
        let error = run(storage.write("history.json/below", b"new")).unwrap_err();
        assert!(matches!(error, StorageError::Failed { action: "write", .. }), "{error}");
        assert_eq!(run(storage.read("history.json")).unwrap(), b"old");
        let left: Vec<_> = fs::read_dir(&storage.root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }

    #[test]
    fn a_file_in_pieces_is_there_when_it_is_whole_and_not_at_all_when_it_is_given_up() {
        let (_folder, storage) = storage();
        run(storage.write("history.json", b"old")).unwrap();
        let mut file = run(storage.begin("history.json")).unwrap();
        run(file.add(b"new, ")).unwrap();
        run(file.add(b"in pieces")).unwrap();
        assert_eq!(run(storage.read("history.json")).unwrap(), b"old");
        assert_eq!(run(storage.list("")).unwrap().len(), 1);
        run(file.finish()).unwrap();
        assert_eq!(run(storage.read("history.json")).unwrap(), b"new, in pieces");

        let mut file = run(storage.begin("history.json")).unwrap();
        run(file.add(b"newer")).unwrap();
        drop(file);
        assert_eq!(run(storage.read("history.json")).unwrap(), b"new, in pieces");
        assert_eq!(fs::read_dir(&storage.root).unwrap().count(), 1);
    }

    #[test]
    fn what_was_left_half_written_is_removed_and_nothing_else() {
        let (_folder, storage) = storage();
        run(storage.write("checkpoints/last.bin", b"0123456789")).unwrap();
        let begun = temporary_in(&storage.root.join("checkpoints")).unwrap().keep().unwrap().1;
        assert!(begun.is_file());
        remove_unfinished(&storage.root).unwrap();
        assert!(!begun.exists());
        assert_eq!(run(storage.list("")).unwrap().len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_but_not_in_circles() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let (folder, storage) = storage();
        run(storage.write("sub/a.edf", b"12")).unwrap();
        symlink(folder.path().join("run"), folder.path().join("run/sub/circle")).unwrap();
        symlink(folder.path().join("run/sub/a.edf"), folder.path().join("run/b.edf")).unwrap();
        symlink(folder.path().join("gone"), folder.path().join("run/c.edf")).unwrap();
        let listed = run(storage.list("")).unwrap();
        let listed: Vec<_> = listed.iter().map(|entry| (entry.path.as_str(), entry.size)).collect();
        assert_eq!(listed, [("b.edf", 2), ("c.edf", 0), ("sub/a.edf", 2)]);
        let mode = fs::metadata(folder.path().join("run/sub/a.edf")).unwrap().permissions().mode();
        assert_ne!(mode & 0o044, 0, "others may read it as they may any new file, unless the umask forbids it");
    }
}
