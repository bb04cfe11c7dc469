//! Keys that are declared once. A field of a [`config_table!`] gives its key, type, default and what it may hold; its doc
//! comment is the line of help. The typed table, its default, its list of keys, reading and writing out all follow.

use serde_json::{Map, Value, json};

use super::{
    DeviceChoice,
    fields::Fields,
    keys::{KeyDoc, KeyKind},
};
use crate::named::Named;

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
    Vec<f64>, numbers;
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

impl KeyValue for Vec<u64> {
    fn read(fields: &Fields<'_>, path: &str) -> Option<Self> {
        fields.wholes(path)?.into_iter().map(|number| number.try_into().ok()).collect()
    }

    fn to_json(&self) -> Value {
        json!(self)
    }
}

impl<const COUNT: usize> KeyValue for [f64; COUNT] {
    fn read(fields: &Fields<'_>, path: &str) -> Option<Self> {
        fields.numbers(path)?.try_into().ok()
    }

    fn to_json(&self) -> Value {
        json!(self.as_slice())
    }
}

impl KeyValue for Vec<String> {
    fn read(fields: &Fields<'_>, path: &str) -> Option<Self> {
        Some(fields.texts(path)?.into_iter().map(|text| text.value).collect())
    }

    fn to_json(&self) -> Value {
        json!(self)
    }
}

impl<T: Named> KeyValue for Vec<T> {
    fn read(fields: &Fields<'_>, path: &str) -> Option<Self> {
        fields.choices(path)
    }

