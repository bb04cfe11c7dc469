//! What belongs to no topic: the frame, the link to the worker, what the page knows, messages, texts that are kept.

pub mod app;
pub mod drop_anywhere;
pub mod fault_notice;
pub mod leaving;
pub mod library;
pub mod link;
pub mod loaded;
pub mod local_text;
pub mod other_tabs;
pub mod selection;
pub mod studio;
pub mod theme;
pub mod toasts;
pub mod view;
pub mod worker_events;
