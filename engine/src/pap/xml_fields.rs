//! Attributes and children of a valid element as typed values.

use crate::model::delivery::MessageState;
use crate::model::ids::PushId;
use crate::model::submission::{DeliveryMethod, Priority, QualityOfService};

use super::error::{PapError, quoted};
use super::message::Recipient;
use super::status::Code;
use super::timestamp;
use super::xml_tree::Element;

pub(super) const PUSH_ID: &str = "push-id";

impl Element<'_> {
    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.attribute(name).map(str::to_owned)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.attribute(name) == Some("true")
    }

    pub(super) fn time(&self, attribute: &'static str) -> Result<Option<u64>, PapError> {
        self.attribute(attribute)
            .map(|value| {
                timestamp::read(value).ok_or_else(|| PapError::Timestamp {
                    attribute,
                    value: quoted(value),
                })
            })
            .transpose()
    }

    pub(super) fn identifier(&self, attribute: &'static str) -> Result<Option<PushId>, PapError> {
        self.attribute(attribute)
            .map(str::parse)
            .transpose()
            .map_err(|source| PapError::PushId { attribute, source })
    }

    pub(super) fn push_id(&self, element: &'static str) -> Result<PushId, PapError> {
        self.identifier(PUSH_ID)?.ok_or(PapError::MissingAttribute {
            element,
            attribute: PUSH_ID,
        })
    }

    pub(super) fn code(&self) -> Result<Code, PapError> {
        let value = self.attribute("code").unwrap_or_default();
        value.parse().map_err(|_| PapError::Code {
            value: quoted(value),
        })
    }

    pub(super) fn desc(&self) -> Option<String> {
        self.owned("desc")
    }

    pub(super) fn state(&self, element: &'static str) -> Result<MessageState, PapError> {
        self.attribute("message-state")
            .and_then(MessageState::from_pap)
            .ok_or(PapError::MissingAttribute {
                element,
                attribute: "message-state",
            })
    }

    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = &str> {
        self.named("address")
            .filter_map(|address| address.attribute("address-value"))
    }

    pub(super) fn recipients(&self) -> Vec<Recipient> {
        self.addresses().map(Recipient::from).collect()
    }

    pub(super) fn quoted(&self) -> Vec<String> {
        self.addresses().map(str::to_owned).collect()
    }

    pub(super) fn address(&self, element: &'static str) -> Result<&str, PapError> {
        self.addresses().next().ok_or(PapError::MissingChild {
            element,
            child: "address",
        })
    }

    pub(super) fn quality_of_service(&self) -> Option<QualityOfService> {
        let element = self.named("quality-of-service").next()?;
        Some(QualityOfService {
            priority: match element.attribute("priority") {
                Some("high") => Priority::High,
                Some("low") => Priority::Low,
                _ => Priority::Medium,
            },
            delivery_method: match element.attribute("delivery-method") {
                Some("confirmed") => DeliveryMethod::Confirmed,
                Some("preferconfirmed") => DeliveryMethod::PreferConfirmed,
                Some("unconfirmed") => DeliveryMethod::Unconfirmed,
                _ => DeliveryMethod::NotSpecified,
            },
            network: element.owned("network"),
            network_required: element.flag("network-required"),
            bearer: element.owned("bearer"),
            bearer_required: element.flag("bearer-required"),
        })
    }
}
