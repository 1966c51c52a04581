//! Control entities to messages (PAP 8 and 11.2).
//!
//! Three steps: octets to text to a tree (`xml_tree`), the tree against the document type
//! (`dtd`), and the valid tree to a typed message, here. What is only wrong about an address is
//! left to the gateway; everything else that is wrong ends the reading.

use crate::model::submission::PapVersion;

use super::doctype::Declared;
use super::dtd;
use super::error::{PapError, ReadError};
use super::message::{
    Cancel, Ccq, Operation, OperationKind, PushMessage, ReplaceMethod, Replacement, Request,
    ResultNotification, StatusQuery,
};
use super::response::{
    BadMessage, CancelResponse, CancelResult, CcqResponse, ProgressNote, PushResponse, Response,
    ResultNotificationResponse, StatusQueryResponse, StatusResult,
};
use super::version::VersionPattern;
use super::xml_fields::PUSH_ID;
use super::xml_tree::{Document, Element, IllFormed, decode};
use super::xml_write::MAX_FRAGMENT_CHARS;

impl Request {
    /// Reads a control entity that asks for something.
    pub fn read(octets: &[u8]) -> Result<Self, Box<ReadError>> {
        let whole = read(octets, operation)?;
        Ok(Self {
            version: whole.version,
            pi_versions: whole.versions,
            product_name: whole.product_name,
            operation: whole.message,
        })
    }
}

impl Response {
    /// Reads a control entity that answers.
    pub fn read(octets: &[u8]) -> Result<Self, Box<ReadError>> {
        read(octets, response).map(|whole| whole.message)
    }
}

struct Whole<M> {
    version: PapVersion,
    versions: Option<Vec<VersionPattern>>,
    product_name: Option<String>,
    message: M,
}

