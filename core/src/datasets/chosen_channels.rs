//! The channels of a plan's samples, where options choose others than the dataset's own.

use super::{
    DatasetError, DatasetPlan, PreprocessOptions, RawDataset, SampleChannels, channel_labels::scalp_positions,
};
use crate::{config::ChannelChoice, recording, storage::Storage};

impl DatasetPlan {
    /// What there is to preprocess of a dataset, with the channels that the options choose.
    ///
    /// # Errors
    /// As [`RawDataset::plan`]; [`DatasetError::NoCommonChannel`] where all positions of all recordings are asked for and no
    /// two of them share one.
    pub async fn of(
        dataset: &dyn RawDataset,
        raw: &dyn Storage,
        options: &PreprocessOptions,
    ) -> Result<Self, DatasetError> {
        let mut plan = dataset.plan(raw, options).await?;
        match &options.channels {
            ChannelChoice::TenTwenty => {}
            ChannelChoice::Labels(labels) => plan.channels = SampleChannels::Named(labels.clone()),
            ChannelChoice::All => plan.choose_common_channels(raw).await?,
        }
        Ok(plan)
    }

    /// Chooses the positions on the scalp that all recordings have which can be read, in the order of the first one.
    async fn choose_common_channels(&mut self, raw: &dyn Storage) -> Result<(), DatasetError> {
        let mut common: Option<Vec<String>> = None;
        let mut dropped: Vec<String> = Vec::new();
        for planned in &self.recordings {
            let Ok(recording) = recording::open_without_annotations(raw, &planned.path).await else { continue };
            let found = scalp_positions(&recording.info().labels());
            let known = common.get_or_insert_with(|| found.clone());
            dropped.extend(found.iter().filter(|name| !known.contains(name)).cloned());
            dropped.extend(known.extract_if(.., |name| !found.contains(name)));
        }
        let names = common.unwrap_or_default();
        if names.is_empty() {
            return Err(DatasetError::NoCommonChannel { recordings: self.recordings.len() });
        }
        dropped.sort_unstable();
        dropped.dedup();
        if !dropped.is_empty() {
            let dropped = dropped.join(", ");
            self.warnings.push(format!("channels that not every recording has are not used: {dropped}"));
        }
        self.channels = SampleChannels::Named(names);
        Ok(())
    }
}
