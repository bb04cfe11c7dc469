//! What a run computes on: the CPU, a GPU in software, and either of them failing under way.

use std::time::Duration;

use crate::{
    browser::{Studio, at, in_browser, in_browser_with},
    command_line::CommandLineRun,
    looks::{audit, painted_chart},
    losses::{assert_close, losses_in_browser},
    run_files::{demo_with, run_file},
    runs::{WHOLE_RUN, drop_samples, start, step, step_after, train},
};

/// How long a few steps may take where the GPU is simulated.
const SIMULATED_GPU: Duration = Duration::from_secs(180);

#[test]
fn the_first_steps_are_those_of_the_command_line() {
    in_browser("steps", async |studio: &mut Studio| {
        let config = demo_with("log_every_batches = 1\nmax_steps = 20");
        let run = train(studio, &config, "cpu", WHOLE_RUN).await;
        let twin = CommandLineRun::train(studio.folder(), "demo", &config);
        let (ours, theirs) = (losses_in_browser(studio, &run).await, twin.losses());
        assert_eq!(ours.len(), 20);
        for (step, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            assert_close(ours, theirs, 1e-4, &format!("the loss of step {}", step + 1));
        }
        assert_eq!(ours.len(), theirs.len());
    });
}

#[test]
fn a_gpu_in_software_is_used_when_it_is_asked_for_and_only_then() {
    in_browser("webgpu", async |studio: &mut Studio| {
        drop_samples(studio).await;
        audit(studio, "samples").await;

        studio.wait_for_text("device-chip", "CPU").await;
        let config = run_file("log_every_batches = 1\nmax_steps = 10");
        let run = train(studio, &config, "wgpu:0", SIMULATED_GPU).await;
        studio.screenshot("trained").await;
        let (ours, theirs) =
            (losses_in_browser(studio, &run).await, CommandLineRun::train(studio.folder(), "run", &config).losses());
        assert_eq!((ours.len(), theirs.len()), (10, 10));
        for (step, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            assert_close(ours, theirs, 1e-3, &format!("the loss of step {}", step + 1));
        }
    });
}

#[test]
fn a_run_whose_gpu_is_lost_goes_on_with_the_cpu() {
    in_browser("gpu-lost", async |studio: &mut Studio| {
        drop_samples(studio).await;
        start(studio, &run_file("epochs = 100000"), "wgpu:0").await;
        studio.wait_long_for(at("run").with("data-state", "training"), SIMULATED_GPU).await;
        let run = studio.attribute("run", "data-run").await;
        let state = format!("runs/{run}/checkpoints/last.optimizer.safetensors");
        studio.until("a checkpoint", SIMULATED_GPU, async || studio.is_stored(&state).await.then_some(())).await;

        // The browser tells of it as well.
        studio.forgive("external Instance reference no longer exists");
        studio.crash_gpu().await;
        studio.wait_for(at("run").with("data-state", "failed")).await;
        studio.wait_for_text("run", "the device was lost").await;
        studio.wait_for_text("continue-on-cpu", "Continue").await;
        painted_chart(studio, at("chart").with("data-title", "Loss")).await;
        audit(studio, "failed").await;
        let step_reached = step(studio).await;
        studio.click("continue-on-cpu").await;
        studio.wait_for(at("run").with("data-state", "training").with("data-run", &run)).await;
        step_after(studio, step_reached).await;
        studio.wait_for_text("device-chip", "CPU").await;
        studio.click("stop").await;
        studio.wait_for(at("run").with("data-state", "stopped")).await;
    });
}

#[test]
fn a_worker_that_runs_out_of_memory_is_reported_and_replaced() {
    // A quarter of a gigabyte, in pages of 64 KiB: what follows is soon too much.
    in_browser_with("worker-dies", &["--js-flags=--wasm-max-mem-pages=4096"], async |studio: &mut Studio| {
        drop_samples(studio).await;
        // The console may tell it in any way.
        studio.forgive("");
        let config = run_file("epochs = 1").replace("embedding_dim = 8", "embedding_dim = 2048");
        start(studio, &config, "cpu").await;
        studio.wait_long_for(at("run").with("data-state", "failed"), WHOLE_RUN).await;
        studio.wait_for_text("run", "memory").await;
        audit(studio, "failed").await;
        studio.ready().await;
        train(studio, &run_file("epochs = 1"), "cpu", WHOLE_RUN).await;
    });
}
