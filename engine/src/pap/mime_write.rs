//! Writes a control document and a second entity as `multipart/related` (PAP 7): a push submission
//! with its content, or a ccq-response with the profile.

use super::mime::Entity;
use super::mime_part::TRANSFER_ENCODING;

/// An HTTP body and its Content-Type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Multipart {
    /// For the HTTP header, with the boundary.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Multipart {
    /// Puts a control document and the entity that goes with it into one body.
    ///
    /// Header values are written on one line each: control characters in them become spaces. A
    /// transfer encoding among them is left out, since the body is written as it is.
    pub fn of(control: &str, content: &Entity) -> Self {
        let head = content_head(content);
        let boundary = boundary(&[control.as_bytes(), head.as_bytes(), &content.body]);
        let mut body = Vec::with_capacity(control.len() + head.len() + content.body.len() + 256);
        let open = format!("--{boundary}\r\n");
        body.extend(open.as_bytes());
        body.extend(b"Content-Type: application/xml; charset=UTF-8\r\n\r\n");
        body.extend(control.as_bytes());
        body.extend(b"\r\n");
        body.extend(open.as_bytes());
        body.extend(head.as_bytes());
        body.extend(&content.body);
        body.extend(format!("\r\n--{boundary}--\r\n").as_bytes());
        Self {
            content_type: format!(
                "multipart/related; type=\"application/xml\"; boundary={boundary}"
            ),
            body,
        }
    }
}

fn content_head(content: &Entity) -> String {
    let mut head = String::new();
    let mut field = |name: &str, value: &str| {
        let line = format!("{name}: {value}").replace(char::is_control, " ");
        head.push_str(&line);
        head.push_str("\r\n");
    };
    field("Content-Type", &content.content_type);
    for (name, value) in &content.headers {
        if !name.eq_ignore_ascii_case(TRANSFER_ENCODING) {
            field(name, value);
        }
    }
    head.push_str("\r\n");
    head
}

/// A boundary that occurs in none of the texts. Finite texts hold finitely many numbers.
fn boundary(texts: &[&[u8]]) -> String {
    let occurs = |boundary: &str| {
        texts.iter().any(|text| {
            text.windows(boundary.len())
                .any(|window| window == boundary.as_bytes())
        })
    };
    let mut boundary = "pushcast-0".to_owned();
    let mut number = 0_u64;
    while occurs(&boundary) {
        number += 1;
        boundary = format!("pushcast-{number}");
    }
    boundary
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pap::mime::Message;

    fn entity(body: &[u8]) -> Entity {
        Entity {
            content_type: "application/octet-stream".into(),
            headers: vec![("X-Wap-Application-Id".into(), "2".into())],
            body: body.to_vec(),
        }
    }

    fn survives(control: &str, content: &Entity) {
        let multipart = Multipart::of(control, content);
        let message = Message::read(&multipart.content_type, &multipart.body).unwrap();
        assert_eq!(message.control, control.as_bytes());
        assert_eq!(message.content.as_ref(), Some(content));
    }

    #[test]
    fn what_is_written_is_read() {
        survives("<pap/>", &entity(b""));
        survives("<pap/>", &entity(b"\r\n"));
        survives(
            "<pap x='--pushcast-0'/>",
            &entity(b"\r\n--pushcast-1--\r\n\0\r\n--pushcast-2\n"),
        );
    }

    #[test]
    fn values_cannot_add_lines() {
        let content = Entity {
            headers: vec![
                ("X-A".into(), "b\r\nX-C: d".into()),
                ("content-transfer-encoding".into(), "base64".into()),
            ],
            ..entity(b"x")
        };
        let multipart = Multipart::of("<pap/>", &content);
        let message = Message::read(&multipart.content_type, &multipart.body).unwrap();
        assert_eq!(
            message.content.unwrap().headers,
            [("X-A".to_owned(), "b  X-C: d".to_owned())]
        );
    }

    proptest! {
        #[test]
        fn any_octets_survive(body in prop::collection::vec(any::<u8>(), 0..300), control in ".{0,60}") {
            survives(&control, &entity(&body));
        }
    }
}
