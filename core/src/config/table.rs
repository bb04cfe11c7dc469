//! Keys that are declared once. A field of a [`config_table!`] gives its key, type, default and what it may hold; its doc
//! comment is the line of help. The typed table, its default, its list of keys, reading and writing out all follow.

use serde_json::{Map, Value, json};

use super::{
    DeviceChoice,
    fields::Fields,
    keys::{KeyDoc, KeyKind},
};

/// A value of a single key.
pub(super) trait KeyValue: Sized {
    /// The value in a file, if the file has one that fits.
    fn read(fields: &Fields<'_>, path: &str) -> Option<Self>;

    /// The value as [`Self::read`] reads it; `null` is the same as no key.
    fn to_json(&self) -> Value;
}

/// Gives a type of the file's values as it is written out.
macro_rules! key_values {
    ($($type:ty, $read:ident);+ $(;)?) => {
        $(impl KeyValue for $type {
            fn read(fields: &Fields<'_>, path: &str) -> Option<Self> {
                fields.$read(path)
            }

            fn to_json(&self) -> Value {
                json!(self)
            }
        })+
    };
}

key_values! {
    bool, switch;
    usize, count;
    f64, number;
    [f64; 2], pair;
    String, text;
}

impl KeyValue for u64 {
    fn read(fields: &Fields<'_>, path: &str) -> Option<Self> {
        fields.whole(path).and_then(|number| number.try_into().ok())
    }

    fn to_json(&self) -> Value {
        json!(self)
    }
}

impl KeyValue for DeviceChoice {
    fn read(fields: &Fields<'_>, path: &str) -> Option<Self> {
        fields.choice(path)
    }

    fn to_json(&self) -> Value {
        json!(self.to_string())
    }
}

/// A key that may be left out.
impl<T: KeyValue> KeyValue for Option<T> {
    fn read(fields: &Fields<'_>, path: &str) -> Option<Self> {
        T::read(fields, path).map(Some)
    }

    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_json)
    }
}

/// A type that is declared by [`config_table!`].
pub(super) trait ConfigTable: Default {
    /// Adds the table's keys to a list.
    fn list(keys: &mut Vec<KeyDoc>);

    /// What a file says, with the defaults where it says nothing.
    fn read(fields: &Fields<'_>) -> Self;

    /// Writes the table into the tables of a file.
    fn write(&self, file: &mut Value);
}

/// What one or several keys say together.
pub(super) trait Declaration<T> {
    /// Adds the keys to a list.
    fn list(&self, keys: &mut Vec<KeyDoc>);

    /// What the file says, and where it says nothing, the default.
    fn read(&self, fields: &Fields<'_>, default: T) -> T;

    /// Writes a value into the tables of a file.
    fn write(&self, value: &T, file: &mut Value);
}

/// A single key.
pub(super) struct Key(pub KeyDoc);

impl Key {
    /// A key that a file may have; `help` is a doc comment.
    pub const fn new(path: &'static str, kind: KeyKind, help: &'static str) -> Self {
        Self(KeyDoc { path, kind, required: false, doc: help_line(help), notice: None })
    }
}

impl<T: KeyValue> Declaration<T> for Key {
    fn list(&self, keys: &mut Vec<KeyDoc>) {
        keys.push(self.0);
    }

    fn read(&self, fields: &Fields<'_>, default: T) -> T {
        T::read(fields, self.0.path).unwrap_or(default)
    }

    fn write(&self, value: &T, file: &mut Value) {
        put(file, self.0.path, value.to_json());
    }
}

/// A whole number, or −1 for none.
pub(super) struct Unlimited(pub Key);

impl Declaration<Option<usize>> for Unlimited {
    fn list(&self, keys: &mut Vec<KeyDoc>) {
        keys.push(self.0.0);
    }

    fn read(&self, fields: &Fields<'_>, default: Option<usize>) -> Option<usize> {
        fields.whole(self.0.0.path).map_or(default, |number| number.try_into().ok())
    }

    fn write(&self, value: &Option<usize>, file: &mut Value) {
        put(file, self.0.0.path, value.map_or(json!(-1), |number| json!(number)));
    }
}

/// A number above 0, or any other for none, which is written as 0.
pub(super) struct ZeroForNone(pub Key);

impl Declaration<Option<f64>> for ZeroForNone {
    fn list(&self, keys: &mut Vec<KeyDoc>) {
        keys.push(self.0.0);
    }

