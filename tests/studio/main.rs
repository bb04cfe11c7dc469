//! The studio in a real browser: what it promises to a person is done here as a person does it, and seen as a person sees
//! it; what it computes is compared with the command line. Pictures of it all are left in `screenshots` of the target
//! folder.

mod answer;
#[path = "../browser/mod.rs"]
mod browser;
mod command_line;
mod control;
mod data;
mod demo;
mod devices;
mod editor;
mod files;
mod killed;
mod looks;
mod losses;
mod offline;
mod run_files;
mod runs;
