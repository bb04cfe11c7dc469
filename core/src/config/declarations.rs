//! Keys of a [`config_table!`](super::table::config_table) that say something together, or in a way of their own.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    fields::Fields,
    keys::KeyDoc,
    table::{ConfigTable, Declaration, Key, KeyValue, put},
};

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

/// A text that may be left out, and what is written out where it is.
pub(super) struct TextOr(pub Key, pub &'static str);

impl Declaration<Option<String>> for TextOr {
    fn list(&self, keys: &mut Vec<KeyDoc>) {
        keys.push(self.0.0);
    }

    fn read(&self, fields: &Fields<'_>, default: Option<String>) -> Option<String> {
        fields.text(self.0.0.path).or(default)
    }

    fn write(&self, value: &Option<String>, file: &mut Value) {
        put(file, self.0.0.path, json!(value.as_deref().unwrap_or(self.1)));
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

impl<T: ConfigTable + Default> Declaration<Option<T>> for Switched {
    fn list(&self, keys: &mut Vec<KeyDoc>) {
        keys.push(self.0.0);
        T::list(keys);
    }

    fn read(&self, fields: &Fields<'_>, default: Option<T>) -> Option<T> {
        if fields.switch(self.0.0.path).unwrap_or(default.is_some()) { T::read(fields) } else { None }
    }

    fn write(&self, value: &Option<T>, file: &mut Value) {
        put(file, self.0.0.path, json!(value.is_some()));
        value.as_ref().unwrap_or(&T::default()).write(file);
    }
}

/// A table in the table.
pub(super) struct Table;

impl<T: ConfigTable> Declaration<T> for Table {
    fn list(&self, keys: &mut Vec<KeyDoc>) {
        T::list(keys);
    }

    fn read(&self, fields: &Fields<'_>, default: T) -> T {
        T::read(fields).unwrap_or(default)
    }

    fn write(&self, value: &T, file: &mut Value) {
        value.write(file);
    }
}

/// Tables of any names, each with the same keys. Their path ends with `*`, which stands for the name.
pub(super) struct NamedTables(pub &'static str);

impl NamedTables {
    fn parent(&self) -> &str {
        self.0.trim_end_matches(".*")
    }

    /// One of the tables, as it is written out.
    pub fn written<T: ConfigTable>(&self, table: &T) -> Value {
        let mut file = Value::Null;
        table.write(&mut file);
        file.pointer_mut(&format!("/{}", self.0.replace('.', "/"))).map(Value::take).unwrap_or_default()
    }
}

impl<T: ConfigTable> Declaration<BTreeMap<String, T>> for NamedTables {
    fn list(&self, keys: &mut Vec<KeyDoc>) {
        T::list(keys);
    }

    fn read(&self, fields: &Fields<'_>, _: BTreeMap<String, T>) -> BTreeMap<String, T> {
        let tables = fields.tables_in(self.parent()).into_iter();
        tables.filter_map(|(name, path)| Some((name, T::read(&fields.within(&path, self.0))?))).collect()
    }

    fn write(&self, value: &BTreeMap<String, T>, file: &mut Value) {
        let tables = value.iter().map(|(name, table)| (name.clone(), self.written(table)));
        put(file, self.parent(), Value::Object(tables.collect()));
    }
}
