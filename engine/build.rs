//! The migrations are built in: a new one must build the crate anew.

#[allow(
    clippy::print_stdout,
    reason = "this is how a build script speaks to Cargo"
)]
fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
