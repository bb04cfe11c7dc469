//! Files come in: they are recognised by what is in them, and copied to where they belong, a dataset's folder or a run's.

use std::cell::{Cell, RefCell};

use futures_util::future::join_all;
use signal_studio_app_shared::{
    protocol::{Level, Reply},
    shell::{
        claims::{Access, Claim, Claims, Thing},
        names::{OWN_SAMPLES, RAW, folder_for, is_entry},
    },
};
use signal_studio_core::{
    config::Settings,
    datasets::{Origin, Survey, SurveyEvent, dataset_names, dataset_root, is_prepared, raw_dataset, survey},
    storage::{Below, FileEntry, Storage},
    training::run_folder as layout,
};
use web_sys::File;

use crate::{
    datasets::{
        self,
        about::About,
        cache::DatasetCache,
        dropped::Dropped,
        unpack::{is_archive, unpack},
    },
    opfs::Opfs,
    runs::{self, incoming, journals::JournalCache, notes::Notes, records},
    shell::{
        blobs::{read_part, storage_error},
        errors::{Failure, Outcome},
        home::{Home, name_of_dataset},
        post::{Meter, log},
        room::Room,
    },
};

/// Copied at a time.
const CHUNK: u64 = 4 << 20;

/// Files copied at once: the browser takes its time for each.
const AT_ONCE: usize = 16;

/// Where what comes in belongs.
pub struct Import<'a> {
    /// Where things lie.
    pub home: &'a Home,
    /// What presets are made with.
    pub settings: &'a Settings,
    /// What is known of datasets, which another one makes old.
    pub cache: &'a DatasetCache,
}

/// Takes in what was dropped.
///
/// # Errors
/// When nothing can be made of it, it is there already, other work is under way, or there is no room; what was copied is
/// removed again.
pub async fn import(
    to: &Import<'_>,
    claims: &Claims,
    title: &str,
    paths: Vec<String>,
    files: Vec<File>,
) -> Outcome<Reply> {
    let what = "an import is under way: wait until it is done, or cancel it";
    let claim = claims.claim(what, [(Thing::FileWork, Access::Exclusive)])?;
    if files.is_empty() || files.len() != paths.len() {
        return Err(Failure::request("no files were given"));
    }
    match (paths.as_slice(), files.as_slice()) {
        ([path], [file]) if is_archive(path) => {
            let unpacked = to.home.incoming().below("unpacked");
            unpacked.remove_folder("").await?;
            let taken = async {
                unpack(file, &unpacked, &claim).await?;
                take_in(to, title, &Source::Unpacked(unpacked.clone()), &claim).await
            };
            let taken = taken.await;
            if let Err(error) = unpacked.remove_folder("").await {
                let message = format!("What was unpacked takes up room until this page is opened again: {error}");
                log(Level::Warning, message);
            }
            taken
        }
        _ => {
            let dropped = Dropped::new(paths.into_iter().zip(files));
            take_in(to, title, &Source::Dropped(dropped), &claim).await
        }
    }
}

/// Where files come from.
enum Source {
    Dropped(Dropped),
    /// In the private file system already.
    Unpacked(Opfs),
}

impl Source {
    fn storage(&self) -> &dyn Storage {
        match self {
            Self::Dropped(files) => files,
            Self::Unpacked(files) => files,
        }
    }

    /// Brings a file to its place.
    async fn bring(&self, entry: &FileEntry, into: &Opfs, path: &str, copying: &Copying<'_>) -> Outcome<()> {
        match self {
            Self::Unpacked(files) => {
                files.move_file(&entry.path, into, path).await?;
                copying.add(&entry.path, entry.size)
            }
            Self::Dropped(files) => {
                let blob = files.file(&entry.path)?;
                let mut file = into.create(path).await?;
                let mut at = 0;
                while at < entry.size {
                    let part = at..entry.size.min(at + CHUNK);
                    at = part.end;
                    let bytes =
                        read_part(blob, &part).await.map_err(|error| storage_error("read", &entry.path, &error))?;
                    file.add(&bytes)?;
                    copying.add(&entry.path, part.end - part.start)?;
                }
                Ok(())
            }
        }
    }
}

/// How far the copying has come.
struct Copying<'a> {
    meter: RefCell<Meter>,
    claim: &'a Claim,
    done: Cell<u64>,
    total: u64,
}

impl Copying<'_> {
    fn add(&self, path: &str, bytes: u64) -> Outcome<()> {
        self.done.set(self.done.get() + bytes);
        self.meter.borrow_mut().report(|| format!("Copying {path}"), self.done.get(), self.total);
        Ok(self.claim.go_on()?)
    }
}

/// What files are.
enum Content {
    Run,
    Samples,
    Recordings(Box<Survey>),
}

