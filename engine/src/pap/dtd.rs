//! The document type of PAP as data, and validation against it (PAP 11.2).
//!
//! Version 1.0 is 2.0 without replacement. A document of a newer minor version may hold attributes
//! and elements that are not here: they are ignored, as PAP 9 wants. Everything else must be as
//! declared.

use crate::model::submission::PapVersion;

use super::error::{PapError, quoted};
use super::message::MAX_ADDRESSES;
use super::xml_tree::Element;

/// How often a child may stand at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Occurs {
    Any,
    AtLeastOnce,
    Once,
    Optional,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Implied,
    Required,
}

struct Attribute {
    name: &'static str,
    presence: Presence,
    /// The possible values; none listed means any text.
    values: &'static [&'static str],
    since: PapVersion,
}

struct Declaration {
    name: &'static str,
    attributes: &'static [Attribute],
    children: &'static [(&'static str, Occurs)],
}

const fn implied(name: &'static str) -> Attribute {
    Attribute {
        name,
        presence: Presence::Implied,
        values: &[],
        since: PapVersion::V1_0,
    }
}

const fn required(name: &'static str) -> Attribute {
    Attribute {
        presence: Presence::Required,
        ..implied(name)
    }
}

const fn one_of(name: &'static str, values: &'static [&'static str]) -> Attribute {
    Attribute {
        values,
        ..implied(name)
    }
}

const fn since_2_0(attribute: Attribute) -> Attribute {
    Attribute {
        since: PapVersion::V2_0,
        ..attribute
    }
}

const BOOLEAN: &[&str] = &["true", "false"];
const STATES: &[&str] = &[
    "rejected",
    "pending",
    "delivered",
    "undeliverable",
    "expired",
    "aborted",
    "timeout",
    "cancelled",
    "unknown",
];
const STATE: Attribute = Attribute {
    values: STATES,
    ..required("message-state")
};

/// Root of every document.
const ROOT: &str = "pap";

const ELEMENTS: &[Declaration] = &[
    Declaration {
        name: ROOT,
        attributes: &[implied("product-name")],
        // One of the messages; the content model is a choice, which no other element has.
        children: &[],
    },
    Declaration {
        name: "push-message",
        attributes: &[
            required("push-id"),
            since_2_0(implied("replace-push-id")),
            since_2_0(one_of("replace-method", &["pending-only", "all"])),
            implied("deliver-before-timestamp"),
            implied("deliver-after-timestamp"),
            implied("source-reference"),
            implied("ppg-notify-requested-to"),
            one_of("progress-notes-requested", BOOLEAN),
        ],
        children: &[
            ("address", Occurs::AtLeastOnce),
            ("quality-of-service", Occurs::Optional),
        ],
    },
    Declaration {
        name: "address",
        attributes: &[required("address-value")],
        children: &[],
    },
    Declaration {
        name: "quality-of-service",
        attributes: &[
            one_of("priority", &["high", "medium", "low"]),
            one_of(
                "delivery-method",
                &[
                    "confirmed",
                    "preferconfirmed",
                    "unconfirmed",
                    "notspecified",
                ],
            ),
            implied("network"),
            one_of("network-required", BOOLEAN),
            implied("bearer"),
            one_of("bearer-required", BOOLEAN),
        ],
        children: &[],
    },
    Declaration {
        name: "push-response",
        attributes: &[
            required("push-id"),
            implied("sender-address"),
            implied("sender-name"),
            implied("reply-time"),
        ],
        children: &[
            ("progress-note", Occurs::Any),
            ("response-result", Occurs::Once),
        ],
    },
    Declaration {
        name: "progress-note",
        attributes: &[required("stage"), implied("note"), implied("time")],
        children: &[],
    },
    Declaration {
        name: "response-result",
        attributes: &[required("code"), implied("desc")],
        children: &[],
    },
    Declaration {
        name: "cancel-message",
        attributes: &[required("push-id")],
        children: &[("address", Occurs::Any)],
    },
    Declaration {
        name: "cancel-response",
        attributes: &[required("push-id")],
        children: &[("cancel-result", Occurs::AtLeastOnce)],
    },
    Declaration {
        name: "cancel-result",
        attributes: &[required("code"), implied("desc")],
        children: &[("address", Occurs::Any)],
    },
    Declaration {
        name: "resultnotification-message",
        attributes: &[
            required("push-id"),
            implied("sender-address"),
            implied("sender-name"),
            implied("received-time"),
            implied("event-time"),
            STATE,
            required("code"),
            implied("desc"),
        ],
        children: &[
            ("address", Occurs::Once),
            ("quality-of-service", Occurs::Optional),
        ],
    },
    Declaration {
        name: "resultnotification-response",
        attributes: &[required("push-id"), required("code"), implied("desc")],
        children: &[("address", Occurs::Once)],
    },
    Declaration {
        name: "statusquery-message",
        attributes: &[required("push-id")],
        children: &[("address", Occurs::Any)],
    },
    Declaration {
        name: "statusquery-response",
        attributes: &[required("push-id")],
        children: &[("statusquery-result", Occurs::AtLeastOnce)],
    },
    Declaration {
        name: "statusquery-result",
        attributes: &[
            implied("event-time"),
            STATE,
            required("code"),
            implied("desc"),
        ],
        children: &[
            ("address", Occurs::Any),
            ("quality-of-service", Occurs::Optional),
        ],
    },
    Declaration {
        name: "ccq-message",
        attributes: &[implied("query-id"), implied("app-id")],
        children: &[("address", Occurs::Once)],
    },
    Declaration {
        name: "ccq-response",
        attributes: &[implied("query-id"), required("code"), implied("desc")],
        children: &[("address", Occurs::Once)],
    },
    Declaration {
        name: "badmessage-response",
        attributes: &[
            required("code"),
            implied("desc"),
            implied("bad-message-fragment"),
        ],
        children: &[],
    },
];

/// What `pap` may hold one of.
const MESSAGES: &[&str] = &[
    "push-message",
    "push-response",
    "cancel-message",
    "cancel-response",
    "resultnotification-message",
    "resultnotification-response",
    "statusquery-message",
    "statusquery-response",
    "ccq-message",
    "ccq-response",
    "badmessage-response",
];

/// An element that is not as declared.
#[derive(Debug)]
pub(super) struct Invalid<'t, 'a> {
    pub(super) error: PapError,
    /// The element, or its offending child.
    pub(super) at: &'t Element<'a>,
}

type Validity<'t, 'a> = Result<(), Invalid<'t, 'a>>;

/// What is unknown here may be known to the sender: a newer minor version of a major one of ours.
fn ignores_unknown(version: PapVersion) -> bool {
    ![PapVersion::V1_0, PapVersion::V2_0].contains(&version)
}

fn declaration(name: &str) -> Option<&'static Declaration> {
    ELEMENTS.iter().find(|declaration| declaration.name == name)
}

