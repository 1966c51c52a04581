//! Messages to control entities (PAP 8, 9 and 11).
//!
//! Documents are compact: some clients in use want the message right after `<pap>`. Attributes at
//! their default are left out, no attribute beyond the DTD is written, and a code never stands
//! where the table of PAP 8.14 has none: [`Place::nearest`] takes its place.

use crate::model::submission::{DeliveryMethod, Priority, QualityOfService};

use super::message::{
    Cancel, Ccq, Operation, PushMessage, Recipient, ReplaceMethod, ResultNotification, StatusQuery,
};
use super::response::{
    CancelResponse, CcqResponse, PushResponse, Response, ResultNotificationResponse,
    StatusQueryResponse, StatusResult,
};
use super::status::{Code, Place};
use super::timestamp;
use super::version::{Edition, Envelope};

/// Content-Type of a control entity.
pub const CONTENT_TYPE: &str = "application/xml; charset=UTF-8";
/// What `product-name` says.
pub const PRODUCT_NAME: &str = concat!("pushcast/", env!("CARGO_PKG_VERSION"));
/// Longest fragment of a bad message that is quoted back, characters.
pub const MAX_FRAGMENT_CHARS: usize = 256;

const XML_DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
const DOCTYPE_1_0: &str = "<!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 1.0//EN\" \
                           \"http://www.wapforum.org/DTD/pap_1.0.dtd\"";
const DOCTYPE_2_0: &str = "<!DOCTYPE pap PUBLIC \"-//WAPFORUM//DTD PAP 2.0//EN\" \
                           \"http://www.wapforum.org/DTD/pap_2.0.dtd\"";
const SUPPORTED_VERSIONS: &str = " [<?wap-pap-ver supported-versions=\"2.0,1.*\"?>]";

impl Operation {
    /// Writes the document.
    pub fn to_xml(&self, envelope: Envelope) -> String {
        let mut document = Writer::open(envelope);
        match self {
            Self::Cancel(cancel) => document.cancel(cancel),
            Self::Ccq(ccq) => document.ccq(ccq),
            Self::Push(push) => document.push(push),
            Self::ResultNotification(notification) => document.notification(notification),
            Self::StatusQuery(query) => document.status_query(query),
        }
        document.finish()
    }
}

impl Response {
    /// Writes the document.
    pub fn to_xml(&self, envelope: Envelope) -> String {
        let mut document = Writer::open(envelope);
        match self {
            Self::BadMessage(bad) => {
                let fragment = bad.fragment.as_deref();
                let fragment =
                    fragment.map(|text| text.chars().take(MAX_FRAGMENT_CHARS).collect::<String>());
                document
                    .element("badmessage-response")
                    .code(Place::BadMessage, bad.code)
                    .optional("desc", bad.desc.as_deref())
                    .optional("bad-message-fragment", fragment.as_deref())
                    .empty();
            }
            Self::Cancel(response) => document.cancel_response(response),
            Self::Ccq(response) => document.ccq_response(response),
            Self::Push(response) => document.push_response(response),
            Self::ResultNotification(response) => document.notification_response(response),
            Self::StatusQuery(response) => document.status_response(response),
        }
        document.finish()
    }
}

/// A document up to where it has been written.
struct Writer {
    text: String,
    edition: Edition,
}

/// The start tag being written.
struct Tag<'w> {
    writer: &'w mut Writer,
}

