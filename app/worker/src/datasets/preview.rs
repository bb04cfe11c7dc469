//! Looking at recordings: what a chart needs of a stretch, and what a model sees of a window.

use std::rc::Rc;

use js_sys::Uint8Array;
use signal_studio_app_shared::{
    protocol::{Window, WindowStage},
    shell::names::RAW,
};
use signal_studio_core::{
    config::{DataType, Settings},
    datasets::{DatasetPlan, Stage, WindowContent, window_preview_of, window_stages},
    recording::{self, Trace, Traces, extremes},
    signal::NormalizationStats,
    storage::Storage,
};
use wasm_bindgen::JsValue;

use crate::{
    datasets::{about::About, cache::DatasetCache, samples::Recipe},
    opfs::Opfs,
    shell::{
        errors::{Failure, Outcome},
        home::Home,
    },
    training::run_file::RunFile,
};

/// Points to which a window's channels are thinned.
const WINDOW_POINTS: usize = 1024;

/// What of a recording is asked for.
pub struct Stretch {
    /// Where it starts, in seconds.
    pub start_s: f64,
    /// How long it is, in seconds.
    pub length_s: f64,
    /// Points to which a channel is thinned.
    pub points: usize,
}

/// Which window is asked for.
pub struct Wanted {
    /// The dataset.
    pub dataset: String,
    /// Path of the recording in it.
    pub recording: String,
    /// Which window, from 0.
    pub window: usize,
    /// The run file that says what windows become.
    pub config: String,
}

/// A stretch of a recording.
///
/// # Errors
/// When there is no such recording, or it cannot be read.
pub async fn traces(home: &Home, dataset: &str, path: &str, stretch: Stretch) -> Outcome<Traces> {
    let raw = home.dataset(dataset)?.below(RAW);
    let opened = recording::open(&raw, path).await?;
    let Stretch { start_s, length_s, points } = stretch;
    Ok(recording::traces(&*opened, start_s, length_s, points).await?)
}

/// A window as the model of a run file sees it, with its PNG file if it is an image.
///
/// # Errors
/// When there is no such window, or preprocessing could not make it.
pub async fn window(
    home: &Home,
    settings: &Settings,
    cache: &DatasetCache,
    Wanted { dataset, recording: path, window, config }: Wanted,
) -> Outcome<(Window, Option<JsValue>)> {
    let run = RunFile::parse(home, settings, config).await?;
    let folder = home.dataset(&dataset)?;
    let source = About::read(&folder).await?.and_then(|about| about.source());
    let source = source.ok_or_else(|| {
        Failure::request(format_args!("there are no recordings of a dataset `{dataset}` in this browser"))
    })?;
    let mut recipe = Recipe::new(source, settings, &run);
    if recipe.options.data_type == DataType::Timeseries {
        recipe.options.statistics = statistics(&folder, &recipe).await;
    }
    let plan = plan_of(cache, &folder, &recipe).await?;
    let preview = window_preview_of(source, &plan, &folder.below(RAW), &path, &recipe.options, window).await?;
    let raw = folder.below(RAW);
    let stages = window_stages(source, &plan, &raw, &path, &recipe.options, &preview).await?;
    let png = match preview.content {
        WindowContent::Image(bytes) => Some(Uint8Array::from(bytes.as_slice()).into()),
        WindowContent::Signals { .. } => None,
    };
    let traces = |Stage { step, unit, rate_hz, channels }: Stage| {
        let trace = |(label, values): (String, Vec<f32>)| Trace {
            label,
            unit: unit.clone(),
            rate_hz,
            extremes: extremes(values.into_iter(), WINDOW_POINTS),
        };
        WindowStage { step, channels: channels.into_iter().map(trace).collect() }
    };
    let shown = Window {
        window: preview.window,
        windows: preview.windows,
        start_s: preview.start_s,
        length_s: preview.length_s,
        stages: stages.into_iter().map(traces).collect(),
        bad_channels: preview.bad_channels.iter().map(ToString::to_string).collect(),
    };
    Ok((shown, png))
}

/// What there is to read of a dataset's recordings. To find that out, all of its tables are read, and some of its files.
async fn plan_of(cache: &DatasetCache, folder: &Opfs, recipe: &Recipe) -> Outcome<Rc<DatasetPlan>> {
    let findings = cache.findings();
    // Which channels there are, and at which rate, depends on how they are preprocessed.
    let key = format!("{} {}", folder.path(), recipe.variant.as_deref().unwrap_or_default());
    let known = findings.plans.borrow().get(&key).cloned();
    if let Some(known) = known {
        return Ok(known);
    }
    let plan = Rc::new(DatasetPlan::for_previews(recipe.dataset, &folder.below(RAW), &recipe.options).await?);
    findings.plans.borrow_mut().insert(key, plan.clone());
    Ok(plan)
}

/// What the samples made before were normalised with; none before there are any.
async fn statistics(dataset: &Opfs, recipe: &Recipe) -> Option<NormalizationStats> {
    let path = format!("{}/{}_normalization_stats.json", recipe.folder(), recipe.dataset.name());
    serde_json::from_slice(&dataset.read(&path).await.ok()?).ok()
}
