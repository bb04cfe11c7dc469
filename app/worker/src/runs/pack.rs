//! A run's folder as an archive, which is never held in memory as a whole.

use std::io::{BufWriter, Write};

use js_sys::Date;
use signal_studio_core::storage::{Storage, StorageError};
use web_sys::File;
use zip::{CompressionMethod, ZipWriter, result::ZipError, write::SimpleFileOptions};

use crate::{
    opfs::{NewFile, Opfs},
    runs::records,
    shell::{
        blobs::{read_blob, size_of_blob},
        errors::{Failure, Outcome},
        event_loop::yield_if_due,
        home::{Home, no_run},
        room::Room,
    },
    training::active_run::ActiveRun,
};

/// Read and written at a time.
const CHUNK: usize = 1 << 20;

/// Among what is on its way, the archives that were given to the page.
const ARCHIVES: &str = "archives";

/// Packs a run's folder as it is, in a folder of the run's name. The archive stays until the next one is made, as the
/// page may still be saving it.
///
/// # Errors
/// When there is no such run, it is `active` and at work, or there is no room for the archive.
pub async fn pack_run(home: &Home, active: Option<&ActiveRun>, name: &str) -> Outcome<File> {
    let folder = home.run(name)?;
    if let Some(run) = active {
        must_rest(run)?;
        run.write_reports().await?;
    }
    let files = records::files(&folder).await?;
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
        // The first failure is the one to report; what is left is removed with the next archive.
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
        yield_if_due().await;
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
