//! The studio in a browser: what a person can do with it and see of it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use fantoccini::{Client, Locator, elements::Element, error::CmdError};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    driver::{self, Entry},
    processes::{self, Process},
    spot::{Spot, at},
};

/// How long what takes no computing may take, on a machine that is busy with other things.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How often a condition is looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// Where pictures of the tests go.
const SCREENSHOTS: &str = "../screenshots";

/// Width and height of a small phone, in CSS pixels.
const PHONE: [u32; 2] = [360, 780];

/// Notes every task of the page that keeps it from answering.
const WATCH_LONG_TASKS: &str = "globalThis.longTasks = [];
    new PerformanceObserver(list => longTasks.push(...list.getEntries().map(task => [task.startTime, task.duration])))
        .observe({ type: 'longtask', buffered: true });";

/// The studio in a browser of its own.
pub struct Studio {
    name: String,
    client: Client,
    address: String,
    console: Vec<Entry>,
    forgiven: Vec<&'static str>,
    violations: Vec<String>,
    folder: TempDir,
    server: Option<Process>,
    _driver: Process,
}

impl Studio {
    /// Serves the studio and opens it in a new browser.
    pub async fn open(name: &str, arguments: &[&str]) -> Self {
        let (server, address) = processes::serve();
        let (driver, driver_address) = processes::chromedriver();
        let folder = TempDir::new().unwrap();
        let downloads = folder.path().join("downloads");
        fs::create_dir(&downloads).unwrap();
        let client = driver::connect(&driver_address, arguments, &folder.path().join("profile"), &downloads).await;
        let studio = Self {
            name: name.to_owned(),
            client,
            address,
            console: Vec::new(),
            forgiven: Vec::new(),
            violations: Vec::new(),
            folder,
            server: Some(server),
            _driver: driver,
        };
        let watch = json!({ "source": WATCH_LONG_TASKS });
        driver::developer_tools(&studio.client, "Page.addScriptToEvaluateOnNewDocument", watch).await.unwrap();
        // A person looks at the page: some versions of Chromium give a page of a fresh profile no focus, and their driver
        // then types at the end of a field wherever its caret is.
        let focus = json!({ "enabled": true });
        driver::developer_tools(&studio.client, "Emulation.setFocusEmulationEnabled", focus).await.unwrap();
        studio.go("").await;
        studio
    }

    /// Closes the browser.
    pub async fn close(self) {
        // What matters is that the browser is gone, and the driver's end sees to that.
        let _ = self.client.close().await;
    }

    /// The address under which the studio is served.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A folder for the test's own files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Opens the studio's address with this text after it, as from a link on another page.
    pub async fn go(&self, rest: &str) {
        // From one fragment to another a browser does not load a page again.
        self.client.goto("about:blank").await.unwrap();
        self.client.goto(&format!("{}{rest}", self.address)).await.unwrap();
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    /// Ends the server: from now on the browser is as if offline.
    pub fn stop_server(&mut self) {
        self.server = None;
    }

    /// Ends the browser's GPU process, as a driver that is reset does; the browser starts another.
    pub async fn crash_gpu(&self) {
        driver::developer_tools(&self.client, "Browser.crashGpuProcess", json!({})).await.unwrap();
    }

    /// Waits until the worker can be talked to.
    pub async fn ready(&self) {
        self.wait_for(at("app").with("data-worker", "ready")).await;
    }

    /// What a condition gives as soon as it gives something.
    pub async fn until<T>(&self, what: &str, patience: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(start.elapsed() < patience, "{}: waited {} s for {what}", self.name, patience.as_secs());
            tokio::time::sleep(GLANCE).await;
        }
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

    /// Whether a file is in the browser's private file system.
    pub async fn is_stored(&self, path: &str) -> bool {
        let script = "let folder = await navigator.storage.getDirectory();
            const parts = arguments[0].split('/');
            const name = parts.pop();
            try {
                for (const part of parts) folder = await folder.getDirectoryHandle(part);
                await folder.getFileHandle(name);
                return true;
            } catch (error) {
                if (error.name === 'NotFoundError') return false;
                throw error;
            }";
        self.run_async(script, vec![json!(path)]).await.as_bool().unwrap()
    }

    /// Runs a script in the page; gives what it returns.
    pub async fn run_script(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.unwrap()
    }

    /// Runs a script in the page that gives a promise; gives what that comes to.
    pub async fn run_async(&self, script: &str, arguments: Vec<Value>) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             (async () => {{ {script} }})().then(value => done({{ value }}), error => done({{ error: String(error) }}));"
        );
        let result = self.client.execute_async(&script, arguments).await.unwrap();
        assert!(result["error"].is_null(), "{}: {}", self.name, result["error"]);
        result["value"].clone()
    }

    /// The text of a file in the browser's private file system.
    pub async fn stored_text(&self, path: &str) -> String {
        let script = "let folder = await navigator.storage.getDirectory();
            const parts = arguments[0].split('/');
            const name = parts.pop();
            for (const part of parts) folder = await folder.getDirectoryHandle(part);
            return await (await (await folder.getFileHandle(name)).getFile()).text();";
        self.run_async(script, vec![json!(path)]).await.as_str().unwrap().to_owned()
    }

    /// When something was marked, in milliseconds since the page was opened; waits for it.
    pub async fn marked_at(&self, mark: &str) -> f64 {
        let script = "return performance.getEntriesByName(arguments[0]).at(-1)?.startTime ?? null";
        self.until(mark, PATIENCE, async || self.run_script(script, vec![json!(mark)]).await.as_f64()).await
    }

    /// The page's clock, in milliseconds since it was opened.
    pub async fn now(&self) -> f64 {
        self.run_script("return performance.now()", vec![]).await.as_f64().unwrap()
    }

    /// Tasks of the page that took over 50 ms: when they began since it was opened, and how long they took, in
    /// milliseconds.
    pub async fn long_tasks(&self) -> Vec<[f64; 2]> {
        serde_json::from_value(self.run_script("return longTasks", vec![]).await).unwrap()
    }

    /// Shows the studio in light or dark, and waits until the colours have changed.
    pub async fn set_theme(&self, theme: &str) {
        let script = "document.documentElement.dataset.theme = arguments[0];
            const transitions = document.getAnimations().filter(animation => animation instanceof CSSTransition);
            await Promise.allSettled(transitions.map(transition => transition.finished));";
        self.run_async(script, vec![json!(theme)]).await;
    }

    /// The file that was downloaded last, as soon as it is complete.
    pub async fn downloaded(&self, extension: &str) -> PathBuf {
        let folder = self.folder.path().join("downloads");
        self.until("the download", PATIENCE, async || {
            let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
            names.filter(|path| path.extension().is_some_and(|end| end == extension)).max()
        })
        .await
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
