//! Run files, checked, with what they work on: the text that the page has, or the config of a run that is kept.

use signal_studio_core::{
    config::{DatasetName, Notice, ResolvedData, RunConfig, Settings},
    storage::Storage,
    training::run_folder as layout,
};

use crate::{
    opfs::Opfs,
    shell::{
        errors::{Failure, Outcome},
        home::Home,
    },
};

/// What messages call the text in the page's editor.
const FILE: &str = "config";

/// A run file that can be carried out, as far as that can be said without its data.
pub struct RunFile {
    /// What it says.
    pub config: RunConfig,
    /// What it works on.
    pub data: ResolvedData,
    /// Its text.
    pub text: String,
    /// What in it has no effect.
    pub notices: Vec<Notice>,
}

impl RunFile {
    /// Checks the page's text.
    ///
    /// # Errors
    /// Everything that is wrong with it, with lines and columns.
    pub async fn parse(home: &Home, settings: &Settings, text: String) -> Outcome<Self> {
        let (config, notices) = RunConfig::parse(&text, FILE)?;
        Self::resolve(home, settings, config, text, notices).await
    }

    /// Reads back what a run was to do: its resolved config, in which every default is filled in, and its text.
    ///
    /// # Errors
    /// When there is no such run, or its config is damaged.
    pub async fn of_run(home: &Home, settings: &Settings, run: &Opfs) -> Outcome<Self> {
        let bytes = run.read(layout::CONFIG_JSON).await?;
        let object = serde_json::from_slice(&bytes)
            .map_err(|error| Failure::failed(format_args!("{} is damaged: {error}", layout::CONFIG_JSON)))?;
        let config = RunConfig::from_json(&object, layout::CONFIG_JSON)?;
        let text = String::from_utf8_lossy(&run.read(layout::CONFIG_TOML).await?).into_owned();
        Self::resolve(home, settings, config, text, Vec::new()).await
    }

    /// As on the command line, a plain name that nobody knows may be that of a folder which is there.
    async fn resolve(
        home: &Home,
        settings: &Settings,
        mut config: RunConfig,
        text: String,
        notices: Vec<Notice>,
    ) -> Outcome<Self> {
        // In a browser there are no settings but the built-in ones.
        config.settings.config = None;
        if let DatasetName::Named(name) = &config.dataset.name
            && config.resolve(settings).is_err()
            && home.has_dataset(name).await?
        {
            config.dataset.name = DatasetName::Path(format!("./{name}"));
        }
        let data = config.resolve(settings)?;
        Ok(Self { config, data, text, notices })
    }
}