impl Tag<'_> {
    fn attribute(self, name: &str, value: &str) -> Self {
        let text = &mut self.writer.text;
        text.extend([" ", name, "=\""]);
        for character in value.chars() {
            match character {
                '&' => text.push_str("&amp;"),
                '<' => text.push_str("&lt;"),
                '>' => text.push_str("&gt;"),
                '"' => text.push_str("&quot;"),
                // The reader would make these spaces anyway.
                '\t' | '\n' | '\r' => text.push(' '),
                '\u{FFFE}' | '\u{FFFF}' => text.push(char::REPLACEMENT_CHARACTER),
                _ if character.is_control() => text.push(char::REPLACEMENT_CHARACTER),
                _ => text.push(character),
            }
        }
        text.push('"');
        self
    }

    fn optional(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.attribute(name, value),
            None => self,
        }
    }

    fn flag(self, name: &str, value: bool) -> Self {
        self.optional(name, value.then_some("true"))
    }

    fn time(self, name: &str, ms: Option<u64>) -> Self {
        self.optional(name, ms.map(timestamp::write).as_deref())
    }

    fn code(self, place: Place, code: Code) -> Self {
        let code = place.nearest(code, self.writer.edition);
        self.attribute("code", &code.to_string())
    }

    fn open(self) {
        self.writer.text.push('>');
    }

    fn empty(self) {
        self.writer.text.push_str("/>");
    }
}

impl Writer {
    fn open(envelope: Envelope) -> Self {
        let doctype = match envelope.edition {
            Edition::V1_0 => DOCTYPE_1_0,
            Edition::V2_0 => DOCTYPE_2_0,
        };
        let mut writer = Self {
            text: [XML_DECLARATION, doctype].concat(),
            edition: envelope.edition,
        };
        if envelope.lists_versions {
            writer.text.push_str(SUPPORTED_VERSIONS);
        }
        writer.text.push('>');
        writer
            .element("pap")
            .attribute("product-name", PRODUCT_NAME)
            .open();
        writer
    }

    fn finish(mut self) -> String {
        self.close("pap");
        self.text
    }

