//! Simple methods, fitted to the training split before the first epoch and scored on others: what the network has to beat.
//! Every sample is read once and only features are held. What they reach is kept in the run folder: a run that goes on
//! finds it there.

use std::rc::Rc;

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::{
    fitted_baselines::{Baselines, Extractor, Method, Said},
    halt::Halt,
    trainer::Trainer,
};
use crate::{
    baselines::{
        BandPower, LinearFit, TaskModel, Unlearnable, oas_covariance,
        riemann::{MeanFit, TangentSpace},
    },
    config::{Baseline, Monitor},
    datasets::{FeatureShape, Features, FolderDataset},
    kept::Versioned,
    labels::{Target, TaskSpec},
    training::{
        TrainEvent,
        baseline_results::{BaselineResult, BaselineResults},
        identity::SplitMark,
        metrics::{Metrics, TaskMetrics},
        run_baselines::RunBaselines,
        run_folder,
        score::Score,
    },
};

/// Bytes that the covariances of the training split and what is made of them may take.
const MAX_BYTES: usize = if cfg!(target_pointer_width = "32") { 1 << 28 } else { 1 << 30 };

/// How far the passes through the splits are.
pub(super) struct Pass {
    done: usize,
    batches: usize,
}

impl Pass {
    /// At the first of so many batches.
    pub(super) fn new(batches: usize) -> Self {
        Self { done: 0, batches }
    }
}

/// What is computed of a training window.
type OfWindow = (Vec<f64>, Option<DMatrix<f64>>);

