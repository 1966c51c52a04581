//! Documents that are valid: a tree checked against the DTD of its dialect.
//!
//! White space is normalised on the way in, the same for both forms: what lies between elements is
//! dropped, text is trimmed and its runs of white space become one space, and so do values that
//! are no free text (XML 1.0 3.3.3). A document and what comes back from its other form are
//! therefore equal.

use crate::content::tree::{self, Node, Place, collapsed, is_space};

use super::datetime;
use super::dialect::{AttributeRule, Dialect, ElementRule, Kind, Model, Particle, Presence};

/// Most characters of a value or name that an error repeats.
const MAX_QUOTED_CHARS: usize = 64;

/// An SI, SL or CO.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub(super) dialect: Dialect,
    pub(super) root: Element,
}

/// A valid element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    pub(super) rule: &'static ElementRule,
    pub(super) attributes: Vec<(&'static AttributeRule, String)>,
    pub(super) children: Vec<Self>,
    pub(super) text: String,
}

/// A document that does not follow its DTD, or a rule beside it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDocument {
    /// A child that has no place there.
    #[error("{place}: {child:?} has no place in {element}")]
    Child {
        /// Where.
        place: Place,
        /// In what.
        element: &'static str,
        /// What.
        child: String,
    },
    /// A deletion has to name what it deletes (WAP-167 6.2).
    #[error("{place}: action \"delete\" needs attribute si-id")]
    Deletion {
        /// Where.
        place: Place,
    },
    /// A required attribute is absent.
    #[error("{place}: attribute {attribute} of {element} is required")]
    MissingAttribute {
        /// Where.
        place: Place,
        /// Of what.
        element: &'static str,
        /// Which.
        attribute: &'static str,
    },
    /// A required child is absent.
    #[error("{place}: {element} needs {child}")]
    MissingChild {
        /// Where.
        place: Place,
        /// In what.
        element: &'static str,
        /// What.
        child: &'static str,
    },
    /// An attribute that stands twice in an element.
    #[error("{place}: attribute {attribute} of {element} stands there twice")]
    Repeated {
        /// Where.
        place: Place,
        /// Of what.
        element: &'static str,
        /// Which.
        attribute: &'static str,
    },
    /// Another root element.
    #[error("{place}: the root element is {found:?}, not {expected}")]
    Root {
        /// Where.
        place: Place,
        /// What stands there.
        found: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// Characters where only elements, or nothing, may be.
    #[error("{place}: text has no place in {element}")]
    Text {
        /// Where.
        place: Place,
        /// In what.
        element: &'static str,
    },
    /// An attribute that the element does not have.
    #[error("{place}: {element} has no attribute {attribute:?}")]
    UnknownAttribute {
        /// Where.
        place: Place,
        /// Of what.
        element: &'static str,
        /// Which.
        attribute: String,
    },
    /// A value that the attribute cannot have.
    #[error("{place}: {value:?} is not possible for attribute {attribute} of {element}; {allowed}")]
    Value {
        /// Where.
        place: Place,
        /// Of what.
        element: &'static str,
        /// Which.
        attribute: &'static str,
        /// What stands there.
        value: String,
        /// What may stand there.
        allowed: String,
    },
}

impl Document {
    /// Checks a tree.
    pub fn new(dialect: Dialect, root: tree::Element) -> Result<Self, InvalidDocument> {
        let rule = dialect
            .element(&root.name)
            .filter(|rule| rule.name == dialect.name());
        let Some(rule) = rule else {
            return Err(InvalidDocument::Root {
                place: root.place,
                found: quoted(&root.name),
                expected: dialect.name(),
            });
        };
        let root = Element::new(dialect, rule, root)?;
        Ok(Self { dialect, root })
    }

    /// What kind it is.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Its root element.
    pub const fn root(&self) -> &Element {
        &self.root
    }
}

