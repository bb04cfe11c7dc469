//! Chromium through WebDriver, and what Chromium's driver can do beyond the standard: read the console, and pass on
//! commands of the developer tools.

use std::{path::Path, time::Duration};

use fantoccini::{Client, ClientBuilder, error::CmdError, wd::WebDriverCompatibleCommand};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// Software rendering and a software WebGPU adapter, an empty profile, and no traffic of the browser's own.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-webgpu",
    "--window-size=1280,900",
];

/// How long a script may take: a check for accessibility takes seconds.
const SCRIPT_TIMEOUT: Duration = Duration::from_secs(60);

/// A browser with these arguments more and this folder as its profile.
pub async fn connect(driver: &str, more: &[&str], profile: &Path, downloads: &Path) -> Client {
    let mut arguments: Vec<String> = ARGUMENTS.iter().chain(more).map(|&argument| argument.to_owned()).collect();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    let capabilities = json!({
        "browserName": "chrome",
        "goog:chromeOptions": { "args": arguments },
        "goog:loggingPrefs": { "browser": "ALL" },
        "timeouts": { "script": SCRIPT_TIMEOUT.as_millis() as u64 },
    });
    let Value::Object(capabilities) = capabilities else { unreachable!("it is written as an object") };
    let connected = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(driver).await;
    let client = connected.unwrap_or_else(|error| panic!("Chromium does not start: {error}"));
    let downloads = json!({ "behavior": "allow", "downloadPath": downloads });
    developer_tools(&client, "Browser.setDownloadBehavior", downloads).await.unwrap();
    client
}

/// Passes a command on to the developer tools.
pub async fn developer_tools(client: &Client, command: &str, parameters: Value) -> Result<Value, CmdError> {
    client
        .issue_cmd(Extension { path: "goog/cdp/execute", body: json!({ "cmd": command, "params": parameters }) })
        .await
}

/// What the console of page and worker has said since the last time it was asked.
pub async fn console(client: &Client) -> Vec<Entry> {
    let log = client.issue_cmd(Extension { path: "se/log", body: json!({ "type": "browser" }) }).await.unwrap();
    log.as_array().unwrap().iter().map(Entry::new).collect()
}

/// Something the console said.
#[derive(Debug, Clone)]
pub struct Entry {
    /// `INFO`, `WARNING`, `SEVERE`…
    pub level: String,
    /// What, and where.
    pub message: String,
}

impl Entry {
    fn new(entry: &Value) -> Self {
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        Self { level: text("level"), message: text("message") }
    }

    /// Whether something is wrong. GPU errors that nobody handles are warnings of the worker.
    pub fn is_complaint(&self) -> bool {
        self.level == "SEVERE" || self.level == "WARNING"
    }
}

/// A command that only Chromium's driver knows.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
