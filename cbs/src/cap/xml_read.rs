//! The tree against the schema: every element in its place, every value one that it can have.

use std::slice::Iter;
use std::str::FromStr;

use super::model::{
    AffectedArea, Alert, Altitude, Category, Certainty, Info, MsgType, NamedValue, Resource,
    ResponseType, Scope, Severity, Status, Urgency,
};
use super::name::Reference;
use super::time::Timestamp;
use super::xml_tree::{self, Element};
use super::{CapError, DEFAULT_LANGUAGE};
use crate::area::Geocode;
use crate::geometry::GeometryError;

/// Characters of a name that are told in an error.
const MAX_CLIP_CHARS: usize = 64;

impl Alert {
    /// Reads an alert.
    pub fn read(octets: &[u8]) -> Result<Self, CapError> {
        let root = xml_tree::read(octets)?;
        if root.name != "alert" || !root.is_cap {
            return Err(CapError::Root);
        }
        let mut children = Children::of("alert", &root);
        let identifier = children.value("identifier")?;
        let sender = children.value("sender")?;
        let sent = children.value("sent")?;
        let status = children.word("status", Status::of)?;
        let msg_type = children.word("msgType", MsgType::of)?;
        let source = children.text("source");
        let scope = scope(&mut children)?;
        let codes = children.texts("code");
        let note = children.text("note");
        let references = match children.text("references") {
            Some(text) => references(&text)?,
            None => Vec::new(),
        };
        let incidents = children.text("incidents");
        let infos = children.each("info", info)?;
        let extensions = children.foreign();
        children.end()?;
        Ok(Self {
            identifier,
            sender,
            sent,
            status,
            msg_type,
            source,
            scope,
            codes,
            note,
            references,
            incidents,
            infos,
            extensions,
        })
    }
}

fn scope(children: &mut Children<'_>) -> Result<Scope, CapError> {
    let word = children.required("scope")?;
    let restriction = children.text("restriction");
    let addresses = children.text("addresses");
    let missing = |element| CapError::Missing {
        element,
        parent: "alert",
    };
    match word.as_str() {
        "Public" => Ok(Scope::Public),
        "Restricted" => Ok(Scope::Restricted {
            restriction: restriction.ok_or(missing("restriction"))?,
        }),
        "Private" => {
            let addresses = self::addresses(&addresses.ok_or(missing("addresses"))?);
            if addresses.is_empty() {
                return Err(missing("addresses"));
            }
            Ok(Scope::Private { addresses })
        }
        _ => Err(CapError::Value { element: "scope" }),
    }
}

/// Names parted by white space; one that has spaces stands in quotes.
fn addresses(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (name, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        if !name.is_empty() {
            names.push(name.to_owned());
        }
        rest = after.trim_start();
    }
    names
}

fn references(text: &str) -> Result<Vec<Reference>, CapError> {
    text.split_whitespace().map(str::parse).collect()
}

fn info(element: &Element) -> Result<Info, CapError> {
    let mut children = Children::of("info", element);
    let language = children.text("language");
    let categories = children.words("category", Category::of)?;
    if categories.is_empty() {
        return Err(children.missing("category"));
    }
    let event = children.required("event")?;
    let response_types = children.words("responseType", ResponseType::of)?;
    let urgency = children.word("urgency", Urgency::of)?;
    let severity = children.word("severity", Severity::of)?;
    let certainty = children.word("certainty", Certainty::of)?;
    let audience = children.text("audience");
    let event_codes = children.each("eventCode", named_value)?;
    let effective = children.time("effective")?;
    let onset = children.time("onset")?;
    let expires = children.time("expires")?;
    let sender_name = children.text("senderName");
    let headline = children.text("headline");
    let description = children.text("description");
    let instruction = children.text("instruction");
    let web = children.text("web");
    let contact = children.text("contact");
    let parameters = children.each("parameter", named_value)?;
    let resources = children.each("resource", resource)?;
    let areas = children.each("area", area)?;
    children.end()?;
    Ok(Info {
        language: language.unwrap_or_else(|| DEFAULT_LANGUAGE.to_owned()),
        categories,
        event,
        response_types,
        urgency,
        severity,
        certainty,
        audience,
        event_codes,
        effective,
        onset,
        expires,
        sender_name,
        headline,
        description,
        instruction,
        web,
        contact,
        parameters,
        resources,
        areas,
    })
}

fn named_value(element: &Element) -> Result<NamedValue, CapError> {
    let mut children = Children::of("eventCode or parameter", element);
    let name = children.required("valueName")?;
    let value = children
        .next("value")
        .ok_or_else(|| children.missing("value"))?
        .text
        .clone();
    children.end()?;
    Ok(NamedValue { name, value })
}

