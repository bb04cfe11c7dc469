//! What belongs to no topic: the page's requests, what is sent to it, where things lie, errors, and time.

pub mod blobs;
pub mod errors;
pub mod event_loop;
pub mod home;
pub mod library;
pub mod lock;
pub mod panic;
pub mod post;
pub mod requests;
pub mod room;
pub mod scope;
pub mod single_instance;
