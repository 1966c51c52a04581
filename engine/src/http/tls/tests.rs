//! Real handshakes on loopback, with certificates made here.

use std::fs::Permissions;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;

use axum::routing::get;
use axum::{Extension, Router};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use reqwest::{Certificate, Client, ClientBuilder, Identity};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::http::listener::{ConnectionLimits, Doors, serve};
use crate::http::peer::{Peer, Transport};
use crate::metrics::{Metrics, Rejection};
use crate::pap::notify::transport;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for a name, its fingerprint, and its key.
fn issue(authority: &Authority, name: &str) -> (String, Sha256, String) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let fingerprint = fingerprint(certificate.der());
    (certificate.pem(), fingerprint, key.serialize_pem())
}

/// A listener that answers with the fingerprint of the client's certificate.
struct Server {
    folder: TempDir,
    authority: Authority,
    clients: Authority,
    tls: Arc<Tls>,
    address: SocketAddr,
    metrics: Arc<Metrics>,
}

impl Server {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (authority, clients) = (authority("servers"), authority("clients"));
        let files = Files {
            cert: folder.path().join("cert.pem"),
            key: folder.path().join("key.pem"),
            client_ca: Some(folder.path().join("clients.pem")),
        };
        let certificate: &rcgen::Certificate = clients.as_ref();
        std::fs::write(folder.path().join("clients.pem"), certificate.pem()).unwrap();
        let (cert, _, key) = issue(&authority, "127.0.0.1");
        write(&folder, &cert, &key);
        let tls = Arc::new(Tls::load(files).unwrap());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = |Extension(peer): Extension<Peer>| async move {
            assert!(matches!(peer.transport, Transport::Tls { .. }));
            peer.certificate().map_or("none".to_owned(), Sha256::to_hex)
        };
        let router = Router::new().route("/", get(answer));
        let doors = Doors {
            limits: ConnectionLimits {
                all: 20,
                per_address: 10,
            },
            tls: Some(Arc::clone(&tls)),
        };
        let metrics = Metrics::new();
        let serving = serve(
            listener,
            router,
            doors,
            Arc::clone(&metrics),
            std::future::pending(),
        );
        tokio::spawn(serving);
        Self {
            folder,
            authority,
            clients,
            tls,
            address,
            metrics,
        }
    }

    /// A client that trusts our servers alone.
    fn client(&self, options: impl Fn(ClientBuilder) -> ClientBuilder) -> Client {
        let certificate: &rcgen::Certificate = self.authority.as_ref();
        let trusted = Certificate::from_pem(certificate.pem().as_bytes()).unwrap();
        transport::client(|builder| options(builder.tls_certs_only([trusted.clone()]))).unwrap()
    }

    async fn ask(&self, client: &Client) -> Result<String, reqwest::Error> {
        let answer = client.get(format!("https://{}/", self.address)).send();
        answer.await?.text().await
    }
}

fn write(folder: &TempDir, cert: &str, key: &str) {
    std::fs::write(folder.path().join("cert.pem"), cert).unwrap();
    let path = folder.path().join("key.pem");
    std::fs::write(&path, key).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn a_client_certificate_is_told_and_none_is_demanded() {
    let server = Server::start().await;
    let anonymous = server.client(|builder| builder);
    assert_eq!(server.ask(&anonymous).await.unwrap(), "none");
    let (cert, fingerprint, key) = issue(&server.clients, "weather");
    let identity = Identity::from_pem(format!("{cert}{key}").as_bytes()).unwrap();
    let known = server.client(|builder| builder.identity(identity.clone()));
    for _ in 0..2 {
        assert_eq!(server.ask(&known).await.unwrap(), fingerprint.to_hex());
    }
    // Signed by somebody else: the handshake ends.
    let (cert, _, key) = issue(&server.authority, "weather");
    let identity = Identity::from_pem(format!("{cert}{key}").as_bytes()).unwrap();
    let stranger = server.client(|builder| builder.identity(identity.clone()));
    assert!(server.ask(&stranger).await.is_err());
}

#[tokio::test]
async fn new_files_serve_new_connections_and_leave_old_ones_alone() {
    let server = Server::start().await;
    let before = server.client(|builder| builder);
    assert_eq!(server.ask(&before).await.unwrap(), "none");

    // A certificate without its key changes nothing.
    let other = authority("others");
    let (cert, _, key) = issue(&other, "127.0.0.1");
    std::fs::write(server.folder.path().join("cert.pem"), &cert).unwrap();
    server.tls.look();
    let still = server.client(|builder| builder);
    assert_eq!(server.ask(&still).await.unwrap(), "none");

    // Nor does a key that others may read, nor no key at all.
    write(&server.folder, &cert, &key);
    let path = server.folder.path().join("key.pem");
    std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    server.tls.look();
    std::fs::remove_file(&path).unwrap();
    server.tls.look();
    let still = server.client(|builder| builder);
    assert_eq!(server.ask(&still).await.unwrap(), "none");

    write(&server.folder, &cert, &key);
    server.tls.look();
    let late = server.client(|builder| builder);
    assert!(
        server.ask(&late).await.is_err(),
        "the old certificate is over"
    );
    let certificate: &rcgen::Certificate = other.as_ref();
    let trusted = Certificate::from_pem(certificate.pem().as_bytes()).unwrap();
    let new = transport::client(|builder| builder.tls_certs_only([trusted.clone()])).unwrap();
    assert_eq!(server.ask(&new).await.unwrap(), "none");
    // Its connection stands: a new one would not trust the new certificate.
    assert_eq!(server.ask(&before).await.unwrap(), "none");
}

#[tokio::test(start_paused = true)]
async fn a_handshake_has_an_end_and_holds_a_place() {
    let server = Server::start().await;
    let mut silent = Vec::new();
    for _ in 0..10 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
    }
    let mut surplus = TcpStream::connect(server.address).await.unwrap();
    let mut refusal = Vec::new();
    let _ = surplus.read_to_end(&mut refusal).await;
    assert!(refusal.is_empty(), "nothing in clear text to a TLS client");
    for stream in &mut silent {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    }
    let rejections = |reason| server.metrics.rejections(reason);
    assert_eq!(rejections(Rejection::ConnectionsPerAddress), 1);
    assert_eq!(rejections(Rejection::Handshake), 10);
}

#[tokio::test]
async fn clear_text_is_no_handshake() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}