/// The declared name equal to that one.
pub(super) fn static_name(name: &str) -> &'static str {
    declaration(name).map_or(ROOT, |declaration| declaration.name)
}

/// The message element of a document, valid or not.
pub(super) fn message<'t, 'a>(root: &'t Element<'a>) -> Option<&'t Element<'a>> {
    root.children
        .iter()
        .find(|child| MESSAGES.contains(&child.name))
}

/// Checks a whole document.
pub(super) fn validate<'t, 'a>(root: &'t Element<'a>, version: PapVersion) -> Validity<'t, 'a> {
    let Some(declared) = declaration(root.name).filter(|_| root.name == ROOT) else {
        return Err(Invalid {
            error: PapError::Root {
                found: quoted(root.name),
            },
            at: root,
        });
    };
    own(root, declared, version)?;
    let mut messages = known_children(root, version);
    let message = messages.next().ok_or(Invalid {
        error: PapError::MissingChild {
            element: ROOT,
            child: "a message",
        },
        at: root,
    })?;
    let declared = declaration(message.name).filter(|_| MESSAGES.contains(&message.name));
    match (declared, messages.next()) {
        (Some(declared), None) => element(message, declared, version),
        (None, _) => Err(unexpected(ROOT, message)),
        (Some(_), Some(second)) => Err(unexpected(ROOT, second)),
    }
}

