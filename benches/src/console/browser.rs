//! A browser without a window: GET over a connection that stays open, with a session's cookie.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::fill::TOKEN;
use crate::pap::gateway::PORT;
use crate::pap::load::{content_length, find};

/// Longest wait for a page.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest page, octets.
const MAX_PAGE: usize = 16 << 20;

/// The request for a path, as the signed-in person.
pub(super) fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: pushcast\r\nCookie: pushcast={TOKEN}\r\n\r\n")
}

/// An open connection.
pub(super) struct Browser {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Browser {
    pub(super) fn open() -> anyhow::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, PORT))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            answer: Vec::new(),
        })
    }

    /// The body of a page that must be there.
    pub(super) fn get(&mut self, path: &str) -> anyhow::Result<&str> {
        self.stream.write_all(request(path).as_bytes())?;
        self.answer.clear();
        let mut piece = [0; 64 << 10];
        let mut body = 0;
        let mut whole = usize::MAX;
        while self.answer.len() < whole {
            let read = self.stream.read(&mut piece)?;
            ensure!(read > 0, "the connection was closed before {path} ended");
            self.answer.extend_from_slice(&piece[..read]);
            ensure!(self.answer.len() <= MAX_PAGE, "{path} has no end");
            if whole == usize::MAX
                && let Some(head) = find(&self.answer, b"\r\n\r\n")
            {
                let length = content_length(&self.answer[..head]);
                body = head + 4;
                whole = body + length.with_context(|| format!("{path} has no length"))?;
            }
        }
        let status = self.answer.get(9..12).unwrap_or_default();
        let text = std::str::from_utf8(&self.answer[body..])?;
        let shown: String = text.chars().take(2_000).collect();
        ensure!(
            status == b"200",
            "{path} is answered by {}: {shown}",
            String::from_utf8_lossy(status)
        );
        Ok(text)
    }
}
