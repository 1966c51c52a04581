//! Bodies of the fuzz targets: whatever octets come, nothing panics and what was understood can be
//! said again. A test replays the corpora of `engine/fuzz`.

use crate::model::submission::{Authentication, Content, Lineage, PapVersion};
use crate::model::{Body, Sha256, Submission, Transform};
use crate::pap::mime_part::PartHeaders;

use super::message;
use super::uaprof;
use super::wbxml::{Dialect, Document, MAX_WBXML_BYTES};
use super::xml_read::MAX_XML_BYTES;

/// A first octet that chooses dialect and form, and a document.
pub fn wbxml(data: &[u8]) {
    let Some((choice, octets)) = data.split_first() else {
        return;
    };
    let dialect = Dialect::ALL[usize::from(choice & 0x7F) % Dialect::ALL.len()];
    let document = if choice & 0x80 == 0 {
        Document::decode(dialect, octets).ok()
    } else {
        Document::read_xml(dialect, octets, None).ok()
    };
    let Some(document) = document else {
        return;
    };
    let encoded = document.encode();
    assert!(encoded.len() <= MAX_WBXML_BYTES);
    assert_eq!(Document::decode(dialect, &encoded).as_ref(), Ok(&document));
    let text = document.to_xml();
    // Characters that have to be written as references make a text longer.
    if text.len() <= MAX_XML_BYTES {
        let read = Document::read_xml(dialect, text.as_bytes(), Some("utf-8"));
        assert_eq!(read.as_ref(), Ok(&document));
    }
}

/// A content entity: header fields, an empty line, a body.
pub fn content_headers(data: &[u8]) {
    let Ok((headers, len)) = PartHeaders::read(data) else {
        return;
    };
    let body = data.get(len..).unwrap_or_default();
    let Ok(entity) = headers.entity(body.to_vec()) else {
        return;
    };
    let submission = submission(Content {
        content_type: entity.content_type,
        headers: entity.headers,
        body: Body::Inline(entity.body),
    });
    for transform in [Transform::Binary, Transform::None] {
        let source = super::Source::of(&submission);
        let checked = super::check(&source, transform);
        let outgoing = match super::transform(&submission, Some("4"), transform) {
            Ok(outgoing) => outgoing,
            Err(error) => {
                assert_eq!(checked, Err(error));
                continue;
            }
        };
        assert_eq!(checked, Ok(()));
        let bytes = outgoing.body.as_ref().map_or(body.len(), Vec::len) as u64;
        assert_eq!(source.on_air(transform).map(|(_, bytes)| bytes), Ok(bytes));
        let head = message::write_head(&outgoing.headers);
        let octets = [head.as_slice(), body].concat();
        assert_eq!(message::head_len(&octets), Ok(Some(head.len())));
        let read = message::read_head(&head).unwrap_or_default();
        let names = |headers: &[(String, String)]| -> Vec<String> {
            headers.iter().map(|(name, _)| name.clone()).collect()
        };
        assert_eq!(names(&read), names(&outgoing.headers));
        let own = read
            .iter()
            .filter(|(name, _)| name.starts_with("X-Pushcast-"));
        assert_eq!(own.count(), 2);
    }
}

/// A capabilities entity.
pub fn uaprof(data: &[u8]) {
    if let Ok(capabilities) = uaprof::read(data) {
        let written = uaprof::write(&capabilities);
        if written.len() <= MAX_XML_BYTES {
            assert_eq!(uaprof::read(written.as_bytes()).as_ref(), Ok(&capabilities));
        }
    }
}

fn submission(content: Content) -> Submission {
    let name = "expect";
    Submission {
        id: name.parse().expect("a plain word is an identifier"),
        initiator: name.parse().expect("a plain word is a name"),
        authentication: Authentication::Network,
        push_id: name.parse().expect("a plain word is a push-id"),
        lineage: Lineage::first(&name.parse().expect("a plain word is a push-id")),
        request_sha256: Sha256([0; 32]),
        pap_version: PapVersion::V2_0,
        pi_lists_versions: false,
        received_ms: 1_795_339_800_000,
        deliver_after_ms: None,
        deliver_before_ms: 1_795_348_800_000,
        deliver_before_given: true,
        source_reference: None,
        notify_url: None,
        progress_notes: false,
        quality_of_service: None,
        addresses: Vec::new(),
        content,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;
    use crate::corpus::{Target, edits, replay, replay_damaged};

    const TARGETS: [Target; 3] = [
        ("content_headers", content_headers),
        ("uaprof", uaprof),
        ("wbxml", wbxml),
    ];

    #[test]
    fn corpora_are_survived() {
        replay(&TARGETS, 10);
    }

    proptest! {
        #[test]
        fn damaged_corpora_are_survived(file in any::<Index>(), edits in edits(any::<u8>())) {
            replay_damaged(&TARGETS, file, &edits);
        }
    }
}
