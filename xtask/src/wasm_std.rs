//! Finds a standard library for wasm32.
//!
//! In this order: the toolchain in use has it; rustup may fetch it; another compiler has the
//! library's source beside it (Debian: rustc-web and rust-web-src), from which cargo builds it. A
//! compiler that is older than the project's oldest counts as none.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::bundle::Bundle;
use crate::command::{program, say};
use crate::packages;

/// The browser's target.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// Debian's compiler, where no other is named.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
/// What has that compiler and the source.
const DEBIAN_PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];
/// Names another compiler that has its library's source.
const RUSTC_VARIABLE: &str = "PUSHCAST_WASM_RUSTC";
/// The oldest compiler that builds the project.
const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");

/// How the client can be built here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WasmStd {
    /// With the toolchain in use.
    Ready,
    /// With this compiler, the library first.
    FromSource {
        /// The compiler whose source is used.
        rustc: PathBuf,
        /// The linker of the toolchain in use.
        linker: PathBuf,
    },
}

/// Another compiler with its library's source, and a linker.
fn from_source() -> Option<WasmStd> {
    let rustc = other_rustc();
    let linker = linker()?;
    is_usable(&rustc).then_some(WasmStd::FromSource { rustc, linker })
}

/// The compiler to use where the one in use has no library for the target.
fn other_rustc() -> PathBuf {
    let named = std::env::var_os(RUSTC_VARIABLE);
    named.unwrap_or_else(|| DEBIAN_RUSTC.into()).into()
}

/// Whether rustup may fetch a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fetching {
    Allowed,
    Refused,
}

/// Looks for one; `None` where there is none, after saying how to get one. What is required is
/// installed where that is possible.
pub(crate) fn find(bundle: Bundle) -> Option<WasmStd> {
    if has_target() {
        return Some(WasmStd::Ready);
    }
    if fetching() == Fetching::Allowed && fetch() && has_target() {
        return Some(WasmStd::Ready);
    }
    if let Some(found) = from_source() {
        return Some(found);
    }
    if bundle == Bundle::Required
        && packages::may_install()
        && packages::install_packages(&DEBIAN_PACKAGES).is_ok()
    {
        return from_source();
    }
    if let Some(version) = version(&other_rustc()).filter(|version| is_old(version)) {
        let rustc = other_rustc();
        say(&format!(
            "{} is {version}, and {OLDEST} is needed: is there a newer package?",
            rustc.display()
        ));
    }
    say(&format!(
        "the browser's half cannot be built: no standard library for {TARGET}.\n\
         Either `rustup target add {TARGET}`, or on Debian\n\
         `apt-get install --no-install-recommends rustc-web rust-web-src`\n\
         (elsewhere {RUSTC_VARIABLE} names a compiler with its library's source)."
    ));
    None
}

/// Fetching is for people at their own machine, and not where rustup is told to leave things be.
fn fetching() -> Fetching {
    let told_not_to = std::env::var_os("RUSTUP_AUTO_INSTALL").is_some_and(|value| value == "0");
    if told_not_to || std::env::var_os("CI").is_some() || is_usable(Path::new(DEBIAN_RUSTC)) {
        Fetching::Refused
    } else {
        Fetching::Allowed
    }
}

fn fetch() -> bool {
    say(&format!("rustup target add {TARGET}"));
    program("rustup", &["target", "add", TARGET]).run().is_ok()
}

/// The compiler that cargo uses.
fn rustc() -> PathBuf {
    std::env::var_os("RUSTC").map_or_else(|| "rustc".into(), PathBuf::from)
}

fn sysroot(rustc: &Path) -> Option<PathBuf> {
    let output = Command::new(rustc)
        .args(["--print", "sysroot"])
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success()).then(|| PathBuf::from(text.trim()))
}

fn has_target() -> bool {
    sysroot(&rustc()).is_some_and(|sysroot| {
        let library = sysroot.join("lib/rustlib").join(TARGET).join("lib");
        std::fs::read_dir(library).is_ok_and(|mut files| files.next().is_some())
    })
}

/// Whether a compiler is new enough and has its library's source.
fn is_usable(rustc: &Path) -> bool {
    has_source(rustc) && version(rustc).is_some_and(|version| !is_old(&version))
}

/// As `rustc --version` says it: `rustc 1.96.0 (..)`.
fn version(rustc: &Path) -> Option<String> {
    let output = Command::new(rustc)
        .arg("--version")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(1).map(str::to_owned)
}

/// Whether a version is older than the project's oldest; what is no version is.
fn is_old(version: &str) -> bool {
    let numbers = |text: &str| {
        let mut parts = text.split('.').map(|part| part.parse::<u32>().ok());
        Some((parts.next()??, parts.next()??))
    };
    numbers(version) < numbers(OLDEST)
}

fn has_source(rustc: &Path) -> bool {
    sysroot(rustc).is_some_and(|sysroot| {
        sysroot
            .join("lib/rustlib/src/rust/library/std/Cargo.toml")
            .is_file()
    })
}

/// The linker for wasm that comes with every toolchain, beside the library of its own machine.
fn linker() -> Option<PathBuf> {
    let own = sysroot(&rustc())?.join("lib/rustlib");
    let machines = std::fs::read_dir(own).ok()?.flatten();
    machines
        .map(|machine| machine.path().join("bin/rust-lld"))
        .find(|linker| linker.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_compiler_is_none() {
        for (version, old) in [
            (OLDEST, false),
            ("1.96.0", false),
            ("2.0.0-nightly", false),
            ("1.85.0", true),
            ("1.9.0", true),
            ("unknown", true),
        ] {
            assert_eq!(is_old(version), old, "{version}");
        }
    }
}
