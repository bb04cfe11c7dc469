//! Runs in the browser: begun, waited for, and how far they are.

use std::time::Duration;

use crate::browser::{PATIENCE, Studio, at, samples};

/// How long the demo may take on a slow machine.
pub const WHOLE_RUN: Duration = Duration::from_secs(240);

/// Makes the folder `samples` and drops it.
pub async fn drop_samples(studio: &Studio) {
    let folder = studio.folder().join("samples");
    samples(&folder);
    studio.click("nav-data").await;
    studio.give_files("drop-folder", &[folder]).await;
    studio.wait_for(at("dataset").with("data-name", "./samples").with("data-kind", "prepared")).await;
}

/// Starts a run on a device.
pub async fn start(studio: &Studio, config: &str, device: &str) {
    studio.click("nav-train").await;
    studio.paste("editor-text", config).await;
    studio.choose("device-select", device).await;
    studio.click("train-button").await;
}

/// Trains to the end; gives the run's name.
pub async fn train(studio: &Studio, config: &str, device: &str, patience: Duration) -> String {
    start(studio, config, device).await;
    finished_run(studio, patience).await
}

/// The run under way, when it has ended well.
pub async fn finished_run(studio: &Studio, patience: Duration) -> String {
    let ended = studio.until("the run to end", patience, async || {
        for state in ["complete", "failed"] {
            if studio.is_there(at("run").with("data-state", state)).await {
                return Some(state);
            }
        }
        None
    });
    assert_eq!(ended.await, "complete", "{}", studio.text("status").await);
    studio.attribute("run", "data-run").await
}

/// Updates done by the run under way.
pub async fn step(studio: &Studio) -> u64 {
    studio.attribute("run", "data-step").await.parse().unwrap()
}

/// Updates done as soon as there are more than these.
pub async fn step_after(studio: &Studio, step_before: u64) -> u64 {
    let what = format!("an update after {step_before}");
    studio
        .until(&what, PATIENCE, async || {
            let step = step(studio).await;
            (step > step_before).then_some(step)
        })
        .await
}
