//! The metadata tables of a preprocessed folder: which splits there are, and where the rows of each are.

use std::collections::BTreeMap;

use crate::{
    datasets::{DatasetError, METADATA_FILE, PREPROCESSING_FILE, Table, report::is_unfinished, split_metadata_file},
    storage::Storage,
};

/// The splits of a preprocessed folder and how many samples each has, in alphabetical order.
///
/// # Errors
/// [`DatasetError`] when the folder or one of its tables cannot be read.
pub async fn splits(storage: &dyn Storage) -> Result<Vec<(String, usize)>, DatasetError> {
    let mut found = BTreeMap::new();
    let entries = storage.list("").await?;
    // What preprocessing made in a folder of its own is no split of what lies around it.
    let is_own_folder = |split: &str| {
        let report = format!("{split}/{PREPROCESSING_FILE}");
        entries.iter().any(|entry| entry.path == report)
    };
    for entry in &entries {
        let path = entry.path.as_str();
        let own = path.strip_suffix(METADATA_FILE).and_then(|split| split.strip_suffix(['-', '/']));
        if let Some(split) = own.filter(|split| !split.is_empty() && !split.contains('/') && !is_own_folder(split)) {
            found.insert(split.to_owned(), Table::read(storage, path).await?.len());
        }
    }
    if storage.exists(METADATA_FILE).await? {
        let table = Table::read(storage, METADATA_FILE).await?;
        if let Some(column) = table.column("split") {
            let mut counts = BTreeMap::new();
            for row in 0..table.len() {
                *counts.entry(table.value(row, column).to_owned()).or_insert(0) += 1;
            }
            for (split, count) in counts {
                found.entry(split).or_insert(count);
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// The rows of a split, and the folder that its file names may be relative to.
pub(super) async fn find_metadata<'s>(
    storage: &dyn Storage,
    split: &'s str,
) -> Result<(Table, Option<&'s str>), DatasetError> {
    let plain = !split.is_empty() && !split.contains(['/', '\\']);
    let own = split_metadata_file(split);
    if plain && storage.exists(&own).await? {
        return Ok((Table::read(storage, &own).await?, None));
    }
    let inside = format!("{split}/{METADATA_FILE}");
    if plain && split != ".." && storage.exists(&inside).await? {
        return Ok((Table::read(storage, &inside).await?, Some(split)));
    }
    if storage.exists(METADATA_FILE).await? {
        let table = Table::read(storage, METADATA_FILE).await?;
        let column = table.require_column("split")?;
        let rows = table.filtered(|values| values[column] == split);
        if !rows.is_empty() {
            return Ok((rows, None));
        }
    }
    let splits = splits(storage).await?;
    let split = split.to_owned();
    if splits.is_empty() {
        return Err(DatasetError::NoMetadata { split, unfinished: is_unfinished(storage).await });
    }
    Err(DatasetError::NoSuchSplit { split, splits })
}

/// A relative path with `/` that stays within its folder; `None` for any other.
pub(super) fn within_folder(name: &str) -> Option<String> {
    let name = name.replace('\\', "/");
    let drive = name.as_bytes().get(1) == Some(&b':');
    let parts: Vec<&str> = name.split('/').filter(|part| *part != ".").collect();
    let plain = parts.iter().all(|part| !part.is_empty() && *part != "..");
    (plain && !drive && !parts.is_empty()).then(|| parts.join("/"))
}
