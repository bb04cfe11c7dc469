//! Reading run files: the text of one, or what was written of a run, is checked as a whole and becomes a [`RunConfig`].

use serde_json::{Map, Value};

use super::{
    Backbone, ConfigError, ConfigProblem, Notice, RunConfig, checks, class_weights,
    document::{self, Raw, Table, entry},
    effects,
    fields::Fields,
    keys::word,
    labels,
    problem::Location,
    run::Source,
    run_tables::{KEPT_VERSION, keys_with},
    table::ConfigTable,
};
use crate::kept::VERSION_KEY;

impl RunConfig {
    /// Reads the text of a run file; `file` names it in messages.
    ///
    /// # Errors
    /// Everything that is wrong with the file, all at once. What depends on the settings is checked by
    /// [`Self::resolve`].
    pub fn parse(text: &str, file: &str) -> Result<(Self, Vec<Notice>), ConfigError> {
        let root = document::from_toml(text).map_err(|problem| ConfigError::new(file, vec![problem]))?;
        Self::from_table(text, file, root)
    }

    /// Reads what [`Self::to_json`] or [`Self::to_kept_json`] has written; `file` names it in messages.
    ///
    /// # Errors
    /// Everything that is wrong with the object. Its problems all stand at line 1, column 1.
    pub fn from_json(object: &Map<String, Value>, file: &str) -> Result<Self, ConfigError> {
        let mut tables = object.clone();
        let version = tables.remove(VERSION_KEY).and_then(|version| version.as_u64());
        if let Some(version) = version.filter(|version| *version > u64::from(KEPT_VERSION)) {
            let message = format!(
                "a newer version of this program wrote it, as version {version} of resolved configs, and this one knows \
                 {KEPT_VERSION}: update the program"
            );
            let problem = ConfigProblem::new(Location::of("", 0..0), VERSION_KEY, message, None);
            return Err(ConfigError::new(file, vec![problem]));
        }
        Ok(Self::from_table("", file, document::from_json(&tables))?.0)
    }

    fn from_table(text: &str, file: &str, root: Table) -> Result<(Self, Vec<Notice>), ConfigError> {
        let keys = keys_with(backbone_of(&root));
        let mut fields = Fields::read(text, root, &keys);
        let labels = labels::read(&mut fields);
        let registry = checks::registry_of_file(&fields, &labels);
        checks::check(&mut fields, registry.as_ref());
        effects::note(&mut fields, registry.as_ref());
        class_weights::check(&mut fields, registry.as_ref());
        match Self::read(&fields) {
            Some(run) if fields.problems.is_empty() => {
                let source = Source { file: file.to_owned(), locations: fields.locations() };
                let run = Self { labels, source, ..run };
                Ok((run, fields.into_notices()))
            }
            _ => Err(ConfigError::new(file, fields.problems)),
        }
    }
}

/// The backbone of a file that has not been checked yet, which decides what the keys of `[model.extras]` mean.
fn backbone_of(root: &Table) -> Option<Backbone> {
    let Raw::Table(model) = entry(root, "model")? else { return None };
    let Raw::Text(backbone) = entry(model, "backbone")? else { return None };
    word(backbone).parse().ok()
}
