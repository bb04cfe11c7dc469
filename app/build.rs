//! Leaves the names of functions out of the WebAssembly: only a debugger reads them, and they would be a quarter of it.

fn main() {
    println!("cargo::rerun-if-changed=../build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|architecture| architecture == "wasm32") {
        println!("cargo::rustc-link-arg-bins=--strip-all");
        // wasm-bindgen goes by it.
        println!("cargo::rustc-link-arg-bins=--keep-section=target_features");
    }
}
