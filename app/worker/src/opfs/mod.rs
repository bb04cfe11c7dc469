//! The browser's private file system.

mod disk;
mod folder;
mod incoming;
mod new_file;

pub use self::{folder::Opfs, new_file::NewFile};
