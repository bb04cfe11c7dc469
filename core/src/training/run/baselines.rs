//! Simple methods, fitted to the training split before the first epoch and scored on others: what the network has to beat.
//! Samples are read in passes and only features are held.

use rayon::prelude::*;

use super::{
    fitted_baselines::{Baselines, Extractor, Method, Tally},
    halt::Halt,
    trainer::Trainer,
};
use crate::{
    baselines::{
        BandPower, LinearFit, TaskModel, oas_covariance,
        riemann::{MeanFit, TangentSpace},
    },
    config::{Baseline, Monitor},
    datasets::{FeatureShape, Features, FolderDataset},
    labels::{Target, TaskSpec},
    training::{
        TrainEvent,
        baseline_results::{BaselineResult, BaselineResults},
        metrics::{Metrics, TaskMetrics},
        score::Score,
    },
};

/// Bytes that the covariances of the training split and what is made of them may take.
const MAX_BYTES: usize = if cfg!(target_pointer_width = "32") { 1 << 28 } else { 1 << 30 };

impl Trainer<'_> {
    /// Fits the methods that the run asks for and tells how well they do on the validation split.
    pub(super) async fn compare_with_baselines(&mut self) -> Result<(), Halt> {
        let is_judged = self.val.is_some() || self.test.is_some();
        if self.config.training.baselines.is_empty() || !is_judged {
            return Ok(());
        }
        let baselines = self.fit_baselines().await?;
        if let Some(val) = self.val.clone() {
            let results = self.score_baselines(&val, &baselines).await?;
            self.tell(TrainEvent::Baselines(results.clone()));
            self.baseline_results = Some(results);
        }
        self.baselines = Some(baselines);
        Ok(())
    }

    async fn fit_baselines(&mut self) -> Result<Baselines, Halt> {
        let mut baselines = Baselines::default();
        let mut wanted = self.config.training.baselines.clone();
        wanted.sort_unstable();
        wanted.dedup();
        let shape = self.train.feature_shape();
        if let FeatureShape::Image { .. } = shape {
            let of_signals: Vec<&str> = wanted
                .iter()
                .filter(|baseline| **baseline != Baseline::Majority)
                .map(|method| method.as_str())
                .collect();
            if !of_signals.is_empty() {
                let names = of_signals.join(" and ");
                baselines.left_out.push(format!("{names}: made of windows of a signal, and a sample is {shape}"));
            }
            wanted.retain(|baseline| *baseline == Baseline::Majority);
        }
        for baseline in wanted {
            let fitted = match baseline {
                Baseline::Majority => Ok((Extractor::None, Vec::new())),
                Baseline::BandPower => self.band_powers(&mut baselines.left_out).await?,
                Baseline::Riemann => self.tangent_vectors().await?,
            };
            match fitted {
                Ok((extractor, features)) => {
                    let models = self.fit_tasks(baseline, &features, &mut baselines.left_out).await?;
                    baselines.methods.push(Method { baseline, extractor, models });
                }
                Err(reason) => baselines.left_out.push(format!("{baseline}: {reason}")),
            }
        }
        Ok(baselines)
    }

    /// How band powers are made, and those of the training split; else why there are none.
    async fn band_powers(
        &mut self,
        left_out: &mut Vec<String>,
    ) -> Result<Result<(Extractor, Vec<Vec<f64>>), String>, Halt> {
        let FeatureShape::Signal { samples, .. } = self.train.feature_shape() else {
            return Ok(Err("there is no signal".to_owned()));
        };
        let Some(rate_hz) = self.rate_hz else {
            let reason = "the folder of the samples does not say their sampling rate; state it as augmentation.sfreq";
            return Ok(Err(reason.to_owned()));
        };
        let Some(power) = BandPower::new(samples, rate_hz) else {
            return Ok(Err(format!("a window of {samples} samples at {rate_hz} Hz shows none of the bands")));
        };
        for [low, high] in power.left_out() {
            left_out.push(format!(
                "{}: the band from {low} to {high} Hz, which windows of {samples} samples at {rate_hz} Hz do not show",
                Baseline::BandPower
            ));
        }
        let extractor = Extractor::BandPower(power);
        let features = self.of_training_windows(|sample| extractor.features(sample)).await?;
        Ok(Ok((extractor, features)))
    }

    /// Where covariances are laid flat, and those of the training split there; else why there are none.
    async fn tangent_vectors(&mut self) -> Result<Result<(Extractor, Vec<Vec<f64>>), String>, Halt> {
        let FeatureShape::Signal { channels, .. } = self.train.feature_shape() else {
            return Ok(Err("there is no signal".to_owned()));
        };
        // Covariances, and beside them standardised vectors of half the size with a copy of them.
        let bytes = (self.train.len() * channels * channels * size_of::<f64>()).saturating_mul(2);
        if bytes > MAX_BYTES {
            let (windows, gigabytes) = (self.train.len(), bytes as f64 / 1e9);
            let reason = format!("covariances of {windows} windows of {channels} channels take {gigabytes:.1} GB");
            return Ok(Err(reason));
        }
        let covariance = |sample: &Features| match sample {
            Features::Signal { channels, values, .. } => oas_covariance(*channels, values),
            Features::Image(_) => oas_covariance(0, &[]),
        };
        let covariances = self.of_training_windows(covariance).await?;
        let Some(mut fit) = MeanFit::new(&covariances) else {
            return Ok(Err("there is no window in which anything changes".to_owned()));
        };
        while !fit.step(&covariances) {
            self.take_commands_within_pass().await?;
        }
        let Some(space) = TangentSpace::at(fit.mean()) else {
            return Ok(Err("the covariances have no mean".to_owned()));
        };
        let vectors = covariances.into_par_iter().map(|covariance| space.vector(&covariance)).collect();
        Ok(Ok((Extractor::Tangent(space), vectors)))
    }

    /// Goes through the training split, whose windows stay as they are.
    async fn of_training_windows<T: Send>(&mut self, compute: impl Fn(&Features) -> T + Sync) -> Result<Vec<T>, Halt> {
        let mut all = Vec::with_capacity(self.train.len());
        let indices: Vec<usize> = (0..self.train.len()).collect();
        for batch in indices.chunks(self.config.dataset.batch_size) {
            self.take_commands_within_pass().await?;
            let samples = self.train.load(batch).await?;
            all.par_extend(samples.par_iter().map(|sample| compute(&sample.features)));
        }
        Ok(all)
    }

    /// Fits a method's model of each task to the training samples that have a label of it.
    async fn fit_tasks(
        &mut self,
        baseline: Baseline,
        features: &[Vec<f64>],
        left_out: &mut Vec<String>,
    ) -> Result<Vec<Option<TaskModel>>, Halt> {
        let tasks = self.tasks.clone();
        let mut models = Vec::with_capacity(tasks.len());
        for (index, task) in tasks.iter().enumerate() {
            let labelled = (0..self.train.len()).filter_map(|row| Some((row, self.train.targets(row)[index]?)));
            let (rows, targets): (Vec<usize>, Vec<Target>) = labelled.unzip();
            let model = if baseline == Baseline::Majority {
                TaskModel::majority(task, &targets)
            } else {
                let rows: Vec<&[f64]> = rows.into_iter().map(|row| features[row].as_slice()).collect();
                match LinearFit::new(task, &rows, &targets, features.first().map_or(0, Vec::len)) {
                    Ok(mut fit) => {
                        while !fit.step() {
                            self.take_commands_within_pass().await?;
                        }
                        Ok(fit.into_model())
                    }
                    Err(reason) => Err(reason),
                }
            };
            match model {
                Ok(model) => models.push(Some(model)),
                Err(reason) => {
                    left_out.push(format!("{baseline}: the task `{}`, since {reason}", task.name));
                    models.push(None);
                }
            }
        }
        Ok(models)
    }

    /// What the methods make of a split.
    pub(super) async fn score_baselines(
        &mut self,
        split: &FolderDataset<'_>,
        baselines: &Baselines,
    ) -> Result<BaselineResults, Halt> {
        let mut tallies: Vec<Vec<Tally>> =
            baselines.methods.iter().map(|_| self.tasks.iter().map(Tally::new).collect()).collect();
        let indices: Vec<usize> = (0..split.len()).collect();
        let needs_samples = baselines.methods.iter().any(|method| !matches!(method.extractor, Extractor::None));
        for batch in indices.chunks(self.config.dataset.batch_size) {
            let samples = if needs_samples {
                self.take_commands_within_pass().await?;
                split.load(batch).await?
            } else {
                Vec::new()
            };
            for (method, tallies) in baselines.methods.iter().zip(&mut tallies) {
                let features: Vec<Vec<f64>> =
                    samples.par_iter().map(|sample| method.extractor.features(&sample.features)).collect();
                for (index, (model, tally)) in method.models.iter().zip(tallies).enumerate() {
                    let Some(model) = model else { continue };
                    for (place, &row) in batch.iter().enumerate() {
                        if let Some(target) = split.targets(row)[index] {
                            let features = features.get(place).map_or(&[][..], Vec::as_slice);
                            tally.add(target, &model.predict(features), self.scales[index]);
                        }
                    }
                }
            }
        }
        let methods = baselines.methods.iter().zip(tallies);
        let methods = methods.map(|(method, tallies)| self.result_of(method, tallies, split)).collect();
        Ok(BaselineResults { split: split.split().to_owned(), methods, left_out: baselines.left_out.clone() })
    }

    fn result_of(&self, method: &Method, tallies: Vec<Tally>, split: &FolderDataset<'_>) -> BaselineResult {
        let learnt = method.models.iter().map(Option::is_some);
        let of_tasks = tallies.into_iter().zip(&self.tasks).enumerate().zip(learnt);
        let of_tasks = of_tasks.filter(|(_, is_learnt)| *is_learnt);
        let tasks: Vec<TaskMetrics> = of_tasks
            .map(|((index, (tally, task)), _)| TaskMetrics {
                subjects: split.counts(index, task).subjects,
                ..tally.metrics(&task.name)
            })
            .collect();
        let loss = tasks.iter().map(|task| task.loss * self.weight_of(&task.task)).sum();
        let metrics = Metrics { samples: split.len(), loss, grad_norm: 0.0, tasks };
        let training = &self.config.training;
        let score = Score::of(&metrics, training.monitor, &training.task_weights);
        // The network's loss of a classification is smoothed, focal or weighted as the run asks; a mean is over all tasks.
        let counted: Vec<&TaskSpec> = self.tasks.iter().filter(|task| self.weight(task) > 0.0).collect();
        let is_complete = counted.iter().all(|task| metrics.tasks.iter().any(|known| known.task == task.name));
        let compares = score.measure.of != Monitor::Loss || counted.iter().all(|task| !task.is_classification());
        let score = (is_complete && compares).then_some(score);
        BaselineResult { baseline: method.baseline, tasks: metrics.tasks, score }
    }

    fn weight_of(&self, task: &str) -> f64 {
        self.config.training.task_weights.get(task).copied().unwrap_or_default()
    }
}
