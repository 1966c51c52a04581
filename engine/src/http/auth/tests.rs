use std::net::IpAddr;

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::passwords::{MAX_HASHING, MAX_WAITING};
use super::*;
use crate::http::peer::Transport;

mod ways_in;

const FAR: &str = "192.0.2.7";
const NS_PER_S: u64 = 1_000_000_000;

/// A hash that costs next to nothing.
fn cheap(password: &str) -> String {
    let params = Params::new(8, 1, 1, None).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2.hash_password_with_salt(password.as_bytes(), b"some salt");
    hash.unwrap().to_string()
}

fn initiator(name: &str, password: Option<&str>, trusted_from: &[&str]) -> Initiator {
    let networks = trusted_from.iter().map(|network| network.parse().unwrap());
    Initiator {
        password_hash: password.map(cheap),
        trusted_from: networks.collect(),
        ..Initiator::named(name.parse().unwrap())
    }
}

/// `weather` with a password, `lab` trusted on loopback, `both` with a password or from 10/8.
fn everybody() -> Vec<Initiator> {
    vec![
        initiator("weather", Some("sesame"), &[]),
        initiator("lab", None, &["127.0.0.0/8", "::1"]),
        initiator("both", Some("secret"), &["10.0.0.0/8", "127.0.0.1"]),
    ]
}

fn authenticator() -> Authenticator {
    of(everybody())
}

fn of(initiators: Vec<Initiator>) -> Authenticator {
    Authenticator::new(initiators, DigestSecrets::new(), Cleartext::LoopbackOnly).unwrap()
}

/// Someone at an address, through TLS.
fn peer(address: &str) -> Peer {
    Peer {
        address: (address.parse::<IpAddr>().unwrap(), 5000).into(),
        transport: Transport::Tls { certificate: None },
    }
}

fn basic(name: &str, password: &str) -> HeaderValue {
    let token = BASE64_STANDARD.encode(format!("{name}:{password}"));
    HeaderValue::try_from(format!("Basic {token}")).unwrap()
}

/// The name of the initiator that is let in.
async fn enter(
    authenticator: &Authenticator,
    address: &str,
    authorization: Option<&HeaderValue>,
    now_ns: u64,
) -> Result<String, AuthError> {
    enter_by(authenticator, &peer(address), authorization, now_ns).await
}

async fn enter_by(
    authenticator: &Authenticator,
    peer: &Peer,
    authorization: Option<&HeaderValue>,
    now_ns: u64,
) -> Result<String, AuthError> {
    let asking = Asking {
        peer,
        method: &Method::POST,
        uri: &Uri::from_static("/pap"),
        authorization,
    };
    let known = authenticator.authenticate(&asking, now_ns).await?;
    let expected = match authorization {
        Some(value) if value.as_bytes().starts_with(b"Digest") => Authentication::Digest,
        Some(_) => Authentication::Basic,
        None if known.initiator.name.as_str() == "certified" => Authentication::Certificate,
        None => Authentication::Network,
    };
    assert_eq!(known.by, expected);
    Ok(known.initiator.name.to_string())
}

#[tokio::test]
async fn a_right_password_lets_in_from_anywhere() {
    let authenticator = authenticator();
    for (name, password) in [("weather", "sesame"), ("both", "secret")] {
        let credentials = basic(name, password);
        for peer in [FAR, "127.0.0.1", "2001:db8::1"] {
            let entered = enter(&authenticator, peer, Some(&credentials), 0).await;
            assert_eq!(entered.as_deref(), Ok(name));
        }
    }
}

#[tokio::test]
async fn everything_else_is_refused_and_costs_one_hash() {
    let authenticator = authenticator();
    let cases = [
        ("weather", "Sesame"),
        ("weather", "secret"),
        ("weather", ""),
        ("Weather", "sesame"),
        ("nobody", "sesame"),
        ("", ""),
        ("a/b", "sesame"),
        // It has no password, so no password is right.
        ("lab", ""),
        ("lab", "sesame"),
    ];
    for (number, (name, password)) in (1..).zip(cases) {
        let entered = enter(&authenticator, FAR, Some(&basic(name, password)), 0).await;
        assert_eq!(entered, Err(AuthError::Wrong), "{name}:{password}");
        assert_eq!(authenticator.hashed(), number);
    }
}

