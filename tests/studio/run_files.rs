//! Run files that the tests train.

/// The demo's run file.
pub const DEMO: &str = include_str!("../../configs/classification/demo.toml");

/// The demo's run file, with these lines in its `[training]` table.
pub fn demo_with(training: &str) -> String {
    const LINE: &str = "log_every_batches = 5";
    assert_eq!(DEMO.matches(LINE).count(), 1);
    DEMO.replace(LINE, training)
}

/// A tiny run file over the folder `samples`, with these lines in its `[training]` table.
pub fn run_file(training: &str) -> String {
    format!(
        "[dataset]\nname = \"./samples\"\ntasks = [\"gender\", \"health\"]\nbatch_size = 4\n\n[model]\n\
         backbone = \"cnn_light\"\ninput_channels = 1\nembedding_dim = 8\ndepth = 2\nlayer_repeats = 1\n\n[training]\n\
         seed = 5\n{training}\n"
    )
}

/// The run file with this number of epochs.
pub fn with_epochs(config: &str, epochs: usize) -> String {
    let line = |line: &str| if line.starts_with("epochs") { format!("epochs = {epochs}") } else { line.to_owned() };
    let mut text = config.lines().map(line).collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}
