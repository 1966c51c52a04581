//! Bodies of the fuzz targets: whatever octets come, nothing panics and what was understood can be
//! said again. A test replays the corpora of `engine/fuzz`.

use crate::model::Address;

use super::message::Request;
use super::mime::{Framing, Message};
use super::mime_scan::{Input, Scanner, Step};
use super::response::Response;
use super::version::Envelope;

/// A Content-Type on the first line and an HTTP body after it.
pub fn pap_mime(data: &[u8]) {
    let end = data.iter().position(|octet| *octet == b'\n');
    let (content_type, body) = data.split_at(end.unwrap_or(data.len()));
    let Ok(content_type) = std::str::from_utf8(content_type) else {
        return;
    };
    let body = body.get(1..).unwrap_or_default();
    if let Ok(message) = Message::read(content_type, body) {
        let entities = [message.content, message.capabilities];
        let octets = entities.iter().flatten().map(|entity| entity.body.len());
        assert!(message.control.len() + octets.sum::<usize>() <= body.len());
    }
    if let Ok(Framing::Related { boundary }) = Framing::read(content_type) {
        assert_eq!(
            shape(&boundary, body, 1),
            shape(&boundary, body, usize::MAX)
        );
    }
}

/// The lengths of what stands between the delimiters when `chunk` octets arrive at a time.
fn shape(boundary: &str, body: &[u8], chunk: usize) -> Vec<usize> {
    let mut scanner = Scanner::new(boundary);
    let mut lengths = vec![0];
    let (mut start, mut end) = (0, 0);
    loop {
        let input = if end == body.len() {
            Input::Complete
        } else {
            Input::Partial
        };
        match scanner.step(&body[start..end], input) {
            Step::Data(octets) => {
                start += octets;
                if let Some(length) = lengths.last_mut() {
                    *length += octets;
                }
            }
            Step::Delimiter { octets, close } => {
                start += octets;
                if close {
                    return lengths;
                }
                lengths.push(0);
            }
            Step::More if input == Input::Complete => return lengths,
            Step::More => end = end.saturating_add(chunk).min(body.len()),
        }
    }
}

/// A control entity, read as either kind of message.
pub fn pap_xml(data: &[u8]) {
    match Request::read(data) {
        Ok(request) => {
            let envelope = request.envelope();
            let written = request.operation.to_xml(envelope);
            let again =
                Request::read(written.as_bytes()).map(|again| again.operation.to_xml(envelope));
            assert_eq!(again.as_ref(), Ok(&written));
        }
        Err(error) => {
            let answer = error.response().to_xml(error.envelope());
            assert!(Response::read(answer.as_bytes()).is_ok(), "{answer}");
        }
    }
    if let Ok(response) = Response::read(data) {
        let written = response.to_xml(Envelope::OWN);
        let again = Response::read(written.as_bytes()).map(|again| again.to_xml(Envelope::OWN));
        assert_eq!(again.as_ref(), Ok(&written));
    }
}

/// A client address.
pub fn address(data: &[u8]) {
    let Some(address) = std::str::from_utf8(data)
        .ok()
        .and_then(|text| text.parse::<Address>().ok())
    else {
        return;
    };
    // Escaping can make a key longer than an address may be.
    if let Ok(again) = address.key().parse::<Address>() {
        assert_eq!(again.key(), address.key());
        assert_eq!(again.target(), address.target());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;
    use crate::corpus::{Target, edits, replay, replay_damaged};

    const TARGETS: [Target; 3] = [
        ("address", address),
        ("pap_mime", pap_mime),
        ("pap_xml", pap_xml),
    ];

    #[test]
    fn corpora_are_survived() {
        replay(&TARGETS, 12);
    }

    proptest! {
        #[test]
        fn damaged_corpora_are_survived(file in any::<Index>(), edits in edits(0_u8..0x80)) {
            replay_damaged(&TARGETS, file, &edits);
        }
    }
}
