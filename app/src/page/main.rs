//! The page.

mod editor;

fn main() {}