    fn element(&mut self, name: &str) -> Tag<'_> {
        self.text.extend(["<", name]);
        Tag { writer: self }
    }

    fn close(&mut self, name: &str) {
        self.text.extend(["</", name, ">"]);
    }

    fn addresses<'a>(&mut self, addresses: impl IntoIterator<Item = &'a str>) {
        for address in addresses {
            self.element("address")
                .attribute("address-value", address)
                .empty();
        }
    }

    fn quality_of_service(&mut self, qos: Option<&QualityOfService>) {
        let Some(qos) = qos else {
            return;
        };
        let priority = match qos.priority {
            Priority::High => Some("high"),
            Priority::Medium => None,
            Priority::Low => Some("low"),
        };
        let delivery_method = match qos.delivery_method {
            DeliveryMethod::Confirmed => Some("confirmed"),
            DeliveryMethod::NotSpecified => None,
            DeliveryMethod::PreferConfirmed => Some("preferconfirmed"),
            DeliveryMethod::Unconfirmed => Some("unconfirmed"),
        };
        self.element("quality-of-service")
            .optional("priority", priority)
            .optional("delivery-method", delivery_method)
            .optional("network", qos.network.as_deref())
            .flag("network-required", qos.network_required)
            .optional("bearer", qos.bearer.as_deref())
            .flag("bearer-required", qos.bearer_required)
            .empty();
    }

    fn push(&mut self, push: &PushMessage) {
        // PAP 1.0 has no replacement.
        let replaces = push
            .replaces
            .as_ref()
            .filter(|_| self.edition != Edition::V1_0);
        let method = replaces.and_then(|replaces| match replaces.method {
            ReplaceMethod::All => None,
            ReplaceMethod::PendingOnly => Some("pending-only"),
        });
        self.element("push-message")
            .attribute("push-id", push.push_id.as_str())
            .optional(
                "replace-push-id",
                replaces.map(|replaces| replaces.push_id.as_str()),
            )
            .optional("replace-method", method)
            .time("deliver-before-timestamp", push.deliver_before_ms)
            .time("deliver-after-timestamp", push.deliver_after_ms)
            .optional("source-reference", push.source_reference.as_deref())
            .optional("ppg-notify-requested-to", push.notify_url.as_deref())
            .flag("progress-notes-requested", push.progress_notes)
            .open();
        self.addresses(push.addresses.iter().map(Recipient::raw));
        self.quality_of_service(push.quality_of_service.as_ref());
        self.close("push-message");
    }

    fn cancel(&mut self, cancel: &Cancel) {
        self.element("cancel-message")
            .attribute("push-id", cancel.push_id.as_str())
            .open();
        self.addresses(cancel.addresses.iter().map(Recipient::raw));
        self.close("cancel-message");
    }

    fn status_query(&mut self, query: &StatusQuery) {
        self.element("statusquery-message")
            .attribute("push-id", query.push_id.as_str())
            .open();
        self.addresses(query.addresses.iter().map(Recipient::raw));
        self.close("statusquery-message");
    }

    fn ccq(&mut self, ccq: &Ccq) {
        self.element("ccq-message")
            .optional("query-id", ccq.query_id.as_deref())
            .optional("app-id", ccq.app_id.as_deref())
            .open();
        self.addresses([ccq.address.raw()]);
        self.close("ccq-message");
    }

    fn notification(&mut self, notification: &ResultNotification) {
        self.element("resultnotification-message")
            .attribute("push-id", notification.push_id.as_str())
            .optional("sender-address", notification.sender_address.as_deref())
            .optional("sender-name", notification.sender_name.as_deref())
            .time("received-time", notification.received_ms)
            .time("event-time", notification.event_ms)
            .attribute("message-state", notification.state.as_str())
            .code(Place::ResultNotification, notification.code)
            .optional("desc", notification.desc.as_deref())
            .open();
        self.addresses([notification.address.as_str()]);
        self.quality_of_service(notification.quality_of_service.as_ref());
        self.close("resultnotification-message");
    }

    fn push_response(&mut self, response: &PushResponse) {
        self.element("push-response")
            .attribute("push-id", response.push_id.as_str())
            .optional("sender-address", response.sender_address.as_deref())
            .optional("sender-name", response.sender_name.as_deref())
            .time("reply-time", response.reply_ms)
            .open();
        for note in &response.progress_notes {
            self.element("progress-note")
                .attribute("stage", &note.stage)
                .optional("note", note.note.as_deref())
                .time("time", note.time_ms)
                .empty();
        }
        self.element("response-result")
            .code(Place::ResponseResult, response.code)
            .optional("desc", response.desc.as_deref())
            .empty();
        self.close("push-response");
    }

    fn cancel_response(&mut self, response: &CancelResponse) {
        self.element("cancel-response")
            .attribute("push-id", response.push_id.as_str())
            .open();
        for result in &response.results {
            self.element("cancel-result")
                .code(Place::CancelResult, result.code)
                .optional("desc", result.desc.as_deref())
                .open();
            self.addresses(result.addresses.iter().map(String::as_str));
            self.close("cancel-result");
        }
        self.close("cancel-response");
    }

    fn status_response(&mut self, response: &StatusQueryResponse) {
        self.element("statusquery-response")
            .attribute("push-id", response.push_id.as_str())
            .open();
        for result in &response.results {
            self.status_result(result);
        }
        self.close("statusquery-response");
    }

    fn status_result(&mut self, result: &StatusResult) {
        self.element("statusquery-result")
            .time("event-time", result.event_ms)
            .attribute("message-state", result.state.as_str())
            .code(Place::StatusQueryResult, result.code)
            .optional("desc", result.desc.as_deref())
            .open();
        self.addresses(result.addresses.iter().map(String::as_str));
        self.quality_of_service(result.quality_of_service.as_ref());
        self.close("statusquery-result");
    }

    fn ccq_response(&mut self, response: &CcqResponse) {
        self.element("ccq-response")
            .optional("query-id", response.query_id.as_deref())
            .code(Place::CcqResponse, response.code)
            .optional("desc", response.desc.as_deref())
            .open();
        self.addresses([response.address.as_str()]);
        self.close("ccq-response");
    }

    fn notification_response(&mut self, response: &ResultNotificationResponse) {
        self.element("resultnotification-response")
            .attribute("push-id", response.push_id.as_str())
            .code(Place::ResultNotificationResponse, response.code)
            .optional("desc", response.desc.as_deref())
            .open();
        self.addresses([response.address.as_str()]);
        self.close("resultnotification-response");
    }
}

#[cfg(test)]
mod tests;