    fn read(&self, fields: &Fields<'_>, default: Option<f64>) -> Option<f64> {
        fields.number(self.0.0.path).map_or(default, |number| (number > 0.0).then_some(number))
    }

    fn write(&self, value: &Option<f64>, file: &mut Value) {
        put(file, self.0.0.path, json!(value.unwrap_or(0.0)));
    }
}

/// A key with another name that counts where the first is not given.
pub(super) struct WithAlias(pub Key, pub Key);

impl<T: KeyValue> Declaration<T> for WithAlias {
    fn list(&self, keys: &mut Vec<KeyDoc>) {
        keys.extend([self.0.0, self.1.0]);
    }

    fn read(&self, fields: &Fields<'_>, default: T) -> T {
        let read = |key: &Key| T::read(fields, key.0.path);
        read(&self.0).or_else(|| read(&self.1)).unwrap_or(default)
    }

    fn write(&self, value: &T, file: &mut Value) {
        self.0.write(value, file);
    }
}

/// A switch, and what counts while it is on.
pub(super) struct Switched(pub Key);

impl<T: ConfigTable> Declaration<Option<T>> for Switched {
    fn list(&self, keys: &mut Vec<KeyDoc>) {
        keys.push(self.0.0);
        T::list(keys);
    }

    fn read(&self, fields: &Fields<'_>, default: Option<T>) -> Option<T> {
        fields.switch(self.0.0.path).unwrap_or(default.is_some()).then(|| T::read(fields))
    }

    fn write(&self, value: &Option<T>, file: &mut Value) {
        put(file, self.0.0.path, json!(value.is_some()));
        value.as_ref().unwrap_or(&T::default()).write(file);
    }
}

/// A doc comment without what makes it a sentence of its own.
const fn help_line(comment: &'static str) -> &'static str {
    let line = comment.trim_ascii();
    match line.as_bytes() {
        [.., b'.'] => line.split_at(line.len() - 1).0,
        _ => line,
    }
}

/// Puts a value into the tables of a file.
pub(super) fn put(file: &mut Value, path: &str, value: Value) {
    let mut place = file;
    for name in path.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[name];
    }
    *place = value;
}

/// Declares a table of a config file: a type with a public field for each key, its default, and what lists, reads and
/// writes the keys. A field is `name: Type = default, kind;` under one line of help. Its key is `name` in the table, or the
/// one given as `name("key")`. What several keys say, or one in a way of its own, is `name: Type = default => declaration;`.
macro_rules! config_table {
    (
        $(#[$meta:meta])*
        pub struct $name:ident in $table:literal {
            $(
                #[doc = $help:literal]
                $(#[doc = $more:literal])*
                $field:ident $(($key:literal))? : $type:ty = $default:expr $(, $kind:expr)? $(=> $own:expr)?;
            )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $(
                #[doc = $help]
                $(#[doc = $more])*
                pub $field: $type
            ),+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default),+ }
            }
        }

        impl $crate::config::table::ConfigTable for $name {
            fn list(keys: &mut Vec<$crate::config::KeyDoc>) {
                $($crate::config::table::Declaration::<$type>::list(
                    &$crate::config::table::config_table!(
                        @declaration ($table, $field, $help $(, $key)?) $(kind $kind)? $(own $own)?
                    ),
                    keys,
                );)+
            }

            fn read(fields: &$crate::config::fields::Fields<'_>) -> Self {
                let default = Self::default();
                Self {
                    $($field: $crate::config::table::Declaration::<$type>::read(
                        &$crate::config::table::config_table!(
                            @declaration ($table, $field, $help $(, $key)?) $(kind $kind)? $(own $own)?
                        ),
                        fields,
                        default.$field,
                    )),+
                }
            }

            fn write(&self, file: &mut serde_json::Value) {
                $($crate::config::table::Declaration::<$type>::write(
                    &$crate::config::table::config_table!(
                        @declaration ($table, $field, $help $(, $key)?) $(kind $kind)? $(own $own)?
                    ),
                    &self.$field,
                    file,
                );)+
            }
        }
    };
    (@declaration ($table:literal, $field:ident, $help:literal) kind $kind:expr) => {
        $crate::config::table::Key::new(concat!($table, ".", stringify!($field)), $kind, $help)
    };
    (@declaration ($table:literal, $field:ident, $help:literal, $key:literal) kind $kind:expr) => {
        $crate::config::table::Key::new(concat!($table, ".", $key), $kind, $help)
    };
    (@declaration ($($key:tt)*) own $own:expr) => {
        $own
    };
}

pub(super) use config_table;
