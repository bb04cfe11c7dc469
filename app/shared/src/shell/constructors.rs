//! What runs before `main`. Libraries put constructors into a program, which a native one runs once. In WebAssembly the
//! linker has them run before every function that JavaScript calls, every callback included, unless the program runs them
//! itself; in the worker they are thousands.

/// Runs them. To be called first thing in `main`, and once. Inlined, so that it is compiled only into programs that call
/// it: no other target has what it calls.
#[inline]
#[expect(unsafe_code, reason = "the linker makes the function, and Rust knows it by its name alone")]
pub fn run() {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    // Safety: they are those of this program, take nothing, and run here once, before anything relies on them.
    unsafe { __wasm_call_ctors() }
}
