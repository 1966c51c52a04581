//! Cleartext, certificates, Digest, attempts, and what refusals offer.

use axum::http::StatusCode;
use axum::response::Response;

use super::*;
use crate::model::Sha256;

const CLEAR: &str = "192.0.2.9:5000";

fn in_clear(address: &str) -> Peer {
    Peer {
        address: address.parse().unwrap(),
        transport: Transport::Cleartext,
    }
}

fn challenges(response: &Response) -> Vec<&str> {
    let values = response.headers().get_all(header::WWW_AUTHENTICATE);
    values.iter().map(|value| value.to_str().unwrap()).collect()
}

async fn text(response: Response) -> String {
    let body = axum::body::to_bytes(response.into_body(), 1000).await;
    String::from_utf8(body.unwrap().to_vec()).unwrap()
}

/// `weather` with a password and digests of it.
fn with_digests() -> Authenticator {
    let weather = initiator("weather", Some("sesame"), &[]);
    let digests =
        DigestSecrets::from([(weather.name.clone(), DigestSecret::new("weather", "sesame"))]);
    Authenticator::new(vec![weather], digests, Cleartext::LoopbackOnly).unwrap()
}

/// What a client answers to a nonce.
fn answer(name: &str, password: &str, nonce: &str, count: u32) -> HeaderValue {
    use sha2::{Digest as _, Sha256};
    let hash = |text: String| -> String {
        let digest = Sha256::digest(text);
        digest.iter().map(|octet| format!("{octet:02x}")).collect()
    };
    let ha1 = hash(format!("{name}:pushcast:{password}"));
    let ha2 = hash("POST:/pap".to_owned());
    let response = hash(format!("{ha1}:{nonce}:{count:08x}:c:auth:{ha2}"));
    let value = format!(
        "Digest username=\"{name}\", realm=\"pushcast\", nonce=\"{nonce}\", uri=\"/pap\", \
         algorithm=SHA-256, qop=auth, nc={count:08x}, cnonce=\"c\", response=\"{response}\""
    );
    HeaderValue::try_from(value).unwrap()
}

