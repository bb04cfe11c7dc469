//! What only scripts find out: what the browser keeps for the page, and when something happened in it.

use serde_json::{Value, json};

use super::page::{PATIENCE, Studio};

impl Studio {
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
}
