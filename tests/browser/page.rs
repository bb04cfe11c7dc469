//! The studio in a browser of its own: opened, visited, waited for, closed. What is done in it lies in files beside this
//! one by what it is done with.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use fantoccini::Client;
use serde_json::json;
use tempfile::TempDir;

use super::{
    driver::{self, Entry},
    processes::{self, Process},
};

/// How long what takes no computing may take, on a machine that is busy with other things.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How often a condition is looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// Notes every task of the page that keeps it from answering.
const WATCH_LONG_TASKS: &str = "globalThis.longTasks = [];
    new PerformanceObserver(list => longTasks.push(...list.getEntries().map(task => [task.startTime, task.duration])))
        .observe({ type: 'longtask', buffered: true });";

/// The studio in a browser of its own.
pub struct Studio {
    pub(super) name: String,
    pub(super) client: Client,
    address: String,
    pub(super) console: Vec<Entry>,
    pub(super) forgiven: Vec<&'static str>,
    pub(super) violations: Vec<String>,
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

    /// The file that was downloaded last, as soon as it is complete.
    pub async fn downloaded(&self, extension: &str) -> PathBuf {
        let folder = self.folder.path().join("downloads");
        self.until("the download", PATIENCE, async || {
            let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
            names.filter(|path| path.extension().is_some_and(|end| end == extension)).max()
        })
        .await
    }
}
