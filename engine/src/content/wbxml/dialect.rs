//! What SI, SL and CO consist of: their DTDs and their token tables (WAP-167 and WAP-168 8,
//! WAP-175 7). All tokens are of code page 0.

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Cache operation.
    Co,
    /// Service indication.
    Si,
    /// Service loading.
    Sl,
}

/// The two forms of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// WBXML.
    Binary,
    /// XML.
    Text,
}

/// An element type.
#[derive(Debug, PartialEq, Eq)]
pub struct ElementRule {
    /// Its name.
    pub name: &'static str,
    /// Its tag token, from 05 to 3F.
    pub token: u8,
    /// What may be in it.
    pub content: Model,
    /// Its attributes.
    pub attributes: &'static [AttributeRule],
}

/// What may be in an element.
#[derive(Debug, PartialEq, Eq)]
pub enum Model {
    /// Elements, group after group.
    Children(&'static [Particle]),
    /// Nothing.
    Empty,
    /// Characters.
    Text,
}

/// A group of elements: one of several, so many times.
#[derive(Debug, PartialEq, Eq)]
pub struct Particle {
    /// Their names.
    pub names: &'static [&'static str],
    /// How many at least.
    pub at_least: usize,
    /// How many at most.
    pub at_most: usize,
}

/// An attribute of an element type.
#[derive(Debug, PartialEq, Eq)]
pub struct AttributeRule {
    /// Its name.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Whether it must be there.
    pub presence: Presence,
}

/// Values of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any characters.
    Cdata,
    /// `YYYY-MM-DDThh:mm:ssZ`.
    Datetime,
    /// A name token.
    NmToken,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// An address; empty counts as none.
    Uri,
}

/// Whether an attribute must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It has this value where it is absent.
    Default(&'static str),
    /// It may be absent.
    Implied,
    /// It must be there.
    Required,
}

/// An attribute start token: a name and how the value begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// From 05 to 7F.
    pub token: u8,
    /// Name of the attribute.
    pub attribute: &'static str,
    /// First characters of the value, or all of them.
    pub prefix: &'static str,
}

/// Attribute value tokens, the same for all three.
pub const VALUES: [(u8, &str); 4] = [
    (0x85, ".com/"),
    (0x86, ".edu/"),
    (0x87, ".net/"),
    (0x88, ".org/"),
];

const fn start(token: u8, attribute: &'static str, prefix: &'static str) -> Start {
    Start {
        token,
        attribute,
        prefix,
    }
}

const fn attribute(name: &'static str, kind: Kind, presence: Presence) -> AttributeRule {
    AttributeRule {
        name,
        kind,
        presence,
    }
}

const SI_ACTIONS: &[&str] = &[
    "signal-none",
    "signal-low",
    "signal-medium",
    "signal-high",
    "delete",
];

const SI: &[ElementRule] = &[
    ElementRule {
        name: "si",
        token: 0x05,
        content: Model::Children(&[
            Particle {
                names: &["indication"],
                at_least: 1,
                at_most: 1,
            },
            Particle {
                names: &["info"],
                at_least: 0,
                at_most: 1,
            },
        ]),
        attributes: &[],
    },
    ElementRule {
        name: "indication",
        token: 0x06,
        content: Model::Text,
        attributes: &[
            attribute("href", Kind::Uri, Presence::Implied),
            attribute("si-id", Kind::Cdata, Presence::Implied),
            attribute("created", Kind::Datetime, Presence::Implied),
            attribute("si-expires", Kind::Datetime, Presence::Implied),
            attribute(
                "action",
                Kind::OneOf(SI_ACTIONS),
                Presence::Default("signal-medium"),
            ),
        ],
    },
    ElementRule {
        name: "info",
        token: 0x07,
        content: Model::Children(&[Particle {
            names: &["item"],
            at_least: 1,
            at_most: usize::MAX,
        }]),
        attributes: &[],
    },
    ElementRule {
        name: "item",
        token: 0x08,
        content: Model::Text,
        attributes: &[attribute("class", Kind::NmToken, Presence::Required)],
    },
];

const SI_STARTS: &[Start] = &[
    start(0x05, "action", "signal-none"),
    start(0x06, "action", "signal-low"),
    start(0x07, "action", "signal-medium"),
    start(0x08, "action", "signal-high"),
    start(0x09, "action", "delete"),
    start(0x0A, "created", ""),
    start(0x0B, "href", ""),
    start(0x0C, "href", "http://"),
    start(0x0D, "href", "http://www."),
    start(0x0E, "href", "https://"),
    start(0x0F, "href", "https://www."),
    start(0x10, "si-expires", ""),
    start(0x11, "si-id", ""),
    start(0x12, "class", ""),
];

const SL: &[ElementRule] = &[ElementRule {
    name: "sl",
    token: 0x05,
    content: Model::Empty,
    attributes: &[
        attribute("href", Kind::Uri, Presence::Required),
        attribute(
            "action",
            Kind::OneOf(&["execute-low", "execute-high", "cache"]),
            Presence::Default("execute-low"),
        ),
    ],
}];

const SL_STARTS: &[Start] = &[
    start(0x05, "action", "execute-low"),
    start(0x06, "action", "execute-high"),
    start(0x07, "action", "cache"),
    start(0x08, "href", ""),
    start(0x09, "href", "http://"),
    start(0x0A, "href", "http://www."),
    start(0x0B, "href", "https://"),
    start(0x0C, "href", "https://www."),
];

