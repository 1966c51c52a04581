//! The browser's half: built, made ready for the browser, named by what is in it, compressed.
//!
//! ```text
//!  target/site/manifest.txt          script=console-HASH.js, module=console-HASH.wasm
//!  target/site/pkg/console-HASH.js   and .js.gz
//!  target/site/pkg/console-HASH.wasm and .wasm.gz
//! ```

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::command::{Program, cargo, say};
use crate::wasm_std::{self, TARGET, WasmStd};

/// The client's package, and its profile.
const PACKAGE: &str = "pushcast-console-client";
const PROFILE: &str = "wasm-release";
/// What the bundle may have, gzipped, octets.
const MAX_BUNDLE_BYTES: usize = 150_000;

/// Whether the console may go without the browser's half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bundle {
    Wanted,
    Required,
}

impl Bundle {
    /// Takes `--require-bundle` out of the arguments.
    pub(crate) fn of(arguments: &mut Vec<String>) -> Self {
        let before = arguments.len();
        arguments.retain(|argument| argument != "--require-bundle");
        if arguments.len() < before {
            Self::Required
        } else {
            Self::Wanted
        }
    }
}

/// Where cargo builds.
pub(crate) fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from)
}

/// Builds it. The folder for the server, or `None` where it cannot be built and need not be.
pub(crate) fn build(bundle: Bundle) -> anyhow::Result<Option<PathBuf>> {
    let Some(found) = wasm_std::find(bundle) else {
        if bundle == Bundle::Required {
            bail!("the browser's half is required and cannot be built here");
        }
        say("the console runs without it: every page works, none is live");
        return Ok(None);
    };
    let target = target_folder().join("wasm");
    compile(&found, &target)?;
    let module = target
        .join(TARGET)
        .join(PROFILE)
        .join("pushcast_console_client.wasm");
    let site = target_folder().join("site");
    write_site(&module, &site)?;
    let site = std::path::absolute(site)?;
    Ok(Some(site))
}

/// A folder of its own: another compiler would throw away what the server's build left, and the
/// other way round.
fn compile(found: &WasmStd, target: &Path) -> anyhow::Result<()> {
    let target = target.to_string_lossy().into_owned();
    let mut arguments = vec![
        "build".to_owned(),
        format!("--package={PACKAGE}"),
        format!("--target={TARGET}"),
        format!("--profile={PROFILE}"),
        format!("--target-dir={target}"),
    ];
    let build = |arguments: Vec<String>| cargo(&[]).with(&arguments);
    let build: Program = match found {
        WasmStd::Ready => build(arguments),
        WasmStd::FromSource { rustc, linker } => {
            arguments.push("-Zbuild-std=std,panic_abort".to_owned());
            arguments.push("-Zbuild-std-features=optimize_for_size".to_owned());
            build(arguments)
                // Nobody reads a panic in a browser: without their texts it is a quarter smaller.
                .env(
                    "RUSTFLAGS",
                    "--cfg erase_components -Zunstable-options -Cpanic=immediate-abort",
                )
                .env("RUSTC", &rustc.to_string_lossy())
                .env("RUSTC_BOOTSTRAP", "1")
                .env(
                    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
                    &linker.to_string_lossy(),
                )
        }
    };
    build.run().context("the browser's half does not build")
}

fn write_site(module: &Path, site: &Path) -> anyhow::Result<()> {
    let work = tempfile::tempdir().context("no temporary folder")?;
    Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .out_name("console")
        .generate(work.path())
        .context("the module cannot be made ready for the browser")?;
    let script = std::fs::read(work.path().join("console.js"))?;
    let module = std::fs::read(work.path().join("console_bg.wasm"))?;
    let package = site.join("pkg");
    let _ = std::fs::remove_dir_all(site);
    std::fs::create_dir_all(&package)?;
    let script = Asset::write(&package, "js", &script)?;
    let module = Asset::write(&package, "wasm", &module)?;
    let bytes = script.gzip_bytes + module.gzip_bytes;
    say(&format!("bundle: {bytes} octets gzipped"));
    if bytes > MAX_BUNDLE_BYTES {
        bail!("the bundle has {bytes} octets gzipped, at most {MAX_BUNDLE_BYTES} are allowed");
    }
    let manifest = format!("script={}\nmodule={}\n", script.name, module.name);
    std::fs::write(site.join("manifest.txt"), manifest)?;
    Ok(())
}

/// A file under the name that its content gives it, with its compressed form beside it.
struct Asset {
    name: String,
    gzip_bytes: usize,
}

impl Asset {
    fn write(folder: &Path, extension: &str, content: &[u8]) -> anyhow::Result<Self> {
        let digest = Sha256::digest(content);
        let hash: String = digest[..8]
            .iter()
            .map(|octet| format!("{octet:02x}"))
            .collect();
        let name = format!("console-{hash}.{extension}");
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(content)?;
        let gzip = gzip.finish()?;
        std::fs::write(folder.join(&name), content)?;
        std::fs::write(folder.join(format!("{name}.gz")), &gzip)?;
        Ok(Self {
            name,
            gzip_bytes: gzip.len(),
        })
    }
}
