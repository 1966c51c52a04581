//! Long request bodies at the gateway's own door: what is refused leaves nothing on the disk.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, SystemTime};

use axum::Router;
use pushcast_engine::config::Config;
use pushcast_engine::serve::{Listeners, run};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const LIMIT: usize = 2 << 20;
/// Long enough for a file.
const LONG: usize = 1 << 20;

fn configuration(data: &Path) -> String {
    format!(
        r#"
[server]
data_dir = "{}"
[[lane]]
name = "main"
interface = "lo"
backend = "plain"
[[channel]]
name = "air"
kind = "flute"
bearer = "MBMS"
group = "239.255.50.2"
port = 5050
source = "127.0.0.1"
ttl = 0
tsi = 6
[[initiator]]
name = "pi"
trusted_from = ["127.0.0.0/8"]
body_bytes = {LIMIT}
"#,
        data.display()
    )
}

fn push(content_bytes: usize, close: &str) -> Vec<u8> {
    let control = r#"<?xml version="1.0"?><!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 2.0//EN" "http://www.openmobilealliance.org/tech/DTD/pap_2.0.dtd"><pap><push-message push-id="p"><address address-value="WAPPUSH=group%2Fnone/TYPE=USER@pushcast"/></push-message></pap>"#;
    let head = format!("--b\r\n\r\n{control}\r\n--b\r\nContent-Type: a/b\r\n\r\n");
    let content = vec![b'x'; content_bytes];
    [head.as_bytes(), &content, close.as_bytes()].concat()
}

/// Posts and reads the answer up to its end.
async fn post(gateway: SocketAddr, framing: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(gateway).await.unwrap();
    let head = format!(
        "POST /pap HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
         Content-Type: multipart/related; boundary=b\r\n{framing}\r\n\r\n"
    );
    let (mut reader, mut writer) = stream.split();
    let mut answer = Vec::new();
    let writing = async {
        writer.write_all(head.as_bytes()).await?;
        writer.write_all(body).await
    };
    // A gateway that has refused need not read on.
    let _ = tokio::join!(writing, reader.read_to_end(&mut answer));
    String::from_utf8(answer).unwrap()
}

fn chunk(octets: &[u8]) -> Vec<u8> {
    let size = format!("{:x}\r\n", octets.len());
    [size.as_bytes(), octets, b"\r\n0\r\n\r\n"].concat()
}

#[tokio::test]
async fn refused_and_broken_bodies_leave_nothing() {
    let data = tempfile::tempdir().unwrap();
    let config = Config::parse(&configuration(data.path()), data.path()).unwrap();
    let bind = async || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let listeners = Listeners {
        main: bind().await,
        admin: bind().await,
    };
    let gateway = listeners.main.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(run(config, listeners, |_| Router::new(), async {
        let _ = stopped.await;
    }));

    let announced = |body: &[u8]| format!("Content-Length: {}", body.len());
    let body = push(LONG, "\r\n--b--\r\n");
    let answer = post(gateway, &announced(&body), &body).await;
    assert!(answer.contains("code=\"2001\""), "{answer}");

    let body = push(LONG, "");
    let answer = post(gateway, &announced(&body), &body).await;
    assert!(answer.contains("push-id=\"p\""), "{answer}");
    assert!(answer.contains("code=\"2000\""), "{answer}");

    let answer = post(gateway, &format!("Content-Length: {}", LIMIT + 1), b"").await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");

    let body = chunk(&push(LIMIT, "\r\n--b--\r\n"));
    let answer = post(gateway, "Transfer-Encoding: chunked", &body).await;
    // Octets that nobody reads can cost the answer its way back.
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 413"),
        "{answer}"
    );

    let objects = data.path().join("objects");
    let names: Vec<_> = std::fs::read_dir(&objects)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["tmp"]);
    let unnamed = std::fs::read_dir(objects.join("tmp")).unwrap();
    assert_eq!(unnamed.count(), 0);
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn files_that_no_row_names_are_swept() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("objects/ab");
    std::fs::create_dir_all(&folder).unwrap();
    let make = |digit: &str, age: Duration| {
        let path = folder.join(format!("ab{}", digit.repeat(62)));
        let file = std::fs::File::create(&path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
        path
    };
    let old = make("1", Duration::from_secs(3600));
    // This one may belong to a push that is being taken in.
    let young = make("2", Duration::ZERO);
    let config = Config::parse(&configuration(data.path()), data.path()).unwrap();
    let bind = async || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let listeners = Listeners {
        main: bind().await,
        admin: bind().await,
    };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(run(config, listeners, |_| Router::new(), async {
        let _ = stopped.await;
    }));
    let gone = async {
        while old.exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), gone)
        .await
        .expect("the old file is still there");
    assert!(young.exists());
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}
