//! How recordings became the samples that a model was trained on, kept with its weights: with it a recording that nobody has
//! prepared becomes samples of the same kind, window by window.

use serde::{Deserialize, Serialize};

use super::{
    DatasetError, DatasetPlan, FeatureShape, Features, PREPROCESSING_FILE, PreprocessOptions, SampleChannels, Segment,
    SplitOptions,
    folder::decode_sample,
    known::montage_called,
    raw_dataset,
    resampling::Resamplers,
    unusable::Unusable,
    windows::{Renderer, Signals},
};
use crate::{
    config::{ChannelChoice, DataType, Scaling},
    kept::Kept,
    signal::Windowing,
    storage::Storage,
};

/// How recordings become samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleRecipe {
    /// The dataset whose recordings they were.
    pub dataset: String,
    /// What was asked for; whose samples are in which split is no part of it.
    pub options: PreprocessOptions,
    /// The channels of a sample, in order.
    pub channels: Vec<String>,
}

/// The part of a report on prepared samples that says how they were made.
#[derive(Deserialize)]
struct Made {
    complete: bool,
    dataset: String,
    montage: Vec<String>,
    options: PreprocessOptions,
}

/// The windows of a recording as samples.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordingSamples {
    /// Where each begins in the recording, in s.
    pub starts_s: Vec<f64>,
    /// How long each is, in s.
    pub duration_s: f64,
    /// What a model sees of each.
    pub features: Vec<Features>,
    /// What is odd about the recording, in full sentences.
    pub warnings: Vec<String>,
}

impl SampleRecipe {
    /// How the samples in a folder were made; none of a folder that preprocessing did not write, or that another version
    /// wrote.
    pub async fn of_prepared(data: &dyn Storage) -> Option<Self> {
        let made: Made = serde_json::from_slice(&data.read(PREPROCESSING_FILE).await.ok()?).ok()?;
        let Made { complete, dataset, montage: channels, mut options } = made;
        if !complete {
            return None;
        }
        options.split = SplitOptions::default();
        if options.data_type == DataType::Timeseries && options.scaling == Scaling::Standard {
            let kept = data.read(&format!("{dataset}_normalization_stats.json")).await.ok()?;
            options.statistics = Some(Kept::read(&kept).ok()?.with_defaults().ok()?);
        }
        Some(Self { dataset, options, channels })
    }

    /// The shape of a sample.
    #[must_use]
    pub fn shape(&self) -> FeatureShape {
        match self.options.shape() {
            FeatureShape::Signal { samples, .. } => FeatureShape::Signal { channels: self.channels.len(), samples },
            image @ FeatureShape::Image { .. } => image,
        }
    }

    /// Makes the samples of the recording at `path`, as preprocessing made those that the model was trained on.
    ///
    /// # Errors
    /// [`DatasetError::Unusable`] with the reason when it does not fit, or this version does not know how the samples were made.
    pub async fn samples_of(&self, raw: &dyn Storage, path: &str) -> Result<RecordingSamples, DatasetError> {
        let options = &self.options;
        let because = |reason: String| DatasetError::Unusable { path: path.to_owned(), reason };
        let unusable = |reason: Unusable| because(reason.to_string());
        let unknown = || {
            because(format!(
                "this version does not know how to make samples of the dataset `{}` with the channels {}: another version \
                 wrote the checkpoint",
                self.dataset,
                self.channels.join(", ")
            ))
        };
        let windowing = Windowing::new(options.window_length, options.overlap).map_err(DatasetError::Options)?;
        let dataset = raw_dataset(&self.dataset).ok_or_else(unknown)?;
        let plan = DatasetPlan::of_none(self.sample_channels().ok_or_else(unknown)?, options);
        let mut signals =
            Signals::read(raw, path, &plan, options, &mut Resamplers::default()).await.map_err(unusable)?;
        let whole = [Segment { seconds: None, tag: String::new(), labels: Vec::new() }];
        signals.warnings.extend(signals.check_windows(&whole, &windowing).map_err(unusable)?);
        let renderer = match Renderer::without_statistics(dataset, options, plan.channels.count())
            .map_err(DatasetError::Options)?
        {
            Some(renderer) => renderer,
            None => Renderer::Standardized(options.statistics.clone().ok_or_else(unknown)?),
        };
        let starts = signals.windows(&whole[0], &windowing).starts;
        let files = renderer.encode(&signals.channels(), &starts, windowing.length)?;
        let name = renderer.file_name("", 0);
        // What the model saw was read from such files.
        let decode = |bytes: &Vec<u8>| decode_sample(bytes, &name).map_err(because);
        Ok(RecordingSamples {
            starts_s: starts.iter().map(|&start| start as f64 / plan.rate_hz).collect(),
            duration_s: windowing.length as f64 / plan.rate_hz,
            features: files.iter().map(decode).collect::<Result<_, _>>()?,
            warnings: signals.warnings,
        })
    }

    /// The channels as they are looked for in a recording; none that this version does not know.
    fn sample_channels(&self) -> Option<SampleChannels> {
        if self.options.channels != ChannelChoice::TenTwenty {
            return Some(SampleChannels::Named(self.channels.clone()));
        }
        let names: Vec<&str> = self.channels.iter().map(String::as_str).collect();
        montage_called(&names)
    }
}
