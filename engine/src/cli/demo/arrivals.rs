//! What arrives while the demonstration runs: files at the receiver, messages on the handset.

use tokio::sync::mpsc;

use super::Folder;
use crate::client::ReceivedFile;
use crate::http::cbc::Happening;

use super::super::{cbc, output};

/// Longest text that is printed, octets.
const MAX_SHOWN_BYTES: u64 = 2_000;

/// Prints whatever arrives, until receiver or centre end.
pub(super) async fn shown(received: &mut Folder, handset: &mut mpsc::Receiver<Happening>) {
    loop {
        tokio::select! {
            file = received.files.recv() => match file {
                Some(file) => output::line(&described(received, &file)),
                None => return,
            },
            happening = handset.recv() => match happening {
                Some(Happening::Heard(_, Some(shown))) => output::line(&cbc::described(&shown)),
                Some(Happening::Heard(_, None) | Happening::Request { .. }) => {}
                None => return,
            },
        }
    }
}

/// A file, with what it says where it is a short text.
fn described(received: &Folder, file: &ReceivedFile) -> String {
    let head = format!(
        "received   {} from {} tsi {} toi {}, {} octets, sha256 {}",
        file.path, file.group, file.tsi, file.toi, file.bytes, file.sha256
    );
    let is_text = file.content_type.starts_with("text/") && file.bytes <= MAX_SHOWN_BYTES;
    let text = is_text.then(|| std::fs::read_to_string(received.path.join(&file.path)).ok());
    let Some(text) = text.flatten() else {
        return head;
    };
    // Whoever sent it does not get at the terminal.
    let safe = |c: char| if c.is_control() { ' ' } else { c };
    let lines = text
        .lines()
        .map(|line| line.chars().map(safe).collect::<String>());
    lines.fold(head, |told, line| format!("{told}\n           | {line}"))
}
