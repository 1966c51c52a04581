//! What another process asks of the kernel, seen and spoilt by strace.

use std::process::{Command, Stdio};

use tempfile::NamedTempFile;

use crate::gateway::PATIENCE;
use crate::process::{Process, wait_for};

/// A process that is watched until this is dropped.
pub(crate) struct Traced {
    _strace: Process,
    calls: NamedTempFile,
}

impl Traced {
    /// Watches all threads of a process. `None`, after saying so, where this machine cannot.
    pub(crate) fn attach(id: u32, arguments: &[&str]) -> Option<Self> {
        let calls = NamedTempFile::new().unwrap();
        if Command::new("strace").arg("-V").output().is_err() {
            println!("SKIPPED what is traced: no strace");
            return None;
        }
        let mut command = Command::new("strace");
        command
            .args(["-f", "-qq", "-p", &id.to_string(), "-o"])
            .arg(calls.path())
            .args(arguments)
            .stderr(Stdio::null());
        let mut strace = Process::start(&mut command);
        let attached = wait_for("strace", PATIENCE, || {
            // It ends well where what it watched has ended already, by what was spoilt.
            if let Some(ended) = strace.child().try_wait().unwrap() {
                return Some(ended.success());
            }
            threads(id).iter().all(|traced| *traced).then_some(true)
        });
        if !attached {
            println!("SKIPPED what is traced: strace may not");
            return None;
        }
        Some(Self {
            _strace: strace,
            calls,
        })
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> String {
        std::fs::read_to_string(self.calls.path()).unwrap()
    }
}

/// Of each thread of a process, whether it is traced.
fn threads(id: u32) -> Vec<bool> {
    let threads = std::fs::read_dir(format!("/proc/{id}/task")).unwrap();
    threads
        .flatten()
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("status")).ok())
        .map(|status| {
            let tracer = status
                .lines()
                .find_map(|line| line.strip_prefix("TracerPid:"));
            tracer.is_some_and(|tracer| tracer.trim() != "0")
        })
        .collect()
}
