//! Network namespaces, made for one question and gone with its threads: two that a veth joins, or
//! one alone.

use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::mpsc;
use std::thread::JoinHandle;

use anyhow::{Context as _, anyhow, bail};
use nix::sched::{CloneFlags, unshare};

/// Address of the sending end.
pub(crate) const SENDER: Ipv4Addr = Ipv4Addr::new(10, 66, 0, 1);
/// The sending end.
pub(crate) const SENDING: &str = "bench0";
/// The receiving end.
pub(crate) const RECEIVING: &str = "bench1";

/// Work for the receiving end.
type Work = Box<dyn FnOnce() + Send>;

/// The receiving namespace, kept alive by a thread that works in it.
pub(crate) struct Far {
    work: Option<mpsc::Sender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Far {
    /// Runs something on the receiving side.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        run: impl FnOnce() -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let (answer, answered) = mpsc::channel();
        let work: Work = Box::new(move || {
            let _ = answer.send(run());
        });
        let sender = self.work.as_ref().context("the namespace is gone")?;
        sender
            .send(work)
            .map_err(|_| anyhow!("the namespace is gone"))?;
        Ok(answered.recv()?)
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        self.work = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn ip(arguments: &[&str]) -> anyhow::Result<()> {
    command("ip", arguments)
}

fn command(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let output = Command::new(program).args(arguments).output();
    let output = output.with_context(|| format!("{program} cannot be run"))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        bail!("{program} {}: {}", arguments.join(" "), error.trim());
    }
    Ok(())
}

/// Runs `run` on a thread in a namespace of its own, with the far side at hand. The kernel
/// segments in software there: the sending veth has no offload.
pub(crate) fn joined<T: Send>(
    run: impl FnOnce(&Far) -> anyhow::Result<T> + Send,
) -> anyhow::Result<T> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET).context("a network namespace needs root")?;
            let far = far()?;
            run(&far)
        });
        thread.join().map_err(|_| anyhow!("a thread panicked"))?
    })
}

/// Runs `run` on a thread in a namespace of its own that has only a loopback interface, which also
/// carries multicast. Processes and runtimes that it starts are in there too.
pub(crate) fn alone<T: Send>(run: impl FnOnce() -> anyhow::Result<T> + Send) -> anyhow::Result<T> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET).context("a network namespace needs root")?;
            ip(&["link", "set", "lo", "up"])?;
            ip(&["route", "add", "224.0.0.0/4", "dev", "lo"])?;
            run()
        });
        thread.join().map_err(|_| anyhow!("a thread panicked"))?
    })
}

fn far() -> anyhow::Result<Far> {
    let (work, orders) = mpsc::channel::<Work>();
    let (ready, started) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let made = unshare(CloneFlags::CLONE_NEWNET);
        let _ = ready.send(made.map(|()| nix::unistd::gettid()));
        while let Ok(work) = orders.recv() {
            work();
        }
    });
    let far = Far {
        work: Some(work),
        thread: Some(thread),
    };
    let thread = started.recv()??.to_string();
    ip(&[
        "link", "add", SENDING, "type", "veth", "peer", "name", RECEIVING, "netns", &thread,
    ])?;
    ip(&["address", "add", &format!("{SENDER}/24"), "dev", SENDING])?;
    ip(&["link", "set", SENDING, "up"])?;
    ip(&["link", "set", "lo", "up"])?;
    ip(&["route", "add", "224.0.0.0/4", "dev", SENDING])?;
    command("ethtool", &["-K", SENDING, "tx-udp-segmentation", "off"])?;
    far.run(|| -> anyhow::Result<()> {
        ip(&["address", "add", "10.66.0.2/24", "dev", RECEIVING])?;
        ip(&["link", "set", RECEIVING, "up"])
    })??;
    Ok(far)
}
