//! What a person does with the elements of the page, and reads in them.

use std::{path::PathBuf, time::Duration};

use fantoccini::{Locator, elements::Element};
use serde_json::json;

use super::{
    page::{PATIENCE, Studio},
    spot::{Spot, at},
};

impl Studio {
    /// Waits until the worker can be talked to.
    pub async fn ready(&self) {
        self.wait_for(at("app").with("data-worker", "ready")).await;
    }

    /// The first of the elements that is displayed, as soon as there is one.
    pub async fn wait_for(&self, spot: impl Into<Spot>) -> Element {
        self.wait_long_for(spot, PATIENCE).await
    }

    /// As [`Studio::wait_for`], for what takes its time.
    pub async fn wait_long_for(&self, spot: impl Into<Spot>, patience: Duration) -> Element {
        let spot = spot.into();
        self.until(spot.css(), patience, async || self.displayed(&spot).await).await
    }

    /// Waits until none of the elements is displayed.
    pub async fn wait_until_gone(&self, spot: impl Into<Spot>) {
        let spot = spot.into();
        let what = format!("{} to go", spot.css());
        self.until(&what, PATIENCE, async || self.displayed(&spot).await.is_none().then_some(())).await;
    }

    /// Whether one of the elements is displayed now.
    pub async fn is_there(&self, spot: impl Into<Spot>) -> bool {
        self.displayed(&spot.into()).await.is_some()
    }

    async fn displayed(&self, spot: &Spot) -> Option<Element> {
        for element in self.all(spot).await {
            // An element that has gone meanwhile is not displayed either.
            if element.is_displayed().await.unwrap_or(false) {
                return Some(element);
            }
        }
        None
    }

    /// All elements, displayed or not.
    async fn all(&self, spot: &Spot) -> Vec<Element> {
        self.client.find_all(Locator::Css(spot.css())).await.unwrap()
    }

    /// How many of the elements there are.
    pub async fn count(&self, spot: impl Into<Spot>) -> usize {
        self.all(&spot.into()).await.len()
    }

    /// Clicks on something as soon as it can be clicked on.
    pub async fn click(&self, spot: impl Into<Spot>) {
        let spot = spot.into().enabled();
        let what = format!("{} to take a click", spot.css());
        self.until(&what, PATIENCE, async || {
            // Something may lie over it for a moment: a message, a dialog that closes.
            self.displayed(&spot).await?.click().await.ok()
        })
        .await;
    }

    /// The text of something, as soon as it is displayed.
    pub async fn text(&self, spot: impl Into<Spot>) -> String {
        let spot = spot.into();
        self.until(spot.css(), PATIENCE, async || self.displayed(&spot).await?.text().await.ok()).await
    }

    /// Waits until the text of something holds these words.
    pub async fn wait_for_text(&self, spot: impl Into<Spot>, words: &str) {
        let spot = spot.into();
        let what = format!("`{words}` in {}", spot.css());
        self.until(&what, PATIENCE, async || {
            let text = self.displayed(&spot).await?.text().await.ok()?;
            text.contains(words).then_some(())
        })
        .await;
    }

    /// An attribute of the first of the elements, displayed or not.
    pub async fn attribute(&self, spot: impl Into<Spot>, name: &str) -> String {
        let spot = spot.into();
        let what = format!("the attribute {name} of {}", spot.css());
        self.until(&what, PATIENCE, async || self.all(&spot).await.first()?.attr(name).await.ok()?).await
    }

    /// What a form's element holds.
    pub async fn value(&self, spot: impl Into<Spot>) -> String {
        self.wait_for(spot).await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Chooses an option by its value, as soon as there is one.
    pub async fn choose(&self, select: impl Into<Spot>, value: &str) {
        let select = select.into();
        let what = format!("the option {value} of {}", select.css());
        self.until(&what, PATIENCE, async || self.displayed(&select).await?.select_by_value(value).await.ok()).await;
    }

    /// Gives paths on disk to an element that takes files, which need not be displayed.
    pub async fn give_files(&self, spot: impl Into<Spot>, paths: &[PathBuf]) {
        let spot = spot.into();
        let paths: Vec<&str> = paths.iter().map(|path| path.to_str().unwrap()).collect();
        let paths = paths.join("\n");
        self.until(spot.css(), PATIENCE, async || self.all(&spot).await.first()?.send_keys(&paths).await.ok()).await;
    }

    /// Puts a text into a field, as if it were pasted over all that is there.
    pub async fn paste(&self, field: impl Into<Spot>, text: &str) {
        let field = field.into();
        let script = "const field = document.querySelector(arguments[0]);
            field.focus(); field.select(); document.execCommand('insertText', false, arguments[1]);";
        self.wait_for(field.clone()).await;
        self.run_script(script, vec![json!(field.css()), json!(text)]).await;
        assert_eq!(self.value(field).await, text);
    }

    /// Puts the caret of a field behind the first occurrence of a text.
    pub async fn put_caret_after(&self, field: impl Into<Spot>, text: &str) {
        let field = field.into();
        let script = "const field = document.querySelector(arguments[0]);
            const end = field.value.indexOf(arguments[1]) + arguments[1].length;
            field.focus(); field.setSelectionRange(end, end);";
        self.wait_for(field.clone()).await;
        self.run_script(script, vec![json!(field.css()), json!(text)]).await;
    }

    /// Types on the keyboard, where the focus is.
    pub async fn type_keys(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }
}
