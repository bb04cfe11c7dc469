//! Pooling along time.

use crate::named::named_enum;

named_enum! {
    /// What pooling along time keeps of the samples in a stretch.
    pub enum PoolMode {
        /// Their mean.
        Mean = "mean",
        /// The largest.
        Max = "max",
    }
}
