//! What can be wrong with an alert.

use crate::geometry::GeometryError;

/// An alert that cannot be read or written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CapError {
    /// A character that XML cannot carry.
    #[error("{element} has the character U+{:04X}, which XML cannot carry", u32::from(*character))]
    Character {
        /// The character.
        character: char,
        /// Element that has it.
        element: &'static str,
    },
    /// A document type declaration; it could declare entities.
    #[error("the alert has a document type declaration")]
    Dtd,
    /// Not UTF-8, or said not to be.
    #[error("the alert is not UTF-8")]
    Encoding,
    /// A reference to an entity that XML itself does not define.
    #[error("the alert refers to an entity")]
    Entity,
    /// A polygon or circle that is none.
    #[error("{element} is not one")]
    Geometry {
        /// The element.
        element: &'static str,
        /// What is wrong with it.
        source: GeometryError,
    },
    /// More of something than is accepted.
    #[error("more than {max} {of}")]
    Limit {
        /// What is counted.
        of: &'static str,
        /// The bound.
        max: usize,
    },
    /// The XML is not well-formed.
    #[error("the alert is not well-formed XML near octet {offset}")]
    Malformed {
        /// Where, octets from the start.
        offset: u64,
    },
    /// A required element is absent, empty or in the wrong place.
    #[error("{parent} lacks {element}, or has it in the wrong place")]
    Missing {
        /// The element.
        element: &'static str,
        /// Where it belongs.
        parent: &'static str,
    },
    /// The root element is not a CAP 1.2 alert.
    #[error("the root element is not an alert of CAP 1.2")]
    Root,
    /// An element that does not belong where it stands.
    #[error("{parent} has {element:?}, which does not belong there")]
    Unexpected {
        /// Start of its name.
        element: String,
        /// Where it stands.
        parent: &'static str,
    },
    /// A value that its element cannot have.
    #[error("{element} has a value that it cannot have")]
    Value {
        /// The element.
        element: &'static str,
    },
}
