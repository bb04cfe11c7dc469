//! What is kept as JSON says of which version it is, so that a later studio can read what an earlier one wrote.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The key of the version.
const KEY: &str = "schema_version";

/// Something that is kept as a JSON object.
pub trait Versioned: Serialize + DeserializeOwned {
    /// The version that is written today. It grows when what older ones wrote means something else or is not enough; what
    /// was written before versions were counted is of version 0.
    const VERSION: u32;

    /// Its text, with its version.
    fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_value(self).expect("what is kept has string keys and no foreign types");
        if let Some(object) = json.as_object_mut() {
            object.insert(KEY.to_owned(), Self::VERSION.into());
        }
        json.to_string().into_bytes()
    }
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

impl<T: Versioned> Kept<T> {
    /// Reads what was kept.
    ///
    /// # Errors
    /// When it is no JSON, or not what today's version writes although it says so.
    pub fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let value: Value = serde_json::from_slice(bytes)?;
        let version = value.get(KEY).and_then(Value::as_u64).unwrap_or_default();
        let version = u32::try_from(version).unwrap_or(u32::MAX);
        Ok(match version.cmp(&T::VERSION) {
            std::cmp::Ordering::Less => Self::Older { version, value },
            std::cmp::Ordering::Equal => Self::Current(serde_json::from_value(value)?),
            std::cmp::Ordering::Greater => Self::Newer { version },
        })
    }
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
        assert_eq!(serde_json::from_slice::<Value>(&json).unwrap(), json!({ "title": "Ours", "schema_version": 2 }));
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
}