async fn take_in(to: &Import<'_>, title: &str, source: &Source, claim: &Claim) -> Outcome<Reply> {
    let mut files = source.storage().list("").await?;
    files.retain(|entry| !is_left_by_a_computer(&entry.path));
    let root = dataset_root(&files);
    let prefix = if root.is_empty() { String::new() } else { format!("{root}/") };
    files.retain(|entry| entry.path.starts_with(&prefix));
    let inside = Below::new(source.storage(), &root);
    let content = recognise(&inside, &files, prefix.len(), title, claim).await?;

    let total = files.iter().map(|entry| entry.size).sum();
    if matches!(source, Source::Dropped(_)) {
        Room::now().await?.must_hold(total)?;
    }
    let title = if root.is_empty() { title } else { root.rsplit('/').next().unwrap_or(title) };
    let is_run = matches!(content, Content::Run);
    let (folder, place) = place_for(to.home, title, &content, claim).await?;
    let meter = RefCell::new(Meter::importing("bytes"));
    let copying = Copying { meter, claim, done: Cell::new(0), total };
    let brought = async {
        for group in files.chunks(AT_ONCE) {
            let brought = group.iter().map(|entry| {
                let path = format!("{place}{}", &entry.path[prefix.len()..]);
                let (folder, copying) = (&folder, &copying);
                async move { source.bring(entry, folder, &path, copying).await }
            });
            // All come to their end, also when one fails: a file that is still being opened cannot be removed.
            join_all(brought).await.into_iter().collect::<Outcome<()>>()?;
        }
        finish(to, &folder, content).await
    };
    let brought = brought.await;
    if brought.is_err() {
        // The first failure is the one to report; what is not complete is removed when the worker starts.
        if folder.remove_folder("").await.is_ok() && is_run {
            let _ = incoming::unmark(to.home, name_of(&folder)).await;
        }
    }
    brought
}

/// Looks into the files.
async fn recognise(
    inside: &dyn Storage,
    files: &[FileEntry],
    prefix: usize,
    title: &str,
    claim: &Claim,
) -> Outcome<Content> {
    let has = |path: &str| files.iter().any(|entry| &entry.path[prefix..] == path);
    if has(layout::CONFIG_JSON) || (has(layout::SUMMARY) && has(layout::HISTORY)) {
        return Ok(Content::Run);
    }
    let listed = inside.list("").await?;
    if is_prepared(&listed) {
        return Ok(Content::Samples);
    }
    let mut meter = Meter::importing("recordings");
    let mut look = |event: SurveyEvent| {
        meter.report(|| format!("Looking into {}", event.path), event.done as u64, event.total as u64);
        claim.flow()
    };
    let found = survey(inside, &mut look).await?;
    if found.dataset.is_none() {
        let problems: Vec<_> = found
            .problems
            .iter()
            .take(3)
            .map(|problem| {
                if problem.path.is_empty() {
                    problem.message.clone()
                } else {
                    format!("{}: {}", problem.path, problem.message)
                }
            })
            .collect();
        return Err(Failure::request(format_args!("nothing could be made of {title}: {}", problems.join("; "))));
    }
    Ok(Content::Recordings(Box::new(found)))
}

/// The folder that is made, and what paths in it begin with.
async fn place_for(home: &Home, title: &str, content: &Content, claim: &Claim) -> Outcome<(Opfs, String)> {
    let folder = match content {
        Content::Run => {
            let name = if is_entry(title) { title.to_owned() } else { folder_for(title, &[]) };
            let folder = home.run(&name)?;
            claim.add(Thing::Run(name.clone()), Access::Exclusive)?;
            if !records::files(&folder).await?.is_empty() {
                return Err(Failure::request(format_args!("there is a run {name} already: delete it first")));
            }
            incoming::mark(home, &name).await?;
            return Ok((folder, String::new()));
        }
        Content::Samples => folder_for(title, &dataset_names()),
        Content::Recordings(found) => match found.dataset.as_deref().and_then(raw_dataset) {
            // What any folder of recordings is, is no name for one of them.
            Some(known) if known.origin() != Origin::Anyones => known.name().to_owned(),
            _ => folder_for(title, &dataset_names()),
        },
    };
    let name = name_of_dataset(&folder);
    claim.add(Thing::Dataset(folder), Access::Exclusive)?;
    if home.has_dataset(&name).await? {
        return Err(Failure::request(format_args!(
            "there is a dataset `{name}` already: delete it first, or give this folder another name"
        )));
    }
    let folder = home.dataset(&name)?;
    folder.remove_folder("").await?;
    let place = if matches!(content, Content::Samples) { OWN_SAMPLES } else { RAW };
    Ok((folder, format!("{place}/")))
}

/// The name of a dataset's or a run's folder.
fn name_of(folder: &Opfs) -> &str {
    folder.path().rsplit_once('/').map_or(folder.path(), |(_, name)| name)
}

/// Makes of the files what they are.
async fn finish(to: &Import<'_>, folder: &Opfs, content: Content) -> Outcome<Reply> {
    let name = name_of(folder);
    let survey = match content {
        Content::Run => {
            let notes = Notes { started_ms: js_sys::Date::now(), ..Notes::of_folder(folder, name).await? };
            notes.write(&to.home.notes(), name).await?;
            incoming::unmark(to.home, name).await?;
            return Ok(Reply::Run(Box::new(runs::stored::run(to.home, &JournalCache::default(), None, name).await?)));
        }
        Content::Samples => None,
        Content::Recordings(found) => Some(*found),
    };
    to.cache.clear();
    About::write(folder, survey).await?;
    let dataset = datasets::stored::dataset(to.home, to.settings, &name_of_dataset(name)).await?;
    Ok(Reply::Dataset(Box::new(dataset)))
}

/// Files that operating systems put into folders and archives by themselves.
fn is_left_by_a_computer(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "__MACOSX" | ".DS_Store" | "Thumbs.db" | "desktop.ini"))
}