impl Element {
    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.rule.name
    }

    /// An attribute's value, or its default.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut present = self.attributes.iter();
        if let Some((_, value)) = present.find(|(rule, _)| rule.name == name) {
            return Some(value);
        }
        match self.rule.attribute(name)?.presence {
            Presence::Default(value) => Some(value),
            Presence::Implied | Presence::Required => None,
        }
    }

    /// The elements in it.
    pub fn children(&self) -> &[Self] {
        &self.children
    }

    /// Its text; empty where only elements may be.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn new(
        dialect: Dialect,
        rule: &'static ElementRule,
        tree: tree::Element,
    ) -> Result<Self, InvalidDocument> {
        let place = tree.place;
        let attributes = attributes(rule, &tree)?;
        let is_deletion = attributes.iter().any(|(_, value)| value == "delete");
        if dialect == Dialect::Si && is_deletion && !has(&attributes, "si-id") {
            return Err(InvalidDocument::Deletion { place });
        }
        let text = collapsed(&tree.text());
        if !text.is_empty() && rule.content != Model::Text {
            return Err(InvalidDocument::Text {
                place,
                element: rule.name,
            });
        }
        let mut children = Vec::new();
        for node in tree.children {
            let Node::Element(child) = node else {
                continue;
            };
            let misplaced = InvalidDocument::Child {
                place: child.place,
                element: rule.name,
                child: quoted(&child.name),
            };
            let allowed = dialect
                .element(&child.name)
                .filter(|child| rule.content.allows(child.name))
                .ok_or(misplaced)?;
            children.push(Self::new(dialect, allowed, child)?);
        }
        let element = Self {
            rule,
            attributes,
            children,
            text,
        };
        element.check_order(place)?;
        Ok(element)
    }

    /// Whether the children follow each other as the DTD says.
    fn check_order(&self, place: Place) -> Result<(), InvalidDocument> {
        let element = self.rule.name;
        let mut rest = self.children.as_slice();
        for particle in self.rule.content.particles() {
            let fits = |child: &&Self| particle.names.contains(&child.name());
            let run = rest.iter().take_while(fits).count();
            if run < particle.at_least {
                let child = particle.names.first().copied().unwrap_or_default();
                return Err(InvalidDocument::MissingChild {
                    place,
                    element,
                    child,
                });
            }
            rest = rest.get(run.min(particle.at_most)..).unwrap_or_default();
        }
        match rest.first() {
            None => Ok(()),
            Some(child) => Err(InvalidDocument::Child {
                place,
                element,
                child: child.name().to_owned(),
            }),
        }
    }
}

impl Model {
    const fn particles(&self) -> &'static [Particle] {
        match self {
            Self::Children(particles) => particles,
            Self::Empty | Self::Text => &[],
        }
    }

    fn allows(&self, child: &str) -> bool {
        let mut particles = self.particles().iter();
        particles.any(|particle| particle.names.contains(&child))
    }
}

fn has(attributes: &[(&'static AttributeRule, String)], name: &str) -> bool {
    attributes.iter().any(|(rule, _)| rule.name == name)
}

fn attributes(
    rule: &'static ElementRule,
    tree: &tree::Element,
) -> Result<Vec<(&'static AttributeRule, String)>, InvalidDocument> {
    let (place, element) = (tree.place, rule.name);
    let mut attributes = Vec::new();
    for (name, value) in &tree.attributes {
        let Some(attribute) = rule.attribute(name) else {
            return Err(InvalidDocument::UnknownAttribute {
                place,
                element,
                attribute: quoted(name),
            });
        };
        if has(&attributes, attribute.name) {
            return Err(InvalidDocument::Repeated {
                place,
                element,
                attribute: attribute.name,
            });
        }
        let value = attribute.kind.read(value);
        let value = value.map_err(|(value, allowed)| InvalidDocument::Value {
            place,
            element,
            attribute: attribute.name,
            value,
            allowed,
        })?;
        attributes.push((attribute, value));
    }
    let absent = rule.attributes.iter().find(|attribute| {
        attribute.presence == Presence::Required && !has(&attributes, attribute.name)
    });
    match absent {
        None => Ok(attributes),
        Some(attribute) => Err(InvalidDocument::MissingAttribute {
            place,
            element,
            attribute: attribute.name,
        }),
    }
}

impl Kind {
    /// The normalised value, or its beginning and what would be possible.
    fn read(self, value: &str) -> Result<String, (String, String)> {
        let token = || collapsed(value);
        let (value, allowed) = match self {
            Self::Cdata => return Ok(value.to_owned()),
            // White space is no part of an address.
            Self::Uri => return Ok(value.trim_matches(is_space).to_owned()),
            Self::Datetime => {
                let value = token();
                if datetime::is_datetime(&value) {
                    return Ok(value);
                }
                let form = "a time in UTC has the form YYYY-MM-DDThh:mm:ssZ";
                (value, form.to_owned())
            }
            Self::NmToken => {
                let value = token();
                if is_name_token(&value) {
                    return Ok(value);
                }
                (value, "a name token is expected".to_owned())
            }
            Self::OneOf(values) => {
                let value = token();
                if values.contains(&value.as_str()) {
                    return Ok(value);
                }
                (value, format!("one of {} is", values.join(", ")))
            }
        };
        Err((quoted(&value), allowed))
    }
}

/// XML 1.0 2.3: Nmtoken. Beyond ASCII every letter and digit is taken.
fn is_name_token(text: &str) -> bool {
    let fits = |character: char| {
        character.is_alphanumeric() || matches!(character, '.' | '-' | '_' | ':' | '\u{B7}')
    };
    !text.is_empty() && text.chars().all(fits)
}

fn quoted(text: &str) -> String {
    text.chars().take(MAX_QUOTED_CHARS).collect()
}
