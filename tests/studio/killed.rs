//! A run whose worker is killed again and again, as when a tab is closed or crashes, and goes on each time.

use serde_json::Value;

use crate::{
    browser::{Studio, at, in_browser},
    run_files::run_file,
    runs::{WHOLE_RUN, drop_samples, finished_run, start, step, step_after, train},
};

/// A run that evaluates, ranks and saves often, drops old checkpoints, and averages weights at its end.
const BUSY: &str = "epochs = 40\nlog_every_batches = 1\neval_strategy = \"steps\"\neval_steps = 4\n\
                    checkpoint_strategy = \"steps\"\ncheckpoint_steps = 2\ncheckpoint_total_limit = 2\n\
                    max_best_checkpoints = 2\nswa_enabled = true\nswa_extra_ratio = 0.2";

/// How many updates after it went on the run is killed, each time.
const MOMENTS: [u64; 5] = [5, 1, 8, 2, 13];

#[test]
fn a_run_whose_worker_is_killed_five_times_is_the_run_that_never_was() {
    in_browser("killed", async |studio: &mut Studio| {
        drop_samples(studio).await;
        let config = run_file(BUSY);
        let whole = train(studio, &config, "cpu", WHOLE_RUN).await;

        start(studio, &config, "cpu").await;
        let run = studio.attribute(at("run").with("data-state", "training"), "data-run").await;
        assert_ne!(run, whole);
        let mut gone_on_from = 0;
        for updates in MOMENTS {
            step_after(studio, gone_on_from + updates).await;
            // The worker ends with its page, wherever it is.
            studio.reload().await;
            studio.click("nav-runs").await;
            let row = at("run-row").with("data-run", &run);
            assert_eq!(studio.attribute(row.clone(), "data-status").await, "resumable");
            studio.click(row.inside("run-go-on")).await;
            studio.wait_for(at("run").with("data-state", "training").with("data-run", &run)).await;
            gone_on_from = step(studio).await;
        }
        assert_eq!(finished_run(studio, WHOLE_RUN).await, run);
        assert_eq!(history(studio, &run).await, history(studio, &whole).await);
        assert_eq!(summary(studio, &run).await, summary(studio, &whole).await);
    });
}

async fn history(studio: &Studio, run: &str) -> String {
    studio.stored_text(&format!("runs/{run}/history.json")).await
}

/// What the run came to, without its name.
async fn summary(studio: &Studio, run: &str) -> Value {
    let text = studio.stored_text(&format!("runs/{run}/summary.json")).await;
    let mut summary: Value = serde_json::from_str(&text).unwrap();
    summary["run_dir"].take();
    summary
}
