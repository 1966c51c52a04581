//! Two namespaces, a veth between them, and what it loses.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::sched::{CloneFlags, setns};

use crate::process::wait_for;

/// Another address of the near end, which means nothing beyond the link.
pub(super) const LINK_LOCAL: &str = "fe80::77";

/// A link must be up so soon.
const PATIENCE: Duration = Duration::from_secs(30);

/// One end of the veth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Where the gateway is.
    Near,
    /// Where the receiver is.
    Far,
}

impl Side {
    const BOTH: [Self; 2] = [Self::Near, Self::Far];

    pub(super) const fn interface(self) -> &'static str {
        match self {
            Self::Near => "near0",
            Self::Far => "far0",
        }
    }

    const fn addresses(self) -> &'static [&'static str] {
        match self {
            Self::Near => &["10.77.0.1/24", "fd77::1/64", "fe80::77/64"],
            Self::Far => &["10.77.0.2/24", "fd77::2/64"],
        }
    }
}

/// The namespaces; they go with this value.
pub(super) struct Namespaces {
    names: [String; 2],
}

impl Namespaces {
    /// Makes them, or says why this machine cannot.
    pub(super) fn join(name: &str) -> Result<Self, String> {
        for needed in ["ip", "nft", "ethtool"] {
            program(needed).ok_or_else(|| format!("{needed} is not installed"))?;
        }
        let id = std::process::id();
        let namespaces = Self {
            names: ["near", "far"].map(|side| format!("pushcast-{id}-{name}-{side}")),
        };
        for name in &namespaces.names {
            run("ip", &["netns", "add", name])?;
        }
        let [near, far] = &namespaces.names;
        run(
            "ip",
            &[
                "link", "add", "near0", "netns", near, "type", "veth", "peer", "name", "far0",
                "netns", far,
            ],
        )?;
        for side in Side::BOTH {
            let ip = |arguments: &[&str]| {
                run("ip", &[&["-n", namespaces.name(side)], arguments].concat())
            };
            for address in side.addresses() {
                let nodad: &[&str] = if address.contains(':') {
                    &["nodad"]
                } else {
                    &[]
                };
                let add = ["address", "add", address, "dev", side.interface()];
                ip(&[&add, nodad].concat())?;
            }
            ip(&["link", "set", "lo", "up"])?;
            ip(&["link", "set", side.interface(), "up"])?;
        }
        // The kernel takes up to a second to find that a link is up; IPv6 waits for that.
        wait_for("the link", PATIENCE, || {
            let is_up = |side| {
                namespaces
                    .ip(side, &["link", "show", "up"])
                    .contains("state UP")
            };
            Side::BOTH.into_iter().all(is_up).then_some(())
        });
        Ok(namespaces)
    }

    /// What `ip` says of one side.
    fn ip(&self, side: Side, arguments: &[&str]) -> String {
        let mut command = Command::new(program("ip").unwrap());
        let output = command
            .args(["-n", self.name(side)])
            .args(arguments)
            .output();
        String::from_utf8_lossy(&output.unwrap().stdout).into_owned()
    }

    fn name(&self, side: Side) -> &str {
        match side {
            Side::Near => &self.names[0],
            Side::Far => &self.names[1],
        }
    }

    /// A program to be run on one side.
    pub(super) fn command(&self, side: Side, name: &str) -> Command {
        let mut command = Command::new(program("ip").unwrap());
        command.args(["netns", "exec", self.name(side)]).arg(name);
        command
    }

    /// Runs something on a thread that lives on one side.
    pub(super) fn inside<T: Send + 'static>(
        &self,
        side: Side,
        run: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        let namespace = File::open(format!("/var/run/netns/{}", self.name(side))).unwrap();
        std::thread::spawn(move || {
            setns(&namespace, CloneFlags::CLONE_NEWNET).unwrap();
            run()
        })
    }

    /// The sending kernel segments before the veth, so that each datagram is lost by itself.
    pub(super) fn segment_in_software(&self) {
        let ethtool = program("ethtool").unwrap();
        let mut command = self.command(Side::Near, ethtool.to_str().unwrap());
        command.args(["-K", Side::Near.interface(), "tx-udp-segmentation", "off"]);
        assert!(command.status().unwrap().success());
    }

    /// Drops so many of a hundred datagrams to a port before the far side hears them.
    pub(super) fn lose(&self, percent: u32, port: u16) {
        let rules = format!(
            "table inet loss {{
                chain arriving {{
                    type filter hook prerouting priority -300;
                    udp dport {port} numgen random mod 100 < {percent} drop
                }}
            }}"
        );
        let nft = program("nft").unwrap();
        let mut command = self.command(Side::Far, nft.to_str().unwrap());
        let mut child = command
            .args(["-f", "-"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(rules.as_bytes())
            .unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// Waits until somebody on the far side has joined a group of the tests.
    pub(super) fn wait_for_member(&self, patience: Duration) {
        wait_for("a member of the group", patience, || {
            let groups = self.ip(Side::Far, &["maddress", "show", Side::Far.interface()]);
            (groups.contains("239.255.77") || groups.contains("ff15::77")).then_some(())
        });
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        for name in &self.names {
            let _ = run("ip", &["netns", "delete", name]);
        }
    }
}

/// Debian keeps these programs beside PATH.
fn program(name: &str) -> Option<PathBuf> {
    ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]
        .into_iter()
        .map(|folder| PathBuf::from(folder).join(name))
        .find(|path| path.is_file())
}

fn run(name: &str, arguments: &[&str]) -> Result<(), String> {
    let program = program(name).ok_or_else(|| format!("{name} is not installed"))?;
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let error = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(format!("{name} {}: {error}", arguments.join(" ")))
}
