//! A centre that is spoken to in CAP over TLS.

use super::*;

/// Certificates of an authority: of a server and of a client, with their keys.
struct Certificates {
    authority: String,
    server: (String, String),
    client: (String, String),
}

fn certificates() -> Certificates {
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let authority = parameters.self_signed(&key).unwrap();
    let authority_pem = authority.pem();
    let issuer = rcgen::Issuer::new(parameters, key);
    let signed = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        let parameters = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = parameters.signed_by(&key, &issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    };
    Certificates {
        authority: authority_pem,
        server: signed("localhost"),
        client: signed("pushcast"),
    }
}

fn private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// A centre that speaks CAP and lets nobody in without a certificate.
async fn cap_centre(
    folder: &Path,
    certificates: &Certificates,
) -> (String, mpsc::Receiver<String>) {
    private(&folder.join("server.pem"), &certificates.server.0);
    private(&folder.join("server.key"), &certificates.server.1);
    private(&folder.join("ca.pem"), &certificates.authority);
    let files = crate::http::tls::Files::from(&crate::config::Tls {
        cert_file: folder.join("server.pem"),
        key_file: folder.join("server.key"),
        client_ca_file: Some(folder.join("ca.pem")),
    });
    let server = files.read().unwrap().server().unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(server));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (came, alerts) = mpsc::channel(16);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, came) = (acceptor.clone(), came.clone());
            tokio::spawn(async move { talk_cap(acceptor.accept(stream).await, came).await });
        }
    });
    (format!("https://localhost:{port}/cap"), alerts)
}

async fn talk_cap(
    stream: std::io::Result<tokio_rustls::server::TlsStream<TcpStream>>,
    came: mpsc::Sender<String>,
) {
    let Ok(mut stream) = stream else { return };
    // Without a certificate of a client nothing is looked at.
    if stream.get_ref().1.peer_certificates().is_none() {
        return;
    }
    answer_cap(&mut stream, &came).await;
}

async fn answer_cap(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    came: &mpsc::Sender<String>,
) {
    while let Some(octets) = request(stream).await {
        let text = String::from_utf8(octets).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /cap HTTP/1.1"), "{head}");
        let alert = cap::Alert::read(body.as_bytes()).unwrap();
        let sent = Timestamp::of_unix(1_800_000_001).unwrap();
        let ack = alert.ack("ack-1".parse().unwrap(), "cbc".parse().unwrap(), sent);
        let ack = ack.write().unwrap();
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/cap+xml\r\nContent-Length: {}\r\n\r\n{ack}",
            ack.len()
        );
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = came.send(body.to_owned()).await;
    }
}

#[tokio::test]
async fn cap_goes_over_tls_with_certificates_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = certificates();
    let (url, mut alerts) = cap_centre(folder.path(), &certificates).await;
    private(&folder.path().join("client.pem"), &certificates.client.0);
    private(&folder.path().join("client.key"), &certificates.client.1);
    let known = LinkSpec {
        speaks: Speaks::Cap {
            sender: "pushcast@example.org".to_owned(),
            prefix: None,
        },
        cert_file: Some(folder.path().join("client.pem")),
        key_file: Some(folder.path().join("client.key")),
        ca_file: Some(folder.path().join("ca.pem")),
        ..spec(&url)
    };
    known.check().unwrap();
    let clock = Clock::system();
    let (link, mut events) = started(known.clone(), &clock);
    let until_ms = clock.unix_ms() + 60_000;
    link.add(alert(1, until_ms)).await.unwrap();
    is_taken(&mut events).await;
    let asked = cap::Alert::read(alerts.recv().await.unwrap().as_bytes()).unwrap();
    assert_eq!(asked.msg_type, cap::MsgType::Alert);
    assert_eq!(asked.identifier.as_str(), "message-1");
    // A newer version is an Update that names the first.
    let mut newer = alert(2, until_ms);
    let first = alert(1, until_ms).messages.remove(0);
    let update = &mut newer.messages[0];
    update.broadcast.message_id = first.broadcast.message_id;
    update.broadcast.serial = SerialNumber(0x4011);
    update.stamps.insert(0, first.stamps[0].clone());
    update.earlier = Some((first.id.clone(), first.reference()));
    link.add(newer).await.unwrap();
    let mut replaced = false;
    while !replaced {
        let event = next(&mut events).await;
        replaced = matches!(
            event,
            Event::Ended {
                alert: ObjectKey(1),
                how: Ending::Replaced,
                ..
            }
        );
    }
    let asked = cap::Alert::read(alerts.recv().await.unwrap().as_bytes()).unwrap();
    assert_eq!(asked.msg_type, cap::MsgType::Update);
    assert_eq!(asked.references[0].identifier.as_str(), "message-1");
    link.stop(ObjectKey(2)).await;
    let asked = cap::Alert::read(alerts.recv().await.unwrap().as_bytes()).unwrap();
    assert_eq!(asked.msg_type, cap::MsgType::Cancel);
    assert_eq!(asked.references.len(), 2);
    // Without our certificate nothing is taken.
    let nobody = LinkSpec {
        cert_file: None,
        key_file: None,
        ..known
    };
    let way = Transport::new(&nobody).unwrap();
    let cap = Centre::new(&nobody).unwrap();
    let message = alert(3, until_ms).messages.remove(0);
    let request = cap.submit(&message.broadcast, &message.stamps[0]).unwrap();
    let exchange = way.exchange(&request).await;
    assert!(
        matches!(exchange, Exchange::NoAnswer | Exchange::NotSent),
        "{exchange:?}"
    );
    assert!(alerts.try_recv().is_err());
}
