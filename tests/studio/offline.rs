//! The studio without a network.

use serde_json::Value;

use crate::{
    browser::{PATIENCE, Studio, in_browser},
    run_files::demo_with,
    runs::{WHOLE_RUN, train},
};

#[test]
fn after_the_first_visit_no_network_is_needed() {
    in_browser("offline", async |studio: &mut Studio| {
        studio.ready().await;
        let cached = "const cached = await caches.match(arguments[0]); return cached !== undefined";
        for file in ["./", "studio_bg.wasm", "studio-worker_bg.wasm"] {
            let arguments = || vec![Value::from(file)];
            studio
                .until(file, PATIENCE, async || studio.run_async(cached, arguments()).await.as_bool()?.then_some(()))
                .await;
        }
        studio.stop_server();
        studio.forgive("net::ERR_CONNECTION_REFUSED");
        studio.reload().await;
        studio.ready().await;
        let config = demo_with("max_steps = 1");
        train(studio, &config, "cpu", WHOLE_RUN).await;
        studio.screenshot("trained").await;
    });
}
