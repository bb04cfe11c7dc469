//! What a format has to be able to do.

use async_trait::async_trait;

use super::{Extent, Recording, RecordingError};
use crate::storage::Storage;

/// How files of some kind are recognised and opened.
#[async_trait(?Send)]
pub(super) trait Reader: Sync {
    /// What they are called, and the extension that their names have.
    fn kinds(&self) -> &'static [(&'static str, &'static str)];

    /// Whether a file that starts with `head` is one of them.
    fn recognises(&self, head: &[u8]) -> bool;

    /// Opens a file of `size` bytes that starts with `head`.
    async fn open<'a>(
        &self,
        storage: &'a dyn Storage,
        path: &str,
        size: u64,
        head: Vec<u8>,
        extent: Extent,
    ) -> Result<Box<dyn Recording + 'a>, RecordingError>;
}
