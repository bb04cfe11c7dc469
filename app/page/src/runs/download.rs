//! Files that the page gives to its user, as downloads of the browser's. A run's folder is one of them.

use leptos::{prelude::*, task::spawn_local};
use signal_studio_app_shared::protocol::{Reply, Request};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, HtmlAnchorElement, Url};

use crate::{browser::describe, shell::studio::Studio};

/// Saves a blob under a name, as the browser saves downloads.
///
/// # Errors
/// What the browser objects to.
pub fn save(blob: &Blob, name: &str) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The download has its own hold on the blob once the click's task has ended.
    set_timeout(move || drop(Url::revoke_object_url(&url)), std::time::Duration::from_secs(10));
    Ok(())
}

impl Studio {
    /// Saves a run's folder as a `.zip`.
    pub fn download_run(self, name: String) {
        spawn_local(async move {
            match self.link.request(Request::ExportRun { name }).await {
                Ok((Reply::Archive { file_name }, attachments)) => {
                    let saved = match attachments.first().and_then(|blob| blob.dyn_ref::<Blob>()) {
                        Some(blob) => save(blob, &file_name).map_err(|error| describe(&error)),
                        None => Err("the archive did not arrive".to_owned()),
                    };
                    match saved {
                        Ok(()) => self.toasts.info(format!("{file_name} is being saved.")),
                        Err(why) => self.toasts.error(format!("{file_name} cannot be saved: {why}.")),
                    }
                }
                Ok((reply, _)) => self.unexpected(&reply),
                Err(fault) => self.toasts.fault(&fault),
            }
        });
    }
}
