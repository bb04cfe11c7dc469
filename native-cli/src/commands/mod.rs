//! The commands, one file each.

pub mod completions;
pub mod cross_validate;
pub mod devices;
pub mod evaluate;
pub mod inspect;
pub mod man;
pub mod predict;
pub mod preprocess;
pub mod serve;
pub mod share;
pub mod train;

use clap::Subcommand;

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a model as a config says
    Train(train::Arguments),
    /// Train a config once a fold of its people, and say how well that does on people never seen
    CrossValidate(cross_validate::Arguments),
    /// Say how well a trained model does, with intervals and chance
    Evaluate(evaluate::Arguments),
    /// Say what a trained model makes of recordings
    Predict(predict::Arguments),
    /// Turn a dataset's recordings into spectrograms or time-series windows
    Preprocess(preprocess::Arguments),
    /// Say what is in a recording, a folder, a config, a checkpoint or a run
    Inspect(inspect::Arguments),
    /// List the devices that can compute, and which one would be used
    Devices(devices::Arguments),
    /// Print a link that holds a config
    Share(share::Arguments),
    /// Serve the studio's page to a browser
    Serve(serve::Arguments),
    /// Print the script that completes the command line in a shell
    Completions(completions::Arguments),
    /// Print a manual page
    Man(man::Arguments),
}
