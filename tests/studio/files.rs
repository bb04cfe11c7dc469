//! The files of a run, in its folder and in the archive that is downloaded.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use serde_json::Value;
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

/// Adds the paths of all files below a folder, as seen from the root.
pub fn list(root: &Path, folder: &Path, files: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(root, &path, files);
        } else {
            files.insert(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
        }
    }
}

/// The paths of a run's files; those of TensorBoard have the time in their names.
pub fn layout(files: &BTreeSet<String>) -> BTreeSet<&str> {
    const EVENTS: &str = "tensorboard/events.out.tfevents.";
    // The command line's lock of a folder that it writes.
    let kept = files.iter().filter(|path| !path.starts_with('.'));
    kept.map(|path| if path.starts_with(EVENTS) { EVENTS } else { path }).collect()
}

/// A downloaded run.
pub struct Archive {
    path: PathBuf,
    /// The run's name.
    pub folder: String,
    /// The paths of its files.
    pub files: BTreeSet<String>,
}

impl Archive {
    /// Looks into an archive, which holds one folder.
    pub fn open(path: &Path) -> Self {
        let archive = ZipArchive::new(File::open(path).unwrap()).unwrap();
        let names: Vec<(String, String)> = archive
            .file_names()
            .map(|name| name.unwrap().into_owned())
            .filter(|name| !name.ends_with('/'))
            .map(|name| name.split_once('/').map(|(folder, file)| (folder.to_owned(), file.to_owned())).unwrap())
            .collect();
        let folders: BTreeSet<&String> = names.iter().map(|(folder, _)| folder).collect();
        assert_eq!(folders.len(), 1, "{folders:?}");
        let folder = names[0].0.clone();
        Self { path: path.to_owned(), folder, files: names.into_iter().map(|(_, file)| file).collect() }
    }

    /// The text of one of the files.
    pub fn text(&self, file: &str) -> String {
        let mut archive = ZipArchive::new(File::open(&self.path).unwrap()).unwrap();
        let mut text = String::new();
        archive.by_name(&format!("{}/{file}", self.folder)).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// What one of the files holds.
    pub fn json(&self, file: &str) -> Value {
        serde_json::from_str(&self.text(file)).unwrap()
    }
}

/// Packs a folder into a `.zip` beside it.
pub fn zip_folder(folder: &Path) -> PathBuf {
    let path = folder.with_extension("zip");
    let mut archive = ZipWriter::new(File::create(&path).unwrap());
    let mut files = BTreeSet::new();
    list(folder, folder, &mut files);
    for file in files {
        let name = format!("{}/{file}", folder.file_name().unwrap().to_str().unwrap());
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(&fs::read(folder.join(file)).unwrap()).unwrap();
    }
    archive.finish().unwrap();
    path
}
