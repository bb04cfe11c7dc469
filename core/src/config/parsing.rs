//! Reading run files: the text of one, or what was written of a run, is checked as a whole and becomes a [`RunConfig`].

use serde_json::{Map, Value};

use super::{
    ConfigError, KeyDoc, Notice, RunConfig, build, checks, class_weights,
    document::{self, Table},
    effects,
    fields::Fields,
    labels,
    run::Source,
    run_keys::run_keys,
};

impl RunConfig {
    /// Every key that a run file may have.
    #[must_use]
    pub fn keys() -> &'static [KeyDoc] {
        run_keys()
    }

    /// Reads the text of a run file; `file` names it in messages.
    ///
    /// # Errors
    /// Everything that is wrong with the file, all at once. What depends on the settings is checked by
    /// [`Self::resolve`].
    pub fn parse(text: &str, file: &str) -> Result<(Self, Vec<Notice>), ConfigError> {
        let root = document::from_toml(text).map_err(|problem| ConfigError::new(file, vec![problem]))?;
        Self::from_table(text, file, root)
    }

    /// Reads what [`Self::to_json`] has written; `file` names it in messages.
    ///
    /// # Errors
    /// Everything that is wrong with the object. Its problems all stand at line 1, column 1.
    pub fn from_json(object: &Map<String, Value>, file: &str) -> Result<Self, ConfigError> {
        Ok(Self::from_table("", file, document::from_json(object))?.0)
    }

    fn from_table(text: &str, file: &str, root: Table) -> Result<(Self, Vec<Notice>), ConfigError> {
        let mut fields = Fields::read(text, root, run_keys());
        let labels = labels::read(&mut fields);
        let registry = checks::registry_of_file(&fields, &labels);
        checks::check(&mut fields, registry.as_ref());
        effects::note(&mut fields, registry.as_ref());
        class_weights::check(&mut fields, registry.as_ref());
        match build::run(&fields, labels) {
            Some(mut run) if fields.problems.is_empty() => {
                run.source = Source { file: file.to_owned(), locations: fields.locations() };
                Ok((run, fields.into_notices()))
            }
            _ => Err(ConfigError::new(file, fields.problems)),
        }
    }
}