const CO: &[ElementRule] = &[
    ElementRule {
        name: "co",
        token: 0x05,
        content: Model::Children(&[Particle {
            names: &["invalidate-object", "invalidate-service"],
            at_least: 1,
            at_most: usize::MAX,
        }]),
        attributes: &[],
    },
    ElementRule {
        name: "invalidate-object",
        token: 0x06,
        content: Model::Empty,
        attributes: &[attribute("uri", Kind::Uri, Presence::Required)],
    },
    ElementRule {
        name: "invalidate-service",
        token: 0x07,
        content: Model::Empty,
        attributes: &[attribute("uri", Kind::Uri, Presence::Required)],
    },
];

const CO_STARTS: &[Start] = &[
    start(0x05, "uri", ""),
    start(0x06, "uri", "http://"),
    start(0x07, "uri", "http://www."),
    start(0x08, "uri", "https://"),
    start(0x09, "uri", "https://www."),
];

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 3] = [Self::Co, Self::Si, Self::Sl];

    /// Its name: that of the root element.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Co => "co",
            Self::Si => "si",
            Self::Sl => "sl",
        }
    }

    /// Media type of a form.
    pub const fn media_type(self, form: Form) -> &'static str {
        match (self, form) {
            (Self::Co, Form::Binary) => "application/vnd.wap.coc",
            (Self::Co, Form::Text) => "text/vnd.wap.co",
            (Self::Si, Form::Binary) => "application/vnd.wap.sic",
            (Self::Si, Form::Text) => "text/vnd.wap.si",
            (Self::Sl, Form::Binary) => "application/vnd.wap.slc",
            (Self::Sl, Form::Text) => "text/vnd.wap.sl",
        }
    }

    /// The document that a media type without parameters says, in any case.
    pub fn of_media_type(essence: &str) -> Option<(Self, Form)> {
        let forms = Self::ALL
            .into_iter()
            .flat_map(|dialect| [(dialect, Form::Binary), (dialect, Form::Text)]);
        forms
            .into_iter()
            .find(|(dialect, form)| dialect.media_type(*form).eq_ignore_ascii_case(essence))
    }

    /// Public identifier of WBXML documents.
    pub const fn public_id_token(self) -> u32 {
        match self {
            Self::Si => 0x05,
            Self::Sl => 0x06,
            Self::Co => 0x07,
        }
    }

    /// The DOCTYPE of XML documents.
    pub const fn doctype(self) -> &'static str {
        match self {
            Self::Co => {
                "<!DOCTYPE co PUBLIC \"-//WAPFORUM//DTD CO 1.0//EN\" \
                 \"http://www.wapforum.org/DTD/co_1.0.dtd\">"
            }
            Self::Si => {
                "<!DOCTYPE si PUBLIC \"-//WAPFORUM//DTD SI 1.0//EN\" \
                 \"http://www.wapforum.org/DTD/si.dtd\">"
            }
            Self::Sl => {
                "<!DOCTYPE sl PUBLIC \"-//WAPFORUM//DTD SL 1.0//EN\" \
                 \"http://www.wapforum.org/DTD/sl.dtd\">"
            }
        }
    }

    /// Its element types.
    pub const fn elements(self) -> &'static [ElementRule] {
        match self {
            Self::Co => CO,
            Self::Si => SI,
            Self::Sl => SL,
        }
    }

    /// An element type by name.
    pub fn element(self, name: &str) -> Option<&'static ElementRule> {
        self.elements().iter().find(|rule| rule.name == name)
    }

    /// Its attribute start tokens.
    pub const fn starts(self) -> &'static [Start] {
        match self {
            Self::Co => CO_STARTS,
            Self::Si => SI_STARTS,
            Self::Sl => SL_STARTS,
        }
    }
}

impl ElementRule {
    /// An attribute by name.
    pub fn attribute(&self, name: &str) -> Option<&'static AttributeRule> {
        self.attributes.iter().find(|rule| rule.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_unique_and_no_global_ones() {
        for dialect in Dialect::ALL {
            let mut tags: Vec<u8> = dialect.elements().iter().map(|rule| rule.token).collect();
            let mut starts: Vec<u8> = dialect.starts().iter().map(|start| start.token).collect();
            for (tokens, range) in [(&mut tags, 0x05..0x40), (&mut starts, 0x05..0x80)] {
                let count = tokens.len();
                tokens.sort_unstable();
                tokens.dedup();
                assert_eq!(tokens.len(), count, "{dialect:?}");
                assert!(tokens.iter().all(|token| range.contains(token)));
            }
        }
    }

    #[test]
    fn every_value_that_a_dtd_allows_has_a_start_token() {
        for dialect in Dialect::ALL {
            for rule in dialect.elements().iter().flat_map(|rule| rule.attributes) {
                let has = |prefix: &str| {
                    let mut starts = dialect.starts().iter();
                    starts.any(|start| (start.attribute, start.prefix) == (rule.name, prefix))
                };
                match rule.kind {
                    Kind::OneOf(values) => assert!(values.iter().all(|value| has(value))),
                    Kind::Cdata | Kind::Datetime | Kind::NmToken | Kind::Uri => {
                        assert!(has(""), "{}", rule.name);
                    }
                }
            }
        }
    }

    #[test]
    fn media_types_are_found_in_any_case() {
        let found = Dialect::of_media_type("Text/VND.wap.SI");
        assert_eq!(found, Some((Dialect::Si, Form::Text)));
        let found = Dialect::of_media_type("application/vnd.wap.coc");
        assert_eq!(found, Some((Dialect::Co, Form::Binary)));
        assert_eq!(Dialect::of_media_type("text/vnd.wap.wml"), None);
    }
}
