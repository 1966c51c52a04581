//! `[tls]` and the certificates of initiators, with real files.

use rcgen::{CertificateParams, KeyPair};

use super::*;

/// A folder with certificate and key, and another key.
fn folder() -> tempfile::TempDir {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["ppg.example".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let folder = folder_with("cert.pem", &certificate.pem(), 0o644);
    for (name, key) in [
        ("key.pem", key),
        ("other.pem", KeyPair::generate().unwrap()),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, key.serialize_pem()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    folder
}

fn text(key_file: &str, more: &str) -> String {
    format!("[tls]\ncert_file = \"cert.pem\"\nkey_file = \"{key_file}\"\n{more}{LANE}{CHANNEL}")
}

fn said(folder: &tempfile::TempDir, text: &str) -> String {
    let errors = Config::parse(text, folder.path()).unwrap_err();
    assert_eq!(errors.errors.len(), 1, "{errors}");
    errors.to_string()
}

#[test]
fn certificate_and_key_count_from_the_folder_of_the_file() {
    let folder = folder();
    let config = Config::parse(&text("key.pem", ""), folder.path()).unwrap();
    let tls = config.tls().unwrap();
    assert_eq!(tls.cert_file, folder.path().join("cert.pem"));
    assert_eq!(tls.client_ca_file, None);
}

#[test]
fn files_that_do_not_fit_are_named_with_their_line() {
    let folder = folder();
    let mismatch = said(&folder, &text("other.pem", ""));
    assert!(mismatch.contains(":3: "), "{mismatch}");
    assert!(mismatch.contains("cannot be used together"), "{mismatch}");
    let none = said(&folder, &text("cert.pem", ""));
    assert!(none.contains("group or others"), "{none}");
    let path = folder.path().join("key.pem");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let open = said(&folder, &text("key.pem", ""));
    assert!(open.contains("key.pem; chmod go-rw"), "{open}");
    let authority = "client_ca_file = \"other.pem\"\n";
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let authority = said(&folder, &text("key.pem", authority));
    assert!(authority.contains("holds no certificate"), "{authority}");
}

#[test]
fn initiators_may_have_certificates_where_clients_are_asked() {
    let folder = folder();
    let digest = "0a".repeat(32);
    let initiator = format!("[[initiator]]\nname = \"x\"\nclient_certificates = [\"{digest}\"]\n");
    let text = text("key.pem", "client_ca_file = \"cert.pem\"\n") + &initiator;
    let config = Config::parse(&text, folder.path()).unwrap();
    let certificates = &config.initiators()[0].client_certificates;
    assert_eq!(certificates[0].to_hex(), digest);
}
