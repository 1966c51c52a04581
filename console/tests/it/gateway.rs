//! A whole gateway in a process of its own: one channel `air` on loopback, one alias group `all`,
//! and the initiators that a test writes.

use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::process::{Admin, Process, free_port, serve, wait_for};

/// For what happens unless something is wrong.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// An initiator that is trusted from this machine.
pub(crate) const TRUSTED: &str = "[[initiator]]\nname = \"pi\"\ntrusted_from = [\"127.0.0.0/8\"]\n\
     groups = [\"all\"]\n";

/// An initiator that is trusted from this machine, may use every group, and is notified there.
pub(crate) const OPEN: &str = "[[initiator]]\nname = \"pi\"\ntrusted_from = [\"127.0.0.0/8\"]\n\
     groups = [\"*\"]\nnotify_hosts = [\"127.0.0.1\"]\n";

/// What is to be started.
pub(crate) struct Setup {
    pub(crate) folder: TempDir,
    /// More keys of `[server]`.
    server: String,
    /// More sections.
    sections: String,
}

impl Setup {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            server: String::new(),
            sections: String::new(),
        }
    }

    /// With more sections, initiators for example.
    pub(crate) fn with(mut self, sections: &str) -> Self {
        self.sections.push_str(sections);
        self
    }

    /// With more keys of `[server]`.
    pub(crate) fn server(mut self, keys: &str) -> Self {
        self.server.push_str(keys);
        self
    }

    /// With a file beside the configuration that is its owner's alone.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        self
    }

    /// With an initiator that has a password, and the file for it.
    pub(crate) fn with_password(self, name: &str, password: &str, keys: &str) -> Self {
        let hash = secret(password, None);
        self.file(&format!("{name}.phc"), &hash).with(&format!(
            "[[initiator]]\nname = \"{name}\"\npassword_hash_file = \"{name}.phc\"\n\
             groups = [\"all\"]\n{keys}\n"
        ))
    }

    /// The configuration on free ports.
    pub(crate) fn write(&self) -> Written {
        let (listen, admin) = (free_port(), free_port());
        let text = format!(
            r#"
[server]
listen = "127.0.0.1:{listen}"
admin_listen = "127.0.0.1:{admin}"
data_dir = "{data}"
{server}
[[lane]]
name = "main"
interface = "lo"
[[channel]]
name = "air"
kind = "flute"
bearer = "MBMS"
group = "239.255.54.1"
port = {listen}
ttl = 0
tsi = 9
carousel = {{ passes = 1 }}
[[alias_group]]
name = "all"
channels = ["air"]
[[alias_group]]
name = "closed"
channels = ["air"]
{sections}"#,
            data = self.folder.path().join("data").display(),
            server = self.server,
            sections = self.sections,
        );
        let config = self.folder.path().join("pushcast.toml");
        std::fs::write(&config, text).unwrap();
        Written {
            config,
            listen,
            admin: Admin((Ipv4Addr::LOCALHOST, admin).into()),
        }
    }

    /// Starts it and waits until it is ready.
    pub(crate) fn start(self) -> Gateway {
        let written = self.write();
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        let mut process = Process::start(serve(&written.config).stderr(log));
        wait_for("readiness", PATIENCE, || {
            process.expect_running("the gateway");
            written.admin.is_ready().then_some(())
        });
        Gateway {
            setup: self,
            process,
            listen: written.listen,
            admin: written.admin,
        }
    }
}

/// A configuration on the disk.
pub(crate) struct Written {
    pub(crate) config: PathBuf,
    listen: u16,
    admin: Admin,
}

/// A gateway that runs.
pub(crate) struct Gateway {
    setup: Setup,
    pub(crate) process: Process,
    pub(crate) listen: u16,
    pub(crate) admin: Admin,
}

