//! What is kept as JSON says of which version it is, so that a later program can read what an earlier one wrote.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The key of the version.
pub const VERSION_KEY: &str = "schema_version";

/// Something that is kept as a JSON object.
pub trait Versioned: Serialize + DeserializeOwned {
    /// The version that is written today. It grows when what older ones wrote means something else or is not enough.
    const VERSION: u32;
    /// The version of what was written before versions were counted.
    const UNCOUNTED: u32 = 0;

    /// It with its version, as it is kept.
    fn versioned(&self) -> WithVersion<'_, Self> {
        WithVersion { schema_version: Self::VERSION, value: self }
    }

    /// Its text, with its version.
    fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&self.versioned()).expect("what is kept has string keys and no foreign types")
    }
}

/// A value and, before its fields, its version.
#[derive(Debug, Serialize)]
pub struct WithVersion<'a, T> {
    schema_version: u32,
    #[serde(flatten)]
    value: &'a T,
}

/// What was kept.
#[derive(Debug, PartialEq)]
pub enum Kept<T> {
    /// By today's version.
    Current(T),
    /// By an older one, which is to be upgraded.
    Older {
        /// Its version.
        version: u32,
        /// All of it.
        value: Value,
    },
    /// By a newer one, as when an old page is still open beside a new one.
    Newer {
        /// Its version.
        version: u32,
    },
}

/// Why something that was kept cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// It is no JSON, or not what its version writes.
    #[error(transparent)]
    Damaged(#[from] serde_json::Error),
    /// A later version of this program wrote it.
    #[error(
        "a newer version of this program wrote it, as version {version} of what is kept there, and this one knows \
         {known}: update the program"
    )]
    Newer {
        /// Its version.
        version: u32,
        /// The latest that is known.
        known: u32,
    },
}

impl<T: Versioned> Kept<T> {
    /// Reads what was kept.
    ///
    /// # Errors
    /// When it is no JSON, or not what today's version writes although it says so.
    pub fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        Self::of(serde_json::from_slice(bytes)?)
    }

    /// The same of a part of what was read.
    ///
    /// # Errors
    /// When it is not what today's version writes although it says so.
    pub fn of(value: Value) -> Result<Self, serde_json::Error> {
        let version = version_of(&value).unwrap_or(T::UNCOUNTED);
        Ok(match version.cmp(&T::VERSION) {
            std::cmp::Ordering::Less => Self::Older { version, value },
            std::cmp::Ordering::Equal => Self::Current(serde_json::from_value(value)?),
            std::cmp::Ordering::Greater => Self::Newer { version },
        })
    }

    /// It, where older versions lack nothing but what has a default.
    ///
    /// # Errors
    /// [`KeptError`].
    pub fn with_defaults(self) -> Result<T, KeptError> {
        match self {
            Self::Current(value) => Ok(value),
            Self::Older { value, .. } => Ok(serde_json::from_value(value)?),
            Self::Newer { version } => Err(KeptError::Newer { version, known: T::VERSION }),
        }
    }
}

/// The version that something kept says it has.
pub fn version_of(value: &Value) -> Option<u32> {
    let version = value.get(VERSION_KEY)?.as_u64()?;
    Some(u32::try_from(version).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Note {
        title: String,
    }

    impl Versioned for Note {
        const VERSION: u32 = 2;
    }

    #[test]
    fn what_is_kept_is_read_back() {
        let note = Note { title: "Ours".to_owned() };
        let json = note.to_json();
        assert_eq!(String::from_utf8(json.clone()).unwrap(), r#"{"schema_version":2,"title":"Ours"}"#);
        assert_eq!(Kept::read(&json).unwrap(), Kept::Current(note));
    }

    #[test]
    fn other_versions_are_told_apart_from_damage() {
        let read = |text: &str| Kept::<Note>::read(text.as_bytes());
        let value = json!({ "name": "Ours" });
        assert_eq!(read(r#"{"name":"Ours"}"#).unwrap(), Kept::Older { version: 0, value });
        assert_eq!(read(r#"{"schema_version":3}"#).unwrap(), Kept::Newer { version: 3 });
        assert!(read(r#"{"title":"Ou"#).is_err());
        assert!(read(r#"{"schema_version":2,"name":"Ours"}"#).is_err());
    }

    #[test]
    fn what_lacks_nothing_is_read_whichever_older_version_wrote_it() {
        let read = |text: &str| Kept::<Note>::read(text.as_bytes()).unwrap().with_defaults();
        assert_eq!(read(r#"{"title":"Ours"}"#).unwrap().title, "Ours");
        assert!(matches!(read("{}"), Err(KeptError::Damaged(_))));
        let newer = read(r#"{"schema_version":99999999999}"#).unwrap_err().to_string();
        assert!(newer.contains("a newer version of this program wrote it"), "{newer}");
    }
}
