//! How much room the browser has.

use wasm_bindgen_futures::JsFuture;
use web_sys::StorageEstimate;

use crate::shell::{
    errors::{Failure, Outcome},
    scope::scope,
};

/// What the browser lets this site keep, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// In use.
    pub used: u64,
    /// Allowed.
    pub quota: u64,
}

impl Room {
    /// As the browser estimates it now.
    ///
    /// # Errors
    /// When it does not tell.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are whole and below 2^53")]
    pub async fn now() -> Outcome<Self> {
        let estimate = async { JsFuture::from(scope().navigator().storage().estimate()?).await };
        let estimate = estimate
            .await
            .map_err(|error| Failure::of_browser("the browser does not tell how much room there is", &error))?;
        let estimate = StorageEstimate::from(estimate);
        let bytes = |value: Option<f64>| value.unwrap_or_default() as u64;
        Ok(Self { used: bytes(estimate.get_usage()), quota: bytes(estimate.get_quota()) })
    }

    /// What is left.
    pub fn free(self) -> u64 {
        self.quota.saturating_sub(self.used)
    }

    /// Refuses what is larger than what is left.
    ///
    /// # Errors
    /// [`FaultKind::NoRoom`](signal_studio_app_shared::protocol::FaultKind::NoRoom) says how much is missing.
    pub fn must_hold(self, bytes: u64) -> Outcome<()> {
        if bytes <= self.free() {
            return Ok(());
        }
        let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
        Err(Failure::no_room(format_args!(
            "these files need {} MB, and the browser has room for {} MB more: delete datasets or runs that are no longer \
             needed, or free some of the disk",
            megabytes(bytes),
            megabytes(self.free())
        )))
    }
}

/// Whether the browser has promised not to remove by itself what is kept.
pub async fn is_persistent() -> bool {
    let persisted = async { JsFuture::from(scope().navigator().storage().persisted()?).await };
    persisted.await.is_ok_and(|answer| answer.is_truthy())
}
