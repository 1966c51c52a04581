//! Messages of real clients and servers, for tests.

use std::path::Path;

/// Our own samples are part of the crate; those of others lie beside the repository where they
/// are allowed, and tests pass without them.
pub(super) fn sample(name: &str) -> Option<Vec<u8>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = here.join("tests/samples").join(name);
    let others = here.join("../../shared/samples").join(name);
    std::fs::read(own).or_else(|_| std::fs::read(others)).ok()
}

/// The Content-Type and the body of a stored HTTP message.
pub(super) fn http(name: &str) -> Option<(String, Vec<u8>)> {
    let message = sample(name)?;
    let end = message
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap();
    let head = std::str::from_utf8(&message[..end]).unwrap();
    let content_type = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        .map(|(_, value)| value.to_owned())
        .unwrap_or_default();
    Some((content_type, message[end + 4..].to_vec()))
}