fn read<M>(
    octets: &[u8],
    message: fn(&Element<'_>) -> Result<M, PapError>,
) -> Result<Whole<M>, Box<ReadError>> {
    let (text, units) = decode(octets).map_err(|error| undecoded(octets, error))?;
    let document = Document::read(&text, units).map_err(|fault| ill_formed(&text, fault))?;
    let Document { declared, root } = document;
    if let Err(invalid) = dtd::validate(&root, declared.version) {
        return Err(known(&root, invalid.at, declared, invalid.error));
    }
    let Some(element) = dtd::message(&root) else {
        let error = PapError::MissingChild {
            element: "pap",
            child: "a message",
        };
        return Err(known(&root, &root, declared, error));
    };
    match message(element) {
        Ok(message) => Ok(Whole {
            version: declared.version,
            versions: declared.versions,
            product_name: root.owned("product-name"),
            message,
        }),
        Err(error) => Err(known(&root, element, declared, error)),
    }
}

fn clipped(text: &str) -> String {
    text.chars().take(MAX_FRAGMENT_CHARS).collect()
}

fn undecoded(octets: &[u8], error: PapError) -> Box<ReadError> {
    let start = match error {
        PapError::Utf8 { offset } => offset.saturating_sub(MAX_FRAGMENT_CHARS / 2),
        _ => 0,
    };
    let part = octets.get(start..).unwrap_or_default();
    let part = part.get(..MAX_FRAGMENT_CHARS).unwrap_or(part);
    let fault = IllFormed {
        error,
        declared: Declared::default(),
        offset: 0,
    };
    ill_formed(&String::from_utf8_lossy(part), fault)
}

fn ill_formed(text: &str, fault: IllFormed) -> Box<ReadError> {
    let mut start = fault.offset.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    Box::new(ReadError {
        error: fault.error,
        operation: None,
        push_id: None,
        version: fault.declared.version,
        pi_versions: fault.declared.versions,
        fragment: clipped(&text[start..]),
    })
}

/// An error in a well-formed document, with what the answer to it needs.
fn known(
    root: &Element<'_>,
    at: &Element<'_>,
    declared: Declared,
    error: PapError,
) -> Box<ReadError> {
    let message = dtd::message(root);
    Box::new(ReadError {
        error,
        operation: message.and_then(|message| kind(message.name)),
        push_id: message
            .and_then(|message| message.attribute(PUSH_ID))
            .and_then(|push_id| push_id.parse().ok()),
        version: declared.version,
        pi_versions: declared.versions,
        fragment: clipped(at.tag),
    })
}

fn kind(name: &str) -> Option<OperationKind> {
    match name {
        "cancel-message" => Some(OperationKind::Cancel),
        "ccq-message" => Some(OperationKind::Ccq),
        "push-message" => Some(OperationKind::Push),
        "resultnotification-message" => Some(OperationKind::ResultNotification),
        "statusquery-message" => Some(OperationKind::StatusQuery),
        _ => None,
    }
}

fn operation(element: &Element<'_>) -> Result<Operation, PapError> {
    match element.name {
        "cancel-message" => Ok(Operation::Cancel(Cancel {
            push_id: element.push_id("cancel-message")?,
            addresses: element.recipients(),
        })),
        "ccq-message" => Ok(Operation::Ccq(Ccq {
            query_id: element.owned("query-id"),
            app_id: element.owned("app-id"),
            address: element.address("ccq-message")?.into(),
        })),
        "push-message" => push(element).map(Operation::Push),
        "resultnotification-message" => notification(element).map(Operation::ResultNotification),
        "statusquery-message" => Ok(Operation::StatusQuery(StatusQuery {
            push_id: element.push_id("statusquery-message")?,
            addresses: element.recipients(),
        })),
        _ => Err(not_expected(element)),
    }
}

fn response(element: &Element<'_>) -> Result<Response, PapError> {
    match element.name {
        "badmessage-response" => Ok(Response::BadMessage(BadMessage {
            code: element.code()?,
            desc: element.desc(),
            fragment: element.owned("bad-message-fragment"),
        })),
        "cancel-response" => Ok(Response::Cancel(CancelResponse {
            push_id: element.push_id("cancel-response")?,
            results: element
                .named("cancel-result")
                .map(cancel_result)
                .collect::<Result<_, _>>()?,
        })),
        "ccq-response" => Ok(Response::Ccq(CcqResponse {
            query_id: element.owned("query-id"),
            code: element.code()?,
            desc: element.desc(),
            address: element.address("ccq-response")?.to_owned(),
        })),
        "push-response" => push_response(element).map(Response::Push),
        "resultnotification-response" => {
            Ok(Response::ResultNotification(ResultNotificationResponse {
                push_id: element.push_id("resultnotification-response")?,
                code: element.code()?,
                desc: element.desc(),
                address: element.address("resultnotification-response")?.to_owned(),
            }))
        }
        "statusquery-response" => Ok(Response::StatusQuery(StatusQueryResponse {
            push_id: element.push_id("statusquery-response")?,
            results: element
                .named("statusquery-result")
                .map(status_result)
                .collect::<Result<_, _>>()?,
        })),
        _ => Err(not_expected(element)),
    }
}

fn not_expected(element: &Element<'_>) -> PapError {
    PapError::NotExpected {
        element: dtd::static_name(element.name),
    }
}

fn push(element: &Element<'_>) -> Result<PushMessage, PapError> {
    let replaces = element
        .identifier("replace-push-id")?
        .map(|push_id| Replacement {
            push_id,
            method: match element.attribute("replace-method") {
                Some("pending-only") => ReplaceMethod::PendingOnly,
                _ => ReplaceMethod::All,
            },
        });
    Ok(PushMessage {
        push_id: element.push_id("push-message")?,
        replaces,
        deliver_before_ms: element.time("deliver-before-timestamp")?,
        deliver_after_ms: element.time("deliver-after-timestamp")?,
        source_reference: element.owned("source-reference"),
        notify_url: element.owned("ppg-notify-requested-to"),
        progress_notes: element.flag("progress-notes-requested"),
        addresses: element.recipients(),
        quality_of_service: element.quality_of_service(),
    })
}

fn notification(element: &Element<'_>) -> Result<ResultNotification, PapError> {
    const NAME: &str = "resultnotification-message";
    Ok(ResultNotification {
        push_id: element.push_id(NAME)?,
        sender_address: element.owned("sender-address"),
        sender_name: element.owned("sender-name"),
        received_ms: element.time("received-time")?,
        event_ms: element.time("event-time")?,
        state: element.state(NAME)?,
        code: element.code()?,
        desc: element.desc(),
        address: element.address(NAME)?.to_owned(),
        quality_of_service: element.quality_of_service(),
    })
}

fn push_response(element: &Element<'_>) -> Result<PushResponse, PapError> {
    let result = element
        .named("response-result")
        .next()
        .ok_or(PapError::MissingChild {
            element: "push-response",
            child: "response-result",
        })?;
    let note = |note: &Element<'_>| {
        Ok(ProgressNote {
            stage: note.owned("stage").unwrap_or_default(),
            note: note.owned("note"),
            time_ms: note.time("time")?,
        })
    };
    Ok(PushResponse {
        push_id: element.push_id("push-response")?,
        sender_address: element.owned("sender-address"),
        sender_name: element.owned("sender-name"),
        reply_ms: element.time("reply-time")?,
        progress_notes: element
            .named("progress-note")
            .map(note)
            .collect::<Result<_, PapError>>()?,
        code: result.code()?,
        desc: result.desc(),
    })
}

fn cancel_result(element: &Element<'_>) -> Result<CancelResult, PapError> {
    Ok(CancelResult {
        code: element.code()?,
        desc: element.desc(),
        addresses: element.quoted(),
    })
}

fn status_result(element: &Element<'_>) -> Result<StatusResult, PapError> {
    Ok(StatusResult {
        event_ms: element.time("event-time")?,
        state: element.state("statusquery-result")?,
        code: element.code()?,
        desc: element.desc(),
        addresses: element.quoted(),
        quality_of_service: element.quality_of_service(),
    })
}

#[cfg(test)]
mod tests;
