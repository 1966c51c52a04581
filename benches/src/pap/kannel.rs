//! Debian's Kannel: bearerbox and wapbox with its push proxy gateway.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use super::load::{Connection, on_this_thread};
use super::request::{ACCOUNT, BASIC, Form, PASSWORD, SI};

/// How it is named in the table.
pub(crate) const NAME: &str = "Kannel, not durable";
/// Port of its gateway.
pub(crate) const PORT: u16 = 18080;
/// How long both boxes may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// What Kannel takes: PAP 1.0, one IPv4 address. It sends the push to UDP port 2948 there.
pub(crate) fn form() -> Form {
    Form {
        path: "/wappush",
        version: "1.0",
        address: "WAPPUSH=127.0.0.1/TYPE=IPv4@kannel".to_owned(),
        groups: 1,
        attributes: String::new(),
        quality_of_service: "<quality-of-service delivery-method=\"unconfirmed\" \
            network-required=\"false\" network=\"Any\" bearer-required=\"false\" bearer=\"Any\"/>",
        content: ("text/vnd.wap.si", SI.to_owned()),
        basic: BASIC,
    }
}

fn program(name: &str) -> Option<PathBuf> {
    ["/usr/sbin", "/usr/bin", "/usr/local/sbin"]
        .into_iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.is_file())
}

/// Whether it is installed.
pub(crate) fn is_installed() -> bool {
    program("bearerbox").is_some() && program("wapbox").is_some()
}

/// Both boxes, ended when dropped.
pub(crate) struct Kannel {
    boxes: Vec<Child>,
    folder: tempfile::TempDir,
}

impl Kannel {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("kannel.conf"), configuration())?;
        let mut kannel = Self {
            boxes: Vec::new(),
            folder,
        };
        kannel.run("bearerbox")?;
        // wapbox gives up if there is nobody to connect to.
        listening(13002)?;
        kannel.run("wapbox")?;
        listening(PORT)?;
        kannel.answers()?;
        Ok(kannel)
    }

    fn run(&mut self, name: &str) -> anyhow::Result<()> {
        let program = program(name).with_context(|| format!("{name} is not installed"))?;
        let child = Command::new(program)
            .args(["-v", "4", "kannel.conf"])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        self.boxes.push(child);
        Ok(())
    }

    /// It listens before it is connected with its other half.
    fn answers(&self) -> anyhow::Result<()> {
        let began = Instant::now();
        let mut number = 0;
        loop {
            let request = form().request(&format!("first-{number}@bench"), 0);
            let answered = on_this_thread(async {
                let mut connection = Connection::open(PORT).await?;
                connection.submit(&request).await
            })?;
            match answered {
                Ok(()) => return Ok(()),
                Err(error) if began.elapsed() > PATIENCE => return Err(error),
                Err(_) => number += 1,
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Kannel {
    fn drop(&mut self) {
        for child in self.boxes.iter_mut().rev() {
            // One may have ended with the other.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn listening(port: u16) -> anyhow::Result<()> {
    let began = Instant::now();
    while std::net::TcpStream::connect((std::net::Ipv4Addr::LOCALHOST, port)).is_err() {
        ensure!(
            began.elapsed() < PATIENCE,
            "Kannel does not listen on {port}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// As little logging as it can; its store is written every ten seconds and never waited for.
fn configuration() -> String {
    format!(
        r#"
group = core
admin-port = 13000
admin-password = nobody
wapbox-port = 13002
wdp-interface-name = "127.0.0.1"
log-file = "bearerbox.log"
log-level = 4
store-type = file
store-location = "kannel.store"
store-dump-freq = 10

group = wapbox
bearerbox-host = 127.0.0.1
log-file = "wapbox.log"
log-level = 4
syslog-level = none

group = ppg
ppg-url = /wappush
ppg-port = {PORT}
concurrent-pushes = 100
trusted-pi = false
users = 1024
ppg-allow-ip = "127.0.0.1"

group = wap-push-user
wap-push-user = {ACCOUNT}
ppg-username = {ACCOUNT}
ppg-password = "{PASSWORD}"
allow-ip = "127.0.0.1"
"#
    )
}
