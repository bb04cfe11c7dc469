//! The datasets that are known. Each is a file here with a type that implements [`Dataset`] and, where its recordings are
//! read, [`RawDataset`]; a line of [`DATASETS`] makes it known to everything else: run files, surveys, run files that fit,
//! preprocessing, the command line and the page.

mod demo;
mod longitudinal;
mod math;
mod meta;
mod parkinsons;
mod recordings;
mod seed;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::{Dataset, Montage, RawDataset, SampleChannels};
use crate::{config::TIMESERIES_SUFFIX, labels::LabelRegistry};

pub use self::{
    demo::{Demo, DemoOptions, generate_demo, generate_demo_reporting, is_older_demo},
    longitudinal::Longitudinal,
    math::Math,
    parkinsons::Parkinsons,
    recordings::Recordings,
};
use self::{meta::Meta, seed::Seed};

/// Every dataset, in the order in which a folder is tried to be one of them.
pub const DATASETS: [&dyn Dataset; 7] = [&Math, &Parkinsons, &Seed, &Longitudinal, &Meta, &Demo, &Recordings];

/// The names of all datasets.
#[must_use]
pub fn dataset_names() -> Vec<&'static str> {
    DATASETS.into_iter().map(Dataset::name).collect()
}

/// The datasets whose recordings are read.
pub fn raw_datasets() -> impl Iterator<Item = &'static dyn RawDataset> {
    DATASETS.into_iter().filter_map(Dataset::raw)
}

/// The dataset of that name, or of that name with [`TIMESERIES_SUFFIX`].
#[must_use]
pub fn dataset(name: &str) -> Option<&'static dyn Dataset> {
    let name = name.strip_suffix(TIMESERIES_SUFFIX).unwrap_or(name);
    DATASETS.into_iter().find(|dataset| dataset.name() == name)
}

/// The dataset of that name, if its recordings are read.
#[must_use]
pub fn raw_dataset(name: &str) -> Option<&'static dyn RawDataset> {
    raw_datasets().find(|dataset| dataset.name() == name)
}

/// The tasks that a preprocessed folder may have: those of any folder, and those of the dataset that it was made of, which
/// [`check_tasks_of_folder`](super::check_tasks_of_folder) knows.
#[must_use]
pub fn labels_of_folders() -> LabelRegistry {
    let own = LabelRegistry::folder();
    let registries: Vec<LabelRegistry> = DATASETS.into_iter().map(Dataset::labels).collect();
    let all = registries.iter().flat_map(|registry| registry.names().filter_map(|task| registry.get(task)));
    let others: Vec<_> = all.filter(|spec| own.get(&spec.task.name).is_none()).cloned().collect();
    own.with_custom(others)
}

/// The channels of a dataset's montage that are called so, or of what was left of one without bad ones.
pub(super) fn montage_called(names: &[&str]) -> Option<SampleChannels> {
    const MONTAGES: [&Montage; 5] = [
        &Math::MONTAGE,
        &Parkinsons::MONTAGE,
        &Longitudinal::MONTAGE,
        &Recordings::MONTAGE,
        &Recordings::WITHOUT_REFERENCE,
    ];
    MONTAGES.into_iter().find_map(|montage| {
        let all = SampleChannels::Montage(montage);
        let dropped: BTreeSet<usize> =
            all.names().iter().enumerate().filter(|(_, name)| !names.contains(name)).map(|(place, _)| place).collect();
        let found = if dropped.is_empty() { all } else { all.without(dropped) };
        (found.names() == names).then_some(found)
    })
}

/// The tasks of a dataset, by its name or its name with [`TIMESERIES_SUFFIX`]; `None` for an unknown name.
#[must_use]
pub fn labels_of(name: &str) -> Option<LabelRegistry> {
    dataset(name).map(Dataset::labels)
}
