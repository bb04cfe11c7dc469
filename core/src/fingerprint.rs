//! What something was made of: the options, the version of the code that made it, and the files that were read. Prepared
//! data, runs and checkpoints keep a [`Fingerprint`]; whoever uses them compares it with what would be made now, and says
//! what differs.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::storage::{Storage, StorageError};

/// The layout of a fingerprint's JSON.
pub const FINGERPRINT_SCHEMA: u32 = 1;
/// A file of at most so many bytes is hashed whole.
const WHOLE_BYTES: u64 = 1 << 17;
/// Of a larger file, so many bytes of its beginning and of its end are: recordings are too large to be read only to be
/// compared.
const EDGE_BYTES: u64 = 1 << 16;
/// The option that says which of the others were asked for by name. It changes nothing of what is made.
const CHOSEN: &str = "chosen";
/// Differences told one by one before the rest is counted.
const TOLD: usize = 6;

/// What something was made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The layout of this JSON.
    pub schema: u32,
    /// What made it, such as `preprocess`.
    pub maker: String,
    /// The version of the code that made it: raised whenever the same input would give another result.
    pub version: u32,
    /// Every option that has a say.
    pub options: Value,
    /// The files that were read, by path.
    pub files: BTreeMap<String, FileMark>,
}

/// What tells one state of a file from another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileMark {
    /// Its length.
    pub bytes: u64,
    /// SHA-256, in hexadecimal digits, of all of a file of at most 128 KiB, else of its first and last 64 KiB.
    pub sha256: String,
}

impl FileMark {
    /// The mark of a file.
    ///
    /// # Errors
    /// [`StorageError`] when it cannot be read.
    pub async fn read(storage: &dyn Storage, path: &str) -> Result<Self, StorageError> {
        let bytes = storage.size(path).await?;
        let mut hash = Sha256::new();
        if bytes <= WHOLE_BYTES {
            hash.update(storage.read_range(path, 0..bytes).await?);
        } else {
            hash.update(storage.read_range(path, 0..EDGE_BYTES).await?);
            hash.update(storage.read_range(path, bytes - EDGE_BYTES..bytes).await?);
        }
        Ok(Self { bytes, sha256: hexadecimal(&hash.finalize()) })
    }
}

/// SHA-256 of a text or of bytes, in hexadecimal digits.
#[must_use]
pub fn sha256_of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

impl Fingerprint {
    /// The fingerprint of something that is made from no file yet. `options` are plain numbers, texts and structs of
    /// them.
    #[must_use]
    pub fn new(maker: &str, version: u32, options: &impl Serialize) -> Self {
        Self {
            schema: FINGERPRINT_SCHEMA,
            maker: maker.to_owned(),
            version,
            options: serde_json::to_value(options).expect("options are plain structs, which have a JSON form"),
            files: BTreeMap::new(),
        }
    }

    /// The same, made from these files as well.
    ///
    /// # Errors
    /// [`StorageError`] when one of them cannot be read.
    pub async fn with_files<'a>(
        mut self,
        storage: &dyn Storage,
        paths: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, StorageError> {
        for path in paths {
            self.files.insert(path.to_owned(), FileMark::read(storage, path).await?);
        }
        Ok(self)
    }

    /// One text for all of it: equal fingerprints have the same, and others another.
    #[must_use]
    pub fn digest(&self) -> String {
        let json = serde_json::to_vec(self).expect("a fingerprint has a JSON form");
        sha256_of(&json)
    }

    /// How what would be made `now` differs from this; nothing when it does not.
    #[must_use]
    pub fn differences(&self, now: &Self) -> Differences {
        let mut told = Vec::new();
        if (&self.maker, self.version) != (&now.maker, now.version) {
            told.push(format!(
                "it was made by version {} of {}, and this is version {} of {}",
                self.version, self.maker, now.version, now.maker
            ));
        }
        compare_options("", &self.options, &now.options, &mut told);
        for (path, mark) in &self.files {
            match now.files.get(path) {
                None => told.push(format!("{path} was used and is not any more")),
                Some(other) if other != mark => told.push(format!("{path} has changed since")),
                Some(_) => {}
            }
        }
        let new = now.files.keys().filter(|path| !self.files.contains_key(*path));
        told.extend(new.map(|path| format!("{path} is new")));
        Differences(told)
    }
}

/// How two [`Fingerprint`]s differ, one sentence each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differences(Vec<String>);

impl From<String> for Differences {
    fn from(sentence: String) -> Self {
        Self(vec![sentence])
    }
}