impl Trainer<'_> {
    /// Fits the methods that the run asks for and scores them on the splits that judge it, unless it has been gone on with
    /// and that is done; tells how well they do in validation.
    pub(super) async fn compare_with_baselines(&mut self) -> Result<(), Halt> {
        let (val, test) = (self.val.clone(), self.test.clone());
        let mut asked = self.config.training.baselines.clone();
        asked.sort_unstable();
        asked.dedup();
        // A run is not compared with itself.
        asked.retain(|baseline| baseline.as_str() != self.config.model.backbone.as_str());
        if asked.is_empty() || (val.is_none() && test.is_none()) {
            return Ok(());
        }
        let judging = [&val, &test].into_iter().flatten().map(Rc::as_ref);
        let splits: Vec<SplitMark> = [&self.train].into_iter().chain(judging).map(SplitMark::of).collect();
        let known =
            self.folder.read_baselines().await?.filter(|known| (&known.asked, &known.splits) == (&asked, &splits));
        self.baselines = match known {
            Some(RunBaselines { val, test, .. }) => {
                // The run may be compared by another score than when it began.
                let [val, test] = [val, test].map(|results| results.map(|results| self.scored(results)));
                RunBaselines { asked, splits, val, test }
            }
            None => {
                let mut pass = Pass::new(self.baseline_batches(&asked));
                let fitted = self.fit_baselines(&asked, &mut pass).await?;
                let val = self.judge_baselines(val, &fitted, &mut pass).await?;
                let test = self.judge_baselines(test, &fitted, &mut pass).await?;
                let baselines = RunBaselines { asked, splits, val, test };
                self.folder.write_json(run_folder::BASELINES, &baselines.versioned()).await?;
                baselines
            }
        };
        if let Some(results) = self.baselines.val.clone() {
            self.tell(TrainEvent::Baselines(results));
        }
        Ok(())
    }

    /// Batches that will be read for these methods; none for those that need no samples.
    fn baseline_batches(&self, asked: &[Baseline]) -> usize {
        let reads = asked.iter().any(|baseline| *baseline != Baseline::Majority);
        if !reads || matches!(self.train.feature_shape(), FeatureShape::Image { .. }) {
            return 0;
        }
        let judging = [&self.val, &self.test].into_iter().flatten().map(|split| split.len());
        let samples = judging.chain([self.train.len()]);
        samples.map(|samples| samples.div_ceil(self.config.dataset.batch_size)).sum()
    }

    async fn fit_baselines(&mut self, asked: &[Baseline], pass: &mut Pass) -> Result<Baselines, Halt> {
        let mut fitted = Baselines::default();
        if asked.contains(&Baseline::Majority) {
            self.fit_tasks(Baseline::Majority, Extractor::None, &[], &mut fitted).await?;
        }
        let shape = self.train.feature_shape();
        let FeatureShape::Signal { channels, samples } = shape else {
            let of_signals = asked.iter().filter(|baseline| **baseline != Baseline::Majority);
            let names = of_signals.map(|baseline| baseline.as_str()).collect::<Vec<_>>().join(" and ");
            if !names.is_empty() {
                fitted.left_out.push(format!("{names}: made of windows of a signal, and a sample is {shape}"));
            }
            return Ok(fitted);
        };
        let power = asked.contains(&Baseline::BandPower).then(|| self.band_power(samples)).transpose();
        let room = asked.contains(&Baseline::Riemann).then(|| self.check_covariances(channels)).transpose();
        let power = fitted.or_left_out(Baseline::BandPower, power).flatten();
        let with_covariances = fitted.or_left_out(Baseline::Riemann, room).flatten().is_some();
        if power.is_none() && !with_covariances {
            return Ok(fitted);
        }
        let compute = |sample: &Features| -> OfWindow {
            let Features::Signal { channels, values, .. } = sample else { return (Vec::new(), None) };
            let powers = power.as_ref().map_or_else(Vec::new, |power| power.features(*channels, values));
            (powers, with_covariances.then(|| oas_covariance(*channels, values)))
        };
        let windows = self.of_training_windows(compute, pass).await?;
        let (powers, covariances): (Vec<_>, Vec<_>) = windows.into_iter().unzip();
        if let Some(power) = power {
            fitted.left_out.extend(bands_left_out(&power, samples, self.rate_hz.unwrap_or_default()));
            self.fit_tasks(Baseline::BandPower, Extractor::BandPower(power), &powers, &mut fitted).await?;
        }
        if with_covariances {
            let covariances: Vec<DMatrix<f64>> = covariances.into_iter().flatten().collect();
            let space = self.tangent_space(&covariances).await?;
            if let Some(space) = fitted.or_left_out(Baseline::Riemann, space) {
                let vectors: Vec<Vec<f64>> =
                    covariances.into_par_iter().map(|covariance| space.vector(&covariance)).collect();
                self.fit_tasks(Baseline::Riemann, Extractor::Tangent(space), &vectors, &mut fitted).await?;
            }
        }
        Ok(fitted)
    }

    /// How band powers of windows of so many samples are computed; else why they are not.
    fn band_power(&self, samples: usize) -> Result<BandPower, String> {
        let rate_hz = self
            .rate_hz
            .ok_or("the folder of the samples does not say their sampling rate; state it as augmentation.sfreq")?;
        let none = || format!("a window of {samples} samples at {rate_hz} Hz shows none of the bands");
        BandPower::new(samples, rate_hz).ok_or_else(none)
    }

    /// Why covariances of all training windows cannot be held.
    fn check_covariances(&self, channels: usize) -> Result<(), String> {
        // Covariances, and beside them standardised vectors of half the size with a copy of them.
        let bytes = (self.train.len() * channels * channels * size_of::<f64>()).saturating_mul(2);
        if bytes <= MAX_BYTES {
            return Ok(());
        }
        let (windows, gigabytes) = (self.train.len(), bytes as f64 / 1e9);
        Err(format!("covariances of {windows} windows of {channels} channels take {gigabytes:.1} GB"))
    }

    /// Where covariances are laid flat; else why nowhere.
    async fn tangent_space(&mut self, covariances: &[DMatrix<f64>]) -> Result<Result<TangentSpace, String>, Halt> {
        let Some(mut fit) = MeanFit::new(covariances) else {
            return Ok(Err("there is no window in which anything changes".to_owned()));
        };
        while !fit.step(covariances) {
            self.take_commands_within_pass().await?;
        }
        Ok(TangentSpace::at(fit.mean()).ok_or_else(|| "the covariances have no mean".to_owned()))
    }

    /// Goes through the training split, whose windows stay as they are.
    pub(super) async fn of_training_windows<T: Send>(
        &mut self,
        compute: impl Fn(&Features) -> T + Sync,
        pass: &mut Pass,
    ) -> Result<Vec<T>, Halt> {
        let mut all = Vec::with_capacity(self.train.len());
        let indices: Vec<usize> = (0..self.train.len()).collect();
        for batch in indices.chunks(self.config.dataset.batch_size) {
            self.take_commands_within_pass().await?;
            let samples = self.train.load(batch).await?;
            all.par_extend(samples.par_iter().map(|sample| compute(&sample.features)));
            self.tell_progress(pass);
        }
        Ok(all)
    }

    /// A batch more has been gone through.
    fn tell_progress(&mut self, pass: &mut Pass) {
        pass.done += 1;
        self.tell(TrainEvent::BaselinesBatch { done: pass.done, batches: pass.batches });
    }

    /// Fits a method's model of each task to the training samples that have a label of it.
    async fn fit_tasks(
        &mut self,
        baseline: Baseline,
        extractor: Extractor,
        features: &[Vec<f64>],
        fitted: &mut Baselines,
    ) -> Result<(), Halt> {
        let tasks = self.tasks.clone();
        let mut models = Vec::with_capacity(tasks.len());
        for (index, task) in tasks.iter().enumerate() {
            let (rows, targets) = self.labelled(index);
            let model = if baseline == Baseline::Majority {
                TaskModel::majority(task, &targets)
            } else {
                self.fit_linear(task, &rows, &targets, features).await?.map(LinearFit::into_model)
            };
            let and_task = |reason: Unlearnable| format!("the task `{}`, since {reason}", task.name);
            models.push(fitted.or_left_out(baseline, model.map_err(and_task)));
        }
        fitted.methods.push(Method { baseline, extractor, models });
        Ok(())
    }

    /// The training samples that have a label of a task, and their labels.
    pub(super) fn labelled(&self, task: usize) -> (Vec<usize>, Vec<Target>) {
        (0..self.train.len()).filter_map(|row| Some((row, self.train.targets(row)[task]?))).unzip()
    }

    /// Fits a linear model of a task to these samples.
    pub(super) async fn fit_linear(
        &mut self,
        task: &TaskSpec,
        rows: &[usize],
        targets: &[Target],
        features: &[Vec<f64>],
    ) -> Result<Result<LinearFit, Unlearnable>, Halt> {
        let of_rows: Vec<&[f64]> = rows.iter().map(|&row| features[row].as_slice()).collect();
        let mut fit = match LinearFit::new(task, &of_rows, targets, features.first().map_or(0, Vec::len)) {
            Ok(fit) => fit,
            Err(reason) => return Ok(Err(reason)),
        };
        while !fit.step() {
            self.take_commands_within_pass().await?;
        }
        Ok(Ok(fit))
    }

    /// What the methods make of a split.
    async fn judge_baselines(
        &mut self,
        split: Option<Rc<FolderDataset<'_>>>,
        baselines: &Baselines,
        pass: &mut Pass,
    ) -> Result<Option<BaselineResults>, Halt> {
        let Some(split) = split else { return Ok(None) };
        let mut said: Vec<Vec<Said>> =
            baselines.methods.iter().map(|_| self.tasks.iter().map(|_| Said::default()).collect()).collect();
        let indices: Vec<usize> = (0..split.len()).collect();
        let needs_samples = baselines.methods.iter().any(|method| !matches!(method.extractor, Extractor::None));
        for batch in indices.chunks(self.config.dataset.batch_size) {
            let samples = if needs_samples {
                self.take_commands_within_pass().await?;
                self.tell_progress(pass);
                split.load(batch).await?
            } else {
                Vec::new()
            };
            for (method, said) in baselines.methods.iter().zip(&mut said) {
                let features: Vec<Vec<f64>> =
                    samples.par_iter().map(|sample| method.extractor.features(&sample.features)).collect();
                for (index, (model, said)) in method.models.iter().zip(said).enumerate() {
                    let Some(model) = model else { continue };
                    for (place, &row) in batch.iter().enumerate() {
                        if let Some(target) = split.targets(row)[index] {
                            let features = features.get(place).map_or(&[][..], Vec::as_slice);
                            said.add(target, model.predict(features), self.scales[index]);
                        }
                    }
                }
            }
        }
        let methods = baselines.methods.iter().zip(&said);
        let methods = methods.map(|(method, said)| self.result_of(method, said, &split)).collect();
        let (split, left_out) = (split.split().to_owned(), baselines.left_out.clone());
        Ok(Some(self.scored(BaselineResults { split, methods, left_out })))
    }

    fn result_of(&self, method: &Method, said: &[Said], split: &FolderDataset<'_>) -> BaselineResult {
        let of_tasks = said.iter().zip(&self.tasks).zip(&method.models).enumerate();
        let tasks = of_tasks
            .filter(|(_, (_, model))| model.is_some())
            .map(|(index, ((said, task), _))| said.metrics(task).of_people(&split.counts(index, task)));
        BaselineResult { baseline: method.baseline, tasks: tasks.collect(), score: None }
    }

    /// The results with the scores that the run's network is compared by.
    fn scored(&self, mut results: BaselineResults) -> BaselineResults {
        for method in &mut results.methods {
            method.score = self.score_of(&method.tasks);
        }
        results
    }

    /// None where it does not compare with the network's: a mean is over all tasks, and the network's loss of a
    /// classification is smoothed, focal or weighted as the run asks.
    fn score_of(&self, tasks: &[TaskMetrics]) -> Option<Score> {
        let loss = tasks.iter().map(|task| task.loss * self.weight_of(&task.task)).sum();
        let metrics = Metrics { samples: 0, loss, grad_norm: 0.0, tasks: tasks.to_vec() };
        let training = &self.config.training;
        let score = Score::of(&metrics, training.monitor, &training.task_weights);
        let mut counted = self.tasks.iter().filter(|task| self.weight(task) > 0.0);
        let is_complete = counted.clone().all(|task| tasks.iter().any(|known| known.task == task.name));
        let compares = score.measure.of != Monitor::Loss || counted.all(|task| !task.is_classification());
        (is_complete && compares).then_some(score)
    }

    fn weight_of(&self, task: &str) -> f64 {
        self.config.training.task_weights.get(task).copied().unwrap_or_default()
    }
}

/// The bands that windows do not show, as what is left out of a method.
pub(super) fn bands_left_out(power: &BandPower, samples: usize, rate_hz: f64) -> Vec<String> {
    let left_out = power.left_out().into_iter().map(|[low, high]| {
        let band_power = Baseline::BandPower;
        format!(
            "{band_power}: the band from {low} to {high} Hz, which windows of {samples} samples at {rate_hz} Hz do not show"
        )
    });
    left_out.collect()
}
