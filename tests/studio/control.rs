//! What a person does to a run under way.

use crate::{
    browser::{PATIENCE, Studio, at, in_browser, samples},
    files::zip_folder,
    looks::audit,
    run_files::run_file,
    runs::{step, step_after},
};

#[test]
fn a_run_is_paused_stepped_saved_stopped_and_gone_on_with() {
    in_browser("control", async |studio: &mut Studio| {
        let folder = studio.folder().join("samples");
        samples(&folder);
        let zipped = zip_folder(&folder);
        studio.click("nav-data").await;
        studio.give_files("drop-files", &[zipped]).await;
        studio.wait_for(at("dataset").with("data-name", "./samples")).await;
        studio.click("nav-train").await;
        studio
            .paste("editor-text", &run_file("epochs = 100000\ncheckpoint_strategy = \"none\"\ncheckpoint_minutes = 0"))
            .await;
        studio.choose("device-select", "cpu").await;
        studio.click("train-button").await;
        let run = studio.attribute(at("run").with("data-state", "training"), "data-run").await;
        step_after(studio, 0).await;

        studio.click("pause").await;
        studio.wait_for(at("run").with("data-state", "paused")).await;
        audit(studio, "paused").await;
        let paused_at = step(studio).await;
        studio.click("step-once").await;
        assert_eq!(step_after(studio, paused_at).await, paused_at + 1);
        studio.wait_for(at("run").with("data-state", "paused")).await;
        let last = format!("runs/{run}/checkpoints/last.safetensors");
        assert!(!studio.is_stored(&last).await);
        studio.click("checkpoint").await;
        studio.until("the checkpoint", PATIENCE, async || studio.is_stored(&last).await.then_some(())).await;

        studio.click("resume").await;
        step_after(studio, paused_at + 1).await;
        studio.click("stop").await;
        studio.wait_for(at("run").with("data-state", "stopped")).await;
        let stopped_at = step(studio).await;
        audit(studio, "stopped").await;
        studio.click("go-on").await;
        step_after(studio, stopped_at).await;

        // A page that is closed in the middle of a run loses nothing that was saved.
        studio.reload().await;
        studio.click("nav-runs").await;
        let row = at("run-row").with("data-run", &run);
        assert_eq!(studio.attribute(row.clone(), "data-status").await, "resumable");
        studio.click(row.inside("run-go-on")).await;
        step_after(studio, stopped_at).await;
        studio.click("nav-train").await;
        studio.click("stop").await;
        studio.wait_for(at("run").with("data-state", "stopped")).await;
    });
}