fn resource(element: &Element) -> Result<Resource, CapError> {
    let mut children = Children::of("resource", element);
    let description = children.required("resourceDesc")?;
    let mime_type = children.required("mimeType")?;
    let size = match children.text("size") {
        Some(size) => Some(
            size.parse()
                .map_err(|_| CapError::Value { element: "size" })?,
        ),
        None => None,
    };
    let uri = children.text("uri");
    let deref_uri = children.text("derefUri");
    let digest = children.text("digest");
    children.end()?;
    Ok(Resource {
        description,
        mime_type,
        size,
        uri,
        deref_uri,
        digest,
    })
}

fn area(element: &Element) -> Result<AffectedArea, CapError> {
    let mut children = Children::of("area", element);
    let description = children.required("areaDesc")?;
    let polygons = children.each("polygon", |element| shape("polygon", element))?;
    let circles = children.each("circle", |element| shape("circle", element))?;
    let geocodes = children.each("geocode", geocode)?;
    let feet = children.number("altitude")?;
    let ceiling_feet = children.number("ceiling")?;
    children.end()?;
    let altitude = match (feet, ceiling_feet) {
        (Some(feet), ceiling_feet) => Some(Altitude { feet, ceiling_feet }),
        (None, None) => None,
        (None, Some(_)) => return Err(children.missing("altitude")),
    };
    Ok(AffectedArea {
        description,
        polygons,
        circles,
        geocodes,
        altitude,
    })
}

fn shape<S: FromStr<Err = GeometryError>>(
    name: &'static str,
    element: &Element,
) -> Result<S, CapError> {
    element.text.parse().map_err(|source| CapError::Geometry {
        element: name,
        source,
    })
}

fn geocode(element: &Element) -> Result<Geocode, CapError> {
    let NamedValue { name, value } = named_value(element)?;
    Geocode::new(&name, &value).map_err(|_| CapError::Value { element: "geocode" })
}

/// The children of an element, taken in the order of the schema.
struct Children<'a> {
    parent: &'static str,
    rest: Iter<'a, Element>,
}

impl<'a> Children<'a> {
    fn of(parent: &'static str, element: &'a Element) -> Self {
        Self {
            parent,
            rest: element.children.iter(),
        }
    }

    fn missing(&self, element: &'static str) -> CapError {
        CapError::Missing {
            element,
            parent: self.parent,
        }
    }

    /// The next child, if it has this name.
    fn next(&mut self, name: &str) -> Option<&'a Element> {
        let next = self.rest.as_slice().first()?;
        if next.is_cap && next.name == name {
            self.rest.next()
        } else {
            None
        }
    }

    /// The text of an optional child; an empty one counts as absent.
    fn text(&mut self, name: &str) -> Option<String> {
        let text = &self.next(name)?.text;
        (!text.is_empty()).then(|| text.clone())
    }

    fn required(&mut self, name: &'static str) -> Result<String, CapError> {
        self.text(name).ok_or_else(|| self.missing(name))
    }

    fn texts(&mut self, name: &str) -> Vec<String> {
        let mut texts = Vec::new();
        while let Some(element) = self.next(name) {
            if !element.text.is_empty() {
                texts.push(element.text.clone());
            }
        }
        texts
    }

    fn value<T: FromStr>(&mut self, name: &'static str) -> Result<T, CapError> {
        let text = self.required(name)?;
        text.parse().map_err(|_| CapError::Value { element: name })
    }

    fn time(&mut self, name: &'static str) -> Result<Option<Timestamp>, CapError> {
        let text = self.text(name);
        let time = text.map(|text| text.parse());
        time.transpose()
            .map_err(|_| CapError::Value { element: name })
    }

    fn number(&mut self, name: &'static str) -> Result<Option<f64>, CapError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let number = text.parse().ok();
        match number.filter(|number: &f64| number.is_finite()) {
            Some(number) => Ok(Some(number)),
            None => Err(CapError::Value { element: name }),
        }
    }

    fn word<T>(&mut self, name: &'static str, of: fn(&str) -> Option<T>) -> Result<T, CapError> {
        let text = self.required(name)?;
        of(&text).ok_or(CapError::Value { element: name })
    }

    fn words<T>(
        &mut self,
        name: &'static str,
        of: fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, CapError> {
        self.each(name, |element| {
            of(&element.text).ok_or(CapError::Value { element: name })
        })
    }

    fn each<T>(
        &mut self,
        name: &str,
        read: impl Fn(&Element) -> Result<T, CapError>,
    ) -> Result<Vec<T>, CapError> {
        let mut values = Vec::new();
        while let Some(element) = self.next(name) {
            values.push(read(element)?);
        }
        Ok(values)
    }

    /// Names of the elements of other namespaces that come next.
    fn foreign(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        while let Some(element) = self.rest.as_slice().first().filter(|next| !next.is_cap) {
            names.push(clip(&element.name));
            self.rest.next();
        }
        names
    }

    fn end(&self) -> Result<(), CapError> {
        match self.rest.as_slice().first() {
            Some(element) => Err(CapError::Unexpected {
                element: clip(&element.name),
                parent: self.parent,
            }),
            None => Ok(()),
        }
    }
}

fn clip(name: &str) -> String {
    name.chars().take(MAX_CLIP_CHARS).collect()
}