fn known_children<'t, 'a>(
    element: &'t Element<'a>,
    version: PapVersion,
) -> impl Iterator<Item = &'t Element<'a>> {
    element
        .children
        .iter()
        .filter(move |child| !ignores_unknown(version) || declaration(child.name).is_some())
}

fn unexpected<'t, 'a>(parent: &'static str, child: &'t Element<'a>) -> Invalid<'t, 'a> {
    Invalid {
        error: PapError::UnexpectedChild {
            element: parent,
            child: quoted(child.name),
        },
        at: child,
    }
}

/// An element, its attributes and everything below it.
fn element<'t, 'a>(
    at: &'t Element<'a>,
    declared: &'static Declaration,
    version: PapVersion,
) -> Validity<'t, 'a> {
    own(at, declared, version)?;
    let addresses = at.children.iter().filter(|child| child.name == "address");
    let count = addresses.count();
    if count > MAX_ADDRESSES {
        let error = PapError::Addresses { count };
        return Err(Invalid { error, at });
    }
    content(at, declared, version)?;
    for child in known_children(at, version) {
        if let Some(declared) = declaration(child.name) {
            element(child, declared, version)?;
        }
    }
    Ok(())
}

/// The children are there in the order and number of the content model.
fn content<'t, 'a>(
    at: &'t Element<'a>,
    declared: &'static Declaration,
    version: PapVersion,
) -> Validity<'t, 'a> {
    let mut children = known_children(at, version).peekable();
    for &(name, occurs) in declared.children {
        let mut count = 0_usize;
        while children.next_if(|child| child.name == name).is_some() {
            count += 1;
            if matches!(occurs, Occurs::Once | Occurs::Optional) {
                break;
            }
        }
        if count > 0 || matches!(occurs, Occurs::Any | Occurs::Optional) {
            continue;
        }
        let elsewhere = |child: &&Element<'_>| {
            !declared
                .children
                .iter()
                .any(|(name, _)| *name == child.name)
        };
        return Err(match children.next().filter(elsewhere) {
            Some(child) => unexpected(declared.name, child),
            None => Invalid {
                error: PapError::MissingChild {
                    element: declared.name,
                    child: name,
                },
                at,
            },
        });
    }
    match children.next() {
        Some(child) => Err(unexpected(declared.name, child)),
        None => Ok(()),
    }
}

/// Attributes and text of the element itself.
fn own<'t, 'a>(
    at: &'t Element<'a>,
    declared: &'static Declaration,
    version: PapVersion,
) -> Validity<'t, 'a> {
    let element = declared.name;
    let invalid = |error| Err(Invalid { error, at });
    if at.has_text {
        return invalid(PapError::Text { element });
    }
    for (name, value) in &at.attributes {
        let known = declared
            .attributes
            .iter()
            .find(|attribute| attribute.name == *name && attribute.since <= version);
        match known {
            Some(attribute)
                if !attribute.values.is_empty() && !attribute.values.contains(&&**value) =>
            {
                return invalid(PapError::Enumeration {
                    element,
                    attribute: attribute.name,
                    value: quoted(value),
                });
            }
            None if !ignores_unknown(version) => {
                return invalid(PapError::UnknownAttribute {
                    element,
                    attribute: quoted(name),
                });
            }
            Some(_) | None => {}
        }
    }
    let missing = declared.attributes.iter().find(|attribute| {
        attribute.presence == Presence::Required && at.attribute(attribute.name).is_none()
    });
    match missing {
        Some(attribute) => invalid(PapError::MissingAttribute {
            element,
            attribute: attribute.name,
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::delivery::MessageState;

    #[test]
    fn every_child_is_declared() {
        let named = ELEMENTS
            .iter()
            .flat_map(|declared| declared.children.iter().map(|(name, _)| name))
            .chain(MESSAGES);
        for name in named {
            assert!(declaration(name).is_some(), "{name}");
        }
        assert_eq!(ELEMENTS.len(), 18);
    }

    #[test]
    fn states_are_those_of_the_model() {
        let model: Vec<_> = MessageState::ALL
            .iter()
            .map(|state| state.as_str())
            .collect();
        assert_eq!(model, STATES);
    }
}
