//! The browser's private file system.

mod append_file;
mod disk;
mod folder;
mod incoming;
mod new_file;

pub use self::{append_file::AppendFile, folder::Opfs, new_file::NewFile};
