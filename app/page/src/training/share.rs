//! Links that hold a run file in their fragment: reads the one in the page's address, and makes one to copy. What a
//! link brings is only shown: nothing runs before the user presses Train.

use leptos::prelude::*;
use signal_studio_core::share;

use crate::shell::{
    studio::{DEMO_CONFIG, Shared, Studio},
    view::View,
};

/// How a fragment that holds a run file begins.
const PREFIX: &str = "#config=";

impl Studio {
    /// Shows the run file that the address holds, if it holds one.
    pub fn read_link(self) {
        let Some(fragment) = location().hash().ok().filter(|fragment| fragment.starts_with(PREFIX)) else { return };
        let (text, error) = match share::decode(&fragment) {
            Ok(text) => (text, None),
            Err(error) => (DEMO_CONFIG.to_owned(), Some(error.to_string())),
        };
        self.replace_config(text);
        self.shared.set(Some(Shared { error }));
        self.view.set(View::Train);
        if let Ok(history) = window().history() {
            // A reload must show what the user has made of the run file, not the link once more.
            history.replace_state_with_url(&View::Train.name().into(), "", Some(&page_address())).ok();
        }
    }

    /// A link to this page that holds the run file in the editor.
    ///
    /// # Errors
    /// Why there can be none, in whole sentences.
    pub fn share_link(self) -> Result<String, String> {
        self.config.with_untracked(|text| share::link(&page_address(), text)).map_err(|error| error.to_string())
    }
}

/// The page's address without its fragment and query.
fn page_address() -> String {
    let part = |part: Result<String, wasm_bindgen::JsValue>| part.unwrap_or_default();
    part(location().origin()) + &part(location().pathname())
}
