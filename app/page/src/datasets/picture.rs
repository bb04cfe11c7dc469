//! Pictures that the worker sends, as addresses that an `<img>` can show. The browser keeps the bytes of an address
//! until it is given back, which dropping a [`Picture`] does.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, Url};

/// An image in the browser's memory.
#[derive(Debug)]
pub struct Picture {
    url: String,
}

impl Picture {
    /// Of a file's bytes.
    ///
    /// # Errors
    /// What the browser objects to.
    pub fn of(blob: &Blob) -> Result<Self, JsValue> {
        Ok(Self { url: Url::create_object_url_with_blob(blob)? })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        // Fails for no address that the browser has given out.
        Url::revoke_object_url(&self.url).ok();
    }
}

/// An attachment's bytes, which travel as a blob or as an array.
///
/// # Errors
/// What the browser objects to.
pub fn as_blob(attachment: &JsValue) -> Result<Blob, JsValue> {
    match attachment.dyn_ref::<Blob>() {
        Some(blob) => Ok(blob.clone()),
        None => Blob::new_with_u8_array_sequence(&Array::of1(attachment)),
    }
}
