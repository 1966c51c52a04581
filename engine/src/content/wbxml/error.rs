//! What can be wrong with a WBXML document, as facts.

use crate::content::charset::NotText;
use crate::content::xml_read::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_XML_BYTES};

use super::MAX_WBXML_BYTES;
use super::document::InvalidDocument;

/// Octets that are no document of their kind. Offsets are octets before what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// More attributes than [`MAX_ATTRIBUTES`].
    #[error("octet {offset}: an element has more than {MAX_ATTRIBUTES} attributes")]
    Attributes {
        /// Where.
        offset: usize,
    },
    /// A character that XML does not allow.
    #[error("octet {offset}: character U+{character:04X} is not allowed in XML")]
    Character {
        /// Where.
        offset: usize,
        /// Its number.
        character: u32,
    },
    /// A character set that is not read here.
    #[error("character set {mib_enum} (MIBenum) is not known")]
    Charset {
        /// Its number.
        mib_enum: u32,
    },
    /// Elements inside elements beyond [`MAX_DEPTH`].
    #[error("octet {offset}: elements are nested deeper than {MAX_DEPTH}")]
    Depth {
        /// Where.
        offset: usize,
    },
    /// It does not follow the DTD.
    #[error(transparent)]
    Invalid(#[from] InvalidDocument),
    /// More than 32 bits, or more octets than those need.
    #[error("octet {offset}: a number that does not fit 32 bits")]
    Number {
        /// Where.
        offset: usize,
    },
    /// Opaque data that is no time, or stands where none belongs.
    #[error("octet {offset}: opaque data that is no time of an attribute")]
    Opaque {
        /// Where.
        offset: usize,
    },
    /// A public identifier that is that of another document.
    #[error("public identifier {public_id} is not that of {expected}")]
    PublicId {
        /// Its number.
        public_id: u32,
        /// The document expected.
        expected: &'static str,
    },
    /// No string there.
    #[error("octet {offset}: no string at {index} in the string table")]
    StringTable {
        /// Where.
        offset: usize,
        /// Which.
        index: u32,
    },
    /// Octets that are not of the character set.
    #[error("octet {offset}: {error}")]
    Text {
        /// Where.
        offset: usize,
        /// Which set.
        #[source]
        error: NotText,
    },
    /// A token that these documents do not have.
    #[error("octet {offset}: token {token:02X} is not known here")]
    Token {
        /// Where.
        offset: usize,
        /// Which.
        token: u8,
    },
    /// More octets than [`MAX_WBXML_BYTES`], or a text beyond [`MAX_XML_BYTES`].
    #[error("the document has more than {MAX_WBXML_BYTES} octets, or {MAX_XML_BYTES} as text")]
    TooLong,
    /// Octets after the end.
    #[error("octet {offset}: something follows the end of the document")]
    Trailing {
        /// Where.
        offset: usize,
    },
    /// The octets end too early.
    #[error("the document ends too early, after {bytes} octets")]
    Truncated {
        /// How many there are.
        bytes: usize,
    },
    /// A version other than 1.1 to 1.3.
    #[error("WBXML version octet {version:02X} is not one of 01, 02 and 03")]
    Version {
        /// The octet.
        version: u8,
    },
}