#[tokio::test]
async fn a_name_without_a_password_is_no_account_even_where_the_picked_hash_matches() {
    let only = vec![initiator("weather", Some("sesame"), &[])];
    let authenticator = of(only);
    let entered = enter(&authenticator, FAR, Some(&basic("nobody", "sesame")), 0).await;
    assert_eq!(entered, Err(AuthError::Wrong));
}

#[tokio::test]
async fn wrong_credentials_are_not_made_good_by_a_trusted_network() {
    let authenticator = authenticator();
    for value in [
        "Basic !",
        "Basic",
        "Bearer x",
        "",
        "Digest username=\"lab\"",
    ] {
        let value = HeaderValue::from_static(value);
        let entered = enter(&authenticator, "127.0.0.1", Some(&value), 0).await;
        assert_eq!(entered, Err(AuthError::Malformed));
    }
    assert_eq!(authenticator.hashed(), 0);
    let entered = enter(&authenticator, "127.0.0.1", Some(&basic("lab", "x")), 0).await;
    assert_eq!(entered, Err(AuthError::Wrong));
}

#[tokio::test]
async fn without_credentials_the_network_decides() {
    let authenticator = authenticator();
    let cases = [
        ("127.0.0.1", Ok("lab")),
        ("::1", Ok("lab")),
        ("::ffff:127.9.9.9", Ok("lab")),
        ("10.1.2.3", Ok("both")),
        ("::ffff:10.1.2.3", Ok("both")),
        ("::ffff:11.1.2.3", Err(AuthError::Missing)),
        (FAR, Err(AuthError::Missing)),
        ("2001:db8::1", Err(AuthError::Missing)),
    ];
    for (peer, expected) in cases {
        let entered = enter(&authenticator, peer, None, 0).await;
        assert_eq!(
            entered.as_deref().map_err(|error| *error),
            expected,
            "{peer}"
        );
    }
    assert_eq!(authenticator.hashed(), 0);
}

#[tokio::test]
async fn a_right_credential_is_remembered_for_a_while() {
    let authenticator = authenticator();
    let credentials = basic("weather", "sesame");
    let lifetime_ns = REMEMBERED_FOR.as_secs() * NS_PER_S;
    for (now_ns, hashed) in [
        (0, 1),
        (1, 1),
        (lifetime_ns - 1, 1),
        (lifetime_ns, 2),
        (2 * lifetime_ns - 1, 2),
        (2 * lifetime_ns, 3),
    ] {
        let entered = enter(&authenticator, FAR, Some(&credentials), now_ns).await;
        assert_eq!(entered.as_deref(), Ok("weather"));
        assert_eq!(authenticator.hashed(), hashed, "{now_ns}");
    }
}

#[tokio::test]
async fn a_wrong_credential_is_never_remembered() {
    let authenticator = authenticator();
    let right = basic("weather", "sesame");
    assert!(enter(&authenticator, FAR, Some(&right), 0).await.is_ok());
    for hashed in 2..5 {
        let entered = enter(&authenticator, FAR, Some(&basic("weather", "open")), 0).await;
        assert_eq!(entered, Err(AuthError::Wrong));
        assert_eq!(authenticator.hashed(), hashed);
    }
}