/// The nonce of the strongest challenge.
fn nonce(authenticator: &Authenticator, now_ns: u64) -> String {
    let refusal = authenticator.refusal(AuthError::Missing, &in_clear(CLEAR), now_ns);
    let challenge = challenges(&refusal)[0];
    assert!(challenge.contains("algorithm=SHA-256"), "{challenge}");
    let nonce = challenge.split("nonce=\"").nth(1).unwrap();
    nonce.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_password_is_not_taken_where_it_can_be_read_on_the_way() {
    let authenticator = authenticator();
    let right = basic("weather", "sesame");
    let far = in_clear(CLEAR);
    let entered = enter_by(&authenticator, &far, Some(&right), 0).await;
    assert_eq!(entered, Err(AuthError::Cleartext));
    assert_eq!(authenticator.hashed(), 0);
    let refusal = authenticator.refusal(AuthError::Cleartext, &far, 0);
    assert_eq!(refusal.status(), StatusCode::FORBIDDEN);
    assert!(challenges(&refusal).is_empty());
    assert!(text(refusal).await.contains("use https"));
    // Without credentials there is nothing to be offered either.
    let refusal = authenticator.refusal(AuthError::Missing, &far, 0);
    assert_eq!(refusal.status(), StatusCode::FORBIDDEN);

    let near = in_clear("127.0.0.1:5000");
    let entered = enter_by(&authenticator, &near, Some(&right), 0).await;
    assert_eq!(entered.as_deref(), Ok("weather"));
    let allowed =
        Authenticator::new(everybody(), DigestSecrets::new(), Cleartext::Allowed).unwrap();
    let entered = enter_by(&allowed, &far, Some(&right), 0).await;
    assert_eq!(entered.as_deref(), Ok("weather"));
}

#[tokio::test]
async fn a_certificate_stands_for_its_initiator() {
    let certificate = Sha256([9; 32]);
    let certified = Initiator {
        client_certificates: vec![Sha256([8; 32]), certificate],
        ..initiator("certified", None, &[])
    };
    let authenticator = of(vec![initiator("lab", None, &["127.0.0.0/8"]), certified]);
    let with = |address: &str, certificate| Peer {
        transport: Transport::Tls {
            certificate: Some(certificate),
        },
        ..peer(address)
    };
    let cases = [
        (with(FAR, certificate), Ok("certified")),
        (with("127.0.0.1", certificate), Ok("certified")),
        (with("127.0.0.1", Sha256([7; 32])), Ok("lab")),
        (with(FAR, Sha256([7; 32])), Err(AuthError::Missing)),
    ];
    for (peer, expected) in cases {
        let entered = enter_by(&authenticator, &peer, None, 0).await;
        assert_eq!(entered.as_deref().map_err(|error| *error), expected);
    }
    let wrong = basic("certified", "x");
    let entered = enter_by(&authenticator, &with(FAR, certificate), Some(&wrong), 0).await;
    assert_eq!(entered, Err(AuthError::Wrong));
}

#[tokio::test]
async fn digest_lets_in_once_for_each_count_of_a_nonce() {
    let authenticator = with_digests();
    let far = in_clear(CLEAR);
    let nonce = nonce(&authenticator, 7);
    for count in 1..=3 {
        let right = answer("weather", "sesame", &nonce, count);
        let entered = enter_by(&authenticator, &far, Some(&right), 8).await;
        assert_eq!(entered.as_deref(), Ok("weather"));
        let entered = enter_by(&authenticator, &far, Some(&right), 8).await;
        assert_eq!(entered, Err(AuthError::Stale), "a captured request again");
    }
    for (name, password) in [("weather", "Sesame"), ("nobody", "sesame")] {
        let wrong = answer(name, password, &nonce, 9);
        let entered = enter_by(&authenticator, &far, Some(&wrong), 8).await;
        assert_eq!(entered, Err(AuthError::Wrong));
    }
    let late = answer("weather", "sesame", &nonce, 4);
    let entered = enter_by(&authenticator, &far, Some(&late), 301 * NS_PER_S).await;
    assert_eq!(entered, Err(AuthError::Stale));
    let refusal = authenticator.refusal(AuthError::Stale, &far, 0);
    assert_eq!(refusal.status(), StatusCode::UNAUTHORIZED);
    let offered = challenges(&refusal);
    assert_eq!(offered.len(), 2, "no Basic in clear text");
    assert!(offered.iter().all(|offer| offer.ends_with("stale=true")));
    assert_eq!(authenticator.hashed(), 0);
}

#[tokio::test]
async fn attempts_come_to_an_end_for_known_and_unknown_names_alike() {
    let authenticator = with_digests();
    for name in ["weather", "nobody"] {
        for number in 0..10 {
            let wrong = basic(name, &format!("wrong {number}"));
            let entered = enter(&authenticator, FAR, Some(&wrong), 0).await;
            assert_eq!(entered, Err(AuthError::Wrong));
        }
        for way in [basic(name, "sesame"), answer(name, "sesame", "n", 1)] {
            let entered = enter(&authenticator, FAR, Some(&way), 0).await;
            assert!(matches!(entered, Err(AuthError::Attempts { .. })), "{name}");
        }
    }
    assert_eq!(authenticator.hashed(), 20);
    let right = basic("weather", "sesame");
    let elsewhere = enter(&authenticator, "192.0.2.99", Some(&right), 0).await;
    assert_eq!(elsewhere.as_deref(), Ok("weather"));
    // What is remembered is no attempt, so nobody is shut out by others.
    let entered = enter(&authenticator, FAR, Some(&right), 1).await;
    assert_eq!(entered.as_deref(), Ok("weather"));
    let wait = Duration::from_secs(59);
    let refusal = authenticator.refusal(AuthError::Attempts { wait }, &peer(FAR), 0);
    assert_eq!(refusal.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refusal.headers()[header::RETRY_AFTER], "60");
}

#[tokio::test]
async fn refusals_tell_nothing_of_the_account() {
    let authenticator = authenticator();
    let mut texts = Vec::new();
    for error in [AuthError::Wrong, AuthError::Missing, AuthError::Malformed] {
        let refusal = authenticator.refusal(error, &peer(FAR), 0);
        assert_eq!(refusal.status(), StatusCode::UNAUTHORIZED);
        let offered = challenges(&refusal);
        assert_eq!(offered, ["Basic realm=\"pushcast\", charset=\"UTF-8\""]);
        texts.push(text(refusal).await);
    }
    assert!(
        texts
            .iter()
            .all(|text| text == "valid credentials are needed\n")
    );
    let refusal = authenticator.refusal(AuthError::Busy, &peer(FAR), 0);
    assert_eq!(refusal.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refusal.headers()[header::RETRY_AFTER], "1");
}

#[test]
fn only_accounts_that_exist_are_recorded() {
    let authenticator = authenticator();
    let claimed = |name| authenticator.claimed(Some(&basic(name, "x")));
    assert_eq!(claimed("weather"), Some("weather".parse().unwrap()));
    // Some type their password where the name belongs.
    assert_eq!(claimed("sesame"), None);
    assert_eq!(authenticator.claimed(None), None);
}
