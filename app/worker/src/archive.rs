//! Archives: a dropped `.zip` becomes a folder of files, and a run's folder a `.zip`. Neither is ever held in memory as a
//! whole.

use std::{
    io::{BufWriter, Read, Write},
    path::Component,
};

use js_sys::Date;
use signal_studio_app_shared::claims::Claim;
use signal_studio_core::storage::{Storage, StorageError};
use web_sys::File;
use zip::{CompressionMethod, ZipArchive, ZipWriter, read::ZipFileEntry, result::ZipError, write::SimpleFileOptions};

use crate::{
    active_run::ActiveRun,
    errors::{Failure, Outcome},
    files::{BlobReader, read_blob, size_of_blob},
    home::{Home, no_run},
    opfs::{NewFile, Opfs},
    pace::breath,
    post::Meter,
    room::Room,
    run_records,
};

/// Read and written at a time.
const CHUNK: usize = 1 << 20;

/// Among what is on its way, the archives that were given to the page.
const ARCHIVES: &str = "archives";

/// Whether a lone file of this name is an archive to unpack.
pub fn is_archive(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("zip"))
}

/// Unpacks an archive into a folder.
///
/// # Errors
/// When it is damaged, encrypted, leads out of the folder or holds more than there is room for.
pub async fn unpack(archive: &File, into: &Opfs, claim: &Claim) -> Outcome<()> {
    let reader = BlobReader::new(archive).map_err(|error| Failure::of_browser("the archive cannot be read", &error))?;
    let mut zip = ZipArchive::new(reader).map_err(damaged)?;
    let mut entries = Vec::new();
    for index in 0..zip.len() {
        let entry = zip.by_index_data(index).map_err(damaged)?;
        if let Some(path) = path_of(&entry)? {
            entries.push((index, path, entry.size()));
        }
    }
    // What the entries say of their sizes is checked again while they are unpacked.
    let total = entries.iter().map(|(.., size)| size).fold(0_u64, |sum, size| sum.saturating_add(*size));
    let room = Room::now().await?;
    room.must_hold(total)?;
    let mut meter = Meter::importing("bytes");
    let mut done = 0;
    let mut buffer = vec![0; CHUNK];
    for (index, path, size) in entries {
        let mut entry = zip.by_index(index).map_err(damaged)?;
        let mut file = into.create(&path).await?;
        let mut left = size;
        loop {
            meter.tell(|| format!("Unpacking {path}"), done, total);
            let length = entry.read(&mut buffer).map_err(|error| damaged(error.into()))?;
            if length == 0 {
                break;
            }
            left = left.checked_sub(length as u64).ok_or_else(|| {
                Failure::request(format_args!("the archive is damaged: {path} is longer than it says"))
            })?;
            file.add_bytes(&buffer[..length])?;
            done += length as u64;
            breath().await;
            claim.go_on()?;
        }
    }
    Ok(())
}

/// Where an entry goes; none for folders and for what computers leave in archives by themselves.
fn path_of(entry: &ZipFileEntry<'_>) -> Outcome<Option<String>> {
    if !entry.is_file() {
        return Ok(None);
    }
    let name = entry.name().map_err(damaged)?;
    if entry.encrypted() {
        return Err(Failure::request("the archive is encrypted: unpack it on your computer, then drop the folder"));
    }
    let path = entry.enclosed_name().and_then(|path| {
        let parts = path.components().map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        });
        parts.collect::<Option<Vec<_>>>().map(|parts| parts.join("/"))
    });
    path.filter(|path| !path.is_empty())
        .map(Some)
        .ok_or_else(|| Failure::request(format_args!("the archive has a file that leads out of its folder: {name}")))
}

fn damaged(error: ZipError) -> Failure {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            Failure::request("the archive is encrypted: unpack it on your computer, then drop the folder")
        }
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => Failure::request(format_args!(
            "the archive is of a kind that cannot be read here ({error}): unpack it on your computer, then drop the folder"
        )),
        error => Failure::request(format_args!("the archive is damaged: {error}")),
    }
}