#[tokio::test]
async fn what_is_remembered_goes_with_its_account() {
    let authenticator = authenticator();
    let weather = basic("weather", "sesame");
    let both = basic("both", "secret");
    assert!(enter(&authenticator, FAR, Some(&weather), 0).await.is_ok());
    assert!(enter(&authenticator, FAR, Some(&both), 0).await.is_ok());

    let mut changed = everybody();
    changed[0].password_hash = Some(cheap("other"));
    authenticator.update(changed.clone(), DigestSecrets::new());
    let entered = enter(&authenticator, FAR, Some(&weather), 0).await;
    assert_eq!(entered, Err(AuthError::Wrong));
    let entered = enter(&authenticator, FAR, Some(&basic("weather", "other")), 0).await;
    assert_eq!(entered.as_deref(), Ok("weather"));
    assert_eq!(authenticator.hashed(), 4);
    assert!(enter(&authenticator, FAR, Some(&both), 0).await.is_ok());
    assert_eq!(
        authenticator.hashed(),
        4,
        "the other account did not change"
    );

    changed[2].groups.push("*".to_owned());
    authenticator.update(changed.clone(), DigestSecrets::new());
    assert!(enter(&authenticator, FAR, Some(&both), 0).await.is_ok());
    assert_eq!(authenticator.hashed(), 5);

    changed.pop();
    authenticator.update(changed, DigestSecrets::new());
    let entered = enter(&authenticator, FAR, Some(&both), 0).await;
    assert_eq!(entered, Err(AuthError::Wrong));
    assert!(enter(&authenticator, "10.1.2.3", None, 0).await.is_err());
}

#[tokio::test]
async fn one_hash_serves_all_that_come_with_the_same_right_credential() {
    let authenticator = Arc::new(authenticator());
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let authenticator = Arc::clone(&authenticator);
        requests.spawn(async move {
            enter(&authenticator, FAR, Some(&basic("weather", "sesame")), 0).await
        });
    }
    while let Some(entered) = requests.join_next().await {
        assert_eq!(entered.unwrap().as_deref(), Ok("weather"));
    }
    assert_eq!(authenticator.hashed(), 1);
}

#[tokio::test]
async fn a_full_queue_is_told_to_wait() {
    let authenticator = Arc::new(authenticator());
    let threads = Arc::clone(&authenticator.passwords.threads);
    let held = threads
        .acquire_many_owned(MAX_HASHING as u32)
        .await
        .unwrap();
    let mut requests = tokio::task::JoinSet::new();
    for number in 0..MAX_HASHING + MAX_WAITING {
        let authenticator = Arc::clone(&authenticator);
        let credentials = basic("weather", &number.to_string());
        // Each from another address, which has attempts of its own.
        let address = format!("192.0.2.{number}");
        requests.spawn(async move { enter(&authenticator, &address, Some(&credentials), 0).await });
    }
    while authenticator.passwords.places_left() > 0 {
        tokio::task::yield_now().await;
    }
    let right = basic("weather", "sesame");
    let entered = enter(&authenticator, FAR, Some(&right), 0).await;
    assert_eq!(entered, Err(AuthError::Busy));
    // Neither trusted peers nor what is remembered have to queue.
    assert!(enter(&authenticator, "127.0.0.1", None, 0).await.is_ok());

    // Who goes away leaves its place to another.
    requests.abort_all();
    while requests.join_next().await.is_some() {}
    drop(held);
    let entered = enter(&authenticator, FAR, Some(&right), 0).await;
    assert_eq!(entered.as_deref(), Ok("weather"));
    assert_eq!(authenticator.hashed(), 1);
}

#[tokio::test]
async fn an_account_whose_hash_cannot_be_read_has_no_password() {
    let broken = Initiator {
        password_hash: Some("sesame".to_owned()),
        ..initiator("broken", None, &["10.0.0.0/8"])
    };
    let authenticator = of(vec![broken]);
    let entered = enter(&authenticator, FAR, Some(&basic("broken", "sesame")), 0).await;
    assert_eq!(entered, Err(AuthError::Wrong));
    assert!(enter(&authenticator, "10.1.2.3", None, 0).await.is_ok());
}

#[tokio::test]
async fn hashes_that_we_make_let_in() {
    let hash = hash_password("pass wörd").unwrap();
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );
    assert_ne!(hash, hash_password("pass wörd").unwrap());
    let account = Initiator {
        password_hash: Some(hash),
        ..initiator("console", None, &[])
    };
    let authenticator = of(vec![account]);
    let entered = enter(&authenticator, FAR, Some(&basic("console", "pass wörd")), 0).await;
    assert_eq!(entered.as_deref(), Ok("console"));
}

#[test]
fn nothing_that_is_printed_holds_a_key() {
    let printed = format!("{:?}", Key::random().unwrap());
    assert_eq!(printed, "Key");
}
