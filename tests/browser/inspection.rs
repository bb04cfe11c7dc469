//! How the page looks, and what is wrong with it: pictures, accessibility, the size of a phone, the console.

use std::{env, fs, path::Path};

use fantoccini::error::CmdError;
use serde_json::{Value, json};

use super::{driver, page::Studio};

/// Where pictures of the tests go.
const SCREENSHOTS: &str = "../screenshots";

/// Width and height of a small phone, in CSS pixels.
const PHONE: [u32; 2] = [360, 780];

impl Studio {
    /// Shows the studio in light or dark, and waits until the colours have changed.
    pub async fn set_theme(&self, theme: &str) {
        let script = "document.documentElement.dataset.theme = arguments[0];
            const transitions = document.getAnimations().filter(animation => animation instanceof CSSTransition);
            await Promise.allSettled(transitions.map(transition => transition.finished));";
        self.run_async(script, vec![json!(theme)]).await;
    }

    /// Writes a picture of the page.
    pub async fn screenshot(&self, what: &str) {
        let picture = self.client.screenshot().await.unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(SCREENSHOTS);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{}-{what}.png", self.name)), picture).unwrap();
    }

    /// Has axe-core look for violations of accessibility on the page as it is now; the test fails of them at its end.
    /// Where axe-core could not be had, nothing is looked for.
    pub async fn check_accessibility(&mut self, what: &str) {
        let Some(script) = env::var_os("SIGNAL_STUDIO_AXE") else {
            assert!(env::var_os("CI").is_none(), "SIGNAL_STUDIO_AXE does not name the script of axe-core");
            eprintln!("SKIPPED: accessibility is not checked: SIGNAL_STUDIO_AXE does not name the script of axe-core");
            return;
        };
        let script = fs::read_to_string(&script).unwrap_or_else(|error| panic!("{}: {error}", script.display()));
        self.run_script(&script, vec![]).await;
        let check = "const { violations } = await axe.run(document, { resultTypes: ['violations'] });
            return violations.flatMap(({ id, help, nodes }) => nodes.map(node =>
                `${id}: ${help}: ${node.target.join(' ')}: ${node.html.slice(0, 200)}: ${node.failureSummary}`));";
        let violations: Vec<String> = serde_json::from_value(self.run_async(check, vec![]).await).unwrap();
        self.violations.extend(violations.into_iter().map(|violation| format!("{what}: {violation}")));
    }

    /// Looks at the page as on a phone and takes a picture; the test fails at its end if the page scrolls sideways there.
    pub async fn check_phone(&mut self, what: &str) {
        let [width, height] = PHONE;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": false });
        driver::developer_tools(&self.client, "Emulation.setDeviceMetricsOverride", metrics).await.unwrap();
        let measure = "const frame = () => new Promise(requestAnimationFrame);
            await frame();
            await frame();
            const { scrollWidth, clientWidth } = document.documentElement;
            return scrollWidth - clientWidth;";
        let excess = self.run_async(measure, vec![]).await.as_u64().unwrap();
        if excess > 0 {
            self.violations.push(format!("{what}: {excess} pixels wider than a phone of {width}"));
        }
        self.screenshot(&format!("{what}-phone")).await;
        driver::developer_tools(&self.client, "Emulation.clearDeviceMetricsOverride", json!({})).await.unwrap();
    }

    /// From now on, what the console says with these words is expected.
    pub fn forgive(&mut self, words: &'static str) {
        self.forgiven.push(words);
    }

    /// What the console said that should not be there, and what violates accessibility.
    pub async fn complaints(&mut self) -> Vec<String> {
        self.console.extend(driver::console(&self.client).await);
        let complaints = self.console.iter().filter(|entry| entry.is_complaint());
        let unexpected = complaints.filter(|entry| !self.forgiven.iter().any(|words| entry.message.contains(words)));
        let unexpected = unexpected.map(|entry| format!("console: {}: {}", entry.level, entry.message));
        unexpected.chain(self.violations.iter().cloned()).collect()
    }

    /// Says what there is to see when a test has failed.
    pub async fn explain(&mut self) {
        if let Ok(picture) = self.client.screenshot().await {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(SCREENSHOTS);
            let path = folder.join(format!("{}-failed.png", self.name));
            if fs::create_dir_all(&folder).and_then(|()| fs::write(&path, picture)).is_ok() {
                eprintln!("{}: what it looked like: {}", self.name, path.display());
            }
        }
        self.console.extend(driver::console(&self.client).await);
        for entry in &self.console {
            eprintln!("{}: console: {}: {}", self.name, entry.level, entry.message);
        }
        for violation in &self.violations {
            eprintln!("{}: {violation}", self.name);
        }
        let text: Result<Value, CmdError> = self.client.execute("return document.body.innerText", vec![]).await;
        eprintln!("{}: the page says:\n{}", self.name, text.ok().as_ref().and_then(Value::as_str).unwrap_or("nothing"));
    }
}
