//! What takes long to find out about datasets and models is found out once, for as long as no dataset changes: the page
//! asks again with every change of the run file's text.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use signal_studio_core::{
    config::ModelConfig,
    datasets::{DatasetPlan, FeatureShape},
    labels::TaskSpec,
    model::summary::ModelSummary,
};

/// What was found out about the datasets as they are.
#[derive(Default)]
pub struct DatasetCache {
    findings: RefCell<Rc<Findings>>,
}

impl DatasetCache {
    /// What is known now, and where more is noted down.
    pub fn findings(&self) -> Rc<Findings> {
        self.findings.borrow().clone()
    }

    /// Forgets all of it, because a dataset changes. Whoever is finding something out keeps it for themselves.
    pub fn clear(&self) {
        self.findings.replace(Rc::default());
    }
}

/// What was found out.
#[derive(Default)]
pub struct Findings {
    /// By folder and split, the shape of the samples.
    pub shapes: RefCell<BTreeMap<String, FeatureShape>>,
    /// By folder, the splits and how many samples each has.
    pub splits: RefCell<BTreeMap<String, Vec<(String, usize)>>>,
    /// By folder, how its samples differ from what would be made now, in words.
    pub outdated: RefCell<BTreeMap<String, Option<String>>>,
    /// By folder, what there is to read of the recordings.
    pub plans: RefCell<BTreeMap<String, Rc<DatasetPlan>>>,
    model: RefCell<Option<KnownModel>>,
}

/// A model, and what it was made of beside its samples' shape.
struct KnownModel {
    config: ModelConfig,
    tasks: Vec<TaskSpec>,
    summary: Rc<ModelSummary>,
}

impl Findings {
    /// The model looked at last, if it is the one of this config, with these tasks, for samples of this shape.
    pub fn model(&self, config: &ModelConfig, tasks: &[TaskSpec], shape: FeatureShape) -> Option<Rc<ModelSummary>> {
        let model = self.model.borrow();
        let is_same =
            |known: &&KnownModel| known.config == *config && known.tasks == tasks && known.summary.input == shape;
        model.as_ref().filter(is_same).map(|known| known.summary.clone())
    }

    /// Keeps a model, in the place of the one before.
    pub fn keep_model(&self, config: &ModelConfig, tasks: Vec<TaskSpec>, summary: Rc<ModelSummary>) {
        self.model.replace(Some(KnownModel { config: config.clone(), tasks, summary }));
    }
}
