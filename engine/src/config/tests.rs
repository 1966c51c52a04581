use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use super::*;
use crate::http::auth::DigestSecret;
use crate::ota::Backend;

mod errors;
mod tls;

const EXAMPLE: &str = include_str!("../../../console/pushcast.example.toml");
/// A hash of "secret" with the least cost.
pub(super) const HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$5iIDbUpW/NOeEmHYTzhdDQkCpGvApTNqvpjAHUJvZKE";

pub(super) const LANE: &str = "[[lane]]\nname = \"main\"\ninterface = \"lo\"\n";
pub(super) const CHANNEL: &str = "[[channel]]\nname = \"a\"\nkind = \"flute\"\nbearer = \"MBMS\"\n\
    group = \"239.255.0.1\"\nport = 5000\ntsi = 1\n";

pub(super) fn folder_with(name: &str, text: &str, mode: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    folder
}

fn parsed(text: &str) -> Config {
    Config::parse(text, Path::new("")).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The text with every key that is commented out brought in.
fn brought_in(text: &str) -> String {
    let lines = text.lines().map(|line| match line.strip_prefix('#') {
        Some(key) if key.starts_with(|first: char| first.is_ascii_lowercase()) => key,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sample_is_a_configuration() {
    let config = parsed(EXAMPLE);
    assert_eq!(config.channels().len(), 2);
    assert_eq!(config.cbcs().len(), 1);
    assert_eq!(config.alias_groups()[0].name.as_str(), "flood-warning");
    assert_eq!(config.channels_of(&config.lanes()[0].name).count(), 1);
}

#[test]
fn the_sample_shows_every_key_with_its_default() {
    let folder = folder_with("weather-service.phc", &format!("{HASH}\n"), 0o600);
    let digests = DigestSecret::new("weather-service", "secret").to_lines();
    let ha1 = folder.path().join("weather-service.ha1");
    fs::write(&ha1, digests).unwrap();
    fs::set_permissions(&ha1, fs::Permissions::from_mode(0o600)).unwrap();
    let text = brought_in(EXAMPLE);
    let full = Config::parse(&text, folder.path()).unwrap();
    let bare = parsed(EXAMPLE);
    assert_eq!(full.server().listen, bare.server().listen);
    assert_eq!(full.server().admin_listen, bare.server().admin_listen);
    assert_eq!(full.server().database_url(), bare.server().database_url());
    assert_eq!(full.server().ppg_name, bare.server().ppg_name);
    let (limits, default) = (full.limits(), bare.limits());
    assert_eq!(limits.body_bytes, default.body_bytes);
    assert_eq!(limits.connections, default.connections);
    assert_eq!(
        limits.connections_per_address(),
        default.connections_per_address()
    );
    assert_eq!(limits.default_lifetime, default.default_lifetime);
    assert_eq!(full.retention(), bare.retention());
    assert_eq!(full.lanes(), bare.lanes());
    assert_eq!(full.initiators()[0].password_hash.as_deref(), Some(HASH));
    let ha1 = ha1.to_str();
    assert_eq!(full.initiators()[0].digest_ha1_file.as_deref(), ha1);
    assert_eq!(full.server().allow_cleartext, bare.server().allow_cleartext);
    let timeout = |config: &Config| config.cbcs()[0].timeout();
    assert_eq!(timeout(&full), timeout(&bare));
    assert_eq!(full.cbcs()[0].queue, bare.cbcs()[0].queue);
    let cells = |config: &Config| CbsChannel {
        // These have no default and are shown by example.
        language: None,
        broadcasts: None,
        category: None,
        ..config.channels()[1].as_cbs().unwrap().clone()
    };
    assert_eq!(cells(&full), cells(&bare));
    let flute = |config: &Config| config.channels()[0].as_flute().unwrap().clone();
    let (full, bare) = (flute(&full), flute(&bare));
    assert_eq!(
        (full.ttl, full.fec, full.profile, full.symbol_bytes),
        (bare.ttl, bare.fec, bare.profile, bare.symbol_bytes)
    );
    assert_eq!(
        (full.repair_percent, full.rate_bps, full.carousel.delay_ms),
        (bare.repair_percent, bare.rate_bps, bare.carousel.delay_ms)
    );
}

#[test]
fn the_lab_reaches_loopback_only() {
    let lab = Config::lab();
    assert!(lab.server().listen.ip().is_loopback());
    assert!(lab.server().admin_listen.ip().is_loopback());
    let channel = lab.channels()[0].as_flute().unwrap().clone();
    let channel = channel.validated().unwrap();
    assert_eq!(lab.channels_of(&lab.lanes()[0].name).count(), 1);
    assert!(lab.alias_groups()[0].channels.contains(&channel.name));
    assert!(lab.areas()[0].channels.contains(&channel.name));
    let initiator = &lab.initiators()[0];
    let trusts = |address: &str| {
        let address = address.parse().unwrap();
        initiator
            .trusted_from
            .iter()
            .any(|network| network.contains(address))
    };
    assert!(trusts("127.0.0.1") && trusts("::1") && !trusts("192.0.2.1"));
    assert!(initiator.may_use_group("lab") && initiator.may_use_area("lab"));
    assert_eq!(initiator.body_bytes, Some(64 << 20));
}

#[test]
fn absent_sections_have_their_defaults() {
    let config = parsed(&format!("{LANE}{CHANNEL}"));
    assert_eq!(config.server().listen.to_string(), "127.0.0.1:8080");
    assert_eq!(
        config.server().database_url(),
        "sqlite:pushcast-data/pushcast.db"
    );
    assert_eq!(config.limits().body_bytes, 1 << 20);
    assert_eq!(config.limits().connections, 10_000);
    assert_eq!(config.limits().connections_per_address(), 2_500);
    assert_eq!(config.limits().default_lifetime, Duration::from_secs(3600));
    assert_eq!(config.retention().finished, Duration::from_secs(2_592_000));
    assert!(config.areas().is_empty() && config.initiators().is_empty());
}

#[test]
fn a_source_stands_in_for_a_lane() {
    let config = parsed(&format!("{CHANNEL}source = \"127.0.0.1\"\n"));
    assert_eq!(config.lanes()[0].interface, "127.0.0.1");
    assert_eq!(config.lanes()[0].name.as_str(), "main");
}

#[test]
fn an_address_may_have_a_quarter_of_the_connections() {
    for (limits, per_address) in [
        ("connections = 1", 1),
        ("connections = 400", 100),
        ("connections = 400\nconnections_per_address = 300", 300),
    ] {
        let config = parsed(&format!("[limits]\n{limits}\n{LANE}{CHANNEL}"));
        assert_eq!(config.limits().connections_per_address(), per_address);
    }
}

#[test]
fn days_may_be_fractions() {
    let config = parsed(&format!(
        "[retention]\nfinished_days = 0.5\n{LANE}{CHANNEL}"
    ));
    assert_eq!(config.retention().finished, Duration::from_secs(43_200));
}

#[test]
fn the_command_line_wins() {
    let text = format!("[server]\nlisten = \"127.0.0.1:1\"\n{LANE}backend = \"gso\"\n{CHANNEL}");
    let config = parsed(&text);
    assert_eq!(config.lanes()[0].backend, BackendChoice::Only(Backend::Gso));
    let config = config.with_overrides(Overrides {
        listen: Some("127.0.0.1:2".parse().unwrap()),
        data_dir: Some(PathBuf::from("/var/100% here?")),
        lane_backend: Some("plain".parse().unwrap()),
        ..Overrides::default()
    });
    assert_eq!(config.server().listen.port(), 2);
    assert_eq!(config.server().admin_listen.port(), 9090);
    assert_eq!(
        config.server().database_url(),
        "sqlite:/var/100%25 here%3F/pushcast.db"
    );
    assert_eq!(
        config.lanes()[0].backend,
        BackendChoice::Only(Backend::Plain)
    );
}

#[test]
fn a_configured_database_stays_where_it_is() {
    let text = format!("[server]\ndatabase_url = \"postgres://p@db/p\"\n{LANE}{CHANNEL}");
    let config = parsed(&text).with_overrides(Overrides {
        data_dir: Some(PathBuf::from("/elsewhere")),
        ..Overrides::default()
    });
    assert_eq!(config.server().database_url(), "postgres://p@db/p");
}

#[test]
fn nothing_that_is_printed_holds_a_password() {
    let text = format!("[server]\ndatabase_url = \"postgres://p:hush@db/p\"\n{LANE}{CHANNEL}");
    assert!(!format!("{:?}", parsed(&text)).contains("hush"));
}
