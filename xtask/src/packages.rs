//! Programs that the tests use besides the Rust toolchain.

use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::command::{program, say};

/// A program, and the Debian package that has it.
struct Need {
    program: &'static str,
    package: &'static str,
    purpose: &'static str,
}

const NEEDS: &[Need] = &[
    Need {
        program: "initdb",
        package: "postgresql",
        purpose: "the store on PostgreSQL",
    },
    Need {
        program: "pg_ctl",
        package: "postgresql",
        purpose: "the store on PostgreSQL",
    },
    Need {
        program: "ip",
        package: "iproute2",
        purpose: "network namespaces",
    },
    Need {
        program: "nft",
        package: "nftables",
        purpose: "packet loss",
    },
    Need {
        program: "ethtool",
        package: "ethtool",
        purpose: "packet loss without segmentation offload",
    },
    Need {
        program: "xml2wbxml",
        package: "libwbxml2-utils",
        purpose: "comparing WBXML with another encoder",
    },
    Need {
        program: "wbxml2xml",
        package: "libwbxml2-utils",
        purpose: "comparing WBXML with another decoder",
    },
    Need {
        program: "test_ppg",
        package: "kannel-extras",
        purpose: "submissions by another client",
    },
    Need {
        program: "bearerbox",
        package: "kannel",
        purpose: "measuring submissions beside another gateway",
    },
    Need {
        program: "tshark",
        package: "tshark",
        purpose: "reading Cell Broadcast pages with another decoder",
    },
    Need {
        program: "xmllint",
        package: "libxml2-utils",
        purpose: "checking answers against the DTD",
    },
    Need {
        program: "strace",
        package: "strace",
        purpose: "disks that fail, files that must not be opened",
    },
    Need {
        program: "chromium",
        package: "chromium",
        purpose: "the console in a browser",
    },
    Need {
        program: "node",
        package: "nodejs",
        purpose: "driving the browser",
    },
    Need {
        program: "npm",
        package: "npm",
        purpose: "the driver of the browser",
    },
    Need {
        program: "setpriv",
        package: "util-linux",
        purpose: "running PostgreSQL as its own user",
    },
];

/// Where Debian has Kannel's test programs.
const KANNEL: &str = "/usr/lib/kannel/test";

/// Folders beside PATH where Debian keeps such programs.
fn folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(["/usr/sbin", "/sbin", KANNEL].map(PathBuf::from));
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    folders.extend(versions.map(|version| version.path().join("bin")));
    folders
}

/// Where a program is.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    folders()
        .into_iter()
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// Whether this process may do everything.
pub(crate) fn is_root() -> bool {
    std::fs::metadata("/proc/self")
        .is_ok_and(|metadata| std::os::unix::fs::MetadataExt::uid(&metadata) == 0)
}

/// Whether packages can be installed here.
pub(crate) fn may_install() -> bool {
    is_root() && Path::new("/etc/debian_version").exists()
}

/// Installs Debian packages and nothing that they only recommend.
pub(crate) fn install_packages(packages: &[&str]) -> anyhow::Result<()> {
    say(&format!("installing {}", packages.join(", ")));
    program("apt-get", &["update", "-q"]).run()?;
    let mut arguments = vec!["install", "-q", "-y", "--no-install-recommends"];
    arguments.extend(packages);
    program("apt-get", &arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run()
}

/// Installs what is missing as root on Debian; elsewhere says what is missing and what for.
pub(crate) fn install() -> anyhow::Result<()> {
    let missing: Vec<&Need> = NEEDS
        .iter()
        .filter(|need| find(need.program).is_none())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !may_install() {
        for need in missing {
            say(&format!(
                "missing: {} (Debian package {}), for {}",
                need.program, need.package, need.purpose
            ));
        }
        return Ok(());
    }
    let mut packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    packages.sort_unstable();
    packages.dedup();
    install_packages(&packages)?;
    match NEEDS.iter().find(|need| find(need.program).is_none()) {
        Some(need) => bail!(
            "{} is still missing after installing {}",
            need.program,
            need.package
        ),
        None => Ok(()),
    }
}
