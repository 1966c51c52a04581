//! Alerts over Cell Broadcast: a gateway and simulated centres, each in a process of its own.
//!
//! The oracle is what the centre was asked for and what its handset has shown, beside what the PI was
//! told.

mod binary;
mod crashes;
mod quirks;
mod refused;
mod taken_back;
mod texts;
mod tools;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use pushcast_engine::client::pap::PapClient;
use pushcast_engine::pap::Response;
use pushcast_engine::pap::message::PushMessage;
use pushcast_engine::pap::mime::Entity;
use pushcast_engine::pap::response::{PushResponse, StatusResult};
use serde_json::{Value, json};

use crate::lab::PATIENCE;
use crate::process::{Process, free_port, wait_for};

/// Air time goes by so much faster than on the air.
const SPEED: &str = "50";

/// A simulated centre.
pub(crate) struct Centre {
    process: Process,
    port: u16,
    command_port: Option<u16>,
}

impl Centre {
    /// One that does everything right, without a command port.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// One with more arguments.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        Self::at(free_port(), None, arguments)
    }

    /// One with a command port that tells about cells.
    pub(crate) fn watched(arguments: &[&str]) -> Self {
        Self::at(free_port(), Some(free_port()), arguments)
    }

    /// One at a port that a gateway knows already.
    pub(crate) fn at(port: u16, command_port: Option<u16>, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pushcast"));
        command.args(["cbc", "--json", "--speed", SPEED, "--listen"]);
        command.arg(format!("127.0.0.1:{port}"));
        if let Some(port) = command_port {
            command.args(["--command-port", &format!("127.0.0.1:{port}")]);
        }
        command.args(arguments).stdout(Stdio::null());
        let process = Process::start(&mut command);
        let centre = Self {
            process,
            port,
            command_port,
        };
        wait_for("the centre", PATIENCE, || {
            centre.ask("GET", "state", "").ok()
        });
        centre
    }

    /// `[[cbc]]` of that name, with more keys.
    pub(crate) fn link(&self, name: &str, rest: &str) -> String {
        let command_port = self.command_port.map_or(String::new(), |port| {
            format!("command_port = \"127.0.0.1:{port}\"\n")
        });
        format!(
            "[[cbc]]\nname = \"{name}\"\nadapter = \"ecbe\"\nurl = \"http://127.0.0.1:{}\"\n\
             {command_port}{rest}\n",
            self.port
        )
    }

    /// Ends it without warning.
    pub(crate) fn kill(self) -> u16 {
        let port = self.port;
        drop(self.process);
        port
    }

    fn ask(&self, method: &str, what: &str, body: &str) -> std::io::Result<String> {
        self.request(method, &format!("/simulator/{what}"), body)
    }

    /// Somebody else puts a message on the air.
    pub(crate) fn is_used_by_somebody_else(&self, message_id: u16) {
        let body = json!({
            "cbe_name": "somebody else",
            "repetition_period": 30,
            "num_of_bcast": 100,
            "scope": {"scope_plmn": {}},
            "smscb_message": {
                "message_id": message_id,
                "serial_nr": {"serial_nr_encoded": 0x4ff0},
                "payload": {"payload_encoded": {"dcs": 15, "pages": ["0d".repeat(82)]}},
            },
        });
        let path = "/api/ecbe/v1/message";
        let answer = self.request("POST", path, &body.to_string()).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }

    fn request(&self, method: &str, path: &str, body: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// What is on the air, what was asked for, what the handset has shown.
    pub(crate) fn state(&self) -> Value {
        let answer = self.ask("GET", "state", "").unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// Switches quirks; what is left out is as it should be.
    pub(crate) fn switch(&self, quirks: &Value) {
        let answer = self.ask("PUT", "quirks", &quirks.to_string()).unwrap();
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    }

    /// Everything as it should be.
    pub(crate) fn behave(&self) {
        self.switch(&json!({}));
    }

    /// The centre forgets everything.
    pub(crate) fn restart(&self) {
        self.ask("POST", "restart", "").unwrap();
    }

    /// Identifiers and serial numbers that are on the air.
    pub(crate) fn on_air(&self) -> Vec<(u64, u64)> {
        pairs(&self.state()["on_air"])
    }

    /// Identifiers and serial numbers that were ever asked for.
    pub(crate) fn asked_for(&self) -> Vec<(u64, u64)> {
        pairs(&self.state()["asked_for"])
    }

    /// Texts that the handset has shown.
    pub(crate) fn texts(&self) -> Vec<String> {
        let state = self.state();
        let shown = state["shown"].as_array().unwrap().iter();
        shown
            .filter_map(|shown| shown["text"].as_str().map(str::to_owned))
            .collect()
    }

    /// Waits until the handset shows a text.
    pub(crate) fn shows(&self, text: &str) {
        wait_for(text, PATIENCE, || {
            self.texts().iter().any(|shown| shown == text).then_some(())
        });
    }

    /// Waits until so many messages are on the air.
    pub(crate) fn has_on_air(&self, count: usize) -> Vec<(u64, u64)> {
        wait_for("messages on the air", PATIENCE, || {
            Some(self.on_air()).filter(|on_air| on_air.len() == count)
        })
    }

    /// Fails where two contents were asked for under one serial number.
    pub(crate) fn expect_no_conflict(&self) {
        assert_eq!(pairs(&self.state()["conflicts"]), []);
    }
}

fn pairs(value: &Value) -> Vec<(u64, u64)> {
    let pair = |pair: &Value| (pair[0].as_u64().unwrap(), pair[1].as_u64().unwrap());
    value.as_array().unwrap().iter().map(pair).collect()
}

/// A Cell Broadcast channel `cells` of the centre `one`, with more keys, and a group `all` of it.
pub(crate) fn cells(rest: &str) -> String {
    format!(
        "[[channel]]\nname = \"cells\"\nkind = \"cbs\"\nlink = \"one\"\n{rest}\n\
         [[alias_group]]\nname = \"all\"\nchannels = [\"cells\"]\ndeliver = \"all\"\n"
    )
}

/// The operator's own identifiers, one broadcast every 60 s.
pub(crate) const POOL: &str = "message_ids = [\"40960-40999\"]";

pub(crate) fn text(text: &str) -> Entity {
    typed("text/plain; charset=utf-8", text.as_bytes())
}

pub(crate) fn typed(content_type: &str, body: &[u8]) -> Entity {
    Entity {
        content_type: content_type.to_owned(),
        headers: Vec::new(),
        body: body.to_vec(),
    }
}

pub(crate) async fn submit(client: &PapClient, push: PushMessage, entity: &Entity) -> PushResponse {
    match client.submit(push, entity).await.unwrap() {
        Response::Push(answer) => answer,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn accept(client: &PapClient, push: PushMessage, entity: &Entity) {
    let answer = submit(client, push, entity).await;
    assert_eq!(answer.code.number(), 1001, "{answer:?}");
}

/// The one result of a push, once its state is final.
pub(crate) async fn ended(client: &PapClient, push_id: &str) -> StatusResult {
    let asked = async {
        loop {
            let mut results = crate::lab::status(client, push_id).await;
            if results.iter().all(|result| result.state.is_final()) {
                assert_eq!(results.len(), 1, "{results:?}");
                return results.remove(0);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap()
}