impl FromIterator<String> for Differences {
    fn from_iter<I: IntoIterator<Item = String>>(sentences: I) -> Self {
        Self(sentences.into_iter().collect())
    }
}

impl Differences {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them.
    #[must_use]
    pub fn sentences(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for Differences {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.0.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join("; ");
        match self.0.len().saturating_sub(TOLD) {
            0 => formatter.write_str(&told),
            more => write!(formatter, "{told}; and {more} more"),
        }
    }
}

/// Compares options key by key, tables as well.
fn compare_options(name: &str, then: &Value, now: &Value, told: &mut Vec<String>) {
    let (Value::Object(then_table), Value::Object(now_table)) = (then, now) else {
        if then != now {
            told.push(format!("`{name}` was {then} and is {now} now"));
        }
        return;
    };
    let keys: std::collections::BTreeSet<&String> = then_table.keys().chain(now_table.keys()).collect();
    for key in keys.into_iter().filter(|key| !(name.is_empty() && *key == CHOSEN)) {
        let below = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
        let value = |table: &serde_json::Map<String, Value>| table.get(key).cloned().unwrap_or_default();
        compare_options(&below, &value(then_table), &value(now_table), told);
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use pollster::block_on;
    use serde_json::json;

    use super::*;
    use crate::storage::MemoryStorage;

    fn of(files: &MemoryStorage, paths: &[&str]) -> Fingerprint {
        let options = json!({ "window_length": 1024, "montage": { "reference": "A1" } });
        block_on(Fingerprint::new("preprocess", 1, &options).with_files(files, paths.iter().copied())).unwrap()
    }

    #[test]
    fn what_differs_is_told_by_name() {
        let files = MemoryStorage::with_files([("a.edf", vec![1; 10]), ("b.edf", vec![2; 10]), ("c.edf", vec![3])]);
        let then = of(&files, &["a.edf", "b.edf"]);
        assert!(then.differences(&of(&files, &["b.edf", "a.edf"])).is_empty());
        assert_eq!(then.digest(), of(&files, &["b.edf", "a.edf"]).digest());

        block_on(files.write("b.edf", &[2, 2, 2, 2, 2, 2, 2, 2, 2, 3])).unwrap();
        let mut now = of(&files, &["b.edf", "c.edf"]);
        now.version = 2;
        now.options = json!({ "window_length": 2048, "montage": { "reference": "A2" }, "seed": 1 });
        assert_eq!(
            then.differences(&now).sentences(),
            [
                "it was made by version 1 of preprocess, and this is version 2 of preprocess",
                "`montage.reference` was \"A1\" and is \"A2\" now",
                "`seed` was null and is 1 now",
                "`window_length` was 1024 and is 2048 now",
                "a.edf was used and is not any more",
                "b.edf has changed since",
                "c.edf is new",
            ]
        );
        assert!(then.differences(&now).to_string().ends_with("b.edf has changed since; and 1 more"));
        assert_ne!(then.digest(), now.digest());
    }

    #[test]
    fn who_asked_for_an_option_makes_no_difference() {
        let of = |options: &Value| Fingerprint::new("preprocess", 1, options);
        let then = of(&json!({ "seed": 0, "chosen": ["resolution"] }));
        assert!(then.differences(&of(&json!({ "seed": 0 }))).is_empty());
        assert_eq!(then.differences(&of(&json!({ "seed": 1, "chosen": ["seed"] }))).sentences().len(), 1);
    }

    #[test]
    fn a_large_file_is_told_by_its_edges_and_its_length() {
        let mark = |bytes: Vec<u8>| {
            let files = MemoryStorage::with_files([("a.edf", bytes)]);
            block_on(FileMark::read(&files, "a.edf")).unwrap()
        };
        let large = vec![0_u8; (WHOLE_BYTES + 10) as usize];
        let changed = |at: usize| {
            let mut bytes = large.clone();
            bytes[at] = 1;
            mark(bytes)
        };
        assert_ne!(mark(large.clone()), changed(0));
        assert_ne!(mark(large.clone()), changed(large.len() - 1));
        assert_ne!(mark(large.clone()), mark(large[1..].to_vec()));
    }

    #[test]
    fn it_comes_back_from_its_json() {
        let files = MemoryStorage::with_files([("a.edf", vec![1; 10])]);
        let fingerprint = of(&files, &["a.edf"]);
        let json = serde_json::to_string(&fingerprint).unwrap();
        assert_eq!(serde_json::from_str::<Fingerprint>(&json).unwrap(), fingerprint);
    }
}
