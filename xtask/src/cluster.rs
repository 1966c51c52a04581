//! A private PostgreSQL server that lives as long as the tests: no network, its own folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::packages;

/// A running server.
pub(crate) struct Cluster {
    folder: tempfile::TempDir,
    pg_ctl: PathBuf,
}

impl Cluster {
    /// Starts one; `None` where PostgreSQL is not installed.
    pub(crate) fn start() -> anyhow::Result<Option<Self>> {
        let (Some(initdb), Some(pg_ctl)) = (packages::find("initdb"), packages::find("pg_ctl"))
        else {
            return Ok(None);
        };
        let folder = tempfile::Builder::new()
            .prefix("pushcast-pg-")
            .tempdir()
            .context("no temporary folder")?;
        if packages::is_root() {
            succeed(Command::new("chown").arg("postgres").arg(folder.path()))?;
        }
        let cluster = Self { folder, pg_ctl };
        let data = cluster.data();
        let encoding = [
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ];
        succeed(as_postgres(&initdb).arg("-D").arg(&data).args(encoding))?;
        let options = format!(
            "-k {} -c listen_addresses='' -c max_connections=300",
            cluster.folder.path().display()
        );
        let log = cluster.folder.path().join("log");
        succeed(
            as_postgres(&cluster.pg_ctl)
                .arg("-D")
                .arg(&data)
                .arg("-w")
                .arg("-l")
                .arg(log)
                .arg("-o")
                .arg(options)
                .arg("start"),
        )?;
        Ok(Some(cluster))
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Address of the server, through its socket.
    pub(crate) fn url(&self) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{folder}/postgres")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        let _ = succeed(as_postgres(&self.pg_ctl).arg("-D").arg(data).args([
            "-m",
            "immediate",
            "-w",
            "stop",
        ]));
    }
}

/// The program as user postgres: PostgreSQL refuses to run as root.
fn as_postgres(program: &Path) -> Command {
    if !packages::is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .arg(program);
    command
}

fn succeed(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    // The server keeps what it inherits open, so it gets no pipe of ours.
    let errors = tempfile::tempfile().context("no temporary file")?;
    let status = command
        .current_dir("/")
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(errors.try_clone()?)
        .status()
        .with_context(|| format!("cannot run {name}"))?;
    if status.success() {
        return Ok(());
    }
    let mut text = String::new();
    let mut errors = errors;
    std::io::Seek::rewind(&mut errors)?;
    std::io::Read::read_to_string(&mut errors, &mut text)?;
    bail!("{name} ended with {status}: {}", text.trim());
}
