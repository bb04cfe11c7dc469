//! Dropped archives: a `.zip` becomes a folder of files, and is never held in memory as a whole.

use std::{io::Read, path::Component};

use signal_studio_app_shared::shell::claims::Claim;
use web_sys::File;
use zip::{ZipArchive, read::ZipFileEntry, result::ZipError};

use crate::{
    opfs::Opfs,
    shell::{
        blobs::BlobReader,
        errors::{Failure, Outcome},
        event_loop::yield_if_due,
        post::Meter,
        room::Room,
    },
};

/// Unpacked at a time.
const CHUNK: usize = 1 << 20;

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
            meter.report(|| format!("Unpacking {path}"), done, total);
            let length = entry.read(&mut buffer).map_err(|error| damaged(error.into()))?;
            if length == 0 {
                break;
            }
            left = left.checked_sub(length as u64).ok_or_else(|| {
                Failure::request(format_args!("the archive is damaged: {path} is longer than it says"))
            })?;
            file.add_bytes(&buffer[..length])?;
            done += length as u64;
            yield_if_due().await;
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