impl Gateway {
    /// Address of its main listener.
    pub(crate) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.listen)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.listen)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends octets and reads what comes up to the end.
    pub(crate) fn exchange(&self, octets: &[u8]) -> String {
        answered(self.connect(), octets)
    }

    /// Posts a body with more header lines, each ending in CR LF.
    pub(crate) fn post(&self, headers: &str, content_type: &str, body: &[u8]) -> String {
        let head = format!(
            "POST /pap HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: {content_type}\r\n\
             Content-Length: {}\r\n{headers}\r\n",
            body.len()
        );
        self.exchange(&[head.as_bytes(), body].concat())
    }

    /// Posts a control entity and a content.
    pub(crate) fn push(&self, headers: &str, control: &str) -> String {
        let body =
            format!("--b\r\n\r\n{control}\r\n--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--\r\n");
        self.post(headers, "multipart/related; boundary=b", body.as_bytes())
    }

    /// Submits a push to a group.
    pub(crate) fn submit(&self, headers: &str, push_id: &str, group: &str) -> String {
        self.push(headers, &submission(push_id, group, ""))
    }

    /// Posts a control entity that needs no content.
    pub(crate) fn ask(&self, headers: &str, control: &str) -> String {
        self.post(headers, "application/xml", control.as_bytes())
    }

    /// Fails if the gateway does not take a push of the trusted initiator as always.
    pub(crate) fn expect_service(&mut self, push_id: &str) {
        self.process.expect_running("the gateway");
        let answer = self.submit("", push_id, "all");
        assert!(answer.contains("code=\"1001\""), "{answer}");
    }

    /// Ends it as an operator does, and waits for the end.
    pub(crate) fn stop(mut self) -> Stopped {
        let id = Pid::from_raw(self.process.id().try_into().unwrap());
        kill(id, Signal::SIGTERM).unwrap();
        let status = self.process.ended("the gateway", PATIENCE);
        Stopped {
            setup: self.setup,
            status,
        }
    }

    /// Folder of everything that is kept.
    pub(crate) fn data(&self) -> PathBuf {
        self.setup.folder.path().join("data")
    }

    /// Everything on its standard error so far.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.setup.folder.path().join("log")).unwrap()
    }

    /// The log so far, without the one line that is said to whoever has started the gateway.
    pub(crate) fn log(&self) -> String {
        let said = self.said();
        let lines = said.lines();
        let logged = lines.filter(|line| !line.starts_with("nobody can sign in yet: "));
        logged.flat_map(|line| [line, "\n"]).collect()
    }
}

/// A gateway that has ended in order.
pub(crate) struct Stopped {
    pub(crate) setup: Setup,
    pub(crate) status: ExitStatus,
}

impl Stopped {
    /// The audit: who, action, reason and count of each row.
    pub(crate) fn audit(&self) -> Vec<(Option<String>, String, String, u64)> {
        let config = self.setup.folder.path().join("pushcast.toml");
        let config = config.to_str().unwrap();
        let verified = pushcast(&["audit", "--config", config, "--verify"]);
        assert!(verified.status.success(), "{verified:?}");
        let printed = pushcast(&["audit", "--config", config, "--json"]);
        let lines = String::from_utf8(printed.stdout).unwrap();
        let row = |line: &str| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| row[key].as_str().map(str::to_owned);
            (
                text("who"),
                text("action").unwrap(),
                text("reason").unwrap(),
                row["count"].as_u64().unwrap(),
            )
        };
        lines.lines().map(row).collect()
    }

    /// How many refusals of a reason are recorded for an account.
    pub(crate) fn refusals(&self, who: Option<&str>, reason: &str) -> u64 {
        let rows = self.audit().into_iter();
        rows.filter(|row| row.0.as_deref() == who && row.2 == reason)
            .map(|row| row.3)
            .sum()
    }

    pub(crate) fn start_again(self) -> Gateway {
        self.setup.start()
    }
}

/// Runs a subcommand to its end.
pub(crate) fn pushcast(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pushcast"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// What belongs into the secret file for a password: a hash, or the digests of an account.
pub(crate) fn secret(password: &str, digest_of: Option<&str>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, format!("{password}\n")).unwrap();
    let mut arguments = vec!["hash-password", "--password-file", file.to_str().unwrap()];
    if let Some(account) = digest_of {
        arguments.extend(["--digest", account]);
    }
    let printed = pushcast(&arguments);
    assert!(printed.status.success(), "{printed:?}");
    String::from_utf8(printed.stdout).unwrap()
}

/// The header line of HTTP Basic.
pub(crate) fn basic(name: &str, password: &str) -> String {
    let token = BASE64_STANDARD.encode(format!("{name}:{password}"));
    format!("Authorization: Basic {token}\r\n")
}

/// A control entity that submits to a group, with more attributes.
pub(crate) fn submission(push_id: &str, group: &str, attributes: &str) -> String {
    let address = format!("<address address-value=\"WAPPUSH=group%2F{group}/TYPE=USER@ppg\"/>");
    control(&format!(
        "<push-message push-id=\"{push_id}\" {attributes}>{address}</push-message>"
    ))
}

/// A PAP document.
pub(crate) fn control(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 2.0//EN\" \
         \"http://www.openmobilealliance.org/tech/DTD/pap_2.0.dtd\"><pap>{inside}</pap>"
    )
}

/// Status of an HTTP answer.
pub(crate) fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    status.unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

/// Writes, and reads what comes up to the end.
pub(crate) fn answered(mut stream: TcpStream, octets: &[u8]) -> String {
    // A gateway that has refused need not read on.
    let _ = stream.write_all(octets);
    read_all(stream)
}

/// Writes and closes this side, as one that has given up waiting; reads what comes.
pub(crate) fn end_with(mut stream: TcpStream, octets: &[u8]) -> String {
    let _ = stream.write_all(octets);
    let _ = stream.shutdown(Shutdown::Write);
    read_all(stream)
}

fn read_all(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
