//! Mistakes in what a model is, and in what it is to take.

use super::{
    MINIMAL, mistakes,
    mistakes::{one_problem, with},
    parse,
};
use crate::{
    config::{HeadKind, Settings},
    datasets::dataset_names,
};

#[test]
fn a_transformer_needs_its_sizes() {
    let transformer = MINIMAL.replace("cnn_light", "transformer");
    let error = mistakes(&transformer);
    assert_eq!(
        error.to_string(),
        "run.toml:5:2: model.extras.input_dim is missing: the transformer needs it\n\
         run.toml:5:2: model.extras.seq_length is missing: the transformer needs it"
    );
    let text =
        format!("{transformer}[model.extras]\ninput_dim = 256\nseq_length = 250\nhidden_dim = 100\nnum_heads = 3\n");
    one_problem(&text, "100", "model.extras.hidden_dim, 100, must be a multiple of num_heads, 3");
    let odd = text.replace("= 100\nnum_heads = 3", "= 25\nnum_heads = 5\npositional_encoding = true");
    one_problem(&odd, "25", "model.extras.hidden_dim, 25, must be even for positional_encoding");
}

#[test]
fn published_models_have_their_channels_from_the_data() {
    let text = MINIMAL.replace("input_channels = 1\n", "head = \"mlp\"\n").replace("cnn_light", "eegnet");
    let run = parse(&text);
    assert_eq!((run.model.input_channels, run.model.head), (None, Some(HeadKind::Mlp)));
    let windows = "[data]\ndata_type = \"timeseries\"\n[dataset.extras]\nn_eeg_channels = 20";
    parse(&format!("{text}{windows}\n"));
    one_problem(
        &format!("{}{windows}\n", text.replace("head = \"mlp\"", "input_channels = 19")),
        "19",
        "model.input_channels is 19, but these windows (dataset.extras.n_eeg_channels) have 20 (did you mean `20`?)",
    );
    one_problem(
        &format!("{text}[data]\ndata_type = \"spectrogram\"\n"),
        "\"eegnet\"",
        "eegnet does not take spectrogram images, which the samples are (did you mean `cnn_light`?)",
    );
    let conformer = text.replace("eegnet", "eeg_conformer");
    one_problem(
        &format!("{conformer}[model.extras]\nnum_heads = 7\n"),
        "7",
        "model.extras.n_filters_time, 40, must be a multiple of num_heads, 7",
    );
}

#[test]
fn a_convolutional_backbone_needs_a_width_that_fits_its_depth() {
    one_problem(
        &with("embedding_dim = 4"),
        "4",
        "an embedding of 4 is too narrow for a depth of 3: each block at least doubles the channels, so that \
         model.embedding_dim must be at least 8",
    );
    let wide =
        with("depth = 12").replace("cnn_light", "cnn_1d").replace("input_channels = 1\n", "input_channels = 20\n");
    one_problem(
        &wide,
        "12",
        "a depth of 12 is too large: each block at least doubles the channels, of which there are 32 at first, and \
         65536 are the most",
    );
}

#[test]
fn samples_and_model_must_fit_each_other() {
    one_problem(
        &with("[data]\noutput_type = \"db-iq\"\ndata_type = \"spectrogram\""),
        "1",
        "model.input_channels is 1, but db-iq images have 3 (did you mean `3`?)",
    );
    one_problem(
        &with("[data]\ndata_type = \"timeseries\""),
        "\"cnn_light\"",
        "cnn_light does not take time series, which the samples are (did you mean `cnn_1d`?)",
    );
    one_problem(
        &MINIMAL.replace("\"parkinsons\"", "\"parkinsons_timeseries\""),
        "\"cnn_light\"",
        "cnn_light does not take time series, which the samples are (did you mean `cnn_1d`?)",
    );
    let windows = with("[data]\ndata_type = \"timeseries\"\n[dataset.extras]\nn_eeg_channels = 20");
    one_problem(
        &windows.replace("cnn_light", "cnn_1d"),
        "1",
        "model.input_channels is 1, but these windows (dataset.extras.n_eeg_channels) have 20 (did you mean `20`?)",
    );
}

#[test]
fn what_depends_on_the_settings_points_into_the_run_file() {
    let (settings, _) = Settings::parse("[data]\noutput_type = \"db-polar\"\n", "settings.toml").unwrap();
    let error = parse(&MINIMAL.replace("cnn_light", "cnn_1d")).resolve(&settings).unwrap_err();
    assert_eq!(
        error.to_string(),
        "run.toml:6:12: cnn_1d does not take spectrogram images, which the samples are (did you mean `cnn_light`?)\n\
         run.toml:7:18: model.input_channels is 1, but db-polar images have 3 (did you mean `3`?)"
    );
    let error = parse(&MINIMAL.replace("\"parkinsons\"", "\"parkinson\"")).resolve(&Settings::default()).unwrap_err();
    let mut known = dataset_names();
    known.sort_unstable();
    assert_eq!(
        error.to_string(),
        format!(
            "run.toml:2:8: there is no dataset parkinson: known are {}; a preprocessed folder is written with a slash, \
             ./parkinson (did you mean `parkinsons`?)",
            known.join(", ")
        )
    );
}
