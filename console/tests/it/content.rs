//! Service indications, service loadings and cache operations from the PI to the receiver.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use pushcast_engine::model::submission::{Authentication, PapVersion};
use pushcast_engine::model::{
    Address, Body, Content, Delivery, Lineage, MessageState, Sha256, StatusCode, Submission,
};
use pushcast_engine::store::Store;
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Admin, Process, free_port, serve, wait_for};

const PATIENCE: Duration = Duration::from_secs(60);
/// Longest exchange with the gateway.
const EXCHANGE: Duration = Duration::from_secs(20);

const SAMPLES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../engine/tests/samples/content"
);

/// A gateway on loopback with one channel, `air`.
struct Gateway {
    // Dropped first: it writes to the folder.
    process: Process,
    folder: TempDir,
    port: u16,
    admin: Admin,
}

impl Gateway {
    /// `more` are further lines of the channel.
    fn start(more: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), more)
    }

    fn start_in(folder: TempDir, more: &str) -> Self {
        let (port, admin) = (free_port(), free_port());
        let config = configure(folder.path(), (port, admin), more);
        let mut gateway = Self {
            process: Process::start(serve(&config).stderr(Stdio::null())),
            folder,
            port,
            admin: Admin((Ipv4Addr::LOCALHOST, admin).into()),
        };
        wait_for("readiness", PATIENCE, || {
            gateway.process.expect_running("the gateway");
            gateway.admin.is_ready().then_some(())
        });
        gateway
    }

    fn ppg(&self) -> String {
        format!("http://127.0.0.1:{}/pap", self.port)
    }

    fn submit(&self, push_id: &str, content_type: &str, file: &Path, more: &[&str]) -> Value {
        let ppg = self.ppg();
        let mut arguments = vec!["submit", "--json", "--ppg", &ppg, "--to", "group/all"];
        let file = file.to_str().unwrap();
        arguments.extend([
            "--push-id",
            push_id,
            "--content-type",
            content_type,
            "--file",
            file,
        ]);
        arguments.extend(more);
        told(&pushcast(&arguments))
    }

    /// Posts a submission with a capabilities entity; the answer.
    fn submit_with_capabilities(&self, push_id: &str, profile: &str) -> String {
        let control = format!(
            "<pap><push-message push-id=\"{push_id}\"><address \
             address-value=\"WAPPUSH=group%2Fall/TYPE=USER@ppg\"/></push-message></pap>"
        );
        let content = std::fs::read_to_string(format!("{SAMPLES}/si.xml")).unwrap();
        let parts = [
            ("application/xml", control.as_str()),
            ("text/vnd.wap.si", &content),
            ("application/xml", profile),
        ];
        let body: String = parts
            .iter()
            .map(|(media_type, octets)| {
                format!("--limit\r\nContent-Type: {media_type}\r\n\r\n{octets}\r\n")
            })
            .collect();
        let body = format!("{body}--limit--\r\n");
        let request = format!(
            "POST /pap HTTP/1.1\r\nHost: ppg\r\nConnection: close\r\nContent-Type: \
             multipart/related; boundary=limit; type=\"application/xml\"\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        stream.set_read_timeout(Some(EXCHANGE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

fn configure(folder: &Path, (port, admin): (u16, u16), more: &str) -> std::path::PathBuf {
    let config = folder.join("pushcast.toml");
    let text = format!(
        r#"
[server]
listen = "127.0.0.1:{port}"
admin_listen = "127.0.0.1:{admin}"
data_dir = "{data}"
[[lane]]
name = "main"
interface = "lo"
[[channel]]
name = "air"
kind = "flute"
bearer = "MBMS"
group = "239.255.53.1"
port = {port}
ttl = 0
tsi = 9
carousel = {{ until = "expiry", delay_ms = 200 }}
{more}
[[alias_group]]
name = "all"
channels = ["air"]
[[initiator]]
name = "pi"
trusted_from = ["127.0.0.0/8"]
groups = ["*"]
"#,
        data = folder.join("data").display(),
    );
    std::fs::write(&config, text).unwrap();
    config
}

fn pushcast(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pushcast"));
    command.args(arguments).output().unwrap()
}

/// The only line of an answer.
fn told(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn documents_go_out_in_binary_and_are_shown_where_they_arrive() {
    let gateway = Gateway::start("");
    for (kind, content_type) in [
        ("si", "text/vnd.wap.si"),
        ("sl", "text/vnd.wap.sl"),
        ("co", "text/vnd.wap.co"),
    ] {
        let file = format!("{SAMPLES}/{kind}.xml");
        let answer = gateway.submit(kind, content_type, Path::new(&file), &[]);
        assert_eq!(answer["code"], 1001, "{answer}");
    }
    let out = gateway.folder.path().join("out");
    let session = format!("http://127.0.0.1:{}/sessions/air.sdp", gateway.port);
    let received = pushcast(&[
        "receive",
        "--json",
        "--session",
        &session,
        "--interface",
        "lo",
        "--count",
        "3",
        "--out",
        out.to_str().unwrap(),
    ]);
    assert!(received.status.success(), "{received:?}");
    let lines = String::from_utf8(received.stdout).unwrap();
    let files: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (kind, content_type) in [
        ("si", "application/vnd.wap.sic"),
        ("sl", "application/vnd.wap.slc"),
        ("co", "application/vnd.wap.coc"),
    ] {
        let file = files.iter().find(|file| file["push"]["kind"] == kind);
        let file = file.unwrap_or_else(|| panic!("no {kind} in {lines}"));
        assert_eq!(file["content_type"], content_type);
        let octets = std::fs::read(out.join(file["path"].as_str().unwrap())).unwrap();
        let sample = std::fs::read(format!("{SAMPLES}/{kind}.wbxml")).unwrap();
        assert_eq!(octets, sample, "{kind}");
    }
}

#[test]
fn what_cannot_be_encoded_is_refused_with_line_and_reason() {
    let gateway = Gateway::start("");
    let file = gateway.folder.path().join("content");
    std::fs::write(&file, "<si>\n<indication created=\"today\"/></si>").unwrap();
    let answer = gateway.submit("bad", "text/vnd.wap.si", &file, &[]);
    assert_eq!(answer["code"], 3006);
    let desc = answer["desc"].as_str().unwrap();
    assert!(desc.contains("line 2: \"today\" is not possible"), "{desc}");
    // Longer than what is held in memory.
    std::fs::write(&file, vec![b' '; 100_000]).unwrap();
    let answer = gateway.submit("long", "text/vnd.wap.si", &file, &[]);
    assert_eq!(answer["code"], 3006);
    let answer = gateway.submit("id", "text/plain", &file, &["--app-id", "no id"]);
    assert_eq!(answer["code"], 2000);
    // Nothing of it is known.
    let status = pushcast(&["status", "--ppg", &gateway.ppg(), "--json", "bad"]);
    assert_eq!(told(&status)["code"], 2004);
}

#[test]
fn assumed_capabilities_are_compared_with_those_of_the_channel() {
    let profile = |bytes: u32| {
        format!(
            "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
             <Push-MsgSize>{bytes}</Push-MsgSize></rdf:RDF>"
        )
    };
    let gateway = Gateway::start("");
    let answer = gateway.submit_with_capabilities("unknown", &profile(100));
    assert!(answer.contains("code=\"3004\""), "{answer}");
    let declared =
        "capabilities = { accept = [\"application/vnd.wap.sic\"], message_bytes = 1000 }";
    let gateway = Gateway::start(declared);
    for (push_id, profile, code) in [
        ("fits", profile(1000), "1001"),
        ("more", profile(1001), "2005"),
        ("none", "<html/>".to_owned(), "2000"),
    ] {
        let answer = gateway.submit_with_capabilities(push_id, &profile);
        assert!(
            answer.contains(&format!("code=\"{code}\"")),
            "{push_id}: {answer}"
        );
    }
    let file = gateway.folder.path().join("content");
    std::fs::write(&file, "text").unwrap();
    let answer = gateway.submit("type", "text/plain", &file, &[]);
    assert_eq!(answer["code"], 2006, "{answer}");
}

/// A push that a gateway has taken in whose channels wanted another form.
fn taken_in(push_id: &str, body: &[u8]) -> (Submission, Delivery) {
    let now = std::time::SystemTime::now();
    let now_ms = now
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis() as u64;
    let submission = Submission {
        id: push_id.parse().unwrap(),
        initiator: "pi".parse().unwrap(),
        authentication: Authentication::Network,
        push_id: push_id.parse().unwrap(),
        lineage: Lineage::first(&push_id.parse().unwrap()),
        request_sha256: Sha256([0; 32]),
        pap_version: PapVersion::V2_0,
        pi_lists_versions: false,
        received_ms: now_ms,
        deliver_after_ms: None,
        deliver_before_ms: now_ms + 3_600_000,
        deliver_before_given: false,
        source_reference: None,
        notify_url: None,
        progress_notes: false,
        quality_of_service: None,
        addresses: vec![Address::group(&"all".parse().unwrap(), "ppg").unwrap()],
        content: Content {
            content_type: "text/vnd.wap.si".to_owned(),
            headers: Vec::new(),
            body: Body::Inline(body.to_vec()),
        },
    };
    let delivery = Delivery {
        id: push_id.parse().unwrap(),
        submission_id: submission.id.clone(),
        address: submission.addresses[0].clone(),
        state: MessageState::Pending,
        code: StatusCode::Ok,
        desc: String::new(),
        event_ms: now_ms,
        bearer: None,
    };
    (submission, delivery)
}

#[test]
fn what_turns_out_impossible_when_it_is_due_is_undeliverable_and_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let database = format!("sqlite:{}", data.join("pushcast.db").display());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(&database, "before").await.unwrap();
        for (push_id, body) in [
            ("impossible", &b"<si>\n<indication/><b/></si>"[..]),
            ("possible", b"<si><indication>Aln</indication></si>"),
        ] {
            let (submission, delivery) = taken_in(push_id, body);
            store.submit(submission, vec![delivery]).await.unwrap();
        }
        store.close().await.unwrap();
    });
    let gateway = Gateway::start_in(folder, "");
    let ppg = gateway.ppg();
    let became = |push_id: &str, state: &str| {
        wait_for(state, PATIENCE, || {
            let status = told(&pushcast(&["status", "--ppg", &ppg, "--json", push_id]));
            (status["state"] != "pending").then_some(status)
        })
    };
    let impossible = became("impossible", "undeliverable");
    assert_eq!(impossible["state"], "undeliverable");
    assert_eq!(impossible["code"], 3006);
    let desc = impossible["desc"].as_str().unwrap();
    assert!(desc.contains("line 2: \"b\" has no place in si"), "{desc}");
    assert_eq!(became("possible", "delivered")["state"], "delivered");
}
