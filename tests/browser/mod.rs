//! A real browser driven from tests. A [`Studio`] is the built page served by the command line's own server, in a headless
//! Chromium with an empty profile, and all that a person can do with it: click, type, choose files, look. Elements are
//! found by their `data-testid`. Everything is waited for by its condition, with a deadline. What the console says at
//! warning level or above fails the test that caused it.

mod driver;
mod elements;
mod inside;
mod inspection;
mod page;
mod processes;
mod recordings;
mod spot;

pub use page::{PATIENCE, Studio};
pub use processes::command_line;
pub use recordings::{SUBJECTS, recordings, samples};
pub use spot::{Spot, at};

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::pin,
    sync::{PoisonError, RwLock},
    task::Poll,
};

/// What measures speed needs the machine for itself.
static MACHINE: RwLock<()> = RwLock::new(());

/// Runs a test in a browser of its own, beside others.
pub fn in_browser(name: &str, test: impl AsyncFnOnce(&mut Studio)) {
    in_browser_with(name, &[], test);
}

/// As [`in_browser`], with more arguments for the browser.
pub fn in_browser_with(name: &str, arguments: &[&str], test: impl AsyncFnOnce(&mut Studio)) {
    let _shared = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    run(name, arguments, test);
}

/// Runs a test in a browser while no other is running.
pub fn alone_in_browser(name: &str, test: impl AsyncFnOnce(&mut Studio)) {
    let _alone = MACHINE.write().unwrap_or_else(PoisonError::into_inner);
    run(name, &[], test);
}

fn run(name: &str, arguments: &[&str], test: impl AsyncFnOnce(&mut Studio)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut studio = Studio::open(name, arguments).await;
        let outcome = {
            let mut test = pin!(test(&mut studio));
            // A test that fails is looked at before its browser closes.
            std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| test.as_mut().poll(context))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(())) => Poll::Ready(Ok(())),
                Err(panic) => Poll::Ready(Err(panic)),
            })
            .await
        };
        if let Err(panic) = outcome {
            studio.explain().await;
            studio.close().await;
            resume_unwind(panic);
        }
        let complaints = studio.complaints().await;
        studio.close().await;
        assert!(complaints.is_empty(), "{name}: there are complaints:\n{}", complaints.join("\n"));
    });
}