    fn to_json(&self) -> Value {
        self.iter().map(|value| json!(value.word())).collect()
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

impl<T: Named> KeyValue for T {
    fn read(fields: &Fields<'_>, path: &str) -> Option<Self> {
        fields.choice(path)
    }

    fn to_json(&self) -> Value {
        json!(self.word())
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

/// A type that is declared by [`config_table!`], or made of such.
pub(super) trait ConfigTable: Sized {
    /// Adds the table's keys to a list.
    fn list(keys: &mut Vec<KeyDoc>);

    /// What a file says, with the defaults where it says nothing; `None` if it lacks a key that it must have.
    fn read(fields: &Fields<'_>) -> Option<Self>;

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
        Self(KeyDoc { path, kind, required: false, doc: help_line(help), notice: None, backbone: None })
    }

    /// A key that a file must have.
    pub const fn required(path: &'static str, kind: KeyKind, help: &'static str) -> Self {
        Self(KeyDoc { required: true, ..Self::new(path, kind, help).0 })
    }

    /// What says something in a way of its own through this key.
    pub fn declared_by<D>(self, declaration: impl FnOnce(Self) -> D) -> D {
        declaration(self)
    }

    /// A key that a file may have, but that does nothing; `notice` says why.
    pub const fn ignored(path: &'static str, kind: KeyKind, help: &'static str, notice: &'static str) -> Self {
        Self(KeyDoc { notice: Some(notice), ..Self::new(path, kind, help).0 })
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

/// Declares a table of a config file: a type with a public field for each key, and what lists, reads and writes the keys.
///
/// - A key is `name: Type = default, kind;` under one line of help. It is called `name` in the table, or as in
///   `name("key")`. A key that says something in a way of its own, or with others, is `name: Type = default, kind =>
///   declaration;`, where the declaration takes the [`Key`]. A table in the table is `name: Type = default => Table;`.
/// - `required { … }` before them has the keys that a file must have, `name: Type, kind;`. The type then has a `new` that
///   takes them; without such keys it is `Default`.
/// - `ignored { … }` behind them has the keys that a file may have, but that do nothing: `"key", kind, notice;`.
macro_rules! config_table {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident in $table:literal {
            $(required {
                $(
                    #[doc = $required_help:literal]
                    $(#[doc = $required_more:literal])*
                    $required:ident : $required_type:ty, $required_kind:expr;
                )+
            })?
            $(
                #[doc = $help:literal]
                $(#[doc = $more:literal])*
                $field:ident $(($key:literal))? : $type:ty = $default:expr $(, $kind:expr)? $(=> $own:expr)?;
            )*
            $(ignored {
                $(
                    #[doc = $ignored_help:literal]
                    $ignored:literal, $ignored_kind:expr, $notice:expr;
                )+
            })?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        $vis struct $name {
            $($(
                #[doc = $required_help]
                $(#[doc = $required_more])*
                pub $required: $required_type,
            )+)?
            $(
                #[doc = $help]
                $(#[doc = $more])*
                pub $field: $type,
            )*
        }

        $crate::config::table::config_table!(
            @constructor $name [$($($required: $required_type),+)?] [$($field = $default),*]
        );

        impl $crate::config::table::ConfigTable for $name {
            fn list(keys: &mut Vec<$crate::config::KeyDoc>) {
                $($(keys.push($crate::config::table::Key::required(
                    concat!($table, ".", stringify!($required)), $required_kind, $required_help,
                ).0);)+)?
                $($crate::config::table::Declaration::<$type>::list(
                    &$crate::config::table::config_table!(
                        @declaration ($table, $field, $help $(, $key)?) $(kind $kind,)? $(own $own)?
                    ),
                    keys,
                );)*
                $($(keys.push($crate::config::table::Key::ignored(
                    concat!($table, ".", $ignored), $ignored_kind, $ignored_help, $notice,
                ).0);)+)?
            }

            fn read(fields: &$crate::config::fields::Fields<'_>) -> Option<Self> {
                Some(Self {
                    $($($required: $crate::config::table::KeyValue::read(
                        fields,
                        concat!($table, ".", stringify!($required)),
                    )?,)+)?
                    $($field: $crate::config::table::Declaration::<$type>::read(
                        &$crate::config::table::config_table!(
                            @declaration ($table, $field, $help $(, $key)?) $(kind $kind,)? $(own $own)?
                        ),
                        fields,
                        $default,
                    ),)*
                })
            }

            fn write(&self, file: &mut serde_json::Value) {
                $($($crate::config::table::put(
                    file,
                    concat!($table, ".", stringify!($required)),
                    $crate::config::table::KeyValue::to_json(&self.$required),
                );)+)?
                $($crate::config::table::Declaration::<$type>::write(
                    &$crate::config::table::config_table!(
                        @declaration ($table, $field, $help $(, $key)?) $(kind $kind,)? $(own $own)?
                    ),
                    &self.$field,
                    file,
                );)*
            }
        }
    };
    (@constructor $name:ident [] [$($field:ident = $default:expr),*]) => {
        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default),* }
            }
        }
    };
    (@constructor $name:ident [$($required:ident : $type:ty),+] [$($field:ident = $default:expr),*]) => {
        impl $name {
            /// What a file must say, and everything else at its default.
            #[must_use]
            pub fn new($($required: $type),+) -> Self {
                Self { $($required,)+ $($field: $default),* }
            }
        }
    };
    (@declaration ($($key:tt)*) kind $kind:expr,) => {
        $crate::config::table::config_table!(@key ($($key)*) $kind)
    };
    (@declaration ($($key:tt)*) kind $kind:expr, own $own:expr) => {
        $crate::config::table::config_table!(@key ($($key)*) $kind).declared_by($own)
    };
    (@declaration ($($key:tt)*) own $own:expr) => {
        $own
    };
    (@key ($table:literal, $field:ident, $help:literal) $kind:expr) => {
        $crate::config::table::Key::new(concat!($table, ".", stringify!($field)), $kind, $help)
    };
    (@key ($table:literal, $field:ident, $help:literal, $key:literal) $kind:expr) => {
        $crate::config::table::Key::new(concat!($table, ".", $key), $kind, $help)
    };
}

pub(super) use config_table;
