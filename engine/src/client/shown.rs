//! What a received SI, SL or CO says, for people and for `--json`.
//!
//! The file keeps the octets as they came; this is read beside it. Times, identifiers and
//! addresses are shown, never acted on.

use std::fmt;

use serde::Serialize;

use crate::content::media_type::{essence, parameter};
use crate::content::wbxml::{Dialect, Document, Element, Form};

/// What a document says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Shown {
    /// A cache operation.
    Co {
        /// In their order.
        invalidate: Vec<Invalidated>,
    },
    /// A service indication.
    Si(Indication),
    /// A service loading.
    Sl {
        /// What is to be loaded.
        href: String,
        /// How.
        action: String,
    },
    /// Something that claims to be one of these.
    Unreadable {
        /// Why it is none.
        reason: String,
    },
}

/// What a service indication says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Indication {
    /// The message.
    pub text: String,
    /// How much it may intrude.
    pub action: String,
    /// Where there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// Its identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub si_id: Option<String>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub si_expires: Option<String>,
    /// Further items.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub info: Vec<Item>,
}

/// An item of a service indication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What it is about.
    pub class: String,
    /// What it says.
    pub text: String,
}

/// What a cache operation makes invalid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invalidated {
    /// One object, or everything below an address.
    pub what: Reach,
    /// The address.
    pub uri: String,
}

/// How far an invalidation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// One object.
    Object,
    /// All objects whose addresses begin so.
    Service,
}

impl Shown {
    /// Whether content of a type is shown at all.
    pub fn is_shown(content_type: &str) -> bool {
        Dialect::of_media_type(essence(content_type)).is_some()
    }

    /// What content says, in either form.
    pub fn read(content_type: &str, octets: &[u8]) -> Self {
        let unreadable = |reason: String| Self::Unreadable { reason };
        match Dialect::of_media_type(essence(content_type)) {
            Some((dialect, Form::Binary)) => Document::decode(dialect, octets).map_or_else(
                |error| unreadable(error.to_string()),
                |document| Self::from(&document),
            ),
            Some((dialect, Form::Text)) => {
                let charset = parameter(content_type, "charset");
                Document::read_xml(dialect, octets, charset.as_deref()).map_or_else(
                    |error| unreadable(error.to_string()),
                    |document| Self::from(&document),
                )
            }
            None => unreadable(format!("{content_type} is none of SI, SL and CO")),
        }
    }
}

impl From<&Document> for Shown {
    fn from(document: &Document) -> Self {
        let root = document.root();
        let given = |element: &Element, name| element.attribute(name).map(str::to_owned);
        // An attribute that a valid document must have, or has by default.
        let present = |element: &Element, name| given(element, name).unwrap_or_default();
        match document.dialect() {
            Dialect::Co => Self::Co {
                invalidate: root
                    .children()
                    .iter()
                    .map(|operation| Invalidated {
                        what: match operation.name() {
                            "invalidate-object" => Reach::Object,
                            _ => Reach::Service,
                        },
                        uri: present(operation, "uri"),
                    })
                    .collect(),
            },
            Dialect::Si => {
                let named = |name| {
                    root.children()
                        .iter()
                        .find(move |child| child.name() == name)
                };
                let indication = named("indication").unwrap_or(root);
                let items = named("info").map(Element::children).unwrap_or_default();
                let items = items.iter().map(|item| Item {
                    class: present(item, "class"),
                    text: item.text().to_owned(),
                });
                Self::Si(Indication {
                    text: indication.text().to_owned(),
                    action: present(indication, "action"),
                    href: given(indication, "href"),
                    si_id: given(indication, "si-id"),
                    created: given(indication, "created"),
                    si_expires: given(indication, "si-expires"),
                    info: items.collect(),
                })
            }
            Dialect::Sl => Self::Sl {
                href: present(root, "href"),
                action: present(root, "action"),
            },
        }
    }
}

impl fmt::Display for Shown {
    /// One line. What came from outside is quoted with its control characters escaped, so that it
    /// does nothing to a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Co { invalidate } => {
                f.write_str("cache operation:")?;
                for Invalidated { what, uri } in invalidate {
                    let what = match what {
                        Reach::Object => "object",
                        Reach::Service => "service",
                    };
                    write!(f, " invalidate {what} {uri:?}")?;
                }
                Ok(())
            }
            Self::Si(indication) => indication.fmt(f),
            Self::Sl { href, action } => write!(f, "service loading: {href:?} {action}"),
            Self::Unreadable { reason } => write!(f, "unreadable: {}", reason.escape_debug()),
        }
    }
}

impl fmt::Display for Indication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "service indication: {:?} {}", self.text, self.action)?;
        let parts = [
            ("href", &self.href),
            ("id", &self.si_id),
            ("created", &self.created),
            ("expires", &self.si_expires),
        ];
        for (name, value) in parts {
            if let Some(value) = value {
                write!(f, " {name} {value:?}")?;
            }
        }
        for Item { class, text } in &self.info {
            write!(f, " {class:?} {text:?}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_shown_as_a_line_and_as_json() {
        for (content_type, octets, line, json) in [
            (
                "application/vnd.wap.sic; charset=utf-8",
                &include_bytes!("../../tests/samples/content/si.wbxml")[..],
                r#"service indication: "Flood warning: river Aln" signal-high href "http://www.alerts.example.org/a/7" id "a7@alerts.example.org" created "2026-11-22T09:30:00Z" expires "2026-11-22T12:00:00Z""#,
                r#"{"kind":"si","text":"Flood warning: river Aln","action":"signal-high","href":"http://www.alerts.example.org/a/7","si_id":"a7@alerts.example.org","created":"2026-11-22T09:30:00Z","si_expires":"2026-11-22T12:00:00Z"}"#,
            ),
            (
                "application/vnd.wap.slc",
                include_bytes!("../../tests/samples/content/sl.wbxml"),
                r#"service loading: "https://www.alerts.example.net/evac?z=3" execute-high"#,
                r#"{"kind":"sl","href":"https://www.alerts.example.net/evac?z=3","action":"execute-high"}"#,
            ),
            (
                "text/vnd.wap.co",
                include_bytes!("../../tests/samples/content/co.xml"),
                r#"cache operation: invalidate object "http://alerts.example.org/a/7" invalidate service "/b""#,
                r#"{"kind":"co","invalidate":[{"what":"object","uri":"http://alerts.example.org/a/7"},{"what":"service","uri":"/b"}]}"#,
            ),
            (
                "application/vnd.wap.coc",
                b"\x02",
                "unreadable: the document ends too early, after 1 octets",
                r#"{"kind":"unreadable","reason":"the document ends too early, after 1 octets"}"#,
            ),
        ] {
            assert!(Shown::is_shown(content_type));
            let shown = Shown::read(content_type, octets);
            assert_eq!(shown.to_string(), line);
            assert_eq!(serde_json::to_string(&shown).unwrap(), json);
        }
        assert!(!Shown::is_shown("text/plain"));
    }

    #[test]
    fn nothing_in_a_document_reaches_the_terminal_as_a_command() {
        let si = "<si><indication href='&#10;\u{9b}2J'>\u{9b}31m</indication></si>";
        let line = Shown::read("text/vnd.wap.si", si.as_bytes()).to_string();
        assert!(!line.contains(char::is_control), "{line:?}");
    }
}
