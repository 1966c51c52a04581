//! The command port: lines come in, text goes out, each answer ends with a prompt.

use std::sync::{Mutex, PoisonError};

use pushcast_cbs::message_id::MessageId;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::centre::Centre;

const PROMPT: &str = "OsmoCBC> ";
/// Longest line of a command, octets.
const MAX_LINE_BYTES: u64 = 1024;

/// Serves the port until the listener fails; each connection by itself.
pub async fn serve(listener: TcpListener, centre: std::sync::Arc<Mutex<Centre>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let centre = std::sync::Arc::clone(&centre);
        tokio::spawn(async move {
            // A peer that is gone has nothing to be told.
            let _ = talk(stream, &centre).await;
        });
    }
}

async fn talk(stream: TcpStream, centre: &Mutex<Centre>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    let greeting = format!("Welcome to the simulated centre\r\n{PROMPT}");
    write.write_all(greeting.as_bytes()).await?;
    loop {
        let mut line = String::new();
        let octets = (&mut read)
            .take(MAX_LINE_BYTES)
            .read_line(&mut line)
            .await?;
        if octets == 0 {
            return Ok(());
        }
        let line = line.trim();
        let answer = answer(line, centre).replace('\n', "\r\n");
        let text = format!("{line}\r\n{answer}{PROMPT}");
        write.write_all(text.as_bytes()).await?;
    }
}

fn answer(line: &str, centre: &Mutex<Centre>) -> String {
    let Some(id) = line.strip_prefix("show message id ") else {
        return match line {
            "" | "terminal length 0" => String::new(),
            _ => "% Unknown command.\n".to_owned(),
        };
    };
    let centre = centre.lock().unwrap_or_else(PoisonError::into_inner);
    match id.parse() {
        Ok(id) => centre.details(MessageId(id)).map_or_else(
            || format!("Unknown Messsage ID {id}\n"),
            |details| details.to_string(),
        ),
        Err(_) => "% Unknown command.\n".to_owned(),
    }
}
