//! Samples of several datasets in one folder, with the labels that all of them have.

use crate::{
    datasets::{Dataset, RawDataset},
    labels::LabelRegistry,
};

/// The dataset of several.
#[derive(Debug, Clone, Copy)]
pub struct Meta;

impl Dataset for Meta {
    fn name(&self) -> &'static str {
        "meta"
    }

    fn title(&self) -> &'static str {
        "Several datasets"
    }

    fn labels(&self) -> LabelRegistry {
        LabelRegistry::folder()
    }

    fn raw(&self) -> Option<&'static dyn RawDataset> {
        None
    }
}
