//! The command port of a centre: a line goes out, text comes back until the next prompt.

use std::time::Duration;

use pushcast_cbs::cbep::ecbe::vty::Shown;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// Time for a whole exchange.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Octets of an answer that are read; a message in a thousand cells takes some 50000.
const MAX_ANSWER_BYTES: usize = 1 << 20;
/// Telnet's "interpret as command": two octets follow (RFC 854).
const IAC: u8 = 0xFF;

/// Asks one thing on a connection of its own. `None` if nothing that can be read comes back.
pub(super) async fn ask(address: &str, command: &str) -> Option<Shown> {
    let deadline = Instant::now() + TIMEOUT;
    let connected = timeout_at(deadline, TcpStream::connect(address)).await;
    let mut stream = connected.ok()?.ok()?;
    let mut text = Vec::new();
    // The first prompt stands behind a greeting.
    prompted(&mut stream, &mut text, deadline).await?;
    let line = format!("terminal length 0\n{command}\n");
    timeout_at(deadline, stream.write_all(line.as_bytes()))
        .await
        .ok()?
        .ok()?;
    let mut text = Vec::new();
    prompted(&mut stream, &mut text, deadline).await?;
    let until = prompts(&text);
    // The echo of the first line may come with a prompt of its own.
    if until < 2 {
        prompted(&mut stream, &mut text, deadline).await?;
    }
    Shown::read(&plain(&text)).ok()
}

/// Reads to the next prompt: a line that ends in `> ` or `# `.
async fn prompted(stream: &mut TcpStream, text: &mut Vec<u8>, deadline: Instant) -> Option<()> {
    let mut buffer = [0; 4096];
    loop {
        let read = timeout_at(deadline, stream.read(&mut buffer)).await;
        let octets = match read.ok()?.ok()? {
            0 => return None,
            octets => octets,
        };
        text.extend_from_slice(buffer.get(..octets)?);
        if text.len() > MAX_ANSWER_BYTES {
            return None;
        }
        if text.ends_with(b"> ") || text.ends_with(b"# ") {
            return Some(());
        }
    }
}

fn prompts(text: &[u8]) -> usize {
    let is_prompt = |pair: &&[u8]| matches!(pair, [b'>' | b'#', b' ']);
    text.windows(2).filter(is_prompt).count()
}

/// Without what telnet says among itself.
fn plain(octets: &[u8]) -> String {
    let mut plain = Vec::with_capacity(octets.len());
    let mut octets = octets.iter().copied();
    while let Some(octet) = octets.next() {
        match octet {
            IAC => _ = octets.nth(1),
            b'\r' => {}
            octet => plain.push(octet),
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    const RECORDED: &str = include_str!("../../../cbs/tests/samples/ecbe/vty-show-messages.txt");

    /// Answers as recorded: greeting with telnet's commands, an echo and a prompt for each line.
    async fn port(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream
                .write_all(b"\xFF\xFB\x01Welcome\r\nOsmoCBC> ")
                .await
                .unwrap();
            let mut asked = vec![0; 1024];
            let _ = stream.read(&mut asked).await.unwrap();
            stream
                .write_all(b"terminal length 0\r\nOsmoCBC> ")
                .await
                .unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.write_all(b"OsmoCBC> ").await.unwrap();
            let _ = stream.read(&mut asked).await;
        });
        address
    }

    #[tokio::test]
    async fn a_recorded_answer_is_read() {
        let address = port(RECORDED).await;
        let shown = ask(&address, "show message id 921").await.unwrap();
        assert!(shown.details.iter().any(|one| one.message_id.0 == 921));
    }

    #[tokio::test]
    async fn nobody_there_is_no_answer() {
        assert_eq!(ask("127.0.0.1:1", "show messages cbs").await, None);
    }
}