/// Packs a run's folder as it is, in a folder of the run's name. The archive stays until the next one is made, as the
/// page may still be saving it.
///
/// # Errors
/// When there is no such run, it is `active` and at work, or there is no room for the archive.
pub async fn pack_run(home: &Home, active: Option<&ActiveRun>, name: &str) -> Outcome<File> {
    let folder = home.run(name)?;
    if let Some(run) = active {
        must_rest(run)?;
        run.write_told().await?;
    }
    let files = run_records::files(&folder).await?;
    if files.is_empty() {
        return Err(no_run(name));
    }
    let archives = home.incoming().below(ARCHIVES);
    remove_earlier(&archives).await?;
    Room::now().await?.must_hold(files.values().sum())?;
    // Another name than before: the browser may hold on to a file that it is saving.
    let path = format!("{name}-{}.zip", Date::now());
    let packed = async {
        let mut zip = Zip::new(BufWriter::with_capacity(CHUNK, archives.create(&path).await?));
        for file in files.keys() {
            active.map_or(Ok(()), must_rest)?;
            add_file(&mut zip, &folder, file, format!("{name}/{file}")).await?;
        }
        let file = zip.finish().map_err(unwritten)?.into_inner();
        drop(file.map_err(|error| unwritten(error.into_error().into()))?);
        Ok(archives.file(&path).await?)
    };
    let packed: Outcome<File> = packed.await;
    if packed.is_err() {
        // The first failure is the one to tell; what is left is removed with the next archive.
        let _ = archives.remove(&path).await;
    }
    packed
}

/// An archive that is being written.
type Zip = ZipWriter<BufWriter<NewFile>>;

/// Refuses a run whose files change while they are read.
fn must_rest(run: &ActiveRun) -> Outcome<()> {
    if run.commands.are_awaited() {
        return Ok(());
    }
    Err(Failure::request(format_args!(
        "the run {} is at work, and its files change: pause it or wait for its end, then download it",
        run.name()
    )))
}

/// Removes the archives that the page has had time to save.
async fn remove_earlier(archives: &Opfs) -> Outcome<()> {
    let earlier = match archives.list("").await {
        Err(StorageError::NotFound { .. }) => return Ok(()),
        listed => listed?,
    };
    for archive in earlier {
        // One that is still being written cannot be removed, and is with the next.
        let _ = archives.remove(&archive.path).await;
    }
    Ok(())
}

/// Adds a file as it is now, unless it is not there any more: while a run goes on, newer checkpoints replace older ones.
async fn add_file(zip: &mut Zip, folder: &Opfs, path: &str, name: String) -> Outcome<()> {
    let file = match folder.file(path).await {
        Err(StorageError::NotFound { .. }) => return Ok(()),
        file => file?,
    };
    let size = size_of_blob(&file);
    // Weights do not get smaller; text does, by a lot.
    let is_text = [".json", ".toml", ".csv"].iter().any(|extension| path.ends_with(extension));
    let method = if is_text { CompressionMethod::Deflated } else { CompressionMethod::Stored };
    let options = SimpleFileOptions::default().compression_method(method).large_file(size > u64::from(u32::MAX));
    zip.start_file(name, options).map_err(unwritten)?;
    let mut at = 0;
    while at < size {
        let end = size.min(at + CHUNK as u64);
        let bytes = read_blob(&file, at..end, path).await?;
        zip.write_all(&bytes).map_err(|error| unwritten(error.into()))?;
        at = end;
        breath().await;
    }
    Ok(())
}

fn unwritten(error: ZipError) -> Failure {
    let full = match &error {
        ZipError::Io(error) => error.get_ref().and_then(|inner| inner.downcast_ref::<StorageError>()),
        _ => None,
    };
    match full {
        Some(error) => error.clone().into(),
        None => Failure::failed(format_args!("the archive could not be written: {error}")),
    }
}
